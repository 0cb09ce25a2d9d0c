"""How the connection to the U-tec cloud stands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CloudStatus:
    """What is known of U-tec's cloud."""

    is_reachable: bool | None = None
    """Whether the last poll reached it; None before the first, and without a sign-in."""
    calls_last_hour: int = 0
    """Requests that left for it within the last hour."""

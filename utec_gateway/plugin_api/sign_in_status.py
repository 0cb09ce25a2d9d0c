"""How the sign-in stands."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SignInStatus:
    """The dates of the sign-in, all None until there is one."""

    issued_at: datetime | None = None
    """When U-tec issued the access token: at the sign-in, or at the last refresh."""
    expires_at: datetime | None = None
    """Until when the access token is valid."""
    next_refresh_at: datetime | None = None
    """When the sign-in is refreshed next, None when that is not planned."""
    reauth_required: bool = True
    """Whether a person has to sign in."""

"""How refreshes of the sign-in went."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RefreshRecord:
    """One line of the history of refreshes."""

    at: datetime
    succeeded: bool
    detail: str

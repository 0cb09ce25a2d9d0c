"""How the registration for pushes stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PushState(StrEnum):
    """How far it is."""

    OFF = "off"
    """Pushes are switched off."""
    NO_ADDRESS = "no_address"
    """There is no address that U-tec could reach."""
    REGISTERING = "registering"
    REGISTERED = "registered"
    FAILED = "failed"
    """It is tried again; polling goes on all the same."""


@dataclass(frozen=True)
class PushStatus:
    """What is known of it."""

    state: PushState = PushState.OFF
    host: str = ""
    """The host that U-tec pushes to; the whole address is a secret."""
    problem: str = ""
    """What went wrong last, in English and without secrets; empty while nothing is."""
    since: datetime | None = None

"""How the connection to the MQTT broker stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BrokerState(StrEnum):
    """How far the connection to the broker has come."""

    OFF = "off"
    """MQTT is switched off."""
    MISSING = "missing"
    """There is no broker: none is set, and the Supervisor offers none."""
    CONNECTING = "connecting"
    CONNECTED = "connected"
    UNREACHABLE = "unreachable"
    """Nobody answers there, or not as a broker does."""
    REFUSED = "refused"
    """The broker refuses the user name or password."""
    DENIED = "denied"
    """The broker lets us in, and not do what we must."""


@dataclass(frozen=True)
class BrokerStatus:
    """What is known of the broker."""

    state: BrokerState = BrokerState.OFF
    address: str = ""
    """Its host and port, empty where there is none."""
    problem: str = ""
    """What went wrong last, in English and without secrets; empty while nothing is."""
    since: datetime | None = None
    """Since when it has been so."""
    is_from_supervisor: bool = False
    """Whether Home Assistant's Supervisor named it."""

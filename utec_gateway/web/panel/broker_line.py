"""The connection to the MQTT broker in one line: how it stands, and what to do."""

from dataclasses import dataclass

from markupsafe import Markup

from utec_gateway.plugin_api.broker_status import BrokerState, BrokerStatus
from utec_gateway.web.i18n import Translator

LOOKS = {
    BrokerState.OFF: ("stopped", ""),
    BrokerState.MISSING: ("unknown", ""),
    BrokerState.CONNECTING: ("moving", ""),
    BrokerState.CONNECTED: ("good", "good"),
    BrokerState.UNREACHABLE: ("offline", "warning"),
    BrokerState.REFUSED: ("error", "error"),
    BrokerState.DENIED: ("error", "error"),
}
"""The icon and the severity of each state."""


@dataclass(frozen=True)
class BrokerLine:
    """What a page shows of the broker."""

    state: BrokerState
    icon: str
    severity: str
    sentence: Markup
    address: str


def broker_line(status: BrokerStatus, t: Translator) -> BrokerLine:
    """Return the line for a state of the connection; a problem says best what it is."""
    is_theirs = status.state is BrokerState.REFUSED and status.is_from_supervisor
    key = f"{status.state}_supervisor" if is_theirs else str(status.state)
    has_words = status.problem and status.state is not BrokerState.REFUSED
    sentence = (
        t.sentence(status.problem) if has_words else t(f"broker.{key}", address=status.address)
    )
    return BrokerLine(status.state, *LOOKS[status.state], sentence, status.address)

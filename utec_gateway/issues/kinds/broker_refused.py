"""The MQTT broker refuses the user name or password."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Over, Text
from utec_gateway.issues.facts import Finding, GatewayFacts
from utec_gateway.plugin_api.broker_status import BrokerState

KEY = "broker_refused"
UNDECIDED = frozenset({BrokerState.CONNECTING, BrokerState.UNREACHABLE})


def check(facts: GatewayFacts) -> Iterator[Finding]:
    """Say so at once: it does not pass by itself. A broker that is away refuses nobody."""
    broker = facts.broker
    if broker.state is BrokerState.REFUSED:
        message = "message_supervisor" if broker.is_from_supervisor else "message"
        yield Issue(
            KEY,
            Text(f"{KEY}.title"),
            Text(f"{KEY}.{message}", {"address": broker.address}),
            since=broker.since,
            leads_to="settings",
        )
    elif broker.state not in UNDECIDED:
        yield Over(KEY)

"""MQTT was asked for, and there is no broker."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Over, Severity, Text
from utec_gateway.issues.facts import Finding, GatewayFacts
from utec_gateway.plugin_api.broker_status import BrokerState

KEY = "broker_missing"


def check(facts: GatewayFacts) -> Iterator[Finding]:
    """Say so; with `auto` it is a choice, and Set up shows how to get one."""
    broker = facts.broker
    if broker.state is BrokerState.MISSING and facts.is_broker_wanted:
        yield Issue(
            KEY,
            Text(f"{KEY}.title"),
            Text(f"{KEY}.message"),
            Severity.MINOR,
            broker.since,
            leads_to="settings",
            is_news=False,
        )
    else:
        yield Over(KEY)

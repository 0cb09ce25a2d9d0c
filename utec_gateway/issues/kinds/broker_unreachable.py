"""The MQTT broker does not answer, or lets us in and not publish: Home Assistant is not told."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Over, Said, Text
from utec_gateway.issues.facts import Finding, GatewayFacts
from utec_gateway.plugin_api.broker_status import BrokerState

KEY = "broker_unreachable"
IS_NEWS_AFTER = 120.0
"""Seconds: a broker that restarts is back sooner."""
SUFFIXES = {BrokerState.UNREACHABLE: "", BrokerState.DENIED: "_denied"}
UNDECIDED = frozenset({BrokerState.CONNECTING, *SUFFIXES})


def check(facts: GatewayFacts) -> Iterator[Finding]:
    """Say so; while it connects, or the Supervisor does not say where it is, nobody knows."""
    broker = facts.broker
    suffix = SUFFIXES.get(broker.state)
    if suffix is not None and (broker.address or facts.is_broker_wanted):
        says = {"problem": Said(broker.problem), "since": broker.since or facts.now}
        yield Issue(
            KEY,
            Text(f"{KEY}.title{suffix}"),
            Text(f"{KEY}.message{suffix}", says),
            since=broker.since,
            leads_to="settings",
            is_news=facts.seconds_of_broker_state >= IS_NEWS_AFTER,
        )
    elif broker.state not in UNDECIDED:
        yield Over(KEY)

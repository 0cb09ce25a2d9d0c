"""A plugin could not be loaded, or failed when it was called last."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Said, Severity, Text
from utec_gateway.issues.facts import GatewayFacts

KIND = "plugin_failing"


def check(facts: GatewayFacts) -> Iterator[Issue]:
    """Say which, and what it said."""
    for plugin in facts.plugins:
        if plugin.is_failing:
            says = {"plugin": plugin.name, "error": Said(plugin.last_error or "")}
            yield Issue(
                f"{KIND}_{plugin.name}",
                Text(f"{KIND}.title", says),
                Text(f"{KIND}.message", says),
                Severity.MINOR,
                plugin.failed_at,
                is_news=False,
            )

"""Every check, in the order in which its issue matters: whatever needs a person comes first."""

from collections.abc import Iterator

from .facts import AccountFacts, Finding, GatewayFacts
from .kinds import (
    api_key_refused,
    battery_low,
    broker_missing,
    broker_refused,
    broker_unreachable,
    code_expiring_unsynced,
    code_not_confirmed,
    code_not_removed,
    code_waiting,
    exposed,
    jammed,
    no_devices_listed,
    option_ignored,
    plugin_failing,
    polling_slowed,
    reauth_required,
    refresh_failing,
    setup_required,
    sign_in_expired,
    state_not_saved,
    state_recovered,
    utec_unreachable,
    zone_doubtful,
)

OF_AN_ACCOUNT = (
    setup_required.check,
    reauth_required.check,
    refresh_failing.check,
    sign_in_expired.check,
    no_devices_listed.check,
    utec_unreachable.check,
    polling_slowed.check,
    state_recovered.check,
    jammed.check,
    code_not_removed.check,
    code_expiring_unsynced.check,
    code_not_confirmed.check,
    code_waiting.check,
    zone_doubtful.check,
    battery_low.check,
)
OF_THE_GATEWAY = (
    option_ignored.check,
    state_not_saved.check,
    broker_refused.check,
    broker_unreachable.check,
    broker_missing.check,
    api_key_refused.check,
    plugin_failing.check,
    exposed.check,
)


def check_account(facts: AccountFacts) -> Iterator[Finding]:
    """Yield what is wrong with an account, and what is known not to be."""
    for check in OF_AN_ACCOUNT:
        yield from check(facts)


def check_gateway(facts: GatewayFacts) -> Iterator[Finding]:
    """Yield what is wrong with the gateway itself, and what is known not to be."""
    for check in OF_THE_GATEWAY:
        yield from check(facts)

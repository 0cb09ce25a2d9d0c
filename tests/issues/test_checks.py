"""The one list of what is wrong: what is in it, what is over, and what nobody knows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import LOCK
from utec_gateway.core.access_codes import CodeState, Guest, LockCodes, Schedule
from utec_gateway.core.backoff import Failure
from utec_gateway.core.errors import UtecUnreachableError
from utec_gateway.core.issue import Issue, Over
from utec_gateway.core.models import Device, StateEntry, Token
from utec_gateway.core.readings import Moment
from utec_gateway.core.refusal import Refusal
from utec_gateway.core.zone import Zone
from utec_gateway.devices.next_poll import SlowedPace
from utec_gateway.issues.checks import check_account, check_gateway
from utec_gateway.issues.facts import (
    AccountFacts,
    CodeFacts,
    DeviceFacts,
    GatewayFacts,
    SignInFacts,
)
from utec_gateway.options.exposures import Exposure
from utec_gateway.plugin_api.broker_status import BrokerStatus
from utec_gateway.plugin_api.plugin_health import PluginStatus
from utec_gateway.utec.readings import with_readings

NOW = Moment(datetime(2026, 12, 1, 9, 30, tzinfo=UTC), 10_000.0)
DAY = timedelta(days=1)
TOKEN = Token("access", "refresh", NOW.wall, NOW.wall + 7 * DAY)
FAILURE = Failure(NOW, UtecUnreachableError("U-tec cannot be reached"), NOW.wall)
SIGNED_IN = SignInFacts(
    can_sign_in=True,
    token=TOKEN,
    is_usable=True,
    refusal=None,
    reauth_required=False,
    failure=None,
    is_proven=False,
    recovery=None,
)
QUIET = DeviceFacts(
    devices=(),
    failure=None,
    is_starting=False,
    is_list_empty=False,
    empty_since=None,
    batteries=(),
    slowed=None,
    under_way=frozenset(),
)
TODAY = Schedule(NOW.wall.replace(tzinfo=None), (NOW.wall + DAY).replace(tzinfo=None))
JUST_STARTED = CodeFacts(
    (LockCodes(Device(LOCK, {}), (Guest("1", "Anna", TODAY, CodeState.UNKNOWN, NOW.wall),)),),
    Zone("UTC", is_assumed=True),
    running_for=0.0,
)
"""Nothing is known yet of a guest whom an earlier run made."""
FINE = GatewayFacts(
    now=NOW.wall,
    option_problems=(),
    disk_problem=None,
    refused_key=None,
    plugins=(),
    exposures=(),
    broker=BrokerStatus(),
    is_broker_wanted=False,
)
NOBODY = replace(SIGNED_IN, token=None, is_usable=False, reauth_required=True)
REFUSED = replace(
    SIGNED_IN, refusal=Refusal(NOW.wall, "refused", "", NOW.wall), reauth_required=True
)
EXPIRED = replace(SIGNED_IN, is_usable=False)
FAILING = replace(SIGNED_IN, failure=FAILURE)


def found(sign_in: SignInFacts = SIGNED_IN, devices: DeviceFacts = QUIET) -> list[Issue]:
    every = check_account(AccountFacts(NOW, sign_in, devices, JUST_STARTED))
    return [one for one in every if isinstance(one, Issue)]


def over(sign_in: SignInFacts = SIGNED_IN, devices: DeviceFacts = QUIET) -> set[str]:
    every = check_account(AccountFacts(NOW, sign_in, devices, JUST_STARTED))
    return {one.key for one in every if isinstance(one, Over)}


@pytest.mark.parametrize(
    ("sign_in", "devices", "keys"),
    [
        (SIGNED_IN, QUIET, []),
        (NOBODY, QUIET, ["setup_required"]),
        (replace(SIGNED_IN, can_sign_in=False), QUIET, ["setup_required"]),
        (REFUSED, QUIET, ["reauth_required"]),
        (FAILING, QUIET, ["renewal_failing"]),
        (EXPIRED, QUIET, ["sign_in_expired"]),
        (replace(EXPIRED, failure=FAILURE), QUIET, ["renewal_failing"]),
        (SIGNED_IN, replace(QUIET, failure=FAILURE), ["utec_unreachable"]),
        (
            SIGNED_IN,
            replace(QUIET, is_list_empty=True, empty_since=NOW),
            ["no_devices_listed"],
        ),
        (SIGNED_IN, replace(QUIET, slowed=SlowedPace(55, 15)), ["polling_slowed"]),
        (replace(SIGNED_IN, recovery="It was damaged"), QUIET, ["state_recovered"]),
    ],
    ids=str,
)
def test_each_condition_is_one_issue(
    sign_in: SignInFacts, devices: DeviceFacts, keys: list[str]
) -> None:
    assert [issue.key for issue in found(sign_in, devices)] == keys


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        (replace(FINE, option_problems=("The option is ignored",)), "option_ignored_0"),
        (replace(FINE, disk_problem="The state cannot be saved"), "state_not_saved"),
        (replace(FINE, refused_key="The key is too short"), "api_key_refused"),
        (
            replace(FINE, plugins=(PluginStatus("mail", "built-in", is_failing=True),)),
            "plugin_failing_mail",
        ),
        (
            replace(FINE, exposures=(Exposure("plain_http", "api_base_url"),)),
            "exposed_plain_http_api_base_url",
        ),
    ],
    ids=str,
)
def test_each_fault_of_the_gateway_itself_is_one_issue(facts: GatewayFacts, key: str) -> None:
    assert [one.key for one in check_gateway(facts) if isinstance(one, Issue)] == [key]
    assert all(isinstance(one, Over) for one in check_gateway(FINE))


def test_before_anything_was_tried_nothing_is_over() -> None:
    assert over(devices=replace(QUIET, is_starting=True)) == set()


def test_a_refresh_that_succeeded_ends_what_a_good_sign_in_cures() -> None:
    cured = {"reauth_required", "renewal_failing", "state_recovered"}
    assert over(replace(SIGNED_IN, is_proven=True)) == cured | {"utec_unreachable"}
    assert over(SIGNED_IN) == {"utec_unreachable"}


def test_people_are_told_that_refreshing_fails_after_six_hours_or_on_the_last_day() -> None:
    (issue,) = found(FAILING)
    assert not issue.is_news
    began = Moment(NOW.wall - timedelta(hours=6), 0.0)
    (issue,) = found(replace(SIGNED_IN, failure=replace(FAILURE, since=began)))
    assert issue.is_news
    ending = replace(TOKEN, expires_at=NOW.wall + DAY)
    (issue,) = found(replace(FAILING, token=ending))
    assert issue.is_news


def bolt(state: str, connection: str = "Online") -> Device:
    states = (
        StateEntry("st.lock", "lockState", state, NOW),
        StateEntry("st.healthCheck", "status", connection, NOW),
    )
    return with_readings(Device(LOCK, {"id": LOCK, "name": "Front Door"}, states))


@pytest.mark.parametrize("state", ["Jammed", "Locked", "Unlocked", "Unknown"])
@pytest.mark.parametrize("connection", ["Online", "Offline"])
def test_only_a_bolt_that_is_seen_elsewhere_is_not_jammed_any_more(
    state: str, connection: str
) -> None:
    lock = bolt(state, connection)
    devices, key = replace(QUIET, devices=(lock,)), f"jammed_{lock.tag}"
    is_online = connection == "Online"
    assert (key in {one.key for one in found(devices=devices)}) is (state == "Jammed" and is_online)
    assert (key in over(devices=devices)) is (state in {"Locked", "Unlocked"} and is_online)

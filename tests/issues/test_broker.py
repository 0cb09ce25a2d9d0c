"""The MQTT broker: what is wrong with it, from when on people hear of it, and when it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import Running, World
from tests.issues.test_checks import FINE, NOW
from tests.plugins.broker_state import say_of_broker
from utec_gateway.core.issue import Issue, Over
from utec_gateway.issues.checks import check_gateway
from utec_gateway.plugin_api.broker_status import BrokerState, BrokerStatus
from utec_gateway.simulator.cloud import SimulatedCloud

KEYS = {"broker_unreachable", "broker_refused", "broker_missing"}


def issues(
    state: BrokerState, age: float = 0.0, *, is_wanted: bool = False, of_supervisor: bool = False
) -> list[Issue]:
    since = NOW.wall - timedelta(seconds=age)
    status = BrokerStatus(state, "broker.lan:1883", "No route", since, of_supervisor)
    facts = replace(FINE, broker=status, is_broker_wanted=is_wanted)
    return [one for one in check_gateway(facts) if isinstance(one, Issue)]


def over(state: BrokerState) -> set[str]:
    facts = replace(FINE, broker=BrokerStatus(state, since=NOW.wall))
    return {one.key for one in check_gateway(facts) if isinstance(one, Over)} & KEYS


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        (BrokerState.OFF, []),
        (BrokerState.CONNECTING, []),
        (BrokerState.CONNECTED, []),
        (BrokerState.MISSING, ["broker_missing"]),
        (BrokerState.UNREACHABLE, ["broker_unreachable"]),
        (BrokerState.REFUSED, ["broker_refused"]),
        (BrokerState.DENIED, ["broker_unreachable"]),
    ],
)
def test_each_state_of_the_broker_is_one_issue_or_none(state: BrokerState, keys: list[str]) -> None:
    found = issues(state, is_wanted=True)
    assert [issue.key for issue in found] == keys
    assert all(issue.leads_to == "settings" for issue in found)


def test_a_supervisor_that_does_not_say_where_the_broker_is_leaves_it_unknown() -> None:
    nowhere = BrokerStatus(BrokerState.UNREACHABLE, problem="The Supervisor does not answer")
    found = list(check_gateway(replace(FINE, broker=nowhere)))
    assert "broker_unreachable" not in {one.key for one in found}
    wanted = list(check_gateway(replace(FINE, broker=nowhere, is_broker_wanted=True)))
    assert "broker_unreachable" in {one.key for one in wanted if isinstance(one, Issue)}


def test_a_missing_broker_is_no_issue_where_nobody_asked_for_one() -> None:
    assert issues(BrokerState.MISSING) == []


@pytest.mark.parametrize("state", [BrokerState.UNREACHABLE, BrokerState.DENIED])
@pytest.mark.parametrize(("age", "is_news"), [(0, False), (119, False), (120, True), (900, True)])
def test_a_broker_that_restarts_is_no_news(
    state: BrokerState, age: float, *, is_news: bool
) -> None:
    assert [issue.is_news for issue in issues(state, age)] == [is_news]


def test_a_refused_login_is_news_at_once() -> None:
    assert [issue.is_news for issue in issues(BrokerState.REFUSED)] == [True]


@pytest.mark.parametrize(
    ("state", "of_supervisor", "text"),
    [
        (BrokerState.UNREACHABLE, False, "broker_unreachable.message"),
        (BrokerState.DENIED, False, "broker_unreachable.message_denied"),
        (BrokerState.REFUSED, False, "broker_refused.message"),
        (BrokerState.REFUSED, True, "broker_refused.message_supervisor"),
    ],
)
def test_what_to_do_depends_on_what_is_wrong_and_whose_login_it_is(
    state: BrokerState, text: str, *, of_supervisor: bool
) -> None:
    assert [issue.message.key for issue in issues(state, of_supervisor=of_supervisor)] == [text]


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        (BrokerState.OFF, KEYS),
        (BrokerState.CONNECTED, KEYS),
        (BrokerState.CONNECTING, {"broker_missing"}),
        (BrokerState.UNREACHABLE, {"broker_missing"}),
        (BrokerState.REFUSED, {"broker_missing", "broker_unreachable"}),
        (BrokerState.DENIED, {"broker_missing", "broker_refused"}),
    ],
)
def test_only_what_is_known_is_over(state: BrokerState, keys: set[str]) -> None:
    assert over(state) == keys


async def test_people_are_told_of_a_broker_that_stays_away_and_once_it_is_back(
    world: World,
) -> None:
    say_of_broker(world, "unreachable")
    running = await world.start()
    assert await health(running) == "degraded"
    assert told(running) == []
    await running.clock.advance(200)
    assert told(running) == ["broker_unreachable"]
    say_of_broker(world, "connected")
    await running.clock.advance(61)
    assert told(running) == []
    assert await health(running) == "healthy"


async def test_without_a_broker_everything_else_goes_on(
    world: World, cloud: SimulatedCloud
) -> None:
    say_of_broker(world, "refused")
    running = await world.start()
    await running.clock.advance(61)
    assert told(running) == ["broker_refused"]
    assert len((await running.get("/api/devices"))[1]["payload"]["devices"]) == len(cloud.devices)


async def health(running: Running) -> str:
    return str((await running.get("/health"))[1]["health"])


def told(running: Running) -> list[str]:
    return [one.id for one in running.gateway.tracker.open]

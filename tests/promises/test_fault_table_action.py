"""Rows B1 to B6 of the fault table: the action endpoint as a whole."""

import pytest

from tests.conftest import LOCK, World
from tests.promises.troubles import TRANSIENT
from tests.steps import (
    HOUR,
    QUERY,
    assert_signed_in,
    back_to_normal,
    bolt,
    command,
    device_names,
    health,
    refreshes,
    states,
)
from utec_gateway.simulator.enums import BadTokenAnswer, ConfigureAnswer
from utec_gateway.simulator.states import unlock

ROWS = {"429": "B6", "429 with Retry-After": "B6", "500": "B4", "400 and nothing": "B4"}
ACTION_TROUBLES = [pytest.param(name, id=f"{ROWS.get(name, 'B5')} {name}") for name in TRANSIENT]


@pytest.mark.parametrize("answer", BadTokenAnswer, ids=[f"B1 {name}" for name in BadTokenAnswer])
async def test_a_refused_token_is_renewed_however_the_refusal_looks(
    answer: BadTokenAnswer, world: World
) -> None:
    running = await world.start()
    world.cloud.behaviour.actions.bad_token_answer = answer
    world.cloud.expire_access_tokens()
    await back_to_normal(running, within=60)
    assert refreshes(world.cloud) == 1


async def test_a_cloud_grown_strict_finds_nothing_to_refuse(world: World) -> None:
    """B2: strict mode; lenient is everywhere else."""
    world.cloud.behaviour.actions.strict = True
    running = await world.start()
    await world.clock.advance(2 * HOUR)
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert (await command(running, "lock"))[1]["status"] == "ok"
    assert world.cloud.calls.problems == []
    assert world.cloud.calls.by_action["malformed"] == 0
    await back_to_normal(running, within=60)


@pytest.mark.parametrize("answer", ConfigureAnswer, ids=[f"B3 {name}" for name in ConfigureAnswer])
async def test_nothing_depends_on_what_registering_for_pushes_answers(
    answer: ConfigureAnswer, world: World
) -> None:
    world.cloud.behaviour.actions.configure_answer = answer
    running = await world.start(poll_interval_seconds=120)
    await back_to_normal(running, within=2 * HOUR)


@pytest.mark.parametrize("trouble", ACTION_TROUBLES)
async def test_a_cloud_in_trouble_shows_unknown_never_a_state_that_nobody_has_seen(
    trouble: str, world: World
) -> None:
    running = await world.start(poll_interval_seconds=30)
    asked = world.cloud.calls.by_action[QUERY]
    TRANSIENT[trouble](world.cloud.faults, "/action")
    world.cloud.devices[LOCK].operate(unlock, 10)
    await world.clock.advance(HOUR)
    assert await bolt(running) is None
    assert (await states(running))["st.healthCheck/status"] == "Offline"
    assert (await states(running))["st.batteryLevel/level"] == 4
    assert await device_names(running) == ["Front Door", "Back Door"]
    assert_signed_in(running)
    assert refreshes(world.cloud) == 0, "it is not the sign-in that is ill"
    assert world.cloud.calls.by_action[QUERY] - asked <= 80
    assert await health(running) == "degraded"
    world.cloud.faults.clear()
    world.cloud.devices[LOCK].become(world.cloud.devices["02:51:4D:00:00:02"].states)
    await back_to_normal(running)


@pytest.mark.parametrize("trouble", ACTION_TROUBLES)
@pytest.mark.parametrize("verb", ["lock", "unlock"])
async def test_a_command_into_trouble_is_answered_in_time_and_never_as_done(
    verb: str, trouble: str, world: World
) -> None:
    running = await world.start()
    if verb == "lock":
        world.cloud.devices[LOCK].operate(unlock)
        await world.clock.advance(31)
    before = await bolt(running)
    TRANSIENT[trouble](world.cloud.faults, "/action")
    status, answer, _ = await command(running, verb)
    assert status >= 500 or answer["status"] == "pending"
    assert await bolt(running) == before
    sent = world.cloud.calls.by_action["Device/Command"]
    assert sent >= 1
    if verb == "unlock" and not trouble.startswith("429"):
        assert sent == 1, "an unlock whose fate is unknown is never sent twice"


@pytest.mark.parametrize("times", [1, 2, 3], ids=["B4 once", "B4 twice in a row", "B4 next three"])
@pytest.mark.parametrize("status", [500, 400])
async def test_a_passing_failure_is_never_seen(status: int, times: int, world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/action", status, body="", times=times)
    for _ in range(20):
        await world.clock.advance(15)
        assert await bolt(running) == "Locked"
    assert await health(running) == "healthy"
    assert refreshes(world.cloud) == 0


@pytest.mark.parametrize("probability", [0.2, 0.5], ids=["B4 one in five", "B4 every second"])
async def test_a_flaky_cloud_is_worked_with_and_never_shown_as_locked_by_mistake(
    probability: float, world: World
) -> None:
    running = await world.start(max_retries=5)
    world.cloud.faults.fail("/action", probability=probability, for_seconds=2 * HOUR)
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(180)
    seen = []
    for _ in range(60):
        await world.clock.advance(60)
        seen.append(await bolt(running))
    assert set(seen) <= {"Unlocked", None}
    assert seen.count("Unlocked") >= 50
    assert_signed_in(running)


async def test_an_outage_of_hours_ends_by_itself(world: World) -> None:
    """B4: for a period."""
    running = await world.start(renew_every_hours=2, poll_interval_seconds=30)
    world.cloud.faults.fail("/action", for_seconds=6 * HOUR)
    await world.clock.advance(6 * HOUR - 60)
    assert world.cloud.calls.by_action[QUERY] <= 260, "back off while the cloud is down"
    await back_to_normal(running)
    assert refreshes(world.cloud) == 3


async def test_a_cloud_as_slow_as_the_real_one_is_quick_enough(world: World) -> None:
    """B5: latency of 0.3 to 1.5 s."""
    running = await world.start()
    world.cloud.behaviour.actions.latency = 0.3
    world.cloud.behaviour.actions.latency_at_most = 1.5
    await back_to_normal(running, within=60)
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert await bolt(running) == "Unlocked"


@pytest.mark.parametrize("code", ["RATE_LIMITED", "TOO_MANY_REQUESTS", "WHO_KNOWS"])
async def test_a_slow_down_in_a_200_is_heeded_and_costs_no_sign_in(code: str, world: World) -> None:
    """B6: 200 with an error code."""
    running = await world.start()
    world.cloud.behaviour.actions.reject_code = code
    asked = world.cloud.calls.by_action[QUERY]
    await world.clock.advance(HOUR)
    assert await bolt(running) is None
    assert world.cloud.calls.by_action[QUERY] - asked <= 40
    assert refreshes(world.cloud) == 0
    assert_signed_in(running)
    world.cloud.behaviour.actions.reject_code = None
    await back_to_normal(running)


async def test_a_slow_down_with_a_date_to_come_back_is_obeyed(world: World) -> None:
    """B6: 429 with Retry-After."""
    running = await world.start(max_retries=10)
    await world.clock.advance(1)
    world.cloud.calls.reset()
    world.cloud.faults.rate_limit("/action", retry_after="45", for_seconds=300)
    await world.clock.advance(300)
    assert world.cloud.calls.busiest_minute(QUERY) <= 2
    assert world.cloud.calls.by_action[QUERY] <= 8
    await back_to_normal(running)

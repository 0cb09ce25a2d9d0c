"""Rows B7 to B10 of the fault table: odd answers, odd devices, a list that is not what it was."""

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import (
    DISCOVERY,
    HOUR,
    QUERY,
    assert_signed_in,
    back_to_normal,
    bolt,
    command,
    device_names,
    health,
    states,
)
from utec_gateway.simulator.enums import Casing, ExtraFields, QueryShape, UserCasing

BOTH = ["Front Door", "Back Door"]
ODD = [shape for shape in QueryShape if shape is not QueryShape.NORMAL]


async def test_a_list_of_devices_that_cannot_be_had_costs_no_device(world: World) -> None:
    """B7: an action that answers 500."""
    running = await world.start(poll_interval_seconds=60)
    world.cloud.faults.fail(DISCOVERY)
    await world.clock.advance(6 * HOUR)
    assert await device_names(running) == BOTH
    assert await bolt(running) == "Locked"
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert world.cloud.calls.by_action[DISCOVERY] <= 6 * 4 * 3 + 3


async def test_arguments_refused_cost_neither_sign_in_nor_devices(world: World) -> None:
    """B7: BAD-REQUEST."""
    running = await world.start()
    world.cloud.behaviour.actions.reject_code = "BAD-REQUEST"
    await world.clock.advance(HOUR)
    assert await device_names(running) == BOTH
    assert await bolt(running) is None
    status, answer, _ = await command(running, "lock")
    assert (status, answer["code"]) == (502, "utec_rejected")
    assert_signed_in(running)
    world.cloud.behaviour.actions.reject_code = None
    await back_to_normal(running)


@pytest.mark.parametrize("extra", ExtraFields, ids=[f"B8 {name} unknown" for name in ExtraFields])
@pytest.mark.parametrize("casing", Casing, ids=[f"{name} casing" for name in Casing])
@pytest.mark.parametrize("user", UserCasing, ids=[f"{name} user" for name in UserCasing])
async def test_every_spelling_and_every_new_field_is_read_the_same(
    extra: ExtraFields, casing: Casing, user: UserCasing, world: World
) -> None:
    actions = world.cloud.behaviour.actions
    actions.extra_fields, actions.casing, actions.user_casing = extra, casing, user
    running = await world.start()
    await world.clock.advance(1)
    assert await states(running) == {
        "st.healthCheck/status": "Online",
        "st.lock/lockState": "Locked",
        "st.lock/lockMode": 0,
        "st.batteryLevel/level": 4,
    }
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert await bolt(running) == "Unlocked"


@pytest.mark.parametrize("shape", ODD, ids=[f"B9 {name}" for name in ODD])
async def test_a_lock_left_out_goes_unknown_and_takes_no_other_with_it(
    shape: QueryShape, world: World
) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].behaviour.query_shape = shape
    await world.clock.advance(60)
    assert await bolt(running) == "Locked", "one look without news is not yet a reason"
    await world.clock.advance(120)
    assert await bolt(running) is None
    assert (await states(running))["st.healthCheck/status"] == "Offline"
    assert await bolt(running, OTHER_LOCK) == "Locked"
    assert await device_names(running) == BOTH
    world.cloud.devices[LOCK].behaviour.query_shape = QueryShape.NORMAL
    await back_to_normal(running, within=60)


@pytest.mark.parametrize("shape", ODD, ids=[f"B9 all {name}" for name in ODD])
async def test_an_answer_that_says_nothing_of_any_lock_is_not_news(
    shape: QueryShape, world: World
) -> None:
    running = await world.start()
    for device in world.cloud.devices.values():
        device.behaviour.query_shape = shape
    await world.clock.advance(300)
    assert await bolt(running) is None
    assert await bolt(running, OTHER_LOCK) is None
    assert await device_names(running) == BOTH
    assert_signed_in(running)
    for device in world.cloud.devices.values():
        device.behaviour.query_shape = QueryShape.NORMAL
    await back_to_normal(running)


async def test_reports_in_another_order_reach_the_right_locks(world: World) -> None:
    """B9: shuffled order."""
    world.cloud.behaviour.actions.shuffle_devices = True
    running = await world.start()
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    for _ in range(10):
        await world.clock.advance(30)
        assert await bolt(running) == "Unlocked"
        assert await bolt(running, OTHER_LOCK) == "Locked"


@pytest.mark.parametrize("times", [1, 2, 3], ids=["B10 [] once", "B10 [] twice", "B10 [] thrice"])
async def test_an_empty_list_of_devices_is_not_believed(times: int, world: World) -> None:
    running = await world.start(poll_interval_seconds=60)
    world.cloud.behaviour.actions.discovery_glitches = times
    for _ in range(times + 1):
        await world.clock.advance(HOUR)
        assert await device_names(running) == BOTH
        assert await bolt(running) == "Locked"
    await world.stop()
    world.cloud.behaviour.actions.discovery_glitches = times
    running = await world.start(sign_in=False, poll_interval_seconds=60)
    assert await device_names(running) == BOTH
    await back_to_normal(running, within=1000)


async def hours_until(running: Running, names: list[str], most: int) -> int:
    for hour in range(most + 1):
        if await device_names(running) == names:
            return hour
        await running.clock.advance(HOUR)
    raise AssertionError(await device_names(running))


async def test_an_unticked_device_goes_after_three_lists_and_comes_back_with_the_next(
    world: World,
) -> None:
    """B10: unticked, ticked."""
    running = await world.start(poll_interval_seconds=60)
    await world.clock.advance(5)
    lock = world.cloud.devices[OTHER_LOCK].behaviour
    lock.ticked = False
    await world.clock.advance(2 * HOUR)
    assert await device_names(running) == BOTH
    assert await bolt(running, OTHER_LOCK) is None, "it is not known to be locked"
    assert await bolt(running) == "Locked"
    assert await hours_until(running, ["Front Door"], 2) >= 1
    lock.ticked = True
    assert await hours_until(running, BOTH, 1) <= 1
    assert await bolt(running, OTHER_LOCK) == "Locked"


async def test_a_renamed_lock_has_its_new_name_within_the_hour(world: World) -> None:
    """B10: renamed."""
    running = await world.start(poll_interval_seconds=60)
    world.cloud.devices[LOCK].name = "Garden Gate"
    await world.clock.advance(HOUR + 60)
    assert await device_names(running) == ["Garden Gate", "Back Door"]
    assert await bolt(running) == "Locked"


@pytest.mark.parametrize("oddity", ["B10 type for category", "B10 no attributes, no deviceInfo"])
async def test_an_odd_entry_in_the_list_is_a_lock_all_the_same(oddity: str, world: World) -> None:
    behaviour = world.cloud.devices[LOCK].behaviour
    behaviour.type_for_category = "type" in oddity
    behaviour.bare = "no attributes" in oddity
    running = await world.start()
    await back_to_normal(running, within=60)
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert world.cloud.calls.by_action[QUERY] >= 2
    assert await health(running) == "healthy"

"""Rows E1 to E4 of the fault table: a push makes us ask, and nothing of it is believed."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import LOCK, SLOW, World
from tests.promises.push_front import Front, in_front, started
from tests.steps import DAY, HOUR, QUERY, bolt, device_names
from utec_gateway.simulator.behaviour import PushBehaviour
from utec_gateway.simulator.enums import PushAuthorization, PushShape
from utec_gateway.simulator.states import lock, unlock

SOON = 7.0
"""Virtual seconds: an extra Query may wait for five."""


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with in_front() as front:
        yield front


def pushes(world: World) -> PushBehaviour:
    return world.cloud.behaviour.pushes


async def turn_by_hand(world: World) -> None:
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(SOON)


async def test_a_key_that_is_turned_is_seen_at_once(world: World, front: Front) -> None:
    """E2: pushed after the change."""
    running = await started(world, front)
    await turn_by_hand(world)
    assert await bolt(running) == "Unlocked"


@pytest.mark.parametrize("shape", PushShape, ids=[f"E3 {shape}" for shape in PushShape])
async def test_a_push_of_any_shape_shows_what_is_true(
    shape: PushShape, world: World, front: Front
) -> None:
    pushes(world).push_shape = shape
    running = await started(world, front)
    await turn_by_hand(world)
    assert await bolt(running) == "Unlocked"
    world.cloud.devices[LOCK].operate(lock)
    await world.clock.advance(SOON)
    assert await bolt(running) == "Locked"


@pytest.mark.parametrize("shown", PushAuthorization, ids=[f"E1 {one}" for one in PushAuthorization])
async def test_what_the_header_shows_does_not_matter_to_a_secret_in_the_address(
    shown: PushAuthorization, world: World, front: Front
) -> None:
    pushes(world).push_authorization = shown
    running = await started(world, front)
    await turn_by_hand(world)
    assert await bolt(running) == "Unlocked"


async def test_another_client_that_registers_makes_us_deaf_until_the_next_poll(
    world: World, front: Front
) -> None:
    """E1: the last registration wins."""
    running = await started(world, front)
    world.cloud.pushes.register("http://other.example/push", "other")
    await turn_by_hand(world)
    assert await bolt(running) == "Locked"
    await world.clock.advance(HOUR)
    assert await bolt(running) == "Unlocked"


async def test_the_secret_of_yesterday_is_replaced_every_day(world: World, front: Front) -> None:
    """E1: a fresh registration, to an address that nobody has seen before."""
    await started(world, front)
    await world.clock.advance(3 * DAY)
    addresses = {each.url for each in world.cloud.pushes.registrations}
    assert len(addresses) == len(world.cloud.pushes.registrations) == 4


async def test_an_address_that_cannot_be_reached_costs_nothing_but_speed(
    world: World, front: Front
) -> None:
    """E1: a private address."""
    pushes(world).pushes_to_private_addresses = False
    running = await started(world, front)
    await turn_by_hand(world)
    await world.clock.advance(HOUR)
    assert await bolt(running) == "Unlocked"


@pytest.mark.parametrize("left", [0, 1], ids=["E2 never", "E2 once"])
async def test_pushes_that_stop_leave_polling_as_it_was(
    left: int, world: World, front: Front
) -> None:
    pushes(world).pushes_left = left
    running = await started(world, front)
    await turn_by_hand(world)
    world.cloud.devices[LOCK].operate(lock)
    await world.clock.advance(HOUR + SOON)
    assert await bolt(running) == "Locked"


@pytest.mark.parametrize(
    ("name", "value"),
    [("push_delay", 90.0), ("pushes_out_of_order", True), ("push_copies", 3)],
    ids=["E2 late", "E2 out of order", "E2 duplicated"],
)
async def test_pushes_late_twice_or_in_another_order_never_show_what_is_over(
    name: str, value: object, world: World, front: Front
) -> None:
    setattr(pushes(world), name, value)
    running = await started(world, front)
    await turn_by_hand(world)
    world.cloud.devices[LOCK].operate(lock)
    for _ in range(60):
        await world.clock.advance(2)
        shown = await bolt(running)
    assert shown == "Locked"


async def test_a_push_every_four_seconds_costs_a_hundred_queries_an_hour_and_no_poll(
    world: World, front: Front
) -> None:
    """E2: pushed without a change."""
    pushes(world).push_every = 4
    running = await started(world, front, **SLOW)
    calls = world.cloud.calls
    calls.reset()
    await world.clock.advance(1200)
    assert calls.by_action["Notification/DeviceState"] == 1200 / 4
    assert 97 <= calls.by_action[QUERY] <= 102
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(600)
    assert await bolt(running) == "Unlocked"


async def test_a_list_that_is_pushed_is_asked_for_and_not_believed(
    world: World, front: Front
) -> None:
    """E4: DeviceDelete for a device that is there, and DeviceSync with a new one."""
    running = await started(world, front)
    world.cloud.pushes.push_deletion([LOCK])
    await world.clock.advance(SOON)
    assert await device_names(running) == ["Front Door", "Back Door"]
    world.cloud.add_device("02:51:4D:00:00:09", "New Door")
    world.cloud.pushes.push_sync()
    await world.clock.advance(HOUR)
    assert await device_names(running) == ["Front Door", "Back Door", "New Door"]


async def test_a_push_that_comes_while_we_are_away_comes_again(world: World, front: Front) -> None:
    """E4: a receiver that fails, and a cloud that tries again."""
    pushes(world).push_retries = 3
    running = await started(world, front)
    front.behind = "http://127.0.0.1:9"
    await turn_by_hand(world)
    assert await bolt(running) == "Locked"
    front.behind = running.url
    await world.clock.advance(30 + SOON)
    assert await bolt(running) == "Unlocked"

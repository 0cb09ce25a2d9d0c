"""U-tec is not asked without end, and a bolt is not flipped without end, whoever wants it."""

import asyncio

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import command, is_error, lock_state, meanwhile, together
from tests.web.panel.asking import submit
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import unlock

FORCED = ["/api/status/refresh", "/api/devices/refresh"]


def calls(cloud: SimulatedCloud) -> int:
    return sum(cloud.calls.by_action.values())


async def hammer(running: Running, paths: list[str], seconds: int) -> None:
    """Force a look forty times in every second."""
    for _ in range(seconds * 4):
        requests = (running.post(path) for path in paths for _ in range(10 // len(paths)))
        await asyncio.gather(*requests)
        await running.clock.advance(0.25)


@pytest.mark.parametrize(("paths", "most"), [(FORCED[:1], 3), (FORCED[1:], 6), (FORCED, 8)])
async def test_ten_seconds_of_hammering_cost_a_handful_of_calls(
    running: Running, cloud: SimulatedCloud, paths: list[str], most: int
) -> None:
    await running.clock.advance(6)
    cloud.calls.reset()
    await hammer(running, paths, 10)
    assert 1 <= calls(cloud) <= most


async def test_the_panels_button_shares_what_was_forced_elsewhere(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.clock.advance(6)
    cloud.calls.reset()
    for _ in range(10):
        await running.post("/api/devices/refresh")
        await submit(running, "/look", "/set-up")
        await running.post("/api/status/refresh")
    assert cloud.calls.by_action == {"Device/Discovery": 1, "Device/Query": 1}


async def test_an_outage_is_not_hammered_either_and_everybody_hears_of_it(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.faults.fail("/action")
    cloud.calls.reset()
    began, answers = running.clock.monotonic(), []
    for _ in range(16):
        requests = [running.post("/api/devices/refresh") for _ in range(5)]
        answers += await together(running.clock, *requests)
    assert {status for status, _ in answers} == {503}
    looks = (running.clock.monotonic() - began) // 5 + 1
    assert calls(cloud) <= looks * 2 * 3  # a Discovery and a Query, three attempts each


async def test_a_forced_look_that_is_five_seconds_old_answers_for_nobody(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.post("/api/status/refresh")
    cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(4)
    assert lock_state((await running.post("/api/status/refresh"))[1]) == "Locked"
    await running.clock.advance(1)
    assert lock_state((await running.post("/api/status/refresh"))[1]) == "Unlocked"


async def test_a_new_device_is_found_although_a_plain_look_was_under_way(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.actions.latency = 1.0
    cloud.add_device("02:51:4D:00:00:03", "Garden")
    plain = asyncio.ensure_future(running.post("/api/status/refresh"))
    await running.clock.advance(0.5)
    ((_, body),) = await together(running.clock, running.post("/api/devices/refresh"))
    await plain
    assert len(body["payload"]["devices"]) == 3


async def flip(running: Running, times: int, device_id: str = LOCK) -> None:
    """Move a bolt back and forth, as fast as it goes."""
    for number in range(times):
        answer = await command(running, ("unlock", "lock")[number % 2], device_id)
        assert answer.status == 200, answer


@pytest.fixture
async def flipped(running: Running, cloud: SimulatedCloud) -> Running:
    """A gateway whose first lock was moved six times within the minute."""
    await flip(running, 6)
    cloud.calls.reset()
    return running


async def test_the_seventh_command_within_a_minute_is_told_to_wait(
    flipped: Running, cloud: SimulatedCloud
) -> None:
    async with flipped.client.post(f"{flipped.url}/api/unlock", json={"id": LOCK}) as answer:
        assert is_error((answer.status, await answer.json()), 429, "too_many_commands")
        wait = answer.headers["Retry-After"]
        assert f"Wait {wait} seconds" in (await answer.json())["detail"]
    assert 0 < int(wait) <= 60
    assert cloud.calls.commands == []
    await flipped.clock.advance(int(wait))
    assert (await command(flipped, "unlock")).status == 200


async def test_the_panel_shares_the_limit(flipped: Running, cloud: SimulatedCloud) -> None:
    tag = flipped.gateway.account.cache.find(LOCK).tag
    status, _, text = await submit(flipped, "/move", operation="unlock", device=tag)
    assert status == 200
    assert "commands within a minute" in text
    assert cloud.calls.commands == []


async def test_another_lock_is_not_told_to_wait(flipped: Running) -> None:
    await flip(flipped, 2, OTHER_LOCK)


async def test_a_command_that_joins_one_under_way_does_not_count(running: Running) -> None:
    storm = (running.post("/api/unlock", {"id": LOCK}) for _ in range(20))
    answers = await together(running.clock, *storm)
    assert {status for status, _ in answers} == {200}
    for name in ("lock", "unlock", "lock", "unlock", "lock"):
        assert (await command(running, name)).status == 200
    assert (await command(running, "unlock")).status == 429


async def test_what_was_refused_does_not_make_the_wait_longer(flipped: Running) -> None:
    async def wait() -> int:
        async with flipped.client.post(f"{flipped.url}/api/unlock", json={"id": LOCK}) as answer:
            return int(answer.headers["Retry-After"])

    before = await wait()
    for _ in range(20):
        await wait()
    assert await wait() == before


async def test_who_moves_a_lock_every_ten_seconds_is_never_told_to_wait(running: Running) -> None:
    for number in range(20):
        began = running.clock.monotonic()
        await flip(running, 1) if number % 2 else await command(running, "lock")
        await running.clock.advance(10 - (running.clock.monotonic() - began))


async def test_a_hundred_hands_on_one_button_send_one_command(world: World) -> None:
    running = await world.start()
    posts = [running.post("/api/unlock", {"id": LOCK}) for _ in range(100)]
    answers = await meanwhile(running, asyncio.gather(*posts))
    assert {answer["status"] for _, answer in answers} == {"ok"}
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]

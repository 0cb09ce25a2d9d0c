"""A start is not an outage: while the first look is under way, reads wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.contract.integrations import Integration13, Integration15
from tests.steps import Answer, is_error, lock_state, timed
from tests.web.panel.asking import page, words
from utec_gateway.simulator.cloud import SimulatedCloud

READS: dict[str, Callable[[Running], Awaitable[tuple[int, Any]]]] = {
    "one lock": lambda it: it.post("/api/status", {"id": LOCK}),
    "one lock by a browser": lambda it: it.get(f"/api/status?id={LOCK}"),
    "everything": lambda it: it.get("/api/status/latest"),
    "everything by 1.3": lambda it: it.get("/api/status"),
    "a forced look": lambda it: it.post("/api/status/refresh"),
}
LISTS: dict[str, Callable[[Running], Awaitable[tuple[int, Any]]]] = {
    "devices": lambda it: it.get("/api/devices"),
    "devices by 1.3": lambda it: it.get("/devices"),
    "a forced list": lambda it: it.post("/api/devices/refresh"),
}


async def sign_in(running: Running, cloud: SimulatedCloud) -> None:
    """Sign in while U-tec is as slow as it is."""
    code = cloud.issue_code(cloud.redirect_uris[0])
    signing_in = asyncio.ensure_future(running.gateway.account.sign_in.by_code(code))
    await running.clock.until(signing_in.done, 10)
    await signing_in


async def starting(world: World, latency: float = 1.5) -> Running:
    """Start a gateway for the first time, whose first look takes two answers' time."""
    running = await world.start(sign_in=False)
    world.cloud.behaviour.actions.latency = latency
    await sign_in(running, world.cloud)
    return running


async def restarting(world: World, latency: float = 1.5) -> Running:
    """Start one that knows its devices from before."""
    await world.start()
    await world.stop()
    world.cloud.behaviour.actions.latency = latency
    return await world.start()


async def read(running: Running, ask: Callable[[Running], Awaitable[tuple[int, Any]]]) -> Answer:
    return await timed(running.clock, ask(running))


@pytest.mark.parametrize("start", [starting, restarting])
@pytest.mark.parametrize("what", READS)
async def test_reads_wait_for_the_first_look(
    world: World, start: Callable[[World], Awaitable[Running]], what: str
) -> None:
    running = await start(world)
    answer = await read(running, READS[what])
    assert (answer.status, lock_state(answer.body)) == (200, "Locked")
    assert 0 < answer.seconds <= 8


@pytest.mark.parametrize("start", [starting, restarting])
@pytest.mark.parametrize("what", LISTS)
async def test_so_does_the_list_of_devices(
    world: World, start: Callable[[World], Awaitable[Running]], what: str
) -> None:
    running = await start(world)
    answer = await read(running, LISTS[what])
    assert (answer.status, len(answer.body["payload"]["devices"])) == (200, 2)


@pytest.mark.parametrize("integration", [Integration13, Integration15])
async def test_no_integration_shows_unknown_after_a_start(
    world: World, integration: type[Integration15]
) -> None:
    running = await restarting(world)
    theirs = integration(running)
    polling = asyncio.ensure_future(theirs.refresh())
    await running.clock.until(polling.done, 30)
    assert theirs.believes[LOCK] is True
    assert theirs.refusals == []


@pytest.mark.parametrize("what", [*READS, *LISTS])
async def test_a_first_look_that_hangs_keeps_nobody_longer_than_eight_seconds(
    world: World, what: str
) -> None:
    world.cloud.faults.hang("/action")
    running = await world.start()
    answer = await read(running, {**READS, **LISTS}[what])
    assert 7 < answer.seconds <= 8.5
    assert is_error((answer.status, answer.body), 503, "utec_unavailable")
    if what in {"one lock", "devices"}:
        assert (await read(running, {**READS, **LISTS}[what])).seconds < 1


async def test_after_eight_seconds_a_known_lock_is_shown_without_its_state(world: World) -> None:
    await world.start()
    await world.stop()
    world.cloud.faults.hang("/action")
    running = await world.start()
    answer = await read(running, READS["one lock"])
    assert (answer.status, lock_state(answer.body)) == (200, None)
    assert 7 < answer.seconds <= 8.5


async def test_a_first_look_that_fails_is_told_as_soon_as_it_has_failed(world: World) -> None:
    world.cloud.faults.fail("/action")
    running = await world.start(max_retries=0)
    answer = await read(running, READS["one lock"])
    assert is_error((answer.status, answer.body), 503, "utec_unavailable")
    assert answer.seconds < 1


async def test_without_a_sign_in_nobody_waits(world: World) -> None:
    running = await world.start(sign_in=False)
    for ask in (*READS.values(), *LISTS.values()):
        answer = await read(running, ask)
        assert is_error((answer.status, answer.body), 401, "reauth_required")
        assert answer.seconds < 1


async def test_the_first_look_after_the_first_sign_in_is_waited_for_too(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start(sign_in=False)
    await running.clock.advance(600)
    cloud.behaviour.actions.latency = 1.5
    await sign_in(running, cloud)
    answer = await read(running, READS["one lock"])
    assert (answer.status, lock_state(answer.body)) == (200, "Locked")


async def test_the_health_answers_at_once_and_says_starting(world: World) -> None:
    running = await starting(world)
    status, body = await running.get("/health")
    assert (status, body["status"], body["health"], body["troubles"]) == (200, "ok", "starting", [])
    await running.clock.advance(5)
    assert (await running.get("/health"))[1]["health"] == "healthy"


async def test_the_panel_shows_at_once_that_the_gateway_starts(world: World) -> None:
    running = await restarting(world)
    status, text = await page(running)
    assert status == 200
    assert "The gateway is starting" in words(text)
    await running.clock.advance(5)
    assert "The gateway is starting" not in words((await page(running))[1])


async def test_a_command_right_after_a_start_is_sent_without_waiting(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await restarting(world, latency=0.5)
    asked = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await running.clock.advance(0.6)
    assert len(cloud.calls.commands) == 1
    await running.clock.until(asked.done, 10)
    assert (await asked)[0] == 200


async def test_a_command_to_a_lock_that_is_not_known_yet_waits_for_the_list(world: World) -> None:
    running = await starting(world, latency=0.5)
    answer = await timed(running.clock, running.post("/api/unlock", {"id": LOCK}))
    assert (answer.status, answer.body["status"]) == (200, "ok")


async def test_later_outages_are_told_at_once(running: Running, cloud: SimulatedCloud) -> None:
    cloud.faults.hang("/action")
    await running.clock.advance(600)
    answer = await read(running, READS["one lock"])
    assert (answer.status, lock_state(answer.body)) == (200, None)
    assert answer.seconds < 1

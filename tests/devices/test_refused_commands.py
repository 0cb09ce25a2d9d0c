"""Who sends a command through a program that shows no errors hears of it all the same."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.issues.test_jammed import said, titles, turn
from tests.issues.test_news import HOUR, told
from tests.steps import command, open_notifications
from tests.web.panel.asking import submit
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import PANEL, Origin, OriginKind
from utec_gateway.core.errors import InvalidRequestError
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandState
from utec_gateway.journal.entry import Kind
from utec_gateway.simulator.states import to_mode, unlock

NOT_LOCKED = "Front Door was not locked"
NOT_UNLOCKED = "Front Door was not unlocked"


def go_offline(world: World) -> None:
    world.cloud.devices[LOCK].go_offline()


def hold_open(world: World) -> None:
    turn(world, to_mode(1))


REASONS: dict[str, tuple[Callable[[World], object], str]] = {
    "passage mode": (hold_open, "is in passage mode"),
    "offline": (go_offline, "is offline: U-tec cannot reach it"),
    "rate limit": (lambda world: world.cloud.faults.rate_limit("/action"), "U-tec"),
    "no sign-in": (lambda world: world.cloud.revoke_everything(), "is not signed in to U-tec"),
    "a refusal": (
        lambda world: setattr(world.cloud.behaviour.actions, "reject_code", "BAD_REQUEST"),
        "U-tec",
    ),
}


@pytest.mark.parametrize("reason", REASONS)
async def test_a_command_of_an_integration_that_is_refused_is_told_with_its_reason(
    reason: str, world: World, running: Running
) -> None:
    trouble, words = REASONS[reason]
    trouble(world)
    await world.clock.advance(70 if reason == "offline" else 0)
    status, _, _ = await command(running, "lock")
    assert status >= 400
    await world.clock.advance(1)
    (news,) = [line for line in told(world) if line.startswith(NOT_LOCKED)]
    assert words in news
    assert "invalid_grant" not in news
    assert [one for one in said(world) if "Front Door" in one] == [NOT_LOCKED]


async def test_a_command_while_the_cloud_is_down_is_told(world: World, running: Running) -> None:
    world.cloud.faults.fail("/action")
    assert (await command(running, "lock"))[0] == 503
    await world.clock.advance(70)
    assert said(world) == ["Front Door did not lock"]


async def test_a_refused_command_is_over_with_the_next_movement(
    world: World, running: Running
) -> None:
    go_offline(world)
    await world.clock.advance(70)
    await command(running, "unlock")
    world.cloud.devices[LOCK].go_online()
    await world.clock.advance(70)
    assert titles(running) == [NOT_UNLOCKED], "to be online again moves no bolt"
    turn(world, unlock)
    await world.clock.advance(31)
    assert said(world) == [NOT_UNLOCKED, f"Over: {NOT_UNLOCKED}"]


async def test_a_refused_command_is_over_with_the_next_that_succeeds(
    world: World, running: Running
) -> None:
    hold_open(world)
    await world.clock.advance(31)
    await command(running, "lock")
    turn(world, to_mode(0))
    await world.clock.advance(31)
    await command(running, "lock")
    await world.clock.advance(1)
    assert said(world)[0] == NOT_LOCKED
    assert said(world)[-1] == f"Over: {NOT_LOCKED}"
    assert titles(running) == []


async def test_a_second_failure_within_the_hour_is_told_and_logged(
    world: World, running: Running
) -> None:
    for _ in range(2):
        world.cloud.behaviour.commands.ignore_next = 1
        await command(running, "unlock")
        await world.clock.advance(21 * 60)
        turn(world, unlock)
        await world.clock.advance(31)
        await command(running, "lock")
    failed = "Front Door did not unlock"
    assert said(world) == [failed, f"Over: {failed}"] * 2
    log = (world.data_dir / "gateway.log").read_text()
    assert log.count("Front Door: unlock not confirmed within 60 s (API from 127.0.0.1)") == 2


async def test_every_failure_is_logged_although_people_are_told_once(
    world: World, running: Running
) -> None:
    for _ in range(3):
        world.cloud.behaviour.commands.ignore_next = 1
        await command(running, "unlock")
        await world.clock.advance(120)
    assert said(world) == ["Front Door did not unlock"]
    assert (world.data_dir / "gateway.log").read_text().count("unlock not confirmed") == 3


async def test_a_lock_has_one_message_however_often_and_in_whichever_way_it_disobeys(
    world: World, running: Running
) -> None:
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, "unlock")
    await world.clock.advance(70)
    go_offline(world)
    await world.clock.advance(70)
    for verb in ("unlock", "unlock", "lock"):
        await command(running, verb)
        await world.clock.advance(10)
    assert titles(running) == [NOT_LOCKED]
    assert said(world) == ["Front Door did not unlock", NOT_UNLOCKED, NOT_LOCKED]


async def test_two_locks_have_a_message_each(world: World, running: Running) -> None:
    world.cloud.revoke_everything()
    for device_id in (LOCK, OTHER_LOCK):
        await command(running, "lock", device_id)
    await world.clock.advance(1)
    assert {NOT_LOCKED, "Back Door was not locked"} <= set(titles(running))


async def test_who_uses_the_panel_has_seen_the_answer_and_is_not_told(
    world: World, running: Running
) -> None:
    hold_open(world)
    await world.clock.advance(31)
    tag = running.gateway.account.cache.find(LOCK).tag
    await submit(running, "/move", device=tag, operation="lock")
    await world.clock.advance(90)
    assert titles(running) == []


async def test_an_integration_that_joins_a_command_of_the_panel_is_told(
    world: World, running: Running
) -> None:
    tag = running.gateway.account.cache.find(LOCK).tag
    hold_open(world)
    await submit(running, "/move", device=tag, operation="lock")
    status, _, _ = await command(running, "lock")
    await world.clock.advance(1)
    assert status == 409
    assert titles(running) == [NOT_LOCKED]


@pytest.mark.parametrize("body", [{"id": "02:51:4D:00:00:77"}, {"id": ""}, {}, [], None], ids=repr)
async def test_a_command_for_no_lock_that_is_known_is_nobodys_news(
    body: Any, world: World, running: Running
) -> None:
    for _ in range(50):
        status, _ = await running.post("/api/unlock", body)
        assert status in {400, 404}
    await world.clock.advance(1)
    assert titles(running) == []
    assert "unlock" not in (world.data_dir / "gateway.log").read_text()


async def test_a_command_before_anybody_signed_in_is_one_message_without_a_name(
    world: World,
) -> None:
    running = await world.start(sign_in=False)
    for number in range(50):
        status, _ = await running.post("/api/unlock", {"id": f"any-{number}"})
        assert status == 401
    await world.clock.advance(1)
    assert open_notifications(running) == ["command_refused"]
    assert said(world) == ["A lock was not unlocked"]
    assert "is not signed in to U-tec. Open the gateway's page, usually http" in told(world)[0]
    log = (world.data_dir / "gateway.log").read_text()
    assert log.count("A lock: unlock refused (API from 127.0.0.1)") == 1
    code = world.cloud.issue_code(world.options["redirect_uri"])
    await running.gateway.account.sign_in.by_code(code)
    await world.clock.advance(31)
    await command(running, "unlock")
    await world.clock.advance(1)
    assert said(world)[1:] == ["Over: A lock was not unlocked"]


async def test_a_command_for_a_lock_that_disappears_meanwhile_is_told(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, "unlock")
    running.gateway.account.cache._devices.pop(LOCK)
    await world.clock.advance(55)
    assert said(world)[0] == "Front Door did not unlock"
    await world.clock.advance(HOUR)
    assert said(world) == ["Front Door did not unlock", "Over: Front Door did not unlock"]


async def test_a_command_that_does_not_even_set_out_is_told_and_entered_once_a_minute(
    world: World, running: Running
) -> None:
    outcomes, door = (
        running.gateway.account.commands._outcomes,
        running.gateway.account.cache.find(LOCK),
    )
    error = InvalidRequestError("Front Door was moved too often. Wait a minute")
    for _ in range(100):
        outcomes.refused(Command(Operation.LOCK), Origin(OriginKind.API, "10.0.0.7"), error, door)
    await world.clock.advance(1)
    assert said(world) == [NOT_LOCKED]
    assert "moved too often" in told(world)[0]
    log = (world.data_dir / "gateway.log").read_text()
    assert log.count("Front Door: lock refused (API from 10.0.0.7): Front Door was moved") == 1
    entries = [one for one in running.gateway.journal.entries if one.kind is Kind.COMMAND]
    assert [(one.outcome, one.origins[0].address) for one in entries] == [
        (CommandState.FAILED, "10.0.0.7")
    ]
    await world.clock.advance(60)
    outcomes.refused(Command(Operation.LOCK), PANEL, error, door)
    assert running.gateway.journal.entries[-1].origins == (PANEL,)

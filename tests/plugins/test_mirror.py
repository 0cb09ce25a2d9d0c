"""A plugin that mirrors everything it can see is right at every moment, from the start on."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.issues.test_jammed import turn
from utec_gateway.core.models import Device
from utec_gateway.plugin_api import IssueStatus, PluginContext, SignInStatus, hookimpl
from utec_gateway.simulator.states import LockState, SwitchState

HOUR = 3600
PLUG = "plug"


@dataclass
class Mirror:
    """Knows what it is told, and nothing else."""

    devices: dict[str, Device] = field(default_factory=dict)
    issues: dict[str, IssueStatus] = field(default_factory=dict)
    sign_in: SignInStatus = field(default_factory=SignInStatus)
    calls: list[tuple[set[str], set[str], set[str]]] = field(default_factory=list)
    """The ids in each call about devices."""

    @hookimpl
    async def gateway_devices_changed(
        self, added: tuple[Device, ...], changed: tuple[Device, ...], removed: tuple[Device, ...]
    ) -> None:
        assert not self.devices.keys() & ids(added)
        assert self.devices.keys() >= ids(changed) | ids(removed)
        self.calls.append((ids(added), ids(changed), ids(removed)))
        self.devices |= {device.id: device for device in (*added, *changed)}
        for device in removed:
            del self.devices[device.id]

    @hookimpl
    async def gateway_issues_changed(
        self,
        added: tuple[IssueStatus, ...],
        changed: tuple[IssueStatus, ...],
        removed: tuple[IssueStatus, ...],
    ) -> None:
        self.issues |= {issue.key: issue for issue in (*added, *changed)}
        for issue in removed:
            del self.issues[issue.key]

    @hookimpl
    async def gateway_sign_in_changed(self, sign_in: SignInStatus) -> None:
        self.sign_in = sign_in


def ids(devices: tuple[Device, ...]) -> set[str]:
    return {device.id for device in devices}


def shown(device: Device) -> object:
    return device.entry, device.states, device.is_offline


@dataclass
class Seen:
    """A gateway, its mirror, and what a plugin reads from its context."""

    running: Running
    mirror: Mirror
    context: PluginContext

    def check(self) -> None:
        """Compare the mirror with what there is."""
        there = {device.id: shown(device) for device in self.context.devices()}
        assert {name: shown(device) for name, device in self.mirror.devices.items()} == there
        for issue in self.context.issues():  # as plugins written for 0.1.2 read it
            assert (issue.id, issue.urgency) == (issue.key, issue.severity)
        open_now = {(one.key, one.title, one.message) for one in self.context.issues()}
        mirrored = {(one.key, one.title, one.message) for one in self.mirror.issues.values()}
        assert mirrored == open_now
        assert self.mirror.sign_in == self.context.sign_in()


@pytest.fixture
async def seen(world: World) -> Seen:
    world.cloud.add_device(PLUG, "Plug", kind="plug")
    running = await world.start(sign_in=False)
    mirror = Mirror()
    running.gateway._registry.register("mirror.py", mirror)
    await running.gateway.account.sign_in.by_code(
        world.cloud.issue_code(world.options["redirect_uri"])
    )
    await world.clock.settle()
    return Seen(running, mirror, running.gateway._context)


async def test_devices_of_all_kinds_are_there_with_their_readings(seen: Seen) -> None:
    assert seen.mirror.devices.keys() == {LOCK, OTHER_LOCK, PLUG}
    plug = seen.mirror.devices[PLUG]
    assert plug.readings.switch.value == "off"
    assert plug.reading("ST.Switch", "SWITCH") == plug.states[-1].value
    assert plug.reading("st.lock", "lockState") is None
    seen.check()


async def test_a_bolt_and_a_plug_that_changed_are_told_and_nothing_else(
    seen: Seen, world: World
) -> None:
    seen.mirror.calls.clear()
    turn(world, lambda states: replace(states, lock_state=LockState.UNLOCKED))
    world.cloud.devices[PLUG].operate(lambda states: replace(states, switch=SwitchState.ON))
    await world.clock.advance(31)
    assert seen.mirror.calls == [(set(), {LOCK, PLUG}, set())]
    seen.check()
    await world.clock.advance(31)
    assert len(seen.mirror.calls) == 1


async def test_a_lock_that_goes_offline_is_told_once(seen: Seen, world: World) -> None:
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(600)
    assert seen.mirror.devices[LOCK].is_offline
    seen.check()
    seen.mirror.calls.clear()
    await world.clock.advance(600)
    assert seen.mirror.calls == []


async def test_a_device_that_is_new_renamed_or_gone_is_told(seen: Seen, world: World) -> None:
    seen.mirror.calls.clear()
    world.cloud.add_device("bulb", "Bulb", kind="bulb")
    world.cloud.devices[PLUG].name = "Kettle"
    await world.clock.advance(HOUR + 31)
    assert seen.mirror.calls[0] == ({"bulb"}, {PLUG}, set())
    seen.check()
    del world.cloud.devices["bulb"]
    await world.clock.advance(4 * HOUR)
    assert seen.mirror.calls[-1] == (set(), set(), {"bulb"})
    seen.check()


async def test_what_is_wrong_is_told_with_its_changes_until_it_is_right(
    seen: Seen, world: World
) -> None:
    tracker = seen.running.gateway.tracker
    for message in ("It is bad.", "It is worse."):
        tracker.raise_issue("trouble", "Trouble", message)
        await world.clock.advance(1)
        assert seen.mirror.issues["trouble"].message == message
        seen.check()
    tracker.resolve("trouble")
    await world.clock.advance(1)
    assert "trouble" not in seen.mirror.issues
    seen.check()


async def test_what_people_are_not_told_yet_is_wrong_all_the_same(seen: Seen, world: World) -> None:
    tracker = seen.running.gateway.tracker
    for _ in range(2):
        tracker.raise_issue("trouble", "Trouble", "It comes and goes.")
        await world.clock.advance(1)
        assert "trouble" in seen.mirror.issues
        tracker.resolve("trouble")
        await world.clock.advance(1)
        assert "trouble" not in seen.mirror.issues


async def test_the_dates_of_the_sign_in_follow_each_refresh(seen: Seen, world: World) -> None:
    first = seen.mirror.sign_in
    assert first.issued_at == world.clock.now()
    assert first.expires_at is not None
    assert first.next_refresh_at == world.clock.now() + timedelta(hours=24)
    assert not first.reauth_required
    await world.clock.advance(24 * HOUR + 60)
    assert seen.mirror.sign_in.issued_at == first.next_refresh_at
    seen.check()


async def test_a_refusal_is_told_and_the_next_sign_in_ends_it(seen: Seen, world: World) -> None:
    world.cloud.behaviour.oauth.refuse_grants = True
    await seen.running.post("/api/oauth/refresh")
    await world.clock.settle()
    assert seen.mirror.sign_in.reauth_required
    assert "reauth_required" in seen.mirror.issues
    world.cloud.behaviour.oauth.refuse_grants = False
    await seen.running.gateway.account.sign_in.by_code(
        world.cloud.issue_code(world.options["redirect_uri"])
    )
    await world.clock.settle()
    assert not seen.mirror.sign_in.reauth_required
    seen.check()


async def test_a_refresh_that_fails_says_when_the_next_one_is(seen: Seen, world: World) -> None:
    before = seen.mirror.sign_in
    world.cloud.faults.fail("/token", status=503)
    asking = asyncio.create_task(seen.running.post("/api/oauth/refresh"))
    await world.clock.advance(600)
    await asking
    after = seen.mirror.sign_in
    assert (after.issued_at, after.reauth_required) == (before.issued_at, False)
    assert after.next_refresh_at is not None
    assert before.next_refresh_at is not None
    assert after.next_refresh_at < before.next_refresh_at


async def test_after_a_restart_the_whole_state_can_be_read_before_u_tec_answers(
    seen: Seen, world: World
) -> None:
    seen.running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(1)
    sign_in = seen.context.sign_in()
    await world.stop()
    world.cloud.faults.hang("/action")
    context = (await world.start()).gateway._context
    assert {device.id for device in context.devices()} == {LOCK, OTHER_LOCK, PLUG}
    assert [issue.key for issue in context.issues()] == ["trouble"]
    assert context.sign_in() == sign_in

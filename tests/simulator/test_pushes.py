"""Row E2: which changes are pushed, when, and how often."""

import pytest

from tests.simulator.conftest import LOCK, Client
from tests.simulator.push_steps import (
    SECRET,
    STATUS,
    Receiver,
    values,
)
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.push_delivery import MOST_UNDER_WAY
from utec_gateway.simulator.states import lock as to_locked
from utec_gateway.simulator.states import unlock
from utec_gateway.simulator.virtual_time import VirtualClock

DAY = 86400.0

pytestmark = pytest.mark.usefixtures("lock")


async def test_nobody_is_told_before_somebody_registers(
    clock: VirtualClock, cloud: SimulatedCloud, lock: SimulatedDevice, receiver: Receiver
) -> None:
    cloud.behaviour.pushes.pushes_left = 1
    lock.operate(unlock)
    await clock.advance(DAY)
    cloud.pushes.register(receiver.url)
    await clock.advance(DAY)
    assert receiver.pushes == []
    assert cloud.behaviour.pushes.pushes_left == 1


async def test_a_change_by_hand_is_pushed_at_once_with_the_registered_secret(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    assert (await client.register(receiver.url)).payload == []
    lock.operate(unlock)
    await clock.settle()
    (push,) = receiver.pushes
    assert push.authorization == f"Bearer {SECRET}"
    assert push.devices[0]["id"] == LOCK
    assert push.bolt == "Unlocked"
    assert push.header.keys() == {"namespace", "name", "messageId", "playloadVersion"}
    assert (push.header["namespace"], push.header["name"]) == (
        "Uhome.Notification",
        "DeviceState",
    )


async def test_a_change_by_a_command_is_pushed_when_a_query_would_show_it(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    asked = clock.monotonic()
    await client.command("unlock")
    await clock.advance(60)
    assert [(push.at - asked, push.bolt) for push in receiver.pushes] == [(4.0, "Unlocked")]


async def test_an_auto_lock_is_pushed_though_nobody_asks(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    lock.behaviour.auto_lock_after = 30
    await client.register(receiver.url)
    start = clock.monotonic()
    lock.operate(unlock, in_seconds=10)
    await clock.advance(DAY)
    told = [(push.at - start, push.bolt) for push in receiver.pushes]
    assert told == [(10.0, "Unlocked"), (40.0, "Locked")]


async def test_an_outage_hides_a_change_until_the_cloud_hears_of_it(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    start = clock.monotonic()
    lock.go_offline(for_seconds=60)
    await clock.settle()
    assert len(receiver.pushes) == 1
    lock.operate(unlock)
    await clock.advance(DAY)
    told = [
        (push.at - start, values(push.devices[0]["states"])[STATUS], push.bolt)
        for push in receiver.pushes
    ]
    assert told == [(0.0, "Offline", "Locked"), (60.0, "Online", "Unlocked")]


async def test_the_end_of_an_outage_without_an_end_is_pushed(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    lock.go_offline()
    await client.register(receiver.url)
    await clock.advance(DAY)
    lock.go_online()
    await clock.settle()
    assert [values(push.devices[0]["states"])[STATUS] for push in receiver.pushes] == ["Online"]


async def test_a_push_uses_up_no_passing_offline_and_no_stale_reading(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    lock.behaviour.offline_reads = 1
    client.cloud.behaviour.commands.stale_reads = 1
    await client.command("unlock")
    await clock.advance(60)
    assert receiver.bolts == ["Unlocked"]
    assert [await client.bolt() for _ in range(3)] == ["Unlocked", "Locked", "Unlocked"]
    assert lock.behaviour.offline_reads == 0


async def test_what_changes_nothing_and_what_is_not_ticked_is_not_pushed(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    lock.operate(to_locked)
    await clock.settle()
    lock.behaviour.ticked = False
    lock.operate(unlock)
    await clock.advance(DAY)
    assert receiver.pushes == []


async def test_a_device_that_is_new_is_pushed_when_it_changes_and_not_before(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    other = client.cloud.add_device("02:51:4D:00:00:09", "New")
    await clock.settle()
    assert receiver.pushes == []
    other.operate(unlock)
    await clock.settle()
    assert [push.devices[0]["id"] for push in receiver.pushes] == ["02:51:4D:00:00:09"]


async def test_a_push_can_be_late_and_then_tells_what_was_true(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.push_delay = 90
    await client.register(receiver.url)
    start = clock.monotonic()
    lock.operate(unlock)
    lock.operate(to_locked, in_seconds=30)
    await clock.advance(DAY)
    told = [(push.at - start, push.bolt) for push in receiver.pushes]
    assert told == [(90.0, "Unlocked"), (120.0, "Locked")]


@pytest.mark.parametrize("left", [0, 1, 2])
async def test_pushes_stop_after_so_many_though_registrations_go_on_succeeding(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver, left: int
) -> None:
    client.cloud.behaviour.pushes.pushes_left = left
    await client.register(receiver.url)
    for change in (unlock, to_locked, unlock):
        lock.operate(change)
        await clock.advance(60)
    assert (await client.register(receiver.url)).payload == []
    lock.operate(to_locked)
    await clock.advance(DAY)
    assert len(receiver.pushes) == left


async def test_a_push_can_come_twice(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.push_copies = 2
    await client.register(receiver.url)
    lock.operate(unlock)
    await clock.settle()
    first, second = receiver.pushes
    assert first.body == second.body


async def test_of_two_pushes_the_later_can_come_first(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.pushes_out_of_order = True
    await client.register(receiver.url)
    lock.operate(unlock)
    await clock.advance(60)
    assert receiver.pushes == []
    lock.operate(to_locked)
    await clock.settle()
    assert receiver.bolts == ["Locked", "Unlocked"]


async def test_pushes_can_come_every_four_seconds_though_nothing_changed(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    client.cloud.add_device("02:51:4D:00:00:09", "Unticked").behaviour.ticked = False
    client.cloud.behaviour.pushes.push_every = 4
    await client.register(receiver.url)
    start = clock.monotonic()
    await clock.advance(60)
    assert [push.at - start for push in receiver.pushes] == [4.0 * n for n in range(1, 16)]
    assert {len(push.devices) for push in receiver.pushes} == {1}


async def test_a_repetition_switched_on_later_is_noticed_when_woken(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    client.cloud.behaviour.pushes.push_every = 4
    client.cloud.pushes.wake()
    await clock.advance(8)
    assert len(receiver.pushes) == 3


async def test_without_a_pause_a_repetition_still_lets_time_pass(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.push_every = 0
    await client.register(receiver.url)
    await clock.advance(1.05)
    assert len(receiver.pushes) == 11


async def test_a_flood_is_cut_where_too_many_pushes_are_under_way(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.push_delay = 600
    await client.register(receiver.url)
    for _ in range(MOST_UNDER_WAY):
        lock.operate(unlock)
        await clock.settle()
        lock.operate(to_locked)
        await clock.settle()
    await clock.advance(DAY)
    assert len(receiver.pushes) == MOST_UNDER_WAY
    lock.operate(unlock)
    await clock.advance(DAY)
    assert len(receiver.pushes) == MOST_UNDER_WAY + 1


async def test_a_stopped_cloud_is_silent_and_remembers_who_registered(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    await client.cloud.stop()
    lock.operate(unlock)
    await clock.advance(DAY)
    assert receiver.pushes == []
    await client.cloud.start()
    await clock.settle()
    assert receiver.bolts == ["Unlocked"]

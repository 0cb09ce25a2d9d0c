"""Rows E3 and E4: what pushes look like, the other notifications, and receivers that fail."""

from typing import Any

import pytest

from tests.simulator.conftest import LOCK, Client
from tests.simulator.push_steps import BOLT, STATUS, Receiver, values
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import Casing, PushShape
from utec_gateway.simulator.states import unlock
from utec_gateway.simulator.virtual_time import VirtualClock

UNLOCKED = {
    STATUS: "Online",
    BOLT: "Unlocked",
    ("st.lock", "lockMode"): 0,
    ("st.batteryLevel", "level"): 4,
}
DOOR_LOCK = "02:51:4D:00:00:02"


async def pushed_in(
    shape: PushShape, client: Client, clock: VirtualClock, receiver: Receiver
) -> Any:
    client.cloud.behaviour.pushes.push_shape = shape
    await client.register(receiver.url)
    client.cloud.devices[LOCK].operate(unlock)
    await clock.settle()
    return receiver.pushes[-1].body


@pytest.mark.usefixtures("lock")
async def test_states_come_as_a_query_lists_them(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    body = await pushed_in(PushShape.NESTED, client, clock, receiver)
    queried = (await client.query()).device
    assert body["payload"] == {"devices": [queried]}
    assert values(queried["states"]) == UNLOCKED


@pytest.mark.usefixtures("lock")
async def test_states_can_come_as_an_object_of_objects(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    body = await pushed_in(PushShape.STATES_MAPPING, client, clock, receiver)
    (device,) = body["payload"]["devices"]
    assert values(list(device["states"].values())) == UNLOCKED


@pytest.mark.usefixtures("lock")
async def test_the_payload_can_be_a_list(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    body = await pushed_in(PushShape.PAYLOAD_LIST, client, clock, receiver)
    assert body["header"]["name"] == "DeviceState"
    assert [values(device["states"]) for device in body["payload"]] == [UNLOCKED]


@pytest.mark.usefixtures("lock")
async def test_the_whole_body_can_be_a_list(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    body = await pushed_in(PushShape.TOP_LEVEL_LIST, client, clock, receiver)
    assert [values(device["states"]) for device in body] == [UNLOCKED]


@pytest.mark.usefixtures("lock")
async def test_a_push_can_be_an_id_and_nothing_else(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    body = await pushed_in(PushShape.ID_ONLY, client, clock, receiver)
    assert body["payload"] == {"devices": [{"id": LOCK}]}


@pytest.mark.parametrize("casing", Casing)
async def test_a_partial_push_tells_of_door_and_battery_and_never_of_the_lock(
    client: Client, clock: VirtualClock, receiver: Receiver, casing: Casing
) -> None:
    client.cloud.add_device(LOCK, "Front Door", "lock_with_sensor")
    client.cloud.behaviour.actions.casing = casing
    body = await pushed_in(PushShape.PARTIAL, client, clock, receiver)
    states = body["payload"]["devices"][0]["states"]
    assert [str(state["value"]).lower() for state in states] == ["4", "closed"]


async def test_a_sync_lists_the_devices_as_discovery_does(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.add_device(DOOR_LOCK, "Unticked").behaviour.ticked = False
    await client.register(receiver.url)
    client.cloud.pushes.push_sync()
    await clock.settle()
    (push,) = receiver.pushes
    assert push.header["name"] == "DeviceSync"
    assert push.devices == await client.discover()
    assert [device["name"] for device in push.devices] == [lock.name]


@pytest.mark.usefixtures("lock")
async def test_a_deletion_lists_ids(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    client.cloud.pushes.push_deletion([LOCK, "unknown"])
    await clock.settle()
    (push,) = receiver.pushes
    assert push.header["name"] == "DeviceDelete"
    assert push.devices == [{"id": LOCK}, {"id": "unknown"}]


async def test_what_is_pushed_by_hand_comes_at_once_though_pushes_are_switched_off_and_late(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    switches = client.cloud.behaviour.pushes
    switches.pushes_left, switches.push_delay, switches.pushes_out_of_order = 0, 60, True
    await client.register(receiver.url)
    client.cloud.pushes.push_states([lock])
    await clock.settle()
    client.cloud.pushes.push_body("no JSON object")
    await clock.settle()
    states, other = receiver.pushes
    assert (states.bolt, other.body) == ("Locked", "no JSON object")


async def test_a_receiver_that_fails_is_not_asked_again(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    receiver.statuses = [503]
    await client.register(receiver.url)
    lock.operate(unlock)
    await clock.advance(86400)
    assert len(receiver.pushes) == 1
    assert [delivery.status for delivery in client.cloud.pushes.deliveries] == [503]


@pytest.mark.parametrize(
    ("statuses", "attempts"),
    [([503, 500, 200], 3), ([503, 503, 503, 503], 3), ([404], 1), ([302], 1), ([503, 401], 2)],
)
async def test_a_receiver_that_fails_can_be_asked_again_until_it_answers(
    client: Client,
    clock: VirtualClock,
    lock: SimulatedDevice,
    receiver: Receiver,
    statuses: list[int],
    attempts: int,
) -> None:
    client.cloud.behaviour.pushes.push_retries = 2
    receiver.statuses = list(statuses)
    await client.register(receiver.url)
    start = clock.monotonic()
    lock.operate(unlock)
    await clock.advance(86400)
    assert [push.at - start for push in receiver.pushes] == [30.0 * n for n in range(attempts)]
    assert len({str(push.body) for push in receiver.pushes}) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/push", "ftp://a.example", "http://[", "nonsense"]
)
async def test_an_address_where_nobody_answers_disturbs_nothing(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver, url: str
) -> None:
    await client.register(url)
    lock.operate(unlock)
    await clock.settle()
    assert [delivery.status for delivery in client.cloud.pushes.deliveries] == [None]
    await client.register(receiver.url)
    lock.become(lock.kind.states)
    await clock.settle()
    assert receiver.bolts == ["Locked"]

"""Rows E: what tests can see of pushes, and the control API for them."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.served import serving
from tests.simulator.conftest import LOCK, Answer, Client
from tests.simulator.push_steps import NEXT_SECRET, SECRET, Receiver
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.push_delivery import DEADLINE
from utec_gateway.simulator.states import unlock
from utec_gateway.simulator.virtual_time import VirtualClock


async def push(client: Client, wanted: Any) -> Answer:
    return await client.post("/_control/pushes", json=wanted)


async def test_registrations_and_deliveries_can_be_seen(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register("http://a.example/push")
    await clock.advance(60)
    await client.register(receiver.url, NEXT_SECRET)
    lock.operate(unlock)
    await clock.settle()
    pushes = client.cloud.pushes
    assert [each.url for each in pushes.registrations] == ["http://a.example/push", receiver.url]
    assert (clock.now() - pushes.registrations[0].at).total_seconds() == 60
    (delivery,) = pushes.deliveries
    assert (delivery.at, delivery.name, delivery.url, delivery.authorization, delivery.status) == (
        clock.now(),
        "DeviceState",
        receiver.url,
        f"Bearer {NEXT_SECRET}",
        200,
    )
    assert delivery.body == receiver.pushes[0].body
    seen = (await client.get("/_control/pushes")).body
    assert [each["access_token"] for each in seen["registrations"]] == [SECRET, NEXT_SECRET]
    assert seen["deliveries"][0]["status"] == 200


async def test_attempts_are_counted_as_actions(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    lock.operate(unlock)
    client.cloud.pushes.push_sync()
    client.cloud.pushes.push_body([])
    await clock.settle()
    assert dict(client.cloud.calls.by_action) == {
        "Configure/Set": 1,
        "Notification/DeviceState": 1,
        "Notification/DeviceSync": 1,
        "Notification/any": 1,
    }


async def test_a_receiver_that_never_answers_is_given_up(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    released = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/push", hang)
    async with serving(app) as url:
        await client.register(f"{url}/push")
        lock.operate(unlock)
        await clock.advance(DEADLINE - 1)
        assert not client.cloud.pushes.deliveries
        await clock.advance(2)
        assert [each.status for each in client.cloud.pushes.deliveries] == [None]
        released.set()


@pytest.mark.parametrize("body", [{"a": 1}, ["a"], "a", 7, None])
async def test_any_body_can_be_pushed_by_the_control(
    client: Client, clock: VirtualClock, receiver: Receiver, body: Any
) -> None:
    await client.register(receiver.url)
    assert (await push(client, {"body": body})).status == 200
    await clock.settle()
    assert [each.body for each in receiver.pushes] == [body]


@pytest.mark.usefixtures("lock")
async def test_the_control_registers_another_client_and_pushes_to_it(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    await client.register("http://a.example/push")
    other = {"url": receiver.url, "access_token": NEXT_SECRET}
    await push(client, {**other, "states": [LOCK], "sync": True, "delete": [LOCK]})
    await clock.settle()
    names = {each.header["name"] for each in receiver.pushes}
    assert names == {"DeviceState", "DeviceSync", "DeviceDelete"}
    assert {each.authorization for each in receiver.pushes} == {f"Bearer {NEXT_SECRET}"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"states": ["nobody"]}, f"The devices are {LOCK}."),
        ({"states": LOCK}, "states cannot be"),
        ({"sink": True}, "sink is not one of"),
        ({"sync": True}, "Nobody has registered for pushes."),
        ([], "must be a JSON object"),
    ],
)
@pytest.mark.usefixtures("lock")
async def test_a_bad_order_is_refused_in_a_sentence(
    client: Client, wanted: Any, words: str
) -> None:
    answer = await push(client, wanted)
    assert answer.status == 400
    assert words in answer.body["detail"]
    assert not client.cloud.pushes.registrations


async def test_a_repetition_that_the_control_switches_on_begins_at_once(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(receiver.url)
    await client.post("/_control/behaviour", json={"e2_push_every": 4})
    await clock.advance(8)
    assert len(receiver.pushes) == 3
    assert lock.states == lock.kind.states


async def test_the_overview_lists_the_orders(client: Client) -> None:
    may_be = (await client.get("/_control")).body["may_be"]
    assert may_be["pushes"]["url"] == "str or null"

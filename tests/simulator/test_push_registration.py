"""Row E1: who is told of a change, and with which secret."""

import pytest

from tests.simulator.conftest import Client
from tests.simulator.push_steps import (
    NEXT_SECRET,
    SECRET,
    Receiver,
    receiving,
)
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import ConfigureAnswer, PushAuthorization
from utec_gateway.simulator.push_delivery import is_private
from utec_gateway.simulator.states import lock as to_locked
from utec_gateway.simulator.states import unlock
from utec_gateway.simulator.virtual_time import VirtualClock

DAY = 86400.0


async def test_the_last_registration_wins(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    async with receiving(clock) as other:
        await client.register(receiver.url)
        await client.register(other.url, NEXT_SECRET)
        lock.operate(unlock)
        await clock.settle()
        assert receiver.pushes == []
        assert [push.authorization for push in other.pushes] == [f"Bearer {NEXT_SECRET}"]


async def test_a_new_registration_presents_the_old_secret_for_a_while(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.old_secret_for = 600
    await client.register(receiver.url)
    lock.operate(unlock)
    await clock.settle()
    await client.register(receiver.url, NEXT_SECRET)
    lock.operate(to_locked, in_seconds=599)
    lock.operate(unlock, in_seconds=600)
    await clock.advance(DAY)
    presented = [push.authorization for push in receiver.pushes]
    assert presented == [f"Bearer {secret}" for secret in (SECRET, SECRET, NEXT_SECRET)]


@pytest.mark.parametrize("kind", [PushAuthorization.WRONG, PushAuthorization.MISSING])
async def test_the_secret_can_be_wrong_or_missing(
    client: Client,
    clock: VirtualClock,
    lock: SimulatedDevice,
    receiver: Receiver,
    kind: PushAuthorization,
) -> None:
    client.cloud.behaviour.pushes.push_authorization = kind
    await client.register(receiver.url)
    lock.operate(unlock)
    await clock.settle()
    (push,) = receiver.pushes
    assert (push.authorization is None) == (kind is PushAuthorization.MISSING)
    assert SECRET not in str(push)


async def test_a_registration_without_a_secret_keeps_the_one_in_its_address(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    await client.register(f"{receiver.url}?access_token=mine", None)
    lock.operate(unlock)
    await clock.settle()
    (push,) = receiver.pushes
    assert (push.path, push.authorization) == ("/push?access_token=mine", None)


@pytest.mark.parametrize("url", ["", 7, None, ["http://a.example"]])
async def test_an_address_that_is_no_text_is_refused_and_nobody_is_registered(
    client: Client, url: object
) -> None:
    answer = await client.register(url)
    assert answer.error_code == "BAD-REQUEST"
    assert not client.cloud.pushes.registrations


@pytest.mark.parametrize("secret", ["", 7, ["a"]])
async def test_a_secret_that_is_no_text_is_as_good_as_none(client: Client, secret: object) -> None:
    assert (await client.register("http://a.example/push", secret)).payload == []
    assert [each.secret for each in client.cloud.pushes.registrations] == [None]


async def test_a_registration_that_fails_registers_nobody(client: Client) -> None:
    client.cloud.behaviour.actions.configure_answer = ConfigureAnswer.HTTP_500
    assert (await client.register("http://a.example/push")).status == 500
    assert not client.cloud.pushes.registrations


async def test_a_private_address_is_accepted_and_never_reached(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.pushes_to_private_addresses = False
    assert (await client.register(receiver.url)).payload == []
    lock.operate(unlock)
    await clock.advance(DAY)
    assert receiver.pushes == []
    assert [delivery.status for delivery in client.cloud.pushes.deliveries] == [None]


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("192.168.1.5:8000", True),
        ("[fd00::1]", True),
        ("homeassistant.local.", True),
        ("homeassistant", True),
        ("HOME.LAN", True),
        ("8.8.8.8", False),
        ("home.example.com", False),
    ],
)
def test_private_addresses_are_told_from_public_ones(host: str, private: bool) -> None:
    assert is_private(f"http://{host}/push") == private


async def test_a_new_registration_notices_that_pushes_are_to_be_repeated(
    client: Client, clock: VirtualClock, receiver: Receiver
) -> None:
    client.cloud.pushes.register("http://a.example/push")
    await clock.settle()
    client.cloud.behaviour.pushes.push_every = 4
    client.cloud.pushes.register(receiver.url)
    await clock.advance(8)
    assert len(receiver.pushes) == 2


async def test_a_push_under_way_ends_with_the_cloud(
    client: Client, clock: VirtualClock, lock: SimulatedDevice, receiver: Receiver
) -> None:
    client.cloud.behaviour.pushes.push_delay = 60
    await client.register(receiver.url)
    lock.operate(unlock)
    await clock.settle()
    await client.cloud.stop()
    await clock.advance(60)
    assert client.cloud.calls.by_action == {"Configure/Set": 1}

"""Rows C5 to C8: modes, outages, auto-lock and hands at the door."""

import pytest

from tests.simulator.conftest import Client
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.states import unlock
from utec_gateway.simulator.virtual_time import VirtualClock

pytestmark = pytest.mark.usefixtures("lock")


async def mode(client: Client) -> object:
    return (await client.query()).state("st.lock", "lockMode")


async def test_passage_mode_opens_ignores_lock_and_locks_when_left(
    client: Client, clock: VirtualClock
) -> None:
    await client.command("setMode", {"mode": 1})
    await clock.advance(4)
    assert (await mode(client), await client.bolt()) == (1, "Unlocked")
    assert (await client.command("lock")).state("st.deferredResponse", "seconds") == 20
    await clock.advance(60)
    assert await client.bolt() == "Unlocked"
    await client.command("setMode", {"mode": 0})
    await clock.advance(4)
    assert (await mode(client), await client.bolt()) == (0, "Locked")


async def test_mode_two_locks(client: Client, clock: VirtualClock) -> None:
    await client.command("unlock")
    await clock.advance(4)
    await client.command("setMode", {"mode": 2})
    await clock.advance(4)
    assert (await mode(client), await client.bolt()) == (2, "Locked")


@pytest.mark.parametrize("arguments", [None, {}, {"mode": 3}, {"mode": "1"}])
async def test_a_mode_that_is_none_is_refused(client: Client, arguments: object) -> None:
    answer = await client.command("setMode", arguments)
    assert answer.device["error"]["code"] == "BAD-REQUEST"


async def test_an_offline_lock_refuses_commands_and_shows_what_was(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.go_offline()
    lock.operate(unlock)
    await clock.advance(3600)
    answer = await client.query()
    assert answer.state("st.healthCheck", "status") == "Offline"
    assert answer.state("st.lock", "lockState") == "Locked"
    refused = await client.command("lock")
    assert refused.device["error"]["code"] == "DEVICE_OFFLINE"
    assert "states" not in refused.device
    lock.go_online()
    assert await client.bolt() == "Unlocked"


async def test_an_outage_may_last_one_reading_or_a_while(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    async def health() -> object:
        return (await client.query()).state("st.healthCheck", "status")

    lock.behaviour.offline_reads = 1
    assert [await health() for _ in range(2)] == ["Offline", "Online"]
    lock.go_offline(for_seconds=32)
    assert await health() == "Offline"
    await clock.advance(32)
    assert await health() == "Online"


async def test_a_lock_may_lock_itself_unless_in_passage(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.behaviour.auto_lock_after = 30
    await client.command("unlock")
    await clock.advance(33)
    assert await client.bolt() == "Unlocked"
    await clock.advance(1)
    assert await client.bolt() == "Locked"
    await client.command("setMode", {"mode": 1})
    await clock.advance(60)
    assert await client.bolt() == "Unlocked"

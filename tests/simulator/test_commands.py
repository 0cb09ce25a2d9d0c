"""Rows D: what becomes of a command."""

import pytest

from tests.simulator.conftest import LOCK, Client
from utec_gateway.simulator.behaviour import CommandBehaviour
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import OppositeCommands
from utec_gateway.simulator.virtual_time import VirtualClock

pytestmark = pytest.mark.usefixtures("lock")


async def mode(client: Client) -> object:
    return (await client.query()).state("st.lock", "lockMode")


async def test_an_acknowledgement_is_a_hint_and_nothing_more(client: Client) -> None:
    answer = await client.command("unlock")
    assert answer.device == {
        "id": LOCK,
        "states": [{"capability": "st.deferredResponse", "name": "seconds", "value": 20}],
    }
    answer = await client.command("setMode", {"mode": 0})
    assert answer.state("st.deferredResponse", "seconds") == 5


async def test_the_hint_may_differ_or_be_missing(client: Client) -> None:
    client.cloud.behaviour.commands.hint = 10
    assert (await client.command("unlock")).state("st.deferredResponse", "seconds") == 10
    client.cloud.behaviour.commands.hint = None
    assert (await client.command("unlock")).device == {"id": LOCK, "states": []}


async def test_query_shows_the_new_state_after_four_seconds(
    client: Client, clock: VirtualClock
) -> None:
    await client.command("unlock")
    await clock.advance(3.9)
    assert await client.bolt() == "Locked"
    await clock.advance(0.1)
    assert await client.bolt() == "Unlocked"


async def test_a_device_may_be_slower_than_the_others(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.commands = CommandBehaviour(effect_delay=60)
    await client.command("unlock")
    await clock.advance(59)
    assert await client.bolt() == "Locked"
    await clock.advance(1)
    assert await client.bolt() == "Unlocked"


async def test_the_same_command_again_does_not_start_over(
    client: Client, clock: VirtualClock
) -> None:
    await client.command("unlock")
    await clock.advance(3)
    await client.command("unlock")
    await clock.advance(1)
    assert await client.bolt() == "Unlocked"


async def test_a_command_may_be_accepted_and_never_executed(
    client: Client, clock: VirtualClock
) -> None:
    client.cloud.behaviour.commands.ignore_next = 1
    await client.command("unlock")
    await clock.advance(60)
    assert await client.bolt() == "Locked"
    await client.command("unlock")
    await clock.advance(4)
    assert await client.bolt() == "Unlocked"


async def test_half_of_all_commands_may_be_ignored(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.commands.ignore_probability = 0.5
    moved = 0
    for _ in range(20):
        before = await client.bolt()
        await client.command("unlock" if before == "Locked" else "lock")
        await clock.advance(5)
        moved += await client.bolt() != before
    assert 3 < moved < 17


async def test_the_new_state_may_revert(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.commands.reverts_after = 35
    await client.command("unlock")
    await clock.advance(4)
    assert await client.bolt() == "Unlocked"
    await clock.advance(35)
    assert await client.bolt() == "Locked"


async def test_old_readings_may_follow_a_fresh_one(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.commands.stale_reads = 2
    await client.command("unlock")
    await clock.advance(4)
    shown = [await client.bolt() for _ in range(5)]
    assert shown == ["Unlocked", "Locked", "Locked", "Unlocked", "Unlocked"]


async def test_an_unlock_may_be_over_before_anybody_looks(
    client: Client, clock: VirtualClock
) -> None:
    client.cloud.behaviour.commands.relocks_unseen = True
    await client.command("unlock")
    for _ in range(10):
        await clock.advance(1)
        assert await client.bolt() == "Locked"


async def test_a_command_may_end_in_a_jam(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.commands.ends_jammed = True
    await client.command("unlock")
    await clock.advance(4)
    assert await client.bolt() == "Jammed"


async def test_a_command_may_act_although_its_answer_is_an_error(
    client: Client, clock: VirtualClock
) -> None:
    client.cloud.faults.fail("Device/Command", after_acting=True, times=1)
    assert (await client.command("unlock")).status == 500
    await clock.advance(4)
    assert await client.bolt() == "Unlocked"


@pytest.mark.parametrize(
    ("rule", "after_four", "after_five"),
    [
        (OppositeCommands.LAST_WINS, "Locked", "Locked"),
        (OppositeCommands.FIRST_WINS, "Unlocked", "Unlocked"),
        (OppositeCommands.BOTH, "Unlocked", "Locked"),
    ],
)
async def test_opposite_commands_compete(
    client: Client, clock: VirtualClock, rule: OppositeCommands, after_four: str, after_five: str
) -> None:
    client.cloud.behaviour.commands.opposite_commands = rule
    await client.command("unlock")
    await clock.advance(1)
    await client.command("lock")
    await clock.advance(3)
    assert await client.bolt() == after_four
    await clock.advance(1)
    assert await client.bolt() == after_five


async def test_commands_are_remembered_by_device(client: Client) -> None:
    await client.command("unlock")
    await client.command("lock")
    assert client.cloud.calls.commands_for(LOCK) == ["unlock", "lock"]


@pytest.mark.parametrize(
    "element",
    [
        {"id": "02:51:4D:FF:FF:FF", "command": {"capability": "st.lock", "name": "lock"}},
        {"id": LOCK},
        {"id": LOCK, "commands": [{"capability": "st.lock", "name": "lock"}]},
        {"id": LOCK, "command": {"name": "lock"}},
        {"id": LOCK, "command": {"capability": "st.lock", "name": "lock", "arguments": [1]}},
    ],
)
async def test_a_command_must_be_one_object_for_a_known_device(
    client: Client, element: object
) -> None:
    answer = await client.act("Device/Command", {"devices": [element]})
    assert answer.device["error"]["code"] == "BAD-REQUEST"

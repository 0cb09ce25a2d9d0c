import asyncio
from pathlib import Path

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.contract.integrations import AT_ONCE, Integration, Integration13, Integration15
from tests.steps import on_disk
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import jam, lock, unlock

HANDBOOK = Path(__file__).parents[2] / "DOCS.md"
GENERATIONS = pytest.mark.parametrize("generation", [Integration15, Integration13])


async def seen(client: Integration) -> dict[str, bool | None]:
    round_ = asyncio.ensure_future(client.refresh())
    await client.running.clock.until(round_.done)
    await round_
    return client.believes


@GENERATIONS
async def test_both_generations_see_every_lock_without_modification(
    running: Running, generation: type[Integration]
) -> None:
    client = generation(running)
    assert await seen(client) == {LOCK: True, OTHER_LOCK: True}
    assert client.refusals == []


@GENERATIONS
async def test_both_generations_work_with_the_key_in_their_only_setting(
    world: World, generation: type[Integration]
) -> None:
    running = await world.start(trusted_networks=[])
    client = generation(running, prefix=f"/k/{on_disk(world)['api_key']}")
    assert await seen(client) == {LOCK: True, OTHER_LOCK: True}
    moved = asyncio.ensure_future(client.move("unlock", LOCK))
    await running.clock.until(moved.done)
    assert (await moved)["status"] == "ok"


@GENERATIONS
async def test_both_generations_learn_of_a_door_opened_by_hand(
    running: Running, cloud: SimulatedCloud, generation: type[Integration]
) -> None:
    client = generation(running)
    await seen(client)
    cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(31)
    assert await seen(client) == {LOCK: False, OTHER_LOCK: True}


@GENERATIONS
@pytest.mark.parametrize("name", ["lock", "unlock"])
async def test_both_generations_move_the_bolt_and_hear_of_it(
    running: Running,
    cloud: SimulatedCloud,
    generation: type[Integration],
    name: str,
) -> None:
    cloud.devices[LOCK].become((unlock if name == "lock" else lock)(cloud.devices[LOCK].states))
    client = generation(running)
    moved = asyncio.ensure_future(client.move(name, LOCK))
    await running.clock.until(moved.done)
    assert (await moved)["status"] == "ok"
    assert (await seen(client))[LOCK] is (name == "lock")
    assert cloud.calls.commands_for(LOCK) == [name]


@pytest.mark.parametrize("name", ["lock", "unlock"])
async def test_the_older_generation_falls_back_because_the_foreign_address_is_not_found(
    running: Running, cloud: SimulatedCloud, name: str
) -> None:
    status, _ = await running.post(f"/api/devices/{LOCK}/{name}", {})
    assert status == 404
    assert cloud.calls.commands == []


async def test_the_cloud_sees_one_query_per_interval_whatever_the_clients_do(
    running: Running, cloud: SimulatedCloud
) -> None:
    clients = [Integration15(running), Integration15(running), Integration13(running)]
    cloud.calls.reset()
    homes = [asyncio.ensure_future(client.keep_polling(rounds=20)) for client in clients]
    await running.clock.advance(600)
    await asyncio.gather(*homes)
    assert 39 <= cloud.calls.by_action["Device/Query"] <= 41
    assert cloud.calls.by_action["Device/Discovery"] <= 2
    assert cloud.calls.by_action["Device/Command"] == 0
    assert [client.refusals for client in clients] == [[], [], []]


async def test_more_locks_do_not_cost_more_calls(world: World, cloud: SimulatedCloud) -> None:
    for number in range(12):
        cloud.add_device(f"02:51:4D:00:01:{number:02X}", f"Room {number}")
    running = await world.start()
    cloud.calls.reset()
    client = Integration13(running)
    await seen(client)
    await running.clock.advance(300)
    assert len(client.believes) == 14
    assert cloud.calls.by_action["Device/Query"] <= 21


async def test_six_questions_at_once_are_all_answered_while_the_cloud_is_slow(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.clock.advance(29.5)
    cloud.behaviour.actions.latency = 9.0
    asked = [
        asyncio.ensure_future(running.post("/api/status", {"id": LOCK})) for _ in range(AT_ONCE)
    ]
    await running.clock.advance(2)
    assert all(each.done() for each in asked)
    assert [(await each)[0] for each in asked] == [200] * AT_ONCE


@GENERATIONS
@pytest.mark.parametrize("trouble", ["jammed", "offline"])
async def test_what_each_generation_makes_of_trouble_is_what_the_handbook_warns_of(
    running: Running, cloud: SimulatedCloud, generation: type[Integration], trouble: str
) -> None:
    client = generation(running)
    assert (await seen(client))[LOCK] is True
    if trouble == "jammed":
        cloud.devices[LOCK].become(jam(cloud.devices[LOCK].states))
    else:
        cloud.devices[LOCK].go_offline()
    await running.clock.advance(120)
    expected = {
        (Integration13, "jammed"): True,  # the last state, for ever
        (Integration13, "offline"): True,
        (Integration15, "jammed"): False,  # unlocked
        (Integration15, "offline"): None,  # unknown
    }
    assert (await seen(client))[LOCK] is expected[generation, trouble]


def test_the_handbook_recommends_a_generation_and_names_the_faults_of_both() -> None:
    section = HANDBOOK.read_text().split("### Which generation")[1].split("\n## ")[0]
    both, rest = section.split("Generation 1.3:")
    older, newer = rest.split("Generation 1.5:")
    assert "Use 1.5." in both
    for fault in ("2026.9", "only one lock", "unknown, offline or jammed", "before it has", "log"):
        assert fault in older
    assert "jammed lock as *unlocked*" in newer
    assert "when the gateway itself is gone" in newer

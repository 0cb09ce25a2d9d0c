import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.conftest import LOCK, Running, World
from tests.steps import bearer, is_error, on_disk
from utec_gateway.simulator.cloud import SimulatedCloud

DEVICE_SCOPE = [
    ("GET", "/api/devices"),
    ("GET", "/devices"),
    ("POST", "/api/status"),
    ("GET", f"/api/status?id={LOCK}"),
    ("GET", "/api/status/latest"),
    ("POST", "/api/status/refresh"),
    ("POST", "/api/lock"),
    ("POST", "/lock"),
    ("POST", "/api/unlock"),
    ("POST", "/unlock"),
]
ADMINISTRATION_SCOPE = [
    ("GET", "/api/config"),
    ("POST", "/api/config"),
    ("GET", "/api/oauth/authorize-url"),
    ("POST", "/api/oauth/exchange"),
    ("POST", "/api/oauth/refresh"),
    ("GET", "/logs"),
    ("POST", "/logs/clear"),
]
WRONG = {"Authorization": "Bearer not-the-key"}


@asynccontextmanager
async def neighbour(world: World, address: str, **options: object) -> AsyncIterator[Running]:
    """Run a gateway that is signed in and reached from another address."""
    await world.start()
    await world.stop()
    world_options = on_disk(world, "options.json") | options
    (world.data_dir / "options.json").write_text(json.dumps(world_options))
    async with world.as_it_is(address) as reachable:
        yield reachable


async def ask(running: Running, method: str, path: str, **more: object) -> tuple[int, object]:
    body = {"id": LOCK} if method == "POST" else None
    return await running._answer(
        running.client.request(method, running.url + path, json=body, **more)  # type: ignore[arg-type] # headers only
    )


@pytest.mark.parametrize(("method", "path"), DEVICE_SCOPE)
async def test_a_stranger_moves_and_sees_nothing(
    closed: Running, cloud: SimulatedCloud, method: str, path: str
) -> None:
    assert is_error(await ask(closed, method, path), 401, "unauthorized")
    assert cloud.calls.commands == []


async def test_the_refusal_tells_the_owner_what_to_do(closed: Running) -> None:
    _, body = await closed.get("/api/devices")
    assert "key" in body["detail"].lower()


@pytest.mark.parametrize("path", ["/api/devices", "/api/status/latest", "/api/config", "/logs"])
async def test_the_key_opens_as_a_header_and_as_a_prefix(
    closed: Running, world: World, path: str
) -> None:
    by_header = await closed.get(path, headers=bearer(world))
    by_prefix = await closed.get(f"/k/{on_disk(world)['api_key']}{path}")
    assert by_header[0] == by_prefix[0] == 200
    assert by_header == by_prefix


async def test_the_prefix_carries_commands_and_questions_too(closed: Running, world: World) -> None:
    prefix = f"/k/{on_disk(world)['api_key']}"
    status, body = await closed.post(f"{prefix}/api/status", {"id": LOCK})
    assert (status, body["payload"]["devices"][0]["id"]) == (200, LOCK)
    status, body = await closed.get(f"{prefix}/api/status?id={LOCK}")
    assert (status, body["payload"]["devices"][0]["id"]) == (200, LOCK)
    assert is_error(await closed.post(f"{prefix}/lock", {"id": "nobody"}), 404, "unknown_device")
    assert is_error(await closed.get(f"{prefix}/nowhere"), 404)


@pytest.mark.parametrize("key", ["wrong", "", "%00", "..", "a" * 4000])
async def test_a_wrong_key_in_the_address_opens_nothing(closed: Running, key: str) -> None:
    status, body = await closed.get(f"/k/{key}/api/devices")
    assert status in {401, 404}
    assert is_error((status, body), status)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic abc", "bearer wrong", "Bearer \xe4\xf6", "key"]
)
async def test_a_malformed_authorization_is_refused_in_words(closed: Running, header: str) -> None:
    answer = await closed.get("/api/devices", headers={"Authorization": header})
    assert is_error(answer, 401, "unauthorized")


async def test_a_stranger_learns_that_the_gateway_is_up_and_that_the_key_is_missing(
    world: World, elsewhere: str
) -> None:
    async with neighbour(world, elsewhere) as reachable:
        status, body = await reachable.get("/health")
        assert is_error((status, body), 401, "unauthorized")
        assert set(body) == {"status", "detail", "code"}
        assert body["status"] == "ok"
        assert "key" in body["detail"]
        status, body = await reachable.get("/health", headers=bearer(world))
        assert (status, body["health"]) == (200, "healthy")


async def test_the_container_may_ask_for_its_health_whatever_networks_are_trusted(
    closed: Running,
) -> None:
    status, body = await closed.get("/health")
    assert (status, body["status"], body["health"]) == (200, "ok", "healthy")


async def test_ten_wrong_keys_in_a_minute_are_enough(closed: Running) -> None:
    for _ in range(10):
        assert is_error(await closed.get("/api/devices", headers=WRONG), 401, "unauthorized")
    assert is_error(await closed.get("/api/devices", headers=WRONG), 429)
    await closed.clock.advance(61)
    assert is_error(await closed.get("/api/devices", headers=WRONG), 401, "unauthorized")


@pytest.mark.parametrize(("method", "path"), ADMINISTRATION_SCOPE)
async def test_a_neighbour_who_may_see_the_locks_may_not_administer_them(
    world: World, elsewhere: str, method: str, path: str
) -> None:
    trusted = [f"{elsewhere}/32"]
    async with neighbour(world, elsewhere, trusted_networks=trusted) as reachable:
        before = (world.data_dir / "options.json").read_bytes()
        assert (await reachable.get("/api/devices"))[0] == 200
        assert is_error(await ask(reachable, method, path), 401, "unauthorized")
        assert (world.data_dir / "options.json").read_bytes() == before


async def test_a_neighbour_with_the_key_may_do_everything_and_without_it_nothing(
    world: World, elsewhere: str
) -> None:
    async with neighbour(world, elsewhere) as reachable:
        assert is_error(await reachable.get("/api/devices"), 401, "unauthorized")
        assert (await reachable.get("/api/config", headers=bearer(world)))[0] == 200
        assert (await reachable.get("/api/devices", headers=bearer(world)))[0] == 200

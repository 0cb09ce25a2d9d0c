from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.steps import is_error, on_disk
from utec_gateway.simulator.cloud import SimulatedCloud

JSON = {"Content-Type": "application/json"}
TAKES_A_DEVICE = [
    *("/api/status", "/api/lock", "/lock", "/api/unlock", "/unlock"),
    *("/api/switch", "/api/level", "/api/mode"),
]
TAKES_AN_OBJECT = [*TAKES_A_DEVICE, "/api/config", "/api/oauth/exchange"]
NO_OBJECT = {
    "nothing": b"",
    "half": b'{"id": ',
    "words": b"open sesame",
    "a list": b"[]",
    "a string": b'"id"',
    "null": b"null",
    "a number": b"5",
    "not a number": b"NaN",
    "no text": b"\xff\xfe{}",
    "a deep hole": b"[" * 30000,
    "a deep hole of objects": b'{"id":' * 10000,
}
NO_DEVICE: list[Any] = [
    {},
    {"id": None},
    {"id": ""},
    {"id": 5},
    {"id": True},
    {"id": [LOCK]},
    {"id": {"id": LOCK}},
    {"id": "x" * 5000},
    {"ID": LOCK},
]
NO_DEVICES: list[Any] = [
    {"devices": []},
    {"devices": LOCK},
    {"devices": {"id": LOCK}},
    {"devices": [None]},
    {"devices": [5]},
    {"devices": [{}]},
    {"devices": [{"id": None}]},
    {"devices": [["x"]]},
    {"devices": ["x" * 5000]},
]


@pytest.fixture(autouse=True)
async def nothing_happens(world: World, cloud: SimulatedCloud) -> Any:
    """Nothing is sent, nothing is changed, nobody is alarmed."""
    await world.start()
    await world.stop()
    before = on_disk(world, "options.json")
    yield
    assert cloud.calls.commands == []
    assert {key: on_disk(world, "options.json")[key] for key in before} == before
    log = (world.data_dir / "gateway.log").read_text()
    assert [line for line in log.splitlines() if " ERROR " in line] == []


async def raw(running: Running, path: str, data: bytes) -> tuple[int, Any]:
    return await running._answer(running.client.post(running.url + path, data=data, headers=JSON))


@pytest.mark.parametrize("path", TAKES_AN_OBJECT)
@pytest.mark.parametrize("data", NO_OBJECT.values(), ids=NO_OBJECT)
async def test_what_is_no_object_is_refused_in_words(
    running: Running, path: str, data: bytes
) -> None:
    assert is_error(await raw(running, path, data), 400, "invalid_request")


@pytest.mark.parametrize("path", TAKES_A_DEVICE)
@pytest.mark.parametrize("body", NO_DEVICE, ids=str)
async def test_what_names_no_device_is_refused_in_words(
    running: Running, path: str, body: Any
) -> None:
    assert is_error(await running.post(path, body), 400, "invalid_request")


@pytest.mark.parametrize("body", NO_DEVICES, ids=str)
async def test_what_lists_no_devices_is_refused_in_words(running: Running, body: Any) -> None:
    assert is_error(await running.post("/api/status", body), 400)


@pytest.mark.parametrize("query", ["?id=", f"?id={'x' * 5000}"])
async def test_a_question_about_no_device_is_refused_in_words(running: Running, query: str) -> None:
    assert is_error(await running.get(f"/api/status{query}"), 400)


@pytest.mark.parametrize("path", ["/api/status", "/api/unlock", "/api/oauth/exchange"])
@pytest.mark.parametrize("make", [lambda: b" " * 65537, lambda: b'{"id":"' + b"x" * 65536 + b'"}'])
async def test_a_body_over_the_limit_is_refused_in_words(
    running: Running, path: str, make: Callable[[], bytes]
) -> None:
    assert is_error(await raw(running, path, make()), 413)


async def test_a_body_of_the_largest_size_is_still_read(running: Running) -> None:
    body = f'{{"id": "{LOCK}"'.encode()
    status, _ = await raw(running, "/api/status", body + b" " * (65535 - len(body)) + b"}")
    assert status == 200


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/nothing", "/api/status/latest/more", "/favicon.ico", "/api/devices/x"],
)
async def test_an_address_nobody_knows_is_not_found(running: Running, path: str) -> None:
    assert is_error(await running.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/lock"),
        ("GET", "/unlock"),
        ("DELETE", "/api/devices"),
        ("POST", "/api/devices"),
        ("PUT", "/api/config"),
        ("PATCH", "/api/status"),
        ("POST", "/health"),
        ("GET", "/api/status/refresh"),
        ("GET", "/logs/clear"),
        ("GET", "/api/oauth/refresh"),
        ("GET", "/api/oauth/exchange"),
        ("DELETE", "/logs"),
    ],
)
async def test_a_method_that_an_address_does_not_take_is_refused_in_words(
    running: Running, method: str, path: str
) -> None:
    request = running.client.request(method, running.url + path)
    assert is_error(await running._answer(request), 405)


async def test_unknown_extras_in_a_command_do_no_harm(running: Running) -> None:
    body = {"id": LOCK, "entity_id": "lock.front", "devices": None, "more": {"a": [1]}}
    status, _ = await running.post("/api/status", body | {"devices": [LOCK]})
    assert status == 200

"""How these tests ask the gateway, and how they read what it says."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from tests.conftest import LOCK, Running, World
from utec_gateway.simulator.virtual_time import VirtualClock

PATIENCE = 10.0
"""The 1.5 integration gives up on a request after so many seconds."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many virtual seconds."""

    status: int
    body: Any
    seconds: float


async def timed(
    clock: VirtualClock, request: Awaitable[tuple[int, Any]], limit: float = PATIENCE
) -> Answer:
    """Let time pass until the request is answered; TimeoutError after the limit."""
    began = clock.monotonic()
    ended: list[float] = []
    task = asyncio.ensure_future(request)
    task.add_done_callback(lambda _: ended.append(clock.monotonic()))
    try:
        await clock.until(task.done, limit)
    finally:
        if not task.done():
            task.cancel()
    status, body = await task
    return Answer(status, body, ended[0] - began)


async def together(
    clock: VirtualClock, *requests: Awaitable[tuple[int, Any]], limit: float = PATIENCE
) -> list[tuple[int, Any]]:
    """Ask everything at once and let time pass until all is answered."""
    asked = asyncio.gather(*requests)
    await clock.until(asked.done, limit)
    return await asked


async def command(running: Running, name: str, device_id: str = LOCK) -> Answer:
    """Send `lock` or `unlock` as the 1.5 integration does."""
    return await timed(running.clock, running.post(f"/api/{name}", {"id": device_id}))


def states_of(body: Any, device_id: str = LOCK) -> dict[tuple[str, str], Any]:
    """Return the states of one device by capability and name, spelt as they came."""
    for device in body["payload"]["devices"]:
        if device["id"] == device_id:
            return {(each["capability"], each["name"]): each["value"] for each in device["states"]}
    raise AssertionError(f"{device_id} is not in the answer")


def lock_state(body: Any, device_id: str = LOCK) -> str | None:
    """Return `st.lock/lockState`, None when it is left out."""
    value: str | None = states_of(body, device_id).get(("st.lock", "lockState"))
    return value


def health_of(body: Any, device_id: str = LOCK) -> str:
    """Return `st.healthCheck/status`."""
    value: str = states_of(body, device_id)["st.healthCheck", "status"]
    return value


async def shown(running: Running, device_id: str = LOCK) -> str | None:
    """Return the lock state that the gateway shows now."""
    status, body = await running.post("/api/status", {"id": device_id})
    assert status == 200
    return lock_state(body, device_id)


def is_error(answer: tuple[int, Any], status: int, code: str | None = None) -> bool:
    """Tell whether this is the one shape of error, with a sentence a person can use."""
    found, body = answer
    assert isinstance(body, dict), f"{found} is no JSON object: {body!r}"
    assert isinstance(body["detail"], str), body
    assert " " in body["detail"].strip(), f"no sentence: {body['detail']!r}"
    assert isinstance(body["code"], str), body
    assert body["code"], body
    assert (found, body["code"]) == (status, code or body["code"]), body
    return True


def saved_state(world: World) -> dict[str, Any]:
    """Return the state file."""
    state: dict[str, Any] = json.loads((world.data_dir / "state.json").read_text())
    return state


def saved_notifications(world: World) -> list[dict[str, Any]]:
    """Return what people are being told, as the disk has it; the first one makes the file."""
    path = world.data_dir / "issues.json"
    saved: list[dict[str, Any]] = (
        json.loads(path.read_text())["notifications"] if path.exists() else []
    )
    return saved


def saved_options(world: World) -> dict[str, Any]:
    """Return the options file."""
    options: dict[str, Any] = json.loads((world.data_dir / "options.json").read_text())
    return options


def bearer(world: World) -> dict[str, str]:
    """Return the header that logs a client in."""
    return {"Authorization": f"Bearer {saved_state(world)['api_key']}"}

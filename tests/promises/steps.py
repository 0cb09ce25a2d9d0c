"""What every promise needs: an owner's eyes, and a hand that lets time pass meanwhile."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.conftest import LOCK, Running, World
from utec_gateway.simulator.cloud import SimulatedCloud

T = TypeVar("T")

HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0
REFRESH = "token/refresh_token"
QUERY, DISCOVERY, COMMAND = "Device/Query", "Device/Discovery", "Device/Command"
STEP = 0.25
"""Virtual seconds between two looks at whether something is done."""
ANSWER_WITHIN = 9.0
"""Virtual seconds; the contract says eight, the integration gives up after ten."""


async def meanwhile(running: Running, work: Awaitable[T]) -> T:
    """Let virtual time pass until `work` is done."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await running.clock.advance(STEP)
    return await task


async def states(running: Running, device_id: str = LOCK) -> dict[str, Any]:
    """Return what the integration is told of a device, by the name of the reading."""
    status, answer = await running.get("/api/status", params={"id": device_id})
    assert status == 200, answer
    (device,) = answer["payload"]["devices"]
    return {f"{s['capability']}/{s['name']}": s["value"] for s in device["states"]}


async def bolt(running: Running, device_id: str = LOCK) -> str | None:
    """Return the lock state that the owner sees; None when it is left out."""
    value: str | None = (await states(running, device_id)).get("st.lock/lockState")
    return value


async def health(running: Running) -> str:
    """Return the gateway's word about itself."""
    status, answer = await running.get("/health")
    assert status == 200
    return str(answer["health"])


async def device_names(running: Running) -> list[str]:
    """Return the names in the owner's list of devices."""
    status, answer = await running.get("/api/devices")
    assert status == 200, answer
    return [entry["name"] for entry in answer["payload"]["devices"]]


async def command(running: Running, verb: str, device_id: str = LOCK) -> tuple[int, Any]:
    """Give a command as the integration does, which waits ten seconds; return the answer."""
    asked_at = running.clock.monotonic()
    answer = await meanwhile(running, running.post(f"/api/{verb}", {"id": device_id}))
    duration = running.clock.monotonic() - asked_at
    assert duration <= ANSWER_WITHIN, f"{verb} was answered after {duration} s: {answer}"
    return answer


async def refresh(running: Running) -> tuple[int, Any]:
    """Press the button "renew now"."""
    return await meanwhile(running, running.post("/api/oauth/refresh"))


def refreshes(cloud: SimulatedCloud) -> int:
    """Return how many renewals have reached the cloud."""
    return cloud.calls.by_action[REFRESH]


def token_requests(cloud: SimulatedCloud) -> int:
    """Return how many requests of either grant have reached the token endpoint."""
    return refreshes(cloud) + cloud.calls.by_action["token/authorization_code"]


def on_disk(world: World, name: str = "state.json") -> dict[str, Any]:
    """Return what a restart would find."""
    content: dict[str, Any] = json.loads((world.data_dir / name).read_bytes())
    return content


def edit_expiry(world: World, when: datetime) -> None:
    """Edit `expires_at` by hand, as people do to test a renewal."""
    content = on_disk(world)
    content["token"]["expires_at"] = when.isoformat()
    (world.data_dir / "state.json").write_text(json.dumps(content))


async def back_to_normal(running: Running, within: float = 1000.0) -> None:
    """Assert that, the fault being over, everything heals without anybody's help."""
    await running.clock.advance(within)
    assert await health(running) == "healthy"
    assert await bolt(running) == "Locked"
    assert await device_names(running) == ["Front Door", "Back Door"]


def assert_signed_in(running: Running) -> None:
    """Assert that nobody is asked to sign in, and that there is a token that has not run out."""
    assert not running.gateway.account.tokens.reauth_required
    assert lifetime_left(running) > timedelta(0)


def lifetime_left(running: Running) -> timedelta:
    """Return for how long the present access token is good."""
    token = running.gateway.account.tokens.token
    assert token is not None
    return token.expires_at - running.clock.now()


def open_notifications(running: Running) -> list[str]:
    """Return the ids of what the owner is being told."""
    return [one.id for one in running.gateway.tracker.open]


async def sign_in_again(world: World, running: Running) -> tuple[int, Any]:
    """Sign in as a person does, by the code that the browser brings back."""
    code = world.cloud.issue_code(world.options["redirect_uri"])
    return await running.post("/api/oauth/exchange", {"code": code})

"""What tests do with a gateway and how they read what it says: an owner's eyes and hands."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from yarl import URL

from tests.conftest import LOCK, Running, World
from utec_gateway.core.models import Device
from utec_gateway.core.outcome import CommandOutcome, EndedCommand
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock

T = TypeVar("T")
HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0
REFRESH = "token/refresh_token"
QUERY, DISCOVERY, COMMAND = "Device/Query", "Device/Discovery", "Device/Command"
STEP = 0.25
"""Virtual seconds between two looks at whether something is done."""
ANSWER_WITHIN = 9.0
"""Virtual seconds; the contract says eight, the integration gives up after ten."""
PATIENCE = 10.0
"""The 1.5 integration gives up on a request after so many seconds."""


class Answer(NamedTuple):
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


def ended_command(device: str, outcome: CommandOutcome) -> EndedCommand:
    """Return the end of a command for a device of that name."""
    return EndedCommand(Device("id", {"name": device}), outcome)


async def command(running: Running, verb: str, device_id: str = LOCK) -> Answer:
    """Send `lock` or `unlock` as the 1.5 integration does, which gives up after ten seconds."""
    answer = await timed(running.clock, running.post(f"/api/{verb}", {"id": device_id}))
    assert answer.seconds <= ANSWER_WITHIN, f"{verb}: {answer}"
    return answer


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


def saved_notifications(world: World) -> list[dict[str, Any]]:
    """Return what people are being told, as the disk has it; the first one makes the file."""
    path = world.data_dir / "issues.json"
    saved: list[dict[str, Any]] = (
        json.loads(path.read_text())["notifications"] if path.exists() else []
    )
    return saved


def bearer(world: World) -> dict[str, str]:
    """Return the header that logs a client in."""
    return {"Authorization": f"Bearer {on_disk(world)['api_key']}"}


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
    told = states_of(answer, device_id)
    return {f"{capability}/{name}": value for (capability, name), value in told.items()}


async def bolt(running: Running, device_id: str = LOCK) -> str | None:
    """Return the lock state that the owner sees; None when it is left out."""
    value: str | None = (await states(running, device_id)).get("st.lock/lockState")
    return value


async def plugin(running: Running, name: str) -> dict[str, Any]:
    """Return what the API says of a plugin."""
    _, answer = await running.get("/api/plugins")
    found: dict[str, Any] = next(one for one in answer["plugins"] if one["name"] == name)
    return found


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


async def refresh(running: Running) -> tuple[int, Any]:
    """Press the button that refreshes the sign-in."""
    return await meanwhile(running, running.post("/api/oauth/refresh"))


def refreshes(cloud: SimulatedCloud) -> int:
    """Return how many refreshes have reached the cloud."""
    return cloud.calls.by_action[REFRESH]


def token_requests(cloud: SimulatedCloud) -> int:
    """Return how many requests of either grant have reached the token endpoint."""
    return refreshes(cloud) + cloud.calls.by_action["token/authorization_code"]


def on_disk(world: World, name: str = "state.json") -> dict[str, Any]:
    """Return what a restart would find."""
    content: dict[str, Any] = json.loads((world.data_dir / name).read_bytes())
    return content


def edit_expiry(world: World, when: datetime) -> None:
    """Edit `expires_at` by hand, as people do to test a refresh."""
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


async def open_page(running: Running) -> tuple[int, str, URL]:
    """Follow the gateway's link to the sign-in page, as a browser does."""
    status, answer = await running.get("/api/oauth/authorize-url")
    assert status == 200
    async with running.client.get(answer["url"]) as page:
        return page.status, await page.text(), page.url


async def click_allow(running: Running, page: URL) -> str:
    """Click on Allow; return the address that the browser then shows."""
    form = {**page.query, "decision": "allow"}
    accept = page.with_path("/login/accept").with_query(None)
    async with running.client.post(accept, data=form, allow_redirects=False) as answer:
        assert answer.status == 302
        return answer.headers["Location"]

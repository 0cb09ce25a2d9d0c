from typing import Any

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import on_disk, together
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import GrantErrorShape

SECRETS = ("SIM-ACCESS", "SIM-REFRESH", "SIM-CODE", "SIM-SECRET")
READS = [
    "/health",
    "/api/devices",
    "/devices",
    f"/api/status?id={LOCK}",
    "/api/status/latest",
    "/api/config",
    "/api/oauth/authorize-url",
    "/logs",
    "/oauth/callback?code=SIM-CODE-a&state=x",
    "/oauth/callback?error=SIM-CODE-b",
    "/nowhere/SIM-CODE-c",
    "/api/status?id=SIM-CODE-d",
]
WRITES: list[tuple[str, Any]] = [
    ("/api/status", {"id": LOCK}),
    ("/api/status/refresh", None),
    ("/api/unlock", {"id": LOCK}),
    ("/api/config", {"refresh_buffer_minutes": 8}),
    ("/api/config", {"secret_key": "SIM-SECRET-b", "refresh_buffer_minutes": 99}),
    ("/api/oauth/exchange", {"code": "SIM-CODE-e"}),
    ("/api/oauth/exchange", {"callback_url": "http://localhost:9501/?code=SIM-CODE-f&state=z"}),
    ("/api/oauth/exchange", {"callback_url": "SIM-CODE-g"}),
    ("/api/oauth/refresh", None),
]


async def everything_answered(running: Running) -> str:
    """Call everything once and return all that came back."""
    answers = [await together(running.clock, running.get(path), limit=300) for path in READS]
    for path, body in WRITES:
        answers.append(await together(running.clock, running.post(path, body), limit=300))
    return str(answers)


async def live(world: World, cloud: SimulatedCloud) -> str:
    """Live through good and bad days; return all answers."""
    running = await world.start(log_level="debug")
    code = cloud.issue_code(world.options["redirect_uri"])
    answers = await everything_answered(running)
    answers += str(await running.post("/api/oauth/exchange", {"code": code}))
    answers += str(await running.post("/api/oauth/exchange", {"code": code}))
    token = on_disk(world)["token"]
    echo = f"{token['access_token']} {token['refresh_token']} {cloud.client_secret}"
    cloud.faults.fail("/action", body=echo, times=8)
    cloud.faults.fail("/token", body=echo, times=8)
    await running.clock.advance(61)
    answers += await everything_answered(running)
    cloud.faults.clear()
    cloud.faults.answer("/token", {"error": "invalid_grant", "error_description": echo}, times=1)
    answers += await everything_answered(running)
    cloud.behaviour.oauth.grant_error_shape = GrantErrorShape.ENVELOPE_MESSAGE
    cloud.revoke_everything()
    await running.clock.advance(300)
    answers += await everything_answered(running)
    key = on_disk(world)["api_key"]
    answers += str(await running.get(f"/k/{key}/nowhere"))
    answers += str(await running.get(f"/k/{key}x/api/devices"))
    answers += str(await running.get("/api/devices", headers={"Authorization": f"Bearer {key}y"}))
    return answers


async def test_no_answer_and_no_line_of_the_log_gives_a_secret_away(
    world: World, cloud: SimulatedCloud
) -> None:
    answers = await live(world, cloud)
    log = "".join(path.read_text() for path in world.data_dir.glob("gateway.log*"))
    key = on_disk(world)["api_key"]
    for secret in (*SECRETS, key):
        lines = [line for line in log.splitlines() if secret in line]
        assert lines == []
        assert secret not in answers


async def test_device_ids_are_shortened_in_the_log(world: World, cloud: SimulatedCloud) -> None:
    await live(world, cloud)
    cloud.devices[OTHER_LOCK].go_offline()
    log = (world.data_dir / "gateway.log").read_text()
    assert [line for line in log.splitlines() if LOCK in line or OTHER_LOCK in line] == []


async def test_the_options_are_not_logged_with_their_secrets(world: World) -> None:
    email = {"enabled": False, "password": "SIM-SECRET-mail", "recipients": "wrong"}
    running = await world.start(log_level="debug", email=email)
    answers = str(await running.get("/api/config")) + str(await running.get("/health"))
    assert "SIM-SECRET" not in answers + (world.data_dir / "gateway.log").read_text()


async def test_lasting_secrets_are_known_however_many_passing_ones_there_were(
    world: World, cloud: SimulatedCloud
) -> None:
    world.environment["SUPERVISOR_TOKEN"] = "SIM-SECRET-supervisor"
    running = await world.start(email={"password": "SIM-SECRET-mail"})
    state = running.gateway.store.state
    assert state.token
    lasting = [cloud.client_secret, "SIM-SECRET-mail", "SIM-SECRET-supervisor", state.api_key]
    lasting += [state.token.access_token, state.token.refresh_token or ""]
    for _ in range(310):
        await running.get("/api/oauth/authorize-url")
    assert (await running.post("/api/oauth/refresh"))[0] == 200
    assert running.gateway.redactor.redact(" ".join(lasting)) == " ".join(["***"] * len(lasting))

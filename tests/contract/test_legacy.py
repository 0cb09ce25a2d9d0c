import json
from typing import Any

import pytest

from tests.conftest import LOCK, World
from tests.steps import on_disk
from utec_gateway.simulator.cloud import SimulatedCloud

REDIRECT = "http://localhost:9501"


def of_1_3(cloud: SimulatedCloud) -> dict[str, Any]:
    issued = cloud.issue_tokens()
    return {
        "base_url": cloud.url,
        "oauth_base_url": cloud.url,
        "access_key": cloud.client_id,
        "secret_key": cloud.client_secret,
        "redirect_url": REDIRECT,
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "token_expires_in": issued.expires_in,
    }


def of_1_5(cloud: SimulatedCloud, expires_at: str = "2026-01-10T09:30:00") -> dict[str, Any]:
    issued = cloud.issue_tokens()
    return {
        "api_base_url": cloud.url,
        "oauth_base_url": cloud.url,
        "action_path": "/action",
        "access_key": cloud.client_id,
        "secret_key": cloud.client_secret,
        "scope": "openapi",
        "redirect_uri": REDIRECT,
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "token_expires_at": expires_at,
    }


GENERATIONS = pytest.mark.parametrize("generation", [of_1_3, of_1_5])


def leave_behind(world: World, config: dict[str, Any]) -> bytes:
    path = world.data_dir / "config.json"
    path.write_text(json.dumps(config, indent=2))
    return path.read_bytes()


@GENERATIONS
async def test_an_owner_of_the_old_gateway_need_not_sign_in_again(
    world: World, cloud: SimulatedCloud, generation: Any
) -> None:
    before = leave_behind(world, generation(cloud))
    async with world.as_it_is() as running:
        await running.clock.advance(61)
        status, _ = await running.post("/api/status", {"id": LOCK})
        assert status == 200
        _, health = await running.get("/health")
        assert health["health"] == "healthy"
        status, _ = await running.post("/api/oauth/refresh")
        assert status == 200
    assert (world.data_dir / "config.json").read_bytes() == before
    assert cloud.calls.by_action["token/authorization_code"] == 0


@GENERATIONS
async def test_the_old_credentials_become_options(
    world: World, cloud: SimulatedCloud, generation: Any
) -> None:
    leave_behind(world, generation(cloud))
    async with world.as_it_is() as running:
        _, body = await running.get("/api/config")
    assert (body["access_key"], body["secret_key"]) == ("***", "***")
    assert (body["api_base_url"], body["oauth_base_url"]) == (cloud.url, cloud.url)
    assert body["redirect_uri"] == REDIRECT
    saved = on_disk(world, "options.json")
    assert (saved["client_id"], saved["client_secret"]) == (cloud.client_id, cloud.client_secret)


async def test_an_old_token_that_has_run_out_is_renewed(
    world: World, cloud: SimulatedCloud
) -> None:
    leave_behind(world, of_1_5(cloud, "2026-01-05T11:59:00"))
    async with world.as_it_is() as running:
        await running.clock.advance(61)
        assert (await running.get("/api/devices"))[0] == 200
    assert cloud.calls.by_action["token/refresh_token"] == 1


@GENERATIONS
async def test_the_old_file_is_read_only_once(
    world: World, cloud: SimulatedCloud, generation: Any
) -> None:
    leave_behind(world, generation(cloud))
    async with world.as_it_is():
        pass
    token = on_disk(world)["token"]
    leave_behind(world, generation(cloud) | {"secret_key": "changed"})
    async with world.as_it_is():
        pass
    assert on_disk(world)["token"]["refresh_token"] == token["refresh_token"]
    assert on_disk(world, "options.json")["client_secret"] == cloud.client_secret

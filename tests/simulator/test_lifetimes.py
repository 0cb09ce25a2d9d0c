"""Rows A6 to A12: how codes, access tokens and refresh tokens live and die."""

import pytest

from tests.simulator.conftest import Client
from utec_gateway.simulator.enums import Rotation
from utec_gateway.simulator.virtual_time import VirtualClock

INVALID = {"error": "invalid_grant", "error_description": "Invalid refresh token"}


async def test_the_old_refresh_token_survives_a_refresh(client: Client, refresh_token: str) -> None:
    answer = await client.refresh(refresh_token)
    assert answer.body["data"]["refresh_token"] not in {None, refresh_token}
    assert (await client.refresh(refresh_token)).granted


@pytest.mark.parametrize("used", ["access_token", "refresh_token"])
async def test_the_old_refresh_token_may_die_when_a_new_one_is_used(
    client: Client, refresh_token: str, used: str
) -> None:
    client.cloud.behaviour.oauth.rotation = Rotation.REVOKE_ON_FIRST_USE
    await client.refresh(refresh_token)
    new = (await client.refresh(refresh_token)).body["data"]
    if used == "access_token":
        client.access_token = new["access_token"]
        await client.act("User/Get")
    else:
        await client.refresh(new["refresh_token"])
    assert (await client.refresh(refresh_token)).body == INVALID


async def test_there_may_be_no_new_refresh_token(client: Client, refresh_token: str) -> None:
    client.cloud.behaviour.oauth.rotation = Rotation.NO_NEW_TOKEN
    assert "refresh_token" not in (await client.refresh(refresh_token)).body["data"]
    assert (await client.refresh(refresh_token)).granted


async def test_a_refresh_token_may_die_of_age(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.oauth.refresh_token_lifetime = 60
    issued = (await client.redeem(client.cloud.issue_code())).body["data"]
    await clock.advance(60)
    expired = await client.refresh(issued["refresh_token"])
    assert expired.body["error_description"] == "Refresh token has expired"


async def test_a_code_is_good_once(client: Client) -> None:
    code = client.cloud.issue_code()
    assert (await client.redeem(code)).granted
    assert (await client.redeem(code)).body["error"] == "invalid_grant"
    client.cloud.behaviour.oauth.code_reusable = True
    code = client.cloud.issue_code()
    assert (await client.redeem(code)).granted
    assert (await client.redeem(code)).granted


async def test_a_token_may_die_of_use(client: Client) -> None:
    client.cloud.behaviour.oauth.access_token_calls = 2
    client.access_token = client.cloud.issue_tokens().access_token
    answers = [(await client.act("User/Get")).payload for _ in range(3)]
    assert ["error" in payload for payload in answers] == [False, False, True]


@pytest.mark.parametrize("revokes", [False, True])
async def test_logout_may_unlink(client: Client, revokes: bool) -> None:
    client.cloud.behaviour.oauth.logout_revokes = revokes
    assert (await client.act("User/Logout")).payload == {}
    assert ("error" in (await client.act("User/Get")).payload) is revokes

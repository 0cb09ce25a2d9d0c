"""Rows A3 to A12: the token endpoint."""

import asyncio

import pytest
from aiohttp import ClientError

from tests.simulator.conftest import Answer, Client
from utec_gateway.simulator.choices import (
    ExpiresInShape,
    GrantErrorShape,
    Rotation,
    TokenShape,
)
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock

INVALID = {"error": "invalid_grant", "error_description": "Invalid refresh token"}


def refresh_token(cloud: SimulatedCloud) -> str:
    token = cloud.issue_tokens().refresh_token
    assert token is not None
    return token


def succeeded(answer: Answer) -> bool:
    return answer.status == 200 and "access_token" in answer.body.get("data", answer.body)


async def test_get_needs_no_secret_but_post_does(client: Client) -> None:
    query = {"grant_type": "authorization_code", "client_id": client.cloud.client_id}
    by_get = await client.get("/token", params={**query, "code": client.cloud.issue_code()})
    by_post = await client.post("/token", data={**query, "code": client.cloud.issue_code()})
    assert succeeded(by_get)
    assert by_post.body["error"] == "invalid_client"


async def test_get_may_need_the_secret_too(client: Client) -> None:
    client.cloud.behaviour.oauth.client_secret_required = True
    query = {"grant_type": "authorization_code", "client_id": client.cloud.client_id}
    answer = await client.get("/token", params={**query, "code": client.cloud.issue_code()})
    assert answer.body["error"] == "invalid_client"


async def test_a_wrong_secret_is_refused_either_way(client: Client) -> None:
    wrong = {
        "grant_type": "refresh_token",
        "client_id": client.cloud.client_id,
        "client_secret": "wrong",
        "refresh_token": refresh_token(client.cloud),
    }
    assert (await client.get("/token", params=wrong)).body["error"] == "invalid_client"
    assert (await client.post("/token", data=wrong)).body["error"] == "invalid_client"


async def test_a_post_with_a_query_and_no_form_is_refused(client: Client) -> None:
    query = {
        "grant_type": "refresh_token",
        "client_id": client.cloud.client_id,
        "client_secret": client.cloud.client_secret,
        "refresh_token": refresh_token(client.cloud),
    }
    assert (await client.post("/token", params=query)).body["error"] == "invalid_request"
    client.cloud.behaviour.oauth.post_query_accepted = True
    assert succeeded(await client.post("/token", params=query))


async def test_tokens_come_in_an_envelope(client: Client) -> None:
    answer = await client.redeem(client.cloud.issue_code())
    assert answer.body["code"] == 200
    assert answer.body["data"].keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "refresh_token",
    }
    assert answer.body["data"]["expires_in"] == 601200


async def test_tokens_may_come_flat(client: Client) -> None:
    client.cloud.behaviour.oauth.token_shape = TokenShape.FLAT
    assert "access_token" in (await client.redeem(client.cloud.issue_code())).body


async def test_each_grant_may_have_its_own_shape(client: Client) -> None:
    client.cloud.behaviour.oauth.refresh_token_shape = TokenShape.FLAT
    assert "data" in (await client.redeem(client.cloud.issue_code())).body
    assert "access_token" in (await client.refresh(refresh_token(client.cloud))).body


async def test_shapes_may_alternate(client: Client) -> None:
    client.cloud.behaviour.oauth.token_shape = TokenShape.ALTERNATING
    answers = [await client.redeem(client.cloud.issue_code()) for _ in range(4)]
    assert ["data" in answer.body for answer in answers] == [True, False, True, False]


async def test_a_token_dies_when_it_said_it_would(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.oauth.expires_in = 10
    client.access_token = client.cloud.issue_tokens().access_token
    await clock.advance(9)
    assert "user" in (await client.act("User/Get")).payload
    await clock.advance(1)
    assert (await client.act("User/Get")).error_code == "INVALID_TOKEN"


@pytest.mark.parametrize(
    ("shape", "written"), [(ExpiresInShape.STRING, "601200"), (ExpiresInShape.MISSING, None)]
)
async def test_expires_in_may_be_text_or_missing(
    client: Client, shape: ExpiresInShape, written: str | None
) -> None:
    client.cloud.behaviour.oauth.expires_in_shape = shape
    answer = await client.redeem(client.cloud.issue_code())
    assert answer.body["data"].get("expires_in") == written


async def test_the_old_refresh_token_survives_a_refresh(client: Client) -> None:
    old = refresh_token(client.cloud)
    answer = await client.refresh(old)
    assert answer.body["data"]["refresh_token"] not in {None, old}
    assert succeeded(await client.refresh(old))


async def test_a_refresh_token_may_be_good_only_once(client: Client) -> None:
    client.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    old = refresh_token(client.cloud)
    assert succeeded(await client.refresh(old))
    assert (await client.refresh(old)).body == INVALID


@pytest.mark.parametrize("used", ["access_token", "refresh_token"])
async def test_the_old_refresh_token_may_die_when_a_new_one_is_used(
    client: Client, used: str
) -> None:
    client.cloud.behaviour.oauth.rotation = Rotation.REVOKE_ON_FIRST_USE
    old = refresh_token(client.cloud)
    await client.refresh(old)
    new = (await client.refresh(old)).body["data"]
    if used == "access_token":
        client.access_token = new["access_token"]
        await client.act("User/Get")
    else:
        await client.refresh(new["refresh_token"])
    assert (await client.refresh(old)).body == INVALID


async def test_there_may_be_no_new_refresh_token(client: Client) -> None:
    client.cloud.behaviour.oauth.rotation = Rotation.NO_NEW_TOKEN
    old = refresh_token(client.cloud)
    assert "refresh_token" not in (await client.refresh(old)).body["data"]
    assert succeeded(await client.refresh(old))


async def test_refresh_tokens_may_die_of_age_or_at_once(
    client: Client, clock: VirtualClock
) -> None:
    client.cloud.behaviour.oauth.refresh_token_lifetime = 60
    ageing, revoked = refresh_token(client.cloud), refresh_token(client.cloud)
    await clock.advance(60)
    expired = await client.refresh(ageing)
    assert expired.body["error_description"] == "Refresh token has expired"
    client.cloud.revoke_refresh_tokens()
    assert (await client.refresh(revoked)).body == INVALID


async def test_the_answer_may_be_lost_after_the_rotation(client: Client) -> None:
    client.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    client.cloud.faults.drop("token/refresh_token", after_acting=True, times=1)
    old = refresh_token(client.cloud)
    with pytest.raises(ClientError):
        await client.refresh(old)
    assert (await client.refresh(old)).body == INVALID


@pytest.mark.parametrize(
    ("shape", "status", "body"),
    [
        (GrantErrorShape.FLAT_200, 200, INVALID),
        (GrantErrorShape.ENVELOPE_MESSAGE, 200, {"code": 401, "message": "invalid_grant"}),
        (
            GrantErrorShape.ENVELOPE_DATA_MESSAGE,
            200,
            {"code": 401, "data": {"message": "invalid_grant: Invalid refresh token"}},
        ),
        (GrantErrorShape.RFC_400, 400, INVALID),
        (GrantErrorShape.RFC_401, 401, INVALID),
    ],
)
async def test_a_refused_grant_has_many_shapes(
    client: Client, shape: GrantErrorShape, status: int, body: object
) -> None:
    client.cloud.behaviour.oauth.grant_error_shape = shape
    answer = await client.refresh("SIM-REFRESH-nobody")
    assert (answer.status, answer.body) == (status, body)


async def test_all_grants_can_be_refused_for_a_while(client: Client) -> None:
    token = refresh_token(client.cloud)
    client.cloud.refuse_grants()
    assert (await client.refresh(token)).body == INVALID
    client.cloud.accept_grants()
    assert succeeded(await client.refresh(token))


async def test_the_token_endpoint_fails_in_passing(client: Client) -> None:
    faults = client.cloud.faults
    faults.fail("/token", times=1)
    faults.html("/token", times=1)
    faults.empty("/token", status=200, times=1)
    token = refresh_token(client.cloud)
    answers = [await client.refresh(token) for _ in range(4)]
    assert [answer.status for answer in answers] == [500, 200, 200, 200]
    assert answers[1].headers["Content-Type"].startswith("text/html")
    assert answers[2].body == ""
    assert succeeded(answers[3])


async def test_a_code_is_good_once(client: Client) -> None:
    code = client.cloud.issue_code()
    assert succeeded(await client.redeem(code))
    assert (await client.redeem(code)).body["error"] == "invalid_grant"
    client.cloud.behaviour.oauth.code_reusable = True
    code = client.cloud.issue_code()
    assert succeeded(await client.redeem(code))
    assert succeeded(await client.redeem(code))


async def test_a_code_must_be_redeemed_within_the_minute(
    client: Client, clock: VirtualClock
) -> None:
    code = client.cloud.issue_code()
    await clock.advance(45)
    assert (await client.redeem(code)).body["error"] == "invalid_grant"


async def test_a_code_belongs_to_its_redirect_uri(client: Client) -> None:
    code = client.cloud.issue_code("http://localhost:9501")
    answer = await client.redeem(code, redirect_uri="http://elsewhere.example")
    assert answer.body["error"] == "invalid_grant"


async def test_a_token_may_die_of_use(client: Client) -> None:
    client.cloud.behaviour.oauth.access_token_calls = 2
    client.access_token = client.cloud.issue_tokens().access_token
    answers = [(await client.act("User/Get")).payload for _ in range(3)]
    assert ["error" in payload for payload in answers] == [False, False, True]


async def test_a_token_may_die_now(client: Client) -> None:
    client.cloud.expire_access_tokens()
    assert (await client.act("User/Get")).error_code == "INVALID_TOKEN"


@pytest.mark.parametrize("revokes", [False, True])
async def test_logout_may_unlink(client: Client, revokes: bool) -> None:
    client.cloud.behaviour.oauth.logout_revokes = revokes
    assert (await client.act("User/Logout")).payload == {}
    assert ("error" in (await client.act("User/Get")).payload) is revokes


async def test_other_grants_do_not_exist(client: Client) -> None:
    answer = await client.token(grant_type="client_credentials")
    assert answer.body["error"] == "unsupported_grant_type"


async def test_refreshes_in_flight_are_counted(client: Client) -> None:
    client.cloud.faults.hang("token/refresh_token")
    token = refresh_token(client.cloud)
    flights = [asyncio.create_task(client.refresh(token)) for _ in range(3)]
    calls = client.cloud.calls
    while calls.refreshes_now < 3:
        await asyncio.wait(flights, timeout=0.001)
    client.cloud.faults.clear()
    assert all(succeeded(answer) for answer in await asyncio.gather(*flights))
    assert (calls.refreshes_now, calls.most_refreshes_at_once) == (0, 3)
    assert calls.refresh_tokens_presented == [token] * 3

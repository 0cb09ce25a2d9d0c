"""Rows A3 to A10: how the token endpoint is asked and what it answers."""

import asyncio

import pytest

from tests.simulator.conftest import Client
from utec_gateway.simulator.enums import ExpiresInShape, GrantErrorShape, TokenShape

INVALID = {"error": "invalid_grant", "error_description": "Invalid refresh token"}


async def test_get_needs_no_secret_but_post_does(client: Client) -> None:
    query = {"grant_type": "authorization_code", "client_id": client.cloud.client_id}
    by_get = await client.get("/token", params={**query, "code": client.cloud.issue_code()})
    by_post = await client.post("/token", data={**query, "code": client.cloud.issue_code()})
    assert by_get.granted
    assert by_post.body["error"] == "invalid_client"


async def test_get_may_need_the_secret_too(client: Client) -> None:
    client.cloud.behaviour.oauth.client_secret_required = True
    query = {"grant_type": "authorization_code", "client_id": client.cloud.client_id}
    answer = await client.get("/token", params={**query, "code": client.cloud.issue_code()})
    assert answer.body["error"] == "invalid_client"


async def test_a_wrong_secret_is_refused_either_way(client: Client, refresh_token: str) -> None:
    wrong = {
        "grant_type": "refresh_token",
        "client_id": client.cloud.client_id,
        "client_secret": "wrong",
        "refresh_token": refresh_token,
    }
    assert (await client.get("/token", params=wrong)).body["error"] == "invalid_client"
    assert (await client.post("/token", data=wrong)).body["error"] == "invalid_client"


async def test_a_post_with_a_query_and_no_form_is_refused(
    client: Client, refresh_token: str
) -> None:
    query = {
        "grant_type": "refresh_token",
        "client_id": client.cloud.client_id,
        "client_secret": client.cloud.client_secret,
        "refresh_token": refresh_token,
    }
    assert (await client.post("/token", params=query)).body["error"] == "invalid_request"
    client.cloud.behaviour.oauth.post_query_accepted = True
    assert (await client.post("/token", params=query)).granted


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


async def test_each_grant_may_have_its_own_shape(client: Client, refresh_token: str) -> None:
    client.cloud.behaviour.oauth.refresh_token_shape = TokenShape.FLAT
    assert "data" in (await client.redeem(client.cloud.issue_code())).body
    assert "access_token" in (await client.refresh(refresh_token)).body


async def test_shapes_may_alternate(client: Client) -> None:
    client.cloud.behaviour.oauth.token_shape = TokenShape.ALTERNATING
    answers = [await client.redeem(client.cloud.issue_code()) for _ in range(4)]
    assert ["data" in answer.body for answer in answers] == [True, False, True, False]


@pytest.mark.parametrize(
    ("shape", "written"), [(ExpiresInShape.STRING, "601200"), (ExpiresInShape.MISSING, None)]
)
async def test_expires_in_may_be_text_or_missing(
    client: Client, shape: ExpiresInShape, written: str | None
) -> None:
    client.cloud.behaviour.oauth.expires_in_shape = shape
    answer = await client.redeem(client.cloud.issue_code())
    assert answer.body["data"].get("expires_in") == written


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


async def test_the_token_endpoint_fails_in_passing(client: Client, refresh_token: str) -> None:
    faults = client.cloud.faults
    faults.fail("/token", times=1)
    faults.html("/token", times=1)
    faults.empty("/token", status=200, times=1)
    answers = [await client.refresh(refresh_token) for _ in range(4)]
    assert [answer.status for answer in answers] == [500, 200, 200, 200]
    assert answers[1].headers["Content-Type"].startswith("text/html")
    assert answers[2].body == ""
    assert answers[3].granted


async def test_other_grants_do_not_exist(client: Client) -> None:
    answer = await client.token(grant_type="client_credentials")
    assert answer.body["error"] == "unsupported_grant_type"


async def test_refreshes_in_flight_are_counted(client: Client, refresh_token: str) -> None:
    client.cloud.faults.hang("token/refresh_token")
    flights = [asyncio.create_task(client.refresh(refresh_token)) for _ in range(3)]
    calls = client.cloud.calls
    while calls.refreshes_now < 3:
        await asyncio.wait(flights, timeout=0.001)
    client.cloud.faults.clear()
    assert all(answer.granted for answer in await asyncio.gather(*flights))
    assert (calls.refreshes_now, calls.most_refreshes_at_once) == (0, 3)
    assert calls.refresh_tokens_presented == [refresh_token] * 3

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.conftest import Running, World
from tests.steps import click_allow, is_error, open_page, refreshes
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import CallbackParameter, TokenShape

LANDING = "http://localhost:9501"
EXCHANGE = "/api/oauth/exchange"


async def issued_state(running: Running) -> str:
    status, body = await running.get("/api/oauth/authorize-url")
    assert status == 200
    state: str = parse_qs(urlsplit(body["url"]).query)["state"][0]
    return state


def callback(cloud: SimulatedCloud, state: str | None = None, name: str = "code") -> str:
    query = {name: cloud.issue_code(LANDING)} | ({"state": state} if state else {})
    return f"{LANDING}/?{urlencode(query)}"


def exchanges(cloud: SimulatedCloud) -> int:
    return cloud.calls.by_action["token/authorization_code"]


async def is_signed_in(running: Running) -> bool:
    return bool((await running.get("/health"))[1]["token_valid"])


async def test_the_address_to_sign_in_at_carries_what_the_vendor_wants(
    signed_out: Running, cloud: SimulatedCloud
) -> None:
    status, body = await signed_out.get("/api/oauth/authorize-url")
    assert (status, body["success"]) == (200, True)
    address = urlsplit(body["url"])
    assert body["url"].startswith(f"{cloud.url}/authorize?")
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert len(query.pop("state")) >= 16
    assert query == {
        "response_type": "code",
        "client_id": cloud.client_id,
        "scope": "openapi",
        "redirect_uri": LANDING,
    }


async def test_every_sign_in_has_its_own_state(signed_out: Running) -> None:
    assert len({await issued_state(signed_out) for _ in range(5)}) == 5


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
async def test_no_sign_in_can_start_before_the_credentials_are_there(
    world: World, missing: str
) -> None:
    running = await world.start(sign_in=False, **{missing: ""})
    answer = await running.get("/api/oauth/authorize-url")
    assert is_error(answer, 400)
    assert missing in answer[1]["detail"]


@pytest.mark.parametrize("parameter", list(CallbackParameter))
@pytest.mark.parametrize("shape", list(TokenShape))
async def test_the_owner_signs_in_by_pasting_what_the_browser_shows(
    signed_out: Running, cloud: SimulatedCloud, parameter: CallbackParameter, shape: TokenShape
) -> None:
    cloud.behaviour.oauth.callback_parameter = parameter
    cloud.behaviour.oauth.token_shape = shape
    _, _, page = await open_page(signed_out)
    address = await click_allow(signed_out, page)
    status, body = await signed_out.post(EXCHANGE, {"callback_url": address})
    assert (status, body["status"]) == (200, "ok")
    assert body["expires_at"] == "2026-01-12T11:00:00+00:00"
    assert "SIM-" not in str(body)
    await signed_out.clock.settle()
    assert (await signed_out.get("/api/devices"))[0] == 200


@pytest.mark.parametrize("name", ["code", "authorization_code"])
async def test_a_bare_code_is_enough(signed_out: Running, cloud: SimulatedCloud, name: str) -> None:
    status, body = await signed_out.post(EXCHANGE, {name: cloud.issue_code(LANDING)})
    assert (status, body["status"]) == (200, "ok")
    assert await is_signed_in(signed_out)


@pytest.mark.parametrize("seconds", [0, 14 * 60 + 50])
async def test_a_state_of_ours_is_good_for_a_quarter_of_an_hour(
    signed_out: Running, cloud: SimulatedCloud, seconds: int
) -> None:
    state = await issued_state(signed_out)
    await signed_out.clock.advance(seconds)
    status, _ = await signed_out.post(EXCHANGE, {"callback_url": callback(cloud, state)})
    assert status == 200


async def test_a_state_older_than_that_is_refused(
    signed_out: Running, cloud: SimulatedCloud
) -> None:
    state = await issued_state(signed_out)
    await signed_out.clock.advance(15 * 60 + 1)
    await refused(signed_out, cloud, {"callback_url": callback(cloud, state)})


async def test_a_state_works_once(signed_out: Running, cloud: SimulatedCloud) -> None:
    state = await issued_state(signed_out)
    await signed_out.post(EXCHANGE, {"callback_url": callback(cloud, state)})
    cloud.calls.reset()
    status, body = await signed_out.post(EXCHANGE, {"callback_url": callback(cloud, state)})
    assert is_error((status, body), status)
    assert status in range(400, 500)
    assert exchanges(cloud) == 0


async def test_a_state_of_somebody_else_is_refused(
    signed_out: Running, cloud: SimulatedCloud
) -> None:
    await issued_state(signed_out)
    await refused(signed_out, cloud, {"callback_url": callback(cloud, "not-ours")})


async def test_a_state_given_beside_a_code_is_checked_as_well(
    signed_out: Running, cloud: SimulatedCloud
) -> None:
    body = {"code": cloud.issue_code(LANDING), "state": "not-ours"}
    await refused(signed_out, cloud, body)


async def refused(running: Running, cloud: SimulatedCloud, body: dict[str, Any]) -> None:
    status, answer = await running.post(EXCHANGE, body)
    assert is_error((status, answer), status)
    assert status in range(400, 500)
    assert exchanges(cloud) == 0
    assert not await is_signed_in(running)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": 5},
        {"callback_url": ""},
        {"callback_url": LANDING},
        {"callback_url": "not an address"},
        {"callback_url": "http://[broken"},
        {"callback_url": f"{LANDING}/?error=access_denied"},
        {"callback_url": ["x"]},
    ],
)
async def test_what_is_no_code_is_refused_in_words(
    signed_out: Running, cloud: SimulatedCloud, body: dict[str, Any]
) -> None:
    await refused(signed_out, cloud, body)


async def test_a_code_of_absurd_length_is_refused_in_words(signed_out: Running) -> None:
    status, body = await signed_out.post(EXCHANGE, {"code": "x" * 20000})
    assert is_error((status, body), status)
    assert not await is_signed_in(signed_out)


@pytest.mark.parametrize("name", ["callback_url", "code"])
async def test_an_address_and_a_code_are_read_wherever_they_were_pasted(
    signed_out: Running, cloud: SimulatedCloud, name: str
) -> None:
    address = callback(cloud, await issued_state(signed_out))
    for pasted in (f"It is “{address}”, thanks", f"'{cloud.issue_code(LANDING)}'"):
        assert (await signed_out.post(EXCHANGE, {name: pasted}))[0] == 200
    assert await is_signed_in(signed_out)


async def test_two_states_that_differ_are_refused(
    signed_out: Running, cloud: SimulatedCloud
) -> None:
    ours = await issued_state(signed_out)
    body = {"code": callback(cloud, "not-ours"), "state": ours}
    await refused(signed_out, cloud, body)


@pytest.mark.parametrize("shape", list(TokenShape))
async def test_a_renewal_on_request_is_told_as_the_old_gateway_did(
    running: Running, cloud: SimulatedCloud, shape: TokenShape
) -> None:
    cloud.behaviour.oauth.token_shape = shape
    await running.clock.advance(60)
    status, body = await running.post("/api/oauth/refresh")
    assert status == 200
    assert {
        "status": "ok",
        "message": "Token refreshed successfully",
        "expires_at": "2026-01-12T11:01:00+00:00",
    }.items() <= body.items()
    assert "SIM-" not in str(body)
    assert refreshes(cloud) == 1


async def test_nobody_signed_in_means_nothing_to_renew(world: World, cloud: SimulatedCloud) -> None:
    running = await world.start(sign_in=False)
    assert is_error(await running.post("/api/oauth/refresh"), 401, "reauth_required")
    assert refreshes(cloud) == 0

"""Rows A1 to A3: the pages a person sees."""

import re
from html import unescape
from typing import Any

import pytest
from yarl import URL

from tests.simulator.conftest import Answer, Client
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import CallbackParameter, CallbackState

REDIRECT_URI = "http://localhost:9501"


def question(cloud: SimulatedCloud, **changes: str | None) -> dict[str, str]:
    query = {
        "response_type": "code",
        "client_id": cloud.client_id,
        "scope": "openapi",
        "redirect_uri": REDIRECT_URI,
        "state": "a b&c=d/ü",
        **changes,
    }
    return {key: value for key, value in query.items() if value is not None}


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {unescape(name): unescape(value) for name, value in found}


async def click(client: Client, decision: str) -> dict[str, Any]:
    """Walk from /authorize over the form to the callback, as a browser would."""
    first = await client.get("/authorize", params=question(client.cloud))
    assert first.status == 302
    page = await client.session.get(URL(client.cloud.url).join(URL(first.headers["Location"])))
    form = hidden_fields(await page.text())
    back = await client.post("/login/accept", data={**form, "decision": decision})
    assert back.status == 302
    location = URL(back.headers["Location"])
    assert str(location.with_query(None)).rstrip("/") == REDIRECT_URI
    return dict(location.query)


async def refused(client: Client, **changes: str | None) -> Answer:
    return await client.get("/authorize", params=question(client.cloud, **changes))


async def test_a_click_on_allow_brings_a_code_that_buys_tokens(client: Client) -> None:
    callback = await click(client, "allow")
    answer = await client.redeem(callback["code"], redirect_uri=REDIRECT_URI)
    assert answer.body["data"]["access_token"].startswith("SIM-ACCESS-")


async def test_state_comes_back_untouched(client: Client) -> None:
    assert (await click(client, "allow"))["state"] == "a b&c=d/ü"


async def test_a_click_on_deny_brings_no_code(client: Client) -> None:
    assert await click(client, "deny") == {"error": "access_denied", "state": "a b&c=d/ü"}


@pytest.mark.parametrize(
    ("parameter", "names"),
    [
        (CallbackParameter.AUTHORIZATION_CODE, {"authorization_code"}),
        (CallbackParameter.BOTH, {"code", "authorization_code"}),
    ],
)
async def test_the_code_may_come_under_other_names(
    client: Client, parameter: CallbackParameter, names: set[str]
) -> None:
    client.cloud.behaviour.oauth.callback_parameter = parameter
    assert (await click(client, "allow")).keys() - {"state"} == names


async def test_an_attacker_may_drop_or_alter_state(client: Client) -> None:
    client.cloud.behaviour.oauth.callback_state = CallbackState.DROPPED
    assert "state" not in await click(client, "allow")
    client.cloud.behaviour.oauth.callback_state = CallbackState.ALTERED
    assert (await click(client, "allow"))["state"] != "a b&c=d/ü"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redirect_uri": REDIRECT_URI + "/"}, "Invalid redirect uri"),
        ({"redirect_uri": None}, "A redirect URI must be supplied when multiple"),
        ({"client_id": None}, "No client id supplied"),
        ({"client_id": "<mangled>"}, "Invalid client id"),
        ({"client_secret": "wrong"}, "Invalid client secret"),
        ({"response_type": "token"}, "Invalid or missing response type"),
    ],
)
async def test_a_refusal_stays_on_the_page(
    client: Client, changes: dict[str, str | None], words: str
) -> None:
    answer = await refused(client, **changes)
    assert answer.status == 400
    assert words in answer.body


async def test_the_error_page_may_claim_to_be_fine(client: Client) -> None:
    client.cloud.behaviour.oauth.error_page_status = 200
    assert (await refused(client, client_id="x")).status == 200


async def test_with_one_registered_uri_it_may_be_left_out(client: Client) -> None:
    client.cloud.behaviour.oauth.redirect_uris = (REDIRECT_URI,)
    assert (await refused(client, redirect_uri=None)).status == 302


async def test_with_no_registered_uri_nobody_comes_back(client: Client) -> None:
    client.cloud.behaviour.oauth.redirect_uris = ()
    assert "Invalid redirect uri" in (await refused(client)).body


async def test_the_secret_may_be_demanded_on_the_page(client: Client) -> None:
    client.cloud.behaviour.oauth.client_secret_required = True
    assert (await refused(client)).status == 400
    assert (await refused(client, client_secret=client.cloud.client_secret)).status == 302


async def test_what_the_client_sends_cannot_become_markup(client: Client) -> None:
    page = await client.get(
        "/login/auth", params=question(client.cloud, state='"><script>alert(1)</script>')
    )
    assert "<script>" not in page.body

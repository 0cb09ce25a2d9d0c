"""Rows A1 to A6 of the fault table: the sign-in page, the way back, and what a token looks like."""

from typing import Any

import pytest
from yarl import URL

from tests.conftest import Running, World
from tests.steps import (
    HOUR,
    REFRESH,
    assert_signed_in,
    back_to_normal,
    click_allow,
    health,
    open_notifications,
    open_page,
    refresh,
    refreshes,
)
from utec_gateway.simulator.enums import CallbackState, ExpiresInShape, TokenShape

ONE_URI = ("http://localhost:9501",)


async def paste(running: Running, address: str) -> tuple[int, Any]:
    """Paste that address into the gateway's panel."""
    return await running.post("/api/oauth/exchange", {"callback_url": address})


@pytest.mark.parametrize("registered", [ONE_URI, None], ids=["A1 one URI", "A1 two URIs"])
async def test_the_sign_in_link_leads_to_the_sign_in_page_and_back(
    registered: tuple[str, ...] | None, world: World
) -> None:
    if registered:
        world.cloud.behaviour.oauth.redirect_uris = registered
    running = await world.start(sign_in=False)
    status, _, page = await open_page(running)
    assert status == 200
    assert (await paste(running, await click_allow(running, page)))[0] == 200
    await world.clock.advance(30)
    assert await health(running) == "healthy"


@pytest.mark.parametrize("page_status", [400, 200], ids=["A1 none", "A1 none, page is HTTP 200"])
async def test_a_sign_in_page_that_refuses_the_address_leaves_the_old_sign_in_alone(
    page_status: int, world: World
) -> None:
    running = await world.start()
    world.cloud.behaviour.oauth.redirect_uris = ()
    world.cloud.behaviour.oauth.error_page_status = page_status
    status, text, _ = await open_page(running)
    assert status == page_status
    assert "Invalid redirect uri" in text
    assert_signed_in(running)
    assert (await refresh(running))[0] == 200


@pytest.mark.parametrize(
    ("fate", "pasted", "landed"),
    [
        pytest.param(CallbackState.ECHOED, 200, "Signed in", id="A2 state echoed"),
        pytest.param(CallbackState.DROPPED, 200, "Sign-in failed", id="A2 state dropped"),
        pytest.param(CallbackState.ALTERED, 400, "Sign-in failed", id="A2 state altered"),
    ],
)
async def test_somebody_elses_sign_in_cannot_be_slipped_in(
    fate: CallbackState, pasted: int, landed: str, world: World
) -> None:
    """A paste without state is the owner's own doing; a page the browser was led to is not."""
    world.cloud.behaviour.oauth.callback_state = fate
    running = await world.start()
    mine = running.gateway.account.tokens.token
    _, _, page = await open_page(running)
    address = URL(await click_allow(running, page))
    _, text = await running.get("/oauth/callback", params=address.query)
    assert landed in text
    if landed == "Sign-in failed":
        assert running.gateway.account.tokens.token == mine
    _, _, page = await open_page(running)
    assert (await paste(running, await click_allow(running, page)))[0] == pasted
    assert_signed_in(running)


async def test_a_token_endpoint_that_insists_on_the_secret_still_renews(world: World) -> None:
    """A3: required at the token endpoint."""
    world.cloud.behaviour.oauth.client_secret_required = True
    running = await world.start()
    assert (await refresh(running))[0] == 200


async def test_a_mistyped_secret_costs_no_sign_in_once_it_is_corrected(world: World) -> None:
    """A3: wrong secret."""
    running = await world.start()
    await running.post("/api/config", {"secret_key": "mistyped"})
    status, answer = await refresh(running)
    assert (status, answer["code"]) == (401, "reauth_required")
    await running.post("/api/config", {"secret_key": world.cloud.client_secret})
    assert (await refresh(running))[0] == 200
    assert open_notifications(running) == []
    await back_to_normal(running, within=60)


@pytest.mark.parametrize("lenient", [False, True], ids=["A4 form only", "A4 query accepted too"])
async def test_renewals_are_sent_in_the_form_that_u_tec_reads(lenient: bool, world: World) -> None:
    world.cloud.behaviour.oauth.post_query_accepted = lenient
    running = await world.start()
    assert (await refresh(running))[0] == 200


@pytest.mark.parametrize("by_code", TokenShape, ids=[f"A5 code {shape}" for shape in TokenShape])
@pytest.mark.parametrize("by_refresh", TokenShape, ids=[f"refresh {shape}" for shape in TokenShape])
async def test_every_shape_of_a_token_is_a_token_for_both_grants(
    by_code: TokenShape, by_refresh: TokenShape, world: World
) -> None:
    world.cloud.behaviour.oauth.token_shape = by_code
    world.cloud.behaviour.oauth.refresh_token_shape = by_refresh
    running = await world.start()
    for _ in range(3):
        before = running.gateway.account.tokens.token
        assert (await refresh(running))[0] == 200
        assert running.gateway.account.tokens.token != before
    await back_to_normal(running, within=60)


@pytest.mark.parametrize("shape", ExpiresInShape, ids=[f"A6 {shape}" for shape in ExpiresInShape])
async def test_a_lifetime_written_oddly_or_not_at_all_does_not_end_the_sign_in(
    shape: ExpiresInShape, world: World
) -> None:
    """The token really lives an hour, whatever is said: where it is unsaid, U-tec's no tells."""
    world.cloud.behaviour.oauth.expires_in_shape = shape
    world.cloud.behaviour.oauth.expires_in = 3600
    running = await world.start()
    for _ in range(5):
        await back_to_normal(running, within=HOUR)
    assert 4 <= refreshes(world.cloud) <= 6


async def test_tokens_that_live_ten_seconds_are_renewed_in_time_and_without_a_storm(
    world: World,
) -> None:
    """A6: 10 s."""
    world.cloud.behaviour.oauth.expires_in = 10
    running = await world.start()
    for _ in range(60):
        await world.clock.advance(7)
        assert_signed_in(running)
    assert refreshes(world.cloud) <= 7 * 60 / 4
    assert world.cloud.calls.busiest_minute(REFRESH) <= 15
    await back_to_normal(running, within=10)

"""The grants, asked of a real server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession

from tests.utec.given import Given
from utec_gateway.core.errors import (
    GrantRefusedError,
    OptionsError,
    TokenEndpointError,
)
from utec_gateway.core.models import Token
from utec_gateway.options.schema import Options
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.utec.oauth import TokenEndpoint
from utec_gateway.utec.transport import new_session


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with new_session() as opened:
        yield opened


@pytest.fixture
def options(cloud: SimulatedCloud) -> Options:
    return Options(
        client_id=cloud.client_id,
        client_secret=cloud.client_secret,
        redirect_uri=cloud.redirect_uris[0],
        oauth_base_url=cloud.url,
    )


@pytest.fixture
def endpoint(session: ClientSession, options: Options, clock: VirtualClock) -> TokenEndpoint:
    return TokenEndpoint(session, Given(options), clock)


async def signed_in(cloud: SimulatedCloud, endpoint: TokenEndpoint) -> Token:
    return await endpoint.exchange(cloud.issue_code(cloud.redirect_uris[0]))


async def test_without_a_refresh_token_nothing_is_asked(
    cloud: SimulatedCloud, endpoint: TokenEndpoint
) -> None:
    token = replace(await signed_in(cloud, endpoint), refresh_token=None)
    before = cloud.calls.by_action.total()
    with pytest.raises(GrantRefusedError, match="No refresh token available"):
        await endpoint.refresh(token)
    assert cloud.calls.by_action.total() == before


async def test_a_code_that_was_never_issued_is_refused(endpoint: TokenEndpoint) -> None:
    with pytest.raises(GrantRefusedError):
        await endpoint.exchange("made-up")


async def test_a_broken_connection_may_heal(cloud: SimulatedCloud, endpoint: TokenEndpoint) -> None:
    token = await signed_in(cloud, endpoint)
    cloud.faults.drop("/token")
    with pytest.raises(TokenEndpointError) as raised:
        await endpoint.refresh(token)
    assert type(raised.value) is TokenEndpointError


async def test_a_server_that_is_away_may_come_back(
    cloud: SimulatedCloud, endpoint: TokenEndpoint
) -> None:
    token = await signed_in(cloud, endpoint)
    await cloud.stop()
    with pytest.raises(TokenEndpointError):
        await endpoint.refresh(token)


async def test_the_sign_in_page_is_asked_for_by_the_registered_words(
    endpoint: TokenEndpoint, options: Options, cloud: SimulatedCloud
) -> None:
    address = urlsplit(endpoint.authorization_url("a state"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{cloud.url}/authorize"
    assert parse_qs(address.query, strict_parsing=True) == {
        "response_type": ["code"],
        "client_id": [options.client_id],
        "scope": ["openapi"],
        "redirect_uri": [options.redirect_uri],
        "state": ["a state"],
    }


async def test_the_client_secret_is_never_in_an_address(
    endpoint: TokenEndpoint, options: Options
) -> None:
    assert options.client_secret not in endpoint.authorization_url("s")


@pytest.mark.parametrize("name", ["client_id", "client_secret", "redirect_uri"])
async def test_before_signing_in_the_missing_setting_is_named(
    name: str, session: ClientSession, options: Options, clock: VirtualClock
) -> None:
    changes: dict[str, Any] = {name: ""}
    endpoint = TokenEndpoint(session, Given(replace(options, **changes)), clock)
    with pytest.raises(OptionsError) as raised:
        endpoint.authorization_url("s")
    assert raised.value.field == name

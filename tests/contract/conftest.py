"""Gateways as strangers and owners meet them."""

import pytest

from tests.conftest import Running, World


@pytest.fixture
async def closed(world: World) -> Running:
    """A gateway that trusts no network at all."""
    return await world.start(trusted_networks=[])


@pytest.fixture
async def signed_out(world: World) -> Running:
    """A gateway that has its credentials and no sign-in yet."""
    return await world.start(sign_in=False)

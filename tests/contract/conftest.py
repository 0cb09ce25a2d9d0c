"""Gateways as strangers and owners meet them."""

import pytest

from tests.conftest import Running, World
from tests.contract.starting import other_address


@pytest.fixture
async def closed(world: World) -> Running:
    """A gateway that trusts no network at all."""
    return await world.start(trusted_networks=[])


@pytest.fixture
async def signed_out(world: World) -> Running:
    """A gateway that has its credentials and no sign-in yet."""
    return await world.start(sign_in=False)


@pytest.fixture
def elsewhere() -> str:
    """Another address of this machine, as a neighbour on the network would have."""
    address = other_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    return address

"""A house whose access codes are managed."""

import pytest

from tests.access_codes.house import House
from tests.conftest import World


@pytest.fixture
async def house(world: World) -> House:
    return await House.start(world)

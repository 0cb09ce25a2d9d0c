"""Home Assistant's Core and the Supervisor in front of it, as doubles; a real MQTT broker."""

from collections.abc import AsyncIterator

import pytest

from tests.broker import Broker, running_broker
from tests.conftest import TOKEN, Running, World
from tests.home_assistant.core_double import CoreDouble, core_double
from tests.home_assistant.supervisor_proxy import SupervisorProxy, supervisor_proxy
from tests.plugins.home import CORE_TOKEN, start


@pytest.fixture
async def core() -> AsyncIterator[CoreDouble]:
    async with core_double(CORE_TOKEN) as started:
        yield started


@pytest.fixture
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """A broker that lets anybody in."""
    async with running_broker(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture
async def proxy(core: CoreDouble, world: World) -> AsyncIterator[SupervisorProxy]:
    """A Supervisor in front of Core, where the world's gateways find it."""
    async with supervisor_proxy(TOKEN, core.url, CORE_TOKEN) as started:
        world.supervisor = started.served.url
        world.environment["SUPERVISOR_TOKEN"] = TOKEN
        yield started
        await world.stop()


@pytest.fixture
async def home(world: World, proxy: SupervisorProxy) -> Running:  # noqa: ARG001 - it must be there
    """A gateway whose Home Assistant is there, and watched."""
    return await start(world)

"""A real Home Assistant Core, and the real gateway beside it; all of it in real time.

`scripts/test --with-home-assistant` makes the environment. Tests run on the session's loop, on
which Core was started.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from tests.broker import Broker, running_broker
from tests.browser.conftest import browser  # noqa: F401 - a fixture
from tests.conftest import TOKEN
from tests.home_assistant.core import Core, is_there, real_core
from tests.home_assistant.home import Home, new_home
from tests.home_assistant.supervisor_proxy import SupervisorProxy, supervisor_proxy
from tests.programs import must_have

MAKER = "scripts/test --with-home-assistant"


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"real": asyncio.SelectorEventLoop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def core(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Core]:
    folder = tmp_path_factory.mktemp("core")
    must_have(is_there=is_there(folder), what="Home Assistant Core", by=MAKER)
    async with real_core(folder) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """A broker that lets anybody in, and that Core does not know yet."""
    async with running_broker(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def mqtt(core: Core, broker: Broker) -> AsyncIterator[Broker]:
    """The broker that Core's MQTT integration uses; nothing is left of it in Core."""
    await core.add_mqtt(broker.host, broker.port)
    yield broker
    await core.remove_mqtt()


@pytest_asyncio.fixture(loop_scope="session")
async def reachable_core(core: Core) -> AsyncIterator[Core]:
    """Core with an address for access from outside: where the simulated cloud reaches it."""
    await core.set_external_url(core.url)
    yield core
    await core.set_external_url(None)


@pytest_asyncio.fixture(loop_scope="session")
async def supervisor(core: Core) -> AsyncIterator[SupervisorProxy]:
    async with supervisor_proxy(TOKEN, core.url, core.token) as proxy:
        yield proxy


@pytest_asyncio.fixture(loop_scope="session")
async def home(core: Core, supervisor: SupervisorProxy, tmp_path: Path) -> AsyncIterator[Home]:
    """A home whose gateway reaches Core through the Supervisor; nothing of ours is shown yet."""
    async with new_home(core, tmp_path) as built:
        built.supervisor = supervisor.served.url
        yield built


@pytest_asyncio.fixture(loop_scope="session")
async def lonely_home(core: Core, tmp_path: Path) -> AsyncIterator[Home]:
    """A home without a Supervisor."""
    async with new_home(core, tmp_path) as built:
        built.environment = {"HOME_ASSISTANT_URL": core.url, "HOME_ASSISTANT_TOKEN": core.token}
        yield built

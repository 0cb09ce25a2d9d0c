"""A real Home Assistant Core, and the real gateway beside it; all of it in real time.

`scripts/test --with-home-assistant` makes the environment. Tests run on the session's loop, on
which Core was started.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import TOKEN
from tests.home_assistant.core import PROGRAM, Core, real_core
from tests.home_assistant.home import Home, new_home
from tests.home_assistant.supervisor_proxy import supervisor_proxy

TOO_NEW = (3, 13)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"real": asyncio.SelectorEventLoop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def core(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Core]:
    if sys.version_info >= TOO_NEW:
        pytest.skip("the Home Assistant that these tests know runs on an older Python")
    if not PROGRAM.exists():
        if "CI" in os.environ:
            pytest.fail("There is no Home Assistant: scripts/test --with-home-assistant makes it")
        pytest.skip("there is no Home Assistant: scripts/test --with-home-assistant makes it")
    async with real_core(tmp_path_factory.mktemp("core")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def home(core: Core, tmp_path: Path) -> AsyncIterator[Home]:
    """A home whose gateway reaches Core through the Supervisor; nothing of ours is shown yet."""
    async with (
        supervisor_proxy(TOKEN, core.url, core.token) as proxy,
        new_home(core, tmp_path) as built,
    ):
        built.supervisor = proxy.served.url
        yield built


@pytest_asyncio.fixture(loop_scope="session")
async def lonely_home(core: Core, tmp_path: Path) -> AsyncIterator[Home]:
    """A home without a Supervisor."""
    async with new_home(core, tmp_path) as built:
        built.environment = {"HOME_ASSISTANT_URL": core.url, "HOME_ASSISTANT_TOKEN": core.token}
        yield built

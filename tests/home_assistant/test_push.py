"""Pushes through a webhook of a real Core: no integration, and no open port of ours."""

import pytest

from tests import programs
from tests.home_assistant.home import Home
from utec_gateway.gateway import Gateway
from utec_gateway.plugin_api import PushState
from utec_gateway.simulator.pushes import Registration

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def registered(home: Home, gateway: Gateway) -> Registration:
    async def found() -> list[Registration]:
        return list(home.cloud.pushes.registrations)

    (registration,) = await programs.until(found, bool)
    assert gateway.hooks.push_status().state is PushState.REGISTERED
    return registration

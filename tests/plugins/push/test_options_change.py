"""What people set while Home Assistant is asked for an address holds for the registration."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from utec_gateway.core.events import Event
from utec_gateway.options.schema import Options
from utec_gateway.plugin_api import PluginContext, PushState
from utec_gateway.plugins.push import create
from utec_gateway.simulator.virtual_time import VirtualClock

BEFORE = Options(push="auto", api_base_url="http://127.0.0.1:8400")


class Chosen:
    def __init__(self) -> None:
        self.options = BEFORE


class Subscription:
    address = "http://127.0.0.1:8123/api/webhook/secret"

    async def next(self) -> object:
        return await asyncio.Event().wait()


class SlowCore:
    def __init__(self) -> None:
        self.answers = asyncio.Event()

    @asynccontextmanager
    async def subscription(self, webhook_id: str) -> AsyncIterator[Subscription]:  # noqa: ARG002
        await self.answers.wait()
        yield Subscription()

    async def delete_cloudhook(self, webhook_id: str) -> None:
        """Have none."""


@pytest.mark.parametrize(
    ("after", "state", "registered"),
    [
        (BEFORE, PushState.REGISTERED, [Subscription.address]),
        (replace(BEFORE, api_base_url="https://api.u-tec.com"), PushState.NO_ADDRESS, []),
        (replace(BEFORE, push="disabled"), PushState.OFF, []),
    ],
    ids=["as before", "a cloud that does not reach it", "switched off"],
)
async def test_an_answer_of_home_assistant_that_is_late_is_used_as_the_options_then_say(
    after: Options, state: PushState, registered: list[str], clock: VirtualClock
) -> None:
    addresses: list[str] = []

    async def register(address: str, _secret: str) -> None:
        addresses.append(address)

    chosen, changed, core = Chosen(), Event[Options]("the options"), SlowCore()
    async with ClientSession() as session:
        push = create(
            PluginContext(
                chosen,
                session,
                clock,
                options_changed=changed,
                core_webhooks=core,
                register_push=register,
            )
        )
        await push.gateway_started()
        await clock.advance(10)
        chosen.options = after
        changed.emit(after)
        core.answers.set()
        await clock.advance(10)
        assert (push.gateway_push_status().state, addresses) == (state, registered)
        await push.gateway_stopping()

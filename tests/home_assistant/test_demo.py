"""The demo beside a real Core: a bolt that is turned by hand is pushed there, and shown."""

from http import HTTPStatus

import pytest

from tests.broker import Broker
from tests.demo.running import running_demo
from tests.home_assistant.core import Core

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_bolt_is_pushed_through_home_assistant_which_shows_it(
    reachable_core: Core, mqtt: Broker
) -> None:
    core = reachable_core
    named = {"HOME_ASSISTANT_URL": core.url, "HOME_ASSISTANT_TOKEN": core.token}
    async with running_demo("--mqtt", f"{mqtt.host}:{mqtt.port}", **named) as demo:
        await demo.registered()
        await core.until("lock.front_door", "locked")
        await demo.turn_a_bolt()
        await core.until("lock.front_door", "unlocked")
        push = await demo.pushed()
    assert push["url"].startswith(f"{core.url}/api/webhook/")
    assert push["status"] == HTTPStatus.OK

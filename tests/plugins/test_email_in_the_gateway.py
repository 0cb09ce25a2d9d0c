"""E-mail as a part of the gateway: in order, once each, and in nobody's way."""

from dataclasses import asdict
from typing import Any

import pytest

from tests.conftest import QUIET, Running, World
from tests.plugins.post_office import SilentServer, silent_server
from tests.steps import command
from utec_gateway.devices.commands import ANSWER_WITHIN
from utec_gateway.options.schema import EmailOptions
from utec_gateway.plugin_api.plugin_health import PluginStatus

HOUR = 3600


def chosen(options: EmailOptions, **changes: Any) -> dict[str, Any]:
    """Return the options as a person writes them down."""
    return {**asdict(options), "recipients": list(options.recipients), **changes}


def plugin(running: Running) -> PluginStatus:
    return next(one for one in running.gateway.hooks.plugins if one.name == "email")


async def mailing(world: World, silent: SilentServer, **options: Any) -> Running:
    """Return a gateway whose mail server has just taken a message's connection, and hangs."""
    email = EmailOptions(
        enabled=True,
        smtp_host="127.0.0.1",
        smtp_port=silent.port,
        encryption="none",
        sender="gateway@home.test",
        recipients=("one@home.test",),
    )
    running = await world.start(email=chosen(email), **options)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.until(lambda: silent.connections, 5)
    return running


@pytest.mark.parametrize("name", ["lock", "unlock"])
async def test_a_mail_server_that_hangs_delays_no_command_and_no_refresh(
    world: World, name: str
) -> None:
    async with silent_server() as silent:
        running = await mailing(world, silent)
        answer = await command(running, name)
        assert (answer.status, answer.body["status"]) == (200, "ok")
        assert answer.seconds < ANSWER_WITHIN
        before = world.clock.monotonic()
        status, _ = await running.post("/api/oauth/refresh")
        assert (status, world.clock.monotonic() - before) == (200, 0)
        assert silent.connections == 1
        assert plugin(running).last_error is None
        await world.stop()


async def test_a_mail_server_that_hangs_for_days_costs_no_renewal(world: World) -> None:
    async with silent_server() as silent:
        running = await mailing(world, silent, **QUIET)
        asked = world.cloud.calls.by_action["token/refresh_token"]
        await world.clock.advance(48 * HOUR)
        assert world.cloud.calls.by_action["token/refresh_token"] == asked + 2
        assert "does not answer in time" in (plugin(running).last_error or "")
        await world.stop()

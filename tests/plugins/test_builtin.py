"""The built-in plugins come in by the same door as anybody's."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.utec.given import Given
from utec_gateway.core.errors import OptionsError
from utec_gateway.core.models import Device, Notification, StateEntry
from utec_gateway.plugin_api import PluginContext
from utec_gateway.plugin_api.hooks import Hooks
from utec_gateway.plugin_api.registry import PluginRegistry
from utec_gateway.plugins.loader import BUILT_INS, PluginLoader
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.utec.oauth import TokenEndpoint
from utec_gateway.utec.readings import with_readings
from utec_gateway.utec.transport import new_session

NEWS = Notification("n", "Sign in again", "It is over.", datetime(2026, 1, 5, tzinfo=UTC))
LOCK = with_readings(
    Device(
        "02:51:4D:00:00:01",
        {"id": "02:51:4D:00:00:01", "name": "Front Door"},
        (StateEntry("st.lock", "lockState", "Locked"),),
    )
)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with new_session() as opened:
        yield opened


@pytest.fixture
async def hooks(session: ClientSession, clock: VirtualClock) -> Hooks:
    registry = PluginRegistry(clock)
    endpoint = TokenEndpoint(session, Given(), clock)
    context = PluginContext(Given(), session, clock, token_endpoint=endpoint)
    await PluginLoader(registry, context).load(Path("nowhere"))
    return Hooks(registry, clock)


async def test_every_built_in_that_has_something_to_do_is_registered_under_its_name(
    hooks: Hooks,
) -> None:
    names = {module.__name__.rpartition(".")[2] for module in BUILT_INS}
    registered = {plugin.name for plugin in hooks.plugins}
    assert {"refresh_token_grant", "exponential_backoff", "event_log"} <= registered <= names


async def test_by_default_the_token_endpoint_renews_the_sign_in(hooks: Hooks) -> None:
    with pytest.raises(OptionsError, match="client_id: is needed before signing in"):
        hooks.token_refresher().authorization_url("s")


def unlocked(device: Device) -> Device:
    return with_readings(replace(device, states=(StateEntry("st.lock", "lockState", "Unlocked"),)))


def offline(device: Device) -> Device:
    return replace(device, offline_readings=2)


async def test_a_notification_is_in_the_log_as_a_warning(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    await hooks.notify(NEWS)
    assert ("Sign in again: It is over.", logging.WARNING) in [
        (record.message, record.levelno) for record in caplog.records
    ]


async def test_a_bolt_that_moved_and_a_lock_that_went_away_are_in_the_log(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await hooks.lock_changed(unlocked(LOCK), LOCK)
    assert caplog.messages == ["Front Door is unlocked"]
    caplog.clear()
    await hooks.lock_changed(offline(LOCK), LOCK)
    await hooks.lock_changed(LOCK, offline(LOCK))
    assert caplog.messages == ["Front Door is offline", "Front Door is online"]


async def test_what_does_not_show_is_not_in_the_log(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    battery = StateEntry("st.batteryLevel", "level", 3)
    await hooks.lock_changed(with_readings(replace(LOCK, states=(*LOCK.states, battery))), LOCK)
    assert caplog.messages == []

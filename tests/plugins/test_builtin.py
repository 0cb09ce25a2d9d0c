"""The built-in plugins are loaded like anybody's, and reported like anybody's when they fail."""

import logging
from collections.abc import AsyncIterator, Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import ClientSession

from tests.conftest import Running, World
from tests.utec.given import Given
from utec_gateway.core.errors import OptionsError
from utec_gateway.core.models import Device, StateEntry
from utec_gateway.core.notification import Notification
from utec_gateway.plugin_api import PluginContext, hookimpl
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.plugin_api.registry import PluginRegistry
from utec_gateway.plugins.event_log import EventLog
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


def failing_with(error: Exception) -> ModuleType:
    """Return a built-in plugin that cannot be created."""

    def create(_context: PluginContext) -> object:
        raise error

    return built_in("broken", create)


def built_in(name: str, create: Callable[[PluginContext], object]) -> ModuleType:
    module = ModuleType(f"utec_gateway.plugins.{name}")
    vars(module)["create"] = create
    return module


class Wrapping:
    """Cannot be registered."""

    @hookimpl(wrapper=True)
    def gateway_started(self) -> Generator[None, None, None]:
        yield


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (failing_with(OptionsError("HOST", "is needed")), "HOST: is needed"),
        (failing_with(LookupError("x")), "LookupError: x"),
        (built_in("broken", lambda _: Wrapping()), "gateway_started is a hook wrapper"),
        (ModuleType("utec_gateway.plugins.broken"), "it has no function create(context)"),
    ],
)
async def test_a_built_in_that_fails_is_reported_like_anybodys_and_the_others_live_on(
    world: World, running: Running, broken: ModuleType, said: str
) -> None:
    gateway, last = running.gateway, built_in("last", lambda _: EventLog())
    loader = PluginLoader(gateway._registry, gateway._context)
    await loader.load(world.data_dir / "nowhere", (broken, last))
    _, answer = await running.get("/api/plugins")
    plugins = {plugin["name"]: plugin for plugin in answer["plugins"]}
    assert plugins["broken"]["origin"] == plugins["last"]["origin"] == "built-in"
    assert plugins["broken"]["is_failing"]
    assert plugins["broken"]["last_error"].startswith(said)
    assert not plugins["last"]["is_failing"]
    assert "gateway_started" in plugins["last"]["hooks"]
    _, health = await running.get("/health")
    assert health["health"] == "degraded"
    assert any(said in trouble for trouble in health["troubles"])


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

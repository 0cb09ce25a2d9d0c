"""Plugin files as they were written for 0.1.x still load, and the log says what to change."""

import textwrap

import pytest

from tests.conftest import Running, World
from tests.plugins.installing import EXAMPLES, install, log_of

MOVED = "has moved; import from utec_gateway.plugin_api instead"
NEW_IMPORTS = {
    "gentle_retry.py": "from utec_gateway.plugin_api import Operation, PluginContext, hookimpl\n",
    "ntfy.py": (
        "from utec_gateway.plugin_api import (\n"
        "    NotDeliveredError,\n"
        "    Notification,\n"
        "    OptionsError,\n"
        "    PluginContext,\n"
        "    hookimpl,\n"
        ")\n"
    ),
}
OLD_IMPORTS = {
    "gentle_retry.py": (
        "from utec_gateway.hookspecs import PluginContext, hookimpl\n"
        "from utec_gateway.models import Operation\n"
    ),
    "ntfy.py": (
        "from utec_gateway.errors import NotDeliveredError, OptionsError\n"
        "from utec_gateway.hookspecs import PluginContext, hookimpl\n"
        "from utec_gateway.models import Notification\n"
    ),
}


def as_in_0_1(name: str) -> str:
    """Return an example as it came with 0.1.0: its imports were others, and so was `is_news`."""
    text = (EXAMPLES / name).read_text("utf-8")
    assert NEW_IMPORTS[name] in text
    text = text.replace(NEW_IMPORTS[name], OLD_IMPORTS[name])
    return text.replace("notification.is_new", "notification.is_news")


def is_loaded(running: Running, name: str) -> bool:
    found = next(one for one in running.gateway.hooks.plugins if one.name == name)
    return found.is_loaded and not found.is_failing


@pytest.mark.parametrize("name", sorted(OLD_IMPORTS))
async def test_an_example_of_0_1_loads_and_each_old_import_is_named(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTFY_TOPIC", "door")
    install(world, name, as_in_0_1(name))
    running = await world.start()
    assert is_loaded(running, name)
    for line in OLD_IMPORTS[name].splitlines():
        module = line.split()[1]
        assert f"{module} {MOVED}" in log_of(world)
    assert log_of(world).count(MOVED) == len(OLD_IMPORTS[name].splitlines())


async def test_a_plugin_of_0_1_hears_what_it_heard_then(world: World) -> None:
    install(
        world,
        "old.py",
        textwrap.dedent(
            """
            from utec_gateway.clock import Clock, SystemClock
            from utec_gateway.errors import GatewayError, NotDeliveredError, UtecError
            from utec_gateway.hookspecs import CoreAccess, OptionsSource, TokenRefresher, hookimpl
            from utec_gateway.models import Device, LockState, Moment, Notification, Token
            from utec_gateway.options import EmailOptions, Options

            class Old:
                @hookimpl
                async def gateway_notify(self, notification: Notification):
                    assert not list(self.context.told())
                    await self.context.wave_off("something else")
                    return f"heard, news: {notification.is_news}"

            def create(context):
                assert isinstance(context.settings.options, Options)
                old = Old()
                old.context = context
                return old
            """
        ),
    )
    running = await world.start()
    _, answer = await running.post("/api/notify/test")
    assert answer["notifiers"]["old.py"] == {"delivered": True, "detail": "heard, news: True"}


async def test_the_old_imports_are_named_at_every_start(world: World) -> None:
    install(world, "gentle_retry.py", as_in_0_1("gentle_retry.py"))
    for _ in range(2):
        await world.start()
        await world.stop()
    assert log_of(world).count(f"gentle_retry.py, line 9: utec_gateway.hookspecs {MOVED}") == 2


async def test_a_plugin_with_new_imports_is_not_mentioned(world: World) -> None:
    install(world, "gentle_retry.py", (EXAMPLES / "gentle_retry.py").read_text("utf-8"))
    running = await world.start()
    assert is_loaded(running, "gentle_retry.py")
    assert MOVED not in log_of(world)

"""The one loader: the built-in plugins, then every Python file in the plugins folder."""

import importlib.util
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

from utec_gateway.core.errors import PluginError
from utec_gateway.core.tasks import in_daemon_thread
from utec_gateway.plugin_api import PluginContext
from utec_gateway.plugin_api.call_guard import DEADLINE, call
from utec_gateway.plugin_api.plugin_health import BUILT_IN
from utec_gateway.plugin_api.registry import PluginRegistry

from . import (
    email,
    event_log,
    exponential_backoff,
    mqtt,
    persistent_notification,
    push,
    refresh_token_grant,
)
from .old_imports import OldImportsLoader

_LOGGER = logging.getLogger(__name__)

BUILT_INS: tuple[ModuleType, ...] = (
    refresh_token_grant,
    exponential_backoff,
    event_log,
    email,
    persistent_notification,
    mqtt,
    push,
)


class PluginLoader:
    """Loads each plugin; one that fails is named in the log and in the registry, and left out."""

    def __init__(self, registry: PluginRegistry, context: PluginContext) -> None:
        self._registry = registry
        self._context = context

    async def load(self, folder: Path, built_ins: tuple[ModuleType, ...] = BUILT_INS) -> None:
        """Load what comes with the gateway, then people's own, which are asked first."""
        for module in built_ins:
            await self._load(_name_of(module), BUILT_IN, partial(_at_hand, module))
        for path in await in_daemon_thread(files_in, folder):
            importing = partial(_imported, path, self._context)
            if await self._load(path.name, path.name, importing):
                _LOGGER.info("The plugin %s is loaded", path.name)

    async def _load(
        self, name: str, origin: str, module: Callable[[], Awaitable[ModuleType]]
    ) -> bool:
        """Import a module and register what it creates, if there is something to do."""
        try:
            imported = await module()
            plugin = _created(imported, replace(self._context, name=name))
        except Exception as error:  # noqa: BLE001 - whatever it throws, it alone has failed
            self._registry.record_load_error(name, error, origin)
            return False
        if plugin is None:
            return False
        return self._registry.register(name, plugin, origin, _summary_of(imported))


def files_in(folder: Path) -> tuple[Path, ...]:
    """Return the plugins of a folder by name; without a folder there are none."""
    try:
        names = sorted(folder.iterdir())
    except FileNotFoundError:
        return ()
    except OSError as error:
        _LOGGER.warning("The plugins folder cannot be read: %s", error.strerror)
        return ()
    return tuple(path for path in names if path.suffix == ".py" and path.name[0] not in "._")


def _name_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _summary_of(module: ModuleType) -> str:
    """Return the first line of its docstring; whatever else stands there is none."""
    said = module.__doc__
    return said.strip().partition("\n")[0] if isinstance(said, str) else ""


async def _at_hand(module: ModuleType) -> ModuleType:
    return module


async def _imported(path: Path, context: PluginContext) -> ModuleType:
    """Import in a thread, so that one that hangs holds up nobody."""
    try:
        async with context.clock.timeout(DEADLINE):
            return await in_daemon_thread(_import, path)
    except TimeoutError:
        raise PluginError(f"its import took longer than {DEADLINE:.0f} s") from None


def _created(module: ModuleType, context: PluginContext) -> object:
    if not callable(getattr(module, "create", None)):
        raise PluginError("it has no function create(context)")
    return call(lambda: module.create(context))


def _import(path: Path) -> ModuleType:
    name = f"utec_gateway_own_{path.stem}"
    loader = OldImportsLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise PluginError("it cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        call(partial(loader.exec_module, module))
    except Exception:
        del sys.modules[name]
        raise
    return module

"""People's own plugins: every Python file in the plugins folder, let in by the built-ins' door."""

import importlib.util
import logging
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

from utec_gateway.core.errors import PluginError
from utec_gateway.core.tasks import in_daemon_thread
from utec_gateway.plugin_api.call_guard import DEADLINE, answered
from utec_gateway.plugin_api.hooks import Hooks
from utec_gateway.plugin_api.spec import PluginContext

_LOGGER = logging.getLogger(__name__)


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


async def load_folder(folder: Path, hooks: Hooks, context: PluginContext) -> None:
    """Load each file; one that fails is named in the log and on the roster, and left out."""
    for path in await in_daemon_thread(files_in, folder):
        try:
            plugin = await _plugin(path, context)
        except Exception as error:  # noqa: BLE001 - whatever it throws, it alone has failed
            hooks.refuse(path.name, error)
            continue
        if plugin is not None:
            hooks.admit(path.name, plugin)
            _LOGGER.info("The plugin %s is loaded", path.name)


async def _plugin(path: Path, context: PluginContext) -> object:
    """Import in a thread, so that one that hangs holds up nobody, then create in the loop."""
    try:
        async with context.clock.timeout(DEADLINE):
            module = await in_daemon_thread(_import, path)
    except TimeoutError:
        raise PluginError(f"its import took longer than {DEADLINE:.0f} s") from None
    if not callable(getattr(module, "create", None)):
        raise PluginError("it has no function create(context)")
    return answered(lambda: module.create(context))


def _import(path: Path) -> ModuleType:
    name = f"utec_gateway_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError("it cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        answered(partial(spec.loader.exec_module, module))
    except Exception:
        del sys.modules[name]
        raise
    return module

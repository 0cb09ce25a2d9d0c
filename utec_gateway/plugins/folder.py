"""People's own plugins: every Python file in the plugins folder, let in by the built-ins' door."""

import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType

from utec_gateway.attempts import DEADLINE
from utec_gateway.errors import PluginError
from utec_gateway.hooks import WENT_WRONG, Hooks
from utec_gateway.hookspecs import PluginContext
from utec_gateway.store import InThread

_LOGGER = logging.getLogger(__name__)


def files_in(folder: Path) -> tuple[Path, ...]:
    """Return the plugins of a folder by name; without a folder there are none."""
    try:
        return tuple(sorted(path for path in folder.glob("[!._]*.py") if path.is_file()))
    except OSError as error:
        _LOGGER.warning("The plugins folder cannot be read: %s", error.strerror)
        return ()


async def load_folder(
    folder: Path, hooks: Hooks, context: PluginContext, in_thread: InThread
) -> None:
    """Load each file; one that fails is named in the log and on the roster, and left out."""
    for path in await in_thread(files_in, folder):
        try:
            plugin = await _plugin(path, context, in_thread)
        except WENT_WRONG as error:
            hooks.refuse(path.name, error)
            continue
        if plugin is not None:
            hooks.admit(path.name, plugin)
            _LOGGER.info("The plugin %s is loaded", path.name)


async def _plugin(path: Path, context: PluginContext, in_thread: InThread) -> object:
    """Import in a thread, so that one that hangs holds up nobody, then create in the loop."""
    try:
        async with context.clock.timeout(DEADLINE):
            module = await in_thread(_import, path)
    except TimeoutError:
        raise PluginError(f"its import took longer than {DEADLINE:.0f} s") from None
    if not callable(getattr(module, "create", None)):
        raise PluginError("it has no function create(context)")
    return module.create(context)


def _import(path: Path) -> ModuleType:
    name = f"utec_gateway_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError("it cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except WENT_WRONG as error:
        del sys.modules[name]
        if isinstance(error, SystemExit):  # in a thread it would take the whole process along
            raise PluginError("it wanted to end the gateway") from error
        raise
    return module

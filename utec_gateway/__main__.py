"""The command line: read the environment, bind, and run a gateway until told to stop."""

import argparse
import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from . import demo
from .core import files
from .core.clock import SystemClock
from .core.const import API_PORT, PANEL_PORT, VERSION
from .gateway import Gateway
from .home_assistant.supervisor import SupervisorClient, SupervisorOptions
from .storage.settings import OptionsFile
from .utec.transport import new_session

OPEN_FILES = 16384
ADD_ON_PLUGINS = Path("/config/plugins")
"""The add-on's own folder, which people reach from Home Assistant (config.yaml, map)."""


def parse_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> argparse.Namespace:
    """Read the command line; the environment gives the defaults (http-contract 1)."""
    is_add_on = bool(environment.get("SUPERVISOR_TOKEN"))
    parser = argparse.ArgumentParser(
        prog="utec_gateway",
        description="Signs in to the U-tec cloud once, stays signed in, and answers the "
        '"U-tec Local Gateway" integrations of Home Assistant.',
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where options, state and log live (UTEC_DATA_DIR, default /data)",
    )
    parser.add_argument(
        "--api-port",
        type=int,
        metavar="N",
        default=environment.get("UTEC_API_PORT", API_PORT),
        help=f"port of the API, 0 for any free one (UTEC_API_PORT, default {API_PORT})",
    )
    parser.add_argument(
        "--panel-port",
        type=int,
        metavar="N",
        default=environment.get("UTEC_PANEL_PORT", PANEL_PORT),
        help=f"port of the web panel (UTEC_PANEL_PORT, default {PANEL_PORT})",
    )
    parser.add_argument(
        "--bind",
        metavar="ADDRESS",
        default=environment.get("UTEC_BIND", "0.0.0.0" if is_add_on else "127.0.0.1"),
        help="address to listen on (UTEC_BIND, default 127.0.0.1, as an add-on 0.0.0.0)",
    )
    parser.add_argument(
        "--demo", action="store_true", help="run with a simulated U-tec cloud, signed in"
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help=f"with --demo: a clock {demo.FAST} times faster, to watch tokens being refreshed",
    )
    parser.add_argument("--version", action="version", version=VERSION)
    return parser.parse_args(arguments)


def bind(address: str, port: int) -> socket.socket:
    """Return a listening socket; raise OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def address_of(listener: socket.socket) -> str:
    """Return the address to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def allow_many_connections() -> None:
    """Raise the soft limit of open files: connections that stay half open must not shut us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    with suppress(OSError, ValueError):  # macOS has a limit of its own below "infinity"
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def greet(api: socket.socket, panel: socket.socket) -> None:
    """Print the first line of output; whoever reads it may stop us at once."""
    print(
        f"U-tec Gateway {VERSION} on {address_of(api)} (panel on {address_of(panel)})", flush=True
    )


def stop_signal() -> asyncio.Event:
    """Return what SIGTERM and SIGINT set from now on."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def serve(data_dir: Path, api: socket.socket, panel: socket.socket) -> None:
    """Run a gateway on the real clock."""
    stopped = stop_signal()
    greet(api, panel)
    options, token = data_dir / "options.json", os.environ.get("SUPERVISOR_TOKEN")
    async with new_session() as session:
        supervisor = SupervisorClient(session, token) if token else None
        gateway = Gateway(
            SupervisorOptions(options, supervisor) if supervisor else OptionsFile(options),
            os.environ,
            session,
            SystemClock(),
            data_dir,
            supervisor=supervisor,
            plugins_dir=ADD_ON_PLUGINS if supervisor else None,
        )
        async with gateway.running(api, panel):
            await stopped.wait()


async def serve_demo(
    data_dir: Path | None, api: socket.socket, panel: socket.socket, *, fast: bool
) -> None:
    """Run a gateway with a simulated cloud."""
    stopped = stop_signal()
    greet(api, panel)
    addresses = demo.Addresses(api=address_of(api), panel=address_of(panel))
    await demo.run(data_dir, api, panel, addresses, stopped, fast=fast)


def main() -> int:
    """Run; return the exit code."""
    arguments = parse_arguments(sys.argv[1:], os.environ)
    try:
        api = bind(arguments.bind, arguments.api_port)
        panel = bind(arguments.bind, arguments.panel_port)
    except (OSError, OverflowError) as error:
        print(f"Cannot listen on {arguments.bind}: {error}", file=sys.stderr)
        return 1
    os.umask(files.OPEN_TO_OTHERS)
    data_dir = arguments.data_dir
    allow_many_connections()
    if data_dir is None and not arguments.demo:
        data_dir = Path(os.environ.get("UTEC_DATA_DIR", "/data"))
    if data_dir:
        data_dir.mkdir(mode=files.FOLDER_MODE, parents=True, exist_ok=True)
    if data_dir is None or arguments.demo:
        asyncio.run(serve_demo(data_dir, api, panel, fast=arguments.fast))
    else:
        asyncio.run(serve(data_dir, api, panel))
    return 0


if __name__ == "__main__":
    sys.exit(main())

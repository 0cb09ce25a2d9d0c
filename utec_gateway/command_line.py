"""The command line, and what the gateway and its demo do alike before they serve."""

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .core import files
from .core.const import API_PORT, PANEL_PORT, VERSION
from .core.errors import OptionsError
from .options.changes import change_options
from .options.schema import MqttOptions, Options

FAST = 10_000
"""How many times faster the demo's clock can run."""
OPEN_FILES = 16384
ANSWER_WITHIN = 10.0
THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a listener on all addresses is reached from here."""
INVITATION = """
{link}
opens the panel once, within 15 minutes. In the browser of another machine, put this one's name
in place of localhost. `utec-gateway login-link` prints another link.
"""


def parse_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> argparse.Namespace:
    """Read the command line; the environment gives the defaults (http-contract 1)."""
    is_add_on = bool(environment.get("SUPERVISOR_TOKEN"))
    parser = argparse.ArgumentParser(
        prog="utec_gateway",
        description="Signs in to the U-tec cloud once, stays signed in, and answers the "
        '"U-tec Local Gateway" integrations of Home Assistant.',
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("login-link",),
        help="print a one-time link into the panel of the gateway that runs on this machine",
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
    parser.add_argument("--version", action="version", version=VERSION)
    _add_demo(parser)
    return parser.parse_args(arguments)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--demo", action="store_true", help="run with a simulated U-tec cloud, signed in"
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help=f"with --demo: a clock {FAST} times faster, to watch tokens being refreshed",
    )
    parser.add_argument(
        "--mqtt",
        type=broker,
        metavar="HOST[:PORT]",
        help="with --demo: an MQTT broker, to see the devices in a Home Assistant that uses it",
    )


def broker(text: str) -> dict[str, Any]:
    """Return the options of MQTT for a broker such as `192.168.1.5:1883`."""
    try:
        found = urlsplit(f"//{text}")
        port = MqttOptions.port if found.port is None else found.port
        options = {"mode": "enabled", "host": found.hostname or "", "port": port}
        host = change_options(Options(), {"mqtt": options}).mqtt.host
    except (ValueError, OptionsError):
        host = ""
    if not host or found.netloc != text or "@" in text:
        raise argparse.ArgumentTypeError("give a host, or a host and a port: 192.168.1.5:1883")
    return options


def bind(address: str, port: int) -> socket.socket:
    """Return a listening socket; raise OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def listen(arguments: argparse.Namespace) -> tuple[socket.socket, socket.socket]:
    """Return the listeners of the API and of the panel; end the program without them."""
    address = arguments.bind
    try:
        return bind(address, arguments.api_port), bind(address, arguments.panel_port)
    except (OSError, OverflowError) as error:
        sys.exit(f"Cannot listen on {address}: {error}")


def address_of(listener: socket.socket) -> str:
    """Return the address to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    return _address(THIS_MACHINE.get(host, host), port)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def allow_many_connections() -> None:
    """Raise the soft limit of open files: connections that stay half open must not shut us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    with suppress(OSError, ValueError):  # macOS has a limit of its own below "infinity"
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def prepare(data_dir: Path | None) -> None:
    """Make the data folder, where one is named, and keep others out of what is written."""
    os.umask(files.OPEN_TO_OTHERS)
    allow_many_connections()
    if data_dir:
        data_dir.mkdir(mode=files.FOLDER_MODE, parents=True, exist_ok=True)


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


def invite(path: str, host: str, port: int) -> None:
    """Print a link; the console is not the log, which programs and backups keep."""
    named = "localhost" if host in (*THIS_MACHINE, *THIS_MACHINE.values()) else host
    print(INVITATION.format(link=f"{_address(named, port)}{path}"), flush=True)


def print_login_link(data_dir: Path, host: str, port: int) -> None:
    """Ask the gateway that runs on this machine for a link; end the program without one."""
    headers = {"Authorization": f"Bearer {_key_in(data_dir)}"}
    connection = HTTPConnection(THIS_MACHINE.get(host, host), port, timeout=ANSWER_WITHIN)
    try:
        connection.request("POST", "/api/login-links", headers=headers)
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            sys.exit(f"The gateway on port {port} gave no link: {answer.reason}")
        invite(json.load(answer)["path"], host, port)
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        sys.exit(f"No gateway answers on port {port}: {error}")


def _key_in(data_dir: Path) -> str:
    """Return the gateway's key; end the program where there is none."""
    try:
        return str(json.loads(files.read_private(data_dir / "state.json"))["api_key"])
    except FileNotFoundError:
        sys.exit(f"No gateway has run with the data folder {data_dir} yet")
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"The gateway's state in {data_dir} cannot be read: {error}")

"""The program: read the environment, bind, and run a gateway until told to stop."""

import asyncio
import os
import socket
import sys
from pathlib import Path

from .command_line import (
    greet,
    invite,
    listen,
    parse_arguments,
    prepare,
    print_login_link,
    stop_signal,
)
from .core.clock import SystemClock
from .gateway import Gateway
from .home_assistant.supervisor import SupervisorClient, SupervisorOptions
from .storage.settings import OptionsFile
from .utec.transport import new_session

ADD_ON_PLUGINS = Path("/config/plugins")
"""The add-on's own folder, which people reach from Home Assistant (config.yaml, map)."""
DEMO = (sys.executable, "-m", "utec_gateway.demo")
"""A program of its own: an installation has no memory to spare for a simulated cloud."""


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
            if path := gateway.invitation():
                invite(path, *api.getsockname()[:2])
            await stopped.wait()


def main() -> int:
    """Run; return the exit code."""
    arguments = parse_arguments(sys.argv[1:], os.environ)
    if arguments.demo:
        os.execv(sys.executable, [*DEMO, *sys.argv[1:]])  # noqa: S606 - our own program
    if arguments.mqtt:
        sys.exit("--mqtt is for the demo (--demo); a gateway has the option mqtt.host")
    data_dir = arguments.data_dir or Path(os.environ.get("UTEC_DATA_DIR", "/data"))
    if arguments.command:
        print_login_link(data_dir, arguments.bind, arguments.api_port)
        return 0
    api, panel = listen(arguments)
    prepare(data_dir)
    asyncio.run(serve(data_dir, api, panel))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Run the simulated cloud by itself: `python -m utec_gateway.simulator`."""

import argparse
import asyncio
import signal
import sys

from utec_gateway.core.clock import FastClock, SystemClock

from .cloud import SimulatedCloud
from .scenario import load_scenario, scenario_names


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m utec_gateway.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=9180, help="0 takes any free port")
    parser.add_argument(
        "--scenario", default="demo", help=f"{', '.join(scenario_names())}, or a YAML file"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster time passes")
    asyncio.run(serve(parser.parse_args()))


async def serve(arguments: argparse.Namespace) -> None:
    """Serve on loopback until SIGINT or SIGTERM."""
    clock = SystemClock() if arguments.speed == 1.0 else FastClock(arguments.speed)
    cloud = SimulatedCloud(clock)
    load_scenario(cloud, arguments.scenario)
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    await cloud.start(port=arguments.port)
    sys.stdout.write(_addresses(cloud))
    sys.stdout.flush()
    await told_to_stop.wait()
    await cloud.stop()


def _addresses(cloud: SimulatedCloud) -> str:
    return (
        f"Simulated U-tec cloud  {cloud.url}\n"
        f"  authorize            {cloud.url}/authorize\n"
        f"  token                {cloud.url}/token\n"
        f"  action               {cloud.url}/action\n"
        f"  control              {cloud.url}/_control\n"
        f"  client_id            {cloud.client_id}\n"
        f"  client_secret        {cloud.client_secret}\n"
        f"  redirect_uri         {' or '.join(cloud.redirect_uris)}\n"
    )


if __name__ == "__main__":
    main()

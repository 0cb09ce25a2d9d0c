"""The demo: the same gateway, with a simulated cloud in the place of U-tec's."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from utec_gateway.command_line import (
    FAST,
    address_of,
    greet,
    listen,
    parse_arguments,
    prepare,
    stop_signal,
)
from utec_gateway.core.clock import Clock, FastClock, SystemClock
from utec_gateway.gateway import Gateway
from utec_gateway.home_assistant.core import URL as HOME_ASSISTANT_URL
from utec_gateway.plugin_api import BrokerState
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.scenario import load_scenario
from utec_gateway.utec.transport import new_session

FAST_OPTIONS = {"poll_interval_seconds": 3600, "stale_after_seconds": 3600, "push": "disabled"}
"""A poll every 0.36 real seconds instead of every three thousandths."""

LEAVES_WITHIN = 5.0
LOOK_AGAIN = 0.05
"""Seconds."""

LINES_TO_TRY = """
The panel is at {panel}, the API at {api}. Lines to try in another terminal:

  curl {api}/health
  curl {api}/api/devices
  curl {api}/api/status/latest
  curl -d '{{"id": "{lock}"}}' {api}/api/lock
  curl -d '{{"id": "{lock}"}}' {api}/api/unlock
  curl -d '{{"id": "{lock}", "mode": "lockout"}}' {api}/api/mode
  curl -d '{{"id": "{dimmer}", "level": 40}}' {api}/api/level
  curl -d '{{"id": "{dimmer}", "on": false}}' {api}/api/switch
  curl -X POST {api}/api/oauth/refresh
  curl {api}/logs

{more}
Access codes are managed here, which an installation does not do until somebody turns that on. On
the page Codes, give a guest a code for two locks, one of them the Garage, which is offline. Bring
that back afterwards, and see what the locks know:
  curl -d '{{"online": true}}' {cloud}/_control/devices/{garage}
  curl {cloud}/_control/devices/{garage}/users

The simulated cloud is at {cloud}; what it can do wrong, and how to make it:
  curl {cloud}/_control
  curl -d '{{"refuse_grants": true, "expire_access_tokens": true}}' {cloud}/_control/tokens
Within a minute the last one makes the gateway say below that somebody must sign in again.

Ctrl-C ends the demo.
"""


BY_HAND = """Sign in by hand: open {panel} in a browser.

Turn a bolt by hand: the cloud hears of it a second later, and pushes. Then let it push no more:
  curl -d '{{"lock_state": "Unlocked", "in_seconds": 1}}' {cloud}/_control/devices/{lock}
  curl -d '{{"pushes_left": 0}}' {cloud}/_control/behaviour
"""
ON_A_BROKER = """Every Home Assistant that uses the MQTT broker {host}:{port} shows the devices,
until the demo ends.
"""
IN_A_HURRY = """A day lasts nine seconds: watch the sign-in being refreshed every day, below.
Whatever a person has minutes for, such as signing in by hand, is over in milliseconds.
"""


class DemoOptions:
    """Options in memory that point at the simulated cloud."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    async def load(self) -> Mapping[str, Any]:
        """Return them."""
        return self._raw

    async def save(self, changes: Mapping[str, Any]) -> None:
        """Keep them until the demo ends."""
        self._raw = {**self._raw, **changes}


async def run(
    data_dir: Path | None,
    api: socket.socket,
    panel: socket.socket,
    *,
    fast: bool,
    mqtt: Mapping[str, Any] | None,
) -> None:
    """Run simulator and gateway until stopped; without a data folder, in a passing one."""
    stopped = stop_signal()
    greet(api, panel)
    addresses = {"api": address_of(api), "panel": address_of(panel)}
    clock: Clock = FastClock(FAST) if fast else SystemClock()
    cloud = SimulatedCloud(clock)
    load_scenario(cloud, "demo")
    redirect_uri = f"{addresses['api']}/oauth/callback"
    cloud.behaviour.oauth.redirect_uris = (redirect_uri, "http://localhost:9501")
    if fast:
        cloud.behaviour.oauth.code_lifetime = FAST
    await cloud.start()
    options = {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "redirect_uri": redirect_uri,
        "api_base_url": cloud.url,
        "oauth_base_url": cloud.url,
        "manage_codes": True,
        "push": "auto",
        "push_url": "" if HOME_ASSISTANT_URL in os.environ else addresses["api"],
        **({"mqtt": mqtt} if mqtt else {}),
        **(FAST_OPTIONS if fast else {}),
    }
    with tempfile.TemporaryDirectory(prefix="utec-demo-") as passing:
        async with new_session() as session:
            gateway = Gateway(
                DemoOptions(options), os.environ, session, clock, data_dir or Path(passing)
            )
            async with gateway.running(api, panel):
                await gateway.account.sign_in.by_code(cloud.issue_code(redirect_uri))
                named = {**addresses, **names_in(cloud)}
                more = IN_A_HURRY if fast else BY_HAND.format(**named)
                more += ON_A_BROKER.format(**mqtt) if mqtt else ""
                print(LINES_TO_TRY.format(**named, more=more), flush=True)
                await stopped.wait()
                if mqtt:
                    await take_devices_away(gateway, clock)
    await cloud.stop()


def names_in(cloud: SimulatedCloud) -> Mapping[str, str]:
    """Return the cloud's address, and those of its devices that there is a line to try for."""
    devices = tuple(cloud.devices.values())
    return {
        "cloud": cloud.url,
        "lock": devices[0].device_id,
        "dimmer": next(one.device_id for one in devices if one.kind.level_range),
        "garage": next(one.device_id for one in devices if not one.online),
    }


async def take_devices_away(gateway: Gateway, clock: Clock) -> None:
    """Leave nothing of the demo in Home Assistant, if the broker still answers."""
    await gateway.settings.change({"mqtt": {"mode": "disabled"}})
    with suppress(TimeoutError):
        async with clock.timeout(LEAVES_WITHIN):
            while gateway.hooks.broker_status().state is not BrokerState.OFF:
                await clock.sleep(LOOK_AGAIN)


def main() -> int:
    """Run; return the exit code."""
    arguments = parse_arguments(sys.argv[1:], os.environ)
    api, panel = listen(arguments)
    prepare(arguments.data_dir)
    asyncio.run(run(arguments.data_dir, api, panel, fast=arguments.fast, mqtt=arguments.mqtt))
    return 0


if __name__ == "__main__":
    sys.exit(main())

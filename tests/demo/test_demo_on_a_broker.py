"""`--mqtt` brings the demo's devices to a broker, and takes them away with it."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.broker import running_broker

DISCOVERY = "homeassistant/device/"


def names(retained: Mapping[str, str]) -> set[str]:
    """Return the devices that are announced."""
    found = (payload for topic, payload in retained.items() if topic.startswith(DISCOVERY))
    return {json.loads(payload)["device"]["name"] for payload in found}


async def test_the_demo_shows_its_devices_for_as_long_as_it_runs(tmp_path: Path) -> None:
    async with running_broker(tmp_path) as broker:
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "utec_gateway", "--demo", "--api-port", "0"),
            *("--panel-port", "0", "--mqtt", f"{broker.host}:{broker.port}"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await broker.until_retained(lambda found: len(names(found)) == 8)
            assert {"U-tec Gateway", "Front Door"} <= names(await broker.retained())
        finally:
            demo.send_signal(signal.SIGINT)
            assert await demo.wait() == 0
        assert await broker.retained() == {}

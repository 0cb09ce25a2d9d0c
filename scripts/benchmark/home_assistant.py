"""Seconds from what happens at a door to what Home Assistant shows over MQTT, in real time.

A real Mosquitto, and a real Core where scripts/test --with-home-assistant has made one; else a
client of the broker stands in its place. The gateway's clock runs ten times faster than broker and
Core do, so what these take counts tenfold.
"""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from scripts.benchmark.daily_calls import options_for
from scripts.benchmark.figures import Figure
from scripts.benchmark.freshness import HOME_ASSISTANT, LATENCY, Day, seconds
from scripts.benchmark.virtual_day import BACK, COMMAND, FRONT, Happening, Plan, View, plan_day
from tests.broker import Broker, running_broker
from tests.home_assistant.core import Core, is_there, real_core
from utec_gateway.core.clock import FastClock
from utec_gateway.gateway import Gateway
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session

FACTOR = 10
BURSTS = 4
LONGEST_GAP = 660.0
"""Seconds between two of them: no outage lasts longer, and the calls of the hour last."""
LOOK_AGAIN = 0.002
DOORS = {"on": "open", "off": "closed", "ON": "open", "OFF": "closed"}
NAMES = {FRONT: "front_door", BACK: "back_door"}
Views = dict[str, View]
Watch = Callable[[Views], None]


def compressed(plans: list[Plan]) -> list[Plan]:
    """Return the same plans with less of the nothing that happens between them."""
    return list(_closer(plans))


def _closer(plans: list[Plan]) -> Iterator[Plan]:
    at, before = 0.0, 0.0
    for plan in plans:
        at += min(plan.at - before, LONGEST_GAP)
        before = plan.at
        yield Plan(at, plan.kind, plan.device_id, plan.shows, plan.change)


async def _watch_core(core: Core, watch: Watch) -> None:
    """Tell what Core's entities show, whenever it changes."""
    shown: dict[str, str] = {}
    async with core.events("state_changed") as heard:
        while True:
            while heard:
                new = heard.pop(0)["data"]["new_state"]
                if new:
                    shown[new["entity_id"]] = new["state"]
                watch({device_id: _view(shown, name) for device_id, name in NAMES.items()})
            await asyncio.sleep(LOOK_AGAIN)  # noqa: TID251 - Core lives in real time


def _view(shown: Mapping[str, str], name: str) -> View:
    bolt = shown.get(f"lock.{name}", "")
    door = DOORS.get(shown.get(f"binary_sensor.{name}_door", ""), "")
    return View(bolt, door, is_offline=bolt == "unavailable")


async def _watch_broker(broker: Broker, devices: Mapping[str, str], watch: Watch) -> None:
    """Tell what is published, for want of a Core."""
    views = {device_id: View() for device_id in NAMES}
    while True:
        while broker.messages:
            message = broker.messages.pop(0)
            tag = message.topic.split("/")[-2] if message.topic.endswith("/state") else ""
            if tag in devices:
                views[devices[tag]] = _published(json.loads(message.payload))
                watch(dict(views))
        await asyncio.sleep(LOOK_AGAIN)  # noqa: TID251 - the broker lives in real time


def _published(state: Mapping[str, Any]) -> View:
    bolt = str(state["lock"] or "").lower()
    return View(bolt, DOORS.get(state["door"] or "", ""), is_offline=not state["online"])


@dataclass(frozen=True)
class Home:
    """A gateway that is signed in, and what shows its locks."""

    cloud: SimulatedCloud
    gateway: Gateway
    broker: Broker
    core: Core | None

    @property
    def shows(self) -> str:
        """Return who shows the locks, to begin a figure's name with."""
        return "Home Assistant shows" if self.core else "MQTT says"

    async def until_shown(self) -> None:
        """Wait until the locks have come to Home Assistant."""
        await self.gateway.account.poller.wait_for_first_poll()
        if self.core:
            await self.core.until("lock.back_door", "locked")
            await self.core.until("lock.front_door", "locked")
        else:
            await self.broker.until(lambda heard: any("LOCKED" in one.payload for one in heard))

    @asynccontextmanager
    async def watched(self, watch: Watch) -> AsyncIterator[None]:
        """Tell what is shown, whenever it changes, for as long as the block lasts."""
        tags = {device.tag: device.id for device in self.gateway.account.cache.devices}
        core, broker = self.core, self.broker
        watching = _watch_core(core, watch) if core else _watch_broker(broker, tags, watch)
        task = asyncio.create_task(watching)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


@asynccontextmanager
async def at_home(folder: Path, clock: FastClock, *, pushes: bool = False) -> AsyncIterator[Home]:
    """Run a cloud that takes its time, a gateway and whatever shows its locks."""
    cloud = SimulatedCloud(clock, random.Random(1))
    cloud.add_device(FRONT, "Front Door", "lock_with_sensor")
    cloud.add_device(BACK, "Back Door")
    for name in ("broker", "core", "data"):
        (folder / name).mkdir()
    async with AsyncExitStack() as stack:
        await cloud.start()
        stack.push_async_callback(cloud.stop)
        broker = await stack.enter_async_context(running_broker(folder / "broker"))
        core = await _core(stack, broker, folder / "core")
        running = _gateway(cloud, clock, broker, folder / "data", pushes=pushes)
        home = Home(cloud, await stack.enter_async_context(running), broker, core)
        await home.until_shown()
        cloud.behaviour.actions.latency, cloud.behaviour.actions.latency_at_most = LATENCY
        yield home


@asynccontextmanager
async def _gateway(
    cloud: SimulatedCloud, clock: FastClock, broker: Broker, folder: Path, *, pushes: bool
) -> AsyncIterator[Gateway]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    options = options_for(cloud) | {
        "mqtt": {"mode": "enabled", "host": broker.host, "port": broker.port},
        "push": "auto" if pushes else "disabled",
        "push_url": f"http://127.0.0.1:{listeners[0].getsockname()[1]}",
    }
    path = folder / "options.json"
    path.write_text(json.dumps(options))
    async with new_session() as session:
        gateway = Gateway(OptionsFile(path), {}, session, clock, folder)
        async with gateway.running(*listeners):
            await gateway.account.sign_in.by_code(cloud.issue_code())
            yield gateway


async def _core(stack: AsyncExitStack, broker: Broker, folder: Path) -> Core | None:
    if not is_there(folder):
        return None
    core = await stack.enter_async_context(real_core(folder))
    await core.add_mqtt(broker.host, broker.port)
    return core


async def measure(folder: Path) -> tuple[list[Happening], list[Figure]]:
    """Return what happened within the hour, and the figures that have targets."""
    clock = FastClock(FACTOR)
    async with at_home(folder, clock) as home:
        day = Day(home.cloud, home.gateway.account, clock, clock.sleep)
        plans = compressed(plan_day(random.Random(1), BURSTS))
        async with home.watched(lambda views: day.look(HOME_ASSISTANT, views)):
            result = await day.live(random.Random(1), plans, plans[-1].at + LONGEST_GAP)
    return result.happenings, figures(result.happenings, home.shows)


def figures(happenings: list[Happening], shown: str) -> list[Figure]:
    """Return what is promised of Home Assistant."""
    following = [one for one in happenings if one.follows]
    return [
        Figure(f"{shown} news after, mean", mean(seconds(happenings, HOME_ASSISTANT)), "s", 5),
        Figure(f"{shown} news after, worst", max(seconds(happenings, HOME_ASSISTANT)), "s", 16),
        Figure(
            f"{shown} what follows a movement after, worst",
            max(seconds(following, HOME_ASSISTANT)),
            "s",
            6,
        ),
        Figure(
            f"{shown} a confirmed command after the bolt moved, worst",
            max(seconds(happenings, HOME_ASSISTANT, COMMAND)),
            "s",
        ),
    ]

"""A house with a broker: everything in it is real but U-tec's cloud."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from tests.broker import Broker, running_broker
from tests.browser.leaping_clock import LeapingClock
from tests.conftest import LOCK, OTHER_LOCK
from tests.plugins.mqtt.house import House
from utec_gateway.simulator.cloud import SimulatedCloud


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"real": asyncio.SelectorEventLoop}


@pytest.fixture
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """A broker that lets anybody in."""
    async with running_broker(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture
async def clock() -> LeapingClock:
    return LeapingClock()


@pytest.fixture
async def cloud(clock: LeapingClock) -> AsyncIterator[SimulatedCloud]:
    """Two locks, whose bolts take no time."""
    simulated = SimulatedCloud(clock, random.Random(1))
    simulated.behaviour.commands.effect_delay = 0.0
    simulated.add_device(LOCK, "Front Door")
    simulated.add_device(OTHER_LOCK, "Back Door")
    await simulated.start()
    yield simulated
    await simulated.stop()


@pytest.fixture
async def house(
    broker: Broker, cloud: SimulatedCloud, clock: LeapingClock, tmp_path: Path
) -> AsyncIterator[House]:
    """A gateway that does not run yet, with the options that it needs."""
    built = House(broker, cloud, clock, tmp_path, {"host": broker.host, "port": broker.port})
    yield built
    broker.thaw()
    await built.stop()

"""Seconds from a bolt that is turned by hand to Home Assistant, with pushes and without.

As in scripts/benchmark/home_assistant.py: a real broker, and a real Core where there is one. U-tec
knows of a bolt after a second and pushes then, or pushes at once while a Query shows the bolt after
that second; each answer takes 0.3 to 1.5 s more. The clock leaps over what lies between two bolts:
they come minutes apart, long after the quick polls that follow a movement.
"""

import asyncio
import random
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from scripts.benchmark.figures import Figure, percentile
from scripts.benchmark.freshness import LATENCY
from scripts.benchmark.home_assistant import Home, Views, at_home
from scripts.benchmark.virtual_day import FRONT
from utec_gateway.core.clock import FastClock
from utec_gateway.simulator.states import lock, unlock

BOLTS = 32
SETTLES_IN = 1.0
"""Seconds after which U-tec knows what has happened at a door."""
GAPS = (300.0, 1800.0)
"""Seconds from one bolt to the next, without what comes of them."""
POLL = 15.0
"""Seconds from one poll to the next while nothing happens."""
POLL_TAKES = 2.0
"""Seconds after which the poll that a leap has made due is over."""
Samples = dict[str, list[float]]


class LeapingClock(FastClock):
    """A fast clock that may leap over a time in which nothing happens."""

    def __init__(self, factor: float) -> None:
        super().__init__(factor)
        self._times_faster = factor
        self._leapt_over = 0.0
        self._leap = asyncio.Event()

    def monotonic(self) -> float:
        """Return accelerated seconds since the start."""
        return super().monotonic() + self._leapt_over

    async def sleep(self, seconds: float) -> None:
        """Sleep for the accelerated equivalent, or less where a leap ends it."""
        due = self.monotonic() + seconds
        await super().sleep(0)
        while (left := due - self.monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leap.wait(), left / self._times_faster)

    def leap(self, seconds: float) -> None:
        """Let that much time be over; what was due in it happens now, once."""
        self._leapt_over += seconds
        self._leap.set()
        self._leap = asyncio.Event()


@dataclass(frozen=True)
class Case:
    """How U-tec tells of a bolt; the slower the news, the faster the clock may run."""

    name: str
    at_most: float | None = None
    pushes: bool = True
    is_ahead: bool = False
    """Whether the push is sent before a Query shows the bolt."""
    factor: float = 1


CASES = (
    Case("with push", at_most=2),
    Case("with a push ahead of the Query", is_ahead=True, factor=2),
    Case("without push", pushes=False, factor=10),
)


class Bolt:
    """The front door's, as it is turned by hand; it owns what somebody waits to be shown."""

    def __init__(self, home: Home, clock: LeapingClock, *, is_ahead: bool) -> None:
        self._cloud = home.cloud
        self._is_ahead = is_ahead
        self._device = home.cloud.devices[FRONT]
        self._clock = clock
        self._wanted = ""
        self._shown = asyncio.Event()

    def look(self, views: Views) -> None:
        """Take in what is shown now."""
        if views[FRONT].bolt == self._wanted:
            self._shown.set()

    async def turned(self) -> float:
        """Turn it, and return after how many seconds that is shown."""
        is_open = self._wanted == "unlocked"
        self._wanted = "locked" if is_open else "unlocked"
        self._shown.clear()
        began = self._clock.monotonic()
        self._device.operate(lock if is_open else unlock, SETTLES_IN)
        if self._is_ahead:
            self._push()
        await self._shown.wait()
        return self._clock.monotonic() - began

    def _push(self) -> None:
        """Push what no Query shows yet; nothing follows when one does."""
        state = {"capability": "st.lock", "name": "lockState", "value": self._wanted.title()}
        body = {"payload": {"devices": [{"id": FRONT, "states": [state]}]}}
        self._cloud.behaviour.pushes.pushes_left = 0
        self._cloud.pushes.push_body(body)


def spread(rng: random.Random, low: float, high: float) -> list[float]:
    """Return a number for each bolt, evenly between two others: a few bolts need no luck then."""
    numbers = [low + (high - low) * (number + 0.5) / BOLTS for number in range(BOLTS)]
    return rng.sample(numbers, BOLTS)


async def turn_bolts(folder: Path, case: Case) -> tuple[str, list[float]]:
    """Return who shows the bolt, and after how many seconds each time."""
    clock, rng = LeapingClock(case.factor), random.Random(1)
    plans = zip(
        spread(rng, *GAPS), spread(rng, POLL_TAKES, POLL), spread(rng, *LATENCY), strict=True
    )
    async with at_home(folder, clock, pushes=case.pushes) as home:
        bolt, seconds = Bolt(home, clock, is_ahead=case.is_ahead), []
        async with home.watched(bolt.look):
            for gap, phase, latency in plans:
                clock.leap(gap)
                await clock.sleep(POLL_TAKES)
                clock.leap(phase - POLL_TAKES)
                actions = home.cloud.behaviour.actions
                actions.latency = actions.latency_at_most = latency
                seconds.append(await bolt.turned())
    return home.shows, seconds


def measure() -> tuple[Samples, list[Figure]]:
    """Return after how many seconds each bolt was shown, and the figures that have targets."""
    samples, figures = {}, []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            shows, seconds = asyncio.run(turn_bolts(Path(folder), case))
        samples[case.name] = [round(one, 3) for one in seconds]
        bolt = f"{shows} a bolt by hand {case.name}"
        figures.append(Figure(f"{bolt}, median", median(seconds), "s", case.at_most))
        figures.append(Figure(f"{bolt}, p95", percentile(seconds, 0.95), "s"))
    return samples, figures

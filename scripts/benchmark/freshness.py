"""Seconds from what happens at a door to those who want to know it, over virtual days.

Measured are: the event that wakes the gateway's event streams and hooks in the moment of the poll
(tests/devices/test_poller.py); who asks the gateway every 30 s, as the integrations 1.3 and 1.5 do;
and a program that polls U-tec itself every 10 s and lists the devices every five minutes, as the
most used integration does. U-tec takes 0.3 to 1.5 s for each answer.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import mean, median

from scripts.benchmark.daily_calls import signed_in
from scripts.benchmark.figures import Figure
from scripts.benchmark.virtual_day import (
    AUTO_LOCK,
    BACK,
    COMMAND,
    DAY,
    FRONT,
    JAMMED,
    KINDS,
    OFFLINE,
    Happening,
    Plan,
    Readers,
    View,
    plan_day,
)
from utec_gateway.account import Account
from utec_gateway.core.clock import Clock
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.models import Device, Operation
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.states import LockState, unlock
from utec_gateway.simulator.virtual_time import VirtualClock, VirtualTimeLoop

DAYS = 2
LATENCY = (0.3, 1.5)
"""Seconds that U-tec takes for an answer (utec-cloud 2.4)."""
GATEWAY, PLAIN = "gateway", "plain 10 s poll"
HOME_ASSISTANT = "Home Assistant"
"""What shows us over MQTT (scripts/benchmark/home_assistant.py)."""
INTEGRATIONS = {"integration 1.5": 30.0, "integration 1.3": 30.0}
PLAIN_EVERY, PLAIN_DISCOVERY_EVERY = 10.0, 300.0
READERS = (GATEWAY, *INTEGRATIONS, PLAIN)
OUTAGE = 600.0
STEP = 0.1
"""Seconds between two looks at whether a command has moved the bolt."""


@dataclass(frozen=True)
class DayResult:
    """What happened on one day, and what it cost."""

    happenings: list[Happening]
    calls: int
    plain_calls: int


def _known(device: Device) -> View:
    """Return what the gateway tells its readers of a device."""
    door = device.readings.door.value or ""
    return View(str(device.reported_state), str(door), device.is_offline)


def _true(device: SimulatedDevice) -> View:
    """Return what a Query says of a device; the plain poll believes the first Offline."""
    states = device.states
    words = (states.lock_state or "", states.door or "")
    return View(words[0].lower(), words[1].lower(), not device.online)


class Day:
    """Lets what is planned happen to a gateway and to those who ask it, or U-tec."""

    def __init__(
        self,
        cloud: SimulatedCloud,
        account: Account,
        clock: Clock,
        pass_time: Callable[[float], Awaitable[None]],
    ) -> None:
        self._cloud = cloud
        self._account = account
        self._clock = clock
        self._pass_time = pass_time
        self._readers = Readers()
        self._plain_calls = 0
        self._tasks: list[asyncio.Task[None]] = []
        account.poller.changed.subscribe(lambda _devices: self.look(GATEWAY, self._cached()))

    def look(self, reader: str, views: Mapping[str, View]) -> None:
        """Take in what a reader knows now."""
        self._readers.looks(reader, views, self._clock.monotonic())

    def _cached(self) -> Mapping[str, View]:
        return {device.id: _known(device) for device in self._account.cache.devices}

    def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        self._tasks.append(asyncio.create_task(run()))

    async def _ask_the_gateway(self, reader: str, every: float, phase: float) -> None:
        await self._clock.sleep(phase)
        while True:
            self.look(reader, self._cached())
            await self._clock.sleep(every)

    async def _ask_u_tec(self, rng: random.Random) -> None:
        listed = float("-inf")
        while True:
            if self._clock.monotonic() - listed >= PLAIN_DISCOVERY_EVERY:
                listed = self._clock.monotonic()
                self._plain_calls += 1
            self._plain_calls += 1
            await self._clock.sleep(PLAIN_EVERY + rng.uniform(*LATENCY))
            self.look(PLAIN, {one: _true(device) for one, device in self._cloud.devices.items()})

    async def live(self, rng: random.Random, plans: list[Plan], lasts: float) -> DayResult:
        """Let it happen."""
        for reader, every in INTEGRATIONS.items():
            phase = rng.uniform(0, every)
            self._keep(lambda r=reader, e=every, p=phase: self._ask_the_gateway(r, e, p))  # type: ignore[misc]
        self._keep(lambda: self._ask_u_tec(rng))
        began = self._clock.monotonic()
        for number, plan in enumerate(plans):
            await self._pass_time(max(began + plan.at - self._clock.monotonic(), 0.0))
            self._happen(plan, plans[number + 1 :])
        await self._pass_time(began + lasts - self._clock.monotonic())
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        calls = sum(n for name, n in self._cloud.calls.by_action.items() if "Device/" in name)
        return DayResult(self._readers.happenings, calls, self._plain_calls)

    def _happen(self, plan: Plan, later: list[Plan]) -> None:
        device = self._cloud.devices[plan.device_id]
        if plan.kind == COMMAND:
            self._keep(lambda: self._command(plan))
            return
        if plan.kind == OFFLINE:
            device.go_offline(OUTAGE)
        elif plan.change is unlock:
            device.behaviour.auto_lock_after = _auto_lock_after(plan, later)
        if plan.change:
            device.operate(plan.change)
        self._readers.happens(plan, self._clock.monotonic())

    async def _command(self, plan: Plan) -> None:
        """Unlock through the gateway; it counts from the moment in which the bolt moves."""
        device = self._cloud.devices[plan.device_id]
        device.behaviour.auto_lock_after = None
        origin = Origin(OriginKind.API, "127.0.0.1")
        self._account.commands.start(plan.device_id, Command(Operation.UNLOCK), origin)
        while device.states.lock_state is not LockState.UNLOCKED:
            await self._clock.sleep(STEP)
        self._readers.happens(plan, self._clock.monotonic())


def _auto_lock_after(plan: Plan, later: list[Plan]) -> float | None:
    """Return after how many seconds the lock locks itself, if that comes next."""
    bolt = next(
        (one for one in later if one.device_id == plan.device_id and one.kind != "door"), None
    )
    return bolt.at - plan.at if bolt and bolt.kind == AUTO_LOCK else None


async def live_a_day(seed: int, latency: tuple[float, float] = LATENCY) -> DayResult:
    """Return what one day brought; the same seed brings the same day."""
    clock, rng = VirtualClock(), random.Random(seed)
    cloud = SimulatedCloud(clock, random.Random(seed))
    cloud.add_device(FRONT, "Front Door", "lock_with_sensor")
    cloud.add_device(BACK, "Back Door")
    await cloud.start()
    try:
        async with signed_in(cloud, clock) as (_, gateway):
            cloud.behaviour.actions.latency, cloud.behaviour.actions.latency_at_most = latency
            cloud.calls.reset()
            day = Day(cloud, gateway.account, clock, clock.advance)
            result = await day.live(rng, plan_day(rng), DAY)
            tail = asyncio.create_task(clock.run_out())  # the gateway waits for a refresh
        tail.cancel()
        return result
    finally:
        await cloud.stop()


def lived(seed: int) -> DayResult:
    """Return what one day brought, on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(live_a_day(seed))


def seconds(happenings: list[Happening], reader: str, kind: str | None = None) -> list[float]:
    """Return after how many seconds a reader noticed what it noticed."""
    return [
        one.noticed[reader]
        for one in happenings
        if reader in one.noticed and kind in {None, one.kind}
    ]


def measure(days: int = DAYS) -> tuple[list[Happening], list[Figure]]:
    """Return what happened on some days, and the figures that have targets."""
    results = [lived(seed) for seed in range(1, days + 1)]
    return [one for result in results for one in result.happenings], figures(results)


def to_json(happenings: list[Happening]) -> list[dict[str, object]]:
    """Return every happening for programs."""
    return [
        {"kind": one.kind, **{reader: round(at, 3) for reader, at in one.noticed.items()}}
        for one in happenings
    ]


def figures(results: list[DayResult]) -> list[Figure]:
    """Return what the gateway is held to."""
    happenings = [one for result in results for one in result.happenings]
    all_of_them = seconds(happenings, GATEWAY)
    but_offline = seconds([one for one in happenings if one.kind != OFFLINE], GATEWAY)
    following = seconds([one for one in happenings if one.follows], GATEWAY)
    calls = max(result.calls for result in results)
    return [
        Figure("news after, mean", mean(all_of_them), "s", at_most=5),
        Figure("news after, median", median(all_of_them), "s"),
        Figure("news after, worst (but offline)", max(but_offline), "s", at_most=16),
        Figure("what follows seen news within 2 min, worst", max(following), "s", at_most=6),
        Figure("jammed, worst", max(seconds(happenings, GATEWAY, JAMMED)), "s", at_most=16),
        Figure("offline, worst", max(seconds(happenings, GATEWAY, OFFLINE)), "s", at_most=26),
        Figure("cloud calls on the busiest virtual day", calls, "calls", at_most=6000),
        Figure(f"cloud calls a day, {PLAIN}", max(r.plain_calls for r in results), "calls"),
    ]


def table(happenings: list[Happening], readers: tuple[str, ...] = READERS) -> str:
    """Return mean, median and worst by kind for each reader, and what was never noticed."""
    head = f"{'seconds until noticed':22}" + "".join(f"{reader:>26}" for reader in readers)
    lines = [head, f"{'':22}" + f"{'mean  median  worst':>26}" * len(readers)]
    for kind in (None, *KINDS):
        chosen = [one for one in happenings if kind in {None, one.kind}]
        cells = (_cell(seconds(chosen, reader), len(chosen)) for reader in readers)
        lines.append(f"{kind or 'all'} ({len(chosen)})".ljust(22) + "".join(cells))
    return "\n".join(lines)


def _cell(samples: list[float], happened: int) -> str:
    missed = f"-{happened - len(samples)}" if len(samples) < happened else ""
    if not samples:
        return f"{missed:>26}"
    said = f"{mean(samples):.1f}  {median(samples):6.1f} {max(samples):6.1f}"
    return f"{missed + '  ' if missed else ''}{said}".rjust(26)

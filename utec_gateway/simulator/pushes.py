"""The push: the one thing in this cloud that happens though nobody asks (rows E1 to E4).

Devices still change only when somebody looks. From the first registration on, one task does the
looking: it sleeps, on the clock of the cloud, until the next thing is due or a device wakes it.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from utec_gateway.core.clock import Clock, done_within
from utec_gateway.core.tasks import TaskSet

from .behaviour import Behaviour
from .calls import Calls
from .devices import Reading, SimulatedDevice
from .push_bodies import Push, PushBodies
from .push_delivery import Delivery, PushDelivery, Registration

SHORTEST_REPEAT = 0.1
"""Seconds; a repetition without a pause would leave the loop no rest."""


class Pushes:
    """Tells whoever registered last of every change that the cloud learns of."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        behaviour: Behaviour,
        calls: Calls,
        devices: Mapping[str, SimulatedDevice],
    ) -> None:
        self._clock = clock
        self._behaviour = behaviour.pushes
        self._actions = behaviour.actions
        self._devices = devices
        self._bodies = PushBodies(rng)
        self._delivery = PushDelivery(clock, behaviour.pushes, calls.count)
        self._tasks = TaskSet()
        self._watcher: asyncio.Task[None] | None = None
        self._woken: asyncio.Future[None] | None = None
        self._running = False
        self._seen: dict[str, Reading] = {}
        self._held_back: Push | None = None
        self._repeat_at = -math.inf

    @property
    def registrations(self) -> Sequence[Registration]:
        """Every registration, the one that counts last."""
        return self._delivery.registrations

    @property
    def deliveries(self) -> deque[Delivery]:
        """Every attempt to deliver, in the order of their ends."""
        return self._delivery.deliveries

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Push for as long as the cloud serves; registrations outlive a restart."""
        self._delivery.open()
        self._running = True
        self._watch_if_wanted()
        yield
        self._running, self._watcher = False, None
        await self._tasks.close()
        await self._delivery.close()

    def register(self, url: str, secret: str | None = None) -> None:
        """Push to this address from now on, as Configure/Set has it; who was registered is not."""
        self.look()
        self._delivery.register(url, secret)
        self._repeat_at = self._clock.monotonic() + (self._behaviour.push_every or 0.0)
        self._watch_if_wanted()
        self.wake()

    def wake(self) -> None:
        """Let the task look again now: something else may be due, or due earlier."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def look(self) -> None:
        """Push every change since the last look; a device seen for the first time is no change."""
        for device_id, device in self._devices.items():
            before, now = self._seen.get(device_id), device.known
            self._seen[device_id] = now
            if before not in {None, now} and device.behaviour.ticked:
                self._announce([device])

    def push_states(self, devices: Iterable[SimulatedDevice]) -> None:
        """Push what the cloud knows of devices, now, whatever the switches of row E2 say."""
        self._delivery.dispatch([self._states_of(devices)])

    def push_sync(self) -> None:
        """Push DeviceSync with all devices, now (E4)."""
        ticked = self._ticked()
        self._delivery.dispatch([self._bodies.sync(ticked, self._actions.extra_fields)])

    def push_deletion(self, device_ids: Iterable[str]) -> None:
        """Push DeviceDelete, now; the devices stay as they are (E4)."""
        self._delivery.dispatch([self._bodies.deletion(device_ids)])

    def push_body(self, body: Any) -> None:
        """Push any JSON value at all, now."""
        self._delivery.dispatch([Push("any", body)])

    def _watch_if_wanted(self) -> None:
        if self._running and self._watcher is None and self.registrations:
            self._watcher = self._tasks.create_task(self._watch(), "pushes")

    async def _watch(self) -> None:
        while True:
            self._woken = asyncio.get_running_loop().create_future()
            self.look()
            self._repeat_if_due()
            await done_within(self._clock, self._seconds_to_rest(), self._woken)

    def _seconds_to_rest(self) -> float:
        due = [device.next_due for device in self._devices.values()]
        if self._behaviour.push_every is not None:
            due.append(self._repeat_at)
        return min(due, default=math.inf) - self._clock.monotonic()

    def _repeat_if_due(self) -> None:
        every, now = self._behaviour.push_every, self._clock.monotonic()
        if every is not None and now >= self._repeat_at:
            self._repeat_at = now + max(every, SHORTEST_REPEAT)
            self._announce(self._ticked())

    def _announce(self, devices: Iterable[SimulatedDevice]) -> None:
        if not self.registrations or self._is_spent():
            return
        batch = self._in_turn(self._states_of(devices))
        copies = [push for push in batch for _ in range(self._behaviour.push_copies)]
        self._delivery.dispatch(copies, self._behaviour.push_delay)

    def _is_spent(self) -> bool:
        left = self._behaviour.pushes_left
        if left:
            self._behaviour.pushes_left = left - 1
        return left == 0

    def _in_turn(self, push: Push) -> list[Push]:
        if self._behaviour.pushes_out_of_order and self._held_back is None:
            self._held_back = push
            return []
        held_back, self._held_back = self._held_back, None
        return [push] if held_back is None else [push, held_back]

    def _states_of(self, devices: Iterable[SimulatedDevice]) -> Push:
        return self._bodies.states(devices, self._behaviour.push_shape, self._actions.casing)

    def _ticked(self) -> list[SimulatedDevice]:
        return [device for device in self._devices.values() if device.behaviour.ticked]

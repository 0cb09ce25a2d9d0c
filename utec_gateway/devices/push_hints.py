"""Pushes are hints: the devices that they name are queried, and nothing else is believed."""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Device, DeviceReport
from utec_gateway.core.tasks import TaskSet
from utec_gateway.utec.client import LARGEST_BATCH
from utec_gateway.utec.push import PushedNews

from .cache import DeviceCache
from .next_poll import HOUR
from .poller import DevicePoller

_LOGGER = logging.getLogger(__name__)

QUERY_EVERY = 5.0
"""Seconds from one extra Query to the next, however many pushes come."""
MOST_AN_HOUR = 100
"""Extra Queries in any hour: however many pushes come, polling goes on as before."""
QUERIES_PER_PUSH = 2
"""A second one since the cloud may push before its own Query shows it."""
SAME_MOVE = timedelta(minutes=1)
"""How long after a push a movement is the one that it told of."""
REGISTERED_FOR = 2 * 24 * 3600.0
"""Seconds after a registration in which the next one follows, if pushes are wanted at all."""
LIST_EVERY = 300.0
"""Seconds from one request for the list of devices to the next."""


@dataclass(frozen=True)
class PushRecord:
    """How pushes have done since the start."""

    received: int = 0
    last: datetime | None = None
    judged: int = 0
    """How many said something of a device that was queried afterwards."""
    right: int = 0
    """How many of these said what the Query then showed."""
    unpushed_move: datetime | None = None
    """When something moved of which no push has come since."""


class PushHints:
    """Owns which devices are still to be queried, and how pushes have done."""

    def __init__(self, poller: DevicePoller, cache: DeviceCache, clock: Clock) -> None:
        self._poller = poller
        self._cache = cache
        self._clock = clock
        self._tasks = TaskSet()
        self._hinted: dict[str, tuple[DeviceReport, int]] = {}
        """What was said of each device, by its id, and how many Queries are left."""
        self._queried: deque[float] = deque(maxlen=MOST_AN_HOUR)
        """When the last extra Queries were sent, by the monotonic clock."""
        self._listed = self._registered = float("-inf")
        self._is_querying = False
        self.record = PushRecord()

    def received(self, news: PushedNews) -> None:
        """Take in a push; unknown devices are none of ours, and a list is only asked for."""
        self.record = replace(
            self.record,
            received=self.record.received + 1,
            last=self._clock.now(),
            unpushed_move=None,
        )
        if news.is_of_the_list:
            self._request_list()
        known = {device.id for device in self._cache.devices}
        self._hinted |= {one.id: (one, QUERIES_PER_PUSH) for one in news.reports if one.id in known}
        if self._hinted and not self._is_querying:
            self._is_querying = True
            self._tasks.create_task(self._query_hinted(), "query after a push")

    def registered(self) -> None:
        """Take in that pushes are to come; what moved while none were could not be pushed."""
        now = self._clock.monotonic()
        if now - self._registered > REGISTERED_FOR:
            self.record = replace(self.record, unpushed_move=None)
        self._registered = now

    def moved(self, _device: Device) -> None:
        """Take in that a device moved, as a push may have made us see."""
        now, last = self._clock.now(), self.record.last
        was_pushed = last is not None and abs(now - last) < SAME_MOVE
        if not was_pushed and self.record.unpushed_move is None:
            self.record = replace(self.record, unpushed_move=now)

    async def close(self) -> None:
        """Forget what is still to be queried."""
        await self._tasks.close()

    def _request_list(self) -> None:
        now = self._clock.monotonic()
        if now - self._listed >= LIST_EVERY:
            self._listed = now
            self._poller.request_poll()

    async def _query_hinted(self) -> None:
        """Query what is hinted at; once the hour's extra Queries are used up, a poll does."""
        try:
            while self._hinted and not self._is_hour_used_up:
                await self._clock.sleep(self._pause)
                await self._query(dict(list(self._hinted.items())[:LARGEST_BATCH]))
        finally:
            self._hinted.clear()
            self._is_querying = False

    @property
    def _is_hour_used_up(self) -> bool:
        most = min(MOST_AN_HOUR, self._poller.pace.extra_calls)
        sent = self._queried
        return len(sent) >= most and self._clock.monotonic() - sent[-most] < HOUR

    @property
    def _pause(self) -> float:
        """Return the seconds until the next extra Query may be sent."""
        last = self._queried[-1] if self._queried else float("-inf")
        return max(last + QUERY_EVERY - self._clock.monotonic(), 0.0)

    async def _query(self, asked: Mapping[str, tuple[DeviceReport, int]]) -> None:
        """Query those devices, and judge what was pushed of them."""
        now = self._clock.monotonic()
        self._queried.append(now)
        for device_id in asked:
            del self._hinted[device_id]
        devices = tuple(device for device in self._cache.devices if device.id in asked)
        try:
            await self._poller.query_hinted(devices)
        except GatewayError as error:
            _LOGGER.debug("The Query after a push failed: %s", error)
            return
        for device in self._cache.devices:
            if device.id in asked:
                self._judge(device, now, *asked[device.id])

    def _judge(self, device: Device, asked: float, pushed: DeviceReport, left: int) -> None:
        """Count whether a push was right; one that is ahead of the Query is asked for again."""
        is_right = agrees(device, asked, pushed)
        if is_right is None:
            return
        if not is_right and left > 1:
            self._hinted.setdefault(device.id, (pushed, left - 1))
            return
        right = self.record.right + is_right
        self.record = replace(self.record, judged=self.record.judged + 1, right=right)


def agrees(device: Device, asked: float, pushed: DeviceReport) -> bool | None:
    """Tell whether what was pushed of a device is what a Query `asked` then shows.

    None when they speak of different things.
    """
    shown = {
        one.key: one.value for one in device.states if one.seen and one.seen.monotonic >= asked
    }
    compared = [one for one in pushed.states if one.key in shown]
    return all(shown[one.key] == one.value for one in compared) if compared else None


def is_silent(record: PushRecord, now: datetime) -> bool:
    """Tell whether something moved a day ago and no push has come since."""
    moved = record.unpushed_move
    return moved is not None and now - moved >= timedelta(days=1)

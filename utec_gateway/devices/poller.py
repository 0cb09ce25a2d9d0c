"""The poller: keeps the cache of the devices true with few calls."""

import logging
from collections.abc import Iterable
from datetime import datetime

from utec_gateway.core.backoff import Backoff, Failure
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    GatewayError,
    UtecError,
    UtecProtocolError,
    UtecRateLimitedError,
)
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.tasks import SingleFlight, TaskSet, Throttle
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.storage.settings import Settings
from utec_gateway.utec.client import UtecClient

from .cache import Change, DeviceCache
from .device_list import DeviceList
from .discovery import DiscoverySchedule
from .first_poll import WAIT_AT_MOST, FirstPoll
from .next_poll import FEW, PollingPace

_LOGGER = logging.getLogger(__name__)

LONGEST_PAUSE = 300.0
"""Seconds between two polls while they reach U-tec and fail."""
FORCED_ANSWERS_FOR = 5.0
"""Seconds for which a forced poll answers for everybody who would force one."""


class DevicePoller:
    """One poll of the cloud at a time, for however many clients and locks."""

    def __init__(
        self,
        cloud: UtecClient,
        cache: DeviceCache,
        hooks: Hooks,
        device_list: DeviceList,
        pace: PollingPace,
        settings: Settings,
        signed_in: Event[None],
        clock: Clock,
    ) -> None:
        self._cloud = cloud
        self._cache = cache
        self._hooks = hooks
        self._device_list = device_list
        self.pace = pace
        self._settings = settings
        self._clock = clock
        self._tasks = TaskSet()
        self._poll = SingleFlight(self._poll_once, "poll of the cloud")
        self._first = FirstPoll(clock)
        self._forced = Throttle(self._poll, "forced poll", clock, FORCED_ANSWERS_FOR)
        self._forced_discovery = Throttle(
            self._discover_now, "forced discovery", clock, FORCED_ANSWERS_FOR
        )
        self._discovery = DiscoverySchedule(clock)
        self._backoff = Backoff(clock)
        self.changed = Event[tuple[Device, ...]]("the readings")
        """Emitted with all devices after every Query."""
        self.polled = Event[None]("a poll")
        """Emitted when a poll has ended, whatever came of it, or a Query between two polls."""
        self.last_updated: datetime | None = None
        """When the last bulk Query succeeded."""
        settings.changed.subscribe(lambda _options: self.request_poll())
        signed_in.subscribe(lambda _: self._signed_in())

    @property
    def failure(self) -> Failure | None:
        """Return since when every poll has failed, and why, or None."""
        return self._backoff.failure

    @property
    def is_starting(self) -> bool:
        """Tell whether no poll has ended yet since the start, or since the account changed."""
        return not self._first.is_over

    async def wait_for_first_poll(self, at_most: float = WAIT_AT_MOST) -> None:
        """Wait while the first poll is under way: a start is not an outage."""
        first = None
        while first is not self._first:  # the account may change meanwhile
            first = self._first
            await first.wait(at_most)

    def due_in(self) -> float:
        """Return seconds until the next poll: only while there may be a token to poll with."""
        return max(self._pause, self._cloud.ready_in())

    @property
    def _pause(self) -> float:
        return max(self.pace.pause, self._backoff.pause)

    async def poll(self) -> None:
        """Poll, or join the poll that is under way; raise what kept it from succeeding."""
        await self._poll()

    async def poll_now(self) -> None:
        """Poll on demand; a poll that was forced a moment ago answers for everybody."""
        await (self._forced_discovery if self._forced_discovery.is_young else self._forced)()

    async def discover(self) -> None:
        """Poll with a Discovery, due or not; one forced a moment ago answers for everybody."""
        await self._forced_discovery()

    async def _discover_now(self) -> None:
        self._discovery.request()
        await self._poll()
        if self._discovery.is_due:  # the poll that was joined had passed its Discovery
            await self._poll()

    def request_poll(self) -> None:
        """Forget every pause: something changed that may have cured the failure."""
        self._backoff.retry_now()
        self.pace.poll_now()
        self._discovery.request()

    def _signed_in(self) -> None:
        """Poll at once; forget the devices first when they are another account's."""
        if self._device_list.is_of_another_account:
            self._start_anew()
        self._device_list.signed_in()
        self.request_poll()

    def _start_anew(self) -> None:
        earlier, self._first = self._first, FirstPoll(self._clock)
        self.last_updated = None
        self._device_list.forget()
        earlier.ends()

    async def _poll_once(self) -> None:
        """Poll; whatever comes of it, the start is over."""
        first = self._first
        first.begins()
        try:
            await self._poll_cloud()
        finally:
            first.ends()
            if first is not self._first:  # it was asked for the account before
                self.last_updated = None
                self.request_poll()
            self.polled.emit(None)

    async def _poll_cloud(self) -> None:
        was_due, asked = self._pause <= 0, self._clock.monotonic()
        self._check_pacing()
        if not was_due:
            self.pace.check()
        try:
            if self._discovery.is_due:
                await self._discover()
            await self._query_all()
        except GatewayError as error:
            if was_due or error.retry_after is not None:
                self._failed(error)
                self.pace.polled(asked, len(self._cache.devices))
            raise
        if self.failure:
            _LOGGER.info("U-tec answers again")
        self._backoff.reset()
        self.pace.polled(asked, len(self._cache.devices))
        self.last_updated = self._clock.now()

    def _check_pacing(self) -> None:
        """Raise while U-tec asks us to slow down: callers get what is in the cache."""
        left = self._backoff.slow_down_for
        if self.failure and left > 0:
            raise UtecRateLimitedError(str(self.failure), retry_after=left)

    def _failed(self, error: GatewayError) -> None:
        """Slow down as far as the failure asks for it; for a token, its own source does."""
        interval = float(self._settings.options.poll_interval_seconds)
        is_answer = isinstance(error, UtecError) and error.reached
        failure = self._backoff.failed(error, interval, LONGEST_PAUSE if is_answer else interval)
        _LOGGER.warning("No news of the locks: %s. Next poll in %d s", failure, self._backoff.pause)

    async def _discover(self) -> None:
        """Ask what devices there are; a failure matters only while none is known."""
        first = self._first
        self._discovery.asked()
        try:
            entries = await self._cloud.fetch_devices()
        except GatewayError as error:
            self._cache.not_listed()
            if not self._cache.devices or error.retry_after is not None:
                raise
            _LOGGER.warning("The list of devices could not be refreshed: %s", error)
            self._discovery.failed()
            return
        if first is self._first:
            self._discovery.answered(is_empty=not entries)
            self._device_list.take_in(entries)

    async def query_one(self, device: Device) -> Device:
        """Ask for one device alone, for a command, and return it as it then is."""
        self.pace.commanded()
        await self._query_few((device,), is_urgent=True)
        if self.failure:
            self.pace.poll_now()
            self._backoff.retry_now()
        return self._cache.find(device.id)

    async def query_hinted(self, devices: tuple[Device, ...]) -> None:
        """Ask for a few devices as far as polls and commands leave calls for it."""
        self._check_pacing()
        self.pace.check(FEW)
        await self._query_few(devices)

    async def _query_few(self, devices: tuple[Device, ...], *, is_urgent: bool = False) -> None:
        try:
            await self._query(devices, is_urgent=is_urgent)
        except UtecError as error:
            if error.retry_after is not None:
                self._failed(error)
            raise
        self.polled.emit(None)

    async def _query_all(self) -> None:
        try:
            await self._query(self._cache.devices)
        except UtecProtocolError:
            if not self._cache.is_list_empty:  # if it is, U-tec answers, and knows none any more
                self._discovery.doubt()
                raise

    async def _query(self, devices: tuple[Device, ...], *, is_urgent: bool = False) -> None:
        if devices:
            asked = self._cache.now()
            reports = await self._cloud.fetch_reports(devices, is_urgent=is_urgent)
            before, changes = self._cache.devices, self._cache.reported(reports, asked)
            self.pace.seen(before, self._cache.devices)
            self._tell(changes)

    def _tell(self, changes: Iterable[Change]) -> None:
        """Tell the plugins what changed, without waiting for them."""
        self.changed.emit(self._cache.devices)
        for device, previous in changes:
            if device.is_lock:
                self._tasks.create_task(self._hooks.lock_changed(device, previous), "lock changed")

    async def close(self) -> None:
        """Stop polling."""
        for work in (self._forced, self._forced_discovery, self._poll, self._tasks):
            await work.close()

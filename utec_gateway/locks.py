"""The lock coordinator: keeps the picture true with few calls."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from .background import Background, SingleFlight
from .clock import Clock
from .errors import GatewayError
from .hooks import Hooks
from .hookspecs import OptionsSource
from .models import Device
from .notifications import Notifications
from .picture import Change, Picture
from .store import StateStore
from .utec.client import UtecClient

_LOGGER = logging.getLogger(__name__)

DISCOVERY_EVERY = 3600.0
LONGEST_PAUSE = 900.0
"""Seconds between two looks while the cloud is down."""


class LockCoordinator:
    """One look at the cloud at a time, for however many clients and locks."""

    def __init__(
        self,
        cloud: UtecClient,
        picture: Picture,
        hooks: Hooks,
        store: StateStore,
        settings: OptionsSource,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._notifications = notifications
        self._cloud = cloud
        self._picture = picture
        self._hooks = hooks
        self._store = store
        self._settings = settings
        self._clock = clock
        self._background = Background()
        self._look = SingleFlight(self._look_at_the_cloud, "look at the cloud")
        self._next_look = self._next_discovery = clock.monotonic()
        self._failures = 0
        self.last_updated: datetime | None = None
        """When the last bulk Query succeeded."""
        self.failing_since: datetime | None = None
        """Since when every look has failed, or None."""
        self._failing_from = 0.0

    @property
    def failing_for(self) -> float:
        """Return for how many seconds every look has failed, whatever the wall clock did."""
        return self._clock.monotonic() - self._failing_from if self.failing_since else 0.0

    def due_in(self) -> float:
        """Return seconds until the next look."""
        return self._next_look - self._clock.monotonic()

    async def look(self) -> None:
        """Take one fresh look, or join the one in flight; raise what kept it from succeeding."""
        await self._look()

    async def discover(self) -> None:
        """Look with a Discovery, due or not."""
        self._next_discovery = self._clock.monotonic()
        await self._look()

    def look_soon(self) -> None:
        """Forget every pause: something changed that may have cured the failure."""
        self._failures = 0
        self._next_look = self._next_discovery = self._clock.monotonic()

    async def _look_at_the_cloud(self) -> None:
        was_due = self._next_look <= self._clock.monotonic()
        try:
            if self._next_discovery <= self._clock.monotonic():
                await self._discover()
            await self._query(self._picture.devices)
        except GatewayError as error:
            if was_due:
                self._failed(error)
            raise
        if self._failures:
            _LOGGER.info("U-tec answers again")
        self._failures, self.failing_since = 0, None
        self._notifications.utec_answers()
        self._next_look = self._clock.monotonic() + self._settings.options.poll_interval_seconds
        self.last_updated = self._clock.now()

    def _failed(self, error: GatewayError) -> None:
        """Slow down, doubling up to fifteen minutes."""
        self._failures += 1
        if self.failing_since is None:
            self.failing_since, self._failing_from = self._clock.now(), self._clock.monotonic()
        interval = float(self._settings.options.poll_interval_seconds)
        pause = max(interval, min(interval * 2 ** min(self._failures, 10), LONGEST_PAUSE))
        self._next_look = self._clock.monotonic() + pause
        _LOGGER.warning("No news of the locks: %s. Next look in %d s", error, pause)

    async def _discover(self) -> None:
        """Ask what devices there are; a failure matters only while none is known."""
        try:
            entries = await self._cloud.fetch_devices()
        except GatewayError as error:
            if not self._picture.devices:
                raise
            _LOGGER.warning("The list of devices could not be refreshed: %s", error)
            self._next_discovery = self._clock.monotonic() + LONGEST_PAUSE
            return
        self._next_discovery = self._clock.monotonic() + DISCOVERY_EVERY
        self._picture.discovered(entries)
        known = tuple(device.entry for device in self._picture.devices)
        if known != self._store.state.devices:
            await self._store.update(lambda state: replace(state, devices=known))

    async def query_one(self, device: Device) -> Device:
        """Ask for one device alone and return it as it then is."""
        await self._query((device,))
        if self._failures:
            self._next_look = self._clock.monotonic()
        return self._picture.find(device.id)

    async def _query(self, devices: tuple[Device, ...]) -> None:
        if devices:
            asked = self._picture.now()
            reports = await self._cloud.fetch_reports(devices)
            self._tell(self._picture.reported(reports, asked))

    def _tell(self, changes: Iterable[Change]) -> None:
        """Tell the plugins about locks that changed, without waiting for them."""
        for device, previous in changes:
            if device.reported_state != previous.reported_state:
                self._notifications.bolt_moved(device)
            if device.is_lock:
                self._background.spawn(self._hooks.lock_changed(device, previous), "lock changed")

    async def close(self) -> None:
        """Stop looking."""
        await self._look.close()
        await self._background.close()

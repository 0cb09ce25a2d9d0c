"""All locks with their guests: listed when it is due, and soon when a lock is back."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from utec_gateway.core.access_codes import CodeEvent, LockCodes
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.readings import Connection
from utec_gateway.core.zone import Zone
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.utec.user_client import UserClient

from .errors import CodesNotManagedError
from .guest_book import GuestBook
from .lock_sync import LockSync
from .record import Record

MOST_AT_ONCE = 4
"""Locks that are listed at the same time: a house full of them is no reason for a burst."""
FORGOTTEN_AFTER = timedelta(days=30)
"""After the end of a guest whose lock is gone."""


class LockSyncs:
    """Owns one `LockSync` for each lock that there is; none is due while codes are not managed."""

    def __init__(
        self,
        cloud: UserClient,
        book: GuestBook,
        cache: DeviceCache,
        polled: Event[tuple[Device, ...]],
        settings: OptionsSource,
        zone: Callable[[], Zone],
        clock: Clock,
    ) -> None:
        self._cloud = cloud
        self._cache = cache
        self._settings = settings
        self._book = book
        self._zone = zone
        self._clock = clock
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._by_tag: dict[str, LockSync] = {}
        self._offline: frozenset[str] = frozenset()
        """The tags of the locks that were not online at the last poll."""
        self.changed = Event[tuple[LockCodes, ...]]("the access codes")
        """Emitted with those of all locks after every list and every change."""
        self.happened = Event[CodeEvent]("what happens to access codes")
        self.made_due = Event[None]("access codes that are due earlier")
        polled.subscribe(self._polled)

    def of(self, device: Device) -> LockSync:
        """Return the one for a lock."""
        if device.tag not in self._by_tag:
            parts = (self._cloud, self._book, self._zone, self.happened.emit, self._clock)
            self._by_tag[device.tag] = LockSync(device.tag, self._find, *parts)
        return self._by_tag[device.tag]

    def shown(self) -> tuple[LockCodes, ...]:
        """Return who has a code for each lock; nothing while they are not managed."""
        return tuple(sync.shown() for sync in self._present())

    def tell(self) -> None:
        """Tell everybody how it stands, and have asked again when the next list is due."""
        self.changed.emit(self.shown())
        self.made_due.emit(None)

    def request(self, older_than: float) -> None:
        """Have those locks listed soon of which the last list is older than so many seconds."""
        for sync in self._present():
            sync.request(older_than)
        self.made_due.emit(None)

    def due_in(self) -> float:
        """Return seconds until a lock's users should be listed, infinite while none should."""
        due = [sync.next_at for sync in self._present()]
        if not due:
            return float("inf")
        return max(min(due) - self._clock.monotonic(), self._cloud.ready_in())

    async def run(self) -> None:
        """List and send what is due, each lock by itself.

        Raises UtecRateLimitedError while what is left of the hour's calls is for commands only.
        """
        self._cloud.check_budget()
        now = self._clock.monotonic()
        due = [sync for sync in self._present() if sync.next_at <= now]
        await asyncio.gather(*(self._sync(sync) for sync in due))
        self._book.drop_if(self._is_forgotten)
        self.changed.emit(self.shown())

    async def _sync(self, sync: LockSync) -> None:
        async with self._at_once:
            await sync.sync()

    def _present(self) -> list[LockSync]:
        if not self._settings.options.manage_codes:
            return []
        return [self.of(device) for device in self._cache.devices if device.is_lock]

    def _find(self, tag: str) -> Device:
        """Return the lock before each request; nothing more is asked once codes are not managed."""
        if not self._settings.options.manage_codes:
            raise CodesNotManagedError
        for device in self._cache.devices:
            if device.tag == tag:
                return device
        raise UnknownDeviceError("The lock is no longer on U-tec's list")

    def _is_forgotten(self, record: Record) -> bool:
        is_there = any(device.tag == record.tag for device in self._cache.devices)
        return not is_there and record.is_over(self._clock.now(), self._zone(), FORGOTTEN_AFTER)

    def _polled(self, devices: tuple[Device, ...]) -> None:
        """List at once the locks that are new, and what waits for a lock that is online again."""
        offline = frozenset(
            device.tag
            for device in devices
            if device.readings.connection.value is not Connection.ONLINE
        )
        back, self._offline = self._offline - offline, offline
        known = frozenset(self._by_tag)
        present = self._present()
        for sync in present:
            if sync.tag in back and sync.is_waiting:
                sync.request(0)
        if back or not known.issuperset(sync.tag for sync in present):
            self.made_due.emit(None)

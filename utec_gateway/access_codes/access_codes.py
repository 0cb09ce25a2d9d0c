"""The access codes of all locks: made, changed, taken back, and looked after."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from utec_gateway.core.access_codes import Guest, LockCodes, Schedule
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import FieldError, InvalidRequestError
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.zone import Zone
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.utec.user_client import UserClient

from .code import Code, new_code
from .errors import (
    CodesNotManagedError,
    GuestIsLeavingError,
    KeyReusedError,
    NotListedError,
    NotOurGuestError,
    UnknownGuestError,
)
from .guest_book import GuestBook
from .lock_syncs import LockSyncs
from .new_guest import NewGuest, check_name, check_schedule
from .record import Record


@dataclass(frozen=True)
class MadeGuest:
    """A guest, and the code in the one answer that creates it."""

    guest: Guest
    code: Code | None
    """None for a request that was repeated: it made this guest before."""


class AccessCodes:
    """Does nothing at all, and asks U-tec nothing, while the option `manage_codes` is off."""

    def __init__(
        self,
        cloud: UserClient,
        book: GuestBook,
        cache: DeviceCache,
        polled: Event[tuple[Device, ...]],
        settings: OptionsSource,
        zone: Callable[[], Zone],
        clock: Clock,
        random: Random,
    ) -> None:
        self._cloud = cloud
        self._cache = cache
        self._settings = settings
        self._clock = clock
        self._random = random
        self.zone = zone
        """Returns the zone that the times are taken to be in."""
        self._book = book
        self.locks = LockSyncs(cloud, book, cache, polled, settings, zone, clock)
        self.changed = self.locks.changed
        self.happened = self.locks.happened

    @property
    def is_on(self) -> bool:
        """Tell whether the owner wants access codes to be managed."""
        return self._settings.options.manage_codes

    def all(self) -> tuple[LockCodes, ...]:
        """Return who has a code for each lock; nothing while they are not managed."""
        return self.locks.shown()

    def of(self, device_id: str) -> LockCodes:
        """Return who has a code for one lock, as far as it is known."""
        return self.locks.of(self._lock(device_id)).shown()

    def guest(self, device_id: str, guest_id: str) -> Guest:
        """Return a guest that we made."""
        return self._guest(self._record(self._lock(device_id), guest_id))

    async def list(self, device_id: str) -> LockCodes:
        """Ask U-tec who has a code for one lock; raise why that is not known."""
        device = self._lock(device_id)
        sync = self.locks.of(device)
        self._cloud.check_budget()
        async with sync.turn():
            await sync.list()
        self.locks.tell()
        return sync.shown()

    def prepared(self, new: NewGuest) -> NewGuest:
        """Return a guest as it is sent, with a code; raise FieldError for what cannot be."""
        schedule, code = _to_the_minute(new.schedule), new.code or new_code(self._random)
        check_schedule(schedule, self._clock.now(), self.zone())
        return replace(new, name=check_name(new.name, code), schedule=schedule, code=code)

    def made_before(self, device_id: str, key: str) -> MadeGuest | None:
        """Return the guest whom a request with this key has made, None when it has not yet."""
        device = self._lock(device_id)
        earlier = self._earlier(self.locks.of(device).records, _digest(device, key))
        return MadeGuest(self._guest(earlier), None) if earlier else None

    async def add(self, device_id: str, new: NewGuest) -> MadeGuest:
        """Make a guest; return when U-tec accepted it, or when nobody knows whether it did.

        Raises FieldError for what cannot be, EarlierChangeError while the lock is busy,
        UtecRateLimitedError when what is left of the hour's calls is for polls and commands, and
        what the cloud raises when it certainly has not taken it. A repeated key makes nobody.
        """
        device, now = self._lock(device_id), self._clock.now()
        code = new.code or new_code(self._random)
        new = self.prepared(replace(new, code=code))
        sync, key = self.locks.of(device), _digest(device, new.key)
        request = _digest(device, new.request)
        async with sync.turn():
            if earlier := self._earlier(sync.records, key):
                if earlier.request != request:
                    raise KeyReusedError
                return MadeGuest(self._guest(earlier), None)
            self._cloud.check_budget()
            await sync.settle()
            if new.name in {*(one.name for one in sync.users), *(one.name for one in sync.records)}:
                raise FieldError("name", "is used on this lock already")
            record = Record(
                f"{self._random.getrandbits(64):016x}",
                device.tag,
                new.name,
                new.schedule,
                now,
                now,
                key,
                request,
                has_code=True,
            )
            record = await sync.add(record, code)
        self.locks.tell()
        return MadeGuest(self._guest(record), code)

    async def change(self, device_id: str, guest_id: str, schedule: Schedule) -> Guest:
        """Change when a code opens; sent at once, or as soon as U-tec answers."""
        device, now, schedule = self._lock(device_id), self._clock.now(), _to_the_minute(schedule)
        sync = self.locks.of(device)
        async with sync.turn():
            record = self._record(device, guest_id)
            if not record.is_wanted:
                raise GuestIsLeavingError
            if schedule != record.schedule:
                check_schedule(schedule, now, self.zone())
                record = await sync.change(record.rescheduled(schedule, now))
        self.locks.tell()
        return self._guest(record)

    async def remove(self, device_id: str, guest_id: str) -> Guest:
        """Take a code back; sent at once, or as soon as U-tec answers."""
        device, now = self._lock(device_id), self._clock.now()
        sync = self.locks.of(device)
        async with sync.turn():
            record = self._record(device, guest_id)
            record = await sync.change(record.no_longer_wanted(now))
        self.locks.tell()
        return self._guest(record)

    async def reveal(self, device_id: str, guest_id: str) -> Code:
        """Return the code of a guest of ours, read from the cloud for one person."""
        device = self._lock(device_id)
        record = self._record(device, guest_id)
        if record.user_id is None:
            raise NotListedError
        self._cloud.check_budget()
        revealed = await self._cloud.reveal_code(device, record.user_id)
        if revealed.user.id != record.user_id or revealed.user.name != record.name:
            raise NotListedError
        return Code(revealed.digits)

    async def load(self) -> None:
        """Read whom we made before the restart."""
        await self._book.load()

    async def close(self) -> None:
        """Let what is being written arrive."""
        await self._book.close()

    def _lock(self, device_id: str) -> Device:
        if not self.is_on:
            raise CodesNotManagedError
        device = self._cache.find(device_id)
        if not device.is_lock:
            raise InvalidRequestError(f"{device.name} is not a lock")
        return device

    def _record(self, device: Device, guest_id: str) -> Record:
        if record := self._book.find(device.tag, guest_id):
            return record
        others = self.locks.of(device).shown().others
        raise NotOurGuestError if any(one.id == guest_id for one in others) else UnknownGuestError

    def _earlier(self, records: Iterable[Record], key: str) -> Record | None:
        return next((record for record in records if key and record.key == key), None)

    def _guest(self, record: Record) -> Guest:
        return record.as_guest(self._clock.now(), is_recent=True)


def _digest(device: Device, text: str) -> str:
    return sha256(f"{device.tag} {text}".encode("utf-8", "replace")).hexdigest() if text else ""


def _to_the_minute(schedule: Schedule) -> Schedule:
    """Return the schedule as the cloud takes it."""
    return replace(
        schedule,
        starts=schedule.starts.replace(second=0, microsecond=0, fold=0),
        ends=schedule.ends.replace(second=0, microsecond=0, fold=0),
        opens=schedule.opens.replace(second=0, microsecond=0),
        closes=schedule.closes.replace(second=0, microsecond=0),
    )

"""One lock and its guests: one change at a time, each confirmed by a list before the next."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from utec_gateway.core.access_codes import (
    CodeEvent,
    CodeEventKind,
    CodeState,
    LockCodes,
    OtherUser,
)
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError, UtecUnavailableError
from utec_gateway.core.models import Device
from utec_gateway.core.readings import Connection, Moment
from utec_gateway.core.zone import Zone
from utec_gateway.utec.lock_users import ListedUser
from utec_gateway.utec.user_client import UserClient

from .code import Code
from .errors import EarlierChangeError
from .expiry import Expiry
from .guest_book import GuestBook
from .progress import FIRST_PAUSE, NextStep, as_listed, is_gone, matches, next_step, pause
from .record import CONFIRM_WITHIN, Record, Step

_LOGGER = logging.getLogger(__name__)

TURN_WITHIN = 15.0
"""Seconds that somebody waits for the changes of others on the same lock."""
LISTS_BEFORE_A_CHANGE = 4
PAUSE_AFTER_A_FAILURE = 300.0
OLD_AFTER = 3 * 3600.0
"""Seconds after which a list says nothing of the present."""
NEWS = {
    CodeState.ON_LOCK: CodeEventKind.ON_LOCK,
    CodeState.NOT_CONFIRMED: CodeEventKind.NOT_CONFIRMED,
}


class LockSync:
    """Owns what the cloud says of one lock's users, and the codes that wait to be sent there."""

    def __init__(
        self,
        tag: str,
        find: Callable[[str], Device],
        cloud: UserClient,
        book: GuestBook,
        zone: Callable[[], Zone],
        happened: Callable[[CodeEvent], None],
        clock: Clock,
    ) -> None:
        self.tag = tag
        self._find = find
        self._cloud = cloud
        self._book = book
        self._expiry = Expiry(zone, clock)
        self._happened = happened
        self._clock = clock
        self._codes: dict[str, Code] = {}
        """Those that the cloud has not listed yet, by the guest's id; in memory only."""
        self._in_order = asyncio.Lock()
        self.users: tuple[ListedUser, ...] = ()
        self._listed: Moment | None = None
        self._problem = ""
        self.next_at = clock.monotonic()
        """Monotonic seconds at which a list is due."""

    @property
    def records(self) -> tuple[Record, ...]:
        """Return our guests on this lock."""
        return self._book.of_lock(self.tag)

    @property
    def is_waiting(self) -> bool:
        """Tell whether something that was asked for is not on the lock."""
        return any(record.unsettled_since for record in self.records)

    def shown(self) -> LockCodes:
        """Return who has a code, as far as it is known."""
        now = self._now()
        is_recent = self._listed is not None and self._listed.age(now) < OLD_AFTER
        ours = {
            user for record in self.records for user in matches(record, self.users, now.wall)[:1]
        }
        return LockCodes(
            self._find(self.tag),
            tuple(record.as_guest(now.wall, is_recent=is_recent) for record in self.records),
            tuple(_other(user) for user in self.users if user not in ours),
            self._listed.wall if self._listed else None,
            len(self.users) if is_recent else None,
            self._problem,
        )

    def request(self, older_than: float) -> None:
        """Have the users listed soon, when the last list is older than so many seconds."""
        now = self._clock.monotonic()
        if self._listed is None or now - self._listed.monotonic >= older_than:
            self.next_at = min(self.next_at, now)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the changes that others make; raise EarlierChangeError when they take long."""
        try:
            async with self._clock.timeout(TURN_WITHIN):
                await self._in_order.acquire()
        except TimeoutError:
            raise EarlierChangeError(TURN_WITHIN) from None
        try:
            yield
        finally:
            self._in_order.release()

    async def sync(self) -> None:
        """List, and send what is due; never raise what the next time may cure."""
        async with self._in_order:
            await self._try()

    async def settle(self) -> None:
        """List until no earlier change is under way; raise EarlierChangeError when one stays so."""
        for _ in range(LISTS_BEFORE_A_CHANGE):
            await self.list()
            if not any(record.is_under_way(self._clock.now()) for record in self.records):
                return
            await self._clock.sleep(FIRST_PAUSE)
        raise EarlierChangeError(CONFIRM_WITHIN.total_seconds())

    async def add(self, record: Record, code: Code) -> Record:
        """Send a new guest within one's turn; raise when the cloud certainly does not have it."""
        self._codes[record.id] = code
        try:
            await self._send(NextStep(Step.ADD, record))
        except GatewayError:
            self._codes.pop(record.id)
            self._book.update((), (record,))
            raise
        return self._known(record)

    async def change(self, record: Record) -> Record:
        """Remember within one's turn what is wanted from now on, and send what can be sent."""
        await self._book.write_down(record)
        await self._try()
        return self._known(record)

    async def _try(self) -> None:
        try:
            await self.list()
            if step := next_step(self.records, self.users, self._clock.now()):
                await self._send(step)
        except GatewayError as error:
            _LOGGER.info("The access codes of lock %s are not up to date: %s", self.tag, error)

    async def list(self) -> None:
        """Ask within one's turn who is on the lock, and take it in; raise why nobody knows."""
        self.next_at = self._clock.monotonic() + PAUSE_AFTER_A_FAILURE
        asked = self._now()
        device = self._find(self.tag)
        try:
            self.users = await self._cloud.list_users(device)
        except GatewayError as error:
            self._problem = str(error)
            raise
        self._listed, self._problem = asked, ""
        self._take_in(device)
        self.next_at = self._clock.monotonic() + pause(self.records, self._clock.now())

    def _take_in(self, device: Device) -> None:
        now = self._clock.now()
        kept: list[Record] = []
        gone: list[Record] = []
        is_online = device.readings.connection.value is Connection.ONLINE
        for record in self.records:
            listed = as_listed(record, self.users, now)
            if self._expiry.is_due(listed):
                listed = listed.no_longer_wanted(now, is_expired=True)
            (gone if is_gone(listed, now, is_online=is_online) else kept).append(listed)
        self._book.update([self._told(record, device) for record in kept], gone)
        for record in gone:
            self._codes.pop(record.id, None)
            self._tell(CodeEventKind.REMOVED, record, device)

    def _told(self, record: Record, device: Device) -> Record:
        """Tell what is new of a guest; a code that is listed, or given up, is held no longer."""
        state = record.state(self._clock.now())
        if record.user_id is not None or state is CodeState.NOT_CONFIRMED:
            self._codes.pop(record.id, None)
        if state not in NEWS or state is record.told:
            return record
        self._tell(NEWS[state], record, device)
        return replace(record, told=state)

    def _tell(self, kind: CodeEventKind, record: Record, device: Device) -> None:
        _LOGGER.info("%s: %s, guest %s", device.name, kind, record.id)
        now = self._clock.now()
        self._happened(CodeEvent(kind, device, record.name, now, record.is_expired))

    async def _send(self, step: NextStep) -> None:
        """Send one step, written down before; an answer that is lost may stand for a success."""
        record = step.record.sending(step.step, self._clock.now())
        await self._book.write_down(record)
        self.next_at = self._clock.monotonic() + FIRST_PAUSE
        try:
            await self._call(step, self._find(self.tag))
        except GatewayError as error:
            if not (isinstance(error, UtecUnavailableError) and not error.not_run):
                self._book.update([step.record])
                raise
            self._book.update([replace(record, is_lost=True)])
            lost = "Nobody knows whether U-tec took the %s of guest %s: %s"
            _LOGGER.info(lost, step.step, record.id, error)
        else:
            if step.step is Step.UPDATE:
                self._book.update([replace(record, is_changed=False, is_synced=False)])

    async def _call(self, step: NextStep, device: Device) -> None:
        record = step.record
        match step.step, step.user_id:
            case Step.ADD, _:
                digits = self._codes[record.id].digits
                await self._cloud.add_user(device, record.name, record.schedule, digits)
            case Step.UPDATE, int() | str() as user_id:
                await self._cloud.update_user(device, user_id, record.name, record.schedule)
            case Step.DELETE, int() | str() as user_id:
                await self._cloud.delete_user(device, user_id)

    def _now(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    def _known(self, record: Record) -> Record:
        """Return what has become of a record."""
        return self._book.find(self.tag, record.id) or record


def _other(user: ListedUser) -> OtherUser:
    return OtherUser(str(user.id), user.name, user.type, user.is_temporary, user.is_synced)

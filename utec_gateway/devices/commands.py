"""Commands wait for the truth: accepted is not done, and an unlock is never sent twice."""

import asyncio
import logging
from collections.abc import Iterable
from itertools import chain, repeat

from utec_gateway.core.clock import Clock, done_within
from utec_gateway.core.errors import (
    GatewayError,
    InvalidRequestError,
    NotConfirmedError,
    UtecUnavailableError,
    UtecUnreachableError,
)
from utec_gateway.core.models import Device, LockState, Operation
from utec_gateway.core.origin import Origin
from utec_gateway.core.tasks import TaskSet, join
from utec_gateway.utec.client import UtecClient

from .cache import DeviceCache
from .command_limit import CommandLimit
from .outcomes import Outcomes
from .pending import PendingCommand, Progress, ignores, obstacle_to, passage
from .poller import DevicePoller

_LOGGER = logging.getLogger(__name__)

CONFIRM_AFTER = (1, 1, 1, 2, 3, 5, 8, 13, 21)
"""Seconds between the confirming queries (http-contract 3)."""
SEND_WITHIN = 7.0
"""Seconds until an unlock must have left, so that its caller can still be told."""
ANSWER_WITHIN = 8.0
"""Seconds; the 1.5 integration gives up after ten."""
GIVE_UP_AFTER = 60.0
TARGET_STATES = {Operation.LOCK: LockState.LOCKED, Operation.UNLOCK: LockState.UNLOCKED}


class Commands:
    """Owns every command in flight: one per lock, the same one shared, the last one wins."""

    def __init__(
        self,
        cloud: UtecClient,
        cache: DeviceCache,
        locks: DevicePoller,
        outcomes: Outcomes,
        clock: Clock,
    ) -> None:
        self._cloud = cloud
        self._cache = cache
        self._poller = locks
        self._outcomes = outcomes
        self._clock = clock
        self._tasks = TaskSet()
        self._limit = CommandLimit(clock)
        self._pending: dict[str, PendingCommand] = {}

    def progress(self, device_id: str) -> Progress | None:
        """Return how the last command for a lock stands, None when there was none lately."""
        return self._outcomes.progress(device_id)

    def elapsed(self, progress: Progress) -> float:
        """Return the seconds that a command took, or has been under way."""
        return self._outcomes.elapsed(progress)

    def start(self, device_id: str, operation: Operation, origin: Origin) -> PendingCommand:
        """Send a bolt on its way, or join the same command that is under way; wait for nothing.

        Raises UnknownDeviceError, InvalidRequestError for a device that is no lock, and
        TooManyCommandsError; a command that joins another one does not count.
        """
        device = self._lock(device_id)
        pending = self._pending.get(device_id)
        if pending is None or pending.operation is not operation or self._remaining(pending) <= 0:
            return self._start(device, operation, origin)
        self._outcomes.joined(pending, origin)
        return pending

    async def run(self, device_id: str, operation: Operation, origin: Origin) -> bool:
        """Move a bolt; True: it was seen to move, False: it is not known yet.

        Raises what ended the command, NotConfirmedError when an unlock may have run.
        """
        lock = self._lock(device_id)
        try:
            pending = self.start(device_id, operation, origin)
        except GatewayError as error:
            self._outcomes.turned_away(operation, origin, error, lock)
            raise
        if await done_within(self._clock, self._remaining(pending), pending.settled):
            return await join(pending.settled)
        if pending.ambiguous_error is None:
            return False
        if operation is Operation.UNLOCK:
            raise NotConfirmedError(
                f"{pending.ambiguous_error}. The door may or may not have been unlocked; "
                "the command is not sent again by itself"
            )
        raise pending.ambiguous_error

    def forget_all_but(self, devices: Iterable[Device]) -> None:
        """Give up what is under way for devices that are gone, and how it went."""
        ids = {device.id for device in devices}
        for device_id in self._pending.keys() - ids:
            self._pending.pop(device_id).supersede()
        self._outcomes.forget_all_but(ids)

    def _lock(self, device_id: str) -> Device:
        device = self._cache.find(device_id)
        if not device.is_lock:
            raise InvalidRequestError(f"{device.name} is not a lock")
        return device

    def turn_away(self, operation: Operation, origin: Origin, error: GatewayError) -> None:
        """Say that a command came while no lock is known that it could be for."""
        self._outcomes.turned_away(operation, origin, error)

    def _remaining(self, pending: PendingCommand, limit: float = ANSWER_WITHIN) -> float:
        """Return the seconds in which the flight's caller must be answered."""
        return max(0.0, pending.started + limit - self._clock.monotonic())

    def _start(self, device: Device, operation: Operation, origin: Origin) -> PendingCommand:
        self._limit.count(device)
        earlier = self._pending.pop(device.id, None)
        needed = 1
        if earlier:
            needed = 1 if earlier.operation is operation else 2
            earlier.supersede()
            self._outcomes.replaced(earlier)
        now = self._clock.monotonic()
        pending = PendingCommand(device, operation, now, needed, (origin,))
        pending.settled.add_done_callback(lambda future: future.cancelled() or future.exception())
        pending.task = self._tasks.create_task(self._carry_out(pending), f"{operation} command")
        self._pending[device.id] = pending
        self._outcomes.started(pending)
        return pending

    async def _carry_out(self, pending: PendingCommand) -> None:
        try:
            device = await self._ready(pending)
            await self._send(pending, device)
            is_confirmed = await self._is_confirmed(pending)
            if is_confirmed:
                self._outcomes.confirmed(pending, self._as_known(pending))
                pending.settle(True)  # noqa: FBT003
            else:
                self._outcomes.not_confirmed(pending, self._as_known(pending))
        except GatewayError as error:
            late = self._remaining(pending) <= 0
            self._outcomes.failed(pending, self._as_known(pending), error, late=late)
            pending.settle(error)
        finally:
            pending.settle(False)  # noqa: FBT003 - whatever else ended it, nothing was seen
            if self._pending.get(pending.lock.id) is pending:
                del self._pending[pending.lock.id]
                if self._outcomes.is_under_way(pending.lock.id):
                    self._outcomes.abandoned(pending)

    def _as_known(self, pending: PendingCommand) -> Device:
        """Return the lock as it is known now, or was, when it is gone."""
        known = (device for device in self._cache.devices if device.id == pending.lock.id)
        return next(known, pending.lock)

    async def _ready(self, pending: PendingCommand) -> Device:
        """Return the device, or raise why it cannot obey; never on old news alone."""
        device = self._cache.find(pending.lock.id)
        if not obstacle_to(device, pending.operation):
            return device
        try:
            async with self._clock.timeout(self._remaining(pending, SEND_WITHIN)):
                device = await self._poller.query_one(device)
        except TimeoutError:
            raise UtecUnreachableError("U-tec did not answer in time; nothing was sent") from None
        if obstacle := obstacle_to(device, pending.operation):
            raise obstacle
        return device

    async def _send(self, pending: PendingCommand, device: Device) -> None:
        """Hand the command to the cloud; one that gets late is given up, an unlock sooner."""
        is_unlock = pending.operation is Operation.UNLOCK
        left = self._remaining(pending, SEND_WITHIN if is_unlock else GIVE_UP_AFTER)
        if left <= 0:
            raise UtecUnreachableError("It took too long to get ready; nothing was sent")
        sending = asyncio.ensure_future(self._cloud.send_command(device, pending.operation))
        try:
            if await done_within(self._clock, left, sending):
                await sending
            else:
                pending.ambiguous_error = UtecUnavailableError(
                    "U-tec did not take the command in time"
                )
        except UtecUnavailableError as error:
            if error.not_run:
                raise
            pending.ambiguous_error = error
        finally:
            sending.cancel()

    async def _is_confirmed(self, pending: PendingCommand) -> bool:
        """Ask for this one lock until its bolt is where it should be, or patience ends.

        What was read before the command was sent, or from a lock that is offline, is old news.
        """
        sent = self._clock.monotonic()
        seen = 0
        for pause in chain(CONFIRM_AFTER, repeat(GIVE_UP_AFTER)):
            left = sent + GIVE_UP_AFTER - self._clock.monotonic()
            if left <= 0:
                break
            await self._clock.sleep(min(pause, left))
            device = await self._query(pending, sent + GIVE_UP_AFTER)
            if device is None or device.is_said_to_be_offline:
                continue
            is_news = device.seen is not None and device.seen.monotonic > sent
            if is_news and ignores(device, pending.operation):
                raise passage(device)
            seen = (
                seen + 1
                if is_news and device.reported_state is TARGET_STATES[pending.operation]
                else 0
            )
            if seen >= pending.readings_needed:
                return True
        return False

    async def _query(self, pending: PendingCommand, until: float) -> Device | None:
        """Return the device as one query shows it, or None when it shows nothing."""
        try:
            async with self._clock.timeout(max(until - self._clock.monotonic(), 1.0)):
                return await self._poller.query_one(self._cache.find(pending.lock.id))
        except (GatewayError, TimeoutError) as error:
            _LOGGER.debug("A confirming query failed: %s", error)
            return None

    async def close(self) -> None:
        """Abandon the commands that still wait for their bolt."""
        await self._tasks.close()

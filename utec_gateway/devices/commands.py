"""Commands wait for the truth: accepted is not done, and an unlock is never sent twice."""

import asyncio
import logging
from itertools import chain, repeat

from utec_gateway.core.clock import Clock, done_within
from utec_gateway.core.command_origin import Origin
from utec_gateway.core.errors import (
    GatewayError,
    InvalidRequestError,
    UtecUnavailableError,
    UtecUnreachableError,
)
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandOutcome
from utec_gateway.core.readings import LockState
from utec_gateway.core.tasks import TaskSet
from utec_gateway.utec.client import UtecClient

from .cache import DeviceCache
from .command_limit import CommandLimit, TooManyCommandsError
from .outcomes import Outcomes
from .pending import PendingCommand, ignores, obstacle_to, passage
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
    """Starts commands: one per lock, the same one shared, the last one wins."""

    def __init__(
        self,
        cloud: UtecClient,
        cache: DeviceCache,
        poller: DevicePoller,
        outcomes: Outcomes,
        clock: Clock,
    ) -> None:
        self._cloud = cloud
        self._cache = cache
        self._poller = poller
        self._outcomes = outcomes
        self._clock = clock
        self._tasks = TaskSet()
        self._limit = CommandLimit(clock)

    def last(self, device_id: str) -> CommandOutcome | None:
        """Return how the last command for a lock stands, None when there was none lately."""
        return self._outcomes.last(device_id)

    def start(self, device_id: str, operation: Operation, origin: Origin) -> CommandOutcome:
        """Start a command, or join the same one that is under way; wait for nothing.

        Raises UnknownDeviceError, InvalidRequestError for a device that is no lock, and
        TooManyCommandsError; a command that joins another one does not count.
        """
        return self._start(self._lock(device_id), operation, origin).outcome

    async def run(self, device_id: str, operation: Operation, origin: Origin) -> CommandOutcome:
        """Move a bolt and return what is known of it after eight seconds at the latest.

        An `error` in it is the caller's answer: NotConfirmedError when an unlock may have run.
        Raises UnknownDeviceError, and InvalidRequestError for a device that is no lock.
        """
        lock = self._lock(device_id)
        try:
            pending = self._start(lock, operation, origin)
        except TooManyCommandsError as error:
            return self._outcomes.refused(operation, origin, error, lock)
        await done_within(self._clock, self._remaining(pending), pending.ended)
        return pending.outcome

    def refuse(self, operation: Operation, origin: Origin, error: GatewayError) -> None:
        """Say that a command came while no lock is known that it could be for."""
        self._outcomes.refused(operation, origin, error)

    def _lock(self, device_id: str) -> Device:
        device = self._cache.find(device_id)
        if not device.is_lock:
            raise InvalidRequestError(f"{device.name} is not a lock")
        return device

    def _remaining(self, pending: PendingCommand, limit: float = ANSWER_WITHIN) -> float:
        """Return the seconds in which the caller must be answered."""
        return max(0.0, pending.outcome.started + limit - self._clock.monotonic())

    def _start(self, lock: Device, operation: Operation, origin: Origin) -> PendingCommand:
        earlier = self._outcomes.pending(lock.id)
        if earlier and earlier.operation is operation and self._remaining(earlier) > 0:
            self._outcomes.joined(earlier, origin)
            return earlier
        self._limit.count(lock)
        if earlier:
            self._outcomes.superseded(earlier)
        outcome = CommandOutcome(operation, self._clock.monotonic(), origins=(origin,))
        needed = 2 if earlier and earlier.operation is not operation else 1
        pending = PendingCommand(lock, outcome, needed)
        task = self._tasks.create_task(self._carry_out(pending), f"{operation} command")
        pending.carried_out_by(task)
        self._outcomes.started(pending)
        return pending

    async def _carry_out(self, pending: PendingCommand) -> None:
        try:
            device = await self._ready(pending)
            await self._send(pending, device)
            is_confirmed = await self._is_confirmed(pending)
        except GatewayError as error:
            late = self._remaining(pending) <= 0
            self._outcomes.failed(pending, self._as_known(pending), error, late=late)
        else:
            ended = self._outcomes.confirmed if is_confirmed else self._outcomes.not_confirmed
            ended(pending, self._as_known(pending))
        finally:
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
            raise UtecUnreachableError("Preparing the command took too long; nothing was sent")
        sending = asyncio.ensure_future(self._cloud.send_command(device, pending.operation))
        try:
            if await done_within(self._clock, left, sending):
                await sending
            else:
                error = UtecUnavailableError("U-tec did not accept the command in time")
                pending.mark_ambiguous(error)
        except UtecUnavailableError as error:
            if error.not_run:
                raise
            pending.mark_ambiguous(error)
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

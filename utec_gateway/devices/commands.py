"""Commands wait for the truth: accepted is not done, and of two for one device the last wins."""

import asyncio
import logging
from dataclasses import dataclass
from itertools import chain, repeat

from utec_gateway.core.clock import Clock, done_within
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin
from utec_gateway.core.errors import GatewayError, UtecUnavailableError, UtecUnreachableError
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandOutcome
from utec_gateway.core.tasks import TaskSet
from utec_gateway.storage.settings import Settings
from utec_gateway.utec.client import UtecClient

from .cache import DeviceCache
from .command_limit import CommandLimit, TooManyCommandsError
from .outcomes import Outcomes
from .pending import PendingCommand, ignores, obstacle_to, passage
from .permission import UnlockNotAllowedError, check_allowed, unsuitable
from .poller import DevicePoller

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """For how long a device is queried until it shows what it was told to do."""

    confirm_after: tuple[int, ...]
    """Seconds between the confirming queries (http-contract 3)."""
    give_up_after: float


FOR_A_BOLT = Patience((1, 1, 1, 2, 3, 5, 8, 13, 21), 60.0)
FOR_A_SWITCH = Patience((1, 1, 2, 3, 5), 10.0)
LEVEL_SETTLES_AFTER = 0.5
"""Seconds without another level until one is sent: a dial is being turned."""
SEND_WITHIN = 7.0
"""Seconds until an unlock must have left, so that its caller can still be told."""
ANSWER_WITHIN = 8.0
"""Seconds; the 1.5 integration gives up after ten."""


class Commands:
    """Starts commands: one per device, the same one shared, the last one wins."""

    def __init__(
        self,
        cloud: UtecClient,
        cache: DeviceCache,
        poller: DevicePoller,
        outcomes: Outcomes,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._cloud = cloud
        self._cache = cache
        self._poller = poller
        self._outcomes = outcomes
        self._settings = settings
        self._clock = clock
        self._tasks = TaskSet()
        self._limit = CommandLimit(clock)

    def last(self, device_id: str) -> CommandOutcome | None:
        """Return how the last command for a device stands, None when there was none lately."""
        return self._outcomes.last(device_id)

    def start(self, device_id: str, command: Command, origin: Origin) -> CommandOutcome:
        """Start a command, or join the same one that is under way; wait for nothing.

        Raises UnknownDeviceError, InvalidRequestError for a device of another kind,
        UnlockNotAllowedError, and TooManyCommandsError; a command that joins another one does
        not count.
        """
        return self._start(self._device(device_id, command), command, origin).outcome

    async def run(self, device_id: str, command: Command, origin: Origin) -> CommandOutcome:
        """Carry out a command and return what is known of it after eight seconds at the latest.

        An `error` in it is the caller's answer: NotConfirmedError when an unlock may have run.
        Raises UnknownDeviceError, and InvalidRequestError for a device of another kind.
        """
        device = self._device(device_id, command)
        try:
            pending = self._start(device, command, origin)
        except (UnlockNotAllowedError, TooManyCommandsError) as error:
            return self._outcomes.refused(command, origin, error, device)
        await done_within(self._clock, self._remaining(pending), pending.ended)
        return pending.outcome

    def refuse(self, command: Command, origin: Origin, error: GatewayError) -> None:
        """Say that a command came while no device is known that it could be for."""
        self._outcomes.refused(command, origin, error)

    def _device(self, device_id: str, command: Command) -> Device:
        device = self._cache.find(device_id)
        if error := unsuitable(command, device):
            raise error
        return device

    def _remaining(self, pending: PendingCommand, limit: float = ANSWER_WITHIN) -> float:
        """Return the seconds in which the caller must be answered."""
        return max(0.0, pending.outcome.started + limit - self._clock.monotonic())

    def _start(self, device: Device, command: Command, origin: Origin) -> PendingCommand:
        check_allowed(command, device, self._settings.options)
        earlier = self._outcomes.pending(device.id)
        if earlier and earlier.command == command and self._remaining(earlier) > 0:
            self._outcomes.joined(earlier, origin)
            return earlier
        outcome = CommandOutcome(
            command.operation, self._clock.monotonic(), origins=(origin,), level=command.level
        )
        needed = 2 if earlier and earlier.command != command else 1
        pending = PendingCommand(device, outcome, needed)
        self._take_the_place_of(earlier, pending)
        task = self._tasks.create_task(self._carry_out(pending), f"{command.operation} command")
        pending.carried_out_by(task)
        return pending

    def _take_the_place_of(self, earlier: PendingCommand | None, pending: PendingCommand) -> None:
        """Supersede the earlier command; one that was about to send a level costs nothing."""
        if earlier and _is_level(earlier) and _is_level(pending) and not earlier.is_sent:
            self._outcomes.collapsed(earlier, pending)
            return
        self._limit.count(pending.device)
        if earlier:
            self._outcomes.superseded(earlier)
        self._outcomes.started(pending)

    async def _carry_out(self, pending: PendingCommand) -> None:
        try:
            if _is_level(pending):
                await self._clock.sleep(LEVEL_SETTLES_AFTER)
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
        """Return the device as it is known now, or was, when it is gone."""
        known = (device for device in self._cache.devices if device.id == pending.device.id)
        return next(known, pending.device)

    async def _ready(self, pending: PendingCommand) -> Device:
        """Return the device, or raise why it cannot obey; never on old news alone."""
        device = self._cache.find(pending.device.id)
        if not obstacle_to(device, pending.command):
            return device
        try:
            async with self._clock.timeout(self._remaining(pending, SEND_WITHIN)):
                device = await self._poller.query_one(device)
        except TimeoutError:
            raise UtecUnreachableError("U-tec did not answer in time; nothing was sent") from None
        if obstacle := obstacle_to(device, pending.command):
            raise obstacle
        return device

    async def _send(self, pending: PendingCommand, device: Device) -> None:
        """Hand the command to the cloud; one that gets late is given up, an unlock sooner."""
        command = pending.command
        check_allowed(command, device, self._settings.options)  # it may have changed meanwhile
        within = SEND_WITHIN if command.operation.unlocks else _patience(command).give_up_after
        left = self._remaining(pending, within)
        if left <= 0:
            raise UtecUnreachableError("Preparing the command took too long; nothing was sent")
        pending.mark_sent()
        sending = asyncio.ensure_future(self._cloud.send_command(device, command))
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
        """Query this one device until it has done what it was told to, or patience ends.

        What was read before the command was sent, or from a device that is offline, is old news.
        """
        command, sent, seen = pending.command, self._clock.monotonic(), 0
        patience = _patience(command)
        for pause in chain(patience.confirm_after, repeat(patience.give_up_after)):
            left = sent + patience.give_up_after - self._clock.monotonic()
            if left <= 0:
                break
            await self._clock.sleep(min(pause, left))
            device = await self._query(pending, sent + patience.give_up_after)
            if device is None or device.is_said_to_be_offline:
                continue
            is_news = command.is_new_in(device.readings, sent)
            if is_news and ignores(device, command):
                raise passage(device)
            seen = seen + 1 if is_news and command.is_done_in(device.readings) else 0
            if seen >= pending.readings_needed:
                return True
        return False

    async def _query(self, pending: PendingCommand, until: float) -> Device | None:
        """Return the device as one query shows it, or None when it shows nothing."""
        try:
            async with self._clock.timeout(max(until - self._clock.monotonic(), 1.0)):
                return await self._poller.query_one(self._cache.find(pending.device.id))
        except (GatewayError, TimeoutError) as error:
            _LOGGER.debug("A confirming query failed: %s", error)
            return None

    async def close(self) -> None:
        """Abandon the commands that still wait for their device."""
        await self._tasks.close()


def _is_level(pending: PendingCommand) -> bool:
    """Tell whether a command sets a level, of which more may follow at once."""
    return pending.command.operation is Operation.SET_LEVEL


def _patience(command: Command) -> Patience:
    return FOR_A_BOLT if command.is_for_locks else FOR_A_SWITCH

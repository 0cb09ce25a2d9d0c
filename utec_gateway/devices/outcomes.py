"""How commands stand and ended: for the page, the log, the journal, and people who must know."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.origin import Origin
from utec_gateway.issues.bolts import is_jammed
from utec_gateway.issues.notifications import Notifications

from .pending import Outcome, PendingCommand, Progress

_LOGGER = logging.getLogger(__name__)

IS_NEWS_FOR = 300.0
"""Seconds; what became of an older command says nothing about the lock any more."""
SAID_AGAIN_AFTER = 60.0
"""Seconds; a caller that is turned away again and again fills neither log nor disk."""


class Outcomes:
    """Owns how the last command for each lock stands; whatever ends one says so here."""

    def __init__(
        self,
        notifications: Notifications,
        when_ended: Callable[[str, Progress], None],
        clock: Clock,
    ) -> None:
        self._notifications = notifications
        self._when_ended = when_ended
        """Called with the lock's name and every command that has ended; the journal listens."""
        self._clock = clock
        self._progress: dict[str, Progress] = {}
        self._turned_away: dict[str, float] = {}
        """When a caller was last turned away, by the lock's tag."""

    def progress(self, device_id: str) -> Progress | None:
        """Return how the last command for a lock stands, None when there was none lately."""
        progress = self._progress.get(device_id)
        if progress is None or progress.outcome is Outcome.UNDER_WAY:
            return progress
        ended = progress.started + progress.duration
        return progress if self._clock.monotonic() - ended < IS_NEWS_FOR else None

    def elapsed(self, progress: Progress) -> float:
        """Return the seconds that a command took, or has been under way."""
        if progress.outcome is Outcome.UNDER_WAY:
            return self._clock.monotonic() - progress.started
        return progress.duration

    def forget_all_but(self, ids: Iterable[str]) -> None:
        """Forget the commands for devices that are gone."""
        for device_id in self._progress.keys() - set(ids):
            del self._progress[device_id]

    def is_under_way(self, device_id: str) -> bool:
        """Tell whether a command for this lock has not ended yet."""
        progress = self._progress.get(device_id)
        return progress is not None and progress.outcome is Outcome.UNDER_WAY

    def started(self, pending: PendingCommand) -> None:
        """Take note of a command that sets out."""
        _LOGGER.info("%s: %s, asked by %s", pending.lock.name, pending.operation, pending.asked_by)
        self._progress[pending.lock.id] = Progress(
            pending.operation, pending.started, origins=pending.origins
        )

    def joined(self, pending: PendingCommand, origin: Origin) -> None:
        """Take note of somebody who asked for what is under way already."""
        if origin in pending.origins:
            return
        _LOGGER.info("%s: %s, asked by %s, too", pending.lock.name, pending.operation, origin)
        pending.origins = (*pending.origins, origin)
        progress = self._progress[pending.lock.id]
        self._progress[pending.lock.id] = replace(progress, origins=pending.origins)

    def confirmed(self, pending: PendingCommand, lock: Device) -> None:
        """Say that the bolt was seen where it should be."""
        duration = self._ended(pending, Outcome.CONFIRMED).duration
        subject = lock.name, pending.operation
        _LOGGER.info("%s: %s confirmed after %.1f s (%s)", *subject, duration, pending.asked_by)
        self._notifications.bolt_moved(lock)

    def not_confirmed(self, pending: PendingCommand, lock: Device) -> None:
        """Say that patience has ended and the bolt was not seen to move."""
        duration = self._ended(pending, Outcome.NOT_CONFIRMED).duration
        subject = lock.name, pending.operation
        _LOGGER.warning(
            "%s: %s not confirmed within %d s (%s)", *subject, duration, pending.asked_by
        )
        self._notifications.lock_not_confirmed(lock, pending.operation)

    def failed(
        self, pending: PendingCommand, lock: Device, error: GatewayError, *, late: bool
    ) -> None:
        """Say why a command was not carried out; people hear it unless they saw the answer.

        Too late, and the caller was told "pending".
        """
        subject = lock.name, pending.operation
        _LOGGER.warning("%s: %s failed (%s): %s", *subject, pending.asked_by, error)
        self._ended(pending, Outcome.FAILED, str(error))
        if is_jammed(lock):
            self._notifications.jammed(lock)
        if late or not all(origin.sees_the_answer for origin in pending.origins):
            self._notifications.command_refused(pending.operation, error, lock)

    def replaced(self, pending: PendingCommand) -> None:
        """Say that a newer command took this one's place."""
        self._ended(pending, Outcome.REPLACED)

    def abandoned(self, pending: PendingCommand) -> None:
        """Say that nobody waits for the bolt any more."""
        self._ended(pending, Outcome.NOT_CONFIRMED)

    def turned_away(
        self, operation: Operation, origin: Origin, error: GatewayError, lock: Device | None = None
    ) -> None:
        """Say that a command did not even set out; None where no lock is known."""
        tag, now = lock.tag if lock else "", self._clock.monotonic()
        if now - self._turned_away.get(tag, float("-inf")) < SAID_AGAIN_AFTER:
            return
        self._turned_away[tag] = now
        name = lock.name if lock else "A lock"
        _LOGGER.warning("%s: %s refused (%s): %s", name, operation, origin, error)
        if lock:
            refused = Progress(operation, now, Outcome.FAILED, 0.0, str(error), (origin,))
            self._when_ended(lock.name, refused)
        if not origin.sees_the_answer:
            self._notifications.command_refused(operation, error, lock)

    def _ended(self, pending: PendingCommand, outcome: Outcome, problem: str = "") -> Progress:
        duration = self._clock.monotonic() - pending.started
        ended = Progress(
            pending.operation, pending.started, outcome, duration, problem, origins=pending.origins
        )
        self._progress[pending.lock.id] = ended
        self._when_ended(pending.lock.name, ended)
        return ended

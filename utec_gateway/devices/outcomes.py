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

from .pending import Flight, Outcome, Progress

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
        ended = progress.started + progress.took
        return progress if self._clock.monotonic() - ended < IS_NEWS_FOR else None

    def elapsed(self, progress: Progress) -> float:
        """Return the seconds that a command took, or has been under way."""
        if progress.outcome is Outcome.UNDER_WAY:
            return self._clock.monotonic() - progress.started
        return progress.took

    def forget_all_but(self, ids: Iterable[str]) -> None:
        """Forget the commands for devices that are gone."""
        for device_id in self._progress.keys() - set(ids):
            del self._progress[device_id]

    def is_under_way(self, device_id: str) -> bool:
        """Tell whether a command for this lock has not ended yet."""
        progress = self._progress.get(device_id)
        return progress is not None and progress.outcome is Outcome.UNDER_WAY

    def started(self, flight: Flight) -> None:
        """Take note of a command that sets out."""
        _LOGGER.info("%s: %s, asked by %s", flight.lock.name, flight.operation, flight.asked_by)
        self._progress[flight.lock.id] = Progress(
            flight.operation, flight.started, origins=flight.origins
        )

    def joined(self, flight: Flight, origin: Origin) -> None:
        """Take note of somebody who asked for what is under way already."""
        if origin in flight.origins:
            return
        _LOGGER.info("%s: %s, asked by %s, too", flight.lock.name, flight.operation, origin)
        flight.origins = (*flight.origins, origin)
        progress = self._progress[flight.lock.id]
        self._progress[flight.lock.id] = replace(progress, origins=flight.origins)

    def confirmed(self, flight: Flight, lock: Device) -> None:
        """Say that the bolt was seen where it should be."""
        took = self._ended(flight, Outcome.CONFIRMED).took
        subject = lock.name, flight.operation
        _LOGGER.info("%s: %s confirmed after %.1f s (%s)", *subject, took, flight.asked_by)
        self._notifications.bolt_moved(lock)

    def not_confirmed(self, flight: Flight, lock: Device) -> None:
        """Say that patience has ended and the bolt was not seen to move."""
        took = self._ended(flight, Outcome.NOT_CONFIRMED).took
        subject = lock.name, flight.operation
        _LOGGER.warning("%s: %s not confirmed within %d s (%s)", *subject, took, flight.asked_by)
        self._notifications.lock_not_confirmed(lock, flight.operation)

    def failed(self, flight: Flight, lock: Device, error: GatewayError, *, late: bool) -> None:
        """Say why a command was not carried out; people hear it unless they saw the answer.

        Too late, and the caller was told "pending".
        """
        subject = lock.name, flight.operation
        _LOGGER.warning("%s: %s failed (%s): %s", *subject, flight.asked_by, error)
        self._ended(flight, Outcome.FAILED, str(error))
        if is_jammed(lock):
            self._notifications.jammed(lock)
        if late or not all(origin.sees_the_answer for origin in flight.origins):
            self._notifications.command_refused(flight.operation, error, lock)

    def replaced(self, flight: Flight) -> None:
        """Say that a newer command took this one's place."""
        self._ended(flight, Outcome.REPLACED)

    def abandoned(self, flight: Flight) -> None:
        """Say that nobody waits for the bolt any more."""
        self._ended(flight, Outcome.NOT_CONFIRMED)

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

    def _ended(self, flight: Flight, outcome: Outcome, problem: str = "") -> Progress:
        took = self._clock.monotonic() - flight.started
        ended = Progress(
            flight.operation, flight.started, outcome, took, problem, origins=flight.origins
        )
        self._progress[flight.lock.id] = ended
        self._when_ended(flight.lock.name, ended)
        return ended

"""Each issue has a file of its own; here what happens raises and resolves them."""

from collections.abc import Iterable
from datetime import datetime

from utec_gateway.core.backoff import Failure
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.core.models import Device, Operation, Token
from utec_gateway.plugin_api.health import Delivery

from . import (
    battery_low,
    command_refused,
    jammed,
    lock_not_confirmed,
    reauth_required,
    refresh_failing,
    state_recovered,
    utec_unreachable,
)
from .tracker import IssueTracker
from .wording import Wording

OF_A_LOCK = frozenset({lock_not_confirmed.KIND, jammed.KIND, battery_low.KIND})


class Notifications:
    """Raises and resolves issues; the tracker decides when people hear of them."""

    def __init__(self, tracker: IssueTracker, wording: Wording, clock: Clock) -> None:
        self._tracker = tracker
        self._wording = wording
        self._clock = clock

    def _raise(self, issue: Issue) -> None:
        self._tracker.raise_issue(
            issue.key,
            self._wording(issue.title),
            self._wording(issue.message),
            issue.severity,
            at_once=issue.is_event,
            what=issue.title.key,
        )

    def reauth_required(self, reason: object, works_until: datetime | None) -> None:
        """Say that only a person can refresh the sign-in."""
        self._raise(reauth_required.issue(reason, works_until, self._clock.now()))

    def refresh_failing(
        self, error: Exception, token: Token, since: datetime, next_attempt: datetime
    ) -> None:
        """Say that refreshing fails, once that matters."""
        now = self._clock.now()
        if issue := refresh_failing.issue(error, token, since, next_attempt, now):
            self._raise(issue)

    def signed_in(self) -> None:
        """Take back everything that a good sign-in cures."""
        self._resolve((reauth_required.KEY, refresh_failing.KEY, state_recovered.KEY))

    def utec_unreachable(self, failure: Failure) -> None:
        """Say that there has been no news of the locks for long."""
        self._raise(utec_unreachable.issue(failure))

    def utec_answers(self) -> None:
        """Take back that U-tec does not answer: it does, or nobody may ask it."""
        self._resolve((utec_unreachable.KEY,))

    def lock_not_confirmed(self, lock: Device, operation: Operation) -> None:
        """Say that a command was accepted and the bolt not seen to move."""
        self._raise(lock_not_confirmed.issue(lock, operation, self._clock.now()))

    def command_refused(
        self, operation: Operation, error: GatewayError, lock: Device | None
    ) -> None:
        """Say why a command was not carried out; None where no lock is known that it was for."""
        self._raise(command_refused.issue(operation, error, lock, self._clock.now()))

    def bolt_moved(self, lock: Device) -> None:
        """Take back that commands were not obeyed: since then a bolt has moved."""
        self._resolve((lock_not_confirmed.key(lock), command_refused.KEY))

    def jammed(self, lock: Device) -> None:
        """Say that a bolt is stuck, unless the end of a command that left it so has said it."""
        ended = lock_not_confirmed.key(lock)
        open_ = self._tracker.open
        if not any(one.id == ended and one.urgency >= Severity.ERROR for one in open_):
            self._raise(jammed.issue(lock))

    def not_jammed(self, lock: Device) -> None:
        """Take back that a bolt is stuck."""
        self._resolve((jammed.key(lock),))

    def battery_low(self, lock: Device, level: int) -> None:
        """Say that a battery is low, by the level that the lock reports."""
        self._raise(battery_low.issue(lock, level))

    def battery_good(self, lock: Device) -> None:
        """Take back that a battery is low."""
        self._resolve((battery_low.key(lock),))

    def forget_all_but(self, devices: Iterable[Device]) -> None:
        """Take back what was said of locks that are gone."""
        tags = {device.tag for device in devices}
        for notification in self._tracker.open:
            kind, _, tag = notification.id.rpartition("_")
            if kind in OF_A_LOCK and tag not in tags:
                self._tracker.resolve(notification.id)

    def state_recovered(self, what: str) -> None:
        """Say that the state file had to be recovered."""
        self._raise(state_recovered.issue(what))

    async def send_test(self) -> dict[str, Delivery]:
        """Send one test message through every notifier; return what each says of it, by name."""
        title, message = self._wording(Text("test.title")), self._wording(Text("test.message"))
        return await self._tracker.send_test("test", title, message)

    def _resolve(self, keys: Iterable[str]) -> None:
        """Take back those that are open, or are just about to be."""
        for key in keys:
            self._tracker.resolve(key)

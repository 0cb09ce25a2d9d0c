"""Tells people of issues; the tracker decides when they hear of them."""

from collections.abc import Iterable

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.issue import Issue, Text
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandState, EndedCommand
from utec_gateway.plugin_api.plugin_health import Delivery

from .kinds import (
    battery_low,
    code_expiring_unsynced,
    code_not_confirmed,
    code_not_removed,
    code_waiting,
    command_refused,
    jammed,
    lock_not_confirmed,
)
from .tracker import IssueTracker
from .wording import Wording

OF_A_LOCK = frozenset(
    kind.KIND
    for kind in (
        lock_not_confirmed,
        jammed,
        battery_low,
        code_waiting,
        code_expiring_unsynced,
        code_not_confirmed,
        code_not_removed,
    )
)


class Notifications:
    """Raises and resolves issues, and says what commands came to."""

    def __init__(self, tracker: IssueTracker, wording: Wording, clock: Clock) -> None:
        self._tracker = tracker
        self._wording = wording
        self._clock = clock

    def raise_issue(self, issue: Issue) -> None:
        """Tell of an issue, unless another that is open and as bad has said it."""
        open_ = self._tracker.open
        if any(one.id == issue.covered_by and one.urgency >= issue.severity for one in open_):
            return
        self._tracker.raise_issue(
            issue.key,
            self._wording(issue.title),
            self._wording(issue.message),
            issue.severity,
            at_once=issue.is_event,
            what=issue.title.key,
        )

    def resolve(self, *keys: str) -> None:
        """Take back those that are open, or are just about to be."""
        for key in keys:
            self._tracker.resolve(key)

    def command_ended(self, ended: EndedCommand) -> None:
        """Say what people must know of it; one that was confirmed ends a worry."""
        device, outcome = ended.device, ended.outcome
        has_failed = outcome.state is CommandState.FAILED
        if device and has_failed and device.is_jammed:
            self.raise_issue(jammed.issue(device))
        if device and outcome.is_confirmed:
            self.bolt_moved(device)
        elif ended.is_news and has_failed and outcome.error:
            self.command_refused(outcome.operation, outcome.error, device)
        elif ended.is_news and device:
            self.lock_not_confirmed(device, outcome.operation)

    def lock_not_confirmed(self, lock: Device, operation: Operation) -> None:
        """Say that a command was accepted and the bolt not seen to move."""
        self.raise_issue(lock_not_confirmed.issue(lock, operation, self._clock.now()))

    def command_refused(
        self, operation: Operation, error: GatewayError, lock: Device | None
    ) -> None:
        """Say why a command was not carried out; None where no lock is known that it was for."""
        self.raise_issue(command_refused.issue(operation, error, lock, self._clock.now()))

    def bolt_moved(self, lock: Device) -> None:
        """Take back that commands were not obeyed: since then a bolt has moved."""
        self.resolve(lock_not_confirmed.key(lock), command_refused.KEY)

    def forget_all_but(self, devices: Iterable[Device]) -> None:
        """Take back what was said of locks that are gone."""
        tags = {device.tag for device in devices}
        for notification in self._tracker.open:
            kind, _, tag = notification.id.rpartition("_")
            if kind in OF_A_LOCK and tag not in tags:
                self._tracker.resolve(notification.id)

    async def send_test(self) -> dict[str, Delivery]:
        """Send one test message through every notifier; return what each says of it, by name."""
        title, message = self._wording(Text("test.title")), self._wording(Text("test.message"))
        return await self._tracker.send_test("test", title, message)

"""The one list of what is wrong: pages read it, people and plugins are told of its changes."""

from collections.abc import Callable, Iterable
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.events import Event
from utec_gateway.core.issue import Issue, Severity
from utec_gateway.core.notification import Notification
from utec_gateway.plugin_api.issue_status import IssueStatus

from .facts import Finding
from .notifications import Notifications
from .tracker import IssueTracker
from .wording import Wording

CHECK_EVERY = 60.0
"""Seconds: some things become news by lasting."""


class IssueReporter:
    """Finds what is wrong now; the tracker knows what people know already."""

    def __init__(
        self,
        findings: Callable[[], Iterable[Finding]],
        tracker: IssueTracker,
        notifications: Notifications,
        wording: Wording,
        changed: Iterable[Event[Any]],
        clock: Clock,
    ) -> None:
        self._findings = findings
        self._tracker = tracker
        self._notifications = notifications
        self._wording = wording
        self._clock = clock
        self._next = clock.monotonic()
        self._raised: set[str] = set()
        """The keys of what was raised and is not over; the tracker may not have it yet."""
        self.published = Event[tuple[IssueStatus, ...]]("what is wrong")
        """Emitted with everything that is wrong, whenever it was looked through."""
        tracker.changed.subscribe(lambda _: self._publish())
        for event in changed:
            event.subscribe(lambda _: self.report())

    def issues(self) -> tuple[Issue, ...]:
        """Return what is found to be wrong now, what matters most first."""
        return _issues(self._findings())

    def statuses(self) -> tuple[IssueStatus, ...]:
        """Return those, and what people were told of that nobody can look up any more."""
        return self._statuses(self.issues())

    def _statuses(self, issues: Iterable[Issue]) -> tuple[IssueStatus, ...]:
        found = {issue.key: self._status(issue) for issue in issues}
        told = {one.id: _status_of(one) for one in self._tracker.open}
        return tuple((told | found).values())

    def report(self) -> None:
        """Tell of what is found, and take back what is known to be over."""
        told = {one.id for one in self._tracker.open} | self._raised
        findings = tuple(self._findings())
        for finding in findings:
            if isinstance(finding, Issue):
                self._raise(finding)
            elif finding.key in told:
                self._raised.discard(finding.key)
                self._notifications.resolve(finding.key)
        self.published.emit(self._statuses(_issues(findings)))

    def due_in(self) -> float:
        """Return seconds until the next check."""
        return self._next - self._clock.monotonic()

    async def check(self) -> None:
        """Report what has become news by lasting."""
        self._next = self._clock.monotonic() + CHECK_EVERY
        self.report()

    def _raise(self, issue: Issue) -> None:
        if issue.is_news:
            self._raised.add(issue.key)
            self._notifications.raise_issue(issue)

    def _publish(self) -> None:
        self.published.emit(self.statuses())

    def _status(self, issue: Issue) -> IssueStatus:
        title, message = self._wording(issue.title), self._wording(issue.message)
        return IssueStatus(issue.key, title, message, issue.severity, issue.since)


def _issues(findings: Iterable[Finding]) -> tuple[Issue, ...]:
    return tuple(one for one in findings if isinstance(one, Issue))


def _status_of(told: Notification) -> IssueStatus:
    """Return what people were told; its severity is as old as the file that it was read from."""
    severity = min(max(told.urgency, Severity.WARNING), Severity.CRITICAL)
    return IssueStatus(told.id, told.title, told.message, Severity(severity), told.raised_at)

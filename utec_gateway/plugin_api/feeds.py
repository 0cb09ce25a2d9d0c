"""Keeps every plugin up to date: what it hears is what changed since it was called last."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from utec_gateway.core.access_codes import CodeEvent, LockCodes
from utec_gateway.core.activity import Activity
from utec_gateway.core.tasks import TaskSet

from .changes import Changes, changes_between
from .device_status import DeviceStatus
from .hook_calls import Hooks
from .issue_status import IssueStatus
from .sign_in_status import SignInStatus

T = TypeVar("T")


class Feed(Generic[T]):
    """Calls each plugin one at a time; while a call lasts, changes add up to the next one."""

    def __init__(
        self,
        listeners: Callable[[], Iterable[str]],
        tell: Callable[[str, Changes[T]], Awaitable[None]],
        key: Callable[[T], str],
        aspect: Callable[[T], object],
    ) -> None:
        self._listeners = listeners
        self._tell = tell
        self._key = key
        self._aspect = aspect
        self._tasks = TaskSet()
        self._now: Mapping[str, T] = {}
        self._told: dict[str, Mapping[str, T]] = {}
        """What each plugin was told last, by its name."""
        self._busy: set[str] = set()

    def publish(self, values: Iterable[T]) -> None:
        """Tell the plugins how things are now, without waiting for them."""
        self._now = {self._key(value): value for value in values}
        for listener in self._listeners():
            if listener not in self._busy:
                self._busy.add(listener)
                self._tasks.create_task(self._catch_up(listener), f"news for {listener}")

    async def _catch_up(self, listener: str) -> None:
        try:
            while changes := self._news_for(listener):
                self._told[listener] = self._now
                await self._tell(listener, changes)
        finally:
            self._busy.discard(listener)

    def _news_for(self, listener: str) -> Changes[T]:
        return changes_between(self._told.get(listener, {}), self._now, self._aspect)

    async def close(self) -> None:
        """Stop telling."""
        await self._tasks.close()


class Feeds:
    """One feed for each thing that a plugin can mirror."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._tasks = TaskSet()
        self.devices: Feed[DeviceStatus] = Feed(
            lambda: hooks.listeners("gateway_devices_changed"),
            hooks.devices_changed,
            key=lambda status: status.id,
            aspect=_visible,
        )
        self.issues: Feed[IssueStatus] = Feed(
            lambda: hooks.listeners("gateway_issues_changed"),
            hooks.issues_changed,
            key=lambda issue: issue.key,
            aspect=lambda issue: (issue.title, issue.message, issue.severity),
        )
        self.sign_in: Feed[SignInStatus] = Feed(
            lambda: hooks.listeners("gateway_sign_in_changed"),
            hooks.sign_in_changed,
            key=lambda _: "sign_in",
            aspect=lambda sign_in: sign_in,
        )

        self.codes: Feed[LockCodes] = Feed(
            lambda: hooks.listeners("gateway_codes_changed"),
            hooks.codes_changed,
            key=lambda codes: codes.device.tag,
            aspect=_who_has_a_code,
        )

    def activity(self, activity: Activity) -> None:
        """Tell the plugins what happened, in the order in which it did, without waiting."""
        self._tasks.create_task(self._hooks.activity(activity), "activity")

    def code_event(self, event: CodeEvent) -> None:
        """Tell the plugins what happened to a code, in order, without waiting."""
        self._tasks.create_task(self._hooks.code_event(event), "code event")

    async def close(self) -> None:
        """Stop telling."""
        await self._tasks.close()
        for feed in (self.devices, self.issues, self.sign_in, self.codes):
            await feed.close()


def _visible(status: DeviceStatus) -> object:
    """Return what of a device its plugins hear of."""
    device, command = status.device, status.command
    under_way = command and (command.operation, command.started)
    return device.entry, device.states, device.is_offline, status.readings, under_way


def _who_has_a_code(codes: LockCodes) -> object:
    """Return what of a lock's codes its plugins hear of: not each list that says the same."""
    return replace(codes, listed_at=None), codes.is_known

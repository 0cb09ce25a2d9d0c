"""Plugins: the first answer wins a choice, everybody is told, and none can stop another."""

import asyncio
from collections.abc import Awaitable, Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from utec_gateway.core.activity import Activity, ActivityKind
from utec_gateway.core.clock import Clock, SystemClock
from utec_gateway.core.errors import TokenEndpointError
from utec_gateway.core.models import Device, Operation, Token
from utec_gateway.core.notification import Notification
from utec_gateway.plugin_api import (
    BrokerState,
    BrokerStatus,
    NotDeliveredError,
    TokenRefresher,
    hookimpl,
)
from utec_gateway.plugin_api.call_guard import DEADLINE
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.plugin_api.registry import PluginRegistry
from utec_gateway.simulator.virtual_time import VirtualClock

JAM = Activity(ActivityKind.JAMMED, Device("one", {}), datetime(2026, 1, 5, tzinfo=UTC))
NEWS = Notification("n", "Title", "Message", datetime(2026, 1, 5, tzinfo=UTC))


class Refresher:
    """Somebody who could refresh the sign-in."""

    def __init__(self, name: str = "default") -> None:
        self._name = name

    def authorization_url(self, state: str) -> str:
        return f"{self._name}: {state}"

    async def exchange(self, code: str) -> Token:
        raise NotImplementedError(code)

    async def refresh(self, token: Token) -> Token:
        return token


class Defaults:
    """Answers both choices, when nobody else does."""

    refresher = Refresher()

    @hookimpl(trylast=True)
    def gateway_token_refresher(self) -> TokenRefresher:
        return self.refresher

    @hookimpl(trylast=True)
    def gateway_retry_policy(self, operation: Operation) -> AsyncRetrying:
        tries = 3 if operation is Operation.QUERY else 1
        return AsyncRetrying(
            stop=stop_after_attempt(tries), retry=retry_if_exception_type(OSError), reraise=True
        )


class Listener:
    """Writes down everything it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> None:
        self.heard.append(notification)

    @hookimpl
    async def gateway_dismiss(self, notification_id: str) -> None:
        self.heard.append(notification_id)

    @hookimpl
    async def gateway_lock_changed(self, lock: Device, previous: Device) -> None:
        self.heard.append((lock, previous))

    @hookimpl
    async def gateway_activity(self, activity: Activity) -> None:
        self.heard.append(activity)

    @hookimpl
    async def gateway_started(self) -> None:
        self.heard.append("started")

    @hookimpl
    async def gateway_stopping(self) -> None:
        self.heard.append("stopping")


class Raising:
    """Fails whatever it is told."""

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> None:
        raise LookupError(notification.id)


class RaisingAtOnce:
    """Fails before there is anything to await, as a plain function may."""

    @hookimpl
    def gateway_notify(self, notification: Notification) -> Awaitable[None]:
        raise LookupError(notification.id)


class NotACoroutine:
    """Does its work at once and answers something that cannot be awaited."""

    @hookimpl
    def gateway_notify(self, notification: Notification) -> str:
        return notification.id


class Hanging:
    """Never comes back."""

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> None:
        await asyncio.Event().wait()
        raise AssertionError(notification)


def hooks_with(clock: Clock, *plugins: object) -> Hooks:
    return Hooks(registry_of(clock, Defaults(), *plugins), clock)


def registry_of(clock: Clock, *plugins: object) -> PluginRegistry:
    registry = PluginRegistry(clock)
    for number, plugin in enumerate(plugins):
        registry.register(f"plugin {number}", plugin)
    return registry


async def test_everybody_hears_everything(clock: VirtualClock) -> None:
    listeners = Listener(), Listener()
    hooks = hooks_with(clock, *listeners)
    now, before = Device("one", {}), Device("one", {"name": "old"})
    await hooks.started()
    await hooks.notify(NEWS)
    await hooks.lock_changed(now, before)
    await hooks.activity(JAM)
    await hooks.dismiss("n", "Title")
    await hooks.stopping()
    for listener in listeners:
        assert listener.heard == ["started", NEWS, (now, before), JAM, "n", "stopping"]


async def test_with_nobody_to_tell_nothing_happens(clock: VirtualClock) -> None:
    await hooks_with(clock).notify(NEWS)


@pytest.mark.parametrize("bad", [Raising(), RaisingAtOnce()])
@pytest.mark.parametrize("is_last", [True, False])
async def test_a_plugin_that_fails_stops_no_other_and_is_logged(
    bad: object, clock: VirtualClock, caplog: pytest.LogCaptureFixture, *, is_last: bool
) -> None:
    listeners = Listener(), Listener()
    order = [listeners[0], listeners[1], bad] if is_last else [bad, *listeners]
    await hooks_with(clock, *order).notify(NEWS)
    assert [listener.heard for listener in listeners] == [[NEWS], [NEWS]]
    assert "failed in gateway_notify" in caplog.text


async def test_a_plugin_that_does_its_work_at_once_has_not_failed(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()
    await hooks_with(clock, NotACoroutine(), listener).notify(NEWS)
    assert listener.heard == [NEWS]
    assert caplog.text == ""


async def test_a_plugin_that_hangs_keeps_nothing_from_the_others(clock: VirtualClock) -> None:
    listener = Listener()
    telling = asyncio.ensure_future(hooks_with(clock, listener, Hanging()).notify(NEWS))
    await clock.settle()
    assert listener.heard == [NEWS]
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def test_a_plugin_that_hangs_is_given_up_at_the_deadline(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    telling = asyncio.ensure_future(hooks_with(clock, Hanging()).notify(NEWS))
    await clock.advance(DEADLINE - 1)
    assert not telling.done()
    await clock.advance(1)
    await telling
    assert "failed in gateway_notify" in caplog.text


def test_without_any_refresher_the_sign_in_cannot_be_renewed_and_says_so() -> None:
    hooks = Hooks(PluginRegistry(SystemClock()), SystemClock())
    with pytest.raises(TokenEndpointError, match="No plugin is loaded that can refresh"):
        hooks.token_refresher()


async def test_without_any_retry_policy_everything_is_tried_once(clock: VirtualClock) -> None:
    tries = []

    async def work() -> None:
        tries.append(1)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it is the one that was raised
        await Hooks(PluginRegistry(clock), clock).attempt(Operation.QUERY, work)
    assert tries == [1]


def only_error(plugin: object) -> str:
    """Return why a plugin is not let in; it is not."""
    registry = registry_of(SystemClock(), plugin)
    (status,) = registry.health.plugins
    assert (status.is_failing, status.is_loaded, status.hooks) == (True, False, ())
    return status.last_error or ""


@pytest.mark.parametrize("is_old", [True, False])
def test_a_hook_wrapper_is_refused_by_name_and_told_what_to_do(*, is_old: bool) -> None:
    class Wrapping:
        @hookimpl(wrapper=not is_old, hookwrapper=is_old)
        def gateway_retry_policy(self) -> Generator[None, None, None]:
            yield

    said = only_error(Wrapping())
    assert said.startswith("gateway_retry_policy is a hook wrapper")
    assert "mark it with @hookimpl alone" in said


@pytest.mark.parametrize(("is_first", "asked"), [(True, "own"), (False, "last")])
def test_a_plugin_can_ask_to_be_first(asked: str, *, is_first: bool) -> None:
    class Own:
        @hookimpl(tryfirst=is_first)
        def gateway_token_refresher(self) -> TokenRefresher:
            return Refresher("own")

    class Last:
        @hookimpl
        def gateway_token_refresher(self) -> TokenRefresher:
            return Refresher("last")

    refresher = hooks_with(SystemClock(), Own(), Last()).token_refresher()
    assert refresher.authorization_url("s") == f"{asked}: s"


def test_a_plugin_of_ones_own_is_asked_before_the_default() -> None:
    class Own(Defaults):
        refresher = Refresher("own")

        @hookimpl
        def gateway_token_refresher(self) -> TokenRefresher:
            return self.refresher

    assert hooks_with(SystemClock(), Own()).token_refresher().authorization_url("s") == "own: s"


def test_a_plugin_that_passes_leaves_the_choice_to_the_default() -> None:
    class Passing:
        @hookimpl
        def gateway_token_refresher(self) -> None:
            return None

    refresher = hooks_with(SystemClock(), Passing()).token_refresher()
    assert refresher.authorization_url("s") == "default: s"


async def test_work_is_tried_as_often_as_its_policy_says_and_its_last_error_comes_through(
    clock: VirtualClock,
) -> None:
    tries: list[tuple[int, str]] = []

    async def work(number: int, *, word: str) -> None:
        tries.append((number, word))
        raise OSError(len(tries))

    hooks = hooks_with(clock)
    with pytest.raises(OSError, match="3"):
        await hooks.attempt(Operation.QUERY, work, 7, word="x")
    assert tries == [(7, "x")] * 3
    with pytest.raises(OSError, match="4"):
        await hooks.attempt(Operation.UNLOCK, work, 7, word="x")


class Broker:
    """Knows how a broker fares; a test of it ends in an error, if there is one."""

    def __init__(self, status: object, error: Exception | None = None) -> None:
        self._status = status
        self._error = error

    @hookimpl
    def gateway_broker_status(self) -> object:
        return self._status

    @hookimpl
    async def gateway_test_broker(self) -> str | None:
        if self._error:
            raise self._error
        return "It answers"


CONNECTED = BrokerStatus(BrokerState.CONNECTED, "broker:1883")


def test_without_a_plugin_that_knows_a_broker_there_is_none() -> None:
    assert hooks_with(SystemClock()).broker_status().state is BrokerState.OFF


@pytest.mark.parametrize("last", [None, "connected"])
def test_a_plugin_that_says_nothing_of_a_broker_leaves_it_to_the_one_before(last: object) -> None:
    assert hooks_with(SystemClock(), Broker(CONNECTED), Broker(last)).broker_status() == CONNECTED


async def test_a_test_of_the_broker_says_in_words_how_it_went(clock: VirtualClock) -> None:
    away = NotDeliveredError("The broker does not answer")
    said = await hooks_with(clock, Broker(CONNECTED), Broker(None, away)).test_broker()
    assert [(one.delivered, one.detail) for one in said.values()] == [
        (True, "It answers"),
        (False, "The broker does not answer"),
    ]


@pytest.mark.parametrize(
    ("error", "is_failing"), [(NotDeliveredError("It is away"), False), (KeyError("oops"), True)]
)
async def test_a_plugin_does_not_fail_when_its_broker_does(
    clock: VirtualClock, error: Exception, *, is_failing: bool
) -> None:
    hooks = hooks_with(clock, Broker(CONNECTED, error))
    await hooks.test_broker()
    assert hooks.plugins[-1].is_failing is is_failing

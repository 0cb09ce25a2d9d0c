"""What no retry policy may bend: an unlock, a new user and an authorization code are sent once."""

from collections.abc import Awaitable, Callable
from typing import Generic, ParamSpec, TypeVar

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Operation

P = ParamSpec("P")
T = TypeVar("T")

NEVER_REPEATED = frozenset(
    {
        *(operation for operation in Operation if operation.unlocks),
        Operation.ADD_USER,
        Operation.EXCHANGE_CODE,
    }
)
"""A late unlock opens a door nobody stands at; of a user there would be two; an authorization
code works once."""


class RetryGuard(Generic[P, T]):
    """Something a retry policy may try; what must not be repeated is done once, whatever it says.

    Only a failure that proves that nothing was run allows another try of those. A server that
    asked its callers to wait is left alone for so long.
    """

    def __init__(self, operation: Operation, work: Callable[P, Awaitable[T]], clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._not_before = clock.monotonic()
        self._may_repeat = operation not in NEVER_REPEATED
        self._result: tuple[T] | None = None
        self.error: Exception | None = None
        """How the last try ended, or None when it succeeded or there was none."""

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Try, or give the earlier outcome again."""
        if self._result:
            return self._result[0]
        if self.error and not self._may_try_again(self.error):
            raise self.error
        try:
            result = await self._work(*args, **kwargs)
        except Exception as error:
            self.error = error
            self._not_before = self._clock.monotonic() + _wait_asked_for(error)
            raise
        self._result, self.error = (result,), None
        return result

    def _may_try_again(self, error: Exception) -> bool:
        was_not_run = isinstance(error, GatewayError) and error.not_run
        is_too_early = self._clock.monotonic() < self._not_before
        return (self._may_repeat or was_not_run) and not is_too_early


def _wait_asked_for(error: Exception) -> float:
    return (error.retry_after or 0.0) if isinstance(error, GatewayError) else 0.0

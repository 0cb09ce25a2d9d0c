"""Asks less of a slow or metered connection: a failed question is not repeated at once.

The gateway looks at the locks again by itself, and less often while that fails, so what is lost is
only how soon it recovers. Doors and the sign-in stay with the built-in policy.
"""

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_fixed

from utec_gateway.clock import Clock
from utec_gateway.errors import GatewayError
from utec_gateway.hookspecs import PluginContext, hookimpl
from utec_gateway.models import Operation

TRIES = {Operation.DISCOVERY: 1, Operation.QUERY: 1, Operation.NOTIFY: 3}
PAUSE = 600.0
"""Seconds between two tries."""


class GentleRetry:
    """Fewer tries, further apart, for what nobody waits for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @hookimpl
    def gateway_retry_policy(self, operation: Operation) -> AsyncRetrying | None:
        """Answer for the operations above; None leaves the others to the built-in policy."""
        if operation not in TRIES:
            return None
        return AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(TRIES[operation]),
            wait=wait_fixed(PAUSE),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, GatewayError) and error.retryable


def create(context: PluginContext) -> GentleRetry:
    """Build the policy."""
    return GentleRetry(context.clock)

"""The default retry policy: patient with reads, careful with doors."""

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from utec_gateway.plugin_api import (
    NEVER_REPEATED,
    Clock,
    GatewayError,
    Operation,
    OptionsSource,
    PluginContext,
    hookimpl,
)

REFRESH_ATTEMPTS = 5
LONGEST_WAIT = 60.0
LONGEST_WAIT_OF_A_COMMAND = 2.0
"""Seconds. Somebody stands at the door, or waits for a page."""
FOR_USERS = {
    Operation.LIST_USERS,
    Operation.GET_USER,
    Operation.ADD_USER,
    Operation.UPDATE_USER,
    Operation.DELETE_USER,
}
LONGEST = {
    operation: LONGEST_WAIT_OF_A_COMMAND
    for operation in Operation
    if operation.is_command or operation in FOR_USERS
}
ATTEMPTS = {Operation.REFRESH_TOKEN: REFRESH_ATTEMPTS}


def may_be_repeated(operation: Operation, error: BaseException) -> bool:
    """Tell whether trying again can help and can do no harm."""
    if not isinstance(error, GatewayError) or not error.retryable:
        return False
    if (error.retry_after or 0.0) > LONGEST.get(operation, LONGEST_WAIT):
        return False
    return error.not_run or operation not in NEVER_REPEATED


class ExponentialBackoff:
    """Waits a random time up to an exponentially growing limit."""

    def __init__(self, settings: OptionsSource, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @hookimpl(trylast=True)
    def gateway_retry_policy(self, operation: Operation) -> AsyncRetrying:
        """Answer for every operation."""
        backoff = wait_random_exponential(max=LONGEST.get(operation, LONGEST_WAIT))

        def wait(attempt: RetryCallState) -> float:
            error = attempt.outcome.exception() if attempt.outcome else None
            asked = error.retry_after if isinstance(error, GatewayError) else None
            return backoff(attempt) if asked is None else asked

        return AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(self._attempts(operation)),
            wait=wait,
            retry=retry_if_exception(lambda error: may_be_repeated(operation, error)),
            reraise=True,
        )

    def _attempts(self, operation: Operation) -> int:
        return ATTEMPTS.get(operation, 1 + self._settings.options.max_retries)


def create(context: PluginContext) -> ExponentialBackoff:
    """Build the policy; it is always on."""
    return ExponentialBackoff(context.settings, context.clock)

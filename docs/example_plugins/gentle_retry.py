"""Asks less of a slow or metered connection: a failed question is not repeated at once.

The gateway looks at the locks again by itself, and less often while that fails, so what is lost is
only how soon it recovers. Doors and the sign-in stay with the built-in policy.
"""

from tenacity import AsyncRetrying, stop_after_attempt

from utec_gateway.plugin_api import Operation, PluginContext, hookimpl

ONCE = {Operation.DISCOVERY, Operation.QUERY}


class GentleRetry:
    """One try for what nobody waits for."""

    @hookimpl
    def gateway_retry_policy(self, operation: Operation) -> AsyncRetrying | None:
        """Answer for the operations above; None leaves the others to the built-in policy."""
        if operation not in ONCE:
            return None
        return AsyncRetrying(stop=stop_after_attempt(1), reraise=True)


def create(context: PluginContext) -> GentleRetry:  # noqa: ARG001 - every plugin is created alike
    """Build the policy."""
    return GentleRetry()

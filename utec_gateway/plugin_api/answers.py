"""What a plugin may answer to a first-result hook."""

import inspect
from collections.abc import Callable

from tenacity import AsyncRetrying

from utec_gateway.core.errors import PluginError


def check(answer: object, fits: Callable[[object], bool]) -> None:
    """Raise PluginError when an answer is neither what was asked for nor None."""
    if answer is None or fits(answer):
        return
    if inspect.iscoroutine(answer):
        answer.close()  # or Python complains that nobody awaited it
    raise PluginError(f"it returned a {type(answer).__name__}")


def is_policy(answer: object) -> bool:
    """Tell whether it says how often something is tried."""
    return isinstance(answer, AsyncRetrying)


def is_refresher(answer: object) -> bool:
    """Tell whether it can refresh the sign-in."""
    return all(
        callable(getattr(answer, name, None))
        for name in ("authorization_url", "exchange", "refresh")
    )

"""Real programs beside the tests: what a machine may lack, and how none of them is left behind."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

Seen = TypeVar("Seen")
PATIENCE = 80.0
LOOK_AGAIN = 0.05

DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
"""Before a command: the system kills it when the process of the tests ends, however that ends."""


def must_have(*, is_there: bool, what: str, by: str = "scripts/test") -> None:
    """Skip the test without it, but never in CI."""
    if is_there:
        return
    if "CI" in os.environ:
        pytest.fail(f"{what} is not installed; {by} does it")
    pytest.skip(f"{what} is not installed; {by} does it")


async def until(look: Callable[[], Awaitable[Seen]], is_right: Callable[[Seen], object]) -> Seen:
    """Look again until it is right, in real time; say what was seen last when it never is."""
    seen: list[Seen] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while not is_right(last := await look()):
                seen[:] = [last]
                await asyncio.sleep(LOOK_AGAIN)  # noqa: TID251 - other processes need real time
            return last
    except TimeoutError:
        raise TimeoutError(f"seen last: {seen}") from None

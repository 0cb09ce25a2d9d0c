"""A page stays light, however much there is to show and whoever chose the names in it."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from markupsafe import escape

T = TypeVar("T")


def weight(*texts: str) -> int:
    """Return the bytes that texts take in a page."""
    return sum(len(escape(text).encode()) for text in texts)


def fitting(weighed: Iterable[tuple[T, int]], most: int, heaviest: int) -> Iterator[T]:
    """Yield the first items, at most `most`, that together weigh no more than `heaviest` bytes."""
    left = heaviest
    for number, (item, bytes_) in enumerate(weighed):
        left -= bytes_
        if number >= most or left < 0:
            return
        yield item

"""Events: who has something to say owns one, who wants to hear it subscribes."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

_LOGGER = logging.getLogger(__name__)
T = TypeVar("T")


class Event(Generic[T]):
    """Calls its listeners in the order in which they subscribed; a failing one stops nobody."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._listeners: list[Callable[[T], object]] = []

    def subscribe(self, listener: Callable[[T], object]) -> None:
        """Have `listener` called with every value from now on."""
        self._listeners.append(listener)

    def emit(self, value: T) -> None:
        """Call every listener with the value."""
        for listener in self._listeners:
            try:
                listener(value)
            except Exception:
                _LOGGER.exception("A listener to %s failed", self._name)

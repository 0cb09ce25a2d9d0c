"""What is different between two moments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Changes(Generic[T]):
    """What came, what is no longer as it was, and what went; each as it is or was last."""

    added: tuple[T, ...]
    changed: tuple[T, ...]
    removed: tuple[T, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.added or self.changed or self.removed)


def changes_between(
    before: Mapping[str, T], now: Mapping[str, T], aspect: Callable[[T], object]
) -> Changes[T]:
    """Compare two moments; of what is there in both, only its `aspect` matters."""
    kept = before.keys() & now.keys()
    return Changes(
        tuple(value for key, value in now.items() if key not in kept),
        tuple(
            value
            for key, value in now.items()
            if key in kept and aspect(value) != aspect(before[key])
        ),
        tuple(value for key, value in before.items() if key not in kept),
    )

"""Which buttons a lock has: those that would not be refused, the sensible one first."""

from collections.abc import Iterator

from utec_gateway.core.models import Operation
from utec_gateway.core.readings import Capability, LockMode, LockState

from .card import HELD_OPEN, Action

LOCK = Action(Operation.LOCK, "lock", is_filled=True)
LOCK_AGAIN = Action(Operation.LOCK, "lock_again", is_filled=True)
END_PASSAGE = Action(Operation.NORMAL_MODE, "end_passage", is_filled=True)
LOCK_QUIETLY = Action(Operation.LOCK, "lock")
UNLOCK = Action(Operation.UNLOCK, "unlock")
MODES = {
    LockMode.NORMAL: Operation.NORMAL_MODE,
    LockMode.PASSAGE: Operation.PASSAGE_MODE,
    LockMode.LOCKOUT: Operation.LOCKOUT_MODE,
}


def actions(
    state: str, mode: LockMode | None, has: frozenset[Capability], *, allow_unlock: bool
) -> tuple[Action, ...]:
    """Return what may be pressed, the button that stands out first."""
    found = _of_the_bolt(state) if mode is not LockMode.PASSAGE else iter((END_PASSAGE,))
    both = (*found, *_of_the_mode(mode)) if Capability.MODE in has else tuple(found)
    allowed = tuple(one for one in both if allow_unlock or not one.operation.unlocks)
    return allowed if both[0] in allowed else (LOCK_QUIETLY, *allowed)


def _of_the_bolt(state: str) -> Iterator[Action]:
    """Yield what moves it; whoever changes their mind while it moves presses the other way."""
    if state in {LockState.LOCKED, "locking"}:
        yield UNLOCK
    else:
        yield from (LOCK_AGAIN if state == LockState.JAMMED else LOCK, UNLOCK)


def _of_the_mode(mode: LockMode | None) -> Iterator[Action]:
    for one, operation in MODES.items():
        if one is not mode and (mode, one) != (LockMode.PASSAGE, LockMode.NORMAL):
            yield Action(operation, f"mode_{one}", is_mode=True)


def state_of(state: LockState, mode: LockMode | None) -> str:
    """Return the word for a lock: one that is held open does not lock by itself."""
    return HELD_OPEN if mode is LockMode.PASSAGE and state is LockState.UNLOCKED else state

"""A day at two doors: what happens, when, and who gets to know it after how many seconds.

Nothing here measures: `freshness` lets the day happen on virtual time.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from utec_gateway.simulator.states import Change, DoorState, jam, lock, unlock

FRONT, BACK = "02:51:4D:00:00:01", "02:51:4D:00:00:02"
DAY, SLOT = 86400, 600
BURSTS = 8
BY_HAND, COMMAND, DOOR, AGAIN = "bolt by hand", "bolt by command", "door", "bolt again"
AUTO_LOCK, JAMMED, OFFLINE = "auto-lock", "jammed", "offline"
KINDS = (BY_HAND, COMMAND, DOOR, AGAIN, AUTO_LOCK, JAMMED, OFFLINE)
BURST = 120.0
"""Seconds for which whatever happens follows the movement before."""


@dataclass(frozen=True)
class View:
    """What a reader knows of a device."""

    bolt: str = ""
    door: str = ""
    is_offline: bool = False


@dataclass(frozen=True)
class Plan:
    """Something that is going to happen, and how it looks to who has noticed it."""

    at: float
    kind: str
    device_id: str
    shows: Callable[[View], bool]
    change: Change | None = None
    """None for what a command, an auto-lock or the network does."""


@dataclass
class Happening:
    """Something that has happened, and after how many seconds each reader noticed it."""

    kind: str
    device_id: str
    shows: Callable[[View], bool]
    at: float
    follows: bool = False
    """Whether the gateway had noticed another movement within two minutes before."""
    noticed: dict[str, float] = field(default_factory=dict)
    is_over: bool = False
    """Whether it has been undone: who has not noticed it will never do so."""


def _bolt(state: str) -> Callable[[View], bool]:
    return lambda view: view.bolt == state


def _door(state: DoorState) -> tuple[Callable[[View], bool], Change]:
    wanted = state.value.lower()
    return lambda view: view.door == wanted, lambda states: replace(states, door=state)


def plan_day(rng: random.Random, bursts: int = BURSTS) -> list[Plan]:
    """Return bursts at the front door, and a jam and an outage at the back door."""
    slots = iter(rng.sample(range(DAY // SLOT - 1), bursts + 2))
    moments = (slot * SLOT + rng.uniform(60, SLOT / 2) for slot in slots)
    plans = [plan for number in range(bursts) for plan in _burst(rng, number, next(moments))]
    stuck = next(moments)
    plans.append(Plan(stuck, JAMMED, BACK, _bolt("jammed"), jam))
    plans.append(Plan(stuck + rng.uniform(10, 60), AGAIN, BACK, _bolt("locked"), lock))
    plans.append(Plan(next(moments), OFFLINE, BACK, lambda view: view.is_offline))
    return sorted(plans, key=lambda plan: plan.at)


def _burst(rng: random.Random, number: int, began: float) -> Iterable[Plan]:
    """Yield: somebody unlocks, opens, closes, and the bolt moves again after 10 to 60 s."""
    first, change = (COMMAND, None) if number % 4 == 3 else (BY_HAND, unlock)  # noqa: PLR2004
    yield Plan(began, first, FRONT, _bolt("unlocked"), change)
    opened = began + rng.uniform(3, 8)
    yield Plan(opened, DOOR, FRONT, *_door(DoorState.OPEN))
    yield Plan(opened + rng.uniform(8, 20), DOOR, FRONT, *_door(DoorState.CLOSED))
    again, change = (AUTO_LOCK, None) if number % 4 == 1 else (AGAIN, lock)
    yield Plan(began + rng.uniform(10, 60), again, FRONT, _bolt("locked"), change)


class Readers:
    """Owns what has happened, and who has noticed it."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []

    def happens(self, plan: Plan, now: float) -> None:
        """Take in that something happens; what it undoes is over."""
        seen = [
            one.at + one.noticed["gateway"] for one in self.happenings if "gateway" in one.noticed
        ]
        follows = any(0 <= now - moment <= BURST for moment in seen)
        is_door = plan.kind == DOOR
        for one in self.happenings:
            if one.device_id == plan.device_id and (one.kind == DOOR) is is_door:
                one.is_over = True
        self.happenings.append(Happening(plan.kind, plan.device_id, plan.shows, now, follows))

    def looks(self, reader: str, views: Mapping[str, View], now: float) -> None:
        """Take in what a reader knows now."""
        for one in self.happenings[-12:]:
            is_new = not one.is_over and reader not in one.noticed
            if is_new and one.shows(views[one.device_id]):
                one.noticed[reader] = now - one.at

"""A device behind the cloud: what is true of it, and what the cloud believes.

Nothing runs in the background. Whatever is due happens when somebody looks, in the order of the
clock, so that a virtual clock needs no help. Who wants to look in time asks when something is due,
and is woken when that changes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from utec_gateway.core.clock import Clock

from .behaviour import CommandBehaviour, DeviceBehaviour
from .kinds import Kind
from .lock_users import LockUsers
from .states import PASSAGE_MODE, Change, LockState, States, lock

AUTO_LOCK = "auto_lock"


@dataclass(frozen=True, slots=True)
class Reading:
    """What Query shows: live health, and states that are old while the device is offline."""

    online: bool
    states: States


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that will happen; `cause` is the command behind it."""

    at: float
    cause: str
    change: Change


@dataclass(slots=True)
class _StaleReads:
    shown: States
    left: int
    fresh_seen: bool = False


class SimulatedDevice:
    """One device; `commands` overrides the cloud's rows D for this device alone."""

    def __init__(
        self,
        device_id: str,
        name: str,
        kind: Kind,
        states: States,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self.device_id = device_id
        self.name = name
        self.kind = kind
        self.behaviour = DeviceBehaviour()
        self.commands: CommandBehaviour | None = None
        self._users = LockUsers(clock, self.behaviour)
        self._clock = clock
        self._wake = wake
        self._actual = states
        self._reported = states
        self._pending: list[Pending] = []
        self._offline_until = -math.inf
        self._stale: _StaleReads | None = None

    @property
    def online(self) -> bool:
        """Whether the cloud reaches the device."""
        return self._clock.monotonic() >= self._offline_until

    @property
    def states(self) -> States:
        """The truth at the door, whatever Query shows."""
        self._settle()
        return self._actual

    @property
    def users(self) -> LockUsers:
        """The people whose codes the lock knows or will know."""
        self._settle()
        return self._users

    @property
    def keeps_users(self) -> bool:
        """Whether it is a lock, and one that knows people."""
        return self.states.lock_state is not None and self.behaviour.supports_users

    @property
    def pending(self) -> tuple[Pending, ...]:
        """What commands and manual operation have yet to bring about."""
        self._settle()
        return tuple(self._pending)

    @property
    def known(self) -> Reading:
        """What the cloud knows by now; to ask uses nothing up."""
        self._settle()
        return Reading(self.online, self._shown(self._reported))

    @property
    def next_due(self) -> float:
        """When something will happen by itself, in seconds of the monotonic clock."""
        self._settle()
        back = math.inf if self.online else self._offline_until
        return min([back, *(item.at for item in self._pending)])

    def read(self) -> Reading:
        """Return what a Query shows; passing Offlines and stale readings are used up by it."""
        self._settle()
        online = self.online
        if self.behaviour.offline_reads > 0:
            self.behaviour.offline_reads -= 1
            online = False
        return Reading(online, self._shown(self._possibly_stale(self._reported)))

    def go_offline(self, for_seconds: float = math.inf) -> None:
        """Lose the connection: from now on the cloud repeats what it knew (C7)."""
        self._settle()
        self._offline_until = self._clock.monotonic() + for_seconds
        self._wake()

    def go_online(self) -> None:
        """Find the connection again; the cloud learns the truth at once."""
        self._settle()
        self._offline_until = -math.inf
        self._wake()

    def operate(self, change: Change, in_seconds: float = 0.0) -> None:
        """Change by hand, keypad or the vendor's app (C8)."""
        self.schedule("manual", change, in_seconds)

    def become(self, states: States) -> None:
        """Replace the truth, now."""
        self.operate(lambda _: states)

    def turn_into(self, kind: Kind) -> None:
        """Be a device of another kind from now on, as when an id is given to a newer one."""
        self.kind = kind
        self.become(kind.states)

    def schedule(self, cause: str, change: Change, in_seconds: float) -> None:
        """Let a change happen after that many seconds."""
        self._settle()
        self._plan(Pending(self._clock.monotonic() + in_seconds, cause, change))
        self._settle()

    def cancel(self, causes: frozenset[str]) -> None:
        """Forget what these commands have not brought about yet."""
        self._settle()
        self._pending = [item for item in self._pending if item.cause not in causes]

    def show_stale(self, reads: int) -> None:
        """After the first fresh reading, show today's state for so many more (D4)."""
        self._settle()
        self._stale = _StaleReads(self._reported, reads)

    def _plan(self, pending: Pending) -> None:
        self._pending.append(pending)
        self._pending.sort(key=lambda item: item.at)  # stable: equal times keep their order
        self._wake()

    def _settle(self) -> None:
        now = self._clock.monotonic()
        while self._pending and self._pending[0].at <= now:
            self._happen(self._pending.pop(0))
        if self.online:
            self._reported = self._actual
            self._users.sync()

    def _happen(self, due: Pending) -> None:
        before = self._actual
        self._actual = due.change(before)
        if self._actual.lock_state is before.lock_state:
            return
        self._pending = [item for item in self._pending if item.cause != AUTO_LOCK]
        seconds = self.behaviour.auto_lock_after
        opened = self._actual.lock_state is LockState.UNLOCKED
        if opened and seconds is not None and self._actual.lock_mode != PASSAGE_MODE:
            self._plan(Pending(due.at + seconds, AUTO_LOCK, lock))

    def _shown(self, states: States) -> States:
        if self.behaviour.battery_stuck_at is not None:
            states = replace(states, battery=self.behaviour.battery_stuck_at)
        return states if self.behaviour.shows_lock_mode else replace(states, lock_mode=None)

    def _possibly_stale(self, fresh: States) -> States:
        stale = self._stale
        if stale is None or fresh == stale.shown:
            return fresh
        if not stale.fresh_seen:
            stale.fresh_seen = True
            return fresh
        stale.left -= 1
        if stale.left <= 0:
            self._stale = None
        return stale.shown

"""What happens at locks, from what is seen of them and how the commands for them end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from utec_gateway.core.activity import Activity, ActivityKind
from utec_gateway.core.clock import Clock
from utec_gateway.core.command import BOLTS
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.outcome import CommandOutcome, CommandState, EndedCommand
from utec_gateway.core.readings import BATTERY_LOW, DoorState, LockState

from .outcomes import Outcomes

MOVEMENTS = {
    LockState.LOCKED: ActivityKind.LOCKED,
    LockState.UNLOCKED: ActivityKind.UNLOCKED,
    LockState.JAMMED: ActivityKind.JAMMED,
}
DOORS = {DoorState.OPEN: ActivityKind.DOOR_OPENED, DoorState.CLOSED: ActivityKind.DOOR_CLOSED}


@dataclass(frozen=True)
class Seen:
    """What was known of a lock last; what is unknown for a while changes none of it."""

    bolt: LockState | None = None
    door: DoorState | None = None
    is_low: bool | None = None
    """Whether its battery was low."""

    def then(self, device: Device) -> "Seen":
        """Return this with what is known of the device now."""
        readings = device.readings
        bolt, door = readings.lock_state.value, readings.door.value
        level = readings.battery.value
        return Seen(
            bolt if bolt in MOVEMENTS else self.bolt,
            door if door in DOORS else self.door,
            self.is_low if level is None else level <= BATTERY_LOW,
        )

    def until(self, now: "Seen") -> Iterator[ActivityKind]:
        """Yield what happened between; what is known for the first time has not happened."""
        if self.bolt and now.bolt and now.bolt is not self.bolt:
            yield MOVEMENTS[now.bolt]
        if self.door and now.door and now.door is not self.door:
            yield DOORS[now.door]
        if self.is_low is False and now.is_low:
            yield ActivityKind.BATTERY_LOW


class Activities:
    """Owns how every lock was last seen."""

    def __init__(self, polled: Event[tuple[Device, ...]], outcomes: Outcomes, clock: Clock) -> None:
        self.occurred = Event[Activity]("what happens at locks")
        """Emitted with each thing that happened, once."""
        self._outcomes = outcomes
        self._clock = clock
        self._seen: dict[str, Seen] = {}
        """As it was when it could be reached last, by its id."""
        self._offline: dict[str, bool] = {}
        self._awaited: dict[str, ActivityKind] = {}
        """A movement that a command is about to be confirmed by, by the lock's id."""
        polled.subscribe(self._take_in)
        outcomes.ended.subscribe(self._ended)

    def _take_in(self, devices: Iterable[Device]) -> None:
        for device in devices:
            if device.is_lock:
                for kind in (*self._connection(device), *self._movements(device)):
                    self._say(kind, device)

    def _connection(self, device: Device) -> Iterator[ActivityKind]:
        before, now = self._offline.get(device.id), device.is_offline
        self._offline[device.id] = now
        if before is not None and before != now:
            yield ActivityKind.OFFLINE if now else ActivityKind.ONLINE

    def _movements(self, device: Device) -> Iterator[ActivityKind]:
        """Yield what a lock did since it was seen last; what an offline one says is old news."""
        if device.is_said_to_be_offline:
            return
        before = self._seen.get(device.id, Seen())
        now = self._seen[device.id] = before.then(device)
        yield from before.until(now)

    def _say(self, kind: ActivityKind, device: Device) -> None:
        pending = self._outcomes.pending(device.id)
        if pending and kind is _goal(pending.outcome):
            self._awaited[device.id] = kind
            return
        command = pending.outcome if pending and kind is ActivityKind.JAMMED else None
        self._emit(kind, device, command)

    def _ended(self, ended: EndedCommand) -> None:
        device, outcome = ended.device, ended.outcome
        if device is None or not device.is_lock:
            return
        awaited = self._awaited.pop(device.id, None)
        kind = _came_of(outcome)
        if awaited and kind is not awaited:
            self._emit(awaited, device)
        if kind:
            self._emit(kind, device, outcome)

    def _emit(
        self, kind: ActivityKind, device: Device, command: CommandOutcome | None = None
    ) -> None:
        self.occurred.emit(Activity(kind, device, self._clock.now(), command))


def _goal(outcome: CommandOutcome) -> ActivityKind | None:
    bolt = BOLTS.get(outcome.operation)
    return MOVEMENTS[bolt] if bolt else None


def _came_of(outcome: CommandOutcome) -> ActivityKind | None:
    """Return what people hear of a command that has ended; of one replaced by another, nothing."""
    match outcome.state:
        case CommandState.CONFIRMED:
            return _goal(outcome)
        case CommandState.NOT_CONFIRMED if outcome.operation.unlocks:
            return ActivityKind.UNLOCK_NOT_CONFIRMED
        case CommandState.NOT_CONFIRMED:
            return ActivityKind.LOCK_NOT_CONFIRMED
        case CommandState.FAILED:
            return ActivityKind.REFUSED
        case _:
            return None

"""A card per lock: what is known, since when, and what can be done; unknown is a state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from utec_gateway.core.command import BOLTS
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandOutcome
from utec_gateway.core.readings import DoorState, LockMode, LockState
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.commands import Commands

LOW = 2
MOVING = {LockState.LOCKED: "locking", LockState.UNLOCKED: "unlocking"}


@dataclass(frozen=True)
class Card:
    """One lock as people see it."""

    tag: str
    name: str
    state: str
    """A LockState's word, "locking", "unlocking" or "offline"."""
    door: DoorState | None
    """None for a lock that has no sensor."""
    battery: int | None
    mode: LockMode | None
    confirmed_at: datetime | None
    """When a Query last said its state; what U-tec says of an offline lock is old news."""
    online: str
    """yes, no or unknown."""
    outcome: CommandOutcome | None
    elapsed: int
    """Seconds that the command under way has taken."""
    can_lock: bool
    can_unlock: bool

    @property
    def is_battery_low(self) -> bool:
        """Tell whether the batteries should be changed."""
        return self.battery is not None and self.battery <= LOW


def cards(cache: DeviceCache, commands: Commands, now: float) -> list[Card]:
    """Return every lock's card, in the cloud's order; `now` is in monotonic seconds."""
    return [_card(cache, commands, device, now) for device in cache.devices if device.is_lock]


def find_lock(devices: Iterable[Device], tag: str) -> Device:
    """Return the lock with that tag; ids are never in an address or a form."""
    for device in devices:
        if device.is_lock and device.tag == tag:
            return device
    raise UnknownDeviceError("This lock no longer exists. Go back to the list")


def _card(cache: DeviceCache, commands: Commands, device: Device, now: float) -> Card:
    outcome = commands.last(device.id)
    is_stale = cache.is_stale(device)
    state = _state(device, outcome, is_stale=is_stale)
    mode = device.readings.mode.value
    return Card(
        tag=device.tag,
        name=device.name,
        state=state,
        door=_door(cache, device),
        battery=device.readings.battery.value,
        mode=None if mode is LockMode.UNKNOWN else mode,
        confirmed_at=device.seen.wall if device.seen and not device.is_offline else None,
        online="no" if device.is_offline else "unknown" if is_stale else "yes",
        outcome=outcome if outcome and _still_says_something(outcome, state) else None,
        elapsed=int(outcome.elapsed(now)) if outcome else 0,
        can_lock=not device.is_offline and not device.is_passage,
        can_unlock=not device.is_offline,
    )


def _state(device: Device, outcome: CommandOutcome | None, *, is_stale: bool) -> str:
    if outcome and outcome.is_under_way and outcome.operation in BOLTS:
        return MOVING[BOLTS[outcome.operation]]
    if device.is_offline:
        return "offline"
    return LockState.UNKNOWN if is_stale else device.reported_state


def _still_says_something(outcome: CommandOutcome, state: str) -> bool:
    """Tell whether an outcome may stand below the state: a bolt that moved on was moved since."""
    if outcome.operation not in {Operation.LOCK, Operation.UNLOCK}:
        return False
    return not outcome.is_confirmed or state == BOLTS.get(outcome.operation)


def _door(cache: DeviceCache, device: Device) -> DoorState | None:
    door = device.readings.door
    return door.value and (cache.fresh(device, door) or DoorState.UNKNOWN)

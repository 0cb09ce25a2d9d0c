"""A card per lock: what is known, since when, and what can be done; unknown is a state."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from utec_gateway.errors import UnknownDeviceError
from utec_gateway.flight import Outcome, Progress
from utec_gateway.models import Device, LockState, Operation
from utec_gateway.web.keys import COMMANDS, PICTURE

MODES = {0: "normal", 1: "passage", 2: "lockout"}
"""`lockMode` (utec-cloud 4.4)."""
LEVELS = range(1, 6)
LOW = 2
DOORS = frozenset({"open", "closed"})


@dataclass(frozen=True)
class Card:
    """One lock as people see it."""

    tag: str
    name: str
    state: str
    """A LockState's word, "locking", "unlocking" or "offline"."""
    door: str | None
    battery: int | None
    mode: str | None
    confirmed_at: datetime | None
    """When a Query last said its state; what U-tec says of an offline lock is old news."""
    is_online: bool
    progress: Progress | None
    elapsed: int
    """Seconds that the command under way has taken."""
    can_lock: bool
    can_unlock: bool

    @property
    def is_battery_low(self) -> bool:
        """Tell whether the batteries should be changed."""
        return self.battery is not None and self.battery <= LOW


def cards(request: web.Request) -> list[Card]:
    """Return every lock's card, in the cloud's order."""
    return [_card(request, device) for device in request.app[PICTURE].devices if device.is_lock]


def find_lock(request: web.Request, tag: str) -> Device:
    """Return the lock with that tag; ids are never in an address or a form."""
    for device in request.app[PICTURE].devices:
        if device.is_lock and device.tag == tag:
            return device
    raise UnknownDeviceError("That lock is not known any more. Go back and look at the list")


def _card(request: web.Request, device: Device) -> Card:
    commands = request.app[COMMANDS]
    progress = commands.progress(device.id)
    doubtful = device.is_offline or request.app[PICTURE].is_stale(device)
    moving = progress is not None and progress.outcome is Outcome.UNDER_WAY
    level = device.reading("st.batteryLevel", "level")
    door = str(device.reading("st.doorSensor", "sensorState")).lower()
    mode = device.reading("st.lock", "lockMode")
    return Card(
        tag=device.tag,
        name=device.name,
        state=_state(device, progress if moving else None, doubtful=doubtful),
        door=door if door in DOORS and not doubtful else None,
        battery=level if isinstance(level, int) and level in LEVELS else None,
        mode=MODES.get(mode) if isinstance(mode, int) else None,
        confirmed_at=device.seen.wall if device.seen and not device.is_offline else None,
        is_online=not device.is_offline,
        progress=progress,
        elapsed=int(commands.elapsed(progress)) if progress else 0,
        can_lock=not device.is_offline and not device.is_passage,
        can_unlock=not device.is_offline,
    )


def _state(device: Device, moving: Progress | None, *, doubtful: bool) -> str:
    if moving:
        return "locking" if moving.operation is Operation.LOCK else "unlocking"
    if device.is_offline:
        return "offline"
    return LockState.UNKNOWN if doubtful else device.reported_state

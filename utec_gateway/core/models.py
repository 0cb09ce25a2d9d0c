"""The values that the floors hand to each other; every one is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from .notification import Notification  # noqa: F401 - plugins written for 0.1.x find it here
from .readings import (
    NOTHING_REPORTED,
    WHOLE_RANGE,
    Capability,
    Connection,
    Fixture,
    LockMode,
    LockState,
    Moment,
    Readings,
)

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a token may be issued "in the future" before we stop trusting its dates."""


class Operation(StrEnum):
    """What is being tried, for the retry policy and the meter."""

    DISCOVERY = "discovery"
    QUERY = "query"
    LOCK = "lock"
    UNLOCK = "unlock"
    NORMAL_MODE = "normal_mode"
    PASSAGE_MODE = "passage_mode"
    LOCKOUT_MODE = "lockout_mode"
    TURN_ON = "turn_on"
    TURN_OFF = "turn_off"
    SET_LEVEL = "set_level"
    LIST_USERS = "list_users"
    GET_USER = "get_user"
    ADD_USER = "add_user"
    UPDATE_USER = "update_user"
    DELETE_USER = "delete_user"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a name, not a secret
    EXCHANGE_CODE = "exchange_code"
    REGISTER_PUSH = "register_push"
    NOTIFY = "notify"  # people's policies may name it; the outbox decides about messages

    @property
    def is_command(self) -> bool:
        """Tell whether somebody waits for a device to do it."""
        return self in COMMANDS

    @property
    def unlocks(self) -> bool:
        """Tell whether a door is open afterwards: passage mode holds it so (utec-cloud 5.4)."""
        return self in {Operation.UNLOCK, Operation.PASSAGE_MODE}


COMMANDS: Mapping[Operation, Capability] = {
    Operation.LOCK: Capability.LOCK,
    Operation.UNLOCK: Capability.LOCK,
    Operation.NORMAL_MODE: Capability.MODE,
    Operation.PASSAGE_MODE: Capability.MODE,
    Operation.LOCKOUT_MODE: Capability.MODE,
    Operation.TURN_ON: Capability.SWITCH,
    Operation.TURN_OFF: Capability.SWITCH,
    Operation.SET_LEVEL: Capability.LEVEL,
}
"""What devices can be told to do, and what a device must have for it."""

LONGEST_NAME = 100


@dataclass(frozen=True)
class Token:
    """A sign-in: what RFC 6749 section 5.1 gives, with absolute UTC dates."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    scope: str | None = None
    origin: str | None = None  # of the secret and the addresses it was earned with

    def is_expired(self, now: datetime) -> bool:
        """Tell whether the cloud will refuse the access token by its own dates."""
        return now >= self.expires_at

    @property
    def lifetime(self) -> timedelta:
        """Return for how long the token was meant to be good."""
        return max(self.expires_at - self.issued_at, timedelta(0))

    def refresh_due_at(self, buffer: timedelta, renew_every: timedelta | None) -> datetime:
        """Return when to refresh: before expiry, or earlier when `renew_every` says so.

        A buffer longer than half the token's life would refresh without pause, so it is halved.
        """
        by_expiry = self.expires_at - min(buffer, self.lifetime / 2)
        return min(by_expiry, self.issued_at + renew_every) if renew_every else by_expiry

    def is_from_the_future(self, now: datetime) -> bool:
        """Tell whether the clock stood elsewhere when the token was issued."""
        return self.issued_at > now + CLOCK_TOLERANCE


@dataclass(frozen=True)
class StateEntry:
    """One reading of one capability, in the cloud's observed casing."""

    capability: str
    name: str
    value: object
    seen: Moment | None = field(default=None, compare=False)
    """When a Query last said so; an old reading may not be shown as the truth."""

    @cached_property
    def key(self) -> tuple[str, str]:
        """Return what identifies the reading, whatever the casing (utec-cloud 4.3)."""
        return self.capability.lower(), self.name.lower()

    def to_json(self) -> dict[str, object]:
        """Return the wire form that both integrations read."""
        return {"capability": self.capability, "name": self.name, "value": self.value}


@dataclass(frozen=True)
class DeviceReport:
    """What one Query answer says of one device: readings, or the cloud's error code."""

    id: str
    states: tuple[StateEntry, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class Device:
    """What is known of one device; readings are the cloud's, merged, never assumed."""

    id: str
    entry: Mapping[str, object]
    """The Discovery entry, as the cloud gave it."""
    states: tuple[StateEntry, ...] = ()
    """The readings as the cloud gave them, for the answers to the integrations."""
    readings: Readings = NOTHING_REPORTED
    """The same as typed values, for everybody else."""
    capabilities: frozenset[Capability] = frozenset()
    """What it has, by what it reports; a hint of Discovery counts only until it reports any."""
    levels: range = WHOLE_RANGE
    """The levels of a dimmer; 0 turns it off."""
    model: str = ""
    firmware: str = ""
    fixture: Fixture = Fixture.SWITCH
    """What it operates, when it is a switch or a dimmer."""
    offline_readings: int = 1
    """Offline readings in a row. A device never seen Online starts with one, so that its
    first Offline counts; afterwards a single Offline is a blip (utec-cloud 5.5)."""
    offline_since: Moment | None = None
    """When it was first Offline after having been Online; None when it is not, or nobody saw it."""

    @property
    def name(self) -> str:
        """Return the owner's name for the device."""
        name = self.entry.get("name")
        shown = "".join(c for c in name if c.isprintable()) if isinstance(name, str) else ""
        return shown.strip()[:LONGEST_NAME] or "Unnamed device"

    @property
    def is_lock(self) -> bool:
        """Tell whether it has a bolt."""
        return Capability.LOCK in self.capabilities

    def reading(self, capability: str, name: str) -> object:
        """Return a value as the cloud gave it, None when it was never reported; for plugins."""
        wanted = (capability.lower(), name.lower())
        return next((entry.value for entry in self.states if entry.key == wanted), None)

    @property
    def is_offline(self) -> bool:
        """Tell whether two Offline readings in a row agree."""
        return self.offline_readings >= 2  # noqa: PLR2004 - the docstring says it

    @cached_property
    def tag(self) -> str:
        """Return what tells this device from others without saying its id."""
        return sha256(self.id.encode("utf-8", "replace")).hexdigest()[:8]

    @property
    def reported_state(self) -> LockState:
        """Return the lock state that the cloud last reported."""
        return self.readings.lock_state.value

    @property
    def is_said_to_be_offline(self) -> bool:
        """Tell whether the last reading said Offline, so that the others are old news."""
        return self.readings.connection.value is Connection.OFFLINE

    @property
    def is_jammed(self) -> bool:
        """Tell whether the bolt is stuck; what an offline lock last said is old news."""
        return self.reported_state is LockState.JAMMED and not self.is_said_to_be_offline

    @property
    def is_passage(self) -> bool:
        """Tell whether the lock is held open."""
        return self.readings.mode.value is LockMode.PASSAGE

    @property
    def seen(self) -> Moment | None:
        """Return when a Query last said what matters most: the lock state, if there is one."""
        moments = (entry.seen for entry in self.states if entry.seen)
        latest = max(moments, key=lambda moment: moment.monotonic, default=None)
        return self.readings.lock_state.asked or latest

"""What a device is told to do, and the readings that show that it has done so."""

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import InvalidRequestError
from .models import COMMANDS, Operation
from .readings import Capability, LockMode, LockState, Reading, Readings, SwitchState

BOLTS = {
    Operation.LOCK: LockState.LOCKED,
    Operation.UNLOCK: LockState.UNLOCKED,
    Operation.PASSAGE_MODE: LockState.UNLOCKED,
    Operation.LOCKOUT_MODE: LockState.LOCKED,
}
"""Where the bolt is afterwards; normal mode locks only after passage mode (utec-cloud 5.4)."""
MODES = {
    Operation.NORMAL_MODE: LockMode.NORMAL,
    Operation.PASSAGE_MODE: LockMode.PASSAGE,
    Operation.LOCKOUT_MODE: LockMode.LOCKOUT,
}
SWITCHES = {Operation.TURN_ON: SwitchState.ON, Operation.TURN_OFF: SwitchState.OFF}
LEVELS = range(101)


@dataclass(frozen=True)
class Command:
    """An operation, and the level that it sets if it is one that sets a level."""

    operation: Operation
    level: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no device could be told."""
        has_level = type(self.level) is int and self.level in LEVELS  # 1.0 and True are none
        wants_level = self.operation is Operation.SET_LEVEL
        if wants_level and not has_level:
            raise InvalidRequestError('"level" must be a whole number from 0 to 100')
        if not self.operation.is_command or (self.level is not None and not wants_level):
            raise InvalidRequestError(f'"{self}" is not a command')

    def __str__(self) -> str:
        """Return it as the log says it."""
        return self.operation if self.level is None else f"{self.operation} {self.level}"

    @property
    def needs(self) -> Capability:
        """Return what a device must have for it."""
        return COMMANDS[self.operation]

    @property
    def is_for_locks(self) -> bool:
        """Tell whether only a lock understands it."""
        return self.needs in {Capability.LOCK, Capability.MODE}

    def is_new_in(self, readings: Readings, sent: float) -> bool:
        """Tell whether the readings that matter were asked for after the command was sent."""
        return all(
            reading.asked is not None and reading.asked.monotonic > sent
            for reading, _ in self._targets(readings)
        )

    def is_done_in(self, readings: Readings) -> bool:
        """Tell whether the readings are what the command was to make them."""
        return all(reading.value == target for reading, target in self._targets(readings))

    def _targets(self, readings: Readings) -> Iterator[tuple[Reading[object], object]]:
        if self.operation in BOLTS:
            yield readings.lock_state, BOLTS[self.operation]
        if self.operation in MODES:
            yield readings.mode, MODES[self.operation]
        if self.operation in SWITCHES:
            yield readings.switch, SWITCHES[self.operation]
        if self.operation is Operation.SET_LEVEL:
            yield from self._level_targets(readings)

    def _level_targets(self, readings: Readings) -> Iterator[tuple[Reading[object], object]]:
        """Yield what a dimmer shows: off keeps its level, and some report no switch."""
        if self.level or readings.switch.value is None:
            yield readings.level, self.level
        if readings.switch.value is not None:
            yield readings.switch, SwitchState.ON if self.level else SwitchState.OFF

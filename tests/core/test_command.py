"""A command knows which readings show that it is done, and what no device could be told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from utec_gateway.core.command import Command
from utec_gateway.core.errors import InvalidRequestError
from utec_gateway.core.models import Operation
from utec_gateway.core.readings import LockMode, LockState, Moment, Reading, Readings, SwitchState

SENT = 100.0
EARLIER, LATER = (Moment(datetime(2026, 12, 2, tzinfo=UTC), at) for at in (SENT, SENT + 1))
LOCKED, UNLOCKED = LockState.LOCKED, LockState.UNLOCKED


def readings(values: Mapping[str, Any], asked: Moment = LATER) -> Readings:
    read: Any = {name: Reading(value, asked) for name, value in values.items()}
    return Readings(**read)


@pytest.mark.parametrize(
    ("operation", "done", "not_done"),
    [
        (Operation.LOCK, {"lock_state": LOCKED}, {"lock_state": LockState.JAMMED}),
        (Operation.UNLOCK, {"lock_state": UNLOCKED}, {"lock_state": LockState.UNKNOWN}),
        (Operation.TURN_ON, {"switch": SwitchState.ON}, {"switch": SwitchState.UNKNOWN}),
        (Operation.TURN_OFF, {"switch": SwitchState.OFF}, {"switch": SwitchState.ON}),
        (Operation.NORMAL_MODE, {"mode": LockMode.NORMAL}, {"mode": LockMode.UNKNOWN}),
        (
            Operation.PASSAGE_MODE,
            {"mode": LockMode.PASSAGE, "lock_state": UNLOCKED},
            {"mode": LockMode.PASSAGE, "lock_state": LOCKED},
        ),
        (
            Operation.LOCKOUT_MODE,
            {"mode": LockMode.LOCKOUT, "lock_state": LOCKED},
            {"mode": LockMode.LOCKOUT, "lock_state": UNLOCKED},
        ),
    ],
)
def test_a_command_is_done_when_every_reading_that_matters_shows_it(
    operation: Operation, done: dict[str, Any], not_done: dict[str, Any]
) -> None:
    command = Command(operation)
    assert command.is_done_in(readings(done))
    assert not command.is_done_in(readings(not_done))
    assert not command.is_done_in(Readings())


@pytest.mark.parametrize(
    ("level", "done", "not_done"),
    [
        (40, {"level": 40, "switch": SwitchState.ON}, {"level": 40, "switch": SwitchState.OFF}),
        (40, {"level": 40}, {"level": 41}),
        (0, {"level": 40, "switch": SwitchState.OFF}, {"level": 0, "switch": SwitchState.ON}),
        (0, {"level": 0}, {"level": 1}),
    ],
    ids=["on", "no switch reported", "off keeps the level", "off, no switch reported"],
)
def test_a_level_is_set_when_level_and_switch_show_it(
    level: int, done: dict[str, Any], not_done: dict[str, Any]
) -> None:
    command = Command(Operation.SET_LEVEL, level)
    assert command.is_done_in(readings(done))
    assert not command.is_done_in(readings(not_done))


def test_only_readings_asked_for_after_the_command_are_new() -> None:
    command = Command(Operation.PASSAGE_MODE)
    both = {"mode": LockMode.PASSAGE, "lock_state": UNLOCKED}
    assert command.is_new_in(readings(both), SENT)
    assert not command.is_new_in(readings(both, EARLIER), SENT)
    assert not command.is_new_in(readings({"mode": LockMode.PASSAGE}), SENT)


@pytest.mark.parametrize("level", [-1, 101, 1.5, 40.0, "50", True, False, None, [1]], ids=repr)
def test_what_is_no_level_is_no_command(level: Any) -> None:
    with pytest.raises(InvalidRequestError, match="whole number from 0 to 100"):
        Command(Operation.SET_LEVEL, level)


@pytest.mark.parametrize(
    ("operation", "level"), [(Operation.QUERY, None), (Operation.LOCK, 1), (Operation.TURN_ON, 0)]
)
def test_what_no_device_could_be_told_is_no_command(operation: Operation, level: Any) -> None:
    with pytest.raises(InvalidRequestError, match="is not a command"):
        Command(operation, level)


def test_the_log_says_which_level() -> None:
    assert str(Command(Operation.SET_LEVEL, 40)) == "set_level 40"
    assert str(Command(Operation.LOCK)) == "lock"


def test_every_command_that_leaves_a_door_open_is_known_as_one() -> None:
    unlocking = {operation for operation in Operation if operation.unlocks}
    assert unlocking == {Operation.UNLOCK, Operation.PASSAGE_MODE}

"""What a command does to a device, and all the ways in which it does not (rows C and D)."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .behaviour import CommandBehaviour
from .devices import SimulatedDevice
from .enums import OppositeCommands
from .listing import user_list
from .lock_user_rules import ArgumentsRefusedError
from .lock_users import LockUsers
from .states import (
    LOCKED_MODE,
    NORMAL_MODE,
    Change,
    States,
    SwitchState,
    jam,
    lock,
    to_level,
    to_mode,
    to_switch,
    unlock,
)

Answer = dict[str, Any]
CAUSES = frozenset({"lock", "unlock", "setMode", "on", "off", "setLevel"})
REVERT = "revert"
FULL_LEVEL = 100
SIMPLE_CHANGES: dict[tuple[str, str], Change] = {
    ("st.lock", "lock"): lock,
    ("st.lock", "unlock"): unlock,
    ("st.switch", "on"): to_switch(SwitchState.ON),
    ("st.switch", "off"): to_switch(SwitchState.OFF),
}
NUMBERED_CHANGES = {
    ("st.lock", "setMode"): ("mode", range(NORMAL_MODE, LOCKED_MODE + 1), to_mode),
    ("st.switchLevel", "setLevel"): ("level", range(FULL_LEVEL + 1), to_level),
}
NUMBERED_NAMES = frozenset(name for _, name in NUMBERED_CHANGES)
USER_WRITES = {"add": LockUsers.add, "update": LockUsers.update, "delete": LockUsers.delete}


class CommandHandler:
    """Takes commands in; an acknowledgement says nothing about what happens next."""

    def __init__(self, rng: random.Random, cloud_wide: CommandBehaviour) -> None:
        self._rng = rng
        self._cloud_wide = cloud_wide

    def perform(self, device: SimulatedDevice, command: Mapping[str, Any]) -> Answer:
        """Return what Command answers beside the device's id."""
        capability, name = command.get("capability"), command.get("name")
        arguments = command.get("arguments") or {}
        if not isinstance(capability, str) or not isinstance(name, str):
            return refusal("BAD-REQUEST", "a command needs a capability and a name")
        if not isinstance(arguments, dict):
            return refusal("BAD-REQUEST", "arguments must be an object")
        try:
            if capability == "st.lockUser":
                return self._user_command(device, name, arguments)
            change = _change(capability, name, arguments)
        except ArgumentsRefusedError as error:
            return refusal("BAD-REQUEST", str(error))
        if not device.online:
            return _offline()
        if change is not None and _understands(device.states, capability):
            self._execute(device, name, change)
        return self._acknowledgement(device, name)

    def _behaviour_for(self, device: SimulatedDevice) -> CommandBehaviour:
        return device.commands or self._cloud_wide

    def _acknowledgement(self, device: SimulatedDevice, name: str) -> Answer:
        behaviour = self._behaviour_for(device)
        seconds = behaviour.mode_hint if name == "setMode" else behaviour.hint
        if seconds is None:
            return {"states": []}
        hint = {"capability": "st.deferredResponse", "name": "seconds", "value": seconds}
        return {"states": [hint]}

    def _execute(self, device: SimulatedDevice, name: str, change: Change) -> None:
        behaviour = self._behaviour_for(device)
        if device.behaviour.deaf or self._is_ignored(behaviour):
            return
        if not _gets_its_turn(device, name, behaviour.opposite_commands):
            return
        device.cancel(frozenset({REVERT}))
        before = device.states
        if behaviour.stale_reads:
            device.show_stale(behaviour.stale_reads)
        delay = behaviour.effect_delay
        device.schedule(name, change, delay)
        if behaviour.relocks_unseen and name == "unlock":
            device.schedule(name, lock, delay)
        if behaviour.ends_jammed and name in {"lock", "unlock"}:
            device.schedule(name, jam, delay)
        if behaviour.reverts_after is not None:
            device.schedule(REVERT, _back_to(before), delay + behaviour.reverts_after)

    def _is_ignored(self, behaviour: CommandBehaviour) -> bool:
        if behaviour.ignore_next > 0:
            behaviour.ignore_next -= 1
            return True
        return self._rng.random() < behaviour.ignore_probability

    def _user_command(
        self, device: SimulatedDevice, name: str, arguments: Mapping[str, Any]
    ) -> Answer:
        if not device.keeps_users:
            return refusal("BAD-REQUEST", "this device keeps no users")
        if name == "list":
            return user_list(device)
        if name == "get":
            return {"user": device.users.get(arguments)}
        write = USER_WRITES.get(name)
        if write is None:
            return refusal("BAD-REQUEST", "unknown command")
        if not device.online and not device.behaviour.queues_users_offline:
            return _offline()
        write(device.users, arguments)
        return self._acknowledgement(device, name)


def refusal(code: str, message: str) -> Answer:
    """Return the error that stands where `states` would be."""
    return {"error": {"code": code, "message": message}}


def _offline() -> Answer:
    return refusal("DEVICE_OFFLINE", "the device is offline and cannot accept commands")


def _change(capability: str, name: str, arguments: Mapping[str, Any]) -> Change | None:
    numbered = NUMBERED_CHANGES.get((capability, name))
    if numbered is None:
        return SIMPLE_CHANGES.get((capability, name))
    argument, allowed, to_number = numbered
    number = arguments.get(argument)
    if type(number) is not int or number not in allowed:
        raise ArgumentsRefusedError(f"{argument} must be {allowed[0]} to {allowed[-1]}")
    return to_number(number)


def _understands(states: States, capability: str) -> bool:
    has = {
        "st.lock": states.lock_state,
        "st.switch": states.switch,
        "st.switchLevel": states.level,
    }
    return has.get(capability) is not None


def _gets_its_turn(device: SimulatedDevice, name: str, rule: OppositeCommands) -> bool:
    pending = {item.cause for item in device.pending} & CAUSES
    if not pending:
        return True
    match rule:
        case OppositeCommands.FIRST_WINS:
            return False
        case OppositeCommands.LAST_WINS if pending == {name} and name not in NUMBERED_NAMES:
            return False  # the same again: it is on its way
        case OppositeCommands.LAST_WINS:
            device.cancel(CAUSES)
    return True


def _back_to(before: States) -> Change:
    return lambda states: replace(
        states, lock_state=before.lock_state, switch=before.switch, level=before.level
    )

"""U-tec's words for what a device is told to do (utec-cloud 3.4, 4.4)."""

from collections.abc import Mapping

from utec_gateway.core.command import Command
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.readings import Capability

SWITCH_OFF: Mapping[str, object] = {"capability": "st.switch", "name": "off"}
WORDS: Mapping[Operation, Mapping[str, object]] = {
    Operation.LOCK: {"capability": "st.lock", "name": "lock"},
    Operation.UNLOCK: {"capability": "st.lock", "name": "unlock"},
    Operation.TURN_ON: {"capability": "st.switch", "name": "on"},
    Operation.TURN_OFF: SWITCH_OFF,
}
MODES = {Operation.NORMAL_MODE: 0, Operation.PASSAGE_MODE: 1, Operation.LOCKOUT_MODE: 2}


def wire_command(command: Command, device: Device) -> Mapping[str, object]:
    """Return the `command` of a request; a switch is turned off in the words that are proven."""
    if command.operation in MODES:
        mode = MODES[command.operation]
        return {"capability": "st.lock", "name": "setMode", "arguments": {"mode": mode}}
    if command.operation is not Operation.SET_LEVEL:
        return WORDS[command.operation]
    if command.level == 0 and Capability.SWITCH in device.capabilities:
        return SWITCH_OFF
    return {
        "capability": "st.switchLevel",
        "name": "setLevel",
        "arguments": {"level": command.level},
    }

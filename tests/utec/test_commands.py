"""The words of each command, as utec-cloud 3.4 and 4.4 have them."""

import pytest

from utec_gateway.core.command import Command
from utec_gateway.core.models import COMMANDS, Device, Operation
from utec_gateway.core.readings import Capability
from utec_gateway.simulator.commands import NUMBERED_CHANGES, SIMPLE_CHANGES
from utec_gateway.utec.commands import wire_command

DIMMER = Device("dimmer", {}, capabilities=frozenset({Capability.SWITCH, Capability.LEVEL}))
LEVEL_40 = {"capability": "st.switchLevel", "name": "setLevel", "arguments": {"level": 40}}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Command(Operation.LOCK), {"capability": "st.lock", "name": "lock"}),
        (Command(Operation.UNLOCK), {"capability": "st.lock", "name": "unlock"}),
        (Command(Operation.TURN_ON), {"capability": "st.switch", "name": "on"}),
        (Command(Operation.TURN_OFF), {"capability": "st.switch", "name": "off"}),
        (Command(Operation.SET_LEVEL, 40), LEVEL_40),
        (Command(Operation.SET_LEVEL, 0), {"capability": "st.switch", "name": "off"}),
        *(
            (
                Command(operation),
                {"capability": "st.lock", "name": "setMode", "arguments": {"mode": mode}},
            )
            for mode, operation in enumerate(
                (Operation.NORMAL_MODE, Operation.PASSAGE_MODE, Operation.LOCKOUT_MODE)
            )
        ),
    ],
    ids=str,
)
def test_a_command_is_said_in_the_words_that_working_clients_use(
    command: Command, words: dict[str, object]
) -> None:
    assert wire_command(command, DIMMER) == words


def test_what_is_no_switch_is_turned_off_by_its_level() -> None:
    lamp = Device("lamp", {}, capabilities=frozenset({Capability.LEVEL}))
    assert wire_command(Command(Operation.SET_LEVEL, 0), lamp) == {
        **LEVEL_40,
        "arguments": {"level": 0},
    }


@pytest.mark.parametrize("operation", COMMANDS)
def test_the_simulator_understands_every_command(operation: Operation) -> None:
    level = 40 if operation is Operation.SET_LEVEL else None
    words = wire_command(Command(operation, level), DIMMER)
    assert (words["capability"], words["name"]) in {*SIMPLE_CHANGES, *NUMBERED_CHANGES}

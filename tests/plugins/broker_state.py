"""A plugin that says of the MQTT broker what a test wants."""

from tests.conftest import World
from tests.plugins.installing import folder_of, install

ADDRESS = "broker.lan:1883"
PROBLEM = f"The MQTT broker {ADDRESS} does not answer (no <b>route</b>)"
PLUGIN = """
from datetime import datetime
from pathlib import Path
from utec_gateway.plugin_api import BrokerState, BrokerStatus, NotDeliveredError, hookimpl

STATE = Path(__file__).with_name("broker.state")
SINCE = datetime.fromisoformat("{since}")

class Broker:
    @hookimpl
    def gateway_broker_status(self):
        state, _, by_supervisor = STATE.read_text().partition(" ")
        problem = "{problem}" if state in ("unreachable", "refused", "denied") else ""
        return BrokerStatus(BrokerState(state), "{address}", problem, SINCE, bool(by_supervisor))

    @hookimpl
    async def gateway_test_broker(self):
        if STATE.read_text() != "connected":
            raise NotDeliveredError("{problem}")
        return "Connected to {address}"

def create(context):
    return Broker()
"""


def say_of_broker(world: World, state: str, *, by_supervisor: bool = False) -> None:
    """Have the connection to the broker stand so, from now on."""
    since = world.clock.now().isoformat()
    if not (folder_of(world) / "broker.py").exists():
        install(world, "broker.py", PLUGIN.format(since=since, address=ADDRESS, problem=PROBLEM))
    install(world, "broker.state", f"{state} by_supervisor" if by_supervisor else state)

"""What the endpoints of the simulated cloud share."""

import random
from dataclasses import dataclass

from utec_gateway.clock import Clock
from utec_gateway.simulator.behaviour import Behaviour
from utec_gateway.simulator.calls import Calls
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.faults import Faults
from utec_gateway.simulator.grants import Grants
from utec_gateway.simulator.serving import Serving


@dataclass(frozen=True, slots=True)
class World:
    """One account's cloud: its rules, its memory, its devices."""

    clock: Clock
    rng: random.Random
    behaviour: Behaviour
    faults: Faults
    calls: Calls
    grants: Grants
    serving: Serving
    devices: dict[str, SimulatedDevice]

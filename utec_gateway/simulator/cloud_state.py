"""What the endpoints of the simulated cloud share."""

import random
from dataclasses import dataclass

from utec_gateway.core.clock import Clock

from .behaviour import Behaviour
from .calls import Calls
from .devices import SimulatedDevice
from .faults import Faults
from .grants import Grants
from .pushes import Pushes
from .serving import Serving


@dataclass(frozen=True, slots=True)
class CloudState:
    """One account's cloud: its rules, its memory, its devices."""

    clock: Clock
    rng: random.Random
    behaviour: Behaviour
    faults: Faults
    calls: Calls
    grants: Grants
    serving: Serving
    devices: dict[str, SimulatedDevice]
    pushes: Pushes

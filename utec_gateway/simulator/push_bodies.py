"""What pushes say: the notifications of the cloud, and the shapes they were seen in (row E3)."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .devices import SimulatedDevice
from .enums import Casing, ExtraFields, PushShape
from .listing import Element, discovery_entry, wire_states

STATE, SYNC, DELETE = "DeviceState", "DeviceSync", "DeviceDelete"
PARTIAL_CAPABILITIES = {"st.batterylevel", "st.doorsensor"}


@dataclass(frozen=True, slots=True)
class Push:
    """One notification; `name` is what it is counted as, which a body of a test's own may lack."""

    name: str
    body: Any


class PushBodies:
    """Builds notifications; a body is what the cloud knew when it was built."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def states(self, devices: Iterable[SimulatedDevice], shape: PushShape, casing: Casing) -> Push:
        """Report what the cloud knows of some devices."""
        elements = [_in_shape(device, shape, casing) for device in devices]
        match shape:
            case PushShape.TOP_LEVEL_LIST:
                return Push(STATE, elements)
            case PushShape.PAYLOAD_LIST:
                return self._notification(STATE, elements)
        return self._notification(STATE, {"devices": elements})

    def sync(self, devices: Iterable[SimulatedDevice], extra: ExtraFields) -> Push:
        """List devices as Discovery does."""
        return self._notification(SYNC, {"devices": [discovery_entry(d, extra) for d in devices]})

    def deletion(self, device_ids: Iterable[str]) -> Push:
        """Tell that devices are gone."""
        return self._notification(DELETE, {"devices": [{"id": each} for each in device_ids]})

    def _notification(self, name: str, payload: object) -> Push:
        header = {
            "namespace": "Uhome.Notification",
            "name": name,
            "messageId": f"{self._rng.getrandbits(128):032x}",
            "playloadVersion": "1",  # as on the wire
        }
        return Push(name, {"header": header, "payload": payload})


def _in_shape(device: SimulatedDevice, shape: PushShape, casing: Casing) -> Element:
    states = wire_states(device, device.known, casing)
    match shape:
        case PushShape.ID_ONLY:
            return {"id": device.device_id}
        case PushShape.PARTIAL:
            states = [each for each in states if each["capability"].lower() in PARTIAL_CAPABILITIES]
        case PushShape.STATES_MAPPING:
            numbered = {str(number): state for number, state in enumerate(states)}
            return {"id": device.device_id, "states": numbered}
    return {"id": device.device_id, "states": states}

"""How devices look on the wire: entries of Discovery, states of Query."""

from typing import Any

from .devices import Reading, SimulatedDevice
from .enums import Casing, ExtraFields, QueryShape, UserListShape
from .envelope import UNKNOWN_FIELD

Element = dict[str, Any]

# capability, name, field of States; in the order of every published sample
WIRE_STATES = (
    ("st.lock", "lockState", "lock_state"),
    ("st.lock", "lockMode", "lock_mode"),
    ("st.batteryLevel", "level", "battery"),
    ("st.doorSensor", "sensorState", "door"),
    ("st.switch", "switch", "switch"),
    ("st.switchLevel", "level", "level"),
)
DOCUMENTED_CAPABILITIES = {
    "st.healthCheck": "st.HealthCheck",
    "st.lock": "st.Lock",
    "st.batteryLevel": "st.BatteryLevel",
    "st.doorSensor": "st.DoorSensor",
    "st.switch": "st.Switch",
    "st.switchLevel": "st.Switch",
    "st.deferredResponse": "st.DeferredResponse",
}


def discovery_entry(device: SimulatedDevice, extra: ExtraFields) -> Element:
    """Describe a device; there is no state in here, as there is none in the real one."""
    kind, behaviour = device.kind, device.behaviour
    category = "type" if behaviour.type_for_category else "category"
    entry: Element = {
        "id": device.device_id,
        "name": device.name,
        category: kind.category,
        "handleType": kind.handle_type,
    }
    if not behaviour.bare:
        entry["deviceInfo"] = {
            "manufacturer": "U-tec",
            "model": kind.model,
            "hwVersion": kind.hw_version,
        }
        entry["attributes"] = _attributes(device)
    if behaviour.custom_data is not None:
        entry["customData"] = behaviour.custom_data
    if extra is ExtraFields.FEW:
        entry[UNKNOWN_FIELD] = "?"
    return entry


def query_element(device: SimulatedDevice, casing: Casing) -> Element | None:
    """Report a device in the shape it was told to have; None leaves it out (B9)."""
    element: Element = {"id": device.device_id}
    match device.behaviour.query_shape:
        case QueryShape.NORMAL:
            element["states"] = wire_states(device, device.read(), casing)
        case QueryShape.OMITTED:
            return None
        case QueryShape.ERROR:
            element["error"] = {"code": "INTERNAL_ERROR", "message": "the device did not answer"}
        case QueryShape.EMPTY_STATES:
            element["states"] = []
        case QueryShape.NULL_STATES:
            element["states"] = None
    return element


def user_list(device: SimulatedDevice) -> Element:
    """Report a lock's users, cut and misshapen as the switches have it (C9)."""
    users = device.users.list()[: device.behaviour.user_list_cut]
    match device.behaviour.user_list_shape:
        case UserListShape.NULL:
            return {"users": None}
        case UserListShape.MISSING:
            return {}
        case UserListShape.WITHOUT_ID if users:
            del users[-1]["id"]
        case UserListShape.WITHOUT_NAME if users:
            del users[-1]["name"]
    return {"users": users}


def in_casing(state: Element, casing: Casing) -> Element:
    """Return a state as captured, or as the vendor's samples spell it (B8)."""
    if casing is Casing.OBSERVED:
        return state
    value = state["value"]
    return {
        "capability": DOCUMENTED_CAPABILITIES.get(state["capability"], state["capability"]),
        "name": state["name"],
        "value": value.lower() if isinstance(value, str) else value,
    }


def wire_states(device: SimulatedDevice, reading: Reading, casing: Casing) -> list[Element]:
    """Return the states of a reading as Query and pushes list them."""
    health = "Online" if reading.online else "Offline"
    states: list[Element] = [{"capability": "st.healthCheck", "name": "status", "value": health}]
    for capability, name, field in WIRE_STATES:
        value = getattr(reading.states, field)
        if value is not None:
            states.append({"capability": capability, "name": name, "value": value})
    for capability, name, value in device.kind.sensors:
        states.append({"capability": capability, "name": name, "value": value})
    return [in_casing(state, casing) for state in states]


def _attributes(device: SimulatedDevice) -> Element:
    ranges = {
        "batteryLevelRange": device.kind.battery_range,
        "switchLevelRange": device.kind.level_range,
    }
    return {
        name: {"min": found[0], "max": found[1], "step": 1}
        for name, found in ranges.items()
        if found is not None
    }

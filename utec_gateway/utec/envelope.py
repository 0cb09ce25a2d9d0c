"""The wire of the action endpoint: our values in, odd JSON out, odd failures into our errors.

Everything that comes in is foreign: any JSON gives a typed value or a UtecError, nothing else.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

from utec_gateway.core.errors import (
    DeviceOfflineError,
    InvalidTokenError,
    UtecProtocolError,
    UtecRateLimitedError,
    UtecRejectedError,
    UtecServerError,
)
from utec_gateway.core.models import Device, DeviceReport, StateEntry

from .readings import NUMBER, VOCABULARY, is_whole_number
from .transport import SLOW_DOWN, Answer

_LOGGER = logging.getLogger(__name__)

LONGEST_ID = 256
MOST_DEVICES = 200
TOKEN_CODES = frozenset({"INVALID_TOKEN", "TOKEN_EXPIRED", "UNAUTHORIZED"})
TRANSIENT_CODES = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"})
RATE_CODES = frozenset({"RATE_LIMITED", "RATE_LIMIT", "TOO_MANY_REQUESTS"})
OFFLINE = "DEVICE_OFFLINE"
PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{1,39}")

OK, UNAUTHORIZED, TOO_MANY_REQUESTS, SERVER_ERROR = 200, 401, 429, 500

OBSERVED_CASING = {
    (capability.lower(), name.lower()): (capability, name) for capability, name in VOCABULARY
}
"""Integrations compare letter by letter; documents and wire disagree (utec-cloud 4.3)."""


def request_body(action: str, payload: Mapping[str, Any], message_id: str) -> dict[str, Any]:
    """Return the body of one request, of an action such as "Device/Query" (utec-cloud 2.1, 3)."""
    namespace, _, name = action.partition("/")
    header = {
        "namespace": f"Uhome.{namespace}",
        "name": name,
        "messageId": message_id,
        "payloadVersion": "1",
    }
    return {"header": header, "payload": payload}


def addressed(device: Device, **more: Any) -> dict[str, Any]:
    """Name a device on the wire; `customData` is echoed when it was given (utec-cloud 4.1)."""
    custom = device.entry.get("customData")
    echoed = {} if custom is None else {"customData": custom}
    return {"id": device.id, **echoed, **more}


def parse_payload(answer: Answer) -> Any:
    """Return the payload of an answer, or raise the error that it is (utec-cloud 2.2, 2.3)."""
    if answer.status == UNAUTHORIZED:
        raise InvalidTokenError("U-tec refused the access token (HTTP 401)")
    if answer.status == TOO_MANY_REQUESTS:
        raise UtecRateLimitedError(SLOW_DOWN, retry_after=answer.retry_after)
    if answer.status >= SERVER_ERROR:
        said = f"U-tec failed with HTTP {answer.status}"
        raise UtecServerError(said, retry_after=answer.retry_after)
    if answer.status != OK and not answer.body.strip():
        raise UtecServerError(f"U-tec answered HTTP {answer.status} without a body")
    body = answer.json()
    if not isinstance(body, Mapping):
        raise UtecProtocolError("U-tec's answer is not a JSON object")
    payload = body.get("payload")
    error = payload.get("error") if isinstance(payload, Mapping) else None
    if error is not None:
        _raise(_error_code(error), answer.retry_after)
    if answer.status != OK:
        raise UtecProtocolError(f"U-tec answered HTTP {answer.status}")
    return payload


def _raise(code: str, retry_after: float | None = None) -> None:
    if code in TOKEN_CODES:
        raise InvalidTokenError(f"U-tec refused the access token ({code})")
    if code in RATE_CODES:
        raise UtecRateLimitedError(SLOW_DOWN, retry_after=retry_after)
    if code in TRANSIENT_CODES:
        raise UtecServerError(f"U-tec failed ({code})")
    if code == OFFLINE:
        raise DeviceOfflineError("U-tec cannot reach the device. Check its Wi-Fi and its battery")
    raise UtecRejectedError(f"U-tec refused the request ({code})", code)


def _error_code(error: Any) -> str:
    """Return the error's code; every unknown one is data (utec-cloud 2.2).

    What is not a plain word may be a sentence that repeats our secrets: it is not repeated.
    """
    code = error.get("code") if isinstance(error, Mapping) else error
    return code.upper() if isinstance(code, str) and PLAIN_WORD.fullmatch(code) else "UNKNOWN"


def _entries(payload: Any) -> Iterable[Mapping[str, Any]]:
    """Yield each device of a payload once; the payload may be the list (utec-cloud 6.2)."""
    listed = payload.get("devices") if isinstance(payload, Mapping) else payload
    seen = set()
    for entry in listed if isinstance(listed, list) else ():
        device_id = entry.get("id") if isinstance(entry, Mapping) else None
        if isinstance(device_id, str) and 0 < len(device_id) <= LONGEST_ID:
            if device_id not in seen:
                yield entry
            seen.add(device_id)


def parse_discovery(payload: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the Discovery entries as they came, without those that name no device."""
    entries = tuple(_entries(payload))
    if len(entries) > MOST_DEVICES:
        _LOGGER.warning("U-tec lists %d devices; the first %d are kept", len(entries), MOST_DEVICES)
    return entries[:MOST_DEVICES]


def entry_of(payload: Any, device_id: str) -> Mapping[str, Any]:
    """Return what an answer says of one device; raise UtecProtocolError when it says nothing."""
    for entry in _entries(payload):
        if entry["id"] == device_id:
            return entry
    raise UtecProtocolError("U-tec's answer does not contain the device")


def parse_reports(payload: Any) -> tuple[DeviceReport, ...]:
    """Return what a Query answer says of each device (utec-cloud 3.3, 5.6)."""
    return tuple(
        DeviceReport(
            id=entry["id"],
            states=_states(entry.get("states")),
            error=_error_code(entry["error"]) if entry.get("error") is not None else None,
        )
        for entry in _entries(payload)
    )


def _states(raw: Any) -> tuple[StateEntry, ...]:
    listed = list(raw.values()) if isinstance(raw, Mapping) else raw
    found = {}
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, Mapping) and all(
            isinstance(item.get(key), str) for key in ("capability", "name")
        ):
            entry = _observed(StateEntry(item["capability"], item["name"], item.get("value")))
            if _is_plausible(entry):
                found[entry.key] = entry
    return tuple(found.values())


def _is_plausible(entry: StateEntry) -> bool:
    """Tell whether a reading that should be a number is one; else it was not said at all."""
    is_number = VOCABULARY.get((entry.capability, entry.name)) is NUMBER
    return not is_number or is_whole_number(entry.value)


def _observed(entry: StateEntry) -> StateEntry:
    capability, name = OBSERVED_CASING.get(entry.key, (entry.capability, entry.name))
    value = entry.value
    if isinstance(value, str) and capability in {"st.healthCheck", "st.lock", "st.doorSensor"}:
        value = value.capitalize()
    return StateEntry(capability, name, value)


def check_acceptance(payload: Any, device_id: str) -> None:
    """Return when the cloud took the command, or raise its error; nothing is a success yet."""
    for report in parse_reports(payload):
        if report.id == device_id and report.error is not None:
            _raise(report.error)

"""The `/action` envelope: requests taken apart and judged, answers put together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .enums import ExtraFields

UNKNOWN_FIELD = "simUndocumented"
ENVELOPE_FIELDS = {"header", "payload", "authentication"}
HEADER_FIELDS = {"namespace", "name", "messageId", "payloadVersion"}
DEVICE_FIELDS = {"id", "customData", "command"}


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A request as understood; `fields` is the whole message as it came."""

    namespace: str
    name: str
    message_id: str
    payload: Mapping[str, Any]
    fields: Mapping[str, Any]

    @property
    def action(self) -> str:
        """The name by which faults and counters know it."""
        return f"{self.namespace.removeprefix('Uhome.')}/{self.name}"

    @property
    def body_token(self) -> str | None:
        """The access token in the body, the documented way that nobody uses."""
        authentication = _object(self.fields.get("authentication"))
        token = authentication.get("token")
        return token if isinstance(token, str) else None

    @property
    def device_elements(self) -> list[Mapping[str, Any]]:
        """The devices that are addressed; what is not an object is dropped."""
        devices = self.payload.get("devices")
        if not isinstance(devices, list):
            return []
        return [element for element in devices if isinstance(element, dict)]

    @property
    def commands(self) -> list[str]:
        """The commands that are sent, such as `st.lockUser/add`; none but in Device/Command."""
        sent = [_object(element.get("command")) for element in self.device_elements]
        return [f"{each.get('capability')}/{each.get('name')}" for each in sent if each]

    @property
    def targets(self) -> list[str]:
        """All names by which a fault can be aimed at it, a capability alone included."""
        capabilities = [command.partition("/")[0] for command in self.commands]
        return ["/action", self.action, *self.commands, *capabilities]


def parse_request(raw: bytes) -> ActionRequest | None:
    """Return the request, or None when it is not JSON or has no header."""
    try:
        fields = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("header"), dict):
        return None
    header = fields["header"]
    return ActionRequest(
        namespace=str(header.get("namespace")),
        name=str(header.get("name")),
        message_id=str(header.get("messageId", header.get("messageID", ""))),
        payload=_object(fields.get("payload")),
        fields=fields,
    )


def find_problems(request: ActionRequest) -> list[str]:
    """Return what the real cloud tolerates but no client should send (B2)."""
    header = request.fields["header"]
    problems = _unknown("the envelope", request.fields, ENVELOPE_FIELDS)
    problems += _unknown("the header", header, HEADER_FIELDS)
    problems += [f"the header lacks {key}" for key in sorted(HEADER_FIELDS - header.keys())]
    if not isinstance(request.fields.get("payload"), dict):
        problems.append("payload is not an object")
    for element in request.device_elements:
        problems += _unknown("a device", element, DEVICE_FIELDS)
    return problems


def envelope(request: ActionRequest, payload: object, extra: ExtraFields) -> web.Response:
    """Return HTTP 200 with the payload under the request's own header."""
    body: dict[str, Any] = {
        "header": {
            "namespace": request.namespace,
            "name": request.name,
            "messageId": request.message_id,
            "payloadVersion": "1",
        },
        "payload": payload,
    }
    text = json.dumps(_strewn(body) if extra is ExtraFields.MANY else body)
    return web.Response(text=text, content_type="application/json")


def error_payload(code: str, message: str) -> dict[str, Any]:
    """Return the payload that refuses a whole request."""
    return {"error": {"code": code, "message": message}}


def _unknown(where: str, found: Mapping[str, Any], known: set[str]) -> list[str]:
    return [f"{where} has the unknown field {key}" for key in sorted(found.keys() - known)]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strewn(value: Any) -> Any:
    if isinstance(value, list):
        return [_strewn(item) for item in value]
    if isinstance(value, dict):
        return {key: _strewn(item) for key, item in value.items()} | {UNKNOWN_FIELD: "?"}
    return value

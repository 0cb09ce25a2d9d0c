"""The `/action` endpoint: who is asking, for what, and what the answer is (rows B)."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .cloud_state import CloudState
from .commands import CommandHandler, refusal
from .devices import SimulatedDevice
from .enums import BadTokenAnswer, ConfigureAnswer, UserCasing
from .envelope import ActionRequest, envelope, error_payload, find_problems, parse_request
from .listing import discovery_entry, in_casing, query_element

USERS = {
    UserCasing.SNAKE: {"first_name": "Sim", "last_name": "Ulated"},
    UserCasing.DOCUMENTED: {"FirstName": "Sim", "lastName": "Ulated"},
}
USER_ID = "51e0000000000000000000000000cafe"


class BadRequestError(Exception):
    """The arguments are refused as a whole."""


class ActionEndpoint:
    """One URL for everything."""

    def __init__(self, world: CloudState) -> None:
        self._world = world
        self._behaviour = world.behaviour.actions
        self._desk = CommandHandler(world.rng, world.behaviour.commands)
        self._actions = {
            "User/Get": self._user,
            "User/Logout": self._logout,
            "Device/Discovery": self._discover,
            "Device/Query": self._query,
            "Device/Command": self._command,
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the one address."""
        return [web.post("/action", self.act)]

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Count, then answer one action."""
        asked = parse_request(await request.read())
        if asked is None:
            self._world.calls.count("malformed")
            return web.Response(status=400)
        self._world.calls.count(asked.action)
        self._world.calls.by_command.update(asked.commands)
        return await self._world.serving.answer(
            request, asked.targets, lambda: self._answer(request, asked)
        )

    def _answer(self, request: web.Request, asked: ActionRequest) -> web.Response:
        refused = self._refusal(request, asked)
        if refused is not None:
            return refused
        if asked.action == "Configure/Set":
            return self._configure(asked)
        action = self._actions.get(asked.action)
        if action is None:
            return _server_error()
        try:
            payload = action(asked)
        except BadRequestError as error:
            payload = error_payload("BAD-REQUEST", str(error))
        return self._enveloped(asked, payload)

    def _refusal(self, request: web.Request, asked: ActionRequest) -> web.Response | None:
        if not self._world.grants.accepts(_access_token(request, asked)):
            message = "the token is missing, invalid, expired or malformed"
            if self._behaviour.bad_token_answer is BadTokenAnswer.HTTP_401:
                return web.json_response({"message": "Unauthorized"}, status=401)
            return self._enveloped(asked, error_payload("INVALID_TOKEN", message))
        if self._behaviour.reject_code is not None:
            message = "the request is rejected"
            return self._enveloped(asked, error_payload(self._behaviour.reject_code, message))
        problems = find_problems(asked) + self._unechoed(asked)
        self._world.calls.problems.extend(f"{asked.action}: {problem}" for problem in problems)
        if problems and self._behaviour.strict:
            return self._enveloped(asked, error_payload("BAD-REQUEST", "; ".join(problems)))
        return None

    def _enveloped(self, asked: ActionRequest, payload: object) -> web.Response:
        return envelope(asked, payload, self._behaviour.extra_fields)

    def _user(self, _asked: ActionRequest) -> dict[str, Any]:
        return {"user": {"id": USER_ID, **USERS[self._behaviour.user_casing]}}

    def _logout(self, _asked: ActionRequest) -> dict[str, Any]:
        if self._world.behaviour.oauth.logout_revokes:
            self._world.grants.revoke_everything()
        return {}

    def _configure(self, asked: ActionRequest) -> web.Response:
        configure = asked.payload.get("configure")
        notification = configure.get("notification") if isinstance(configure, dict) else None
        if not isinstance(notification, dict) or not _is_text(notification.get("url")):
            message = "configure.notification.url is required"
            return self._enveloped(asked, error_payload("BAD-REQUEST", message))
        if self._behaviour.configure_answer is not ConfigureAnswer.HTTP_500:
            secret = notification.get("access_token")
            self._world.pushes.register(notification["url"], secret if _is_text(secret) else None)
        match self._behaviour.configure_answer:
            case ConfigureAnswer.EMPTY_LIST:
                return self._enveloped(asked, [])
            case ConfigureAnswer.EMPTY_OBJECT:
                return self._enveloped(asked, {})
            case ConfigureAnswer.HTTP_500:
                return _server_error()

    def _discover(self, _asked: ActionRequest) -> dict[str, Any]:
        if self._behaviour.discovery_glitches > 0:
            self._behaviour.discovery_glitches -= 1
            return {"devices": []}
        extra = self._behaviour.extra_fields
        ticked = [each for each in self._world.devices.values() if each.behaviour.ticked]
        return {"devices": self._in_order([discovery_entry(each, extra) for each in ticked])}

    def _query(self, asked: ActionRequest) -> dict[str, Any]:
        found = [self._device(element) for element in _addressed(asked)]
        reports = [
            query_element(device, self._behaviour.casing) for device in found if device is not None
        ]
        return {"devices": self._in_order([report for report in reports if report is not None])}

    def _command(self, asked: ActionRequest) -> dict[str, Any]:
        return {"devices": [self._performed(element) for element in _addressed(asked)]}

    def _performed(self, element: Mapping[str, Any]) -> dict[str, Any]:
        device, command = self._device(element), element.get("command")
        if device is None:
            return {"id": element.get("id"), **refusal("BAD-REQUEST", "unknown device")}
        if not isinstance(command, dict):
            answer = refusal("BAD-REQUEST", "one command is required, as an object")
            return {"id": device.device_id, **answer}
        capability, name = str(command.get("capability")), str(command.get("name"))
        self._world.calls.note_command(device.device_id, capability, name)
        answer = self._desk.perform(device, command)
        if "states" in answer:
            casing = self._behaviour.casing
            answer = {"states": [in_casing(state, casing) for state in answer["states"]]}
        return {"id": device.device_id, **answer}

    def _device(self, element: Mapping[str, Any]) -> SimulatedDevice | None:
        device = self._world.devices.get(str(element.get("id")))
        return device if device is not None and device.behaviour.ticked else None

    def _unechoed(self, asked: ActionRequest) -> list[str]:
        problems = []
        for element in asked.device_elements:
            device = self._device(element)
            if device and device.behaviour.custom_data != element.get("customData"):
                problems.append("customData is not echoed as it was given")
        return problems

    def _in_order(self, elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self._behaviour.shuffle_devices:
            self._world.rng.shuffle(elements)
        return elements


def _addressed(asked: ActionRequest) -> list[Mapping[str, Any]]:
    if not asked.device_elements:
        raise BadRequestError("devices is required")
    return asked.device_elements


def _access_token(request: web.Request, asked: ActionRequest) -> str:
    header = request.headers.get("Authorization")
    if header is None:
        return asked.body_token or ""
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _server_error() -> web.Response:
    return web.json_response({"message": "Internal server error"}, status=500)

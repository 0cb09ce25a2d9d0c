"""The control API of the simulator: every switch, fault and device within reach of curl.

It steers this simulation and nothing else, and it talks to this machine only.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from aiohttp import web

from .cloud_state import CloudState
from .device_control import allowed_changes, change_device, describe_device, knows_for_devices
from .devices import SimulatedDevice
from .faults import Fault
from .lock_user_control import AppUser, describe_users, place_user
from .push_control import PushOrder, describe_pushes, push_now
from .settings_by_name import SettingRefusedError, allowed, checked, knows, listed, set_all

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Control:
    """`/_control`: GET tells everything, POST changes one thing at a time."""

    def __init__(self, world: CloudState) -> None:
        self._world = world
        behaviour = world.behaviour
        self._groups = (behaviour.oauth, behaviour.actions, behaviour.commands, behaviour.pushes)
        self._token_verbs = {
            "refuse_grants": self._refuse_grants,
            "expire_access_tokens": world.grants.revoke_access_tokens,
            "revoke_refresh_tokens": world.grants.revoke_refresh_tokens,
            "revoke_everything": world.grants.revoke_everything,
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the control addresses, each behind the same two guards."""
        return [
            web.get("/_control", _guarded(self.overview)),
            web.post("/_control/behaviour", _guarded(self.set_behaviour)),
            web.post("/_control/faults", _guarded(self.add_fault)),
            web.delete("/_control/faults", _guarded(self.clear_faults)),
            web.post("/_control/devices/{device_id}", _guarded(self.set_device)),
            web.get("/_control/devices/{device_id}/users", _guarded(self.list_users)),
            web.post("/_control/devices/{device_id}/users", _guarded(self.place_user)),
            web.get("/_control/pushes", _guarded(self.list_pushes)),
            web.post("/_control/pushes", _guarded(self.push)),
            web.post("/_control/tokens", _guarded(self.set_tokens)),
        ]

    async def overview(self, _request: web.Request) -> web.Response:
        """Tell all switches, faults, devices and counters."""
        behaviour: dict[str, Any] = {}
        for group in self._groups:
            behaviour |= listed(group)
        devices = self._world.devices.items()
        return _answer(
            {
                "behaviour": behaviour,
                "faults": [asdict(armed) for armed in self._world.faults.armed],
                "devices": {key: describe_device(device) for key, device in devices},
                "calls": self._counters(),
                "may_be": self._allowed(),
            }
        )

    async def set_behaviour(self, request: web.Request) -> web.Response:
        """Set switches by name; one that belongs to devices is set on every device."""
        wanted = await _body(request)
        changes = []
        for group in self._groups:
            mine = {name: value for name, value in wanted.items() if knows(type(group), name)}
            wanted = {name: value for name, value in wanted.items() if name not in mine}
            changes.append((group, checked(type(group), mine)))
        strangers = [name for name in wanted if not knows_for_devices(name)]
        if strangers:
            raise SettingRefusedError(
                f"There is no switch {strangers[0]}; GET /_control lists all."
            )
        for device in self._world.devices.values():
            change_device(device, wanted)
        for group, values in changes:
            set_all(group, values)
        self._world.pushes.wake()
        return await self.overview(request)

    async def add_fault(self, request: web.Request) -> web.Response:
        """Add a fault by its fields; only `target` is required."""
        wanted = checked(Fault, await _body(request))
        if "target" not in wanted:
            raise SettingRefusedError("A fault needs a target, such as /token or Device/Query.")
        self._world.faults.add(Fault(**wanted))
        return await self.overview(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """End all faults and let what hangs go on."""
        self._world.faults.clear()
        return await self.overview(request)

    async def set_device(self, request: web.Request) -> web.Response:
        """Change one device: its switches, its name, or what happens at the door."""
        device = self._device(request)
        change_device(device, await _body(request))
        return _answer(describe_device(device))

    async def list_users(self, request: web.Request) -> web.Response:
        """Tell who has a code on a lock, with the code."""
        return _answer(describe_users(self._device(request)))

    async def place_user(self, request: web.Request) -> web.Response:
        """Make, change or delete a user as somebody with the vendor's app would."""
        device = self._device(request)
        place_user(device, await _body(request))
        return _answer(describe_users(device))

    async def list_pushes(self, _request: web.Request) -> web.Response:
        """Tell who registered for pushes, with the secret, and what was delivered."""
        return _answer(describe_pushes(self._world))

    async def push(self, request: web.Request) -> web.Response:
        """Push something now, and tell what was delivered before."""
        push_now(self._world, await _body(request))
        return _answer(describe_pushes(self._world))

    async def set_tokens(self, request: web.Request) -> web.Response:
        """Do the verbs that are true; `refuse_grants` may also be false again."""
        wanted = await _body(request)
        for name, value in wanted.items():
            if name not in self._token_verbs or type(value) is not bool:
                verbs = ", ".join(self._token_verbs)
                raise SettingRefusedError(f"Set one of {verbs} to true.")
        if wanted.get("refuse_grants") is False:
            self._world.behaviour.oauth.refuse_grants = False
        for name, value in wanted.items():
            if value:
                self._token_verbs[name]()
        return await self.overview(request)

    def _device(self, request: web.Request) -> SimulatedDevice:
        device = self._world.devices.get(request.match_info["device_id"])
        if device is None:
            raise SettingRefusedError(f"The devices are {', '.join(self._world.devices)}.")
        return device

    def _refuse_grants(self) -> None:
        self._world.behaviour.oauth.refuse_grants = True

    def _allowed(self) -> dict[str, Any]:
        behaviour: dict[str, str] = {}
        for group in self._groups:
            behaviour |= allowed(type(group))
        return {
            "behaviour": behaviour,
            "faults": allowed(Fault),
            "devices": allowed_changes(),
            "users": allowed(AppUser),
            "pushes": allowed(PushOrder),
        }

    def _counters(self) -> dict[str, Any]:
        calls = self._world.calls
        return {
            "by_action": dict(calls.by_action),
            "by_minute": [
                {"minute": minute.isoformat(), "action": action, "calls": number}
                for (minute, action), number in calls.by_minute.items()
            ],
            "by_command": dict(calls.by_command),
            "commands": [
                {**asdict(command), "at": command.at.isoformat()} for command in calls.commands
            ],
            "refresh_tokens_presented": len(calls.refresh_tokens_presented),
            "most_refreshes_at_once": calls.most_refreshes_at_once,
            "problems": calls.problems,
        }


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        if not _is_local(request.remote):
            return _answer({"detail": "The control API is for this machine only."}, 403)
        try:
            return await handler(request)
        except SettingRefusedError as error:
            return _answer({"detail": str(error)}, 400)

    return guarded


def _is_local(remote: str | None) -> bool:
    return remote is not None and ip_address(remote).is_loopback


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise SettingRefusedError("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise SettingRefusedError("The body must be a JSON object.")
    return body


def _answer(body: object, status: int = 200) -> web.Response:
    text = json.dumps(body, indent=2)
    return web.Response(status=status, text=text + "\n", content_type="application/json")

"""The people whose codes a lock knows, and the queue through which the lock learns of them (C9)."""

from collections.abc import Mapping
from typing import Any

from utec_gateway.core.clock import Clock

from .behaviour import DeviceBehaviour

TEMPORARY = 2
LISTED = ("id", "name", "type", "status")
EDITABLE = ("name", "type", "password", "status", "daterange", "weeks", "timerange", "limit")
TEMPORARY_NEEDS = ("weeks", "timerange", "limit")


class IncompleteArgumentsError(Exception):
    """The cloud answers BAD-REQUEST to this."""


class LockUsers:
    """The user list of one lock. Passwords are readable, as they are in the real cloud."""

    def __init__(self, clock: Clock, behaviour: DeviceBehaviour) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._users: dict[int, dict[str, Any]] = {}
        self._queued: dict[int, float] = {}
        self._next_id = 1

    def list(self) -> list[dict[str, Any]]:
        """Return everybody, in the short form."""
        return [self._listed(user) for user in self._users.values()]

    def get(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return one user with the password in clear text."""
        user = self._known(arguments)
        return {**user, **self._listed(user)}

    def add(self, arguments: Mapping[str, Any]) -> None:
        """Queue a new user, whose id nobody is told."""
        if any(arguments.get(key) is None for key in ("name", "type", "password")):
            raise IncompleteArgumentsError("name, type and password are required")
        missing = [key for key in TEMPORARY_NEEDS if arguments.get(key) is None]
        if arguments["type"] == TEMPORARY and missing:
            raise IncompleteArgumentsError(f"a temporary user needs {', '.join(missing)}")
        user_id = self._next_id
        self._next_id += 1
        wanted = {key: arguments[key] for key in EDITABLE if key in arguments}
        self._users[user_id] = {"id": user_id, "status": 1, **wanted}
        self._queue(user_id)

    def update(self, arguments: Mapping[str, Any]) -> None:
        """Queue a change of only what is given."""
        user = self._known(arguments)
        user.update({key: arguments[key] for key in EDITABLE if key in arguments})
        self._queue(user["id"])

    def delete(self, arguments: Mapping[str, Any]) -> None:
        """Strike a user off the list."""
        user_id = self._known(arguments)["id"]
        del self._users[user_id]
        self._queued.pop(user_id, None)

    def sync(self) -> None:
        """Tell the lock, which must be online, what has waited long enough."""
        now = self._clock.monotonic()
        self._queued = {user: at for user, at in self._queued.items() if now < at}

    def _queue(self, user_id: int) -> None:
        self._queued[user_id] = self._clock.monotonic() + self._behaviour.user_sync_delay

    def _known(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        user_id = arguments.get("id")
        if not isinstance(user_id, int) or user_id not in self._users:
            raise IncompleteArgumentsError("there is no such user")
        return self._users[user_id]

    def _listed(self, user: Mapping[str, Any]) -> dict[str, Any]:
        sync_status = 0 if user["id"] in self._queued else 1
        return {**{key: user[key] for key in LISTED}, "sync_status": sync_status}

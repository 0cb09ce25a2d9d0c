"""The people whose codes a lock knows, and the queue through which the lock learns of them (C9)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utec_gateway.core.clock import Clock

from .behaviour import LockUserBehaviour
from .enums import FullLockAnswer
from .lock_user_rules import EDITABLE, ArgumentsRefusedError, check_change, check_new

OWNER = {"name": "Owner", "password": 95173846}
SHORT = ("name", "type", "status")


@dataclass(slots=True)
class _User:
    """`due` is when the lock will have learned of the last change; None: it has.

    Nobody is shown it before `shown_from`. The owner has no type of its own: it follows the switch.
    """

    user_id: int
    fields: dict[str, Any]
    shown_from: float = -math.inf
    due: float | None = None
    is_new: bool = False
    is_deleted: bool = False


class LockUsers:
    """The user list of one lock. Passwords are readable, as they are in the real cloud."""

    def __init__(self, clock: Clock, behaviour: LockUserBehaviour) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._users: list[_User] = []
        self._next_id = 1
        self._owner = self._enter(OWNER)

    def everything(self) -> list[dict[str, Any]]:
        """Return everybody, hidden or not, with the password, as only the control API shows it."""
        return [self._whole(user) for user in self._users]

    def list(self) -> list[dict[str, Any]]:
        """Return everybody, in the short form."""
        return [self._short(user) for user in self._shown()]

    def get(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return one user with the password in clear text."""
        return self._whole(self._known(arguments.get("id")))

    def add(self, arguments: Mapping[str, Any]) -> None:
        """Queue a new user, whose id nobody is told."""
        check_new(arguments, self._behaviour, self._codes())
        if self._is_full() and self._behaviour.full_lock is FullLockAnswer.REFUSED:
            raise ArgumentsRefusedError("the lock has no room for another user")
        if self._is_full() or self._is_forgotten():
            return
        user = self._enter(arguments)
        user.is_new = True
        user.shown_from = self._clock.monotonic() + self._behaviour.new_users_hidden_for
        self._queue(user)

    def update(self, arguments: Mapping[str, Any]) -> None:
        """Queue a change of only what is given."""
        user = self._known(arguments.get("id"))
        check_change(arguments, self._behaviour, self._codes(besides=user))
        user.fields.update(_editable(arguments))
        self._queue(user)

    def delete(self, arguments: Mapping[str, Any]) -> None:
        """Strike a user off the list, at once or when the lock has learned of it."""
        user = self._known(arguments.get("id"))
        if user is self._owner:
            raise ArgumentsRefusedError("the owner cannot be deleted")
        if self._behaviour.deleted_users_linger:
            user.is_deleted = True
            self._queue(user)
        else:
            self._users.remove(user)

    def place(self, fields: Mapping[str, Any]) -> int:
        """Let somebody make a user in the vendor's app, by no rule and at once; return its id."""
        return self._enter({"type": self._behaviour.normal_type, **fields}).user_id

    def alter(self, user_id: int | str, fields: Mapping[str, Any]) -> None:
        """Let somebody change a user in the vendor's app, by no rule and at once."""
        self._known(user_id).fields.update(_editable(fields))

    def remove(self, user_id: int | str) -> None:
        """Let somebody delete a user in the vendor's app, by no rule and at once."""
        self._users.remove(self._known(user_id))

    def sync(self) -> None:
        """Tell the lock, which must be online, what has waited long enough."""
        now = self._clock.monotonic()
        for user in [each for each in self._users if each.due is not None and each.due <= now]:
            self._learn(user)

    def _enter(self, fields: Mapping[str, Any]) -> _User:
        user = _User(self._take_id(), {"status": 1, **_editable(fields)})
        self._users.append(user)
        return user

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _queue(self, user: _User) -> None:
        user.due = self._clock.monotonic() + self._behaviour.user_sync_delay

    def _learn(self, user: _User) -> None:
        user.due = None
        if user.is_deleted:
            self._users.remove(user)
        if user.is_new and self._behaviour.user_ids_change_on_sync:
            user.user_id = self._take_id()
        user.is_new = False

    def _is_full(self) -> bool:
        limit = self._behaviour.user_limit
        return limit is not None and len(self._users) >= limit

    def _is_forgotten(self) -> bool:
        if self._behaviour.forget_next_adds <= 0:
            return False
        self._behaviour.forget_next_adds -= 1
        return True

    def _codes(self, besides: _User | None = None) -> set[object]:
        return {user.fields.get("password") for user in self._users if user is not besides}

    def _shown(self) -> tuple[_User, ...]:
        now = self._clock.monotonic()
        return tuple(user for user in self._users if user.shown_from <= now)

    def _known(self, wanted: object) -> _User:
        for user in self._shown():
            shown = self._shown_id(user)
            if type(wanted) is type(shown) and wanted == shown:
                return user
        raise ArgumentsRefusedError("there is no such user")

    def _shown_id(self, user: _User) -> int | str:
        return str(user.user_id) if self._behaviour.user_ids_are_text else user.user_id

    def _whole(self, user: _User) -> dict[str, Any]:
        return {**user.fields, **self._short(user)}

    def _short(self, user: _User) -> dict[str, Any]:
        fields = {"type": self._behaviour.owner_type, **user.fields}
        return {
            "id": self._shown_id(user),
            **{key: fields.get(key) for key in SHORT},
            "sync_status": 1 if user.due is None else 0,
        }


def _editable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: arguments[key] for key in EDITABLE if key in arguments}

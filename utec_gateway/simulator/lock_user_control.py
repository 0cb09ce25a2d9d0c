"""What somebody with the vendor's app does to a lock's users, for the control API and scenarios."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .devices import SimulatedDevice
from .lock_user_rules import ArgumentsRefusedError
from .lock_users import LockUsers
from .settings_by_name import SettingRefusedError, checked


@dataclass(frozen=True, slots=True)
class AppUser:
    """A user as the app makes one; no rule of the cloud holds, and the lock knows it at once.

    With `id` it is a user that exists, who is changed or, with `deleted`, gone.
    """

    id: int | str | None = None
    deleted: bool = False
    name: str | None = None
    type: int | None = None
    password: int | str | None = None
    status: int | None = None
    daterange: list[str] | None = None
    weeks: list[int] | None = None
    timerange: list[str] | None = None
    limit: int | None = None


def describe_users(device: SimulatedDevice) -> dict[str, Any]:
    """Return everybody that a lock knows or will, with the password."""
    return {"users": _users(device).everything()}


def place_user(device: SimulatedDevice, wanted: Mapping[str, Any]) -> None:
    """Do what the app was told; a new user needs a name."""
    user = asdict(AppUser(**checked(AppUser, wanted)))
    user_id, deleted = user.pop("id"), user.pop("deleted")
    fields = {key: value for key, value in user.items() if value is not None}
    users = _users(device)
    if user_id is None:
        _make(users, fields)
        return
    try:
        users.remove(user_id) if deleted else users.alter(user_id, fields)
    except ArgumentsRefusedError as error:
        raise SettingRefusedError(f"Lock {device.device_id}: {error}.") from error


def _users(device: SimulatedDevice) -> LockUsers:
    if not device.keeps_users:
        raise SettingRefusedError(f"{device.device_id} keeps no users.")
    return device.users


def _make(users: LockUsers, fields: Mapping[str, Any]) -> None:
    if "name" not in fields:
        raise SettingRefusedError("A new user needs a name.")
    users.place(fields)

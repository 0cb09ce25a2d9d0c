"""The verbs for the users of a lock; only who manages access codes may call them."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from utec_gateway.core.access_codes import Schedule
from utec_gateway.core.models import Device, Operation

from .client import Payload, UtecClient
from .envelope import addressed, check_acceptance
from .lock_users import (
    ListedUser,
    RevealedCode,
    UserId,
    parse_code,
    parse_users,
    temporary_user,
    user_command,
)

T = TypeVar("T")


class UserClient:
    """Speaks to the cloud of users; raises what `UtecClient` raises."""

    def __init__(self, cloud: UtecClient, check_budget: Callable[[], None]) -> None:
        self._cloud = cloud
        self.check_budget = check_budget
        """Raises UtecRateLimitedError when what is left of the hour's calls is for commands."""

    def ready_in(self) -> float:
        """Return seconds until there may be a token to call with, infinite without a person."""
        return self._cloud.ready_in()

    async def list_users(self, device: Device) -> tuple[ListedUser, ...]:
        """Return the users of a lock, without their codes."""
        parse = partial(parse_users, device_id=device.id)
        return await self._request(Operation.LIST_USERS, device, user_command("list"), parse)

    async def reveal_code(self, device: Device, user_id: UserId) -> RevealedCode:
        """Return the code of one user: for the one person who asked for it, and nobody else."""
        parse = partial(parse_code, device_id=device.id)
        command = user_command("get", id=user_id)
        return await self._request(Operation.GET_USER, device, command, parse)

    async def add_user(self, device: Device, name: str, schedule: Schedule, digits: str) -> None:
        """Make a temporary user; returning means accepted, and no id is told (utec-cloud 4.6)."""
        user = temporary_user(name, schedule)
        command = user_command("add", **user, password=int(digits))
        await self._write(Operation.ADD_USER, device, command)

    async def update_user(
        self, device: Device, user_id: UserId, name: str, schedule: Schedule
    ) -> None:
        """Change when a code opens; returning means accepted."""
        command = user_command("update", id=user_id, **temporary_user(name, schedule))
        await self._write(Operation.UPDATE_USER, device, command)

    async def delete_user(self, device: Device, user_id: UserId) -> None:
        """Delete a user; returning means accepted."""
        command = user_command("delete", id=user_id)
        await self._write(Operation.DELETE_USER, device, command)

    async def _write(self, operation: Operation, device: Device, command: Payload) -> None:
        accepted = partial(check_acceptance, device_id=device.id)
        await self._request(operation, device, command, accepted)

    async def _request(
        self, operation: Operation, device: Device, command: Payload, parse: Callable[[Any], T]
    ) -> T:
        payload = {"devices": [addressed(device, command=command)]}
        return await self._cloud.request(
            operation, "Device/Command", payload, parse, is_urgent=True
        )

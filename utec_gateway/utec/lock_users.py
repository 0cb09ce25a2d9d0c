"""U-tec's words for the users of a lock (utec-cloud 4.6); what is uncertain there stays raw."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from utec_gateway.core.access_codes import Schedule
from utec_gateway.core.errors import UtecProtocolError
from utec_gateway.core.sanitize import encodable

from .envelope import check_acceptance, entry_of
from .readings import is_whole_number

UserId = int | str
"""As the cloud gave it: it is handed back like that."""
CAPABILITY = "st.lockUser"
TEMPORARY = 2
MOST_USERS = 500
LONGEST_NAME = 100
LONGEST_ID = 64
MINUTES, TIME = "%Y-%m-%d %H:%M", "%H:%M"


@dataclass(frozen=True)
class ListedUser:
    """One user as the cloud lists it."""

    id: UserId
    name: str
    type: int | None
    """The raw number."""
    is_synced: bool | None
    """Whether the lock has it; None when the cloud does not say."""

    @property
    def is_temporary(self) -> bool:
        """Tell whether it is of the only kind whose number is settled."""
        return self.type == TEMPORARY


@dataclass(frozen=True)
class RevealedCode:
    """The code of one user, for the eyes of one person."""

    user: ListedUser
    digits: str = field(repr=False)


def user_command(verb: str, /, **arguments: Any) -> Mapping[str, Any]:
    """Return the `command` of a request."""
    given = {"arguments": arguments} if arguments else {}
    return {"capability": CAPABILITY, "name": verb, **given}


def temporary_user(name: str, schedule: Schedule) -> dict[str, Any]:
    """Return the arguments of a temporary user; one client was refused without `limit`."""
    return {
        "name": name,
        "type": TEMPORARY,
        "daterange": [f"{schedule.starts:{MINUTES}}", f"{schedule.ends:{MINUTES}}"],
        "weeks": sorted((day + 1) % 7 for day in schedule.weekdays),
        "timerange": [f"{schedule.opens:{TIME}}", f"{schedule.closes:{TIME}}"],
        "limit": schedule.uses,
    }


def parse_users(payload: Any, device_id: str) -> tuple[ListedUser, ...]:
    """Return the users of a lock; raise the error that the answer is, or that it lists nobody.

    An answer without a list is none: nothing is concluded from it.
    """
    check_acceptance(payload, device_id)
    listed = entry_of(payload, device_id).get("users")
    if not isinstance(listed, list):
        raise UtecProtocolError("U-tec's answer contains no list of the lock's users")
    return tuple(_users(listed[:MOST_USERS]))


def parse_code(payload: Any, device_id: str) -> RevealedCode:
    """Return one user with the code; raise the error that the answer is."""
    check_acceptance(payload, device_id)
    raw = entry_of(payload, device_id).get("user")
    user = next(_users([raw]), None)
    password = raw.get("password") if isinstance(raw, Mapping) else None
    digits = str(password) if is_whole_number(password) else password
    if user is None or not isinstance(digits, str) or not (digits.isascii() and digits.isdigit()):
        raise UtecProtocolError("U-tec's answer contains no code")
    return RevealedCode(user, digits)


def _users(listed: Iterable[Any]) -> Iterator[ListedUser]:
    """Yield each user that has an id and a name: only such a one can be told from others."""
    for raw in listed:
        user_id, name = (raw.get("id"), raw.get("name")) if isinstance(raw, Mapping) else (None, "")
        if is_user_id(user_id) and isinstance(name, str):
            yield ListedUser(
                user_id,
                encodable(name).strip()[:LONGEST_NAME],
                raw.get("type") if is_whole_number(raw.get("type")) else None,
                _is_synced(raw.get("sync_status")),
            )


def is_user_id(value: Any) -> TypeGuard[UserId]:
    """Tell whether something can be the id of a user."""
    return is_whole_number(value) or (isinstance(value, str) and 0 < len(value) <= LONGEST_ID)


def _is_synced(status: Any) -> bool | None:
    return {0: False, 1: True}.get(status) if is_whole_number(status) else None

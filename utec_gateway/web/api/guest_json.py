"""Guests of a lock as JSON: what clients ask for, read field by field, and what they are told."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from utec_gateway.access_codes.code import Code, read_code
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import CodeState, Guest, OtherUser, Schedule
from utec_gateway.core.errors import FieldError
from utec_gateway.core.zone import Zone
from utec_gateway.utec.lock_users import TEMPORARY

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SCHEDULE = frozenset({"starts", "ends", "weekdays", "opens", "closes", "uses"})
NEW = SCHEDULE | {"name", "code", "idempotency_key"}
LONGEST_KEY = 255
LONGEST_NAME_OF_A_KEY = 40
STATES = {True: CodeState.ON_LOCK, False: CodeState.WAITING, None: CodeState.UNKNOWN}

Body = Mapping[str, Any]


def read_new(body: Body, header: str | None, now: datetime, zone: Zone) -> NewGuest:
    """Return the guest that is asked for; raise FieldError for the first field that is wrong."""
    _refuse_unknown(body, NEW)
    key = _key(body, header)
    wall = zone.local(now)
    schedule = read_schedule({"ends": None, **body}, Schedule(wall, wall), zone)
    return NewGuest(_text(body, "name"), schedule, _code(body), key, _request(body))


def read_change(body: Body, present: Schedule, zone: Zone) -> Schedule:
    """Return the present schedule with what is asked for; what is left out stays."""
    _refuse_unknown(body, SCHEDULE)
    return read_schedule(body, present, zone)


def read_schedule(body: Body, otherwise: Schedule, zone: Zone) -> Schedule:
    """Return a schedule, with the values of another one for what is not asked for."""
    starts, ends = (_moment(body, name, zone) for name in ("starts", "ends"))
    if "ends" in body and ends is None:
        raise FieldError("ends", "is missing")
    opens, closes = _time(body, "opens"), _time(body, "closes")
    weekdays, uses = _weekdays(body), _uses(body)
    return replace(
        otherwise,
        starts=starts or otherwise.starts,
        ends=ends or otherwise.ends,
        weekdays=otherwise.weekdays if weekdays is None else weekdays,
        opens=otherwise.opens if opens is None else opens,
        closes=otherwise.closes if closes is None else closes,
        uses=otherwise.uses if uses is None else uses,
    )


def _refuse_unknown(body: Body, known: Collection[str]) -> None:
    """Refuse other keys, by their names where these are names: clients confuse keys and values."""
    for key in body:
        if key not in known:
            is_name = key.isidentifier() and len(key) <= LONGEST_NAME_OF_A_KEY
            raise FieldError(key if is_name else "body", "is unknown here")


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if value is None:
        raise FieldError(name, "is missing")
    if not isinstance(value, str):
        raise FieldError(name, "must be text")
    return value


def _code(body: Body) -> Code | None:
    value = body.get("code")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise FieldError("code", "must be text or a whole number")
    return read_code(str(value))


def _key(body: Body, header: str | None) -> str:
    """Return the client's own key, of the header with its quotation marks or without."""
    in_header = None if header is None else header.strip().strip('"')
    in_body = _text(body, "idempotency_key") if body.get("idempotency_key") is not None else None
    keys = {key for key in (in_header, in_body) if key is not None}
    if len(keys) > 1:
        raise FieldError("idempotency_key", "differs from the header Idempotency-Key")
    key = next(iter(keys), None)
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise FieldError("idempotency_key", f"must have 1 to {LONGEST_KEY} characters")
    return key or ""


def _request(body: Body) -> str:
    """Return what tells a repetition from another request; no trace of a code is kept."""
    asked = {name: value for name, value in body.items() if name in SCHEDULE | {"name"}}
    return json.dumps(asked, sort_keys=True)


def _moment(body: Body, name: str, zone: Zone) -> datetime | None:
    """Return a local time: as it is, converted where it has a zone, and midnight for a date."""
    value = body.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return zone.local(moment) if moment.tzinfo else moment
    except (TypeError, ValueError, OverflowError):
        raise FieldError(
            name, "must be a date and time such as 2026-12-24T15:00, or a date"
        ) from None


def _time(body: Body, name: str) -> time | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        read = time.fromisoformat(value)
    except (TypeError, ValueError):
        read = None
    if read is None or read.tzinfo:
        raise FieldError(name, "must be a time of day such as 15:00")
    return read


def _weekdays(body: Body) -> frozenset[int] | None:
    value = body.get("weekdays")
    if value is None:
        return None
    if not isinstance(value, list) or any(day not in WEEKDAYS for day in value):
        raise FieldError("weekdays", f"must be a list of {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day) for day in value)


def _uses(body: Body) -> int | None:
    value = body.get("uses")
    if value is not None and type(value) is not int:
        raise FieldError("uses", "must be a whole number")
    return value


def shown_guest(guest: Guest) -> dict[str, Any]:
    """Return a guest that the gateway made; times without a zone are the lock's local time."""
    schedule = guest.schedule
    return {
        "id": guest.id,
        "name": guest.name,
        "made_by_gateway": True,
        "type": TEMPORARY,
        "is_temporary": True,
        "state": guest.state,
        "starts": schedule.starts.isoformat(),
        "ends": schedule.ends.isoformat(),
        "weekdays": [WEEKDAYS[day] for day in sorted(schedule.weekdays)],
        "opens": schedule.opens.isoformat("minutes"),
        "closes": schedule.closes.isoformat("minutes"),
        "uses": schedule.uses,
        "made_at": guest.made_at.isoformat(timespec="seconds"),
        "waiting_since": _instant(guest.waiting_since),
        "is_expired": guest.is_expired,
        "expires_on_lock_at": _instant(guest.expires_on_lock_at),
    }


def shown_other(user: OtherUser) -> dict[str, Any]:
    """Return a user that the gateway did not make, of whom U-tec's list says little."""
    return {
        "id": user.id,
        "name": user.name,
        "made_by_gateway": False,
        "type": user.type,
        "is_temporary": user.is_temporary,
        "state": STATES[user.is_on_lock],
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

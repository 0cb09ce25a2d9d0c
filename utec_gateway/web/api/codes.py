"""The endpoints for the guests of a lock (http-contract 4); codes are in two answers only."""

from typing import Any

from aiohttp import web

from utec_gateway.core.access_codes import LockCodes
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.zone import Zone
from utec_gateway.web.app_keys import CLOCK, CODES
from utec_gateway.web.request_body import json_object

from .devices import first_poll, known_devices
from .guest_json import read_change, read_new, shown_guest, shown_other

EXAMPLE = '{"name": "Anna", "ends": "2026-12-24T15:00"}'


async def users(request: web.Request) -> web.Response:
    """Ask U-tec for the users of a lock; when that fails, return what is known and say why."""
    codes, lock = request.app[CODES], await _lock(request)
    problem = ""
    try:
        listed = await codes.list(lock)
    except GatewayError as error:
        listed, problem = codes.of(lock), f"{error}."
        if not listed.is_known:
            raise
    return web.json_response(_shown(listed, codes.zone(), problem))


async def add_user(request: web.Request) -> web.Response:
    """Make a guest, with the code in this one answer; a repetition finds the same guest."""
    codes, lock = request.app[CODES], await _lock(request)
    body, header = await json_object(request, EXAMPLE), request.headers.get("Idempotency-Key")
    made = await codes.add(lock, read_new(body, header, request.app[CLOCK].now(), codes.zone()))
    answer = {"user": shown_guest(made.guest)}
    if made.code is None:
        return web.json_response(answer)
    return web.json_response({**answer, "code": made.code.digits}, status=201)


async def change_user(request: web.Request) -> web.Response:
    """Change when a code opens."""
    codes, lock, user = request.app[CODES], await _lock(request), request.match_info["user"]
    body = await json_object(request, '{"ends": "2026-12-24T15:00"}')
    schedule = read_change(body, codes.guest(lock, user).schedule, codes.zone())
    guest = await codes.change(lock, user, schedule)
    return web.json_response({"user": shown_guest(guest)})


async def remove_user(request: web.Request) -> web.Response:
    """Take a code back."""
    guest = await request.app[CODES].remove(await _lock(request), request.match_info["user"])
    return web.json_response({"user": shown_guest(guest)}, status=202)


async def show_code(request: web.Request) -> web.Response:
    """Return the code of a guest, read from U-tec for this one answer."""
    code = await request.app[CODES].reveal(await _lock(request), request.match_info["user"])
    return web.json_response({"code": code.digits})


async def _lock(request: web.Request) -> str:
    """Return the id of the lock; while codes are not managed, the service says so itself."""
    if request.app[CODES].is_on:
        await first_poll(request)
        known_devices(request)
    return request.match_info["id"]


def _shown(listed: LockCodes, zone: Zone, problem: str) -> dict[str, Any]:
    listed_at = listed.listed_at and listed.listed_at.isoformat(timespec="seconds")
    return {
        "lock": {"id": listed.device.id, "name": listed.device.name},
        "time_zone": zone.name,
        "is_time_zone_assumed": zone.is_assumed,
        "listed_at": listed_at,
        "problem": problem or None,
        "users": [*map(shown_guest, listed.guests), *map(shown_other, listed.others)],
    }

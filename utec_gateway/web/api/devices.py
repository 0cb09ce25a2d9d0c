"""The endpoints that both integrations live on (http-contract 3)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.errors import (
    GatewayError,
    InvalidRequestError,
    ReauthRequiredError,
    TooManyAttemptsError,
    UnauthorizedError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Device, Operation
from utec_gateway.devices.first_poll import WAIT_AT_MOST
from utec_gateway.web.access import Scope, peer_of
from utec_gateway.web.app_keys import ACCESS, CLOCK, COMMANDS, DEVICE_CACHE, HEALTH, POLLER, TOKENS
from utec_gateway.web.middlewares import answer_to
from utec_gateway.web.request_body import device_id, device_ids, json_object

ANSWER_WITHIN = 8.0
"""Seconds; the integrations give up after ten."""
COMMANDS_WAIT = 1.5
"""Seconds that a command waits for a lock to become known: its own eight follow."""


async def health(request: web.Request) -> web.Response:
    """Answer as long as the process serves; a stranger learns only that, and what is missing.

    An integration that is set up without the key notices it here. The container's own check comes
    from this machine, which may know in any case.
    """
    access = request.app[ACCESS]
    try:
        if not access.allows(request, Scope.ADMINISTRATION):
            access.check(request, Scope.DEVICES)
    except (UnauthorizedError, TooManyAttemptsError) as error:
        return answer_to(error, status="ok")
    return web.json_response(request.app[HEALTH].report())


async def devices(request: web.Request) -> web.Response:
    """Return the Discovery entries as the cloud gave them."""
    await first_poll(request)
    return listed(request)


def listed(request: web.Request) -> web.Response:
    """Return the entries that there are."""
    known = known_devices(request)
    return web.json_response({"payload": {"devices": [dict(device.entry) for device in known]}})


async def refresh_devices(request: web.Request) -> web.Response:
    """Ask the cloud for its devices now."""
    try:
        async with request.app[CLOCK].timeout(ANSWER_WITHIN):
            await request.app[POLLER].discover()
    except TimeoutError:
        raise UtecUnavailableError("U-tec did not answer in time. Try again in a minute") from None
    return listed(request)


async def status(request: web.Request) -> web.Response:
    """Return what is known of the devices asked for.

    Without an id that is every device: 1.3 asks so when it is being set up.
    """
    if request.method == "POST":
        ids = device_ids(await json_object(request))
    elif "id" in request.query:
        ids = [device_id(request.query["id"])]
    else:
        return await latest(request)
    await first_poll(request)
    known_devices(request)
    cache = request.app[DEVICE_CACHE]
    return web.json_response(query_answer(request, [cache.find(one) for one in ids]))


async def latest(request: web.Request) -> web.Response:
    """Return what is known of every device."""
    await first_poll(request)
    return everything(request)


def everything(request: web.Request) -> web.Response:
    """Return all that is known, and when U-tec last answered."""
    updated = request.app[POLLER].last_updated
    return web.json_response(
        {
            **query_answer(request, known_devices(request)),
            "last_updated": int(updated.timestamp()) if updated else None,
        }
    )


async def refresh(request: web.Request) -> web.Response:
    """Poll now; when that fails, the answer comes from the cache and says how old it is."""
    try:
        async with request.app[CLOCK].timeout(ANSWER_WITHIN):
            await request.app[POLLER].poll_now()
    except TimeoutError:
        pass
    except GatewayError:
        if not request.app[DEVICE_CACHE].devices:
            raise
    return everything(request)


ON_OR_OFF = {True: Operation.TURN_ON, False: Operation.TURN_OFF}
MODES = {
    "normal": Operation.NORMAL_MODE,
    "passage": Operation.PASSAGE_MODE,
    "lockout": Operation.LOCKOUT_MODE,
}


async def lock(request: web.Request) -> web.Response:
    """Lock, and wait for the truth."""
    return await carry_out(request, lambda _: Command(Operation.LOCK))


async def unlock(request: web.Request) -> web.Response:
    """Unlock, and wait for the truth."""
    return await carry_out(request, lambda _: Command(Operation.UNLOCK))


async def switch(request: web.Request) -> web.Response:
    """Turn on or off, and wait for the truth."""
    return await carry_out(request, _switching)


def _switching(asked: Mapping[str, Any]) -> Command:
    wanted = asked.get("on")
    if not isinstance(wanted, bool):
        raise InvalidRequestError('"on" must be true or false')
    return Command(ON_OR_OFF[wanted])


async def level(request: web.Request) -> web.Response:
    """Set a level, and wait for the truth."""
    return await carry_out(request, lambda asked: Command(Operation.SET_LEVEL, asked.get("level")))


async def mode(request: web.Request) -> web.Response:
    """Set the mode of a lock, and wait for the truth."""
    return await carry_out(request, _mode)


def _mode(asked: Mapping[str, Any]) -> Command:
    wanted = asked.get("mode")
    if not isinstance(wanted, str) or wanted not in MODES:
        raise InvalidRequestError(f'"mode" must be one of {", ".join(MODES)}')
    return Command(MODES[wanted])


async def carry_out(
    request: web.Request, command_in: Callable[[Mapping[str, Any]], Command]
) -> web.Response:
    """Answer `ok` when it was seen to be done, `pending` when it is not known yet."""
    asked = await json_object(request)
    target, command = device_id(asked.get("id")), command_in(asked)
    if all(device.id != target for device in request.app[DEVICE_CACHE].devices):
        await first_poll(request, COMMANDS_WAIT)
    origin = Origin(OriginKind.API, str(peer_of(request)))
    try:
        known_devices(request)
    except GatewayError as error:
        request.app[COMMANDS].refuse(command, origin, error)
        raise
    outcome = await request.app[COMMANDS].run(target, command, origin)
    if outcome.error:
        raise outcome.error
    device = request.app[DEVICE_CACHE].find(target)
    return web.json_response(
        {"status": "ok" if outcome.is_confirmed else "pending", **query_answer(request, [device])}
    )


async def first_poll(request: web.Request, at_most: float = WAIT_AT_MOST) -> None:
    """Wait for the first poll after a start; without a sign-in there is none to wait for."""
    if not request.app[TOKENS].is_signed_out:
        await request.app[POLLER].wait_for_first_poll(at_most)


def known_devices(request: web.Request) -> tuple[Device, ...]:
    """Return every device, or raise why there is nothing to say at all."""
    known = request.app[DEVICE_CACHE].devices
    if known or request.app[POLLER].last_updated:
        return known
    if request.app[TOKENS].is_signed_out:
        raise ReauthRequiredError("Sign in to U-tec first, in the gateway's panel")
    raise UtecUnavailableError("U-tec has not answered yet, so nothing is known of the locks")


def query_answer(request: web.Request, shown: Iterable[Device]) -> dict[str, Any]:
    """Return devices in the shape of a Query answer."""
    cache = request.app[DEVICE_CACHE]
    return {"payload": {"devices": [cache.status(device) for device in shown]}}

"""Codes: who has a code for each lock, and guests made, changed and taken back."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.access_codes.errors import UnknownGuestError
from utec_gateway.access_codes.several_locks import add_to_each
from utec_gateway.core.access_codes import Guest, LockCodes
from utec_gateway.core.errors import FieldError
from utec_gateway.core.models import Device
from utec_gateway.web.app_keys import CLOCK, CODES
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.panel.forms import Form, without_secrets
from utec_gateway.web.panel.page import Context, FormRoute, Page, route_path, show

from . import answer
from .guest_form import (
    as_typed,
    chosen_locks,
    of_schedule,
    read_new_guest,
    read_schedule,
    suggested,
)
from .lock_card import lock_card, select
from .schedule_words import short_days

OLD_AFTER = 30.0
"""Seconds after which who opens the page has the users listed again."""


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    codes, t = request.app[CODES], request.app[LANGUAGES].of(request)
    if route_path(request) == PAGE.path:
        codes.locks.request(OLD_AFTER)
    local, zone, known = _local(request), codes.zone(), codes.all()
    cards = [lock_card(t, one, local) for one in known]
    selection = select(cards, request.query.get("lock", ""))
    schedules = {guest.id: guest.schedule for one in known for guest in one.guests}
    return {
        "is_on": codes.is_on,
        "cards": cards,
        "selection": selection,
        "live_more": selection.as_query,
        "zone": zone,
        "clock": f"{local:%H:%M}",
        "days": short_days(t),
        "suggested": suggested(local),
        "as_typed": as_typed,
        "values_of": {guest: of_schedule(schedule) for guest, schedule in schedules.items()},
        "changing": request.query.get("change", ""),
        "removing": request.query.get("remove", ""),
        "key": secrets.token_urlsafe(16),
        "answer": None,
        "now": int(request.app[CLOCK].now().timestamp() * 1000),
    }


PAGE = Page(
    "codes",
    "codes",
    context,
    live=("guests",),
    is_offered=lambda options: options.manage_codes,
)


async def add(request: web.Request, form: Form) -> web.StreamResponse:
    """Make a guest on each lock that is chosen; the code is in this one answer."""
    codes, t = request.app[CODES], request.app[LANGUAGES].of(request)
    devices = _chosen(codes.all(), form)
    outcomes = await add_to_each(codes, devices, read_new_guest(form))
    made = answer.made(t, outcomes, codes.zone(), _local(request).date())
    typed = {} if any(one.made for one in outcomes) else without_secrets(form)
    return await show(request, PAGE, answer=made, typed=typed)


def _chosen(known: Sequence[LockCodes], form: Form) -> list[Device]:
    """Return the locks that are chosen; where there is one only, nobody has to choose."""
    tags = chosen_locks(form)
    devices = [one.device for one in known if one.device.tag in tags or len(known) == 1]
    if not devices:
        raise FieldError("locks", "must include at least one lock")
    return devices


async def show_code(request: web.Request, form: Form) -> web.StreamResponse:
    """Show the code of a guest, in this one answer."""
    codes, t = request.app[CODES], request.app[LANGUAGES].of(request)
    device, guest = _found(codes.all(), form)
    code = await codes.reveal(device.id, guest.id)
    today = _local(request).date()
    shown = answer.shown(t, device, guest, code, codes.zone(), today)
    return await show(request, PAGE, answer=shown)


async def change(request: web.Request, form: Form) -> web.StreamResponse:
    """Change when a guest's code opens."""
    codes = request.app[CODES]
    device, guest = _found(codes.all(), form)
    await codes.change(device.id, guest.id, read_schedule(form))
    raise web.HTTPSeeOther(f"codes?lock={device.tag}#guest-{guest.id}")


async def remove(request: web.Request, form: Form) -> web.StreamResponse:
    """Take a guest's code back."""
    codes = request.app[CODES]
    device, guest = _found(codes.all(), form)
    await codes.remove(device.id, guest.id)
    raise web.HTTPSeeOther(f"codes?lock={device.tag}#lock-{device.tag}")


def _found(known: Sequence[LockCodes], form: Form) -> tuple[Device, Guest]:
    for one in known:
        for guest in one.guests:
            if guest.id == form.get("guest"):
                return one.device, guest
    raise UnknownGuestError


def _local(request: web.Request) -> datetime:
    """Return the time on the clocks of the locks."""
    return request.app[CODES].zone().local(request.app[CLOCK].now())


PAGES = (PAGE,)
FORMS = (
    FormRoute("add-guest", add, PAGE),
    FormRoute("show-code", show_code, PAGE),
    FormRoute("change-guest", change, PAGE),
    FormRoute("remove-guest", remove, PAGE),
)
DOWNLOADS: dict[str, Handler] = {}

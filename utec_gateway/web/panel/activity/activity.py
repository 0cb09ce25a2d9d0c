"""Activity: what happened lately, the log, and how often U-tec was asked."""

from aiohttp import web

from utec_gateway.core.errors import GatewayError
from utec_gateway.web.app_keys import CLOCK, DEVICE_CACHE, EXECUTOR, JOURNAL, LOG_FILE, METER
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.panel.forms import Form
from utec_gateway.web.panel.page import Context, FormRoute, Page
from utec_gateway.web.panel.strip import day_before, strip

from .call_chart import FAIR_USE, call_chart
from .filters import PageFilter, device_names, groups
from .log_view import LEVELS, WHOLE, log_view
from .timeline import timeline


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    app, t = request.app, request.app[LANGUAGES].of(request)
    meter, journal, now = app[METER], app[JOURNAL], app[CLOCK].now()
    shown = PageFilter.from_query(request.query)
    names = device_names(app[DEVICE_CACHE].devices, journal.entries)
    history = journal.lock_history(shown.device)
    log = await app[EXECUTOR](app[LOG_FILE].tail, WHOLE)
    return {
        "shown": shown,
        "groups": groups(journal.entries),
        "names": names,
        "strip": strip(t, history, now) if history else None,
        "day_begins": day_before(now),
        "timeline": timeline(t, shown.passing(journal.entries, names)),
        "log": await app[EXECUTOR](log_view, log, shown.log),
        "levels": LEVELS,
        "chart": call_chart(meter.by_hour(), meter.counts_since),
        "fair_use": FAIR_USE,
        "live_more": f"&{shown.query}" if shown.query else "",
    }


ACTIVITY = Page("activity", "activity", context, live=("timeline", "lines", "calls"))


CLEAR = Page("clear-log", "activity", is_in_menu=False)
"""Asks for confirmation."""


async def find(_request: web.Request, form: Form) -> web.StreamResponse:
    """Show what was searched for; the address does not show it in clear."""
    raise web.HTTPSeeOther(PageFilter.from_form(form).at("log"))


async def clear(request: web.Request, _form: Form) -> web.StreamResponse:
    """Clear the log."""
    try:
        await request.app[EXECUTOR](request.app[LOG_FILE].clear)
    except OSError as error:
        reason = error.strerror or error
        raise GatewayError(f"The log could not be cleared: {reason}") from error
    raise web.HTTPSeeOther("activity?done=log_cleared")


async def download(request: web.Request) -> web.Response:
    """Return the whole log as a file."""
    text = await request.app[EXECUTOR](request.app[LOG_FILE].tail, WHOLE)
    return web.Response(
        text=text,
        content_type="text/plain",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="utec-gateway.log.txt"'},
    )


PAGES = (ACTIVITY, CLEAR)
FORMS = (FormRoute("find", find, ACTIVITY), FormRoute("clear-log", clear, CLEAR))
DOWNLOADS = {"log.txt": download}

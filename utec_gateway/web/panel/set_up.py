"""Set-up: from nothing to locks in Home Assistant, step by step."""

from aiohttp import web

from .frame import Facts, Page, PostedTo


async def facts(_request: web.Request) -> Facts:
    """Return what the page shows."""
    return {}


SET_UP = Page("set-up", facts)

PAGES = (SET_UP,)
FORMS: tuple[PostedTo, ...] = ()

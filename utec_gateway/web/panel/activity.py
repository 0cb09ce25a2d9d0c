"""Activity: what happened lately, how often U-tec was asked, and the log."""

from aiohttp import web

from .frame import Facts, Page, PostedTo


async def facts(_request: web.Request) -> Facts:
    """Return what the page shows."""
    return {}


ACTIVITY = Page("activity", facts)

PAGES = (ACTIVITY,)
FORMS: tuple[PostedTo, ...] = ()

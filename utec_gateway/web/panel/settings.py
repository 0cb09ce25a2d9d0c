"""Settings: saved at once, in step with the add-on's Configuration tab."""

from aiohttp import web

from .frame import Facts, Page, PostedTo


async def facts(_request: web.Request) -> Facts:
    """Return what the page shows."""
    return {}


SETTINGS = Page("settings", facts)

PAGES = (SETTINGS,)
FORMS: tuple[PostedTo, ...] = ()

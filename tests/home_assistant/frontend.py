"""Core's own pages in a real browser, as its owner sees them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from tests.home_assistant.core import Core

NEVER = 2**53


@asynccontextmanager
async def frontend(core: Core, browser: Browser, path: str) -> AsyncIterator[Page]:
    """Open one of Core's pages, signed in: "/config/devices/device/…", "/lovelace"."""
    tokens = {
        "access_token": core.token,
        "token_type": "Bearer",
        "refresh_token": "not needed",
        "expires_in": NEVER,
        "expires": NEVER,
        "hassUrl": core.url,
        "clientId": f"{core.url}/",
    }
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        stored = json.dumps(json.dumps(tokens))
        await context.add_init_script(f"localStorage.setItem('hassTokens', {stored})")
        page = await context.new_page()
        await page.goto(core.url + path)
        yield page
    finally:
        await context.close()

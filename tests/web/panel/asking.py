"""The panel asked as a browser asks it, without the browser."""

import re
from typing import Any

from tests.conftest import Running

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


async def page(running: Running, path: str = "/", **more: Any) -> tuple[int, str]:
    """Return a page's status and its text."""
    async with running.client.get(running.panel + path, **more) as response:
        return response.status, await response.text()


async def form_token(running: Running, found_on: str = "/") -> str:
    """Return what a page's forms carry, so that no other site can send them."""
    token = TOKEN.search((await page(running, found_on))[1])
    assert token, f"{found_on} holds no form"
    return token[1]


async def submit(
    running: Running, action: str, found_on: str = "/", **form: str
) -> tuple[int, str, str]:
    """Send a form that stands on a page; return status, where it leads, and the text."""
    data = {"form_token": await form_token(running, found_on), **form}
    async with running.client.post(
        running.panel + action, data=data, allow_redirects=False
    ) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


def words(text: str) -> str:
    """Return what is to be read on a page, on one line; moments as their UTC dates."""
    text = re.sub(r'<time datetime="([^"]+)"[^>]*>[^<]*</time>', r"\1", text)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())

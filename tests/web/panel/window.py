"""A browser that has to log in: what it was shown, and the cookies that it keeps."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import ClientSession, CookieJar

from tests.conftest import Running, World
from tests.steps import on_disk
from tests.web.panel.asking import TOKEN
from utec_gateway.web.session_cookie import COOKIE

ONE_TIME_WORD = re.compile(r"once=([\w-]{20,})")


class Shown(NamedTuple):
    """An answer as a browser gets it; redirects are not followed."""

    status: int
    location: str
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Window:
    """One browser at one address of the gateway."""

    client: ClientSession
    home: str

    async def ask(self, method: str, path: str, **more: Any) -> Shown:
        async with self.client.request(
            method, self.home + path, allow_redirects=False, **more
        ) as found:
            location = found.headers.get("Location", "")
            return Shown(found.status, location, await found.text(), found.headers)

    async def go(self, path: str = "/", **more: Any) -> Shown:
        return await self.ask("GET", path, **more)

    async def log_in(self, **form: str) -> Shown:
        """Send the form of the login page: `key` or `once`."""
        return await self.ask("POST", "/login", data=form)

    async def submit(self, action: str, form_token: str, **form: str) -> Shown:
        return await self.ask("POST", action, data={"form_token": form_token, **form})

    async def form_token(self, found_on: str = "/settings") -> str:
        found = TOKEN.search((await self.go(found_on)).text)
        assert found, f"{found_on} holds no form"
        return found[1]

    async def is_logged_in(self) -> bool:
        """Tell whether the first page is shown, and not the way to the login."""
        shown = await self.go()
        assert (shown.status, shown.location) in {(200, ""), (303, "login")}, shown
        return shown.status == 200

    @property
    def cookie(self) -> str:
        """Return the cookie of its session; empty when it has none."""
        return next((each.value for each in self.client.cookie_jar if each.key == COOKIE), "")


@asynccontextmanager
async def window(home: str) -> AsyncIterator[Window]:
    """Open a new browser, which has no cookies yet."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        yield Window(client, home)


@asynccontextmanager
async def logged_in(world: World, home: str) -> AsyncIterator[Window]:
    """Open a new browser and log in with the key."""
    async with window(home) as browser:
        assert (await browser.log_in(key=key_of(world)))[:2] == (303, "./")
        yield browser


def key_of(world: World) -> str:
    key: str = on_disk(world)["api_key"]
    return key


def word_of(link: str | None) -> str:
    """Return the word of a one-time link."""
    found = ONE_TIME_WORD.search(link or "")
    assert found, link
    return found[1]


def always(world: World) -> World:
    """Let everybody log in, as the image does."""
    world.environment["UTEC_PANEL_LOGIN"] = "always"
    return world


async def start(world: World, **options: Any) -> Running:
    """Start a gateway that wants a login of everybody."""
    return await always(world).start(**options)

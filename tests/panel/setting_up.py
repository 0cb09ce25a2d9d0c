"""What a person does on the set-up page."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.conftest import Running, World

from .asking import page, submit, words

SET_UP = "/set-up"
LANDING = "http://localhost:9501"
NOTHING: dict[str, Any] = {"sign_in": False, "client_id": "", "client_secret": ""}
STEPS = ("credentials", "redirect", "connect", "locks", "home")
WRONG = re.compile(r'<p class="wrong" id="wrong-(\w+)" role="alert">(.*?)</p>', re.DOTALL)


async def send(running: Running, action: str, **form: str) -> tuple[int, str, str]:
    return await submit(running, action, SET_UP, **form)


async def open_steps(running: Running) -> list[str]:
    """Return the steps that show all that they hold."""
    _, text = await page(running, SET_UP)
    return [step for step in STEPS if re.search(rf'id="step-{step}" open>', text)]


async def leave(running: Running) -> str:
    """Follow the link to U-tec's page; return the state that it carries."""
    async with running.client.get(running.panel + "/sign-in", allow_redirects=False) as left:
        assert left.status == 303
        return parse_qs(urlsplit(left.headers["Location"]).query)["state"][0]


def wrong(text: str) -> tuple[str, str]:
    """Return the field that is blamed, and what for."""
    found = WRONG.search(text)
    assert found, words(text)
    return found[1], words(found[2])


def answer(world: World, state: str) -> str:
    return f"{LANDING}/?{urlencode({'code': world.cloud.issue_code(LANDING), 'state': state})}"

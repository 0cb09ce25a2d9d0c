"""What a person does on the set-up page."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.conftest import Running, World
from tests.web.panel.asking import page, submit, words

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
    """Press the button that leads to U-tec's page; return the state that its address carries."""
    status, _, text = await send(running, "/leave")
    assert status == 200
    return state_of(text)


def state_of(leading_on: str) -> str:
    """Return the state in the address that a page leads on to."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', leading_on)
    assert found, words(leading_on)
    return parse_qs(urlsplit(html.unescape(found[1])).query)["state"][0]


def wrong(text: str) -> tuple[str, str]:
    """Return the field that is blamed, and what for."""
    found = WRONG.search(text)
    assert found, words(text)
    return found[1], words(found[2])


def answer(world: World, state: str) -> str:
    return f"{LANDING}/?{urlencode({'code': world.cloud.issue_code(LANDING), 'state': state})}"

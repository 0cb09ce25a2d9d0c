"""What a person does on the page Codes, and reads there."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from tests.conftest import LOCK, Running, World
from tests.steps import meanwhile
from tests.web.panel.asking import page, submit, words
from utec_gateway.core.access_codes import Guest

CODE = re.compile(r'<code id="the-code">(\d+)</code>')
USERS = "st.lockUser"


async def started(world: World, **more: Any) -> Running:
    """Start a gateway that manages codes and has listed who has one."""
    running = await world.start(manage_codes=True, **more)
    await shown(running)
    await running.clock.advance(5)
    return running


def tag(running: Running, device_id: str = LOCK) -> str:
    return running.gateway.account.cache.find(device_id).tag


def form(running: Running, *locks: str, **typed: str) -> dict[str, str]:
    """Return what the form for a guest sends, who comes now and stays for two days."""
    local = running.gateway.account.codes.zone().local(running.clock.now())
    filled = {
        "name": "Anna",
        "code": "",
        "starts": f"{local:%Y-%m-%dT%H:%M}",
        "ends": f"{local + timedelta(days=2):%Y-%m-%dT%H:%M}",
        "opens": "00:00",
        "closes": "23:59",
        "uses": "0",
        "key": "of this form",
        **{f"day-{day}": "on" for day in range(7)},
        **{f"lock-{tag(running, lock)}": "on" for lock in locks or (LOCK,)},
    }
    return {**filled, **typed}


async def send(running: Running, action: str, **fields: str) -> tuple[int, str, str]:
    """Send a form of the page; return status, where it leads, and the text."""
    return await meanwhile(running, submit(running, f"/{action}", "/codes", **fields))


async def add(running: Running, *locks: str, **typed: str) -> str:
    """Send the form for a guest; return the answer."""
    status, _, text = await send(running, "add-guest", **form(running, *locks, **typed))
    assert status == 200
    return text


async def shown(running: Running, path: str = "/codes") -> str:
    status, text = await page(running, path)
    assert status == 200
    return text


def code_in(text: str) -> str | None:
    """Return the code that an answer shows."""
    found = CODE.search(text)
    return found[1] if found else None


def card_of(text: str, running: Running, device_id: str = LOCK) -> str:
    """Return what is to be read on the card of one lock."""
    after = text.partition(f'id="lock-{tag(running, device_id)}"')[2]
    return unescape(words("<" + after.partition('id="lock-')[0]))


def outcomes(text: str) -> list[str]:
    """Return what came of a guest, lock by lock."""
    lines = text.partition('<ul class="outcomes">')[2].partition("</ul>")[0]
    return [words(line) for line in lines.split("</li>")[:-1]]


def problems(text: str) -> dict[str, str]:
    """Return what is wrong by field."""
    return dict(re.findall(r'<p class="problem" id="(\w+)-problem">([^<]*)</p>', text))


def guests(running: Running, device_id: str = LOCK) -> tuple[Guest, ...]:
    return running.gateway.account.codes.of(device_id).guests


def calls(world: World, verb: str = "") -> int:
    """Return how often the cloud was asked about users, or by one verb."""
    if verb:
        return world.cloud.calls.by_command[f"{USERS}/{verb}"]
    return world.cloud.calls.number_of(USERS)

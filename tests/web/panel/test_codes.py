"""The page Codes: what it shows, and what its forms do."""

import re
from datetime import timedelta
from typing import Any

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import meanwhile
from tests.web.panel.asking import page, submit, words
from utec_gateway.core.access_codes import Guest

CODE = re.compile(r'<code id="the-code">(\d+)</code>')
KEY = re.compile(r'name="key" value="([^"]+)"')
BOTH = (LOCK, OTHER_LOCK)


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
    return await meanwhile(running, submit(running, f"/{action}", "/codes", **fields))


async def add(running: Running, *locks: str, **typed: str) -> str:
    status, _, text = await send(running, "add-guest", **form(running, *locks, **typed))
    assert status == 200
    return text


async def shown(running: Running, path: str = "/codes") -> str:
    status, text = await page(running, path)
    assert status == 200
    return text


def guests(running: Running, device_id: str = LOCK) -> tuple[Guest, ...]:
    return running.gateway.account.codes.of(device_id).guests


async def started(world: World, **more: Any) -> Running:
    running = await world.start(manage_codes=True, **more)
    await running.clock.advance(5)
    return running


async def test_a_guest_gets_a_code_that_is_shown_in_this_one_answer(world: World) -> None:
    running = await started(world)
    text = await add(running)
    code = CODE.search(text)
    assert code
    assert f"Your code for Front Door: {code[1]}. It opens from" in words(text)
    assert code[1] not in await shown(running)
    await running.clock.advance(10)
    assert "On the lock" in await shown(running)

"""What a person does on the settings page, and sees there."""

import re
from html import unescape
from typing import Any

from tests.conftest import Running
from tests.web.panel.asking import page, submit, words

PASSWORD = "Mailbox-password-nobody-sees"
EMAIL: dict[str, Any] = {
    "smtp_host": "mail.example.com",
    "password": PASSWORD,
    "recipients": ["me@example.com"],
}
INPUT = re.compile(r'<input type="hidden" name="(was\.[^"]+)" value="([^"]*)">')


async def shown(running: Running) -> dict[str, str]:
    """Return what every form of the page carries of what it had shown."""
    return {name: unescape(value) for name, value in INPUT.findall(await settings(running))}


async def settings(running: Running) -> str:
    status, text = await page(running, "/settings")
    assert status == 200
    return text


async def save(running: Running, **changed: str) -> tuple[int, str, str]:
    """Change fields as a browser sends them: with what the form had shown before."""
    changed = {name.replace("__", "."): value for name, value in changed.items()}
    before = {f"was.{name}": (await shown(running)).get(f"was.{name}", "") for name in changed}
    return await submit(running, "/save-settings", "/settings", **before, **changed)


def opened(text: str) -> set[str]:
    """Return the sections that are not folded."""
    return set(re.findall(r'<details class="setting" id="(\w+)" open>', text))


def label_of(text: str, field: str) -> str:
    """Return what stands beside a field, whether its label holds it or names it."""
    before, _, after = text.partition(f'id="{field}"')
    label = after if f'for="{field}"' not in before else before.partition(f'for="{field}"')[2]
    return words("<" + label.partition("</label>")[0])

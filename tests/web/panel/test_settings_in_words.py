"""The settings page in words: folded sections, choices, plugins, and what was saved."""

import re
import sys
from typing import Any

import pytest

from tests.conftest import Running, World
from tests.plugins.installing import install
from tests.web.panel.asking import page, submit, words
from tests.web.panel.turning_settings import EMAIL, opened, save, settings
from utec_gateway.core.const import VERSION
from utec_gateway.options.changes import FLAT_VALIDATORS
from utec_gateway.options.readers import OneOf
from utec_gateway.plugins.loader import BUILT_INS
from utec_gateway.texts.translations import read_translations
from utec_gateway.web.panel.diagnostics.diagnostics import CONTENT


async def test_plugins_are_listed_with_their_last_error(world: World) -> None:
    install(world, "broken.py", "raise ValueError('<b>no</b>')")
    running = await world.start()
    text = await settings(running)
    started = "2026-01-05T12:00:00Z"
    assert f"broken.py your own Failing since {started}." in words(text)
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    log = "Writes the activity of your locks and all notifications to the log."
    assert f"Events in the log {log} Working since {started}." in words(text)
    assert opened(text) == {"plugins"}
    assert "gateway_" not in words(text), "hooks are for those who write plugins"


BELL = """'''Rings <b>the bell</b>.

More that nobody needs here.
'''
from utec_gateway.plugin_api import hookimpl

class Bell:
    is_out = True

    @hookimpl
    async def gateway_notify(self, notification):
        if Bell.is_out:
            raise LookupError("out of order")

def create(context):
    return Bell()
"""


async def test_somebodys_own_plugin_says_what_it_does_and_since_when_it_works(
    world: World,
) -> None:
    install(world, "bell.py", BELL)
    running = await world.start()
    told = "bell.py your own Rings &lt;b&gt;the bell&lt;/b&gt;."
    assert f"{told} Working since 2026-01-05T12:00:00Z." in words(await settings(running))
    await running.clock.advance(60)
    await submit(running, "/test-messages", "/settings")
    await running.clock.advance(60)
    await submit(running, "/test-messages", "/settings")
    assert f"{told} Failing since 2026-01-05T12:01:00Z." in words(await settings(running))
    plugin = sys.modules["utec_gateway_own_bell"]
    plugin.Bell.is_out = False
    await submit(running, "/test-messages", "/settings")
    text = words(await settings(running))
    assert f"{told} Working since 2026-01-05T12:02:00Z." in text
    assert "Last error, 2026-01-05T12:02:00Z: LookupError: out of order." in text


# In words


SELECT = re.compile(r'<select name="([^"]+)".*?</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]+)"(?: selected)?>(.*?)</option>')


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
async def test_every_choice_is_said_in_words(world: World, language: str) -> None:
    running = await world.start()
    text = (await page(running, "/settings", headers={"Accept-Language": language}))[1]
    asked = {found[1]: OPTION.findall(found[0]) for found in SELECT.finditer(text)}
    choices = {name: one for name, one in FLAT_VALIDATORS.items() if isinstance(one, OneOf)}
    assert {name: tuple(value for value, _ in asked[name]) for name in asked} == {
        name: one.words for name, one in choices.items()
    }
    for value, said in (pair for pairs in asked.values() for pair in pairs):
        assert said == "5" or said.lower() != value.lower()


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
def test_every_built_in_plugin_has_a_name_and_says_what_it_does(language: str) -> None:
    texts = read_translations().texts_of(language)
    names = [module.__name__.rpartition(".")[2] for module in BUILT_INS]
    wanted = {f"panel.plugins.{name}.{part}" for name in names for part in ("name", "does")}
    assert {key for key in texts if key.startswith("panel.plugins.")} == wanted


def test_every_hint_of_the_panel_belongs_to_a_choice() -> None:
    texts = read_translations().texts_of("en")
    hints = {key.removeprefix("panel.hints.") for key in texts if key.startswith("panel.hints.")}
    assert hints <= {name for name, one in FLAT_VALIDATORS.items() if isinstance(one, OneOf)}


# Folded


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "Notifications Home Assistant: on · Email: off"),
        ({"notify_home_assistant": False}, "Notifications Home Assistant: off · Email: off"),
        ({"email": {**EMAIL, "enabled": True}}, "Notifications Home Assistant: on · Email: on"),
        ({"poll_interval_seconds": 45}, "Locks Polled every 45 s · Unlocking allowed"),
        ({"allow_unlock": False}, "Locks Polled every 15 s · Unlocking not allowed"),
        ({}, "Sign-in Refreshed automatically, at least every 24 h"),
        ({"renew_every_hours": 0}, "Sign-in Refreshed automatically, shortly before expiry"),
        ({"auto_refresh_enabled": False}, "Sign-in Automatic refresh is off"),
        ({"log_level": "error"}, "Log Errors only"),
        ({"mqtt": {"mode": "disabled"}}, "Home Assistant (MQTT) Off"),
        ({}, "U-tec URLs Changed"),
        ({}, f"About Version {VERSION}"),
    ],
)
async def test_a_folded_section_says_what_is_set(
    world: World, options: dict[str, Any], says: str
) -> None:
    text = await settings(await world.start(**options))
    assert says in words(text)
    assert opened(text) == set()


async def test_a_refused_field_opens_its_section_and_what_was_typed_elsewhere_too(
    running: Running,
) -> None:
    _, _, text = await save(running, refresh_buffer_minutes="0", poll_interval_seconds="45")
    assert opened(text) == {"renewing", "asking"}


async def test_several_sections_are_saved_at_once_and_all_of_it_is_said(running: Running) -> None:
    _, leads_to, _ = await save(running, log_level="error", poll_interval_seconds="45")
    assert leads_to == "settings?saved=poll_interval_seconds,log_level#asking"
    text = (await page(running, f"/{leads_to}"))[1]
    assert opened(text) == {"asking", "logging"}
    assert text.count("Saved</span>") == 2


async def test_nobody_is_told_that_something_was_saved_which_is_no_option(
    running: Running,
) -> None:
    text = (await page(running, "/settings?saved=nothing,<b>,log_level"))[1]
    assert text.count("Saved</span>") == 1
    assert "<b>" not in text


async def test_what_is_in_the_diagnostics_is_listed_completely(running: Running) -> None:
    async with running.client.get(running.panel + "/diagnostics.json") as response:
        found = await response.json()
    assert sorted(key for keys in CONTENT.values() for key in keys) == sorted(found)
    text = words(await settings(running))
    assert "Versions of the gateway" in text.partition("In the file")[2].partition("Not in")[0]
    assert "Passwords, keys, tokens" in text.partition("Not in the file")[2]

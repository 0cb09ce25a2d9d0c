"""The MQTT broker on the pages: how it stands, what to do, its settings, and its test."""

from typing import Any

import pytest

from tests.addon.test_supervisor import FakeSupervisor
from tests.conftest import Running, World
from tests.plugins.broker_state import ADDRESS, say_of_broker
from tests.steps import on_disk
from tests.web.panel.asking import page, submit, words
from utec_gateway.plugin_api.broker_status import BrokerState, BrokerStatus
from utec_gateway.texts.translations import read_translations
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.broker_line import broker_line

PASSWORD = "Broker-password-nobody-sees"
OFF = {"mode": "disabled"}
"""So that nobody looks for a broker."""
MQTT = {**OFF, "host": "broker.lan", "username": "gateway", "password": PASSWORD}
MY = "https://my.home-assistant.io/redirect"
ON_SETTINGS = "/settings"
ON_SET_UP = "/set-up"


async def text_of(running: Running, path: str, **headers: str) -> str:
    status, text = await page(running, path, headers=headers)
    assert status == 200
    return text


async def save(running: Running, **typed: str) -> tuple[int, str, str]:
    """Send some fields of the form; `was_host` is what the form had shown of `host`."""
    names = {name: name.replace("was_", "was.mqtt.") for name in typed if name.startswith("was_")}
    form = {names.get(name, f"mqtt.{name}"): value for name, value in typed.items()}
    return await submit(running, "/save-settings", ON_SETTINGS, **form)


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
@pytest.mark.parametrize("state", BrokerState)
def test_every_state_has_words_and_an_icon_in_every_language(
    state: BrokerState, language: str
) -> None:
    translations = read_translations()
    texts = translations.texts_of(language)
    line = broker_line(
        BrokerStatus(state, ADDRESS, is_from_supervisor=True),
        Translator(language, texts, translations.phrases),
    )
    has_address = state not in {BrokerState.OFF, BrokerState.MISSING}
    assert (ADDRESS in line.sentence) is has_address
    assert line.icon


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("off", "MQTT is turned off."),
        ("missing", "There is no MQTT broker: Home Assistant offers none"),
        ("connecting", f"Connecting to the MQTT broker {ADDRESS}."),
        ("connected", f"Connected to the MQTT broker {ADDRESS}"),
        ("unreachable", f"The MQTT broker {ADDRESS} does not answer (no &lt;b&gt;route"),
        ("refused", f"The MQTT broker {ADDRESS} refuses the username or password."),
        ("denied", f"The MQTT broker {ADDRESS} does not answer (no &lt;b&gt;route"),
    ],
)
@pytest.mark.parametrize("path", [ON_SETTINGS, ON_SET_UP])
async def test_both_pages_say_how_the_broker_stands(
    world: World, path: str, state: str, says: str
) -> None:
    say_of_broker(world, state)
    text = await text_of(await world.start(), path)
    assert says in words(text)
    assert "<b>route</b>" not in text, "what a broker says is no markup"


async def test_what_is_wrong_with_the_broker_is_said_in_the_readers_language(world: World) -> None:
    say_of_broker(world, "unreachable")
    text = await text_of(await world.start(), ON_SETTINGS, **{"Accept-Language": "de"})
    assert f"Der MQTT-Broker {ADDRESS} antwortet nicht (no" in words(text)


async def test_a_login_that_came_from_the_supervisor_is_not_to_be_corrected_here(
    world: World,
) -> None:
    say_of_broker(world, "refused", by_supervisor=True)
    text = words(await text_of(await world.start(), ON_SETTINGS))
    assert "refuses the login that Home Assistant gave the gateway." in text
    assert "Correct both in the settings." not in text


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("mode", "enabled", "enabled"),
        ("host", " broker.lan ", "broker.lan"),
        ("port", "8883", 8883),
        ("encryption", "tls", "tls"),
        ("ca_certificate", "/config/ca.pem", "/config/ca.pem"),
        ("version", "5", "5"),
        ("discovery_prefix", "ha", "ha"),
        ("base_topic", "home/locks/", "home/locks"),
        ("allow_unlock", "off", False),
    ],
)
async def test_a_setting_of_the_broker_is_saved_and_nothing_else(
    world: World, name: str, typed: str, kept: object
) -> None:
    running = await world.start(mqtt=OFF)
    before = on_disk(world, "options.json")
    assert (await save(running, **{name: typed}))[:2] == (
        303,
        f"settings?saved=mqtt.{name}#mqtt",
    )
    assert on_disk(world, "options.json") == {**before, "mqtt": {**OFF, name: kept}}
    assert getattr(running.gateway.settings.options.mqtt, name) == kept


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("host", "mqtt://broker.lan", "without mqtt://"),
        ("port", "70000", "Enter a whole number from 1 to 65535."),
        ("base_topic", "home/#", "Enter the beginning of a topic"),
        ("discovery_prefix", "", "Enter the beginning of a topic"),
    ],
)
async def test_what_cannot_be_taken_is_said_at_its_field_which_is_in_sight(
    running: Running, world: World, name: str, typed: str, says: str
) -> None:
    before = on_disk(world, "options.json")
    status, _, text = await save(running, **{name: typed, f"was_{name}": "before"})
    assert status == 200
    problem = text.partition(f'id="mqtt-{name}-problem">')[2].partition("</p>")[0]
    assert says in problem
    assert ("<details open>" in text) is (name in {"base_topic", "discovery_prefix"})
    assert on_disk(world, "options.json") == before


@pytest.mark.parametrize(
    ("name", "typed"), [("host", "evil.example"), ("port", "1884"), ("encryption", "tls")]
)
async def test_the_password_does_not_follow_the_broker(world: World, name: str, typed: str) -> None:
    running = await world.start(mqtt=MQTT)
    status, _, text = await save(running, **{name: typed, "password": ""})
    assert status == 200
    assert 'id="mqtt-password-problem"' in text
    assert on_disk(world, "options.json")["mqtt"] == MQTT
    assert PASSWORD not in text
    assert (await save(running, **{name: typed, "password": "another"}))[0] == 303
    assert running.gateway.settings.options.mqtt.password == "another"


async def test_the_supervisors_broker_gets_no_password_of_ours_and_so_needs_none_again(
    world: World,
) -> None:
    running = await world.start(mqtt=MQTT)
    assert (await save(running, host="", was_host="broker.lan"))[0] == 303
    assert running.gateway.settings.options.mqtt.host == ""
    assert (await save(running, host="evil.example"))[0] == 200
    assert running.gateway.settings.options.mqtt.host == ""


async def test_a_broker_that_the_environment_sets_cannot_be_changed_here(world: World) -> None:
    world.environment["MQTT_HOST"] = "broker.lan"
    running = await world.start(mqtt=OFF)
    text = await text_of(running, ON_SETTINGS)
    field = text.partition('name="mqtt.host"')[2].partition(">")[0]
    assert "disabled" in field
    assert 'value="broker.lan"' in field
    assert "is set by the environment" in (await save(running, host="other.lan"))[2]
    assert (await save(running, base_topic="locks"))[0] == 303


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("connected", f"broker.py: It works. Connected to {ADDRESS}."),
        (
            "unreachable",
            "broker.py: It does not work. The MQTT broker broker.lan:1883 does not answer",
        ),
    ],
)
async def test_the_connection_is_tested_on_request_and_the_answer_shown(
    world: World, state: str, says: str
) -> None:
    say_of_broker(world, state)
    running = await world.start(mqtt=OFF)
    assert "It works." not in await text_of(running, ON_SETTINGS)
    status, _, text = await submit(running, "/test-broker", ON_SETTINGS)
    assert status == 200
    assert says in words(text)
    assert (await page(running, "/test-broker"))[0] == 405


# The last step of Set up


async def test_a_connected_broker_ends_the_set_up_with_the_way_to_the_devices(
    world: World,
) -> None:
    say_of_broker(world, "connected")
    text = await text_of(await world.start(), ON_SET_UP)
    assert "The gateway is ready, and your locks are in Home Assistant." in words(text)
    assert f'href="{MY}/integration/?domain=mqtt" target="_blank"' in text


async def test_in_home_assistant_the_way_to_the_devices_stays_on_its_site(
    world: World,
    supervisor: FakeSupervisor,  # noqa: ARG001
) -> None:
    say_of_broker(world, "connected")
    text = await text_of(await world.start(), ON_SET_UP)
    assert 'href="/config/integrations/integration/mqtt" target="_top"' in text
    assert MY not in text


async def test_without_a_broker_home_assistant_gets_one_in_two_clicks(
    world: World,
    supervisor: FakeSupervisor,  # noqa: ARG001
) -> None:
    say_of_broker(world, "missing")
    text = await text_of(await world.start(), ON_SET_UP)
    install, set_up = f"{MY}/supervisor_addon/?addon=core_mosquitto", f"{MY}/config_mqtt/"
    assert text.index(install) < text.index(set_up) < text.index("home-address")


async def test_without_a_supervisor_the_broker_is_entered_in_the_settings(world: World) -> None:
    say_of_broker(world, "missing")
    text = await text_of(await world.start(), ON_SET_UP)
    assert "core_mosquitto" not in text
    assert text.index('href="settings#mqtt"') < text.index(f"{MY}/config_mqtt/")


@pytest.mark.parametrize("state", ["off", "unreachable", "refused", "denied"])
async def test_a_broker_that_does_not_work_leads_to_the_settings(world: World, state: str) -> None:
    say_of_broker(world, state)
    text = await text_of(await world.start(), ON_SET_UP)
    assert 'href="settings#mqtt"' in text
    assert "The gateway is ready. The last step is in Home Assistant." in words(text)


async def test_the_integration_is_the_second_way_whatever_the_broker_does(world: World) -> None:
    for state in BrokerState:
        say_of_broker(world, state)
        text = await text_of(await world.start(), ON_SET_UP)
        assert "Without MQTT: a custom integration" in text
        assert "(uteclocal)" in text
        await world.stop()


# Elsewhere


async def test_a_bug_report_names_neither_the_broker_nor_its_user(world: World) -> None:
    mqtt: dict[str, Any] = {**MQTT, "base_topic": "grandmas/flat", "ca_certificate": "/me/ca.pem"}
    running = await world.start(mqtt=mqtt)
    async with running.client.get(running.panel + "/diagnostics.json") as response:
        text, found = await response.text(), await response.json()
    for private in ("broker.lan", '"gateway"', PASSWORD, "grandma", "/me/"):
        assert private not in text
    assert found["options"]["mqtt"] == {
        "mode": "disabled",
        "host": "<set>",
        "port": 1883,
        "username": "<set>",
        "password": "<set>",
        "encryption": "none",
        "ca_certificate": "<set>",
        "version": "3.1.1",
        "discovery_prefix": "<default>",
        "base_topic": "<set>",
        "allow_unlock": True,
    }
    assert found["broker"] == "off"


async def test_what_is_wrong_with_the_broker_is_said_once_on_its_settings(world: World) -> None:
    say_of_broker(world, "unreachable")
    running = await world.start()
    await running.clock.advance(3600)
    assert any(issue.key.startswith("broker_") for issue in running.gateway.issues.issues())
    text = await text_of(running, ON_SETTINGS)
    assert text.count(f"The MQTT broker {ADDRESS} does not answer") == 1
    assert '<details class="setting" id="mqtt" open>' in text

from dataclasses import fields
from ipaddress import ip_network
from pathlib import PurePath
from typing import Any

import pytest

from tests.addon.manifest import DEFAULTS, ELEMENT, ROOT, SLUG, fits, load, merged, problems, rating
from utec_gateway.core.const import API_PORT, PANEL_PORT, VERSION
from utec_gateway.options.changes import read_options
from utec_gateway.options.schema import (
    EMAIL_VALIDATORS,
    MQTT_VALIDATORS,
    OPTION_NAMES,
    Options,
)

CONFIG = load("config.yaml")
SCHEMA, DEFAULT_OPTIONS = CONFIG["schema"], CONFIG["options"]


def elements(schema: Any) -> list[str]:
    if isinstance(schema, str):
        return [schema]
    parts = schema.values() if isinstance(schema, dict) else schema
    return [element for part in parts for element in elements(part)]


def test_every_option_has_one_place_in_manifest_schema_and_code() -> None:
    assert set(SCHEMA) == set(OPTION_NAMES) == set(DEFAULT_OPTIONS)
    assert set(SCHEMA["email"]) == set(EMAIL_VALIDATORS)
    assert set(SCHEMA["mqtt"]) == set(MQTT_VALIDATORS)


@pytest.mark.parametrize("element", elements(SCHEMA))
def test_the_supervisor_can_read_every_line_of_the_schema(element: str) -> None:
    assert ELEMENT.match(element)


def test_a_fresh_installation_starts_without_a_single_setting() -> None:
    assert problems(SCHEMA, DEFAULT_OPTIONS) == []


def test_the_store_shows_the_same_defaults_as_the_code() -> None:
    options, ignored = read_options(DEFAULT_OPTIONS)
    assert (options, ignored) == (Options(), ())


def test_a_removed_mail_server_does_not_come_back_from_the_defaults() -> None:
    stored = {"email": {"smtp_host": "mail.example", "smtp_port": 25}}
    assert merged(DEFAULT_OPTIONS, stored)["email"] == stored["email"]
    assert problems(SCHEMA, merged(DEFAULT_OPTIONS, stored)) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("refresh_buffer_minutes", 0),
        ("refresh_buffer_minutes", 61),
        ("renew_every_hours", 169),
        ("max_retries", 11),
        ("poll_interval_seconds", 9),
        ("stale_after_seconds", 4),
        ("log_level", "loud"),
        ("api_base_url", "api.u-tec.com"),
        ("action_path", "action"),
        ("client_id", "two words"),
        ("trusted_networks", ["my network"]),
        ("mqtt", {"mode": "on"}),
        ("mqtt", {"host": "mqtt://broker.lan"}),
        ("mqtt", {"port": 0}),
        ("mqtt", {"encryption": "starttls"}),
        ("mqtt", {"version": "3.1"}),
    ],
)
def test_the_configuration_tab_refuses_what_the_gateway_would_ignore(
    option: str, value: Any
) -> None:
    assert problems(SCHEMA, merged(DEFAULT_OPTIONS, {option: value}))
    assert read_options({option: value})[1]


@pytest.mark.parametrize(
    "mqtt",
    [
        {"mode": "disabled"},
        {
            "host": "broker.lan",
            "port": 8883,
            "encryption": "tls",
            "ca_certificate": "/config/a.pem",
        },
        {"host": "", "username": "", "password": "", "version": "5"},
        {"discovery_prefix": "ha", "base_topic": "home/locks", "allow_unlock": False},
    ],
)
def test_any_part_of_the_mqtt_settings_may_be_set_alone(mqtt: dict[str, Any]) -> None:
    assert problems(SCHEMA, merged(DEFAULT_OPTIONS, {"mqtt": mqtt})) == []
    assert read_options({"mqtt": mqtt})[1] == ()


def test_a_broker_is_wanted_and_not_needed() -> None:
    assert CONFIG["services"] == ["mqtt:want"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("redirect_uri", "http://localhost:0"),
        ("api_base_url", "https://:443"),
        ("trusted_networks", ["300.1.1.1/24"]),
        ("action_path", "/"),
    ],
)
def test_nonsense_that_the_schema_lets_through_costs_one_option_and_is_named(
    option: str, value: Any
) -> None:
    assert problems(SCHEMA, merged(DEFAULT_OPTIONS, {option: value})) == []
    options, ignored = read_options({**DEFAULT_OPTIONS, option: value})
    if option != "action_path":
        assert [option in sentence for sentence in ignored] == [True]
        assert getattr(options, option) == getattr(Options(), option)


def test_nothing_is_set_to_its_default() -> None:
    assert [key for key, value in DEFAULTS.items() if CONFIG.get(key) == value] == []


def test_the_manifest_says_what_the_code_does() -> None:
    assert CONFIG["version"] == VERSION
    assert isinstance(CONFIG["version"], str)
    assert SLUG.match(CONFIG["slug"])
    assert CONFIG["init"] is False
    assert CONFIG["ports"] == {f"{API_PORT}/tcp": None}
    assert DEFAULTS["ingress_port"] == PANEL_PORT
    assert {"aarch64", "amd64"} == set(CONFIG["arch"])
    assert 10 <= CONFIG["timeout"] <= 300


def test_home_assistant_may_call_without_a_key() -> None:
    trusted = [ip_network(network) for network in DEFAULT_OPTIONS["trusted_networks"]]
    assert ip_network("172.30.32.1/32").subnet_of(trusted[2])  # type: ignore[arg-type]


def test_the_security_rating_is_the_best_there_is() -> None:
    assert rating(CONFIG, has_profile=(ROOT / "apparmor.txt").is_file()) == 8


def test_both_architectures_are_built_from_the_image_that_the_dockerfile_names() -> None:
    built_from = load("build.yaml")["build_from"]
    assert set(built_from) == set(CONFIG["arch"])
    assert {f"ARG BUILD_FROM={image}" for image in built_from.values()} == {
        line
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("ARG BUILD_FROM=")
    }


def test_the_changelog_begins_with_this_version_as_a_bare_heading() -> None:
    headings = [
        line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")
    ]
    assert headings[0] == f"## {VERSION}"
    assert all(fits(r"match(^## \d+\.\d+\.\d+$)", heading) for heading in headings)


def test_every_field_of_options_is_an_option() -> None:
    assert tuple(field.name for field in fields(Options)) == OPTION_NAMES


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("state.json", True),
        ("state.previous.json", True),
        ("options.json", True),
        ("journal.json", True),
        ("issues.json", True),
        ("devices.json", True),
        ("batteries.json", True),
        ("state.json.damaged-20260105-120000", True),
        ("state.spare.json", False),
        ("state.spare.json.new", False),
        ("state.json.new", False),
        ("gateway.log.1", False),
    ],
)
def test_a_backup_holds_what_lasts_and_nothing_that_may_vanish_meanwhile(
    name: str, *, is_kept: bool
) -> None:
    excluded = any(PurePath("data", name).match(each) for each in CONFIG["backup_exclude"])
    assert is_kept is not excluded

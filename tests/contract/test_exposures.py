"""Options that open a door: they work, and everybody who looks is told."""

import json
from typing import Any

import pytest

from tests.conftest import Running, World
from tests.web.panel.asking import page, words
from utec_gateway.options.changes import read_options
from utec_gateway.options.exposures import exposures
from utec_gateway.options.schema import Options
from utec_gateway.texts.translations import read_translations

MAIL = {"enabled": True, "encryption": "none", "recipients": ["a@b.example"]}
OPEN: list[tuple[str, Any, list[str]]] = [
    ("trusted_networks", ["0.0.0.0/0"], ["trusts_everybody"]),
    ("trusted_networks", ["::/0"], ["trusts_everybody"]),
    ("trusted_networks", ["0.0.0.0/1"], ["trusts_the_internet"]),
    ("trusted_networks", ["8.8.8.8/32"], ["trusts_the_internet"]),
    ("trusted_networks", ["2001:4860::/32"], ["trusts_the_internet"]),
    ("trusted_networks", ["172.16.0.0/12"], ["trusts_many"]),
    ("trusted_networks", ["192.168.0.0/16", "fc00::/7"], ["trusts_many", "trusts_many"]),
    ("trusted_networks", ["172.30.32.0/23"], ["no_supervisor"]),
    ("api_base_url", "http://192.168.1.5:8080", ["plain_http"]),
    ("oauth_base_url", "http://oauth.u-tec.com", ["plain_http"]),
    ("email", {**MAIL, "smtp_host": "smtp.example.com"}, ["plain_mail"]),
    ("mqtt", {"host": "broker.example.com"}, ["plain_mqtt"]),
    ("mqtt", {"host": "8.8.8.8", "mode": "enabled"}, ["plain_mqtt"]),
]
FINE: list[tuple[str, Any]] = [
    ("trusted_networks", []),
    ("trusted_networks", ["127.0.0.0/8", "::1/128"]),
    ("trusted_networks", ["192.168.1.20/32", "10.1.0.0/24", "fd00::/64", "100.64.0.7/32"]),
    ("trusted_networks", ["2003:db::17/128"]),
    ("trusted_networks", ["172.30.32.5/32"]),
    ("api_base_url", "http://127.0.0.1:9000"),
    ("oauth_base_url", "http://[::1]:9000"),
    ("email", {**MAIL, "smtp_host": "192.168.1.9"}),
    ("email", {**MAIL, "smtp_host": "mail.lan"}),
    ("email", {**MAIL, "smtp_host": "smtp.example.com", "enabled": False}),
    ("email", {**MAIL, "smtp_host": "smtp.example.com", "encryption": "tls"}),
    ("mqtt", {"mode": "enabled"}),
    ("mqtt", {"host": "192.168.1.9"}),
    ("mqtt", {"host": "core-mosquitto"}),
    ("mqtt", {"host": "broker.example.com", "encryption": "tls"}),
    ("mqtt", {"host": "broker.example.com", "mode": "disabled"}),
]


def kinds(name: str, value: Any, *, has_supervisor: bool = False) -> list[str]:
    options, problems = read_options({name: value})
    assert problems == ()
    return [one.kind for one in exposures(options, has_supervisor=has_supervisor)]


@pytest.mark.parametrize(("name", "value", "found"), OPEN)
def test_a_choice_that_opens_a_door_is_named(name: str, value: Any, found: list[str]) -> None:
    assert kinds(name, value) == found


@pytest.mark.parametrize(("name", "value"), FINE)
def test_a_choice_that_opens_none_is_not(name: str, value: Any) -> None:
    assert kinds(name, value) == []


def test_the_defaults_open_nothing() -> None:
    for has_supervisor in (True, False):
        assert exposures(Options(), has_supervisor=has_supervisor) == ()


def test_under_the_supervisor_its_network_may_be_chosen() -> None:
    assert kinds("trusted_networks", ["172.30.32.0/23"], has_supervisor=True) == []


async def test_it_is_said_everywhere_and_degrades_nothing(running: Running, world: World) -> None:
    assert (await running.post("/api/config", {"trusted_networks": ["0.0.0.0/0"]}))[0] == 200
    _, health = await running.get("/health")
    assert health["health"] == "healthy"
    assert [one for one in health["troubles"] if "0.0.0.0/0" in one]
    assert "0.0.0.0/0" in (world.data_dir / "gateway.log").read_text()
    for path in ("/", "/settings"):
        text = words((await page(running, path, headers={"Accept-Language": "de"}))[1])
        assert "ein vertrauenswürdiges Netzwerk: Wer das Gateway erreicht" in text


async def test_it_is_said_at_every_start(world: World) -> None:
    (world.data_dir / "options.json").write_text(json.dumps({"api_base_url": "http://x.example"}))
    async with world.as_it_is():
        assert (
            "api_base_url uses http:// to another machine"
            in (world.data_dir / "gateway.log").read_text()
        )


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
def test_every_kind_has_words_in_every_language(language: str) -> None:
    texts = read_translations().of(language)
    for kind in {kind for _, _, found in OPEN for kind in found}:
        assert "10.0.0.0/8" in texts.text(f"issues.exposed.{kind}", subject="10.0.0.0/8")

"""The options file may be missing, empty or broken; the gateway comes up and says so."""

import asyncio
import errno
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import at_once
from utec_gateway.core.errors import OptionsError
from utec_gateway.options.schema import MqttOptions, Options
from utec_gateway.storage.settings import OptionsFile, Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "options.json"


def content(path: Path) -> bytes:
    return path.read_bytes()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def loaded(path: Path, content: bytes | None = None, **environment: str) -> Settings:
    storage = OptionsFile(path, at_once)
    if content is not None:
        await at_once(path.write_bytes, content)
    settings = Settings(storage, environment)
    await settings.load()
    return settings


async def test_without_a_file_the_defaults_are_used_and_nothing_is_wrong(
    path: Path, tmp_path: Path
) -> None:
    settings = await loaded(path)
    assert (settings.options, settings.problems) == (Options(), ())
    assert names_in(tmp_path) == set()


async def test_a_file_without_any_option_means_the_defaults(path: Path) -> None:
    settings = await loaded(path, b"{}")
    assert (settings.options, settings.problems) == (Options(), ())


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{} {}"]
)
async def test_an_empty_or_broken_file_means_the_defaults_and_a_clear_message(
    content: bytes, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = await loaded(path, content)
    assert settings.options == Options()
    (problem,) = settings.problems
    assert problem.startswith("The options file cannot be read, the defaults are used: ")
    assert problem in caplog.messages


async def test_a_folder_in_the_files_place_means_the_defaults(tmp_path: Path) -> None:
    assert len((await loaded(tmp_path)).problems) == 1


async def test_a_bad_option_costs_that_option_and_is_logged(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = await loaded(path, b'{"max_retries": "many", "client_id": "abc"}')
    assert settings.options == Options(client_id="abc")
    assert "max_retries" in settings.problems[0]
    assert settings.problems[0] in [r.message for r in caplog.records if r.levelno > logging.INFO]


@pytest.mark.parametrize(
    ("variable", "value", "option", "read"),
    [
        ("AUTO_REFRESH_ENABLED", "false", "auto_refresh_enabled", False),
        ("AUTO_REFRESH_ENABLED", " No ", "auto_refresh_enabled", False),
        ("AUTO_REFRESH_ENABLED", "0", "auto_refresh_enabled", False),
        ("AUTO_REFRESH_ENABLED", "TRUE", "auto_refresh_enabled", True),
        ("AUTO_REFRESH_ENABLED", "1", "auto_refresh_enabled", True),
        ("AUTO_REFRESH_ENABLED", "yes", "auto_refresh_enabled", True),
        ("REFRESH_BUFFER_MINUTES", "12", "refresh_buffer_minutes", 12),
        ("REFRESH_BUFFER_MINUTES", " 60 ", "refresh_buffer_minutes", 60),
    ],
)
async def test_the_environment_wins_over_the_file(
    variable: str, value: str, option: str, read: object, path: Path
) -> None:
    other = (not read) if isinstance(read, bool) else 7
    settings = await loaded(path, json.dumps({option: other}).encode(), **{variable: value})
    assert getattr(settings.options, option) == read
    assert settings.problems == ()


@pytest.mark.parametrize("value", ["", "  "])
async def test_an_empty_variable_is_no_variable(value: str, path: Path) -> None:
    settings = await loaded(path, b'{"refresh_buffer_minutes": 7}', REFRESH_BUFFER_MINUTES=value)
    assert settings.options.refresh_buffer_minutes == 7
    await settings.change({"refresh_buffer_minutes": 8})


@pytest.mark.parametrize("value", ["soon", "0", "61", "-5", "5.5", "²", "9" * 30])
async def test_a_variable_that_makes_no_sense_is_said_and_the_default_used(
    value: str, path: Path
) -> None:
    settings = await loaded(path, b"{}", REFRESH_BUFFER_MINUTES=value)
    assert settings.options.refresh_buffer_minutes == 5
    assert "refresh_buffer_minutes" in settings.problems[0]


async def test_what_the_environment_sets_cannot_be_changed(path: Path) -> None:
    settings = await loaded(path, b"{}", REFRESH_BUFFER_MINUTES="12")
    with pytest.raises(OptionsError, match="set by the environment") as raised:
        await settings.change({"max_retries": 5, "refresh_buffer_minutes": 7})
    assert raised.value.field == "refresh_buffer_minutes"
    assert settings.options.max_retries == 2
    assert content(path) == b"{}"


async def test_what_the_environment_sets_does_not_get_into_the_file(path: Path) -> None:
    settings = await loaded(path, b"{}", REFRESH_BUFFER_MINUTES="12")
    await settings.change({"max_retries": 5})
    assert json.loads(content(path)) == {"max_retries": 5}
    assert settings.options == Options(max_retries=5, refresh_buffer_minutes=12)


BROKER = {
    "MQTT_HOST": " broker.lan ",
    "MQTT_PORT": "8883",
    "MQTT_USERNAME": "gateway",
    "MQTT_PASSWORD": "s3cret",
}


async def test_the_environment_sets_the_broker_and_leaves_the_rest_of_the_group(path: Path) -> None:
    in_file = {"mqtt": {"host": "other.lan", "port": 1, "base_topic": "locks"}}
    settings = await loaded(path, json.dumps(in_file).encode(), **BROKER)
    assert settings.options.mqtt == MqttOptions(
        host="broker.lan", port=8883, username="gateway", password="s3cret", base_topic="locks"
    )
    assert settings.problems == ()
    assert settings.env_overrides == {"mqtt.host", "mqtt.port", "mqtt.username", "mqtt.password"}


@pytest.mark.parametrize("variable", BROKER)
async def test_a_setting_of_a_group_that_the_environment_sets_cannot_be_changed(
    path: Path, variable: str
) -> None:
    settings = await loaded(path, b"{}", **{variable: BROKER[variable]})
    name = variable.partition("_")[2].lower()
    changes = {"mqtt": {"base_topic": "locks", name: 17 if name == "port" else "other"}}
    with pytest.raises(OptionsError, match="set by the environment") as raised:
        await settings.change(changes)
    assert raised.value.field == f"mqtt.{name}"
    assert content(path) == b"{}"


async def test_the_rest_of_a_group_is_saved_without_what_the_environment_sets(path: Path) -> None:
    settings = await loaded(path, b"{}", **BROKER)
    await settings.change({"mqtt": {"base_topic": "locks"}})
    assert json.loads(content(path)) == {"mqtt": {"base_topic": "locks"}}
    assert settings.options.mqtt.host == "broker.lan"


@pytest.mark.parametrize("port", ["many", "0", "65536", "-1"])
async def test_a_port_that_makes_no_sense_is_said_and_the_default_used(
    path: Path, port: str
) -> None:
    settings = await loaded(path, b"{}", MQTT_PORT=port)
    assert settings.options.mqtt.port == 1883
    assert "mqtt.port" in settings.problems[0]


async def test_a_change_is_in_the_file_and_in_force_and_is_told(path: Path) -> None:
    settings = await loaded(path, b'{"client_id": "abc", "colour": "red"}')
    told: list[Options] = []
    settings.changed.subscribe(told.append)
    await settings.change({"max_retries": 5})
    assert told == [Options(client_id="abc", max_retries=5)]
    assert json.loads(content(path)) == {"client_id": "abc", "colour": "red", "max_retries": 5}
    assert (await loaded(path)).options == settings.options
    assert mode(path) == 0o600


async def test_a_change_cures_the_problem_it_is_about(path: Path) -> None:
    settings = await loaded(path, b'{"max_retries": 99}')
    assert settings.problems
    await settings.change({"max_retries": 5})
    assert settings.problems == ()


async def test_a_bad_change_changes_nothing_anywhere(path: Path) -> None:
    settings = await loaded(path, b'{"max_retries": 3}')
    with pytest.raises(OptionsError) as raised:
        await settings.change({"client_id": "abc", "max_retries": 11})
    assert raised.value.field == "max_retries"
    assert settings.options == Options(max_retries=3)
    assert content(path) == b'{"max_retries": 3}'


class FullKeeper:
    """Reads well and has no room left."""

    async def load(self) -> Mapping[str, Any]:
        return {"max_retries": 3}

    async def save(self, raw: Mapping[str, Any]) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), raw)


async def test_a_change_that_cannot_be_saved_is_not_in_force() -> None:
    settings = Settings(FullKeeper(), {})
    await settings.load()
    with pytest.raises(OptionsError, match=r"No space left on device.*nothing was changed"):
        await settings.change({"max_retries": 5})
    assert settings.options == Options(max_retries=3)


async def test_changes_made_at_once_are_all_kept(path: Path) -> None:
    settings = await loaded(path, b"{}")
    changes: list[dict[str, Any]] = [{"max_retries": 1}, {"client_id": "a"}, {"scope": "s"}]
    await asyncio.gather(*(settings.change(change) for change in changes))
    assert json.loads(content(path)) == {"max_retries": 1, "client_id": "a", "scope": "s"}


async def test_a_password_of_any_letters_is_kept_or_refused_by_name(path: Path) -> None:
    settings = await loaded(path, b"{}")
    await settings.change({"email": {"password": "pässwörd ✓"}})
    assert (await loaded(path)).options.email.password == "pässwörd ✓"
    with pytest.raises(OptionsError):
        await settings.change({"email": {"password": "half a pair: \ud800"}})

"""Every option has limits, and whoever crosses one is told in a sentence."""

from dataclasses import fields, replace
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given

from tests.utec.given import ANY_JSON, THOROUGHLY
from utec_gateway.core.errors import OptionsError
from utec_gateway.options.changes import change_options, read_options
from utec_gateway.options.schema import (
    OPTION_NAMES,
    VALIDATORS,
    EmailOptions,
    MqttOptions,
    Options,
)

LIMITS = [
    ("refresh_buffer_minutes", 1, 60, 5),
    ("renew_every_hours", 0, 168, 24),
    ("max_retries", 0, 10, 2),
    ("poll_interval_seconds", 10, 3600, 15),
    ("stale_after_seconds", 5, 3600, 60),
]
FLAG_LIKE: list[Any] = ["true", "", 0, 1, None, []]
FLAGS = ["auto_refresh_enabled", "notify_home_assistant"]
ADDRESSES = ["api_base_url", "oauth_base_url", "redirect_uri"]


def problem(name: str, value: Any, field: str = "") -> str:
    """Return why a value is refused, at the option or at a field in its group."""
    with pytest.raises(OptionsError) as raised:
        change_options(Options(), {name: value})
    assert raised.value.field == (field or name)
    return raised.value.problem


def taken(name: str, value: Any) -> Any:
    """Return what a value was read as."""
    return getattr(change_options(Options(), {name: value}), name)


def test_every_option_can_be_read_and_nothing_else() -> None:
    assert set(VALIDATORS) == set(OPTION_NAMES) == {option.name for option in fields(Options)}


@pytest.mark.parametrize(("name", "low", "high", "default"), LIMITS)
def test_a_number_is_taken_within_its_limits_and_not_beyond(
    name: str, low: int, high: int, default: int
) -> None:
    assert getattr(Options(), name) == default
    for value in (low, default, high):
        assert taken(name, value) == value
    for value in (low - 1, high + 1, -1, 10**30):
        assert problem(name, value) == f"must be a whole number from {low} to {high}"


@pytest.mark.parametrize("name", [name for name, *_ in LIMITS])
@pytest.mark.parametrize("value", [True, "30", 30.0, None, [30], float("nan")])
def test_what_only_looks_like_a_whole_number_is_refused(name: str, value: Any) -> None:
    assert "whole number" in problem(name, value)


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false_and_nothing_in_between(name: str) -> None:
    assert taken(name, value=False) is False
    assert taken(name, value=True) is True
    for value in FLAG_LIKE:
        assert problem(name, value) == "must be true or false"


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "value",
    ["https://api.u-tec.com", "http://localhost:9501", "http://[::1]:8000/a?b=c", "HTTPS://x.y"],
)
def test_an_address_is_taken(name: str, value: str) -> None:
    assert taken(name, f" {value}\n") == value


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://locks.example.com/ ", "https://locks.example.com"),
        ("https://example.com/utec/", "https://example.com/utec"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("", ""),
        (" ", ""),
    ],
)
def test_pushes_go_to_an_address_that_a_path_can_be_added_to_or_to_none(
    typed: str, kept: str
) -> None:
    assert taken("push_url", typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["locks.example.com", "https://x/?a=b", "https://x/#a", "https://me:word@x.example", "/", None],
)
def test_pushes_go_to_no_other_address(typed: Any) -> None:
    assert problem("push_url", typed).startswith("must be ")


def test_options_of_a_version_that_knew_no_pushes_leave_them_off() -> None:
    options, problems = read_options({"client_id": "abc"})
    assert (options.push, options.push_url, problems) == ("disabled", "", ())


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "value",
    [
        "",
        "u-tec.com",
        "ftp://u-tec.com",
        "https://",
        "https:///path",
        "https://a b",
        "https://x:0",
        "https://x:70000",
        "https://x:port",
        "http://[::1",
        "javascript:alert(1)",
        "https://x\r\nHost: y",
        None,
        5,
        ["https://x"],
    ],
)
def test_what_is_no_address_is_refused(name: str, value: Any) -> None:
    assert problem(name, value).startswith("must be ")


def test_an_address_loses_its_last_slash_and_a_redirect_keeps_every_letter() -> None:
    assert taken("api_base_url", "https://x.y/") == "https://x.y"
    assert taken("oauth_base_url", "https://x.y/z//") == "https://x.y/z"
    assert taken("redirect_uri", "http://localhost:9501/") == "http://localhost:9501/"


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_a_credential_is_pasted_with_spaces_around_it_but_never_in_it(name: str) -> None:
    assert taken(name, "  abc-DEF\n") == "abc-DEF"
    assert taken(name, "") == ""
    assert "copy it again" in problem(name, "abc def")
    for value in (None, 5, b"abc"):
        assert problem(name, value) == "must be text"


@pytest.mark.parametrize("name", ["client_id", "client_secret", "scope", "action_path"])
@pytest.mark.parametrize("value", ["/a\nb", "/a\x00b", "/a\x1b[31mb", "/a\ud800b"])
def test_text_is_one_printable_line(name: str, value: str) -> None:
    assert problem(name, value) == "must be one line of text"


@pytest.mark.parametrize(("value", "fits"), [("/action", True), ("/", True), ("/a/b?c", True)])
def test_a_path_begins_with_a_slash(value: str, *, fits: bool) -> None:
    assert (taken("action_path", value) == value) is fits
    for wrong in ("action", "", "/a b", "https://x/action", None):
        assert "must be" in problem("action_path", wrong)


def test_a_log_level_is_one_of_four_words_in_any_case() -> None:
    assert taken("log_level", "DEBUG") == "debug"
    for value in ("loud", "", None, 10, ["info"]):
        assert problem("log_level", value) == "must be one of debug, info, warning, error"


def test_networks_are_taken_with_and_without_a_mask() -> None:
    found = taken("trusted_networks", ["192.168.1.7/24", "10.0.0.1", " fd00::/8 "])
    assert found == tuple(map(ip_network, ("192.168.1.0/24", "10.0.0.1/32", "fd00::/8")))
    assert taken("trusted_networks", []) == ()


@pytest.mark.parametrize("value", [None, "10.0.0.0/8", ["10.0.0.0/99"], ["home"], [5], [None], {}])
def test_what_is_no_list_of_networks_is_refused_with_an_example(value: Any) -> None:
    assert "such as 192.168.1.0/24" in problem("trusted_networks", value)


EMAIL = {
    "enabled": True,
    "smtp_host": "smtp.example.com",
    "smtp_port": 465,
    "encryption": "TLS",
    "username": "me",
    "password": " every character counts ",
    "sender": "me@example.com",
    "recipients": ["you@example.com"],
}


def test_e_mail_settings_are_taken_with_the_password_letter_by_letter() -> None:
    expected = {**EMAIL, "encryption": "tls", "recipients": ("you@example.com",)}
    assert taken("email", EMAIL) == EmailOptions(**expected)  # type: ignore[arg-type]
    assert taken("email", {}) == EmailOptions()


def test_a_setting_that_a_group_does_not_have_is_refused_by_name() -> None:
    assert problem("email", {"foo": 1}, "email.foo") == "there is no such option"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enabled", "yes"),
        ("smtp_host", 5),
        ("smtp_port", 0),
        ("smtp_port", 65536),
        ("smtp_port", "587"),
        ("encryption", "ssl"),
        ("username", None),
        ("password", 1234),
        ("sender", ["me"]),
        ("recipients", "you@example.com"),
        ("recipients", [5]),
    ],
)
def test_one_bad_e_mail_setting_refuses_the_change_by_its_own_name(name: str, value: Any) -> None:
    assert problem("email", {**EMAIL, name: value}, f"email.{name}").startswith("must be")


@pytest.mark.parametrize("name", EMAIL)
def test_nothing_is_no_value_and_wipes_nothing(name: str) -> None:
    assert problem("email", {name: None}, f"email.{name}").startswith("must be")


def test_what_a_change_of_a_group_does_not_name_stays() -> None:
    before = change_options(Options(), {"email": EMAIL})
    after = change_options(before, {"email": {"enabled": False}})
    assert after == replace(before, email=replace(before.email, enabled=False))
    assert change_options(before, {"email": {}}) == before


def test_one_bad_setting_of_a_group_in_the_file_costs_that_setting_and_is_said() -> None:
    options, problems = read_options({"email": {**EMAIL, "smtp_port": 0, "colour": "red"}})
    assert options.email == change_options(Options(), {"email": {**EMAIL, "smtp_port": 587}}).email
    assert [sentence.partition(" is ignored")[0] for sentence in problems] == [
        'The option "email.smtp_port"',
        'The option "email.colour"',
    ]


@pytest.mark.parametrize("value", [None, "me@example.com", [], 5])
def test_e_mail_settings_are_a_group(value: Any) -> None:
    assert problem("email", value) == "must be a group of settings"


MQTT = {
    "mode": "Enabled",
    "host": " broker.lan ",
    "port": 8883,
    "username": "gateway",
    "password": " every character counts ",
    "encryption": "TLS",
    "ca_certificate": "/config/ca.pem",
    "version": "5",
    "discovery_prefix": "/home/assistant/",
    "base_topic": "locks/upstairs",
    "allow_unlock": False,
}


def test_mqtt_settings_are_taken_with_the_password_letter_by_letter() -> None:
    expected: dict[str, Any] = {
        **MQTT,
        "mode": "enabled",
        "host": "broker.lan",
        "encryption": "tls",
        "discovery_prefix": "home/assistant",
    }
    assert taken("mqtt", MQTT) == MqttOptions(**expected)
    assert taken("mqtt", {}) == MqttOptions()


def test_options_of_a_version_that_knew_no_mqtt_are_read() -> None:
    options, problems = read_options({"client_id": "abc"})
    assert (options.mqtt, problems) == (MqttOptions(), ())


@pytest.mark.parametrize(
    "host",
    ["mqtt://broker.lan", "broker.lan/path", "me@broker.lan", "a b", "broker#1", "a\nb", None, 5],
)
def test_a_broker_is_named_without_anything_around_it(host: Any) -> None:
    assert problem("mqtt", {"host": host}, "mqtt.host").startswith("must be")


@pytest.mark.parametrize("host", ["", "broker.lan", "192.168.1.5", "fd00::17", "core-mosquitto"])
def test_a_broker_has_a_name_or_an_address_or_there_is_none(host: str) -> None:
    assert taken("mqtt", {"host": f" {host} "}).host == host


@pytest.mark.parametrize("name", ["discovery_prefix", "base_topic"])
@pytest.mark.parametrize(
    "value", ["", "/", "a/+/b", "a/#", "$SYS", "a//b", "two words", "x" * 101, "a\x00", None, 5]
)
def test_what_cannot_begin_a_topic_is_refused(name: str, value: Any) -> None:
    assert problem("mqtt", {name: value}, f"mqtt.{name}").startswith("must be")


@pytest.mark.parametrize(("name", "value"), [("port", 65536), ("mode", "on"), ("version", "3.1")])
def test_one_bad_mqtt_setting_refuses_the_change_by_its_own_name(name: str, value: Any) -> None:
    assert problem("mqtt", {**MQTT, name: value}, f"mqtt.{name}").startswith("must be")


def test_changes_are_taken_together_or_not_at_all() -> None:
    before = Options(max_retries=3)
    with pytest.raises(OptionsError, match="poll_interval_seconds: must be"):
        change_options(before, {"max_retries": 5, "poll_interval_seconds": 1})
    after = change_options(before, {"max_retries": 5, "poll_interval_seconds": 10})
    assert after == replace(before, max_retries=5, poll_interval_seconds=10)
    assert before == Options(max_retries=3)


def test_an_option_that_does_not_exist_is_refused_by_name() -> None:
    assert problem("poll_intervall", 30) == "there is no such option"


def test_one_bad_option_in_the_file_costs_that_option_and_is_said() -> None:
    options, problems = read_options({"max_retries": 99, "client_id": "abc", "colour": "red"})
    assert options == Options(client_id="abc")
    assert len(problems) == 2
    assert problems[0] == (
        'The option "max_retries" is ignored, its default is used: '
        "must be a whole number from 0 to 10"
    )


def test_a_picture_that_goes_stale_between_two_polls_is_warned_of() -> None:
    for stale, poll, count in ((60, 60, 0), (59, 60, 1), (120, 30, 0)):
        _, problems = read_options({"stale_after_seconds": stale, "poll_interval_seconds": poll})
        assert len(problems) == count


@THOROUGHLY
@given(ANY_JSON)
def test_any_json_as_any_option_is_taken_or_refused_in_a_sentence(value: Any) -> None:
    options, problems = read_options(dict.fromkeys(VALIDATORS, value))
    assert isinstance(options, Options)
    assert all(sentence.startswith("The option") for sentence in problems[: len(VALIDATORS)])


def test_no_secret_shows_when_options_are_printed() -> None:
    options = Options(
        client_secret="s3cret",
        email=EmailOptions(password="pa55word"),
        mqtt=MqttOptions(password="br0ker"),
    )
    assert "s3cret" not in repr(options)
    assert "br0ker" not in repr(options)
    assert "pa55word" not in repr(options)


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "redirect_uri"])
def test_signing_in_needs_all_three_credentials(missing: str) -> None:
    options = Options(client_id="id", client_secret="secret")
    assert options.can_sign_in
    changes: dict[str, Any] = {missing: ""}
    assert not replace(options, **changes).can_sign_in


@pytest.mark.parametrize(("interval", "stale"), [(15, 60), (30, 60), (90, 180), (3600, 3600)])
def test_a_lock_is_shown_between_two_polls_whatever_interval_was_chosen(
    interval: int, stale: int
) -> None:
    options, problems = read_options({"poll_interval_seconds": interval})
    assert (options.poll_interval_seconds, options.stale_after_seconds) == (interval, stale)
    assert problems == ()


def test_a_limit_of_ones_own_is_kept() -> None:
    chosen = {"poll_interval_seconds": 90, "stale_after_seconds": 100}
    assert read_options(chosen)[0].stale_after_seconds == 100

"""Moving in from the older gateways: what makes sense comes along, the file stays untouched."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.utec.given import ANY_JSON, damaged
from utec_gateway.options.changes import read_options
from utec_gateway.storage.legacy import Legacy, read_legacy
from utec_gateway.storage.state import State, parse_state

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
OLD = {
    "base_url": "https://api.u-tec.com",
    "oauth_base_url": "https://oauth.u-tec.com",
    "action_path": "/action",
    "access_key": "client-1",
    "secret_key": "secret-1",
    "scope": "openapi",
    "redirect_url": "http://localhost:9501",
    "access_token": "a1",
    "refresh_token": "r1",
    "token_type": "Bearer",
    "token_expires_in": 601200,
    "log_level": "INFO",
    "status_poll_interval": 60,
}
NEWER = {
    "api_base_url": "https://api.u-tec.com",
    "oauth_base_url": "https://oauth.u-tec.com",
    "access_key": "client-2",
    "secret_key": "secret-2",
    "redirect_uri": "https://example.com/back",
    "access_token": "a2",
    "refresh_token": "r2",
    "token_expires_at": "2026-01-09T08:30:00.123456",
    "auto_refresh_enabled": False,
    "refresh_buffer_minutes": 10,
    "status_poll_interval": 120,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.json"


def read(path: Path, content: Any) -> Legacy:
    path.write_text(json.dumps(content), "utf-8")
    found = read_legacy(path, NOW)
    assert found
    return found


def test_without_an_older_gateway_there_is_nothing(path: Path) -> None:
    assert read_legacy(path, NOW) is None


def test_generation_1_3_brings_its_settings_and_a_sign_in_to_renew_at_once(path: Path) -> None:
    found = read(path, OLD)
    assert found.options == {
        "api_base_url": "https://api.u-tec.com",
        "oauth_base_url": "https://oauth.u-tec.com",
        "action_path": "/action",
        "client_id": "client-1",
        "client_secret": "secret-1",
        "scope": "openapi",
        "redirect_uri": "http://localhost:9501",
        "poll_interval_seconds": 60,
    }
    assert found.token
    assert (found.token.access_token, found.token.refresh_token) == ("a1", "r1")
    assert found.token.is_expired(NOW)


def test_generation_1_5_brings_its_settings_and_its_dates_which_are_utc(path: Path) -> None:
    found = read(path, NEWER)
    assert found.options == {
        "api_base_url": "https://api.u-tec.com",
        "oauth_base_url": "https://oauth.u-tec.com",
        "client_id": "client-2",
        "client_secret": "secret-2",
        "redirect_uri": "https://example.com/back",
        "poll_interval_seconds": 120,
        "auto_refresh_enabled": False,
        "refresh_buffer_minutes": 10,
    }
    assert found.token
    assert found.token.expires_at == datetime(2026, 1, 9, 8, 30, 0, 123456, tzinfo=UTC)
    assert found.token.issued_at == NOW
    assert not found.token.is_expired(NOW)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-09T08:30:00", datetime(2026, 1, 9, 8, 30, tzinfo=UTC)),
        ("2026-01-09T08:30:00Z", datetime(2026, 1, 9, 8, 30, tzinfo=UTC)),
        ("2026-01-09T10:30:00+02:00", datetime(2026, 1, 9, 8, 30, tzinfo=UTC)),
        ("2025-01-01T00:00:00", datetime(2025, 1, 1, tzinfo=UTC)),
        ("soon", NOW),
        ("", NOW),
        (None, NOW),
        (1767602400, NOW),
        ([], NOW),
    ],
)
def test_an_expiry_that_cannot_be_read_is_now(written: Any, meant: datetime, path: Path) -> None:
    token = read(path, {**NEWER, "token_expires_at": written}).token
    assert token
    assert token.expires_at == meant
    assert token.issued_at <= min(NOW, meant)


@pytest.mark.parametrize("token", [None, "", 5, ["a"], {"a": "b"}])
def test_without_an_access_token_there_is_no_sign_in_but_there_are_settings(
    token: Any, path: Path
) -> None:
    found = read(path, {**NEWER, "access_token": token})
    assert found.token is None
    assert found.options["client_id"] == "client-2"


@pytest.mark.parametrize("token", [None, "", 5, ["r"]])
def test_a_refresh_token_that_is_none_comes_along_as_none(token: Any, path: Path) -> None:
    found = read(path, {**NEWER, "refresh_token": token})
    assert found.token
    assert found.token.refresh_token is None


@pytest.mark.parametrize(
    "never_real", ["https://openapi.ultraloq.com", "https://openapi.u-tec.com/"]
)
def test_an_address_that_never_answered_is_left_behind(never_real: str, path: Path) -> None:
    assert "api_base_url" not in read(path, {**OLD, "base_url": never_real}).options


def test_a_setting_out_of_limits_is_left_behind_and_said(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = read(path, {**NEWER, "status_poll_interval": 5, "access_key": ["x"], "scope": ""})
    assert "poll_interval_seconds" not in found.options
    assert "client_id" not in found.options
    assert "scope" not in found.options
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "status_poll_interval is left behind: must be" in caplog.text


def test_no_secret_is_said_when_one_is_left_behind(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    read(path, {**NEWER, "secret_key": "s3cret with spaces", "access_key": "k3y\n"})
    assert "s3cret" not in caplog.text
    assert "k3y" not in caplog.text


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000]
)
def test_rubbish_is_left_behind_and_said(
    content: bytes, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(content)
    assert read_legacy(path, NOW) is None
    assert len(caplog.records) == 1
    assert path.read_bytes() == content


def test_the_file_is_left_untouched(path: Path) -> None:
    path.write_text(json.dumps(OLD), "utf-8")
    path.chmod(0o444)
    before = path.stat()
    read_legacy(path, NOW)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_mode) == (after.st_mtime_ns, after.st_mode)
    assert json.loads(path.read_text("utf-8")) == OLD
    assert list(path.parent.iterdir()) == [path]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=ANY_JSON | damaged((OLD, NEWER)))
def test_whatever_comes_along_can_be_used_and_kept(raw: Any, path: Path) -> None:
    path.write_text(json.dumps(raw), "utf-8")
    found = read_legacy(path, NOW)
    if found is None:
        return
    _, problems = read_options(found.options)
    assert [sentence for sentence in problems if "is ignored" in sentence] == []
    assert parse_state(State("key", token=found.token).to_json()).token == found.token


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_sign_in_with_a_date_at_the_end_of_time_can_be_used_and_kept(
    written: str, path: Path
) -> None:
    token = read(path, {**NEWER, "token_expires_at": written}).token
    assert token
    token.refresh_due_at(timedelta(minutes=5), timedelta(hours=24))
    assert parse_state(State("key", token=token).to_json()).token

"""`utec-gateway login-link`, and the link that a new gateway prints: the way in for its owner."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from tests.contract.test_command_line import health, started
from tests.ports import free_port

LINK = re.compile(r"^(http://[^/]+)(/login)\?once=([\w-]{20,})$", re.MULTILINE)


class Invitation(NamedTuple):
    """What was printed, and the link in it."""

    home: str
    word: str
    text: str


def invitation_in(text: str) -> Invitation:
    found = LINK.search(text)
    assert found, text
    assert "once, within 15 minutes" in text
    return Invitation(found[1], found[3], text)


def login_link(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "utec_gateway", "login-link", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def log_in(invitation: Invitation) -> tuple[int, str]:
    """Press the button of the page that the link opens; return status and cookie."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection(invitation.home.removeprefix("http://"))) as connection:
        connection.request("POST", "/login", urlencode({"once": invitation.word}), form)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Set-Cookie", "")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[str]:
    """The port of a gateway that runs on the test's folder."""
    port = str(free_port())
    ports = ("--api-port", port, "--panel-port", "0")
    with started("--data-dir", str(tmp_path), *ports, UTEC_PANEL_LOGIN="always") as line:
        assert health(line)
        yield port


def test_a_link_is_printed_that_opens_the_panel_once(gateway: str, tmp_path: Path) -> None:
    first = login_link("--data-dir", str(tmp_path), "--api-port", gateway)
    assert (first.returncode, first.stderr) == (0, "")
    invitation = invitation_in(first.stdout)
    assert invitation.home == f"http://localhost:{gateway}"
    status, cookie = log_in(invitation)
    assert (status, cookie.partition("=")[0]) == (303, "utec_gateway_session")
    assert log_in(invitation) == (403, "")
    second = login_link(UTEC_DATA_DIR=str(tmp_path), UTEC_API_PORT=gateway, UTEC_BIND="0.0.0.0")
    assert invitation_in(second.stdout).word != invitation.word


def test_a_proxy_in_the_environment_does_not_get_to_see_the_key(
    gateway: str, tmp_path: Path
) -> None:
    proxy = "http://127.0.0.1:9"
    answer = login_link("--data-dir", str(tmp_path), "--api-port", gateway, http_proxy=proxy)
    assert answer.returncode == 0, answer.stderr


def test_a_listener_on_one_address_is_asked_there_and_named_so(tmp_path: Path) -> None:
    port, bind = str(free_port()), "127.0.0.3"
    with started(
        "--data-dir", str(tmp_path), "--api-port", port, "--panel-port", "0", "--bind", bind
    ):
        answer = login_link("--data-dir", str(tmp_path), "--api-port", port, UTEC_BIND=bind)
    assert invitation_in(answer.stdout).home == f"http://{bind}:{port}"


def test_where_no_gateway_runs_that_is_said(gateway: str, tmp_path: Path) -> None:
    other = str(free_port())
    answer = login_link("--data-dir", str(tmp_path), "--api-port", other)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith(f"No gateway answers on port {other}: ")
    assert "Traceback" not in answer.stderr
    assert gateway != other


def test_where_no_gateway_ever_ran_that_is_said(tmp_path: Path) -> None:
    answer = login_link("--data-dir", str(tmp_path / "nothing"))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"No gateway has run with the data folder {tmp_path / 'nothing'} yet\n"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"key": 1}'])
def test_a_state_that_cannot_be_read_is_said_without_a_traceback(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "state.json").write_text(content)
    answer = login_link("--data-dir", str(tmp_path))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"The gateway's state in {tmp_path} cannot be read: ")
    assert "Traceback" not in answer.stderr


def test_the_key_itself_is_not_printed(gateway: str, tmp_path: Path) -> None:
    key = json.loads((tmp_path / "state.json").read_text())["api_key"]
    answer = login_link("--data-dir", str(tmp_path), "--api-port", gateway)
    assert key not in answer.stdout + answer.stderr


def test_a_program_that_is_no_gateway_gives_no_link(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"api_key": "a key"}')
    web_server = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    with subprocess.Popen(
        web_server, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as other:
        assert other.stdout
        found = re.search(r"port (\d+)", other.stdout.readline())
        assert found
        answer = login_link("--data-dir", str(tmp_path), "--api-port", found[1])
        other.terminate()
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"The gateway on port {found[1]} gave no link: ")

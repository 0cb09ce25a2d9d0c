import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from utec_gateway.command_line import parse_arguments

STOPS_WITHIN = 30


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator[str]:
    """Start the program, hand out its first line of output, stop it as Docker does."""
    with subprocess.Popen(
        [sys.executable, "-m", "utec_gateway", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdout is not None
        try:
            yield program.stdout.readline()
        finally:
            program.send_signal(signal.SIGTERM)
            program.stdout.read()
        assert program.wait(STOPS_WITHIN) == 0


def health(first_line: str) -> Any:
    """Ask the API port, the first one that the line names."""
    found = re.search(r":(\d+)", first_line)
    assert found is not None, first_line
    address = f"http://127.0.0.1:{found[1]}/health"
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def test_any_free_port_is_announced_on_the_first_line(tmp_path: Path) -> None:
    with started("--data-dir", str(tmp_path), "--api-port", "0", "--panel-port", "0") as line:
        assert health(line)["status"] == "ok"
    assert (tmp_path / "gateway.log").exists()


@pytest.mark.parametrize("mode", [(), ("--demo",)], ids=["real", "demo"])
def test_a_data_folder_that_is_not_there_is_made(tmp_path: Path, mode: tuple[str, ...]) -> None:
    folder = tmp_path / "new" / "data"
    with started(*mode, "--data-dir", str(folder), "--api-port", "0", "--panel-port", "0") as line:
        assert health(line)["status"] == "ok"
    assert (folder / "gateway.log").exists()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_environment_configures_a_container(tmp_path: Path) -> None:
    settings = {
        "UTEC_DATA_DIR": str(tmp_path),
        "UTEC_API_PORT": "0",
        "UTEC_PANEL_PORT": "0",
        "UTEC_BIND": "127.0.0.1",
        "AUTO_REFRESH_ENABLED": "false",
    }
    with started(**settings) as line:
        assert health(line)["auto_refresh_enabled"] is False
    assert (tmp_path / "gateway.log").exists()


def test_a_broken_options_file_does_not_keep_the_program_down(tmp_path: Path) -> None:
    (tmp_path / "options.json").write_text("{")
    with started("--data-dir", str(tmp_path), "--api-port", "0", "--panel-port", "0") as line:
        assert health(line)["health"] == "setup_required"


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("broker.lan", "broker.lan", 1883),
        ("192.168.1.5:8883", "192.168.1.5", 8883),
        ("[fd00::5]:1884", "fd00::5", 1884),
        ("[fd00::5]", "fd00::5", 1883),
    ],
)
def test_the_demo_takes_a_broker(given: str, host: str, port: int) -> None:
    arguments = parse_arguments(["--demo", "--mqtt", given], {})
    assert arguments.mqtt == {"mode": "enabled", "host": host, "port": port}


@pytest.mark.parametrize(
    "given",
    [
        *("", ":1883", "broker:many", "broker:0", "broker:70000", "a:1:2", "[fd00::5"),
        *("mqtt://broker", "me@broker", "broker/path", "broker#1", "two words"),
    ],
)
def test_what_is_no_broker_ends_with_a_sentence(
    given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--demo", "--mqtt", given], {})
    assert "give a host, or a host and a port: 192.168.1.5:1883" in capsys.readouterr().err


def test_a_broker_without_the_demo_is_an_option_and_not_an_argument() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "utec_gateway", "--mqtt", "broker.lan"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert found.stderr == "--mqtt is for the demo (--demo); a gateway has the option mqtt.host\n"

"""The longrun's own `run` and `finish` under real s6, with stand-ins for s6-overlay's parts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.addon.manifest import ROOT
from tests.addon.programs import needs

SERVICE = ROOT / "rootfs/etc/s6-overlay/s6-rc.d/utec-gateway"
GATEWAY = f"{sys.executable} -u -m utec_gateway"
PATIENCE = 60.0

pytestmark = needs("s6-svscan")


class Supervised:
    """A service folder under s6-svscan, its absolute paths moved into a folder of the test."""

    def __init__(self, folder: Path, program: str) -> None:
        self.exit_code = folder / "exitcode"
        self.halted = folder / "halted"
        self.folder = folder
        self.service = folder / "scan/utec-gateway"
        self.service.mkdir(parents=True)
        moved = {
            "#!/command/with-contenv sh": "#!/bin/sh",
            "s6-setuidgid utec python3 -u -m utec_gateway": program,
            "/run/s6-linux-init-container-results/exitcode": str(self.exit_code),
            "/run/s6/basedir/bin/halt": f"touch {self.halted}",
        }
        for name in ("run", "finish"):
            text = (SERVICE / name).read_text()
            for original, stand_in in moved.items():
                text = text.replace(original, stand_in)
            (self.service / name).write_text(text)
            (self.service / name).chmod(0o755)
        with (folder / "output").open("w") as output:
            self._scan = subprocess.Popen(
                ["s6-svscan", str(folder / "scan")],
                stdout=output,
                stderr=output,
                env=os.environ | environment(folder),
            )

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def address(self) -> str:
        wait_for(lambda: "(panel on" in self.output())
        return self.output().partition(" on ")[2].split()[0]

    def control(self, flag: str) -> None:
        subprocess.run(["s6-svc", flag, str(self.service)], check=True)

    def pid(self) -> int:
        shown = subprocess.run(
            ["s6-svstat", "-o", "pid", str(self.service)],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(shown.stdout)

    def end(self) -> None:
        subprocess.run(["s6-svscanctl", "-t", str(self.folder / "scan")], check=False)
        self._scan.wait(PATIENCE)


def environment(folder: Path) -> dict[str, str]:
    return {
        "UTEC_DATA_DIR": str(folder),
        "UTEC_API_PORT": "0",
        "UTEC_PANEL_PORT": "0",
        "PYTHONPATH": str(ROOT),
    }


def wait_for(happened: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE  # noqa: TID251 - a real process takes real time
    while not happened():
        assert time.monotonic() < end, "it did not happen"  # noqa: TID251
        time.sleep(0.02)  # noqa: TID251


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    started: list[Supervised] = []

    def start(program: str) -> Supervised:
        started.append(Supervised(tmp_path, program))
        return started[-1]

    yield start
    for service in started:
        service.end()


def test_the_service_answers_and_stops_cleanly_when_told(
    supervise: Callable[[str], Supervised],
) -> None:
    service = supervise(GATEWAY)
    with urlopen(f"{service.address()}/health", timeout=PATIENCE) as answer:  # noqa: S310
        assert json.load(answer)["health"] == "setup_required"
    service.control("-d")
    wait_for(lambda: service.pid() == -1)
    events = subprocess.run(
        ["s6-svstat", "-o", "exitcode,signal", str(service.service)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert events.stdout.split()[0] == "0"
    assert not service.halted.exists()


def test_a_crash_hands_its_code_on_and_stops_the_container(
    supervise: Callable[[str], Supervised],
) -> None:
    service = supervise("sh -c 'exit 7'")
    wait_for(service.halted.exists)
    assert service.exit_code.read_text().strip() == "7"
    assert "ended with code 7" in service.output()


def test_a_port_in_use_is_said_and_ends_with_a_code(
    supervise: Callable[[str], Supervised],
) -> None:
    service = supervise(f"{GATEWAY} --bind 203.0.113.1")
    wait_for(service.halted.exists)
    assert service.exit_code.read_text().strip() == "1"
    assert "Cannot listen on 203.0.113.1" in service.output()


def test_a_process_killed_for_want_of_memory_is_started_again(
    supervise: Callable[[str], Supervised],
) -> None:
    service = supervise(GATEWAY)
    service.address()
    before = service.pid()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: service.pid() not in {-1, before})
    assert not service.halted.exists()
    assert service.exit_code.read_text().strip() == str(128 + signal.SIGKILL)

"""The image has no compiler, so every pinned requirement must come as a wheel for it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.addon.manifest import ROOT

PYTHON = "3.14"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_image_needs_no_compiler(machine: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    resolved = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--dry-run", "--ignore-installed", "--report", str(report)),
            *("--target", str(tmp_path / "nowhere"), "--only-binary=:all:"),
            *("--python-version", PYTHON, "--implementation", "cp"),
            *("--platform", f"musllinux_1_2_{machine}", "--platform", f"musllinux_1_1_{machine}"),
            *("--requirement", str(ROOT / "requirements.txt")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert resolved.returncode == 0, resolved.stderr
    wheels = [
        item["download_info"]["url"].rpartition("/")[2]
        for item in json.loads(report.read_text())["install"]
    ]
    assert any(f"musllinux_1_2_{machine}" in wheel for wheel in wheels)
    assert all(wheel.partition("#")[0].endswith(".whl") for wheel in wheels)

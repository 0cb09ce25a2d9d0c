"""The tests run on the oldest Python that is promised, and on the one in the image."""

import re
import tomllib

import yaml

from tests.addon.manifest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OLDEST = PROJECT["requires-python"].removeprefix(">=")
(IMAGE,) = re.findall(
    r"^ARG BUILD_FROM=.*python:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text(), re.MULTILINE
)


def test_every_architecture_of_the_image_has_the_same_python() -> None:
    bases = yaml.safe_load((ROOT / "build.yaml").read_text())["build_from"].values()
    assert all(f"python:{IMAGE}-" in base for base in bases)


def test_a_change_is_tested_on_both() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yaml").read_text())
    matrix = workflow["jobs"]["check-and-test"]["strategy"]["matrix"]
    assert {OLDEST, IMAGE} <= set(matrix["python"])


def test_ci_insists_on_the_python_of_the_image_and_on_every_year() -> None:
    (line,) = re.findall(r"^scripts/test .*", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    assert line.split()[1:] == ["--with-home-assistant", "--with-image-python", "--years", "3"]

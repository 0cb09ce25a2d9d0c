"""What people who report or change something find: forms that GitHub accepts, the same checks."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FORMS = ROOT / ".github/ISSUE_TEMPLATE"
QUESTIONS = {"checkboxes", "dropdown", "input", "textarea"}


PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`((?:[a-z_]+/)+[\w.]*|[a-z_]+\.yaml)`", PAGE)))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def questions(form: str) -> list[Any]:
    return [part for part in load(FORMS / form)["body"] if part["type"] != "markdown"]


@pytest.mark.parametrize("form", ["bug.yml", "feature.yml"])
def test_github_accepts_the_form(form: str) -> None:
    assert all(load(FORMS / form)[key] for key in ("name", "description", "body"))
    asked = questions(form)
    assert {part["type"] for part in asked} <= QUESTIONS
    assert len({part["id"] for part in asked}) == len(asked)
    assert len({part["attributes"]["label"] for part in asked}) == len(asked)


def test_a_bug_report_must_tell_version_installation_and_diagnostics() -> None:
    needed = [part["id"] for part in questions("bug.yml") if "validations" in part]
    assert needed == ["what", "version", "installation", "diagnostics"]


def test_a_bug_report_warns_of_secrets_before_it_asks_for_anything() -> None:
    first, *_ = load(FORMS / "bug.yml")["body"]
    assert first["type"] == "markdown"
    for secret in ("state.json", "options.json", "key", "token", "code="):
        assert secret in first["attributes"]["value"]


def test_git_runs_the_same_checks_as_ci() -> None:
    (repo,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    assert [hook["entry"] for hook in repo["hooks"]] == ["scripts/check"]
    assert "run: scripts/check" in (ROOT / ".github/workflows/ci.yaml").read_text("utf-8")


@pytest.mark.parametrize("path", PATHS)
def test_what_a_contributor_is_sent_to_exists(path: str) -> None:
    assert (ROOT / path).exists()

"""Everything that is pinned is renewed, in pull requests that a person can read."""

import json
import re
from fnmatch import fnmatch
from typing import Any

import pytest

from tests.addon.manifest import ROOT, load
from tests.addon.test_tree import tracked

RENOVATE = json.loads((ROOT / ".github/renovate.json").read_text())
RULES: list[dict[str, Any]] = RENOVATE["packageRules"]
REQUIREMENTS = [path.name for path in tracked() if fnmatch(str(path), "requirements*.txt")]
(BASE,) = set(load("build.yaml")["build_from"].values())
DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirements_file_is_in_one_group(name: str) -> None:
    groups = [rule["groupName"] for rule in RULES if name in rule.get("matchFileNames", [])]
    assert len(groups) == 1


def test_images_and_actions_have_groups_and_are_pinned_by_digest() -> None:
    assert any(rule.get("matchDatasources") == ["docker"] for rule in RULES)
    assert any(rule.get("matchManagers") == ["github-actions"] for rule in RULES)
    wanted = {"docker:pinDigests", "helpers:pinGitHubActionDigestsToSemver"}
    assert wanted <= set(RENOVATE["extends"])


@pytest.mark.parametrize("digest", [None, DIGEST])
def test_the_base_image_in_the_build_file_is_found_with_and_without_a_digest(
    digest: str | None,
) -> None:
    (manager,) = RENOVATE["customManagers"]
    (expression,) = manager["matchStrings"]
    name, tag = BASE.partition("@")[0].split(":")
    pinned = f"{name}:{tag}" + (f"@{digest}" if digest else "")
    text = (ROOT / "build.yaml").read_text().replace(BASE, pinned)
    found = re.findall(expression.replace("(?<", "(?P<"), text)
    assert found == [(name, tag, digest or "")] * 2


def test_an_image_says_where_it_comes_from() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    source = re.findall(r'org\.opencontainers\.image\.source="(.*)"', recipe)
    assert source == [load("config.yaml")["url"]]
    assert "org.opencontainers.image.licenses=" in recipe
    workflow = (ROOT / ".github/workflows/release.yaml").read_text()
    assert "org.opencontainers.image.revision=${{ github.sha }}" in workflow

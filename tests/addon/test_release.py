"""A release is published first, and only then does the store hear of it."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.addon.manifest import ROOT, load
from tests.addon.test_tree import tracked

CONFIG = load("config.yaml")
RELEASE = load(".github/workflows/release.yaml")
WORKFLOWS = sorted((ROOT / ".github/workflows").iterdir())
VERSION = CONFIG["version"]
PINNED = re.compile(r"^\s+uses: [\w./-]+@[0-9a-f]{40} # v?\d[\w.]*$")


def plan(*arguments: str) -> dict[str, Any]:
    written = run(ROOT, ".ci/plan-images", *arguments)
    lines, _, tags = written.partition("tags<<end\n")
    values: dict[str, Any] = dict(line.split("=", 1) for line in lines.splitlines())
    return {**values, "tags": tags.split()[:-1]}


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def needed(job: str) -> set[str]:
    """Return every job that must have succeeded before this one begins."""
    needs = RELEASE["jobs"][job].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(needed(earlier) for earlier in direct))


def published(job: str) -> Mapping[str, Any]:
    settings: Mapping[str, Any]
    (settings,) = [
        step["with"]
        for step in RELEASE["jobs"][job]["steps"]
        if "home-assistant/builder" in step.get("uses", "")
    ]
    return settings


class Copy:
    """A small copy of this repository as a workflow has it, and the one that it pushes to."""

    def __init__(self, folder: Path) -> None:
        self.origin, self.clone = folder / "origin.git", folder / "clone"
        for name in (".ci", ".github", "translations"):
            shutil.copytree(ROOT / name, self.clone / name)
        for path in tracked():
            if len(path.parts) == 1:
                shutil.copy(ROOT / path, self.clone)
        run(folder, "git", "init", "--quiet", "--bare", str(self.origin))
        run(self.origin, "git", "config", "core.fsync", "none")
        run(self.clone, "git", "init", "--quiet")
        self.git("config", "core.fsync", "none")
        self.git("config", "user.name", "test")
        self.git("config", "user.email", "test@example.com")
        self.git("remote", "add", "origin", str(self.origin))
        self.commit("As it is now")

    def git(self, *arguments: str) -> str:
        return run(self.clone, "git", *arguments).strip()

    def commit(self, subject: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def move(self, channel: str, version: str) -> bool:
        moved = subprocess.run(
            [".ci/move-store", channel, version], cwd=self.clone, capture_output=True, check=False
        )
        return moved.returncode == 0

    def at(self, branch: str) -> str:
        return run(self.origin, "git", "rev-parse", branch).strip()

    def shown(self, branch: str, name: str) -> Any:
        return yaml.safe_load(run(self.origin, "git", "show", f"{branch}:{name}"))

    def files(self, branch: str) -> set[str]:
        return set(run(self.origin, "git", "ls-tree", "--name-only", branch).split())


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_release_is_stable_and_its_tag_is_the_version_of_the_manifest() -> None:
    assert plan("release", VERSION)["channel"] == "stable"
    assert plan("release", VERSION)["tags"] == [VERSION, "latest"]
    with pytest.raises(subprocess.CalledProcessError):
        plan("release", f"{VERSION}0")


def test_a_change_of_main_is_a_version_of_its_own_on_edge() -> None:
    planned = plan("push", "main", "7")
    assert planned["channel"] == "edge"
    assert planned["version"] == f"{VERSION}-edge.7"
    assert planned["tags"] == [f"{VERSION}-edge.7", "edge"]


def test_a_pull_request_is_built_and_not_published() -> None:
    assert plan("pull_request", "1/merge", "7")["channel"] == ""
    assert published("image")["push"] == "${{ needs.prepare.outputs.channel != '' }}"
    assert RELEASE["jobs"]["manifest"]["if"] == "needs.prepare.outputs.channel != ''"
    assert "manifest" in needed("contents") & needed("store")


def test_the_store_moves_after_everything_else() -> None:
    assert needed("store") == set(RELEASE["jobs"]) - {"store"}
    assert not any("if" in RELEASE["jobs"][job] for job in ("contents", "store"))


def test_what_is_published_is_what_the_store_downloads_on_both_architectures() -> None:
    registry, owner, name = CONFIG["image"].split("/")
    assert owner in CONFIG["url"].split("/")
    assert RELEASE["env"]["IMAGE_NAME"] == name
    assert RELEASE["env"]["IMAGE"] == f"{registry}/${{{{ github.repository_owner }}}}/{name}"
    assert set(yaml.safe_load(RELEASE["env"]["ARCHITECTURES"])) == set(CONFIG["arch"])


def test_what_is_published_is_signed() -> None:
    for job in ("image", "manifest"):
        assert RELEASE["jobs"][job]["permissions"]["id-token"] == "write"
        assert published(job).get("cosign", "true") == "true"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_pinned_by_its_commit_and_says_its_tag(path: Path) -> None:
    used = [line for line in path.read_text().splitlines() if re.match(r"^\s+uses:", line)]
    assert used
    assert [line for line in used if not PINNED.match(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_step_of_a_workflow_is_a_sound_script_with_nothing_pasted_into_it(
    path: Path, tmp_path: Path
) -> None:
    jobs = load(f".github/workflows/{path.name}")["jobs"].values()
    scripts = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []
    script = tmp_path / "script"
    script.write_text("\n".join(scripts))
    run(tmp_path, "shellcheck", "--shell", "bash", str(script))


def test_only_the_job_that_moves_the_store_keeps_the_right_to_push() -> None:
    keeping = {
        (path.name, name)
        for path in WORKFLOWS
        for name, job in load(f".github/workflows/{path.name}")["jobs"].items()
        for step in job["steps"]
        if "actions/checkout@" in step.get("uses", "") and step["with"]["persist-credentials"]
    }
    assert keeping == {("release.yaml", "store")}


def test_stable_moves_forward_to_the_released_commit(copy: Copy) -> None:
    released = copy.git("rev-parse", "HEAD")
    assert copy.move("stable", VERSION)
    assert copy.at("stable") == released
    assert copy.shown("stable", "config.yaml") == CONFIG


def test_stable_never_goes_back_or_aside(copy: Copy) -> None:
    before = copy.git("rev-parse", "HEAD")
    released = copy.commit("A later release")
    assert copy.move("stable", VERSION)
    copy.git("reset", "--quiet", "--hard", before)
    assert not copy.move("stable", VERSION)
    copy.commit("Another history")
    assert not copy.move("stable", VERSION)
    assert copy.at("stable") == released


def test_stable_does_not_move_to_a_commit_with_another_version(copy: Copy) -> None:
    assert copy.move("stable", VERSION)
    released = copy.at("stable")
    copy.commit("More work")
    assert not copy.move("stable", f"{VERSION}0")
    assert copy.at("stable") == released


def test_edge_is_another_app_with_the_same_everything_else(copy: Copy) -> None:
    assert copy.move("edge", "9.9.9-edge.7")
    edge = copy.shown("edge", "config.yaml")
    differs = {key for key in CONFIG | edge if CONFIG.get(key) != edge.get(key)}
    assert differs == {"name", "panel_title", "slug", "version"}
    assert edge["name"] == edge["panel_title"] == f"{CONFIG['name']} (edge)"
    assert edge["slug"] == f"{CONFIG['slug']}_edge"
    assert edge["version"] == "9.9.9-edge.7"
    assert copy.shown("edge", "repository.yaml")["name"] == edge["name"]


def test_edge_holds_what_the_store_reads_and_nothing_to_build_or_run(copy: Copy) -> None:
    assert copy.move("edge", "9.9.9-edge.7")
    documents = {"CHANGELOG.md", "DOCS.md", "README.md"}
    pictures = {"icon.png", "logo.png"}
    described = {"apparmor.txt", "config.yaml", "repository.yaml", "translations"}
    assert copy.files("edge") == documents | pictures | described


def test_edge_follows_main_wherever_it_goes_and_stable_stays(copy: Copy) -> None:
    assert copy.move("stable", VERSION)
    released = copy.at("stable")
    for run_number in (1, 2):
        copy.commit("More work")
        assert copy.move("edge", f"9.9.9-edge.{run_number}")
    assert copy.shown("edge", "config.yaml")["version"] == "9.9.9-edge.2"
    assert copy.at("stable") == released


def test_moving_a_channel_leaves_the_working_copy_as_it_was(copy: Copy) -> None:
    assert copy.move("edge", "9.9.9-edge.7")
    assert copy.git("status", "--porcelain") == ""


def test_there_is_no_third_channel(copy: Copy) -> None:
    assert not copy.move("beta", VERSION)


def test_one_documented_line_has_it_built_where_it_is_installed(copy: Copy) -> None:
    (line,) = re.findall(r"(?m)^sed .* config\.yaml$", (ROOT / "CONTRIBUTING.md").read_text())
    run(copy.clone, *shlex.split(line))
    built = yaml.safe_load((copy.clone / "config.yaml").read_text())
    assert built == {key: value for key, value in CONFIG.items() if key != "image"}


def test_the_handbook_names_the_address_of_each_channel() -> None:
    handbook = (ROOT / "DOCS.md").read_text()
    assert f"| stable | `{CONFIG['url']}` |" in handbook
    assert f"| edge | `{CONFIG['url']}#edge` |" in handbook

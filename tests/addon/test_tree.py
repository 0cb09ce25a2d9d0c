import re
import subprocess
from pathlib import Path

import pytest

from tests.addon.manifest import ROOT, load

SERVICES = ROOT / "rootfs/etc/s6-overlay/s6-rc.d"


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [Path(name) for name in listed if (ROOT / name).is_file()]


def found_by_the_store(basename: str, *, hidden: bool) -> list[str]:
    """Return what the Supervisor's search would take for that file (home-assistant 1)."""
    return [
        str(path)
        for path in tracked()
        if path.name.startswith(f"{basename}.")
        and path.suffix in {".yaml", ".yml", ".json"}
        and "rootfs" not in path.parts
        and (hidden or not any(part.startswith(".") for part in path.parts))
    ]


@pytest.mark.parametrize(
    ("basename", "hidden"), [("config", False), ("build", True), ("repository", True)]
)
def test_the_store_finds_our_file_and_no_other(basename: str, *, hidden: bool) -> None:
    assert found_by_the_store(basename, hidden=hidden) == [f"{basename}.yaml"]


def test_only_what_runs_goes_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = set(re.findall(r"^COPY (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert "*" in ignored
    assert allowed == copied


@pytest.mark.parametrize("path", [path for path in tracked() if path.parts[0] == "rootfs"], ids=str)
def test_files_of_the_image_have_unix_line_ends(path: Path) -> None:
    assert b"\r" not in (ROOT / path).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        *SERVICES.glob("*/run"),
        *SERVICES.glob("*/finish"),
        *(ROOT / "rootfs/etc/s6-overlay/scripts").iterdir(),
        *(ROOT / "scripts" / name for name in ("demo", "check", "test", "bench", "draw")),
        *(ROOT / ".ci").iterdir(),
    ],
    ids=lambda path: path.name,
)
def test_what_is_to_be_run_can_be_run(path: Path) -> None:
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_text().startswith("#!")


def test_every_service_is_in_the_bundle_and_complete() -> None:
    services = {folder.name for folder in SERVICES.iterdir()} - {"user"}
    assert {entry.name for entry in (SERVICES / "user/contents.d").iterdir()} == services
    for service in services:
        kind = (SERVICES / service / "type").read_text().strip()
        assert (SERVICES / service / {"oneshot": "up", "longrun": "run"}[kind]).is_file()
        needed = {entry.name for entry in (SERVICES / service / "dependencies.d").iterdir()}
        assert "base" in needed
        assert needed - {"base"} <= services


def test_the_oneshot_starts_a_script_that_is_there() -> None:
    command = (SERVICES / "init-utec-gateway/up").read_text().strip()
    assert (ROOT / "rootfs" / command.lstrip("/")).is_file()


def test_workflows_use_no_name_that_the_store_searches_for() -> None:
    names = {path.name for path in (ROOT / ".github/workflows").iterdir()}
    assert names == {"ci.yaml", "release.yaml"}
    for name in names:
        assert load(f".github/workflows/{name}")["jobs"]


def test_the_profile_has_network_rules_and_a_child_for_the_service() -> None:
    profile = (ROOT / "apparmor.txt").read_text()
    assert len(re.findall(r"^profile ", profile, re.MULTILINE)) == 1
    child = profile.partition("profile service")[2]
    for rule in ("network inet stream", "network inet6 stream", "/data/** rwk"):
        assert rule in child
    assert "/config/plugins/{,**} r," in child
    assert "/config/** " not in child


def test_apparmor_can_read_the_profile(tmp_path: Path) -> None:
    parsed = subprocess.run(
        ["apparmor_parser", "-Q", "-K", ROOT / "apparmor.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert parsed.returncode == 0, parsed.stderr
    broken = tmp_path / "broken"
    broken.write_text((ROOT / "apparmor.txt").read_text().replace("network inet stream,", "netw"))
    refused = subprocess.run(
        ["apparmor_parser", "-Q", "-K", broken], capture_output=True, check=False
    )
    assert refused.returncode != 0

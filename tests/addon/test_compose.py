"""`docker-compose.yml` is complete as it stands."""

import yaml

from tests.addon.manifest import ROOT

SERVICE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["utec-gateway"]
NEEDED = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"}
"""For the init script's `chown` and `chmod` of /data, s6-setuidgid, and stopping another user."""


def test_nothing_but_the_data_can_be_written_and_little_is_allowed() -> None:
    assert SERVICE["read_only"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert set(SERVICE["cap_add"]) == NEEDED
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICE


def test_s6_overlay_can_run_what_it_writes_below_run() -> None:
    mounts = dict(mount.partition(":")[::2] for mount in SERVICE["tmpfs"])
    assert "exec" in mounts["/run"].split(",")
    assert len(mounts) == 2
    assert SERVICE["environment"]["S6_READ_ONLY_ROOT"] == "1"


def test_it_keeps_its_data_says_how_it_is_and_knows_the_time_zone() -> None:
    assert SERVICE["volumes"] == ["data:/data"]
    assert "/health" in SERVICE["healthcheck"]["test"]
    assert "TZ" in SERVICE["environment"]
    assert SERVICE["ports"] == ["127.0.0.1:8000:8000"]

"""Wall time and instants, where the clocks go forward and back."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from utec_gateway.core.zone import Zone

wall = datetime.fromisoformat

BERLIN = Zone("Europe/Berlin", ZoneInfo("Europe/Berlin"))


@pytest.fixture
def machine_in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zone]:
    """The zone of a machine that somebody set to Berlin's time."""
    earlier = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield Zone("CET")
    if earlier is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", earlier)
    time.tzset()


def test_wall_time_has_no_zone_and_follows_summer_time() -> None:
    assert BERLIN.local(datetime(2026, 1, 5, 12, tzinfo=UTC)) == wall("2026-01-05 13:00")
    assert BERLIN.local(datetime(2026, 7, 5, 12, tzinfo=UTC)) == wall("2026-07-05 14:00")


def test_an_instant_is_in_utc() -> None:
    found = BERLIN.instant(wall("2026-07-05 14:00"))
    assert found == datetime(2026, 7, 5, 12, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_what_the_clocks_show_twice_in_autumn_is_the_second_time() -> None:
    twice = wall("2027-10-31 02:30")
    assert BERLIN.instant(twice) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert BERLIN.exists(twice)


def test_what_the_clocks_skip_in_spring_does_not_exist() -> None:
    assert not BERLIN.exists(wall("2027-03-28 02:00"))
    assert not BERLIN.exists(wall("2027-03-28 02:59"))
    assert BERLIN.exists(wall("2027-03-28 01:59"))
    assert BERLIN.exists(wall("2027-03-28 03:00"))


def test_the_machines_own_zone_knows_summer_time_as_well(machine_in_berlin: Zone) -> None:
    zone = machine_in_berlin
    assert zone.local(datetime(2026, 7, 5, 12, tzinfo=UTC)) == wall("2026-07-05 14:00")
    assert zone.instant(wall("2026-01-05 13:00")) == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert zone.instant(wall("2027-10-31 02:30")) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert not zone.exists(wall("2027-03-28 02:30"))


def test_a_zone_is_said_by_somebody_unless_it_is_assumed() -> None:
    assert not BERLIN.is_assumed
    assert Zone("UTC", is_assumed=True).is_assumed

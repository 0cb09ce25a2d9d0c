"""The locks' times are Home Assistant's: its zone is asked for, and the last one known stays."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession

from tests.home_assistant.core_double import CoreDouble
from tests.plugins.home import CORE_TOKEN
from utec_gateway.home_assistant.core import HomeAssistant
from utec_gateway.home_assistant.time_zone import TimeZone
from utec_gateway.plugin_api.home_assistant import CoreAccess
from utec_gateway.simulator.virtual_time import VirtualClock

SUMMER = datetime(2026, 7, 5, 12, tzinfo=UTC)
UNKNOWN = "Home Assistant's time zone is not known to this machine"


@pytest.fixture
async def home_assistant(core: CoreDouble, clock: VirtualClock) -> AsyncIterator[HomeAssistant]:
    core.time_zone = "Europe/Berlin"
    async with ClientSession() as session:
        access = CoreAccess(f"{core.url}/api", f"{core.url}/api/websocket", CORE_TOKEN)
        yield HomeAssistant(session, access, clock)


@pytest.fixture
async def zone(home_assistant: HomeAssistant, clock: VirtualClock) -> TimeZone:
    return TimeZone(home_assistant, clock, "CET")


async def test_it_is_home_assistants(zone: TimeZone) -> None:
    await zone.fetch()
    assert zone.current().name == "Europe/Berlin"
    assert not zone.current().is_assumed
    assert zone.current().local(SUMMER).hour == 14


async def test_it_is_asked_for_at_once_and_hourly_from_then_on(
    zone: TimeZone, core: CoreDouble, clock: VirtualClock
) -> None:
    assert zone.due_in() == 0
    await zone.fetch()
    assert zone.due_in() == 3600
    core.time_zone = "America/New_York"
    await clock.advance(3600)
    assert zone.due_in() == 0
    await zone.fetch()
    assert zone.current().local(SUMMER).hour == 8


async def test_until_then_it_is_the_machines(zone: TimeZone) -> None:
    assert (zone.current().name, zone.current().info) == ("CET", None)
    assert not zone.current().is_assumed


@pytest.mark.parametrize(
    ("machine", "is_assumed"),
    [("UTC", True), ("Etc/UTC", True), ("GMT", False), ("CET", False)],
)
async def test_a_machine_in_utc_is_one_that_nobody_has_set_and_one_in_london_is_not(
    clock: VirtualClock, machine: str, is_assumed: bool
) -> None:
    assert TimeZone(None, clock, machine).current().is_assumed is is_assumed


async def test_without_home_assistant_the_machines_stays_and_nobody_is_asked(
    clock: VirtualClock,
) -> None:
    zone = TimeZone(None, clock, "CET")
    assert zone.due_in() == float("inf")
    await zone.fetch()
    assert zone.current().name == "CET"


async def test_utc_that_home_assistant_says_is_not_assumed(
    home_assistant: HomeAssistant, core: CoreDouble, clock: VirtualClock
) -> None:
    zone = TimeZone(home_assistant, clock, "UTC")
    core.time_zone = "UTC"
    await zone.fetch()
    assert not zone.current().is_assumed


async def test_home_assistant_that_is_gone_keeps_its_zone_and_is_asked_in_a_minute(
    zone: TimeZone, core: CoreDouble
) -> None:
    await zone.fetch()
    await core.served.close()  # the connections that are open as well
    await zone.fetch()
    assert zone.current().name == "Europe/Berlin"
    assert zone.due_in() == 60


async def test_home_assistant_that_refuses_us_is_asked_in_an_hour(
    zone: TimeZone, core: CoreDouble
) -> None:
    core.token = "another"
    await zone.fetch()
    assert zone.current().name == "CET"
    assert zone.due_in() == 3600


@pytest.mark.parametrize(
    "said", [None, 5, "", "../../etc/passwd", "/etc/localtime", "x" * 300, "Europe/Ber lin", {}]
)
async def test_what_is_no_name_of_a_zone_changes_nothing(
    zone: TimeZone, core: CoreDouble, said: object
) -> None:
    await zone.fetch()
    core.time_zone = said
    await zone.fetch()
    assert zone.current().name == "Europe/Berlin"
    assert zone.due_in() == 3600


@pytest.mark.parametrize("said", ["Europe/Atlantis", "Europe", "zone1970_tab"])
async def test_a_zone_that_the_machine_does_not_know_changes_nothing_and_is_said_once(
    zone: TimeZone, core: CoreDouble, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    await zone.fetch()
    core.time_zone = said
    for _ in range(3):
        await zone.fetch()
    assert zone.current().name == "Europe/Berlin"
    assert caplog.text.count(UNKNOWN) == 1


async def test_a_zone_that_is_unknown_again_is_said_again(
    zone: TimeZone, core: CoreDouble, caplog: pytest.LogCaptureFixture
) -> None:
    for said in ("Europe/Atlantis", "Europe/Berlin", "Europe/Atlantis"):
        core.time_zone = said
        await zone.fetch()
    assert caplog.text.count(UNKNOWN) == 2


async def test_a_zone_is_said_in_the_log_when_it_is_another_one(
    zone: TimeZone, core: CoreDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for said in ("Europe/Berlin", "Europe/Berlin", "Asia/Tokyo"):
        core.time_zone = said
        await zone.fetch()
    assert [line for line in caplog.messages if "taken to be in" in line] == [
        "The locks' times are taken to be in Europe/Berlin",
        "The locks' times are taken to be in Asia/Tokyo",
    ]

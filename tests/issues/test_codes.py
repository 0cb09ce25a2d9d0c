"""What people must know of guests: once, in time, and never from what nobody knows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import LOCK, Running, World
from tests.guests import CODE, invite, take_back
from tests.issues.test_checks import QUIET, SIGNED_IN, TOKEN, bolt
from tests.issues.test_news import HOUR, MINUTE, told
from tests.web.panel.asking import page
from utec_gateway.access_codes.access_codes import AccessCodes
from utec_gateway.core.access_codes import CodeState, Guest, LockCodes, Schedule
from utec_gateway.core.issue import Issue, Over, Severity
from utec_gateway.core.models import Device
from utec_gateway.core.readings import Moment
from utec_gateway.core.zone import Zone
from utec_gateway.issues.checks import check_account
from utec_gateway.issues.facts import AccountFacts, CodeFacts, Finding
from utec_gateway.issues.guests import Concern, concern_of

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ZONE = Zone("UTC", UTC)
HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
DOOR = bolt("Locked")
KINDS = ("code_waiting", "code_expiring_unsynced", "code_not_confirmed", "code_not_removed")


def guest(
    state: CodeState,
    *,
    starts: timedelta = 24 * HOURS,
    ends: timedelta = 48 * HOURS,
    waits: timedelta = 2 * HOURS,
    on_lock: timedelta | None = None,
) -> Guest:
    """Return a guest whose times are counted from now."""
    local = ZONE.local(NOW)
    return Guest(
        "1",
        "Anna",
        Schedule(local + starts, local + ends),
        state,
        NOW - waits,
        NOW - waits,
        expires_on_lock_at=None if on_lock is None else local + on_lock,
    )


def coming(waits: timedelta, starts: timedelta) -> Guest:
    return guest(CodeState.WAITING, waits=waits, starts=starts)


def extended(waits: timedelta, on_lock: timedelta) -> Guest:
    return guest(CodeState.WAITING, starts=-24 * HOURS, waits=waits, on_lock=on_lock)


def ended(state: CodeState, on_lock: timedelta | None = None) -> Guest:
    return guest(state, starts=-48 * HOURS, ends=-1 * HOURS, on_lock=on_lock)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (coming(59 * MINUTES, 24 * HOURS), None),
        (coming(60 * MINUTES, 24 * HOURS), Concern.WAITING),
        (coming(60 * MINUTES, 61 * MINUTES), Concern.WAITING),
        (coming(60 * MINUTES, 60 * MINUTES), Concern.LOCKED_OUT),
        (coming(5 * MINUTES, 0 * MINUTES), Concern.LOCKED_OUT),
        (coming(4 * MINUTES, -9 * HOURS), None),
        (extended(5 * MINUTES, 121 * MINUTES), None),
        (extended(5 * MINUTES, 120 * MINUTES), Concern.LOCKED_OUT),
        (extended(4 * MINUTES, 120 * MINUTES), None),
        (extended(5 * MINUTES, -1 * MINUTES), Concern.LOCKED_OUT),
        (extended(2 * HOURS, 24 * HOURS), Concern.WAITING),
        (extended(2 * HOURS, 96 * HOURS), Concern.WAITING),
        (guest(CodeState.NOT_CONFIRMED), Concern.NOT_CONFIRMED),
        (guest(CodeState.REMOVING), Concern.NOT_REMOVED),
        (guest(CodeState.REMOVING, waits=59 * MINUTES), None),
        (ended(CodeState.REMOVING), Concern.NOT_REMOVED),
        (ended(CodeState.WAITING), None),
        (ended(CodeState.WAITING, on_lock=3 * HOURS), Concern.NOT_REMOVED),
        (ended(CodeState.NOT_CONFIRMED), None),
        (replace(guest(CodeState.ON_LOCK), waiting_since=None), None),
        (guest(CodeState.UNKNOWN), None),
    ],
    ids=repr,
)
def test_a_guest_is_the_concern_of_one_issue_at_most(one: Guest, expected: Concern | None) -> None:
    assert concern_of(one, ZONE, NOW) is expected


def findings(*guests: Guest, lock: Device = DOOR, is_on: bool = True) -> list[Finding]:
    codes = CodeFacts((LockCodes(lock, guests),) if is_on else (), ZONE, running_for=HOUR)
    devices = replace(QUIET, devices=(lock,))
    return list(check_account(AccountFacts(Moment(NOW, 0.0), SIGNED_IN, devices, codes)))


def issues(*guests: Guest, lock: Device = DOOR) -> dict[str, Issue]:
    found = (one for one in findings(*guests, lock=lock) if isinstance(one, Issue))
    return {one.key.removesuffix(f"_{lock.tag}"): one for one in found}


def over(*guests: Guest, is_on: bool = True) -> set[str]:
    found = findings(*guests, is_on=is_on)
    keys = {one.key.removesuffix(f"_{DOOR.tag}") for one in found if isinstance(one, Over)}
    return keys & {*KINDS, "zone_doubtful"}


def test_the_guests_of_a_lock_are_one_issue_that_leads_to_their_page() -> None:
    ben = replace(coming(3 * HOURS, 24 * HOURS), id="2", name="Ben")
    (found,) = issues(coming(2 * HOURS, 24 * HOURS), ben).values()
    assert (found.key, found.leads_to, found.lock) == (
        f"code_waiting_{DOOR.tag}",
        "codes",
        DOOR.tag,
    )
    assert found.since == NOW - 3 * HOURS
    assert found.severity is Severity.WARNING


def test_each_guest_of_a_lock_is_in_one_issue_only() -> None:
    every = issues(
        coming(2 * HOURS, 24 * HOURS),
        coming(2 * HOURS, 0 * HOURS),
        guest(CodeState.NOT_CONFIRMED),
        guest(CodeState.REMOVING),
    )
    assert every.keys() == set(KINDS)
    assert {one.message.facts["guests"].names for one in every.values()} == {("Anna",)}  # type: ignore[attr-defined]


def test_of_an_unknown_list_nothing_is_concluded() -> None:
    unknown = guest(CodeState.UNKNOWN)
    assert not issues(unknown)
    assert over(unknown) == {"zone_doubtful"}


def test_without_guests_and_with_the_option_off_everything_is_over() -> None:
    assert over() == over(is_on=False) == {*KINDS, "zone_doubtful"}


@pytest.mark.parametrize(
    ("one", "severity"),
    [
        (guest(CodeState.REMOVING), Severity.ERROR),
        (ended(CodeState.REMOVING), Severity.WARNING),
        (guest(CodeState.NOT_CONFIRMED), Severity.WARNING),
        (guest(CodeState.NOT_CONFIRMED, starts=1 * HOURS), Severity.ERROR),
        (coming(1 * HOURS, 0 * HOURS), Severity.ERROR),
    ],
    ids=repr,
)
def test_it_is_worse_when_a_door_is_open_to_the_wrong_or_shut_for_the_right(
    one: Guest, severity: Severity
) -> None:
    assert [found.severity for found in issues(one).values()] == [severity]


def doubts(
    zone: Zone = ZONE,
    *,
    now: datetime = NOW,
    issued_at: datetime = NOW,
    running_for: float = HOUR,
    guests: tuple[Guest, ...] = (guest(CodeState.UNKNOWN),),
) -> list[Finding]:
    codes = CodeFacts((LockCodes(DOOR, guests),), zone, running_for)
    sign_in = replace(SIGNED_IN, token=replace(TOKEN, issued_at=issued_at))
    every = check_account(AccountFacts(Moment(now, 0.0), sign_in, QUIET, codes))
    return [one for one in every if one.key == "zone_doubtful"]


ASSUMED = Zone("UTC", is_assumed=True)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def test_a_zone_that_nobody_has_set_is_doubtful_once_home_assistant_had_time_to_say() -> None:
    (found,) = doubts(ASSUMED)
    assert isinstance(found, Issue)
    assert found.title.key == "zone_doubtful.title_zone"
    assert doubts(ASSUMED, running_for=599) == []
    assert doubts(Zone("Europe/Berlin")) == [Over("zone_doubtful")]


@pytest.mark.parametrize(
    ("now", "issued_at"), [(LONG_AGO, LONG_AGO), (NOW, NOW + timedelta(days=1))], ids=str
)
def test_a_clock_that_cannot_be_right_is_doubtful_at_once(
    now: datetime, issued_at: datetime
) -> None:
    (found,) = doubts(now=now, issued_at=issued_at, running_for=0)
    assert isinstance(found, Issue)
    assert found.title.key == "zone_doubtful.title_clock"


def test_neither_matters_while_nobody_has_a_code() -> None:
    assert doubts(ASSUMED, guests=()) == [Over("zone_doubtful")]


def open_keys(running: Running) -> set[str]:
    kinds = (*KINDS, "zone_doubtful")
    return {one.id for one in running.gateway.tracker.open if one.id.startswith(kinds)}


@pytest.fixture
async def world_with_codes(world: World) -> World:
    world.options["manage_codes"] = True
    return world


async def guest_before_an_offline_lock(world: World, name: str = "Anna") -> Running:
    running = await world.start()
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(5 * MINUTE)
    await invite(running, name)
    return running


async def test_a_guest_before_an_offline_lock_is_told_until_the_lock_is_back(
    world_with_codes: World,
) -> None:
    world = world_with_codes
    running = await guest_before_an_offline_lock(world)
    await world.clock.advance(4 * MINUTE)
    assert not open_keys(running)
    await world.clock.advance(2 * MINUTE)
    key = f"code_expiring_unsynced_{DOOR.tag}"
    assert key in open_keys(running)
    assert [line for line in told(world) if "may be locked out" in line]
    world.cloud.devices[LOCK].go_online()
    await world.clock.advance(5 * MINUTE)
    assert key not in open_keys(running)


async def test_a_code_that_was_taken_back_from_an_offline_lock_is_told_after_an_hour(
    world_with_codes: World,
) -> None:
    world = world_with_codes
    running = await world.start()
    anna = await invite(running, days=9)
    await world.clock.advance(MINUTE)
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(5 * MINUTE)
    await take_back(running, anna)
    await world.clock.advance(59 * MINUTE)
    key = f"code_not_removed_{DOOR.tag}"
    assert key not in open_keys(running)
    await world.clock.advance(30 * MINUTE)
    assert key in open_keys(running)
    world.cloud.devices[LOCK].go_online()
    await world.clock.advance(30 * MINUTE)
    assert key not in open_keys(running)


async def test_the_log_has_no_names_and_the_panel_has(world_with_codes: World) -> None:
    world = world_with_codes
    running = await guest_before_an_offline_lock(world, "Anna <b>")
    await world.clock.advance(2 * HOUR)
    (alert,) = [line for line in told(world) if "may be locked out" in line]
    assert "Guests: 1." in alert
    _, text = await page(running, "/")
    assert "Guests: Anna &lt;b&gt;." in text
    assert 'href="codes"' in text
    assert "Anna" not in (world.data_dir / "gateway.log").read_text()
    assert "Anna" not in (world.data_dir / "issues.json").read_text()
    everything = [path.read_text() for path in world.data_dir.iterdir() if path.is_file()]
    assert not [one for one in everything if CODE.digits in one]


async def test_switching_the_option_off_ends_what_was_open_over_a_restart_too(
    world_with_codes: World,
) -> None:
    world = world_with_codes
    running = await guest_before_an_offline_lock(world)
    await world.clock.advance(HOUR)
    assert open_keys(running)
    await running.gateway.settings.change({"manage_codes": False})
    await world.clock.advance(1)
    assert not open_keys(running)
    await running.gateway.settings.change({"manage_codes": True})
    await world.clock.advance(HOUR)
    assert open_keys(running)
    await world.stop()
    running = await world.start(manage_codes=False)
    await world.clock.advance(MINUTE)
    assert not open_keys(running)


def codes_of(running: Running) -> AccessCodes:
    return running.gateway.account.codes


async def test_a_code_that_u_tec_accepts_and_never_lists_is_told(world_with_codes: World) -> None:
    world = world_with_codes
    running = await world.start()
    world.cloud.devices[LOCK].behaviour.new_users_hidden_for = 9 * HOUR
    await invite(running)
    await world.clock.advance(30 * MINUTE)
    assert [one.state for one in codes_of(running).of(LOCK).guests] == [CodeState.NOT_CONFIRMED]
    assert f"code_not_confirmed_{DOOR.tag}" in open_keys(running)

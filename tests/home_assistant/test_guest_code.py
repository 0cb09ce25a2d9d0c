"""The blueprint for guest codes, run by a real Core with its calendar, for a simulated lock."""

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests import programs
from tests.conftest import LOCK, OTHER_LOCK
from tests.home_assistant.core import Core
from tests.home_assistant.core_client import Json
from tests.home_assistant.home import Home
from utec_gateway.core.clock import SystemClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
PLACEHOLDER = "http://homeassistant.local:8000"
CALENDAR, AUTOMATION = "calendar.guests", "automation.guest_code"
SAID, FAILED, LATER = "guest_said", "guest_failed", "guest_later"
NEW = [
    {
        "event": SAID,
        "event_data": {"code": "{{ code }}", "name": "{{ name }}", "lock": "{{ lock_name }}"},
    }
]
NOT_MADE = [{"event": FAILED, "event_data": {"title": "{{ title }}", "message": "{{ message }}"}}]
A_MINUTE_AND_A_HALF = timedelta(seconds=90)
"""Rounded down to a minute, as codes end, it leaves enough time to make one."""
PARTS = ("helpers.template", "components.calendar", "components.template")
"""Of Core, which would complain about a blueprint."""
TEXTS = (
    "SELECT shared_data FROM event_data",
    "SELECT shared_attrs FROM state_attributes",
    "SELECT state FROM states",
)
"""What the recorder keeps."""


def soon(**later: float) -> datetime:
    """Return a time of today's or tomorrow's, in whole minutes; Core and the gateway are in UTC."""
    return SystemClock().now().replace(second=0, microsecond=0) + timedelta(**later)


@dataclass
class Guests:
    """A calendar and a lock, with an automation between them."""

    home: Home
    core: Core
    said: list[Json] = field(default_factory=list)
    failed: list[Json] = field(default_factory=list)
    is_automated: bool = False

    async def start(self, **options: Any) -> None:
        """Start the gateway, and have Home Assistant know where it is and its key."""
        self.home.options = options
        await self.home.start()
        recipe = (BLUEPRINTS / "rest_command.yaml").read_text("utf-8")
        key = json.loads((self.home.data_dir / "state.json").read_text("utf-8"))["api_key"]
        (self.core.folder / "rest_command.yaml").write_text(
            recipe.replace(PLACEHOLDER, self.home.api)
        )
        (self.core.folder / "secrets.yaml").write_text(f"utec_gateway: Bearer {key}\n")
        await self.core.call("rest_command", "reload")

    async def automate(self, **inputs: Any) -> None:
        path = self.core.add_blueprint(BLUEPRINTS / "automation/guest_code.yaml")
        usual = {"calendar": CALENDAR, "locks": [LOCK], "not_made": NOT_MADE}
        blueprint = {"use_blueprint": {"path": path, "input": usual | inputs}}
        await self.core.add_automation("guest_code", blueprint)
        self.is_automated = True

    async def plan(self, summary: str, start: datetime, end: datetime) -> None:
        times = {"start_date_time": start.isoformat(), "end_date_time": end.isoformat()}
        await self.core.call(
            "calendar", "create_event", entity_id=CALENDAR, summary=summary, **times
        )

    async def plan_days(self, summary: str, first: date, last: date) -> None:
        days = {"start_date": first.isoformat(), "end_date": last.isoformat()}
        await self.core.call(
            "calendar", "create_event", entity_id=CALENDAR, summary=summary, **days
        )

    async def planned(self) -> list[Json]:
        window = {"start": soon(days=-9).isoformat(), "end": soon(days=60).isoformat()}
        found: list[Json] = await self.core.request("GET", f"calendars/{CALENDAR}", params=window)
        return found

    async def forget(self, *summaries: str) -> None:
        """Delete events, all of them unless some are named."""
        for one in await self.planned():
            if one["summary"] in summaries or not summaries:
                await self.core.ask("calendar/event/delete", entity_id=CALENDAR, uid=one["uid"])

    async def look(self) -> None:
        """Run the automation as its clock does, to the end."""
        await self.core.call("automation", "trigger", entity_id=AUTOMATION)
        await self.core.until(AUTOMATION, lambda one: one["attributes"]["current"] == 0)

    async def heard(self) -> list[Json]:
        return self.said

    async def failures(self) -> list[Json]:
        return [one["data"] for one in self.failed]

    async def recorded(self) -> str:
        """Return every text in Core's history."""
        with closing(sqlite3.connect(self.core.folder / "home-assistant_v2.db")) as database:
            return "\n".join(str(row[0]) for query in TEXTS for row in database.execute(query))

    def on_lock(self, lock: str = LOCK) -> list[dict[str, Any]]:
        everybody = self.home.cloud.devices[lock].users.everything()
        return [user for user in everybody if user["name"] != "Owner"]

    async def listed(self, number: int, lock: str = LOCK) -> Sequence[dict[str, Any]]:
        """Wait until the lock has so many guests."""

        async def users() -> list[dict[str, Any]]:
            self.home.clock.leap(1)
            return self.on_lock(lock)

        return await programs.until(users, lambda found: len(found) == number)


def daterange(start: datetime, end: datetime) -> list[str]:
    return [f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}"]


@pytest_asyncio.fixture(loop_scope="session")
async def guests(core: Core, home: Home) -> AsyncIterator[Guests]:
    home.cloud.add_device(OTHER_LOCK, "Back Door")
    form = await core.post("config/config_entries/flow", {"handler": "local_calendar"})
    path = f"config/config_entries/flow/{form['flow_id']}"
    entry = await core.post(path, {"calendar_name": "Guests", "import": "create_empty"})
    await core.until(CALENDAR, lambda state: state)
    async with core.events(SAID) as said, core.events(FAILED) as failed:
        guests = Guests(home, core, said, failed)
        await guests.start(manage_codes=True)
        yield guests
    if guests.is_automated:
        await core.remove_automation("guest_code")
    await core.request("DELETE", f"config/config_entries/entry/{entry['result']['entry_id']}")
    assert not [line for part in PARTS for line in core.log_lines(part)]


async def test_a_guest_has_the_name_and_the_times_of_the_event_and_is_made_once(
    guests: Guests,
) -> None:
    start, end = soon(hours=2), soon(hours=26)
    await guests.plan("Anna  Andersen", start, end)
    await guests.automate()
    for _ in range(2):
        await guests.look()
    (user,) = guests.on_lock()
    assert user["name"] == "Anna Andersen"
    assert user["daterange"] == daterange(start, end)
    assert guests.on_lock(OTHER_LOCK) == []


async def test_an_event_of_whole_days_opens_from_midnight_to_midnight(guests: Guests) -> None:
    first = soon(days=1)
    await guests.plan_days("Anna", first.date(), (first + timedelta(days=2)).date())
    await guests.automate(hours=48)
    await guests.look()
    (user,) = guests.on_lock()
    assert user["daterange"] == [f"{first + timedelta(days=n):%Y-%m-%d 00:00}" for n in (0, 2)]


async def test_an_event_that_is_far_away_has_no_code_yet(guests: Guests) -> None:
    await guests.plan("Anna", soon(hours=3), soon(hours=4))
    await guests.automate(hours=2)
    await guests.look()
    assert guests.on_lock() == []


async def test_the_code_is_handed_to_the_owners_action_once_for_each_lock(guests: Guests) -> None:
    await guests.plan("Anna", soon(hours=2), soon(hours=3))
    await guests.automate(locks=[LOCK, OTHER_LOCK], new_code=NEW)
    for _ in range(2):
        await guests.look()
    said = [one["data"] for one in await programs.until(guests.heard, lambda all_: len(all_) > 1)]
    codes = [guests.on_lock(lock)[0]["password"] for lock in (LOCK, OTHER_LOCK)]
    assert [(one["code"], one["name"]) for one in said] == [(code, "Anna") for code in codes]
    assert [one["lock"] for one in said] == ["Front Door", "Back Door"]


async def test_the_code_is_nowhere_in_home_assistant_unless_the_owner_sends_it(
    guests: Guests, core: Core
) -> None:
    await guests.plan("Anna", soon(hours=-1), soon(hours=3))
    await guests.automate()
    await guests.look()
    await core.until(CALENDAR, lambda one: one["attributes"].get("message") == "Anna")
    await core.fire_event(LATER, is_later="than all of it")
    await programs.until(guests.recorded, lambda text: "than all of it" in text)
    (user,) = guests.on_lock()
    everything = [
        await guests.recorded(),
        json.dumps(await core.states()),
        json.dumps(await core.notifications()),
        (core.folder / "home-assistant.log").read_text("utf-8"),
    ]
    code = re.compile(rf"(?<![\d.]){user['password']}(?!\d)")
    assert '"message":"Anna"' in everything[0]
    assert not any(code.search(text) for text in everything)
    assert await core.ask("trace/list", domain="automation", item_id="guest_code") == []


async def test_the_end_of_a_code_follows_the_end_of_its_event(guests: Guests) -> None:
    start, later = soon(hours=2), soon(hours=20)
    await guests.plan("Anna", start, soon(hours=3))
    await guests.automate()
    await guests.look()
    code = guests.on_lock()[0]["password"]
    await guests.listed(1)
    await guests.forget()
    await guests.plan("Anna", start, later)
    await guests.look()
    (user,) = guests.on_lock()
    assert (user["daterange"], user["password"]) == (daterange(start, later), code)


async def test_a_code_is_taken_back_after_its_event_and_no_other_one(guests: Guests) -> None:
    end = (SystemClock().now() + A_MINUTE_AND_A_HALF).replace(second=0, microsecond=0)
    await guests.plan("Anna", soon(hours=-1), end)
    await guests.plan("Bob", soon(hours=-1), soon(hours=2))
    await guests.automate()
    await guests.look()
    await guests.listed(2)
    while SystemClock().now() < end:  # noqa: ASYNC110 - Core lives in real time
        await asyncio.sleep(1)  # noqa: TID251 - Core lives in real time
    await guests.look()
    assert [user["name"] for user in await guests.listed(1)] == ["Bob"]


@pytest.mark.parametrize("gone", [True, False])
async def test_a_code_whose_event_is_gone_is_taken_back_only_if_the_owner_wants_that(
    guests: Guests, *, gone: bool
) -> None:
    for name in ("Anna", "Bob"):
        await guests.plan(name, soon(hours=2), soon(hours=3))
    await guests.automate(gone=gone)
    await guests.look()
    await guests.listed(2)
    await guests.forget("Anna")
    await guests.look()
    left = await guests.listed(1 if gone else 2)
    assert [user["name"] for user in left] == (["Bob"] if gone else ["Anna", "Bob"])


@pytest.mark.parametrize("gone", [True, False])
async def test_a_code_is_not_moved_with_its_event_and_the_owner_is_told_or_gets_a_new_one(
    guests: Guests, *, gone: bool
) -> None:
    await guests.automate(gone=gone)
    start, end = soon(hours=3), soon(hours=5)
    await guests.plan("Anna", start, end)
    await guests.look()
    (before,) = await guests.listed(1)
    await guests.forget("Anna")
    await guests.plan("Anna", start + timedelta(hours=1), end + timedelta(hours=1))
    await guests.look()
    if not gone:
        failures = await programs.until(guests.failures, bool)
        assert failures[0]["title"] == "No code for Anna"
        assert guests.on_lock() == [before]
        return
    await guests.listed(0)
    await guests.look()
    (after,) = await guests.listed(1)
    assert after["daterange"] == daterange(start + timedelta(hours=1), end + timedelta(hours=1))
    assert after["password"] != before["password"]


async def test_the_owner_is_told_why_there_is_no_code(guests: Guests) -> None:
    await guests.plan("Owner", soon(hours=2), soon(hours=3))
    await guests.automate()
    await guests.look()
    (failure,) = await programs.until(guests.failures, bool)
    assert failure["title"] == "No code for Owner"
    assert failure["message"] == "Front Door: name: is used on this lock already."


async def test_the_owner_is_told_that_the_gateway_does_not_manage_codes(guests: Guests) -> None:
    await guests.home.stop()
    asked = guests.home.cloud.calls.number_of("st.lockUser")
    await guests.start(manage_codes=False)
    await guests.plan("Anna", soon(hours=2), soon(hours=3))
    await guests.automate()
    await guests.look()
    (failure,) = await programs.until(guests.failures, bool)
    assert "manage_codes" in failure["message"]
    assert guests.home.cloud.calls.number_of("st.lockUser") == asked


async def test_the_owner_is_told_that_the_gateway_is_gone(guests: Guests) -> None:
    await guests.home.stop()
    await guests.plan("Anna", soon(hours=2), soon(hours=3))
    await guests.automate()
    await guests.look()
    (failure,) = await programs.until(guests.failures, bool)
    assert failure["message"] == f"{LOCK}: The gateway did not answer."


async def test_asking_again_with_the_same_key_answers_no_code(guests: Guests, core: Core) -> None:
    times = {"starts": soon(hours=2).isoformat(), "ends": soon(hours=3).isoformat()}
    asked = {"lock": LOCK, "name": "Anna", "key": "a key", **times}
    answers = [await core.call_for_answer("rest_command", "utec_add_guest", **asked) for _ in "12"]
    first, again = (answer["response"] for answer in answers)
    assert (first["status"], str(guests.on_lock()[0]["password"])) == (
        201,
        first["content"]["code"],
    )
    assert (again["status"], set(again["content"])) == (200, {"user"})

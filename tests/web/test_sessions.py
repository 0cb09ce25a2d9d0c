"""Who is logged in: for how long, how many, and what of it is on the disk."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import at_once
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.web.sessions import IDLE_FOR_AT_MOST, MOST, Sessions

DAY = timedelta(days=1).total_seconds()


@dataclass
class Gateway:
    """The key and the disk, which stay when the sessions' owner starts again."""

    path: Path
    clock: VirtualClock
    key: str = "the first key"
    started: list[Sessions] = field(default_factory=list)

    async def start(self) -> Sessions:
        for before in self.started:
            await before.close()
        self.started = [Sessions(self.path, lambda: self.key, self.clock, at_once)]
        await self.started[0].load()
        return self.started[0]


@pytest.fixture
def gateway(tmp_path: Path, clock: VirtualClock) -> Gateway:
    return Gateway(tmp_path / "sessions.json", clock)


@pytest.fixture
async def sessions(gateway: Gateway) -> Sessions:
    return await gateway.start()


def begin(sessions: Sessions, browser: str = "Firefox, Linux") -> str:
    return sessions.begin(browser, "192.168.1.7")


async def test_a_cookie_opens_its_own_session_and_no_other(sessions: Sessions) -> None:
    first, second = begin(sessions, "Firefox"), begin(sessions, "Safari")
    assert first != second
    assert len(first) >= 43
    found = sessions.find(first), sessions.find(second)
    assert [one and one.browser for one in found] == ["Firefox", "Safari"]


@pytest.mark.parametrize("other", ["", "x", "\ud800", "ä", "0" * 5000])
async def test_another_cookie_opens_nothing(sessions: Sessions, other: str) -> None:
    cookie = begin(sessions)
    for wrong in (other, cookie + other, cookie[:-1]):
        assert wrong == cookie or sessions.find(wrong) is None


async def test_a_session_ends_after_thirty_days_without_use(
    sessions: Sessions, clock: VirtualClock
) -> None:
    cookie = begin(sessions)
    await clock.advance(30 * DAY - 1)
    assert [one.browser for one in sessions.all] == ["Firefox, Linux"]
    await clock.advance(1)
    assert not sessions.all
    assert sessions.find(cookie) is None


async def test_a_session_that_is_used_stays(
    sessions: Sessions, gateway: Gateway, clock: VirtualClock
) -> None:
    cookie = begin(sessions)
    for _ in range(4):
        await clock.advance(29 * DAY)
        assert sessions.find(cookie)
    again = await gateway.start()
    await clock.advance(29 * DAY)
    assert again.find(cookie)


async def test_a_session_outlives_a_restart_and_not_its_thirty_days(
    sessions: Sessions, gateway: Gateway, clock: VirtualClock
) -> None:
    cookie = begin(sessions)
    again = await gateway.start()
    assert again.find(cookie) == sessions.find(cookie)
    await clock.advance(IDLE_FOR_AT_MOST.total_seconds())
    assert (await gateway.start()).all == ()
    await gateway.start()
    assert json.loads(gateway.path.read_bytes()) == []


async def test_the_file_holds_nothing_that_opens_anything_and_is_its_owners(
    sessions: Sessions, gateway: Gateway
) -> None:
    cookie = begin(sessions)
    await gateway.start()
    content = gateway.path.read_text()
    assert cookie not in content
    assert gateway.key not in content
    assert gateway.path.stat().st_mode & 0o777 == 0o600
    for value in json.loads(content)[0].values():
        assert sessions.find(value) is None


async def test_another_key_ends_all_and_an_old_file_brings_none_back(
    sessions: Sessions, gateway: Gateway
) -> None:
    cookie = begin(sessions)
    await gateway.start()
    old_file = gateway.path.read_bytes()
    gateway.key = "the second key"
    assert sessions.find(cookie) is None
    gateway.path.write_bytes(old_file)
    assert (await gateway.start()).find(cookie) is None


async def test_a_browser_can_be_logged_out_by_its_tag_and_only_that_one(sessions: Sessions) -> None:
    lost, kept = begin(sessions), begin(sessions)
    session = sessions.find(lost)
    assert session
    for _ in range(2):
        sessions.end(session.tag)
        assert (sessions.find(lost), len(sessions.all)) == (None, 1)
    assert sessions.find(kept)
    sessions.end_all()
    assert sessions.find(kept) is None


async def test_a_logout_is_still_one_after_a_restart(sessions: Sessions, gateway: Gateway) -> None:
    cookie = begin(sessions)
    sessions.end(sessions.all[0].tag)
    assert (await gateway.start()).find(cookie) is None


async def test_there_are_a_hundred_at_most_and_the_one_unused_for_longest_makes_room(
    sessions: Sessions, clock: VirtualClock
) -> None:
    cookies = []
    for _ in range(MOST):
        cookies.append(begin(sessions))
        await clock.advance(1)
    await clock.advance(3600)
    assert sessions.find(cookies[0])
    newest = begin(sessions)
    assert len(sessions.all) == MOST == 100
    assert sessions.find(cookies[1]) is None
    assert all(map(sessions.find, (newest, cookies[0], *cookies[2:])))


async def test_the_one_that_was_used_last_is_listed_first(
    sessions: Sessions, clock: VirtualClock
) -> None:
    first = begin(sessions, "first")
    await clock.advance(3600)
    begin(sessions, "second")
    assert [one.browser for one in sessions.all] == ["second", "first"]
    await clock.advance(3600)
    sessions.find(first)
    assert [one.browser for one in sessions.all] == ["first", "second"]


async def test_a_page_that_asks_all_the_time_costs_one_write_in_ten_minutes(
    sessions: Sessions, gateway: Gateway, clock: VirtualClock
) -> None:
    cookie = begin(sessions)
    await clock.settle()
    first = gateway.path.read_bytes()
    for _ in range(119):
        await clock.advance(5)
        assert sessions.find(cookie)
    assert gateway.path.read_bytes() == first
    await clock.advance(5)
    sessions.find(cookie)
    await clock.settle()
    assert gateway.path.read_bytes() != first


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no JSON": lambda _: b"{",
    "another shape": lambda _: b'{"digest": 1}',
    "not a list of objects": lambda _: b'[1, null, "x", []]',
    "a date that is none": lambda content: content.replace(b"2026-", b"20x6-"),
    "a date far from now": lambda content: content.replace(b"2026-", b"9026-"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_file_logs_everybody_out_and_stops_nobody(
    sessions: Sessions, gateway: Gateway, damage: Callable[[bytes], bytes]
) -> None:
    cookie = begin(sessions)
    await gateway.start()
    gateway.path.write_bytes(damage(gateway.path.read_bytes()))
    gateway.started = []
    again = await gateway.start()
    assert again.find(cookie) is None
    assert again.find(begin(again))

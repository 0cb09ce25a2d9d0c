"""Pushes are hints: they cost a few Queries, take nothing from polls, and say nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, QUIET, Running, World
from tests.steps import DAY, HOUR, QUERY, bolt, command, device_names, meanwhile
from utec_gateway.core.models import Device, DeviceReport, Operation, StateEntry
from utec_gateway.devices.push_hints import (
    LIST_EVERY,
    MOST_AN_HOUR,
    QUERY_EVERY,
    PushHints,
    PushRecord,
    is_silent,
)
from utec_gateway.simulator.enums import QueryShape
from utec_gateway.simulator.states import jam, unlock
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.utec.push import PushedNews

LOCKED = StateEntry("st.lock", "lockState", "Locked")
UNLOCKED = StateEntry("st.lock", "lockState", "Unlocked")
NOTHING_ELSE = StateEntry("st.light", "color", "red")


class House:
    """A gateway between two of its polls, and whoever pushes to it."""

    def __init__(self, running: Running, world: World) -> None:
        self.running = running
        self.cloud = world.cloud
        self.clock: VirtualClock = world.clock
        self.account = running.gateway.account
        self.sent: list[tuple[float, Operation]] = []
        self._began = self.clock.monotonic()
        self.account.meter.sent.subscribe(self._sent)

    def _sent(self, operation: Operation) -> None:
        self.sent.append((self.clock.monotonic() - self._began, operation))

    @property
    def hints(self) -> PushHints:
        return self.account.push_hints

    @property
    def record(self) -> PushRecord:
        return self.hints.record

    @property
    def queried_at(self) -> list[float]:
        """When a Query was sent, in seconds since the house was entered."""
        return [at for at, operation in self.sent if operation is Operation.QUERY]

    def push(self, *ids: str, says: tuple[StateEntry, ...] = (), of_the_list: bool = False) -> None:
        reports = tuple(DeviceReport(device_id, says) for device_id in ids)
        self.hints.received(PushedNews(reports, of_the_list))

    async def push_every(self, seconds: float, how_long: float, *ids: str) -> None:
        for _ in range(int(how_long / seconds)):
            self.push(*ids)
            await self.clock.advance(seconds)

    async def polled_in(self, seconds: int) -> list[int]:
        """Return after how many seconds a poll ended; extra Queries are none."""
        found = []
        for second in range(1, seconds + 1):
            before = self.account.poller.last_updated
            await self.clock.advance(1)
            found += [second] * (self.account.poller.last_updated != before)
        return found

    def device(self, device_id: str = LOCK) -> Device:
        return self.account.cache.find(device_id)

    def seen(self, device_id: str) -> float:
        """Return the monotonic moment of the Query that last told of a device."""
        seen = self.device(device_id).seen
        assert seen
        return seen.monotonic


async def entered(world: World, **options: Any) -> House:
    running = await world.start(**options)
    await world.clock.advance(20)
    return House(running, world)


@pytest.fixture
async def house(world: World) -> House:
    """A house that is polled once an hour."""
    return await entered(world, **QUIET)


async def test_a_push_is_followed_at_once_by_a_query_of_its_device_alone(house: House) -> None:
    before = house.device(OTHER_LOCK).seen
    house.push(LOCK)
    await house.clock.settle()
    assert house.queried_at == [0.0]
    assert house.seen(LOCK) == house.clock.monotonic()
    assert house.device(OTHER_LOCK).seen == before


async def test_a_movement_that_was_pushed_is_shown_at_once(house: House) -> None:
    house.cloud.devices[LOCK].operate(unlock)
    house.push(LOCK)
    await house.clock.settle()
    assert await bolt(house.running) == "Unlocked"


async def test_nothing_that_is_pushed_is_believed(house: House) -> None:
    house.push(LOCK, says=(UNLOCKED,))
    await house.clock.settle()
    assert await bolt(house.running) == "Locked"


async def test_a_thousand_pushes_at_once_are_worth_one_query(house: House) -> None:
    for _ in range(1000):
        house.push(LOCK, OTHER_LOCK, LOCK)
    await house.clock.advance(60)
    assert house.queried_at == [0.0]
    assert house.record.received == 1000
    house.push(LOCK)
    await house.clock.settle()
    assert house.queried_at == [0.0, 60.0]


async def test_there_are_five_seconds_from_one_extra_query_to_the_next(house: House) -> None:
    await house.push_every(1, 60, LOCK)
    assert house.queried_at == [n * QUERY_EVERY for n in range(13)]


async def test_the_five_seconds_hold_after_a_pause_too(house: House) -> None:
    house.push(LOCK)
    await house.clock.advance(QUERY_EVERY + 1)
    house.push(LOCK)
    await house.clock.advance(1)
    house.push(OTHER_LOCK)
    await house.clock.advance(QUERY_EVERY)
    assert house.queried_at == [0.0, QUERY_EVERY + 1, 2 * QUERY_EVERY + 1]


async def test_no_hour_has_more_than_a_hundred_extra_queries(house: House) -> None:
    await house.push_every(4, 3 * HOUR, LOCK)
    queried = house.queried_at
    assert all(later - one >= QUERY_EVERY for one, later in pairwise(queried))
    busiest = max(sum(0 <= other - one < HOUR for other in queried) for one in queried)
    assert MOST_AN_HOUR <= busiest <= MOST_AN_HOUR + 1, "one of them is a poll"
    assert len(queried) >= 3 * MOST_AN_HOUR


async def test_a_push_for_which_no_query_is_left_is_not_kept_for_later(house: House) -> None:
    await house.push_every(5, 5 * MOST_AN_HOUR + 5, LOCK)
    count = len(house.queried_at)
    house.push(OTHER_LOCK, says=(UNLOCKED,))
    await house.clock.advance(HOUR - 600)
    assert len(house.queried_at) == count
    await house.clock.advance(600)
    house.push(LOCK)
    await house.clock.advance(10)
    assert len(house.queried_at) == count + 2, "a poll, and the push"
    assert house.record.judged == 0, "nobody knows any more whether it was right"


async def test_the_last_push_counts_and_none_of_many_is_forgotten(house: House) -> None:
    """Pushes come twice, and in any order."""
    house.push(LOCK)
    await house.clock.settle()
    for says in (UNLOCKED, LOCKED, UNLOCKED, LOCKED):
        house.push(LOCK, says=(says,))
        house.push(OTHER_LOCK, says=(says,))
    await house.clock.advance(30)
    assert house.queried_at == [0.0, QUERY_EVERY]
    assert (house.record.right, house.record.judged) == (2, 2)


async def test_more_devices_than_a_query_can_name_are_queried_one_batch_after_the_other(
    world: World,
) -> None:
    ids = [f"02:51:4D:00:01:{number:02d}" for number in range(25)]
    for number, device_id in enumerate(ids):
        world.cloud.add_device(device_id, f"Door {number}")
    house = await entered(world, **QUIET)
    house.push(*ids)
    await house.clock.settle()
    assert house.queried_at == [0.0]
    first = house.clock.monotonic()
    assert {house.seen(device_id) for device_id in ids[:20]} == {first}
    assert max(house.seen(device_id) for device_id in ids[20:]) < first
    await house.clock.advance(QUERY_EVERY)
    assert house.queried_at == [0.0, QUERY_EVERY]
    assert {house.seen(device_id) for device_id in ids[20:]} == {first + QUERY_EVERY}
    assert {house.seen(device_id) for device_id in ids[:20]} == {first}


async def test_devices_that_nobody_knows_cost_nothing_however_many_are_pushed(
    house: House,
) -> None:
    for number in range(1000):
        house.push(f"02:00:00:00:{number // 100:02d}:{number % 100:02d}")
    await house.clock.advance(1800)
    assert house.sent == []
    assert house.record.received == 1000
    house.push("a device that nobody knows")
    await house.clock.advance(1)
    house.push(LOCK)
    await house.clock.settle()
    assert house.queried_at == [1801.0], "and they make none that is known wait"


async def test_the_list_that_is_pushed_is_asked_for_at_most_every_five_minutes(
    house: House,
) -> None:
    for _ in range(int(2 * LIST_EVERY)):
        house.push("a device that nobody knows", of_the_list=True)
        await house.clock.advance(1)
    listed = [at for at, operation in house.sent if operation is Operation.DISCOVERY]
    assert len(listed) == 2
    assert listed[1] - listed[0] >= LIST_EVERY
    assert len(house.queried_at) == 2, "each with its poll"


async def test_a_device_that_is_new_appears_with_the_list_within_a_minute(house: House) -> None:
    house.cloud.add_device("02:51:4D:00:00:09", "New Door")
    house.push("02:51:4D:00:00:09", of_the_list=True)
    await house.clock.advance(60)
    assert await device_names(house.running) == ["Front Door", "Back Door", "New Door"]


async def test_a_push_that_is_ahead_of_the_query_is_asked_for_twice_and_then_wrong(
    house: House,
) -> None:
    house.push(LOCK, says=(UNLOCKED,))
    await house.clock.advance(4)
    assert house.record.judged == 0
    await house.clock.advance(60)
    assert house.queried_at == [0.0, QUERY_EVERY]
    assert (house.record.right, house.record.judged) == (0, 1)
    assert await bolt(house.running) == "Locked"


async def test_a_push_that_the_second_query_bears_out_was_right(house: House) -> None:
    house.push(LOCK, says=(UNLOCKED,))
    await house.clock.advance(1)
    house.cloud.devices[LOCK].operate(unlock)
    await house.clock.advance(QUERY_EVERY)
    assert (house.record.right, house.record.judged) == (1, 1)
    assert await bolt(house.running) == "Unlocked"


async def test_a_push_is_right_only_when_everything_in_it_is(house: House) -> None:
    battery = StateEntry("st.batteryLevel", "level", 1)
    house.push(LOCK, says=(LOCKED, battery))
    await house.clock.advance(60)
    assert (house.record.right, house.record.judged) == (0, 1)


@pytest.mark.parametrize("says", [(), (NOTHING_ELSE,)], ids=["an id alone", "unknown names"])
async def test_a_push_of_which_the_query_says_nothing_is_neither_right_nor_wrong(
    says: tuple[StateEntry, ...], house: House
) -> None:
    house.push(LOCK, says=says)
    await house.clock.advance(60)
    assert house.queried_at == [0.0]
    assert house.record.judged == 0


@pytest.mark.parametrize("shape", [QueryShape.EMPTY_STATES, QueryShape.OMITTED])
@pytest.mark.parametrize("says", [LOCKED, UNLOCKED])
async def test_no_push_is_judged_by_what_was_known_before(
    says: StateEntry, shape: QueryShape, house: House
) -> None:
    house.cloud.devices[LOCK].behaviour.query_shape = shape
    house.push(LOCK, OTHER_LOCK, says=(says,))
    await house.clock.advance(60)
    assert house.record.judged == 1, "the other one"


async def test_a_query_that_fails_leaves_polls_and_the_next_push_alone(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.cloud.faults.fail(QUERY)
    house.push(LOCK, says=(UNLOCKED,))
    await house.clock.advance(60)
    house.cloud.faults.clear()
    assert house.account.poller.failure is None
    assert house.record.judged == 0
    assert "query after a push failed" not in caplog.text
    house.cloud.devices[LOCK].operate(unlock)
    house.push(LOCK, says=(UNLOCKED,))
    await house.clock.settle()
    assert await bolt(house.running) == "Unlocked"
    assert (house.record.right, house.record.judged) == (1, 1)


async def test_a_cloud_that_asks_to_slow_down_is_left_alone_by_pushes_and_polls(
    world: World,
) -> None:
    house = await entered(world)
    house.cloud.faults.rate_limit(QUERY, retry_after="300", times=1)
    house.push(LOCK)
    await house.clock.settle()
    count = len(house.sent)
    await house.push_every(5, 295, LOCK)
    assert len(house.sent) == count
    await house.clock.advance(20)
    assert len(house.sent) > count


async def test_a_sign_in_that_has_ended_is_no_error_of_ours(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.cloud.faults.answer(QUERY, {"payload": {"error": {"code": "INVALID_TOKEN"}}})
    house.push(LOCK)
    await house.clock.advance(30)
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def test_closing_ends_the_query_under_way_and_forgets_the_hints(house: House) -> None:
    house.cloud.faults.hang(QUERY)
    house.push(LOCK)
    await house.clock.settle()
    await house.hints.close()
    assert "query after a push" not in {task.get_name() for task in asyncio.all_tasks()}
    house.cloud.faults.clear()
    await house.clock.advance(60)
    assert house.cloud.calls.by_action[QUERY] == 2, "the first poll, and what was given up"
    assert house.record.judged == 0


async def test_a_jam_that_a_push_made_us_see_is_told_at_once(world: World) -> None:
    house = await entered(world)
    polled = house.account.poller.last_updated
    await house.clock.until(lambda: house.account.poller.last_updated != polled)
    house.cloud.devices[LOCK].operate(jam)
    house.push(LOCK)
    await house.clock.advance(1)
    assert [one.title for one in house.running.gateway.tracker.open] == ["Front Door is jammed"]


@pytest.mark.parametrize("interval", [10, 15, 60])
async def test_polls_come_as_often_as_without_a_flood_of_pushes(
    interval: int, world: World
) -> None:
    house = await entered(world, poll_interval_seconds=interval)
    begun, quiet = house.clock.monotonic(), await house.polled_in(1800)
    flood = asyncio.ensure_future(keep_pushing(house))
    await house.clock.advance(quiet[-1] - (house.clock.monotonic() - begun) + 1800)
    flooded = await house.polled_in(1800)
    flood.cancel()
    gaps = [{round(b - a) for a, b in pairwise(polls)} for polls in (quiet, flooded)]
    assert gaps[0] == gaps[1]
    assert abs(len(quiet) - len(flooded)) <= 1


async def keep_pushing(house: House) -> None:
    while True:
        house.push(LOCK, OTHER_LOCK)
        await house.clock.sleep(4)


async def test_two_minutes_of_quick_polls_follow_a_movement_in_a_flood_too(world: World) -> None:
    house = await entered(world)
    flood = asyncio.ensure_future(keep_pushing(house))
    await house.clock.advance(HOUR)
    house.cloud.devices[LOCK].operate(unlock)
    await house.clock.advance(15)
    polls = await house.polled_in(100)
    flood.cancel()
    assert {b - a for a, b in pairwise(polls)} == {5}


async def test_the_last_calls_of_an_hour_are_for_polls_and_commands(house: House) -> None:
    for _ in range(120):
        house.account.meter.sent.emit(Operation.QUERY)
    house.sent.clear()
    house.push(LOCK)
    await house.clock.settle()
    assert house.sent == []
    assert (await command(house.running, "unlock")).body["status"] == "ok"


async def test_a_push_that_claims_success_confirms_no_command(world: World) -> None:
    house = await entered(world, **QUIET)
    house.cloud.behaviour.commands.ignore_next = 1
    asked = asyncio.ensure_future(house.running.post("/api/unlock", {"id": LOCK}))
    await house.clock.advance(2)
    house.push(LOCK, says=(UNLOCKED,))
    status, answer = await meanwhile(house.running, asked)
    assert (status, answer["status"]) == (200, "pending")
    assert await bolt(house.running) == "Locked"


async def test_a_push_of_the_state_before_a_command_undoes_nothing(world: World) -> None:
    house = await entered(world, **QUIET)
    assert (await command(house.running, "unlock")).body["status"] == "ok"
    for _ in range(10):
        house.push(LOCK, says=(LOCKED,))
        await house.clock.advance(2)
        assert await bolt(house.running) == "Unlocked"
    last = house.account.commands.last(LOCK)
    assert last
    assert str(last.state) == "confirmed"


async def test_what_moves_without_a_push_is_remembered_until_one_comes(house: House) -> None:
    house.hints.moved(house.device())
    first = house.clock.now()
    await house.clock.advance(HOUR)
    house.hints.moved(house.device())
    assert house.record.unpushed_move == first, "the first is kept"
    house.push("any device")
    assert house.record.unpushed_move is None
    assert house.record.last == house.clock.now()


@pytest.mark.parametrize(("seconds", "is_unpushed"), [(0, False), (59, False), (60, True)])
async def test_what_moves_within_a_minute_after_a_push_was_pushed(
    seconds: float, is_unpushed: bool, house: House
) -> None:
    house.push(LOCK)
    await house.clock.advance(seconds)
    house.hints.moved(house.device())
    assert (house.record.unpushed_move is not None) is is_unpushed


async def test_what_a_push_made_us_see_is_no_unpushed_move(house: House) -> None:
    house.cloud.devices[LOCK].operate(unlock)
    house.push(LOCK)
    await house.clock.advance(10)
    assert await bolt(house.running) == "Unlocked"
    assert house.record.unpushed_move is None


async def test_what_a_poll_saw_without_a_push_is_one(world: World) -> None:
    house = await entered(world)
    house.cloud.devices[LOCK].operate(unlock)
    await house.clock.advance(20)
    assert house.record.unpushed_move is not None


async def test_a_day_without_a_push_is_silence_only_when_something_moved(house: House) -> None:
    now = house.clock.now()
    assert not is_silent(PushRecord(), now)
    assert not is_silent(PushRecord(received=1, last=now - timedelta(days=9)), now)
    moved = PushRecord(unpushed_move=now)
    assert not is_silent(moved, now + timedelta(seconds=DAY - 1))
    assert is_silent(moved, now + timedelta(seconds=DAY))
    assert not is_silent(replace(moved, unpushed_move=None), now + timedelta(days=9))


async def test_what_moved_before_the_registration_could_not_be_pushed(house: House) -> None:
    house.hints.moved(house.device())
    await house.clock.advance(DAY)
    house.hints.registered()
    assert house.record.unpushed_move is None


async def test_what_moved_since_is_not_forgotten_with_the_registration_of_every_day(
    house: House,
) -> None:
    house.hints.registered()
    house.hints.moved(house.device())
    moved = house.record.unpushed_move
    await house.clock.advance(DAY)
    house.hints.registered()
    assert house.record.unpushed_move == moved is not None


async def test_a_registration_that_follows_days_of_none_begins_anew(house: House) -> None:
    house.hints.registered()
    house.hints.moved(house.device())
    await house.clock.advance(3 * DAY)
    house.hints.registered()
    assert house.record.unpushed_move is None


async def test_the_registration_itself_says_from_when_on_pushes_are_to_come(house: House) -> None:
    house.hints.moved(house.device())
    options = {"push": "auto", "push_url": "https://locks.example.com"}
    await house.running.gateway.settings.update(lambda _: options)
    await house.clock.advance(20)
    assert len(house.cloud.pushes.registrations) == 1
    assert house.record.unpushed_move is None

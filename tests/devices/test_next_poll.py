"""When the next poll is due, second by second, without a cloud."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.utec.given import Given
from utec_gateway.core.errors import UtecRateLimitedError
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.readings import (
    DoorState,
    LockMode,
    LockState,
    Moment,
    Reading,
    Readings,
    SwitchState,
)
from utec_gateway.devices.next_poll import HOUR, MOST_CALLS, PollingPace, SlowedPace
from utec_gateway.options.schema import Options
from utec_gateway.simulator.virtual_time import VirtualClock

CALM, QUICK = 15.0, 5.0


class Polled:
    """A pace whose polls take no time, and the moments of all calls."""

    def __init__(self, clock: VirtualClock, devices: int = 2, interval: int = 15) -> None:
        self.clock = clock
        self.devices = devices
        self.sent = Event[Operation]("the meter")
        self.pace = PollingPace(Given(Options(poll_interval_seconds=interval)), self.sent, clock)
        self.calls: list[float] = []
        self.sent.subscribe(lambda _: self.calls.append(clock.monotonic()))

    def call(self, times: int = 1) -> None:
        for _ in range(times):
            self.sent.emit(Operation.QUERY)

    async def poll(self) -> float:
        """Poll when it is due; return after how many seconds that was."""
        began = self.clock.monotonic()
        while self.pace.pause > 0:  # ask again after each rest, as the scheduler does
            await self.clock.advance(self.pace.pause)
        self.call(-(-self.devices // 20))
        self.pace.polled(self.clock.monotonic(), self.devices)
        return self.clock.monotonic() - began

    async def poll_for(self, seconds: float) -> list[float]:
        """Poll for so long; return the seconds between the polls."""
        end, gaps = self.clock.monotonic() + seconds, []
        while self.clock.monotonic() < end:
            gaps.append(await self.poll())
        return gaps

    def busiest_hour(self) -> int:
        return max(
            sum(1 for other in self.calls if 0 <= other - call < HOUR) for call in self.calls
        )


@pytest.fixture
async def polled(clock: VirtualClock) -> Polled:
    """A pace after its first poll."""
    polled = Polled(clock)
    await polled.poll()
    return polled


def device(clock: VirtualClock, **readings: Any) -> Device:
    """Return a lock that was just asked for everything."""
    asked = Moment(clock.now(), clock.monotonic())
    known: dict[str, Any] = {name: Reading(value, asked) for name, value in readings.items()}
    return Device("1", {}, readings=Readings(**known), offline_readings=0)


async def test_the_first_poll_is_due_at_once_and_the_next_after_the_interval(
    clock: VirtualClock,
) -> None:
    polled = Polled(clock)
    assert [await polled.poll() for _ in range(3)] == [0.0, CALM, CALM]


async def test_the_interval_is_the_owners_to_choose(clock: VirtualClock) -> None:
    polled = Polled(clock, interval=45)
    assert [await polled.poll() for _ in range(3)] == [0.0, 45, 45]


async def test_a_calm_interval_begins_with_the_answer_and_a_quick_one_with_the_question(
    polled: Polled, clock: VirtualClock
) -> None:
    asked = clock.monotonic()
    await clock.advance(2)
    polled.pace.polled(asked, 2)
    assert polled.pace.pause == CALM
    polled.pace.commanded()
    assert polled.pace.pause == QUICK - 2


MOVEMENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a bolt": ({"lock_state": LockState.LOCKED}, {"lock_state": LockState.UNLOCKED}),
    "a jam": ({"lock_state": LockState.LOCKED}, {"lock_state": LockState.JAMMED}),
    "a door": ({"door": DoorState.CLOSED}, {"door": DoorState.OPEN}),
    "a mode": ({"mode": LockMode.NORMAL}, {"mode": LockMode.PASSAGE}),
    "a switch": ({"switch": SwitchState.OFF}, {"switch": SwitchState.ON}),
    "a level": ({"level": 20}, {"level": 80}),
}
NO_MOVEMENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({"lock_state": LockState.LOCKED}, {"lock_state": LockState.LOCKED}),
    "a battery": ({"battery": 4}, {"battery": 3}),
    "the first reading": ({}, {"lock_state": LockState.LOCKED}),
}


@pytest.mark.parametrize("movement", MOVEMENTS)
async def test_for_two_minutes_after_a_movement_polls_come_every_five_seconds(
    movement: str, polled: Polled, clock: VirtualClock
) -> None:
    before, after = MOVEMENTS[movement]
    polled.pace.seen([device(clock, **before)], [device(clock, **after)])
    assert await polled.poll_for(120) == [QUICK] * 24
    assert await polled.poll() == CALM


@pytest.mark.parametrize("change", NO_MOVEMENTS)
async def test_what_is_no_movement_changes_nothing(
    change: str, polled: Polled, clock: VirtualClock
) -> None:
    before, after = NO_MOVEMENTS[change]
    polled.pace.seen([device(clock, **before)], [device(clock, **after)])
    assert await polled.poll() == CALM


async def test_for_two_minutes_after_a_command_polls_come_every_five_seconds(
    polled: Polled,
) -> None:
    polled.pace.commanded()
    assert await polled.poll_for(120) == [QUICK] * 24
    assert await polled.poll() == CALM


async def test_a_second_movement_begins_the_two_minutes_anew(
    polled: Polled,
) -> None:
    polled.pace.commanded()
    await polled.poll_for(100)
    polled.pace.commanded()
    assert await polled.poll_for(120) == [QUICK] * 24


async def test_a_first_offline_reading_is_asked_again_after_5_and_10_seconds(
    polled: Polled, clock: VirtualClock
) -> None:
    online = device(clock, lock_state=LockState.LOCKED)
    polled.pace.seen([online], [replace(online, offline_readings=1)])
    assert [await polled.poll() for _ in range(3)] == [QUICK, QUICK, CALM]


async def test_a_lock_that_stays_offline_is_no_reason_to_ask_more_often(
    polled: Polled, clock: VirtualClock
) -> None:
    offline = replace(device(clock), offline_readings=1)
    polled.pace.seen([offline], [replace(offline, offline_readings=2)])
    assert await polled.poll() == CALM


async def test_while_somebody_watches_polls_come_every_five_seconds(polled: Polled) -> None:
    with polled.pace.watched():
        with polled.pace.watched():
            assert await polled.poll_for(150) == [QUICK] * 30
        assert await polled.poll() == QUICK
    assert await polled.poll() == CALM


async def test_whoever_waits_for_the_next_poll_hears_that_it_is_due_earlier(
    polled: Polled, clock: VirtualClock
) -> None:
    heard: list[float] = []
    polled.pace.quickened.subscribe(lambda _: heard.append(polled.pace.pause))
    await clock.advance(1)
    polled.pace.commanded()
    with polled.pace.watched():
        assert heard == [QUICK - 1, QUICK - 1]


async def test_a_day_of_somebody_watching_makes_no_hour_of_more_than_360_calls(
    polled: Polled,
) -> None:
    with polled.pace.watched():
        gaps = await polled.poll_for(24 * HOUR)
    assert polled.busiest_hour() <= MOST_CALLS
    assert max(gaps) <= CALM + 1, "stretched, not stopped"
    assert len(gaps) > 24 * 300, "the hour's calls are used"


@pytest.mark.parametrize("interval", [10, 15, 60, 3600])
async def test_an_hour_and_a_half_of_movements_stretches_the_polls_evenly(
    interval: int, clock: VirtualClock
) -> None:
    polled = Polled(clock, interval=interval)
    with polled.pace.watched():
        gaps = await polled.poll_for(5400)
    assert polled.busiest_hour() <= MOST_CALLS
    assert gaps[1:100] == [QUICK] * 99
    steps = [later / earlier for earlier, later in pairwise(gaps[150:])]
    assert max(steps) < 3.2, "no gap is much longer than the one before"


@pytest.mark.parametrize(("interval", "at_most"), [(10, 11.5), (15, 15.0), (30, 30.0)])
async def test_a_chosen_interval_is_kept_as_far_as_360_calls_an_hour_go(
    interval: int, at_most: float, clock: VirtualClock
) -> None:
    polled = Polled(clock, interval=interval)
    gaps = await polled.poll_for(3 * HOUR)
    assert max(gaps) <= at_most
    assert polled.busiest_hour() <= MOST_CALLS


async def test_many_devices_are_polled_evenly_within_the_hours_calls(clock: VirtualClock) -> None:
    polled = Polled(clock, devices=100)
    gaps = await polled.poll_for(3 * HOUR)
    assert polled.busiest_hour() <= MOST_CALLS
    assert max(gaps) < 60, "the locks do not become unknown between two polls"
    assert polled.pace.slowed == SlowedPace(interval=55, wanted=15, calls=360)


async def test_what_is_polled_as_wanted_is_not_called_stretched(polled: Polled) -> None:
    assert polled.pace.slowed is None
    with polled.pace.watched():
        await polled.poll_for(60)
        assert polled.pace.slowed is None


async def test_commands_count_and_polls_wait_until_there_are_calls_left(
    polled: Polled, clock: VirtualClock
) -> None:
    polled.call(MOST_CALLS)
    await clock.advance(CALM)
    assert polled.pace.pause > 0
    assert await polled.poll_for(3 * HOUR)
    assert polled.busiest_hour() == MOST_CALLS + 1, "the poll before and the commands"
    assert polled.pace.slowed is None


async def test_a_forced_poll_is_refused_when_only_calls_for_commands_are_left(
    clock: VirtualClock,
) -> None:
    polled = Polled(clock)
    polled.call(109)  # and 240 are assumed
    polled.pace.check()
    polled.call()
    with pytest.raises(UtecRateLimitedError, match="almost 360 times"):
        polled.pace.check()
    await clock.advance(CALM)
    polled.pace.check()


@pytest.mark.parametrize(
    ("interval", "devices", "extra"),
    [(10, 2, 5), (15, 2, 66), (15, 25, 5), (60, 2, 246), (60, 25, 186), (3600, 2, 305)],
)
async def test_what_calm_polls_and_a_burst_leave_of_an_hour_may_be_used_between_them(
    interval: int, devices: int, extra: int, clock: VirtualClock
) -> None:
    polled = Polled(clock, devices, interval)
    await polled.poll()
    assert polled.pace.extra_calls == extra


async def test_more_may_be_held_back_than_what_is_for_commands(clock: VirtualClock) -> None:
    polled = Polled(clock)
    polled.call(99)  # and 240 are assumed
    polled.pace.check(20)
    polled.call()
    with pytest.raises(UtecRateLimitedError):
        polled.pace.check(20)
    polled.pace.check()

"""People are told in time, once, no more than once an hour, and told when it is over."""

import asyncio
import json

import pytest

from tests.conftest import LOCK, Running, World
from utec_gateway.core.clock import FastClock
from utec_gateway.core.notification import DeliveryState, Notification
from utec_gateway.simulator.faults import Fault

MINUTE, HOUR, DAY = 60, 3600, 86400
OUTAGE = Fault(target="/action", status=500)


def open_ids(running: Running) -> list[str]:
    return [notification.id for notification in running.gateway.tracker.open]


def the_open_one(running: Running) -> Notification:
    (only,) = running.gateway.tracker.open
    return only


def told(world: World) -> list[str]:
    """Return what the event log said to people."""
    lines = (world.data_dir / "gateway.log").read_text().splitlines()
    ours = [line for line in lines if "[utec_gateway.plugins.event_log]" in line]
    said = [line for line in ours if " WARNING " in line or "] Over: " in line]
    return [line.partition("] ")[2] for line in said]


async def test_an_outage_of_fifteen_minutes_is_told_once_and_its_end_too(
    world: World, running: Running
) -> None:
    world.cloud.faults.add(OUTAGE)
    await world.clock.advance(14 * MINUTE)
    assert told(world) == []
    await world.clock.advance(3 * MINUTE)
    assert [line.partition(":")[0] for line in told(world)] == ["No news of your locks"]
    await world.clock.advance(2 * HOUR)
    assert len(told(world)) == 1
    world.cloud.faults.clear()
    await world.clock.advance(15 * MINUTE)
    assert told(world)[1:] == ["Over: No news of your locks"]
    assert open_ids(running) == []


async def test_news_is_told_at_once_by_a_clock_that_runs_on(running: Running) -> None:
    running.gateway.tracker._clock = FastClock(10**6)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "one")
    await running.clock.settle()
    assert the_open_one(running).delivery is DeliveryState.SENT


async def test_what_comes_and_goes_is_told_once_an_hour(world: World, running: Running) -> None:
    tracker = running.gateway.tracker
    for _ in range(10):
        tracker.raise_issue("flapping", "It flaps", "It is bad.")
        await world.clock.advance(2 * MINUTE)
        tracker.resolve("flapping")
        await world.clock.advance(2 * MINUTE)
    assert told(world) == ["It flaps: It is bad.", "Over: It flaps"]
    tracker.raise_issue("flapping", "It flaps", "It is bad.")
    await world.clock.advance(HOUR)
    assert told(world)[2:] == ["It flaps: It is bad."]


async def test_what_does_not_flap_by_itself_is_told_each_time_it_comes(
    world: World, running: Running
) -> None:
    tracker = running.gateway.tracker
    for _ in range(2):
        tracker.raise_issue("failed", "It failed", "It is bad.", at_once=True)
        await world.clock.advance(2 * MINUTE)
        tracker.resolve("failed")
        await world.clock.advance(2 * MINUTE)
    assert told(world) == ["It failed: It is bad.", "Over: It failed"] * 2


async def test_another_failure_in_the_place_of_the_first_is_told_at_once(
    world: World, running: Running
) -> None:
    tracker = running.gateway.tracker
    for title in ("It did not lock", "It did not lock", "It did not unlock"):
        tracker.raise_issue("failed", title, "It is bad.", at_once=True)
        await world.clock.advance(2 * MINUTE)
    assert told(world) == ["It did not lock: It is bad.", "It did not unlock: It is bad."]
    assert len(running.gateway.tracker.open) == 1


async def test_a_failure_after_the_earlier_was_waved_off_is_told_and_the_same_words_are_not(
    world: World, running: Running
) -> None:
    tracker = running.gateway.tracker
    for message in ("At nine.", "At ten.", "At ten."):
        tracker.raise_issue("failed", "It failed", message, at_once=True)
        await world.clock.advance(1)
        await tracker.dismissed_by_user("failed")
    assert told(world) == ["It failed: At nine.", "It failed: At ten."]


async def test_what_is_bad_and_worse_in_turn_is_told_as_worse_once(
    world: World, running: Running
) -> None:
    for urgency in (0, 1, 0, 1, 0, 1):
        running.gateway.tracker.raise_issue("trouble", "Trouble", f"grade {urgency}", urgency)
        await world.clock.advance(2 * HOUR)
    assert told(world) == ["Trouble: grade 0", "Trouble: grade 1"]


async def test_what_is_told_each_time_is_so_after_a_restart_too(
    world: World, running: Running
) -> None:
    tracker = running.gateway.tracker
    tracker.raise_issue("failed", "It failed", "It is bad.", at_once=True)
    await world.clock.advance(1)
    await world.stop()
    again = await world.start()
    assert the_open_one(again).at_once
    again.gateway.tracker.resolve("failed")
    again.gateway.tracker.raise_issue("failed", "It failed", "It is bad.", at_once=True)
    await world.clock.advance(1)
    assert told(world)[-2:] == ["Over: It failed", "It failed: It is bad."]


async def test_a_new_text_is_kept_without_telling_again_and_a_worse_one_is_told(
    world: World, running: Running
) -> None:
    tracker = running.gateway.tracker
    tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(1)
    tracker.raise_issue("trouble", "Trouble", "two")
    await world.clock.advance(2 * HOUR)
    assert told(world) == ["Trouble: one"]
    assert the_open_one(running).message == "two"
    tracker.raise_issue("trouble", "Trouble", "three", urgency=1)
    await world.clock.advance(1)
    assert told(world) == ["Trouble: one", "Trouble: three"]


async def test_what_got_worse_within_the_hour_and_is_over_is_taken_back(
    world: World, running: Running
) -> None:
    tracker = running.gateway.tracker
    tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(1)
    tracker.raise_issue("trouble", "Trouble", "worse", urgency=1)
    await world.clock.advance(1)
    assert the_open_one(running).delivery is DeliveryState.PENDING
    tracker.resolve("trouble")
    await world.clock.advance(1)
    assert told(world) == ["Trouble: one", "Over: Trouble"]


async def test_what_was_told_before_a_restart_is_no_news_after_it(
    world: World, running: Running
) -> None:
    running.gateway.tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(1)
    await world.stop()
    again = await world.start()
    again.gateway.tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(2 * HOUR)
    assert told(world) == ["Trouble: one"]
    assert the_open_one(again).delivery is DeliveryState.SENT


async def test_what_nobody_could_be_told_before_a_restart_is_told_after_it(
    world: World, running: Running
) -> None:
    running.gateway.tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(1)
    await world.stop()
    path = world.data_dir / "issues.json"
    issues = json.loads(path.read_text())
    issues["notifications"][0]["telling"] = "under_way"
    path.write_text(json.dumps(issues))
    await world.start()
    await world.clock.advance(1)
    assert told(world) == ["Trouble: one"] * 2


async def test_a_refused_sign_in_gets_more_urgent_as_its_time_runs_out(world: World) -> None:
    running = await world.start(poll_interval_seconds=3600)
    world.cloud.behaviour.oauth.refuse_grants = True
    status, _ = await running.post("/api/oauth/refresh")
    await world.clock.advance(1)
    assert status == 401
    assert "keep working until" in the_open_one(running).message
    assert the_open_one(running).urgency == 0
    await world.clock.advance(6 * DAY + HOUR)
    assert the_open_one(running).urgency == 1
    await world.clock.advance(DAY)
    assert (the_open_one(running).id, the_open_one(running).urgency) == ("reauth_required", 2)
    assert "do not respond until you have signed in" in the_open_one(running).message
    assert len(told(world)) == 3


async def test_renewals_that_fail_for_six_hours_are_told_with_the_next_attempt(
    world: World, running: Running
) -> None:
    world.cloud.faults.add(Fault(target="/token", status=500))
    refused = asyncio.create_task(running.post("/api/oauth/refresh"))
    await world.clock.advance(5 * HOUR)
    await refused
    assert open_ids(running) == []
    await world.clock.advance(2 * HOUR)
    assert the_open_one(running).id == "renewal_failing"
    assert "The gateway tries again at" in the_open_one(running).message
    world.cloud.faults.clear()
    await world.clock.advance(HOUR)
    assert open_ids(running) == []


@pytest.mark.parametrize(("level", "is_told"), [(1, True), (2, False), (3, False)])
async def test_an_empty_battery_is_told_at_once_and_a_low_one_not_yet(
    world: World, running: Running, level: int, *, is_told: bool
) -> None:
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = level
    await world.clock.advance(2 * MINUTE)
    assert bool(open_ids(running)) is is_told


async def test_a_battery_that_stays_low_for_a_day_is_told_until_it_was_good_for_a_day(
    world: World,
) -> None:
    running = await world.start(poll_interval_seconds=60)
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = 2
    await world.clock.advance(20 * HOUR)
    assert open_ids(running) == []
    await world.stop()
    again = await world.start(poll_interval_seconds=60)
    await world.clock.advance(5 * HOUR)
    assert "battery level 2 of 5" in the_open_one(again).message
    assert LOCK not in the_open_one(again).id
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = 5
    await world.clock.advance(23 * HOUR)
    assert len(open_ids(again)) == 1
    await world.clock.advance(HOUR + 2 * MINUTE)
    assert open_ids(again) == []


async def test_without_a_sign_in_nobody_asks_so_that_is_no_outage(
    world: World, running: Running
) -> None:
    world.cloud.behaviour.oauth.refuse_grants = True
    world.cloud.grants.revoke_everything()
    await world.clock.advance(2 * HOUR)
    assert open_ids(running) == ["reauth_required"]


async def test_what_people_know_is_not_told_again_in_another_language(world: World) -> None:
    running = await world.start(language="de")
    world.cloud.behaviour.oauth.refuse_grants = True
    await running.post("/api/oauth/refresh")
    await world.clock.advance(1)
    before = told(world)
    await world.stop()
    running = await world.start(language="fr")
    await world.clock.advance(120)
    assert the_open_one(running).title == "Reconnectez-vous à U-tec"
    assert len(told(world)) == len(before) == 1

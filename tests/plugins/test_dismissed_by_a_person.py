"""What a person dismissed in Home Assistant stays away for a day, unless it got worse."""

from tests.conftest import Running, World
from tests.home_assistant.core_double import CoreDouble
from tests.plugins.home import DAY, HOUR, MINUTE, SHOWN, raise_trouble, start


async def test_what_a_person_dismissed_stays_away_for_a_day(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    await core.dismiss(SHOWN)
    await home.clock.advance(HOUR)
    await raise_trouble(home, "It is bad in other words.")
    await home.clock.advance(22 * HOUR)
    assert core.notifications == {}
    await home.clock.advance(2 * HOUR)
    assert list(core.notifications) == [SHOWN]


async def test_what_a_person_dismissed_is_back_when_it_got_worse(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    await core.dismiss(SHOWN)
    await home.clock.advance(HOUR)
    await raise_trouble(home, "It is worse.", urgency=1)
    assert "worse" in core.notifications[SHOWN]["message"]


async def test_what_got_worse_within_the_hour_stays_away_until_people_may_be_told_again(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    await core.dismiss(SHOWN)
    await raise_trouble(home, "It is worse.", urgency=1)
    await home.clock.advance(50 * MINUTE)
    assert core.notifications == {}
    await home.clock.advance(11 * MINUTE)
    assert list(core.notifications) == [SHOWN]


async def test_what_a_person_dismissed_stays_away_over_a_restart_of_either(
    core: CoreDouble, home: Running, world: World
) -> None:
    await raise_trouble(home)
    await core.dismiss(SHOWN)
    await home.clock.advance(MINUTE)
    await world.stop()
    await start(world)
    await core.stop()
    await core.start()
    await world.clock.advance(HOUR)
    assert core.notifications == {}
    await world.clock.advance(DAY)
    assert list(core.notifications) == [SHOWN]


async def test_what_is_over_and_comes_back_is_shown_although_the_last_was_dismissed(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    await core.dismiss(SHOWN)
    await home.clock.advance(HOUR)
    home.gateway.tracker.resolve("trouble")
    await home.clock.advance(MINUTE)
    await raise_trouble(home)
    assert list(core.notifications) == [SHOWN]


async def test_what_the_gateway_takes_back_itself_was_dismissed_by_nobody(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    await home.clock.advance(2 * HOUR)
    home.gateway.tracker.resolve("trouble")
    await raise_trouble(home, "It is bad again.")
    await home.clock.advance(MINUTE)
    assert list(core.notifications) == [SHOWN]
    assert [service for service, _ in core.calls].count("dismiss") == 1
    assert home.gateway.tracker.open[0].dismissed_at is None

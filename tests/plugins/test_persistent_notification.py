"""Home Assistant is shown what people are told: kept up over its restarts, gone when it is over."""

import asyncio

from tests.conftest import Running, World
from tests.home_assistant.core_double import CoreDouble
from tests.home_assistant.supervisor_proxy import SLUG, SupervisorProxy
from tests.plugins.home import HOUR, MINUTE, SHOWN, log_lines, raise_trouble, say_test, start
from tests.steps import command, plugin, timed


async def test_trouble_is_shown_at_once_updated_in_place_and_gone_when_it_is_over(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    assert list(core.notifications) == [SHOWN]
    assert core.notifications[SHOWN]["title"] == "Trouble"
    await raise_trouble(home, "It is still bad.")
    assert list(core.notifications) == [SHOWN]
    assert "still bad" in core.notifications[SHOWN]["message"]
    home.gateway.tracker.resolve("trouble")
    await home.clock.advance(1)
    assert core.notifications == {}


async def test_it_is_shown_once_and_not_again_and_again(core: CoreDouble, home: Running) -> None:
    await raise_trouble(home)
    await home.clock.advance(HOUR)
    assert [service for service, _ in core.calls] == ["create"]


async def test_the_message_ends_with_a_link_into_the_panel(core: CoreDouble, home: Running) -> None:
    await raise_trouble(home)
    message = core.notifications[SHOWN]["message"]
    assert message == f"It is bad.\n\n[Open the U-tec Gateway](/app/{SLUG})"


async def test_trouble_while_home_assistant_restarts_is_shown_when_it_is_back(
    core: CoreDouble, proxy: SupervisorProxy, home: Running, world: World
) -> None:
    proxy.is_core_running = False
    await core.stop()
    await raise_trouble(home)
    await home.clock.advance(20 * MINUTE)
    assert core.calls == []
    assert not (await plugin(home, "persistent_notification"))["is_failing"]
    await core.start()
    proxy.is_core_running = True
    await home.clock.advance(2 * MINUTE)
    assert list(core.notifications) == [SHOWN]
    said = [line.partition("] ")[2] for line in log_lines(world)]
    assert len(said) == 2, said
    assert "waits until it can" in said[0]
    assert said[1] == "Home Assistant answers again"
    assert "Traceback" not in (world.data_dir / "gateway.log").read_text()


async def test_home_assistant_is_asked_again_at_least_once_a_minute_and_not_all_the_time(
    core: CoreDouble, proxy: SupervisorProxy, home: Running
) -> None:
    proxy.is_core_running = False
    await core.hang_up()
    await home.clock.advance(5 * MINUTE)
    before = len(proxy.requests)
    await home.clock.advance(10 * MINUTE)
    assert 9 <= len(proxy.requests) - before <= 11


async def test_after_a_long_absence_home_assistant_is_not_suspected_of_another(
    core: CoreDouble, proxy: SupervisorProxy, home: Running
) -> None:
    proxy.is_core_running = False
    await core.hang_up()
    await home.clock.advance(10 * MINUTE)
    proxy.is_core_running = True
    await home.clock.advance(2 * MINUTE)
    before = len(proxy.requests)
    await core.hang_up()
    await home.clock.advance(3)
    assert len(proxy.requests) == before + 1


async def test_what_a_restart_of_home_assistant_lost_is_back_within_two_minutes(
    core: CoreDouble, proxy: SupervisorProxy, home: Running
) -> None:
    await raise_trouble(home)
    proxy.is_core_running = False
    await core.stop()
    await home.clock.advance(10 * MINUTE)
    await core.start()
    await home.clock.advance(MINUTE)
    assert core.notifications == {}
    proxy.is_core_running = True
    await home.clock.advance(2 * MINUTE)
    assert list(core.notifications) == [SHOWN]


async def test_a_connection_that_broke_is_no_reason_to_show_anything_again(
    core: CoreDouble, proxy: SupervisorProxy, home: Running
) -> None:
    await raise_trouble(home)
    connections = proxy.requests.count("/core/websocket")
    await core.hang_up()
    await home.clock.advance(2 * MINUTE)
    assert proxy.requests.count("/core/websocket") == connections + 1
    assert [service for service, _ in core.calls] == ["create"]


async def test_what_is_open_is_shown_again_by_a_gateway_that_starts(
    core: CoreDouble, home: Running, world: World
) -> None:
    await raise_trouble(home)
    await world.stop()
    assert list(core.notifications) == [SHOWN]
    core.notifications.clear()
    await start(world)
    assert list(core.notifications) == [SHOWN]


async def test_what_was_over_before_anybody_could_say_so_is_taken_back_later(
    core: CoreDouble, proxy: SupervisorProxy, home: Running
) -> None:
    await raise_trouble(home)
    proxy.is_core_running = False
    await core.hang_up()
    home.gateway.tracker.resolve("trouble")
    await home.clock.advance(MINUTE)
    assert list(core.notifications) == [SHOWN]
    proxy.is_core_running = True
    await home.clock.advance(2 * MINUTE)
    assert core.notifications == {}


async def test_what_others_show_is_left_alone(core: CoreDouble, home: Running) -> None:
    core.notifications["http-login"] = {"title": "Login attempt failed", "message": "x"}
    await core.hang_up()
    await home.clock.advance(2 * MINUTE)
    await core.dismiss("http-login")
    await home.clock.advance(MINUTE)
    assert core.calls == []


async def test_switched_off_everything_of_ours_goes_and_switched_on_it_comes_back(
    core: CoreDouble, home: Running
) -> None:
    await raise_trouble(home)
    await home.gateway.settings.change({"notify_home_assistant": False})
    await home.clock.advance(MINUTE)
    assert core.notifications == {}
    home.gateway.tracker.raise_issue("more", "More", "More trouble.")
    await home.clock.advance(MINUTE)
    assert core.notifications == {}
    await home.gateway.settings.change({"notify_home_assistant": True})
    await home.clock.advance(MINUTE)
    assert set(core.notifications) == {SHOWN, "utec_gateway_more"}


async def test_switched_off_over_a_restart_everything_of_ours_goes(
    core: CoreDouble, home: Running, world: World
) -> None:
    await raise_trouble(home)
    await world.stop()
    again = await start(world, notify_home_assistant=False)
    assert core.notifications == {}
    assert (await say_test(again))["delivered"] is None


async def test_a_test_message_is_shown_however_often_somebody_dismisses_it(
    core: CoreDouble, home: Running
) -> None:
    for _ in range(2):
        said = await say_test(home)
        assert said == {"delivered": True, "detail": "Shown in Home Assistant"}
        assert list(core.notifications) == ["utec_gateway_test"]
        await home.clock.advance(2 * MINUTE)
        assert list(core.notifications) == ["utec_gateway_test"]
        await core.dismiss("utec_gateway_test")
        await home.clock.advance(1)
    await home.clock.advance(HOUR)
    assert core.notifications == {}


async def test_a_test_message_that_cannot_be_shown_says_why(
    proxy: SupervisorProxy, home: Running
) -> None:
    proxy.is_core_running = False
    said = await say_test(home)
    assert said["delivered"] is False
    assert said["detail"] == "Home Assistant answered HTTP 502: 502: Bad Gateway"


async def test_a_home_assistant_that_hangs_delays_no_command_and_no_renewal(
    core: CoreDouble, home: Running
) -> None:
    core.hangs = True
    await raise_trouble(home)
    assert (await command(home, "unlock")).body["status"] == "ok"
    assert (await timed(home.clock, home.post("/api/oauth/refresh"))).seconds < 1
    assert core.notifications == {}
    core.hangs = False
    await home.clock.advance(3 * MINUTE)
    assert list(core.notifications) == [SHOWN]


async def test_a_gateway_that_stops_does_not_wait_for_home_assistant(
    core: CoreDouble, home: Running, world: World
) -> None:
    core.hangs = True
    await raise_trouble(home)
    async with asyncio.timeout(10):
        await world.stop()

"""Who is logged in, as the settings page lists it, and how logins end there."""

import re
from ipaddress import ip_address

from tests.conftest import World
from tests.web.panel.window import key_of, logged_in, start, window

SESSION = re.compile(r'name="session" value="(\w+)"')
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}


async def test_every_browser_is_listed_by_a_name_that_its_owner_knows(world: World) -> None:
    running = await start(world)
    async with window(running.url) as firefox, logged_in(world, running.url) as other:
        await firefox.ask("POST", "/login", data={"key": key_of(world)}, headers=FIREFOX)
        page = (await firefox.go("/settings")).text
        assert "Firefox, Linux" in page
        assert "Unknown browser" in page
        assert page.count("this browser") == 1
        assert len(set(SESSION.findall(page))) == 2
        assert other.cookie not in page
        assert firefox.cookie not in page


async def test_a_browser_that_is_logged_out_elsewhere_has_to_log_in_again(world: World) -> None:
    running = await start(world)
    async with logged_in(world, running.url) as first:
        (lost,) = SESSION.findall((await first.go("/settings")).text)
        async with logged_in(world, running.url) as second:
            await second.submit("/end-session", await second.form_token(), session=lost)
            assert not await first.is_logged_in()
            assert await second.is_logged_in()


async def test_who_replaces_the_key_stays_logged_in_and_nobody_else_does(world: World) -> None:
    running = await start(world)
    async with logged_in(world, running.url) as first, logged_in(world, running.url) as second:
        before = first.cookie
        await first.submit("/replace-key", await first.form_token())
        assert await first.is_logged_in()
        assert first.cookie != before
        assert not await second.is_logged_in()


async def test_where_nobody_logs_in_there_is_no_list_of_logins(world: World) -> None:
    world.ingress_peer = ip_address("127.0.0.9")
    running = await world.start()
    async with window(running.panel) as here:
        assert "Logged-in browsers" not in (await here.go("/settings")).text

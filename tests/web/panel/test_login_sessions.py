"""A browser that is logged in: its cookie, how long it lasts, and what ends it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.conftest import Running, World
from tests.steps import on_disk
from tests.web.panel.window import Window, key_of, logged_in, start, window
from utec_gateway.web.session_cookie import COOKIE


@pytest.fixture
async def guarded(world: World) -> Running:
    """A gateway that is signed in, and wants a login of everybody."""
    return await start(world)


@pytest.fixture
async def owner(guarded: Running, world: World) -> AsyncIterator[Window]:
    async with logged_in(world, guarded.url) as browser:
        yield browser


@pytest.fixture
async def other(guarded: Running, world: World) -> AsyncIterator[Window]:
    """Another browser that is logged in."""
    async with logged_in(world, guarded.url) as browser:
        yield browser


def with_cookie(cookie: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={cookie}"}


async def test_the_cookie_is_for_no_script_no_other_site_and_lasts(
    guarded: Running, world: World
) -> None:
    async with window(guarded.url) as browser:
        shown = await browser.log_in(key=key_of(world))
        value, *attributes = shown.headers["Set-Cookie"].split("; ")
        assert value == f"{COOKIE}={browser.cookie}"
        assert set(attributes) == {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=34560000"}
        assert "Set-Cookie" not in (await browser.go()).headers


@pytest.mark.parametrize("chosen", ["chosen-by-somebody-else", "", "a" * 43])
async def test_a_cookie_that_somebody_else_chose_is_never_adopted(
    guarded: Running, world: World, chosen: str
) -> None:
    async with window(guarded.url) as victim, window(guarded.url) as attacker:
        shown = await victim.ask(
            "POST", "/login", data={"key": key_of(world)}, headers=with_cookie(chosen)
        )
        assert shown.status == 303
        assert victim.cookie != chosen
        assert (await attacker.go(headers=with_cookie(chosen)))[:2] == (303, "login")


async def test_the_session_of_somebody_else_ends_when_one_logs_in_over_it(
    guarded: Running, world: World
) -> None:
    """Who planted his own cookie in another browser does not share what follows."""
    async with logged_in(world, guarded.url) as attacker, window(guarded.url) as victim:
        planted = with_cookie(attacker.cookie)
        await victim.ask("POST", "/login", data={"key": key_of(world)}, headers=planted)
        assert await victim.is_logged_in()
        assert victim.cookie != attacker.cookie
        assert not await attacker.is_logged_in()


@pytest.mark.parametrize("order", ["{stale}; {own}", "{own}; {stale}", "theme=dark; {stale};{own}"])
async def test_a_cookie_of_another_port_or_path_of_the_host_does_not_hide_the_right_one(
    owner: Window, guarded: Running, order: str
) -> None:
    own, stale = f"{COOKIE}={owner.cookie}", f"{COOKIE}=of-another-gateway"
    async with window(guarded.url) as browser:
        shown = await browser.go(headers={"Cookie": order.format(own=own, stale=stale)})
        assert shown.status == 200


async def test_each_browser_has_a_session_of_its_own(
    owner: Window, other: Window, world: World
) -> None:
    assert owner.cookie != other.cookie
    assert len(on_disk(world, "sessions.json")) == 2
    assert (await owner.log_in(key=key_of(world))).status == 303
    assert await owner.is_logged_in()
    assert await other.is_logged_in()
    assert len(on_disk(world, "sessions.json")) == 2


async def test_a_form_of_one_session_is_refused_in_another(
    owner: Window, other: Window, guarded: Running
) -> None:
    before = guarded.gateway.account.tokens.token
    token = await owner.form_token()
    refused = await other.submit("/renew", token)
    assert (refused.status, "This page was out of date" in refused.text) == (403, True)
    assert guarded.gateway.account.tokens.token == before
    assert (await owner.submit("/renew", token)).status == 303


async def test_a_form_of_this_machine_is_refused_in_a_session(
    world: World, running: Running
) -> None:
    async with window(running.url) as at_this_machine, logged_in(world, running.url) as browser:
        token = await at_this_machine.form_token()
        assert (await browser.submit("/renew", token)).status == 403


async def test_a_browser_stays_logged_in_for_thirty_days_without_use(world: World) -> None:
    running = await start(world)
    async with logged_in(world, running.url) as browser:
        for _ in range(2):
            running.clock.jump(timedelta(days=30, seconds=-1))
            assert await browser.is_logged_in()
        running.clock.jump(timedelta(days=30))
        assert not await browser.is_logged_in()


async def test_a_restart_logs_nobody_out_and_open_forms_stay_valid(world: World) -> None:
    running = await start(world)
    async with logged_in(world, running.url) as before:
        token = await before.form_token()
        await world.stop()
        after = Window(before.client, (await start(world)).url)
        assert await after.is_logged_in()
        assert (await after.submit("/renew", token)).status == 303


async def test_no_file_and_no_download_holds_the_cookie(world: World) -> None:
    running = await start(world, log_level="debug")
    async with logged_in(world, running.url) as browser:
        pages = ("/", "/settings", "/activity", "/diagnostics.json", "/log.txt")
        shown = [(await browser.go(path)).text for path in pages]
        await world.stop()
        files = [path.read_text() for path in world.data_dir.rglob("*") if path.is_file()]
        assert not [text for text in shown + files if browser.cookie in text]


async def test_another_key_ends_every_session_and_an_old_file_brings_none_back(
    world: World,
) -> None:
    running = await start(world)
    async with logged_in(world, running.url) as owner, logged_in(world, running.url) as other:
        copy = (world.data_dir / "sessions.json").read_bytes()
        old_key, token = key_of(world), await owner.form_token()
        old_cookie = with_cookie(owner.cookie)
        assert (await owner.submit("/replace-key", token)).status in {200, 303}
        assert key_of(world) != old_key
        async with window(running.url) as thief:
            assert (await thief.go(headers=old_cookie))[:2] == (303, "login")
        assert not await other.is_logged_in()
        assert (await other.log_in(key=old_key)).status == 403
        await world.stop()
        (world.data_dir / "sessions.json").write_bytes(copy)
        running = await start(world)
        for browser in (owner, other):
            assert not await Window(browser.client, running.url).is_logged_in()


@pytest.mark.parametrize("port", ["url", "panel"])
async def test_the_event_stream_of_a_session_ends_with_it_and_no_other_does(
    world: World, port: str
) -> None:
    running = await start(world)
    home = getattr(running, port)
    async with logged_in(world, home) as owner, logged_in(world, home) as other:
        lost = await owner.client.get(f"{home}/live?page=overview")
        kept = await other.client.get(f"{home}/live?page=overview")
        for stream in (lost, kept):
            assert stream.headers["X-Accel-Buffering"] == "no"
            assert b"Front Door" in await stream.content.readline()
        assert (await owner.log_in(key=key_of(world))).status == 303
        await running.clock.advance(1)
        await lost.content.read()
        assert lost.content.at_eof()
        await running.clock.advance(6)
        await kept.content.readline()
        assert (await kept.content.readline()).startswith(b"data: ")
        kept.close()

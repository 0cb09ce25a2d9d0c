"""Logging in to the panel: who has to, with what, and what a wrong key costs."""

import re
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.contract.test_who_may_call import neighbour
from tests.steps import bearer, is_error
from tests.web.panel.window import (
    Window,
    always,
    key_of,
    logged_in,
    start,
    window,
    word_of,
)
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.web.app import ROUTES
from utec_gateway.web.login_links import VALID_FOR
from utec_gateway.web.panel.app import new_panel

PUBLIC = re.compile(r"/login|/static/[\w.-]+")
PANEL_ROUTES = sorted(
    {
        (route.method, route.resource.canonical)
        for route in new_panel().router.routes()
        if route.resource
    }
)
PRIVATE = [each for each in PANEL_ROUTES if not PUBLIC.fullmatch(each[1])]
PAGES = {
    "/",
    "/sign-in",
    "/confirm",
    "/set-up",
    "/activity",
    "/codes",
    "/clear-log",
    "/settings",
    "/diagnostics",
}
WRONG = {"Authorization": "Bearer not-the-key"}
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture
async def guarded(world: World) -> Running:
    """A gateway that is signed in, and wants a login of everybody."""
    return await start(world)


@pytest.fixture
async def stranger(guarded: Running) -> AsyncIterator[Window]:
    """A browser that is not logged in, on the API's port."""
    async with window(guarded.url) as browser:
        yield browser


@pytest.fixture
async def owner(guarded: Running, world: World) -> AsyncIterator[Window]:
    """A browser that is logged in, on the API's port."""
    async with logged_in(world, guarded.url) as browser:
        yield browser


# What is closed


@pytest.mark.parametrize("port", ["url", "panel"])
async def test_nothing_of_the_panel_is_to_be_had_without_a_session(
    guarded: Running, cloud: SimulatedCloud, port: str
) -> None:
    async with window(getattr(guarded, port)) as stranger:
        for method, path in PRIVATE:
            shown = await stranger.ask(method, path, data=b"" if method == "POST" else None)
            is_page = path in PAGES and method in {"GET", "HEAD"}
            expected = (303, "login") if is_page else (401, "")
            assert (method, path, *shown[:2]) == (method, path, *expected)
            assert "Front Door" not in shown.text
    assert cloud.calls.commands == []


def test_the_login_and_the_files_of_the_pages_are_open_to_everybody_and_little_else_is() -> None:
    public = {path for _, path in PANEL_ROUTES if PUBLIC.fullmatch(path)}
    assert "/login" in public
    assert len(public) > 10
    assert {path for method, path in PRIVATE if method == "GET"} >= {"/", "/live", "/log.txt"}


def test_the_panel_and_the_api_share_no_address() -> None:
    of_panel = {path for _, path in PANEL_ROUTES}
    assert {path for _, path, *_ in ROUTES} & of_panel == {"/"}


@pytest.mark.parametrize("path", ["/settings/", "//settings", "/login/", "/static//../settings"])
async def test_odd_slashes_open_nothing_and_lead_to_no_broken_page(
    stranger: Window, path: str
) -> None:
    shown = await stranger.go(path)
    assert (shown.status, shown.location) in {(404, ""), (303, "login")}


async def test_a_proxy_that_doubles_the_first_slash_still_shows_the_login_and_its_files(
    stranger: Window,
) -> None:
    assert (await stranger.go("//"))[:2] == (303, "login")
    assert (await stranger.go("//login")).status == 200
    assert (await stranger.go("//static/panel.css")).status == 200


async def test_a_page_leads_to_the_login_which_asks_for_the_key_in_a_password_field(
    stranger: Window,
) -> None:
    shown = await stranger.go("/login")
    assert shown.status == 200
    assert re.search(
        r'<input type="password" name="key"[^>]*autocomplete="current-password"', shown.text
    )
    assert 'href="settings"' not in shown.text
    assert 'action="login"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]


async def test_head_of_the_login_tells_what_get_would(stranger: Window) -> None:
    assert (await stranger.ask("HEAD", "/login"))[:3] == (200, "", "")


async def test_the_login_speaks_the_readers_language(stranger: Window) -> None:
    shown = await stranger.go("/login", headers={"Accept-Language": "de"})
    assert '<html lang="de">' in shown.text
    assert "Schlüssel" in shown.text
    wrong = await stranger.ask(
        "POST", "/login", data={"key": "x"}, headers={"Accept-Language": "de"}
    )
    assert '<html lang="de">' in wrong.text


# The key


async def test_the_key_opens_the_panel_on_both_ports(guarded: Running, world: World) -> None:
    for home in (guarded.url, guarded.panel):
        async with window(home) as browser:
            assert not await browser.is_logged_in()
            assert (await browser.log_in(key=f" {key_of(world)}\n"))[:2] == (303, "./")
            shown = await browser.go()
            assert (shown.status, "Front Door" in shown.text) == (200, True)


async def test_who_is_logged_in_is_not_asked_again(owner: Window) -> None:
    assert (await owner.go("/login"))[:2] == (303, "./")


@pytest.mark.parametrize(
    "form", [{}, {"key": ""}, {"key": "wrong"}, {"key": "\ud800"}, {"key": "ä" * 2000}]
)
async def test_a_wrong_key_opens_nothing_and_is_not_shown_again(
    stranger: Window, form: dict[str, str]
) -> None:
    raw = "&".join(f"{name}={value}" for name, value in form.items())
    shown = await stranger.ask(
        "POST", "/login", data=raw.encode("utf-8", "surrogatepass"), headers=FORM
    )
    assert shown.status == 403
    assert "This is not the gateway" in shown.text
    assert 'aria-invalid="true"' in shown.text
    assert form.get("key", "") == "" or form["key"] not in shown.text
    assert "Set-Cookie" not in shown.headers
    assert not await stranger.is_logged_in()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_ten_wrong_keys_in_a_minute_are_enough_and_the_right_one_still_opens(
    stranger: Window, guarded: Running, world: World
) -> None:
    for _ in range(10):
        assert (await stranger.log_in(key="guess")).status == 403
    assert (await stranger.log_in(key="guess")).status == 429
    assert (await stranger.log_in(once="guess")).status == 429
    assert is_error(await guarded.get("/nowhere", headers=WRONG), 404)
    assert (await stranger.log_in(key=key_of(world)))[:2] == (303, "./")
    await guarded.clock.advance(61)
    assert (await stranger.log_in(key="guess")).status == 403


async def test_guesses_at_the_api_and_at_the_login_are_counted_together(
    stranger: Window, guarded: Running
) -> None:
    for _ in range(5):
        await guarded.get("/k/guess/health")
        assert (await stranger.log_in(key="guess")).status == 403
    assert (await stranger.log_in(key="guess")).status == 429


async def test_a_wrong_key_in_a_header_counts_once_on_a_page(stranger: Window) -> None:
    for _ in range(10):
        assert (await stranger.go("/settings", headers=WRONG)).status == 303
    assert (await stranger.log_in(key="guess")).status == 429


async def test_a_wrong_key_at_the_login_is_told_without_the_key(
    stranger: Window, guarded: Running, world: World
) -> None:
    await stranger.log_in(key="SIM-SECRET-guess")
    log = (world.data_dir / "gateway.log").read_text()
    assert "Wrong key from 127.0.0.1" in log
    assert "SIM-SECRET" not in log + str(guarded.gateway.journal.entries)


@pytest.mark.parametrize(
    "headers",
    [
        FROM_ELSEWHERE,
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_no_other_site_logs_a_browser_in(
    stranger: Window, world: World, headers: dict[str, str]
) -> None:
    form = {"key": key_of(world)}
    shown = await stranger.ask("POST", "/login", data=form, headers=headers)
    assert shown.status == 403
    assert stranger.cookie == ""


async def test_a_link_from_another_site_does_not_ask_who_is_logged_in_for_the_key(
    stranger: Window,
) -> None:
    """The browser keeps the cookie to itself at first, and sends it when the page asks again."""
    shown = await stranger.go("/settings", headers=FROM_ELSEWHERE)
    assert shown.status == 200
    assert '<meta http-equiv="refresh" content="0">' in shown.text
    assert "password" not in shown.text
    assert (await stranger.go("/settings"))[:2] == (303, "login")
    assert (await stranger.go("/live?page=overview", headers=FROM_ELSEWHERE)).status == 401


# The API beside it


async def test_a_session_opens_nothing_of_the_api(
    world: World, elsewhere: str, cloud: SimulatedCloud
) -> None:
    async with neighbour(always(world), elsewhere, trusted_networks=[]) as reachable:
        async with logged_in(world, reachable.url) as owner:
            assert await owner.is_logged_in()
            assert (await owner.go("/api/config")).status == 401
            assert (await owner.ask("POST", "/unlock", json={"id": LOCK})).status == 401
        assert (await reachable.get("/api/config", headers=bearer(world)))[0] == 200
    assert cloud.calls.commands == []


@pytest.mark.parametrize("path", ["/api/devices", "/devices", "/health", "/api/status/latest"])
async def test_integrations_are_answered_as_before(
    guarded: Running, world: World, path: str
) -> None:
    assert (await guarded.get(path))[0] == 200
    assert (await guarded.get(f"/k/{key_of(world)}{path}"))[0] == 200
    assert is_error(await guarded.get("/api/nothing"), 404, "not_found")


async def test_the_key_in_front_of_the_address_leads_to_the_panel_and_opens_nothing_there(
    stranger: Window, world: World
) -> None:
    assert (await stranger.go(f"/k/{key_of(world)}"))[:2] == (302, "/")
    assert (await stranger.go(f"/k/{key_of(world)}/settings")).status == 404
    assert not await stranger.is_logged_in()


# One-time links


async def link(running: Running, world: World) -> str:
    """Return the word of a new one-time link."""
    status, answer = await running.post("/api/login-links", headers=bearer(world))
    assert (status, answer["valid_for_seconds"]) == (200, 900)
    return word_of(answer["path"])


async def test_a_link_opens_the_panel_once_and_for_whoever_uses_it_first(
    stranger: Window, guarded: Running, world: World
) -> None:
    word = await link(guarded, world)
    async with window(guarded.url) as thief:
        assert (await stranger.log_in(once=word))[:2] == (303, "./")
        assert await stranger.is_logged_in()
        shown = await thief.log_in(once=word)
        assert shown.status == 403
        assert "This link has been used or is older than 15 minutes." in shown.text
        assert "This is not the gateway" not in shown.text
        assert not await thief.is_logged_in()
        assert "has been used" in (await thief.go(f"/login?once={word}")).text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_at_a_link_does_not_use_it_up(
    stranger: Window, guarded: Running, world: World, method: str
) -> None:
    word = await link(guarded, world)
    for _ in range(3):
        shown = await stranger.ask(method, f"/login?once={word}")
        assert shown.status == 200
        assert "Set-Cookie" not in shown.headers
    assert not await stranger.is_logged_in()
    assert (await stranger.log_in(once=word)).status == 303


async def test_the_page_of_a_link_has_one_button_and_no_field_for_the_key(
    stranger: Window, guarded: Running, world: World
) -> None:
    word = await link(guarded, world)
    shown = await stranger.go(f"/login?once={word}")
    assert f'<input type="hidden" name="once" value="{word}">' in shown.text
    assert 'name="key"' not in shown.text


async def test_a_link_is_valid_for_fifteen_minutes(
    stranger: Window, guarded: Running, world: World
) -> None:
    early, late = await link(guarded, world), await link(guarded, world)
    await guarded.clock.advance(VALID_FOR - 1)
    assert (await stranger.log_in(once=early)).status == 303
    await guarded.clock.advance(2)
    async with window(guarded.url) as other:
        assert (await other.log_in(once=late)).status == 403


async def test_a_link_does_not_outlive_the_gateway(world: World) -> None:
    before = await start(world)
    word = await link(before, world)
    await world.stop()
    after = await start(world)
    async with window(after.url) as browser:
        assert (await browser.log_in(once=word)).status == 403


async def test_a_link_opens_nothing_else(stranger: Window, guarded: Running, world: World) -> None:
    word = await link(guarded, world)
    assert (await stranger.go(f"/settings?once={word}"))[:2] == (303, "login")
    assert (await stranger.log_in(key=word)).status == 403
    assert (await stranger.ask("POST", f"/login?once={word}", data=b"")).status == 403
    assert (await guarded.get(f"/k/{word}/health"))[0] == 200  # loopback needs no key
    assert (await stranger.log_in(once=word)).status == 303


async def test_who_may_not_administer_gets_no_link(world: World, elsewhere: str) -> None:
    trusted = [f"{elsewhere}/32"]
    async with neighbour(world, elsewhere, trusted_networks=trusted) as reachable:
        assert is_error(await reachable.post("/api/login-links"), 401, "unauthorized")
        answer = await reachable.post("/api/login-links", headers=bearer(world))
        assert answer[0] == 200
        assert is_error(await reachable.get("/api/login-links", headers=bearer(world)), 405)


async def test_the_invitation_is_printed_until_somebody_is_signed_in_and_is_never_the_same(
    world: World,
) -> None:
    first = (await start(world, sign_in=False)).gateway.invitation()
    await world.stop()
    second = (await start(world, sign_in=False)).gateway.invitation()
    assert word_of(first) != word_of(second)
    await world.stop()
    assert (await start(world)).gateway.invitation() is None


async def test_no_file_and_no_answer_holds_the_word_of_a_link(world: World) -> None:
    running = await start(world, sign_in=False, log_level="debug")
    words = [word_of(running.gateway.invitation()), await link(running, world)]
    async with window(running.url) as browser:
        for word in words:
            await browser.go(f"/login?once={word}")
            await browser.go(f"/nowhere?once={word}")
            await browser.log_in(once=word)
            await browser.log_in(once=word)
        shown = [
            (await browser.go(path)).text for path in ("/diagnostics.json", "/activity", "/log.txt")
        ]
    await world.stop()
    files = [path.read_text() for path in world.data_dir.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert not [text for text in files + shown for word in words if word in text]


# Who needs no login


async def test_this_machine_needs_no_login_in_plain_python(running: Running) -> None:
    for home in (running.url, running.panel):
        async with window(home) as browser:
            assert await browser.is_logged_in()
            assert (await browser.go("/login"))[:2] == (303, "./")


async def test_a_neighbour_has_to_log_in_to_plain_python(world: World, elsewhere: str) -> None:
    trusted = [f"{elsewhere}/32"]
    async with (
        neighbour(world, elsewhere, trusted_networks=trusted) as reachable,
        window(reachable.url) as browser,
    ):
        assert not await browser.is_logged_in()
        assert (await browser.log_in(key=key_of(world))).status == 303
        assert await browser.is_logged_in()


INGRESS = ip_address("127.0.0.9")


async def test_beside_a_supervisor_nobody_else_is_offered_a_login(
    world: World, elsewhere: str
) -> None:
    world.ingress_peer = INGRESS
    async with (
        neighbour(always(world), elsewhere) as reachable,
        window(reachable.url) as at_the_api,
        window(reachable.panel) as at_the_panel,
    ):
        for path in ("/settings", "/login", "/static/panel.css"):
            assert (await at_the_api.go(path)).status == 404
            assert (await at_the_panel.go(path)).status == 403
        assert (await at_the_api.go()).status == 403
        assert (await at_the_api.log_in(key=key_of(world))).status == 404
        assert (await at_the_panel.log_in(key=key_of(world))).status == 403
        assert at_the_panel.cookie == ""


async def test_an_option_serves_the_panel_on_the_api_port_beside_a_supervisor(
    world: World, elsewhere: str
) -> None:
    world.ingress_peer = INGRESS
    async with (
        neighbour(world, elsewhere, panel_on_api_port=True) as reachable,
        logged_in(world, reachable.url) as browser,
    ):
        assert await browser.is_logged_in()
        await reachable.post("/api/config", {"panel_on_api_port": False}, headers=bearer(world))
        assert (await browser.go("/settings")).status == 404


@pytest.mark.parametrize("options", [{}, {"panel_on_api_port": True}])
async def test_ingress_needs_no_login_and_no_key(world: World, options: dict[str, Any]) -> None:
    world.ingress_peer = ip_address("127.0.0.1")
    running = await start(world, **options)
    async with window(running.panel) as browser:
        for _ in range(12):
            assert (await browser.go("/settings", headers=WRONG)).status == 200
        assert (await browser.go("/login")).status in {303, 404}
        token = await browser.form_token()
        assert (await browser.submit("/renew", token)).location.startswith("sign-in")

"""Logging in with a real browser, directly and through a real nginx with TLS below a path."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.house import House
from tests.nginx import PREFIX, Nginx, nginx_before
from utec_gateway.simulator.states import unlock
from utec_gateway.web.session_cookie import COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def start(house: House, **options: Any) -> None:
    """Start the gateway as the image does: everybody has to log in."""
    house.environment["UTEC_PANEL_LOGIN"] = "always"
    house.ingress_peer = None
    await house.start(**options)


async def log_in(house: House, page: Page) -> None:
    await page.get_by_label("Key").fill(house.present.store.state.api_key)
    await page.get_by_role("button", name="Log in").click()


async def cookie_of(context: BrowserContext) -> Any:
    return next(each for each in await context.cookies() if each.get("name") == COOKIE)


@pytest.mark.parametrize("javascript", [True, False])
async def test_through_nginx_everything_works_below_its_path(
    empty_house: House,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    javascript: bool,
) -> None:
    await start(empty_house, trusted_proxies=["127.0.0.1/32"])
    folder = tmp_path_factory.mktemp("proxy") / "nginx"
    async with nginx_before(empty_house.api, folder) as nginx:
        context = await browser.new_context(
            ignore_https_errors=True, java_script_enabled=javascript
        )
        try:
            await _walk(empty_house, nginx, context, javascript=javascript)
        finally:
            await context.close()


async def _walk(house: House, nginx: Nginx, context: BrowserContext, *, javascript: bool) -> None:
    page = await context.new_page()
    outside: list[str] = []
    page.on("request", lambda asked: outside.append(asked.url))
    await page.goto(nginx.home)
    await expect(page).to_have_url(f"{nginx.home}login")
    await log_in(house, page)
    await expect(page).to_have_url(nginx.home)
    found = await cookie_of(context)
    assert (found["secure"], found["httpOnly"], found["sameSite"]) == (True, True, "Strict")
    assert found["path"] == PREFIX
    door = page.locator(".cards > li").filter(
        has=page.get_by_role("heading", name="Front Door", exact=True)
    )
    await expect(door).to_contain_text("Locked")
    if javascript:
        next(iter(house.cloud.devices.values())).operate(unlock)
        await house.present.account.poller.poll()
        await expect(door).to_contain_text("Unlocked")
        await door.get_by_role("button", name=re.compile("^Lock")).click()
        await expect(door).to_contain_text(re.compile(r"Locked"))
        await house.until(lambda: house.cloud.calls.commands)
    await page.goto(f"{nginx.home}settings")
    await page.locator("#about > summary").click()
    async with page.expect_download() as download:
        await page.locator("a[href='diagnostics.json']").first.click()
    assert _is_diagnostics(await (await download.value).path())
    await context.clear_cookies()
    await page.reload()
    await expect(page).to_have_url(f"{nginx.home}login")
    assert not [url for url in outside if not url.startswith((nginx.home, "data:"))]


def _is_diagnostics(file: Path) -> bool:
    return "version" in file.read_text()


async def test_a_link_on_another_site_leads_who_is_logged_in_to_the_panel(
    empty_house: House, browser: Browser
) -> None:
    await start(empty_house)
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(empty_house.api)
        await log_in(empty_house, page)
        await expect(page.locator(".cards").first).to_contain_text("Front Door")
        settings = f"{empty_house.api}/settings"
        await context.route(
            "http://elsewhere.example/",
            lambda route: route.fulfill(
                content_type="text/html", body=f'<a href="{settings}">Settings</a>'
            ),
        )
        await page.goto("http://elsewhere.example/")
        await page.get_by_role("link").click()
        await expect(page).to_have_url(settings)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator("input[name=key]")).to_have_count(0)
    finally:
        await context.close()


async def test_a_one_time_link_opens_the_panel_with_one_press(
    empty_house: House, browser: Browser
) -> None:
    await start(empty_house, sign_in=False)
    context = await browser.new_context()
    try:
        page = await context.new_page()
        path = empty_house.present.invitation()
        await page.goto(f"{empty_house.api}{path}")
        await page.get_by_role("button", name="Open the panel").click()
        await expect(page).to_have_url(f"{empty_house.api}/")
        await page.goto(f"{empty_house.api}/settings")
        await expect(page).to_have_url(f"{empty_house.api}/settings")
    finally:
        await context.close()

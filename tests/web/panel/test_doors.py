"""Who may come into the panel, in which language, and what whoever is refused gets to read."""

import re
from ipaddress import ip_address

import pytest

from tests.addon.manifest import load
from tests.conftest import Running, World
from tests.web.panel.asking import form_token, page, words
from utec_gateway.core.const import VERSION
from utec_gateway.web.panel.page import REPOSITORY


async def test_a_page_of_another_site_cannot_press_the_buttons(running: Running) -> None:
    before = running.gateway.account.tokens.token
    forged = {"form_token": "x"}
    async with running.client.post(running.panel + "/renew", data=forged) as response:
        assert response.status == 403
        assert "This page was out of date, and nothing was done." in await response.text()
    headers = {"Origin": "https://evil.example"}
    async with running.client.post(running.panel + "/renew", headers=headers) as response:
        assert response.status == 403
    assert (await page(running, headers={"Host": "evil.example"}))[0] == 403
    assert running.gateway.account.tokens.token == before


async def test_a_form_that_was_open_during_a_restart_still_works(world: World) -> None:
    before = await world.start()
    token = await form_token(before)
    await world.stop()
    after = await world.start()
    async with after.client.post(
        after.panel + "/renew", data={"form_token": token}, allow_redirects=False
    ) as response:
        assert response.status == 303


async def test_everything_on_the_page_is_relative_and_our_own(running: Running) -> None:
    _, text = await page(running)
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    assert addresses
    ours = [address for address in addresses if not address.startswith(f"{REPOSITORY}/")]
    assert not [address for address in ours if address.startswith(("/", "http"))]


async def test_a_page_says_its_version_and_leads_to_the_handbook_and_to_us(
    running: Running,
) -> None:
    _, text = await page(running)
    assert f"U-tec Gateway {VERSION}" in words(text)
    outside = re.findall(r'<a href="(http[^"]+)" target="_blank" rel="noreferrer">(.*?)</a>', text)
    published = load("config.yaml")["url"]
    assert outside == [
        (f"{published}/blob/main/DOCS.md", "Help"),
        (f"{published}/issues/new/choose", "Report a problem"),
    ]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("panel.css", "css"),
        ("panel.js", "javascript"),
        ("theme.js", "javascript"),
        ("icons.svg", "svg+xml"),
    ],
)
async def test_files_say_what_they_are_and_may_load_nothing_foreign(
    running: Running, file: str, kind: str
) -> None:
    async with running.client.get(f"{running.panel}/static/{file}") as response:
        assert response.status == 200
        assert response.content_type.endswith(kind)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["/nothing", "/static/../app.py", "/static/", "/live?page=x", "/live?page=unlock"]
)
async def test_an_address_that_does_not_exist_ends_in_a_page(running: Running, path: str) -> None:
    status, text = await page(running, path)
    assert status in {403, 404}
    assert 'href="./"' in text


async def test_a_mistake_of_ours_ends_in_a_page_without_details(running: Running) -> None:
    running.gateway.issues.__dict__.clear()
    status, text = await page(running)
    assert status == 500
    assert "Internal error." in text
    assert "NoneType" not in text


@pytest.mark.parametrize(
    ("liked", "chosen"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, fr;q=0.9", "fr"),
        ("fr;q=0, nl;q=0.1", "nl"),
        ("ja", "en"),
        ("", "en"),
        ("*", "en"),
        ("../en", "en"),
        ("de;q=rubbish", "en"),
        ("x" * 5000, "en"),
    ],
)
async def test_the_page_speaks_the_language_that_the_browser_likes_best(
    running: Running, liked: str, chosen: str
) -> None:
    _, text = await page(running, headers={"Accept-Language": liked})
    assert f'<html lang="{chosen}">' in text


async def test_the_api_port_has_the_panel_too(running: Running) -> None:
    async with running.client.get(running.url + "/", allow_redirects=False) as response:
        assert response.status == 200
        assert 'href="settings"' in await response.text()


async def test_beside_a_supervisor_the_api_port_only_leads_to_the_panel(world: World) -> None:
    world.ingress_peer = ip_address("127.0.0.9")
    running = await world.start()
    async with running.client.get(running.url + "/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, running.panel + "/")
    assert (await running.get("/settings"))[0] == 404


async def test_a_stale_form_is_explained_in_the_readers_language(running: Running) -> None:
    async with running.client.post(
        running.panel + "/renew", data={"form_token": "x"}, headers={"Accept-Language": "de"}
    ) as response:
        assert response.status == 403
        assert "Diese Seite war veraltet" in await response.text()

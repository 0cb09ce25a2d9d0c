"""The panel's first page: how things are in words, and the sign-in."""

import re
from typing import Any

from aiohttp import ClientResponse

from tests.conftest import LOCK, Running, World


async def page(running: Running, path: str = "/", **more: Any) -> tuple[int, str]:
    async with running.client.get(running.panel + path, **more) as response:
        return response.status, await response.text()


async def submit(running: Running, path: str, **form: str) -> tuple[ClientResponse, str]:
    token = re.search(r'name="token" value="([^"]+)"', (await page(running))[1])
    assert token
    async with running.client.post(
        running.panel + path, data={"token": token[1], **form}, allow_redirects=False
    ) as response:
        return response, await response.text()


async def test_one_look_tells_how_things_are(running: Running) -> None:
    status, text = await page(running)
    assert status == 200
    assert "Signed in, and U-tec answers." in text
    assert "<strong>Monday 12 January, 11:00 UTC</strong>" in text
    assert re.search(r"<span>Front Door</span>\s*<strong>locked</strong>", text)


async def test_a_lock_that_nothing_is_known_of_is_not_shown_as_locked(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/action")
    await running.clock.advance(200)
    _, text = await page(running)
    assert re.search(r"<span>Front Door</span>\s*<strong>unknown</strong>", text)
    assert "It works, but something needs a look." in text


async def test_the_name_of_a_lock_cannot_run_a_script(world: World) -> None:
    world.cloud.devices[LOCK].name = "<img src=x onerror=alert(1)>"
    running = await world.start()
    _, text = await page(running)
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


async def test_a_person_signs_in_by_pasting_what_the_browser_shows(world: World) -> None:
    running = await world.start(sign_in=False)
    assert "Sign in to U-tec to begin." in (await page(running))[1]
    async with running.client.get(running.panel + "/sign-in", allow_redirects=False) as left:
        assert left.headers["Location"].startswith(f"{world.cloud.url}/authorize?")
        state = left.headers["Location"].partition("state=")[2]
    uri = world.options["redirect_uri"]
    pasted = f" {uri}?code={world.cloud.issue_code(uri)}&state={state} "
    answer, _ = await submit(running, "/sign-in", address=pasted)
    assert (answer.status, answer.headers["Location"]) == (303, "./")
    assert (await running.get("/health"))[1]["health"] == "healthy"


async def test_a_wrong_paste_is_explained_and_nothing_typed_is_lost(running: Running) -> None:
    answer, text = await submit(running, "/sign-in", address="https://example.com/")
    assert answer.status == 200
    assert "That address holds no code." in text
    assert 'value="https://example.com/"' in text


async def test_renewing_by_hand_says_what_went_wrong(world: World) -> None:
    running = await world.start()
    assert (await submit(running, "/renew"))[0].status == 303
    world.cloud.refuse_grants()
    assert "U-tec refused the sign-in: invalid_grant." in (await submit(running, "/renew"))[1]


async def test_a_page_of_another_site_cannot_press_the_buttons(running: Running) -> None:
    async with running.client.post(running.panel + "/renew", data={"token": "x"}) as response:
        assert response.status == 403
    headers = {"Origin": "https://evil.example"}
    async with running.client.post(running.panel + "/renew", headers=headers) as response:
        assert response.status == 403
    assert (await page(running, headers={"Host": "evil.example"}))[0] == 403


async def test_everything_on_the_page_is_relative_and_our_own(running: Running) -> None:
    _, text = await page(running)
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    assert addresses
    assert not [address for address in addresses if address.startswith(("/", "http"))]
    async with running.client.get(running.panel + "/static/panel.css") as response:
        assert (response.status, response.content_type) == (200, "text/css")
        assert "style-src 'self'" in response.headers["Content-Security-Policy"]


async def test_the_api_port_leads_to_the_panel(running: Running) -> None:
    async with running.client.get(running.url + "/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, running.panel + "/")

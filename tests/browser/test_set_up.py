"""The set-up walked in a browser: from nothing to locks, by the callback and by pasting."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import STATES, Browse
from tests.browser.house import House
from tests.browser.visitor import PHONE, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTHING = {**STATES["new"], "redirect_uri": "http://localhost:9501"}


async def arrive(house: House, browse: Browse, **manner: object) -> Visitor:
    """Open the panel of a gateway that knows nothing, and go where it leads."""
    await house.start(**NOTHING)
    visitor = await browse(house.ingress, **manner)
    visitor.may_leave_for(house.cloud.url, house.redirect_uri, "http://localhost:9501")
    visitor.forgive("localhost:9501", "chrome-error")
    await visitor.page.get_by_role("link", name="Set up").last.click()
    return visitor


async def give_credentials(page: Page, house: House) -> None:
    await page.get_by_label("Client ID").fill(f" {house.cloud.client_id} ")
    await page.get_by_label("Client secret").fill(house.cloud.client_secret)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


async def sign_in_at_u_tec(page: Page) -> Page:
    """Open U-tec's page in the new tab and allow access; return the tab."""
    async with page.expect_popup() as popup:
        await page.get_by_role("button", name="Open U-tec's sign-in page").click()
    tab = await popup.value
    await tab.get_by_role("button", name="Allow").click()
    return tab


async def test_from_nothing_to_locks_by_the_callback_and_the_page_notices_by_itself(
    empty_house: House, browse: Browse
) -> None:
    visitor = await arrive(empty_house, browse)
    page = visitor.page
    await give_credentials(page, empty_house)
    await page.get_by_label("Direct to the gateway", exact=True).check()
    await page.locator("[name=callback]").fill(empty_house.redirect_uri)
    await page.get_by_role("button", name="Use this option").click()
    await expect(page.locator("#to-register")).to_have_text(empty_house.redirect_uri)
    await sign_in_at_u_tec(page)
    await expect(page.get_by_text("Signed in to U-tec.")).to_be_visible()
    await expect(page.locator("#step-home")).to_have_attribute("open", "")
    await expect(page.locator("#found")).to_contain_text("Front Door")


@pytest.mark.parametrize("javascript", [True, False])
async def test_from_nothing_to_locks_by_pasting(
    empty_house: House, browse: Browse, javascript: bool
) -> None:
    visitor = await arrive(empty_house, browse, javascript=javascript, width=PHONE)
    page = visitor.page
    await give_credentials(page, empty_house)
    async with page.context.expect_event(
        "requestfailed", lambda request: request.url.startswith("http://localhost:9501")
    ) as lost:
        await sign_in_at_u_tec(page)
    shown = (await lost.value).url
    await page.get_by_label("The address that your browser shows").fill("https://example.com/")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This address belongs to another site.")).to_be_visible()
    pasted = page.get_by_label("The address that your browser shows")
    await expect(pasted).to_have_value("https://example.com/")
    await pasted.fill(shown)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Signed in to U-tec.")).to_be_visible()
    code = re.search(r"code=([^&]+)", urlsplit(shown).query)
    assert code
    assert code[1] not in await page.content()
    await empty_house.until(lambda: empty_house.present.health.word == "healthy")
    await visitor.go("set-up")
    await expect(page.locator("#step-locks > summary")).to_contain_text("Found: 4")


async def test_what_is_being_typed_is_kept_when_the_other_tab_has_signed_in(
    empty_house: House, browse: Browse
) -> None:
    await empty_house.start(sign_in=False)
    visitor = await browse(empty_house.ingress, "set-up")
    page = visitor.page
    await page.locator("#step-credentials summary").click()
    await page.get_by_label("Client secret").fill("half of it")
    await empty_house.present.account.sign_in.by_code(
        empty_house.cloud.issue_code(empty_house.redirect_uri)
    )
    await expect(page.get_by_text("What you typed is kept")).to_be_visible()
    await expect(page.get_by_label("Client secret")).to_have_value("half of it")
    await page.get_by_role("link", name="Continue").click()
    await expect(page.get_by_text("Signed in to U-tec.")).to_be_visible()


async def test_a_refusal_stays_at_its_field_while_the_page_is_live(
    empty_house: House, browse: Browse
) -> None:
    await empty_house.start(sign_in=False)
    visitor = await browse(empty_house.ingress, "set-up")
    page = visitor.page
    await page.get_by_label("The address that your browser shows").fill("rubbish")
    async with page.expect_response(lambda answer: "live?" in answer.url):
        await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This is not an address.")).to_be_visible()
    await expect(page.get_by_label("The address that your browser shows")).to_be_focused()


async def test_the_address_for_home_assistant_is_shown_when_asked_and_copied(
    house: House, browse: Browse
) -> None:
    visitor = await browse(house.ingress, "set-up")
    page = visitor.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_text("Without MQTT: a custom integration").click()
    await page.get_by_role("button", name="Show the address").click()
    address = page.locator("#home-address")
    await expect(address).to_contain_text(f"/k/{house.present.store.state.api_key}")
    await page.wait_for_load_state("load")
    await page.locator("[data-copy=home-address]").click()
    await expect(page.locator("[data-copy=home-address]")).to_have_text("Copied")

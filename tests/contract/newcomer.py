"""What a newcomer does with nothing but a browser, in another network namespace.

python -m tests.contract.newcomer LINK CLIENT_ID CLIENT_SECRET CALLBACK
"""

import shutil
import sys
from urllib.parse import urljoin

from playwright.sync_api import Page, expect, sync_playwright

PATIENCE = 60_000.0
"""Milliseconds, on a busy machine."""


def open_the_panel(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Open the panel").click()
    page.get_by_role("link", name="Set up").last.click()


def set_up(page: Page, client_id: str, client_secret: str, callback: str) -> None:
    page.get_by_label("Client ID").fill(client_id)
    page.get_by_label("Client secret").fill(client_secret)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Direct to the gateway", exact=True).check()
    page.locator("[name=callback]").fill(callback)
    page.get_by_role("button", name="Use this option").click()
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Open U-tec's sign-in page").click()
    popup.value.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Signed in to U-tec.")).to_be_visible()


def lock(page: Page, home: str) -> None:
    page.goto(home)
    page.get_by_role("button", name="Lock Front Door").click()
    expect(page.get_by_text("confirmed after")).to_be_visible()
    expect(page.get_by_role("link", name="Unlock Front Door")).to_be_visible()


def main(link: str, client_id: str, client_secret: str, callback: str) -> None:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(locale="en")
        page.set_default_timeout(PATIENCE)
        open_the_panel(page, link)
        set_up(page, client_id, client_secret, callback)
        lock(page, urljoin(link, "/"))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

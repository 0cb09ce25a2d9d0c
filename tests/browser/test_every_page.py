"""What holds for every page of the panel, whatever it shows: found by its links, seen by all."""

import re

import pytest

from tests.browser.axe import axe
from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.keyboard import unreachable
from tests.browser.links import Found, follow_the_links
from tests.browser.visitor import PHONE, WIDE
from utec_gateway.web.panel.page import REPOSITORY
from utec_gateway.web.panel.setup.home_assistant_links import MY

pytestmark = pytest.mark.asyncio(loop_scope="session")

ABSOLUTE = re.compile(r"/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)


async def pages_of(house: House) -> Found:
    found = await follow_the_links(house.ingress)
    assert found.pages
    return found


async def test_every_link_leads_to_an_answer_inside_the_panel(any_house: House) -> None:
    assert (await pages_of(any_house)).broken == []


async def test_every_address_is_relative(any_house: House) -> None:
    for page in (await pages_of(any_house)).pages:
        absolute = [
            address
            for address in page.addresses()
            if ABSOLUTE.match(address) and not address.startswith((MY, REPOSITORY))
        ]
        assert absolute == [], page.path


async def test_no_page_holds_a_script_or_a_style_of_its_own(any_house: House) -> None:
    for page in (await pages_of(any_house)).pages:
        for tag, attributes in page.elements:
            assert tag != "style", page.path
            assert tag != "script" or "src" in attributes, page.path
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


async def test_every_page_says_its_language_and_its_title(any_house: House) -> None:
    for page in (await pages_of(any_house)).pages:
        assert [attributes.get("lang") for tag, attributes in page.elements if tag == "html"] == [
            "en"
        ]
        assert page.words["title"].strip(), page.path


async def test_every_page_works_without_javascript(any_house: House, browse: Browse) -> None:
    visitor = await browse(any_house.ingress, javascript=False)
    for page in (await pages_of(any_house)).pages:
        assert (await visitor.go(page.path)).status == 200
        headings = visitor.page.get_by_role("heading", level=1)
        assert await headings.count() == 1, page.path
        assert await headings.is_visible(), page.path


@pytest.mark.usefixtures("axe_core")
@pytest.mark.parametrize(("theme", "width"), [("light", WIDE), ("dark", PHONE)])
async def test_axe_finds_nothing_grave(
    any_house: House, browse: Browse, theme: str, width: int
) -> None:
    visitor = await browse(any_house.ingress, theme=theme, width=width)
    for page in (await pages_of(any_house)).pages:
        await visitor.go(page.path)
        assert await axe(visitor.page) == [], page.path


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    any_house: House, browse: Browse
) -> None:
    visitor = await browse(any_house.ingress)
    for page in (await pages_of(any_house)).pages:
        await visitor.go(page.path)
        assert await unreachable(visitor.page) == [], page.path

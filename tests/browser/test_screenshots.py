"""Every page in both themes and two widths: pictures for people, and what a machine can measure.

The pictures are in `screenshots/`, which git ignores.
"""

import asyncio
from itertools import chain, product
from typing import Literal

import pytest

from tests.addon.manifest import ROOT
from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.links import FoundPage, follow_the_links
from tests.browser.looks import jumps, spills
from tests.browser.visitor import PHONE, WIDE
from utec_gateway.texts.translations import read_translations

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALBUM = ROOT / "screenshots"
HEAVIEST = 60 * 1024
MOST_JUMPING = 0.02
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


async def _look(
    browse: Browse, house: House, pages: list[FoundPage], state: str, theme: Theme, width: int
) -> list[str]:
    """Take the pictures of one window; return what is wrong with the pages in it."""
    visitor = await browse(house.ingress, theme=theme, width=width)
    wrong = []
    for page in pages:
        where = f"{page.name}-{theme}-{width}"
        await visitor.go(page.path)
        jumped = await jumps(visitor.page)
        if jumped >= MOST_JUMPING:
            wrong.append(f"{where} jumps by {jumped:.3f} while it loads")
        if spilled := await spills(visitor.page):
            wrong.append(f"{where} is {spilled} pixels wider than its window")
        if (weight := await visitor.weight()) > HEAVIEST:
            wrong.append(f"{where} weighs {weight} bytes")
        await visitor.page.screenshot(path=ALBUM / state / f"{where}.png", full_page=True)
    return wrong


async def test_every_page_is_light_fits_its_window_and_does_not_jump(
    any_house: House, browse: Browse, request: pytest.FixtureRequest
) -> None:
    state = request.node.callspec.params["any_house"].replace(" ", "-")
    pages = (await follow_the_links(any_house.ingress)).pages
    windows = product(THEMES, (PHONE, WIDE))
    looks = [_look(browse, any_house, pages, state, *window) for window in windows]
    assert list(chain.from_iterable(await asyncio.gather(*looks))) == []


@pytest.mark.parametrize("language", sorted(read_translations().languages))
async def test_the_heaviest_page_is_light_in_every_language(
    house: House, browse: Browse, language: str
) -> None:
    visitor = await browse(house.ingress, locale=language)
    await visitor.go("settings")
    assert await visitor.page.get_attribute("html", "lang") == language
    assert await visitor.weight() <= HEAVIEST

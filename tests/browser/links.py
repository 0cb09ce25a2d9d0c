"""The panel's pages, found as a visitor finds them: by their links, from the first page on."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

from aiohttp import ClientSession

from tests.browser.ingress import Ingress

ADDRESSES = frozenset({"href", "src", "action", "formaction", "srcset", "poster", "data"})
Attributes = dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.words: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_endtag(self, _tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.words[self._inside] = self.words.get(self._inside, "") + data


@dataclass(frozen=True)
class FoundPage:
    """A page as the server sends it."""

    path: str
    """Relative to the panel's first page, whose own is empty."""
    elements: tuple[tuple[str, Attributes], ...]
    words: dict[str, str] = field(repr=False)
    """What stands in elements of each name, joined."""

    @property
    def name(self) -> str:
        """A name for people and files."""
        return re.sub(r"\W+", "-", self.path).strip("-") or "overview"

    def addresses(self) -> Iterator[str]:
        """Yield every address that the page names."""
        for _, attributes in self.elements:
            yield from (value for name, value in attributes.items() if name in ADDRESSES)

    def links(self) -> Iterator[str]:
        """Yield where a click stays in this window and leads to another page."""
        for tag, attributes in self.elements:
            stays = "target" not in attributes and "download" not in attributes
            if tag == "a" and stays and "href" in attributes:
                yield attributes["href"]


@dataclass
class Found:
    """What the links led to."""

    pages: list[FoundPage] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Links that led to an error or out of the panel."""


async def follow_the_links(ingress: Ingress) -> Found:
    """Visit everything that can be reached from the panel's first page without a form."""
    found = Found()
    to_visit, seen = deque([ingress.home]), {ingress.home}
    async with ClientSession(cookies=ingress.cookie()) as client:
        while to_visit:
            address = to_visit.popleft()
            links: list[str] = []
            async with client.get(address, allow_redirects=False) as answer:
                if 300 <= answer.status < 400:
                    links = [answer.headers["Location"]]
                elif answer.status >= 400:
                    found.broken.append(f"{address} answered {answer.status}")
                elif answer.content_type == "text/html":
                    page = _read(address.removeprefix(ingress.home), await answer.text("utf-8"))
                    found.pages.append(page)
                    links = list(page.links())
            for link in links:
                target = urldefrag(urljoin(address, link)).url
                if "?" in address and "?" in target:
                    continue  # two filters at once are no other page
                if not target.startswith(ingress.home):
                    found.broken.append(f"{address} leads out of the panel: {link}")
                elif target not in seen:
                    seen.add(target)
                    to_visit.append(target)
    return found


def _read(path: str, text: str) -> FoundPage:
    reader = _Reader()
    reader.feed(text)
    return FoundPage(path, tuple(reader.elements), reader.words)

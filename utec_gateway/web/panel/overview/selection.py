"""Which cards are shown where there are too many to look through: by name and by state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from utec_gateway.core.readings import LockState

from .card import HELD_OPEN, OFFLINE, Card

MANY = 60
"""Devices that one can still look through."""
LONGEST_SEARCH = 100
FILTERS: Mapping[str, Callable[[Card], bool]] = {
    "all": lambda _card: True,
    "attention": lambda card: card.needs_attention,
    "unlocked": lambda card: card.state in {LockState.UNLOCKED, HELD_OPEN},
    "locked": lambda card: card.state == LockState.LOCKED,
    "offline": lambda card: card.state == OFFLINE,
}
ALL = "all"


@dataclass(frozen=True)
class Selection:
    """What somebody looks for."""

    search: str = ""
    show: str = ALL

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing is left out."""
        return self == Selection()

    @property
    def as_query(self) -> str:
        """Return what an address ends with that asks for the same."""
        return "" if self.is_everything else "&" + urlencode(asdict(self))

    def of(self, cards: Iterable[Card]) -> list[Card]:
        """Return the cards that are looked for."""
        wanted, words = FILTERS[self.show], self.search.casefold().split()
        return [
            card
            for card in cards
            if wanted(card) and all(word in card.name.casefold() for word in words)
        ]


def read_selection(query: Mapping[str, str]) -> Selection:
    """Return what an address asks for; what it cannot mean is everything."""
    show = query.get("show", ALL)
    return Selection(
        query.get("search", "").strip()[:LONGEST_SEARCH], show if show in FILTERS else ALL
    )

"""One lock: its guests and how far each is, and the others, who are U-tec's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from utec_gateway.core.access_codes import CodeState, Guest, LockCodes, OtherUser
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.page_weight import fitting, weight
from utec_gateway.web.panel.time_tags import ago_tag, time_tag

from .schedule_words import limits, moment, span

LOOKS = {
    CodeState.ON_LOCK: ("good", "good"),
    CodeState.WAITING: ("warning", "moving"),
    CodeState.NOT_CONFIRMED: ("error", "error"),
    CodeState.REMOVING: ("idle", "moving"),
    CodeState.UNKNOWN: ("idle", "unknown"),
}
"""The class and the icon of each state."""
WITH_NOTE_OFFLINE = (CodeState.WAITING, CodeState.REMOVING)
MOST_OTHERS, HEAVIEST_OTHERS = 10, 500
"""How many of U-tec's own are named for each lock, and how long their names may be together."""

MANY_GUESTS, MANY_OTHERS = 10, 40
"""When there are more of either on all locks, the page shows them one lock at a time."""


@dataclass(frozen=True)
class Row:
    """A guest of ours on one lock."""

    id: str
    name: str
    tone: str
    icon: str
    state: Markup
    note: Markup
    span: Markup
    limits: Markup
    stays: bool
    """Whether it can still be shown and changed."""


@dataclass(frozen=True)
class Other:
    """Somebody whom the gateway did not make."""

    name: str
    words: Markup


@dataclass(frozen=True)
class LockCard:
    """What is shown of one lock."""

    tag: str
    name: str
    rows: tuple[Row, ...]
    others: tuple[Other, ...]
    unnamed: int
    """How many others there are besides."""
    brief: Markup
    """How many there are, where they are not listed."""
    listed: Markup
    problem: Markup


@dataclass(frozen=True)
class Selection:
    """The cards that are shown."""

    cards: tuple[LockCard, ...]
    is_folded: bool = False
    """Whether they only say how many have a code."""
    of_one: bool = False
    """Whether the other locks are left out."""

    @property
    def as_query(self) -> str:
        """Return what leads to the same selection again."""
        return f"&lock={self.cards[0].tag}" if self.of_one else ""


def select(cards: Sequence[LockCard], tag: str) -> Selection:
    """Return all cards; where they are heavy, the one that is asked for, or all of them folded."""
    guests = sum(len(card.rows) for card in cards)
    others = sum(len(card.others) for card in cards)
    if guests <= MANY_GUESTS and others <= MANY_OTHERS:
        return Selection(tuple(cards))
    asked = tuple(card for card in cards if card.tag == tag)
    return Selection(asked or tuple(cards), is_folded=not asked, of_one=bool(asked))


def lock_card(t: Translator, codes: LockCodes, local: datetime) -> LockCard:
    """Return the card of one lock; `local` is the time on its clock."""
    others = [Other(one.name, _kind(t, one)) for one in codes.others]
    weighed = ((one, weight(one.name)) for one in others)
    named = tuple(fitting(weighed, MOST_OTHERS, HEAVIEST_OTHERS))
    return LockCard(
        codes.device.tag,
        codes.device.name,
        tuple(_row(t, codes, guest, local) for guest in codes.guests),
        named,
        len(others) - len(named),
        t(
            "codes.brief",
            guests=len(codes.guests),
            waiting=len(codes.waiting),
            others=len(others),
        ),
        _listed(t, codes),
        t("codes.not_listed", why=t.sentence(codes.problem)) if codes.problem else Markup(),
    )


def _listed(t: Translator, codes: LockCodes) -> Markup:
    if codes.listed_at:
        return t("codes.listed", ago=ago_tag(codes.listed_at))
    return t("codes.never_listed" if codes.problem else "codes.listing")


def _row(t: Translator, codes: LockCodes, guest: Guest, local: datetime) -> Row:
    is_over = guest.schedule.ends <= local
    tone, icon = LOOKS[guest.state]
    if guest.state is CodeState.ON_LOCK and is_over:
        tone = icon = "over"
    return Row(
        guest.id,
        guest.name,
        tone,
        icon,
        _state(t, codes, guest),
        Markup(" ").join(_notes(t, codes, guest, local)),
        span(t, guest.schedule, local.date()),
        limits(t, guest.schedule),
        guest.state is not CodeState.REMOVING,
    )


def _state(t: Translator, codes: LockCodes, guest: Guest) -> Markup:
    """Return the state's words, and since when it is not as it should be."""
    words = t(f"codes.state_{guest.state}")
    is_unknown = guest.state is CodeState.UNKNOWN
    since = codes.listed_at if is_unknown else guest.waiting_since
    return t("codes.since", state=words, at=time_tag(since)) if since else words


def _notes(t: Translator, codes: LockCodes, guest: Guest, local: datetime) -> Iterator[Markup]:
    """Yield what a state means for the guest, where its words do not say it."""
    if guest.state in WITH_NOTE_OFFLINE and codes.device.is_offline:
        yield t(f"codes.offline_{guest.state}")
    if guest.state is CodeState.NOT_CONFIRMED:
        yield t("codes.note_not_confirmed")
    if guest.state is CodeState.ON_LOCK and guest.schedule.ends <= local:
        yield t("codes.note_over")
    if guest.state is CodeState.WAITING and guest.expires_on_lock_at:
        yield t("codes.note_old_end", ends=moment(t, guest.expires_on_lock_at, local.date()))


def _kind(t: Translator, other: OtherUser) -> Markup:
    """Return the type in words where its number is settled, and what is known of its lock."""
    if other.is_temporary:
        kind = t("codes.type_temporary")
    elif other.type is None:
        kind = t("codes.type_unknown")
    else:
        kind = t("codes.type", number=other.type)
    known = {True: "codes.state_on_lock", False: "codes.state_waiting"}
    if other.is_on_lock is None:
        return kind
    return Markup(" · ").join((kind, t(known[other.is_on_lock])))

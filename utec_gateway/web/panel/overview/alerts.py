"""What is wrong, as the page says it: issues, and what the cards show that is no issue yet."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from utec_gateway.core import issue as wrong
from utec_gateway.core.issue import Issue
from utec_gateway.issues.kinds import (
    battery_low,
    code_waiting,
    jammed,
    reauth_required,
    setup_required,
)
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.issue_words import said
from utec_gateway.web.panel.severity import Severity
from utec_gateway.web.panel.time_tags import time_tag

from .card import OFFLINE, Card

INVITATIONS = {reauth_required.KEY: "headline.to_sign_in"}
"""What the way to the page that helps is called, where that is not the name of the page."""
SHORT = {jammed.KIND, battery_low.KIND}
"""The kinds whose message stands beside the lock here, so that it need not name it."""
CAN_WAIT = {battery_low.KIND, code_waiting.KIND}
"""The kinds that are not red, however bad: nobody has to do anything now."""
MOST_NAMES = 5


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong, what to do, and where."""

    severity: Severity
    rank: int
    """How bad it is among the others."""
    title: Markup
    message: Markup
    leads_to: str = ""
    """The page or the card that helps, or nothing."""
    invitation: str = ""
    """What the way there is called."""
    is_welcome: bool = False
    """Whether nothing is wrong: nobody has set up the gateway yet."""

    @property
    def icon(self) -> str:
        """Return the name of its icon: color alone says nothing."""
        return "locked" if self.is_welcome else self.severity


def alerts(issues: Iterable[Issue], cards: Iterable[Card], t: Translator) -> list[Alert]:
    """Return everything that is wrong, the worst first."""
    known = tuple(issues)
    covered = {one.lock for one in known if kind_of(one) == battery_low.KIND}
    shown = tuple(cards)
    found = [of_issue(one, t) for one in known]
    found += _of_cards(shown, covered, t)
    return sorted(found, key=lambda one: -one.rank)  # those of one rank stay as they were


def kind_of(issue: Issue) -> str:
    """Return the kind of an issue, which its texts are named after."""
    return issue.message.key.partition(".")[0]


def of_issue(issue: Issue, t: Translator) -> Alert:
    """Return an issue as the page says it; red is what needs a person, and not just soon."""
    kind = kind_of(issue)
    can_wait = kind in CAN_WAIT
    rank = min(issue.severity, wrong.Severity.WARNING) if can_wait else issue.severity
    needs_a_person = issue.severity >= wrong.Severity.ERROR or issue.leads_to
    is_red = needs_a_person and not can_wait and rank >= wrong.Severity.WARNING
    message = t(f"alert.{kind}") if kind in SHORT else said(issue.message, t)
    invitation = INVITATIONS.get(issue.key, f"menu.{issue.leads_to}")
    return Alert(
        Severity.ERROR if is_red else Severity.WARNING,
        rank,
        said(issue.title, t),
        message,
        issue.leads_to or (f"./#device-{issue.lock}" if issue.lock else ""),
        t(invitation) if issue.leads_to else t("alert.show") if issue.lock else "",
        is_welcome=issue.title.key == f"{setup_required.KEY}.title",
    )


@dataclass(frozen=True)
class _Kind:
    """Something that a card shows and no issue says."""

    name: str
    concerns: Callable[[Card], bool]


KINDS = (
    _Kind("ajar", lambda card: card.is_ajar),
    _Kind(OFFLINE, lambda card: card.state == OFFLINE),
    _Kind(battery_low.KIND, lambda card: card.is_battery_low and not card.is_old),
)


def _of_cards(cards: tuple[Card, ...], covered: set[str], t: Translator) -> Iterator[Alert]:
    """Yield one alert a kind, however many devices it concerns."""
    for kind in KINDS:
        skipped = covered if kind.name == battery_low.KIND else frozenset()
        concerned = [card for card in cards if kind.concerns(card) and card.tag not in skipped]
        if concerned:
            yield _of_kind(kind.name, concerned, t)


def _of_kind(kind: str, concerned: list[Card], t: Translator) -> Alert:
    first = concerned[0]
    if len(concerned) == 1:
        title, message = t(f"alert.{kind}_title", device=first.name), _advice(kind, first, t)
    else:
        names = [card.name for card in concerned[:MOST_NAMES]]
        more = " …" if len(concerned) > MOST_NAMES else ""
        title = t(f"alert.{kind}_titles", number=len(concerned))
        message = Markup("{}{}").format(", ".join(names), more)
    leads_to = f"./#device-{first.tag}"
    return Alert(
        Severity.WARNING, wrong.Severity.WARNING, title, message, leads_to, t("alert.show")
    )


def _advice(kind: str, card: Card, t: Translator) -> Markup:
    if kind == OFFLINE and card.offline_since:
        return t("alert.offline_since", since=time_tag(card.offline_since))
    return t(f"alert.{kind}")

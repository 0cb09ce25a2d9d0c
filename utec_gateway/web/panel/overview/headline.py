"""The one thing to know, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from utec_gateway.core import issue as wrong
from utec_gateway.core.issue import Issue
from utec_gateway.core.models import Token
from utec_gateway.issues.kinds import reauth_required
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.issue_words import said
from utec_gateway.web.panel.severity import Severity
from utec_gateway.web.panel.time_tags import time_tag

INVITATIONS = {reauth_required.KEY: "headline.to_sign_in"}
"""What the way to the page that helps is called, where that is not the name of the page."""


@dataclass(frozen=True)
class Headline:
    """What stands on top."""

    severity: Severity
    sentence: Markup
    more: str = ""
    leads_to: str = ""
    """The page that helps, or nothing."""
    invitation: str = ""
    """What the way there is called."""


@dataclass(frozen=True)
class SignedIn:
    """What there is to say while nothing is wrong."""

    token: Token | None
    next_refresh: datetime | None
    is_starting: bool
    auto_refresh_enabled: bool


def of_issue(issue: Issue, t: Translator) -> Headline:
    """Return an issue as the headline; red is what needs a person."""
    is_bad = issue.severity >= wrong.Severity.ERROR or issue.leads_to
    invitation = INVITATIONS.get(issue.key, f"menu.{issue.leads_to}")
    return Headline(
        Severity.ERROR if is_bad else Severity.WARNING,
        said(issue.title, t),
        said(issue.message, t),
        issue.leads_to,
        t(invitation) if issue.leads_to else "",
    )


def headline(issues: Sequence[Issue], otherwise: SignedIn, t: Translator) -> Headline:
    """Return what matters most right now."""
    return of_issue(issues[0], t) if issues else _signed_in(otherwise, t)


def _signed_in(now: SignedIn, t: Translator) -> Headline:
    until = time_tag(now.token.expires_at) if now.token else Markup("")
    if now.is_starting:
        return Headline(Severity.WARNING, t("headline.starting"), t("headline.starting_more"))
    if not now.auto_refresh_enabled:
        sentence = t("headline.switched_off", until=until)
        return Headline(
            Severity.WARNING, sentence, leads_to="settings", invitation=t("menu.settings")
        )
    due_at = now.next_refresh
    more = t("headline.signed_in_more", next=time_tag(due_at), until=until) if due_at else ""
    return Headline(Severity.GOOD, t("headline.signed_in"), more)

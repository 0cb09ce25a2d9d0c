"""The one thing to know, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.backoff import Failure
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.poller import DevicePoller
from utec_gateway.options.exposures import Exposure
from utec_gateway.options.schema import Options
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.severity import Severity
from utec_gateway.web.panel.time_tags import time_tag


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
class Sources:
    """What the headline is read from, at one moment."""

    health: str
    """The word for the gateway's health."""
    tokens: TokenSource
    cache: DeviceCache
    poller: DevicePoller
    options: Options
    next_refresh: datetime | None


def headline(sources: Sources, t: Translator) -> Headline:
    """Return what matters most right now; whatever needs a person comes first."""
    tokens, word = sources.tokens, sources.health
    if word == "setup_required" and tokens.token and tokens.is_usable:
        sentence = t("headline.no_credentials", until=_until(tokens))
        return Headline(Severity.ERROR, sentence, leads_to="set-up", invitation=t("menu.set-up"))
    if word == "setup_required":
        return Headline(
            Severity.ERROR,
            t("headline.set_up"),
            t("headline.set_up_more"),
            "set-up",
            t("menu.set-up"),
        )
    if tokens.reauth_required:
        return _signed_out(tokens, t)
    return _troubled(sources, t) or _signed_in(sources, t)


def exposed(exposures: Iterable[Exposure], t: Translator) -> list[Markup]:
    """Return what people's own choices lay open, in the reader's words."""
    return [t(f"exposure.{one.kind}", subject=one.subject) for one in exposures]


def _signed_out(tokens: TokenSource, t: Translator) -> Headline:
    refusal = tokens.refusal
    why = (
        t("headline.refused", since=time_tag(refusal.since))
        if refusal
        else t("headline.no_renewal")
    )
    invitation = t("headline.to_sign_in")
    if tokens.token and tokens.is_usable:
        until = time_tag(tokens.token.expires_at)
        return Headline(
            Severity.ERROR, t("headline.sign_in_again", until=until), why, "set-up", invitation
        )
    return Headline(Severity.ERROR, t("headline.sign_in_now"), why, "set-up", invitation)


def _troubled(sources: Sources, t: Translator) -> Headline | None:
    """Return what fails for a reason that may pass, None when nothing does."""
    tokens, poller = sources.tokens, sources.poller
    if failure := tokens.failure:
        key = "renewal_failing" if tokens.is_usable else "renewal_failing_expired"
        since = time_tag(failure.since.wall)
        sentence = t(f"headline.{key}", since=since, until=_until(tokens))
        return Headline(Severity.WARNING, sentence, _paced(failure, t))
    if not tokens.is_usable:
        return Headline(Severity.WARNING, t("headline.expired"))
    if poller.is_starting:
        return Headline(Severity.WARNING, t("headline.starting"), t("headline.starting_more"))
    return _unlisted(sources.cache, t) or _unreached(poller, t)


def _unlisted(cache: DeviceCache, t: Translator) -> Headline | None:
    """Return what is said of a list without devices: U-tec answers, and only the app can help."""
    if cache.is_no_device_shared:
        return Headline(
            Severity.ERROR, t("headline.nothing_ticked"), t("headline.nothing_ticked_more")
        )
    if cache.is_list_empty and cache.empty_since:
        sentence = t("headline.nothing_listed", since=time_tag(cache.empty_since.wall))
        return Headline(Severity.WARNING, sentence, t("headline.nothing_listed_more"))
    return None


def _unreached(poller: DevicePoller, t: Translator) -> Headline | None:
    if why := silence(poller.failure, t):
        return Headline(Severity.WARNING, why, t("headline.unreachable_more"))
    return None


def silence(failure: Failure | None, t: Translator) -> Markup:
    """Return why there is no news of the locks, empty while there is."""
    if failure is None:
        return Markup("")
    since = time_tag(failure.since.wall)
    key = "failing" if failure.error.answered else "unreachable"
    return _paced(failure, t) or t(f"headline.{key}", since=since)


def _paced(failure: Failure, t: Translator) -> Markup:
    """Return until when U-tec asks to slow down, empty if it does not."""
    until = failure.slow_down_until
    return t("headline.slow_down", until=time_tag(until)) if until else Markup("")


def _signed_in(sources: Sources, t: Translator) -> Headline:
    tokens, due_at = sources.tokens, sources.next_refresh
    if not sources.options.auto_refresh_enabled:
        sentence = t("headline.switched_off", until=_until(tokens))
        return Headline(
            Severity.WARNING, sentence, leads_to="settings", invitation=t("menu.settings")
        )
    more = (
        t("headline.signed_in_more", next=time_tag(due_at), until=_until(tokens)) if due_at else ""
    )
    return Headline(Severity.GOOD, t("headline.signed_in"), more)


def _until(tokens: TokenSource) -> Markup:
    return time_tag(tokens.token.expires_at) if tokens.token else Markup("")

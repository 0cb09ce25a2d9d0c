"""Every message as its reader meets it: alone, on a phone, without the page it speaks of."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.conftest import LOCK, TOKEN, Running, World
from utec_gateway.core.backoff import Failure
from utec_gateway.core.errors import (
    DeviceOfflineError,
    ReauthRequiredError,
    TokenEndpointError,
    UtecUnreachableError,
)
from utec_gateway.core.models import Device, Notification, Operation, StateEntry, Token
from utec_gateway.home_assistant.identity import Identity
from utec_gateway.home_assistant.supervisor import SupervisorClient
from utec_gateway.issues.raising import Notifications
from utec_gateway.issues.wording import Wording
from utec_gateway.translations.texts import english, read_translations
from utec_gateway.utec.readings import with_readings

NAME = "Front Door"
DOOR = Device(LOCK, {"id": LOCK, "name": NAME})
PROTOCOL = re.compile(
    r"invalid_|_client|grant|refresh.token|access.token|\b[45]\d\d\b|traceback|None|\bOAuth\b",
    re.IGNORECASE,
)
"""Words that help nobody who reads a message."""
REFERS_ELSEWHERE = re.compile(r"until then|until it |as above|\bsee below\b", re.IGNORECASE)

Raise = Callable[[Notifications, Running], None]


def in_state(state: str) -> Device:
    return with_readings(Device(LOCK, DOOR.entry, (StateEntry("st.lock", "lockState", state),)))


def works_until(running: Running) -> Token:
    token = running.gateway.account.tokens.token
    assert token
    return token


def renewal_failing(say: Notifications, running: Running, hours: float) -> None:
    now, token = running.clock.now(), works_until(running)
    since = token.expires_at - timedelta(days=2)
    error = TokenEndpointError("U-tec did not answer within 10 seconds")
    ending = Token("a", "r", token.issued_at, now + timedelta(hours=hours))
    say.refresh_failing(error, ending, since, now + timedelta(minutes=15))


MESSAGES: dict[str, Raise] = {
    "refused, works on": lambda say, running: say.reauth_required(
        "U-tec refused the sign-in: invalid_grant", works_until(running).expires_at
    ),
    "refused, and over": lambda say, _: say.reauth_required(
        "U-tec refused the sign-in: invalid_grant", None
    ),
    "client refused": lambda say, _: say.reauth_required(
        "U-tec refused the sign-in: invalid_client", None
    ),
    "not renewable": lambda say, running: say.reauth_required(
        "No refresh token available", works_until(running).expires_at
    ),
    "renewal fails": lambda say, running: renewal_failing(say, running, 5),
    "renewal fails, and over": lambda say, running: renewal_failing(say, running, -1),
    "outage": lambda say, running: say.utec_unreachable(
        Failure(
            running.gateway.account.cache.now(),
            UtecUnreachableError("U-tec cannot be reached"),
            None,
        )
    ),
    "jammed": lambda say, _: say.jammed(in_state("Jammed")),
    "battery": lambda say, _: say.battery_low(DOOR, 1),
    **{
        f"not confirmed, {state}": lambda say, _, state=state: say.lock_not_confirmed(  # type: ignore[misc]
            in_state(state), Operation.UNLOCK
        )
        for state in ("Locked", "Unlocked", "Jammed", "Unknown")
    },
    "offline": lambda say, _: say.command_refused(
        Operation.LOCK, DeviceOfflineError("Front Door is offline: U-tec cannot reach it"), DOOR
    ),
    "cloud down": lambda say, _: say.command_refused(
        Operation.UNLOCK, UtecUnreachableError("U-tec cannot be reached"), DOOR
    ),
    "signed out": lambda say, _: say.command_refused(
        Operation.UNLOCK,
        ReauthRequiredError("Sign in to U-tec again: U-tec refused the sign-in: invalid_grant"),
        DOOR,
    ),
    "nothing known": lambda say, _: say.command_refused(
        Operation.UNLOCK, ReauthRequiredError("Nobody has signed in to U-tec yet"), None
    ),
}
IN_HOME_ASSISTANT = english("directions.home_assistant")
ON_ITS_MACHINE = english("directions.standalone", address="http://localhost:8000")


class Speaking:
    """An installation that speaks one language."""

    def __init__(self, language: str) -> None:
        self.texts = read_translations().of(language)


NEEDS_THE_PANEL = {
    *("refused, works on", "refused, and over", "client refused", "not renewable"),
    *("renewal fails", "renewal fails, and over", "signed out", "nothing known"),
}
OF_THE_DOOR = {name for name in MESSAGES if name not in NEEDS_THE_PANEL - {"signed out"}} - {
    "outage"
}


async def raised(
    running: Running, message: str, directions: str = ON_ITS_MACHINE, language: str = "en"
) -> Notification:
    """Return a message as it is handed to the notifiers."""
    tracker = running.gateway.tracker
    wording = Wording(Speaking(language), lambda _: directions)
    say = Notifications(tracker, wording, running.clock)
    MESSAGES[message](say, running)
    await running.clock.settle()
    (notification,) = tracker.open
    return notification


@pytest.mark.parametrize("message", MESSAGES)
async def test_a_message_stands_alone(message: str, running: Running) -> None:
    text = (await raised(running, message)).message
    assert not PROTOCOL.search(text), text
    assert not REFERS_ELSEWHERE.search(text), text
    assert text.endswith("."), text
    assert ".." not in text, text
    assert text[0].isupper() or text[0] == '"', text
    if message in OF_THE_DOOR:
        assert NAME in text


@pytest.mark.parametrize("directions", [IN_HOME_ASSISTANT, ON_ITS_MACHINE])
@pytest.mark.parametrize("message", sorted(NEEDS_THE_PANEL))
async def test_a_message_that_needs_the_panel_says_where_it_is(
    message: str, directions: str, running: Running
) -> None:
    text = (await raised(running, message, directions)).message
    assert f"{directions}, choose Set up, and sign in there." in text


async def test_a_sign_in_that_ends_says_until_when_the_locks_work(running: Running) -> None:
    until = f"{works_until(running).expires_at.astimezone():%A %-d %B %H:%M}"
    text = (await raised(running, "refused, works on")).message
    assert f"Your locks keep working until {until}." in text


async def test_refused_credentials_are_told_from_a_refused_sign_in(running: Running) -> None:
    text = (await raised(running, "client refused")).message
    assert "client ID and client secret" in text


async def test_the_directions_fit_to_where_the_gateway_runs(running: Running) -> None:
    client = SupervisorClient(running.client, TOKEN, "http://supervisor.test")
    texts = read_translations().of("en")
    assert running.gateway.identity.panel_directions(texts) == ON_ITS_MACHINE
    assert Identity(client, running.clock).panel_directions(texts) == IN_HOME_ASSISTANT
    assert "Home Assistant" not in ON_ITS_MACHINE


async def test_a_bolt_that_did_not_move_says_when_it_was_asked_to(
    world: World, running: Running
) -> None:
    text = (await raised(running, "not confirmed, Unlocked")).message
    assert f"{world.clock.now().astimezone():%A %-d %B %H:%M}" in text


@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "nl"])
@pytest.mark.parametrize("message", MESSAGES)
async def test_a_message_is_in_the_language_of_the_installation(
    message: str, language: str, running: Running
) -> None:
    told = await raised(running, message, language=language)
    english_words = {"the", "your", "and", "not", "to", "you"}
    shown = f"{told.title} {told.message}".replace(ON_ITS_MACHINE, "")
    assert not english_words & set(re.findall(r"[a-z]+", shown.lower())), shown
    assert "{" not in shown, shown
    assert told.message.endswith("."), shown
    assert ".." not in told.message, shown
    if message in OF_THE_DOOR:
        assert NAME in told.message


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Wednesday 2 December 06:05"),
        ("de", "Mittwoch, 2. Dezember, 06:05"),
        ("es", "miércoles 2 de diciembre, 06:05"),
        ("fr", "mercredi 2 décembre à 06:05"),
        ("it", "mercoledì 2 dicembre, 06:05"),
        ("nl", "woensdag 2 december 06:05"),
    ],
)
def test_a_moment_is_said_with_its_weekday_in_each_language(language: str, said: str) -> None:
    here = datetime(2026, 12, 2, 6, 5).astimezone()
    assert read_translations().of(language).moment(here) == said


def test_every_language_has_seven_days_and_twelve_months() -> None:
    translations = read_translations()
    for language in translations.languages:
        texts = translations.of(language)
        assert len(texts.text("dates.weekdays").split()) == 7
        assert len(texts.text("dates.months").split()) == 12

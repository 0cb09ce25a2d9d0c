"""Every message as its reader meets it: alone, on a phone, without the page it speaks of."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import LOCK, TOKEN, Running
from utec_gateway.core.access_codes import CodeState, Guest, Schedule
from utec_gateway.core.backoff import Failure
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    ReauthRequiredError,
    TokenEndpointError,
    UtecUnreachableError,
)
from utec_gateway.core.issue import Issue
from utec_gateway.core.models import COMMANDS, Device, Operation, StateEntry, Token
from utec_gateway.core.readings import Moment
from utec_gateway.core.refusal import Refusal
from utec_gateway.core.zone import Zone
from utec_gateway.home_assistant.identity import Identity
from utec_gateway.home_assistant.supervisor import SupervisorClient
from utec_gateway.issues.kinds import (
    battery_low,
    code_expiring_unsynced,
    code_not_confirmed,
    code_not_removed,
    code_waiting,
    command_refused,
    jammed,
    lock_not_confirmed,
    reauth_required,
    refresh_failing,
    state_recovered,
    utec_unreachable,
    zone_doubtful,
)
from utec_gateway.issues.wording import Wording
from utec_gateway.texts.translations import english, read_translations
from utec_gateway.utec.readings import with_readings

NAME = "Front Door"
DOOR = Device(LOCK, {"id": LOCK, "name": NAME})
OFFLINE_DOOR = replace(DOOR, offline_readings=2)
PROTOCOL = re.compile(
    r"invalid_|_client|grant|refresh.token|access.token|\b[45]\d\d\b|traceback|None|\bOAuth\b",
    re.IGNORECASE,
)
"""Words that help nobody who reads a message."""
REFERS_ELSEWHERE = re.compile(r"until then|until it |as above|\bsee below\b", re.IGNORECASE)

Make = Callable[[Moment], Issue]
UNTIL = timedelta(days=3)


def in_state(state: str) -> Device:
    return with_readings(Device(LOCK, DOOR.entry, (StateEntry("st.lock", "lockState", state),)))


def refused(why: str | None, works_for: timedelta | None = None) -> Make:
    def issue(now: Moment) -> Issue:
        reason = f"U-tec refused the sign-in: {why}"
        refusal = Refusal(now.wall, reason, "", now.wall) if why else None
        return reauth_required.issue(refusal, now.wall + works_for if works_for else None, now.wall)

    return issue


def refresh_fails(now: Moment, hours: float) -> Issue:
    until, error = (
        now.wall + timedelta(hours=hours),
        TokenEndpointError("U-tec did not answer within 10 seconds"),
    )
    since = Moment(until - timedelta(days=2), 0.0)
    failure = Failure(since, error, now.wall + timedelta(minutes=15))
    return refresh_failing.issue(failure, Token("a", "r", now.wall, until), now.wall)


def command_fails(operation: Operation, error: GatewayError, lock: Device | None = DOOR) -> Make:
    return lambda now: command_refused.issue(operation, error, lock, now.wall)


def guests(now: Moment) -> tuple[Guest, ...]:
    """Return two who wait."""
    today = now.wall.replace(tzinfo=None)
    day = Schedule(today, today + timedelta(days=1))
    return tuple(
        Guest(name, name, day, CodeState.WAITING, now.wall, now.wall) for name in ("Anna", "Ben")
    )


UNREACHABLE = UtecUnreachableError("U-tec cannot be reached")
REFUSED = ReauthRequiredError("Sign in to U-tec again: U-tec refused the sign-in: invalid_grant")
MESSAGES: dict[str, Make] = {
    "refused, works on": refused("invalid_grant", UNTIL),
    "refused, and over": refused("invalid_grant"),
    "client refused": refused("invalid_client"),
    "not renewable": refused(None, UNTIL),
    "renewal fails": lambda now: refresh_fails(now, 5),
    "renewal fails, and over": lambda now: refresh_fails(now, -1),
    "outage": lambda now: utec_unreachable.issue(Failure(now, UNREACHABLE, now.wall), now),
    "slowed down": lambda now: utec_unreachable.issue(
        Failure(now, UNREACHABLE, now.wall, now.wall + UNTIL), now
    ),
    "recovered": lambda _: state_recovered.issue(
        "The state file state.json was damaged and is kept as state.broken. If the gateway asks "
        "for it, sign in again"
    ),
    "jammed": lambda _: jammed.issue(in_state("Jammed")),
    "battery": lambda _: battery_low.issue(DOOR, 1),
    **{
        f"not confirmed, {state}": lambda now, state=state: lock_not_confirmed.issue(  # type: ignore[misc]
            in_state(state), Operation.UNLOCK, now.wall
        )
        for state in ("Locked", "Unlocked", "Jammed", "Unknown")
    },
    "level not confirmed": lambda now: lock_not_confirmed.issue(
        DOOR, Operation.SET_LEVEL, now.wall
    ),
    "code waits": lambda now: code_waiting.issue(DOOR, guests(now)),
    "code waits, offline": lambda now: code_waiting.issue(OFFLINE_DOOR, guests(now)),
    "code unsynced": lambda now: code_expiring_unsynced.issue(DOOR, guests(now)),
    "code not confirmed": lambda now: code_not_confirmed.issue(DOOR, guests(now), is_urgent=True),
    "code not removed": lambda now: code_not_removed.issue(DOOR, guests(now), is_open=False),
    "code still opens": lambda now: code_not_removed.issue(OFFLINE_DOOR, guests(now), is_open=True),
    "zone": lambda _: zone_doubtful.of_zone(Zone("UTC", is_assumed=True)),
    "clock": lambda now: zone_doubtful.of_clock(now.wall),
    "mode refused": command_fails(Operation.PASSAGE_MODE, UNREACHABLE),
    "mode refused, nothing known": command_fails(
        Operation.PASSAGE_MODE, ReauthRequiredError("Nobody has signed in to U-tec yet"), None
    ),
    "offline": command_fails(
        Operation.LOCK, DeviceOfflineError("Front Door is offline: U-tec cannot reach it")
    ),
    "cloud down": command_fails(Operation.UNLOCK, UNREACHABLE),
    "signed out": command_fails(Operation.UNLOCK, REFUSED),
    "nothing known": command_fails(
        Operation.UNLOCK, ReauthRequiredError("Nobody has signed in to U-tec yet"), None
    ),
}
IN_HOME_ASSISTANT = english("directions.home_assistant")
ON_ITS_MACHINE = english("directions.standalone", address="http://localhost:8000")


NEEDS_THE_PANEL = {
    *("refused, works on", "refused, and over", "client refused", "not renewable"),
    *("renewal fails", "renewal fails, and over", "signed out", "nothing known"),
    "mode refused, nothing known",
}
OF_THE_DOOR = {name for name in MESSAGES if name not in NEEDS_THE_PANEL - {"signed out"}} - {
    "outage",
    "slowed down",
    "recovered",
    "zone",
    "clock",
}
OF_GUESTS = {name for name in MESSAGES if name.startswith("code ")}


@dataclass(frozen=True)
class Told:
    """A message as it is handed to the notifiers."""

    title: str
    message: str


NOW = Moment(datetime(2026, 12, 1, 9, 30, tzinfo=UTC), 0.0)


def told(message: str, directions: str = ON_ITS_MACHINE, language: str = "en") -> Told:
    issue = MESSAGES[message](NOW)
    texts = read_translations().of(language)
    wording = Wording(lambda: texts, panel_directions=lambda _: directions)
    return Told(wording(issue.title), wording(issue.message))


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_stands_alone(message: str) -> None:
    text = told(message).message
    assert not PROTOCOL.search(text), text
    assert not REFERS_ELSEWHERE.search(text), text
    assert text.endswith("."), text
    assert ".." not in text, text
    assert text[0].isupper() or text[0] == '"', text
    if message in OF_THE_DOOR:
        assert NAME in text


@pytest.mark.parametrize("directions", [IN_HOME_ASSISTANT, ON_ITS_MACHINE])
@pytest.mark.parametrize("message", sorted(NEEDS_THE_PANEL))
def test_a_message_that_needs_the_panel_says_where_it_is(message: str, directions: str) -> None:
    text = told(message, directions).message
    assert f"{directions}, choose Set up, and sign in there." in text


def test_a_sign_in_that_ends_says_until_when_the_locks_work() -> None:
    until = f"{(NOW.wall + UNTIL).astimezone():%A %-d %B %H:%M}"
    text = told("refused, works on").message
    assert f"Your locks keep working until {until}." in text


def test_refused_credentials_are_told_from_a_refused_sign_in() -> None:
    text = told("client refused").message
    assert "client ID and client secret" in text


async def test_the_directions_fit_to_where_the_gateway_runs(running: Running) -> None:
    client = SupervisorClient(running.client, TOKEN, "http://supervisor.test")
    texts = read_translations().of("en")
    assert running.gateway.home.identity.panel_directions(texts) == ON_ITS_MACHINE
    assert Identity(client, running.clock).panel_directions(texts) == IN_HOME_ASSISTANT
    assert "Home Assistant" not in ON_ITS_MACHINE


def test_a_bolt_that_did_not_move_says_when_it_was_asked_to() -> None:
    text = told("not confirmed, Unlocked").message
    assert f"{NOW.wall.astimezone():%A %-d %B %H:%M}" in text


@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "nl"])
@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_in_the_language_of_the_installation(message: str, language: str) -> None:
    said = told(message, language=language)
    english_words = {"the", "your", "and", "not", "to", "you"}
    shown = f"{said.title} {said.message}".replace(ON_ITS_MACHINE, "")
    assert not english_words & set(re.findall(r"[a-z]+", shown.lower())), shown
    assert "{" not in shown, shown
    assert said.message.endswith("."), shown
    assert ".." not in said.message, shown
    if message in OF_THE_DOOR:
        assert NAME in said.message


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


@pytest.mark.parametrize("operation", COMMANDS)
def test_every_command_has_a_name(operation: Operation) -> None:
    name = english(f"issues.operations.{operation}")
    assert name.replace(" the ", " ").replace(" ", "_") == operation


@pytest.mark.parametrize("directions", [IN_HOME_ASSISTANT, ON_ITS_MACHINE])
@pytest.mark.parametrize("message", sorted(OF_GUESTS))
def test_a_message_about_guests_leads_to_their_page_and_names_nobody(
    message: str, directions: str
) -> None:
    text = told(message, directions).message
    assert f"{directions}, and choose Codes." in text
    assert "Guests: 2." in text
    assert not re.search("Anna|Ben", text), "a log or a recorder keeps it for ever"


@pytest.mark.parametrize("message", sorted(OF_GUESTS))
def test_the_panel_names_the_guests(message: str) -> None:
    texts = read_translations().of("en")
    text = Wording(lambda: texts, names_people=True)(MESSAGES[message](NOW).message)
    assert "Guests: Anna, Ben." in text
    assert text.endswith("."), text


def test_what_to_do_depends_on_whether_the_lock_can_be_reached() -> None:
    assert "Check its Wi-Fi and its batteries" in told("code waits, offline").message
    assert "U-tec can reach the lock" in told("code waits").message

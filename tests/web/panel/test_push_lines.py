"""How pushes stand, on the settings page: what it says before, while they come, and when not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from markupsafe import escape

from tests.conftest import LOCK, Running, World
from tests.plugins.installing import folder_of, install
from tests.steps import meanwhile, on_disk
from tests.web.panel.asking import page, words
from tests.web.panel.turning_settings import opened, save, settings
from utec_gateway.devices.push_hints import PushRecord
from utec_gateway.options.schema import Options
from utec_gateway.plugin_api.push_status import PushState, PushStatus
from utec_gateway.simulator.states import unlock
from utec_gateway.texts.translations import FOLDER, read_translations
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.settings.push_lines import push_lines

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOST = "abc.ui.nabu.casa"
AT_HOME = "http://192.168.1.5:8000"
NO_PUSH = PushRecord()
REGISTERED = PushStatus(PushState.REGISTERED, HOST)
TWO_PUSHES = PushRecord(received=2, last=NOW - timedelta(minutes=5), judged=2, right=1)
ONE_ADDRESS = "U-tec probably keeps one address per account."
STATED = """
from pathlib import Path
from utec_gateway.plugin_api import PushState, PushStatus, hookimpl

class Stated:
    @hookimpl
    def gateway_push_status(self):
        state, host, problem = Path(__file__).with_name("push.state").read_text().split("|")
        return PushStatus(PushState(state), host, problem)

def create(context):
    return Stated()
"""


def lines(
    status: PushStatus, record: PushRecord = NO_PUSH, own: str = "", language: str = "en"
) -> tuple[str, ...]:
    translations = read_translations()
    t = Translator(language, translations.texts_of(language), translations.phrases)
    return push_lines(t, status, own, record, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", PushState)
def test_every_state_is_said_in_every_language(state: PushState, language: str) -> None:
    said = lines(PushStatus(state, HOST, "x"), language=language)
    assert (HOST in said[0]) is (state is PushState.REGISTERED)
    assert "{" not in "".join(said)


@pytest.mark.parametrize("state", [PushState.OFF, PushState.NO_ADDRESS])
def test_what_came_earlier_means_nothing_while_no_push_can_come(state: PushState) -> None:
    silent = replace(TWO_PUSHES, unpushed_move=NOW - timedelta(days=3))
    assert len(lines(PushStatus(state), silent)) == 1


def test_an_address_that_u_tec_cannot_reach_is_named() -> None:
    without = PushStatus(PushState.NO_ADDRESS)
    assert AT_HOME not in lines(without)[0]
    assert lines(without, own=AT_HOME)[0].startswith(
        f"Nothing is registered with U-tec: it cannot reach {AT_HOME}."
    )


def test_what_somebody_typed_or_a_cloud_says_is_no_markup() -> None:
    status = PushStatus(PushState.NO_ADDRESS)
    assert "&lt;b&gt;" in lines(status, own="https://x/<b>")[0]
    assert "&lt;b&gt;" in lines(PushStatus(PushState.FAILED, problem="<b>"))[0]


def test_before_the_first_push_it_is_said_that_none_has_come() -> None:
    assert lines(REGISTERED)[1:] == ("No push has arrived since the gateway started.",)


def test_the_last_push_and_how_many_were_right_are_shown() -> None:
    last, right = lines(REGISTERED, TWO_PUSHES)[1:]
    assert last.startswith("Last push: <time")
    assert 'datetime="2026-11-26T11:55:00Z"' in last
    assert right == "Pushes that were right: 1 of 2 that could be compared."


def test_nothing_is_said_of_how_many_were_right_while_none_could_be_compared() -> None:
    assert len(lines(REGISTERED, replace(TWO_PUSHES, judged=0, right=0))) == 2


@pytest.mark.parametrize(("hours", "is_said"), [(23.9, False), (24, True), (100, True)])
@pytest.mark.parametrize("record", [NO_PUSH, TWO_PUSHES])
def test_a_day_without_a_push_although_something_moved_is_said(
    record: PushRecord, hours: float, *, is_said: bool
) -> None:
    moved = NOW - timedelta(hours=hours)
    said = lines(REGISTERED, replace(record, unpushed_move=moved))
    assert said[-1].startswith("Something moved (<time") is is_said


@pytest.mark.parametrize(
    ("problem", "german"),
    [
        ("Home Assistant does not offer its webhooks", "bietet dem Gateway seine Webhooks nicht"),
        ("Home Assistant closed the connection", "Home Assistant hat die Verbindung"),
        ("words that nobody knows", "words that nobody knows"),
    ],
)
def test_why_it_failed_is_said_in_the_readers_language(problem: str, german: str) -> None:
    said = lines(PushStatus(PushState.FAILED, problem=problem), language="de")[0]
    assert said.startswith("Anmeldung bei U-tec fehlgeschlagen: ")
    assert german in said


# The page


def say_of_push(world: World, state: str, host: str = "", problem: str = "") -> None:
    """Have the registration stand so, from now on."""
    install(world, "push.state", f"{state}|{host}|{problem}")
    if not (folder_of(world) / "stated.py").exists():
        install(world, "stated.py", STATED)


async def test_the_warning_comes_before_the_switch_and_goes_once_it_is_on(world: World) -> None:
    running = await world.start()
    text = await settings(running)
    assert text.index(ONE_ADDRESS) < text.index('id="push"')
    status, leads_to, _ = await save(running, push="auto")
    assert (status, leads_to) == (303, "settings?saved=push#asking")
    text = (await page(running, f"/{leads_to}"))[1]
    assert opened(text) == {"asking"}
    assert ONE_ADDRESS not in text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_opens_the_page_reads_what_push_is_in_every_language(
    running: Running, language: str
) -> None:
    _, text = await page(running, "/settings", headers={"Accept-Language": language})
    t = Translator(language, read_translations().texts_of(language), read_translations().phrases)
    for said in (t("push.what"), t("push.beforehand"), t.hint("push"), t("push.off")):
        assert escape(said) in text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://locks.example.com/ ", "https://locks.example.com"),
        (AT_HOME, AT_HOME),
        ("", ""),
    ],
)
async def test_an_address_of_ones_own_is_saved(world: World, typed: str, kept: str) -> None:
    running = await world.start(push_url="https://earlier.example.com")
    assert (await save(running, push_url=typed))[0] == 303
    assert running.gateway.settings.options.push_url == kept
    assert on_disk(world, "options.json")["push_url"] == kept


@pytest.mark.parametrize(
    "typed",
    ["locks.example.com", "ftp://x", "https://", "https://me:word@x.example", "https://x/?a"],
)
async def test_what_is_no_address_is_refused_at_its_field(running: Running, typed: str) -> None:
    status, _, text = await save(running, push_url=typed)
    assert status == 200
    problem = text.partition('id="push_url-problem">')[2].partition("</p>")[0]
    assert problem == "Enter a URL such as https://example.com"
    assert running.gateway.settings.options == replace(
        running.gateway.settings.options, push_url=Options().push_url
    )


async def test_the_page_says_how_the_registration_stands_and_follows_it(world: World) -> None:
    say_of_push(world, "registering")
    running = await world.start(push="auto")
    assert "Registering with U-tec …" in words(await settings(running))
    say_of_push(world, "registered", HOST)
    assert f"Registered with U-tec. Pushes go to {HOST}." in words(await settings(running))
    say_of_push(world, "failed", problem="Home Assistant does not offer its webhooks")
    assert "Home Assistant does not offer its webhooks. The gateway keeps" in words(
        await settings(running)
    )


async def test_a_push_is_on_the_open_page_at_once(world: World) -> None:
    running = await world.start()
    await save(running, push="auto", push_url=running.url)
    await running.clock.advance(1)
    assert "No push has arrived since the gateway started." in words(await settings(running))
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(20)
    async with running.client.get(f"{running.panel}/live?page=settings") as stream:
        first = (await meanwhile(running, stream.content.readline())).decode()
    assert "Last push: " in first
    assert "Pushes that were right: 1 of 1 that could be compared." in first
    assert ONE_ADDRESS not in first


async def test_a_bug_report_says_that_there_is_an_address_and_not_which(world: World) -> None:
    running = await world.start(push="auto", push_url="https://locks.example.com/a-secret-path")
    async with running.client.get(running.panel + "/diagnostics.json") as response:
        text, found = await response.text(), await response.json()
    assert (found["options"]["push"], found["options"]["push_url"]) == ("auto", "<set>")
    assert "locks.example" not in text
    assert "a-secret-path" not in text


async def test_an_address_at_home_is_taken_and_it_is_said_at_once_that_it_leads_nowhere(
    world: World,
) -> None:
    say_of_push(world, "no_address")
    running = await world.start(push="auto")
    _, leads_to, _ = await save(running, push_url=AT_HOME)
    said = words((await page(running, f"/{leads_to}"))[1])
    assert f"Nothing is registered with U-tec: it cannot reach {AT_HOME}." in said
    assert "Enter an https address on the internet." in said

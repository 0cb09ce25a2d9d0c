"""Activity: what happened in sentences, the calls in a picture and in words, and the log."""

import logging
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.conftest import LOCK, OTHER_LOCK, QUIET, Running, World
from tests.guests import CODE, invite, take_back
from tests.steps import ended_command, timed
from tests.web.panel.asking import page, submit, words
from utec_gateway.core.access_codes import CodeEvent, CodeEventKind
from utec_gateway.core.activity import ActivityKind
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.journal.entry import Entry, Kind
from utec_gateway.simulator.states import PASSAGE_MODE, jam, to_mode, unlock
from utec_gateway.texts.translations import read_translations
from utec_gateway.web.i18n import Languages
from utec_gateway.web.panel.activity.call_chart import call_chart
from utec_gateway.web.panel.activity.filters import device_names
from utec_gateway.web.panel.activity.timeline import ACTIVITY_ICONS
from utec_gateway.web.panel.app import PANEL

LOGGER = logging.getLogger("tests.activity")
HOSTILE = "<img src=x onerror=alert(1)>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;"
MOST_OF_PAGE = 42 * 1024
"""Bytes that leave room for the panel's style and scripts in 60 KiB."""


async def happened(running: Running, query: str = "") -> list[str]:
    """Return the timeline's sentences, the newest first."""
    _, text = await page(running, f"/activity{query}")
    part = text.partition('id="timeline"')[2].partition("</section>")[0]
    return [words(found) for found in re.findall(r"<p>(.*?)</p>", part, re.DOTALL)]


async def lines(running: Running, query: str = "") -> list[str]:
    """Return the log as the page shows it, without the moments."""
    _, text = await page(running, f"/activity{query}")
    part = text.partition('id="lines"')[2].partition("</section>")[0]
    return [
        words(re.sub(r"<time.*?</time>", "", found))
        for found in re.findall(r"<li[^>]*>(.*?)</li>", part, re.DOTALL)
    ]


async def command(running: Running, operation: str) -> None:
    tag = running.gateway.account.cache.find(LOCK).tag
    await submit(running, "/move", device=tag, operation=operation)


async def test_a_command_is_told_with_how_long_it_took(running: Running) -> None:
    await command(running, "unlock")
    await running.clock.advance(9)
    newest, *earlier = await happened(running)
    sentence = r"Front Door was unlocked, confirmed within [1-9] s\."
    assert re.fullmatch(rf"{sentence} Sent from the panel\.", newest)
    assert "The gateway started." in earlier


async def test_a_bolt_that_did_not_move_is_never_called_moved(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, "unlock")
    await running.clock.advance(70)
    told = await happened(running)
    sentence = "Unlocking Front Door was not confirmed within 60 s."
    assert f"{sentence} Sent from the panel. You were notified." in told
    assert not any("was unlocked" in one for one in told)


async def test_a_command_that_failed_says_why(world: World) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(to_mode(PASSAGE_MODE))
    await running.clock.advance(60)
    await command(running, "lock")
    await running.clock.advance(2)
    failed = "Front Door could not be locked. Front Door is in passage mode"
    assert (await happened(running))[0].startswith(failed)


async def test_a_command_that_gave_way_is_told(running: Running) -> None:
    await command(running, "unlock")
    await command(running, "lock")
    await running.clock.advance(70)
    assert any(
        one.startswith("Unlocking Front Door was superseded by a newer command")
        for one in await happened(running)
    )


async def test_commands_for_other_devices_and_modes_are_told_with_what_they_were(
    world: World,
) -> None:
    world.cloud.add_device("dimmer", "Hall Dimmer", "dimmer")
    running = await world.start()
    await timed(running.clock, running.post("/api/level", {"id": "dimmer", "level": 40}))
    world.cloud.behaviour.commands.ignore_next = 1
    await timed(running.clock, running.post("/api/mode", {"id": LOCK, "mode": "passage"}))
    await running.clock.advance(60)
    by_api = "Sent through the API from 127.0.0.1."
    told = [one for one in await happened(running) if by_api in one]
    assert told == [
        f"Front Door: passage mode, not confirmed within 60 s. {by_api} You were notified.",
        f"Hall Dimmer: set the level to 40, confirmed within 5 s. {by_api}",
    ]


async def test_renewals_and_their_failures_are_told(world: World) -> None:
    running = await world.start()
    await running.clock.advance(1)
    await submit(running, "/renew")
    newest, *earlier = await happened(running)
    assert newest == "The sign-in was refreshed."
    assert "Signed in to U-tec." in earlier
    world.cloud.refuse_grants()
    await submit(running, "/renew")
    assert any(
        one.startswith("The sign-in could not be refreshed. U-tec refused the sign-in")
        for one in await happened(running)
    )


async def test_what_people_were_told_and_that_it_is_over_is_told(world: World) -> None:
    running = await world.start()
    world.cloud.refuse_grants()
    await submit(running, "/renew")
    await running.clock.settle()
    assert any(
        one.startswith("Notification: Sign in to U-tec again.") for one in await happened(running)
    )
    world.cloud.behaviour.oauth.refuse_grants = False
    uri = world.options["redirect_uri"]
    await running.gateway.account.sign_in.by_code(world.cloud.issue_code(uri))
    await running.clock.settle()
    assert "Resolved: Sign in to U-tec again." in await happened(running)


async def test_a_restart_is_told_and_what_was_before_is_kept(world: World) -> None:
    await world.start()
    await world.clock.advance(1)
    await world.stop()
    await world.clock.advance(1)
    running = await world.start()
    told = await happened(running)
    assert told[:2] == ["The gateway started.", "The gateway stopped."]
    assert sorted(told[2:]) == ["Signed in to U-tec.", "The gateway started."]


async def test_the_timeline_is_grouped_by_day(world: World) -> None:
    running = await world.start(**QUIET)
    await running.clock.advance(2 * 86400)
    running.gateway.journal.stopped()
    _, text = await page(running, "/activity")
    days = re.findall(r'<h3><time datetime="(\d{4}-\d\d-\d\d)">', text)
    assert days == sorted(set(days), reverse=True)
    assert days[0] == "2026-01-07"
    assert days[-1] == "2026-01-05"


async def test_half_an_entry_of_a_damaged_file_does_not_cost_the_page(running: Running) -> None:
    now = running.clock.now()
    for half in (
        Entry(now, Kind.COMMAND, "Half"),
        Entry(now, Kind.COMMAND, "Half", operation=Operation.QUERY, outcome=CommandState.FAILED),
        Entry(now, Kind.COMMAND, "Half", operation=Operation.LOCK, outcome=CommandState.UNDER_WAY),
        Entry(now, Kind.TOLD, "Whole \ud800", "\ud800"),
    ):
        running.gateway.journal._enter(half)
    told = await happened(running)
    assert told[0].startswith("Notification: Whole")
    assert not any("Half" in one for one in told)


async def test_a_page_stays_light_whatever_happened(running: Running) -> None:
    failed = CommandOutcome(
        Operation.LOCK, 0.0, CommandState.FAILED, 1.0, GatewayError('<"&">' * 500)
    )
    for number in range(300):
        running.gateway.journal.command_ended(ended_command("🔒" * 100, failed))
        LOGGER.error("%d %s", number, "🔒<&>" * 1000)
        LOGGER.error("%d\n%s", number, "short")
    late = RefreshRecord(running.clock.now(), succeeded=False, detail="x" * 5000)
    for _ in range(100):
        running.gateway.journal.refreshed(late)
    _, text = await page(running, "/activity")
    assert len(text.encode()) < MOST_OF_PAGE
    assert len(await happened(running)) > 5
    assert len(await lines(running)) > 5
    running.gateway.journal.stopped()
    for number in range(300):
        LOGGER.info("An ordinary line of an ordinary length, number %d", number)
    assert len(await lines(running)) > 60
    assert len((await page(running, "/activity"))[1].encode()) < MOST_OF_PAGE


async def test_the_calls_are_said_in_words_and_in_a_table(world: World) -> None:
    running = await world.start(poll_interval_seconds=60)
    await running.clock.advance(3600)
    world.cloud.faults.fail("/action")
    await running.clock.advance(1800)
    hours = running.gateway.account.meter.by_hour()
    total, failures = sum(hour.calls for hour in hours), sum(hour.failures for hour in hours)
    assert total > failures > 0
    _, text = await page(running, "/activity")
    assert "Since the gateway started, 2026-01-05T12:00:00Z: " in words(text)
    most = max(hour.calls for hour in hours)
    assert f"calls {total}, failed {failures}, most in one hour {most}." in words(text)
    rows = re.findall(r'<tr><th scope="row">.*?</th><td>(\d+)</td><td>(\d+)</td></tr>', text)
    assert rows == [(str(hour.calls), str(hour.failures)) for hour in reversed(hours)]
    assert re.search(r'<svg class="chart" role="img" aria-labelledby="[\w -]+">', text)
    assert text.count('<rect fill="url(#hatched)"') == 2, "one bar and the legend's key"
    assert "U-tec publishes no limit." in text


async def test_a_day_of_calls_is_called_a_day(world: World) -> None:
    running = await world.start(poll_interval_seconds=3600, stale_after_seconds=3600)
    await running.clock.advance(86400)
    _, text = await page(running, "/activity")
    assert "In the last 24 hours:" in text
    assert text.count('<tr><th scope="row">') == 24


async def test_bars_stay_in_the_picture_and_the_line_too(running: Running) -> None:
    now = running.clock.now()
    hour = running.gateway.account.meter.by_hour()[0]
    for calls in (0, 1, 360, 100_000):
        hours = [replace(hour, calls=calls, failures=calls)] * 24
        chart = call_chart(hours, now - timedelta(days=2))
        assert 0 <= chart.line_y <= 100
        assert all(0 <= bar.y <= 100 and 0 <= bar.failed_y <= 100 for bar in chart.bars)
        assert chart.bars[0].x >= 0
        assert chart.bars[-1].x + chart.width <= 100


async def test_a_line_of_the_log_is_shown_with_its_level_and_what_belongs_to_it(
    running: Running,
) -> None:
    LOGGER.error("It failed", exc_info=ValueError("the reason"))
    LOGGER.info("after")
    failed, after = (await lines(running))[-2:]
    assert failed == "ERROR It failed ValueError: the reason"
    assert after == "INFO after"


async def test_a_line_that_is_not_ours_is_shown_as_it_is_unless_it_belongs_to_none(
    running: Running, world: World
) -> None:
    (world.data_dir / "gateway.log").write_text(
        f"  | orphan\n\nrubbish\n2026-99-99 00:00:00,0 INFO [x] no date\n{HOSTILE}\n"
    )
    assert await lines(running) == [
        "rubbish",
        "2026-99-99 00:00:00,0 INFO [x] no date",
        ESCAPED,
    ]


async def test_the_log_is_shown_from_a_level_on(running: Running) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        LOGGER.log(level, "needle %d", level)
    await submit(running, "/find", "/activity", find="needle")
    for query, shown in (
        ("", 4),
        ("&level=all", 4),
        ("&level=info", 3),
        ("&level=warning", 2),
        ("&level=error", 1),
        ("&level=<script>", 4),
    ):
        assert len(await lines(running, f"?find={b'needle'.hex()}{query}")) == shown


@pytest.mark.parametrize("what", ["needle", "NEEDLE", "Gärten 🔒", "union select concat(", HOSTILE])
async def test_a_search_finds_any_text_and_its_address_passes_ingress(
    running: Running, what: str
) -> None:
    LOGGER.info("There is Needle in Gärten 🔒 and union select concat( and %s", HOSTILE)
    LOGGER.info("There is nothing")
    status, leads_to, _ = await submit(running, "/find", "/activity", find=f" {what} ")
    assert status == 303
    assert re.fullmatch(r"activity\?find=[0-9a-f]+#log", leads_to)
    address = leads_to.removeprefix("activity").partition("#")[0]
    (found,) = await lines(running, address)
    assert found.startswith("INFO There is Needle")
    _, text = await page(running, f"/activity{address}")
    assert HOSTILE not in text
    assert f'data-live="live?page=activity&amp;{address[1:]}"' in text


async def test_a_search_keeps_the_level(running: Running) -> None:
    _, leads_to, _ = await submit(running, "/find", "/activity", find="x", level="error")
    assert leads_to == "activity?level=error&find=78#log"
    _, text = await page(running, "/activity?level=error&find=78")
    assert 'href="activity?level=warning&amp;find=78#log"' in text
    assert 'href="activity?level=error#log"' in text
    assert '<a href="activity?level=error&amp;find=78#log" aria-current="true">' in text


async def test_an_empty_search_shows_everything(running: Running) -> None:
    assert (await submit(running, "/find", "/activity", find="  "))[1] == "activity#log"


@pytest.mark.parametrize("query", ["?find=xyz", "?find=ff", "?find=7", "?level=", "?find="])
async def test_rubbish_in_the_address_asks_for_everything(running: Running, query: str) -> None:
    assert await lines(running, query) == await lines(running)


async def test_a_search_without_a_match_and_an_empty_log_are_said(running: Running) -> None:
    _, text = await page(running, f"/activity?find={b'nowhere'.hex()}")
    assert "No matching lines." in text
    await submit(running, "/clear-log", "/clear-log")
    assert "The log is empty." in (await page(running, "/activity"))[1]


async def test_the_whole_log_can_be_downloaded(running: Running, world: World) -> None:
    (world.data_dir / "gateway.log.1").write_text("the first line\n" + "x" * 900_000 + "\n")
    LOGGER.info("Gärten 🔒")
    async with running.client.get(f"{running.panel}/log.txt") as response:
        text = await response.text()
        assert response.content_type == "text/plain"
        assert response.headers["Content-Disposition"].startswith("attachment;")
    assert text.startswith("the first line\n")
    assert text.rstrip().endswith("Gärten 🔒")


async def test_clearing_asks_first_and_says_that_it_is_done(running: Running) -> None:
    LOGGER.info("before")
    _, text = await page(running, "/clear-log")
    assert "Clear the log?" in text
    assert (await lines(running))[-1] == "INFO before"
    async with running.client.post(f"{running.panel}/clear-log", data={}) as refused:
        assert refused.status == 403
    assert (await lines(running))[-1] == "INFO before"
    status, leads_to, _ = await submit(running, "/clear-log", "/clear-log")
    assert (status, leads_to) == (303, "activity?done=log_cleared")
    _, text = await page(running, f"/{leads_to}")
    assert "The log was cleared." in text
    assert "before" not in await lines(running)


async def test_a_disk_that_does_not_clear_the_log_is_said(running: Running, tmp_path: Path) -> None:
    (tmp_path / "gateway.log.1").mkdir()
    _, _, text = await submit(running, "/clear-log", "/clear-log")
    assert "The log could not be cleared: " in text
    assert "Clear the log?" in text


async def test_the_name_of_a_lock_cannot_run_a_script(world: World) -> None:
    world.cloud.devices[LOCK].name = f"{HOSTILE}{{now}}"
    running = await world.start()
    await command(running, "unlock")
    await running.clock.advance(9)
    _, text = await page(running, "/activity")
    assert "<img" not in text
    assert f"{ESCAPED}{{now}} was unlocked" in text
    assert f"{ESCAPED}{{now}}: unlock confirmed" in text


async def test_no_id_and_no_secret_is_on_the_page_or_in_the_file(world: World) -> None:
    running = await world.start(log_level="debug")
    token, key = running.gateway.account.tokens.token, running.gateway.store.state.api_key
    assert token
    assert token.refresh_token
    known = (LOCK, key, token.access_token, token.refresh_token, world.options["client_secret"])
    failed = CommandOutcome(
        Operation.LOCK, 0.0, CommandState.FAILED, 1.0, GatewayError(" ".join(known))
    )
    running.gateway.journal.command_ended(ended_command(" ".join(known), failed))
    LOGGER.error("It knows %s", known, exc_info=ValueError(known))
    for path in ("/activity", "/log.txt", "/clear-log"):
        _, text = await page(running, path)
        assert [secret for secret in known if secret in text] == [], path
    assert "***" in "".join(await happened(running))


async def at_the_door(world: World) -> Running:
    """Return a gateway at whose doors and lamps a few things have happened."""
    world.cloud.add_device("dimmer", "Hall Dimmer", "dimmer")
    running = await world.start()
    await running.clock.advance(20)
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(20)
    await timed(running.clock, running.post("/api/lock", {"id": OTHER_LOCK}))
    await timed(running.clock, running.post("/api/level", {"id": "dimmer", "level": 40}))
    world.cloud.devices[LOCK].operate(jam)
    await running.clock.advance(20)
    return running


BY_HAND = "Front Door was unlocked. At the door or in U-tec"
JAMMED = "Front Door is jammed. You were notified."
LOCKED = "Back Door was locked"
DIMMED = "Hall Dimmer: set the level"
STARTED = "The gateway started."


def heads(sentences: list[str]) -> list[str]:
    """Return which of the known things were told, in their order."""
    known = (BY_HAND, JAMMED, LOCKED, DIMMED, STARTED)
    return [head for one in sentences for head in known if one.startswith(head)]


async def test_what_happens_at_a_door_is_told_once_whoever_did_it(world: World) -> None:
    running = await at_the_door(world)
    assert heads(await happened(running)) == [JAMMED, DIMMED, LOCKED, BY_HAND, STARTED]
    assert not any("Notification" in one for one in await happened(running))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("door", [JAMMED, LOCKED, BY_HAND]),
        ("commands", [DIMMED, LOCKED]),
        ("gateway", [STARTED]),
        ("problems", [JAMMED]),
        ("all", [JAMMED, DIMMED, LOCKED, BY_HAND, STARTED]),
        ("<script>", [JAMMED, DIMMED, LOCKED, BY_HAND, STARTED]),
    ],
)
async def test_the_timeline_shows_one_kind(kind: str, told: list[str], world: World) -> None:
    running = await at_the_door(world)
    assert heads(await happened(running, f"?kind={kind}")) == told


async def test_the_timeline_shows_one_device_with_its_last_day(world: World) -> None:
    running = await at_the_door(world)
    tag = running.gateway.account.cache.find(LOCK).tag
    assert heads(await happened(running, f"?device={tag}")) == [JAMMED, BY_HAND]
    assert heads(await happened(running, f"?device={tag}&kind=commands")) == []
    _, text = await page(running, f"/activity?device={tag}&kind=commands")
    assert "Nothing lately." in text
    assert re.search(r"Last 24 hours: Unlocked once, for \d min. Jammed for \d min", text)
    assert "2026-01-04T12:02:00Z Now Last 24 hours" in words(text)
    assert f'data-live="live?page=activity&amp;device={tag}&amp;kind=commands"' in text
    assert f'<option value="{tag}" selected>Front Door</option>' in text
    assert "Last 24 hours" not in (await page(running, "/activity"))[1]


async def test_a_device_that_is_gone_or_was_renamed_is_found_by_its_tag(world: World) -> None:
    running = await at_the_door(world)
    names = device_names((), running.gateway.journal.entries)
    assert set(names.values()) == {"Front Door", "Back Door", "Hall Dimmer"}
    world.cloud.devices[LOCK].name = "Garage"
    await running.clock.advance(7200)
    cache = running.gateway.account.cache
    renamed = device_names(cache.devices, running.gateway.journal.entries)
    assert renamed[cache.find(LOCK).tag] == "Garage"
    told = await happened(running, f"?device={cache.find(LOCK).tag}")
    assert heads(told) == [JAMMED, BY_HAND]


async def test_a_tag_that_nobody_has_filters_nothing(world: World) -> None:
    running = await at_the_door(world)
    for device in ("0" * 8, "x", LOCK, "%00"):
        assert STARTED in await happened(running, f"?device={device}")


async def test_the_filters_of_timeline_and_log_keep_each_other(world: World) -> None:
    running = await at_the_door(world)
    tag = running.gateway.account.cache.find(LOCK).tag
    query = f"device={tag}&kind=door"
    _, text = await page(running, f"/activity?{query}&level=error&find=78")
    escaped = f"activity?device={tag}&amp;kind={{}}&amp;level={{}}&amp;find=78#{{}}"
    assert f'href="{escaped.format("problems", "error", "happened")}"' in text
    assert f'href="{escaped.format("door", "warning", "log")}"' in text
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', text))
    assert kept.items() >= {"device": tag, "kind": "door", "level": "error", "find": "78"}.items()
    form = {"device": tag, "kind": "door", "level": "error", "find": "y"}
    _, leads_to, _ = await submit(running, "/find", "/activity", **form)
    assert leads_to == f"activity?{query}&level=error&find=79#log"


async def test_half_an_activity_of_a_damaged_file_does_not_cost_the_page(running: Running) -> None:
    now = running.clock.now()
    for kind in (ActivityKind.REFUSED, ActivityKind.LOCK_NOT_CONFIRMED, None):
        running.gateway.journal._enter(Entry(now, Kind.ACTIVITY, "Half", activity=kind))
    assert not any("Half" in one for one in await happened(running))


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "nl"])
def test_every_activity_has_a_sentence_and_an_icon(language: str) -> None:
    t = Languages(read_translations()).translator(language)
    icons = (PANEL / "static" / "icons.svg").read_text("utf-8")
    of_commands = {"lock_not_confirmed", "unlock_not_confirmed", "refused"}
    assert ACTIVITY_ICONS.keys() == set(ActivityKind) - of_commands
    for kind, (icon, _) in ACTIVITY_ICONS.items():
        assert "Front Door" in t(f"activity.{kind}", lock="Front Door")
        assert f'id="{icon}"' in icons


ANNA = f"Anna {HOSTILE}"


async def with_a_guest(world: World) -> Running:
    """Return a gateway with a guest who was taken back again."""
    running = await world.start(manage_codes=True)
    anna = await invite(running, ANNA)
    await running.clock.advance(10)
    await take_back(running, anna)
    await running.clock.advance(10)
    return running


async def test_what_happens_to_codes_is_told_by_name(world: World) -> None:
    running = await with_a_guest(world)
    told = [
        f"{ANNA}: the code was taken back from the lock Front Door.",
        f"{ANNA}: the code is on the lock Front Door.",
    ]
    tag = running.gateway.account.cache.find(LOCK).tag
    assert [unescape(one) for one in await happened(running, "?kind=codes")] == told
    assert [unescape(one) for one in await happened(running, f"?device={tag}")] == told
    assert not [one for one in await happened(running, "?kind=gateway") if "Anna" in one]
    _, text = await page(running, "/activity")
    assert "<img" not in text
    assert CODE.digits not in text


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Kind.CODE_EXPIRED, "Anna: the code had expired and was deleted from the lock Front Door."),
        (Kind.CODE_NOT_CONFIRMED, "Anna: the code for the lock Front Door was not confirmed."),
    ],
)
async def test_how_a_code_went_by_itself_or_did_not_come(
    kind: Kind, sentence: str, running: Running
) -> None:
    event = CodeEventKind.REMOVED if kind is Kind.CODE_EXPIRED else CodeEventKind.NOT_CONFIRMED
    lock, now = running.gateway.account.cache.find(LOCK), running.clock.now()
    is_expired = kind is Kind.CODE_EXPIRED
    running.gateway.journal.code_happened(CodeEvent(event, lock, "Anna", now, is_expired))
    assert (await happened(running))[0] == sentence
    is_problem = kind is Kind.CODE_NOT_CONFIRMED
    assert (sentence in await happened(running, "?kind=problems")) is is_problem


async def test_nobody_is_offered_codes_who_never_had_one(running: Running, world: World) -> None:
    assert "kind=codes" not in (await page(running, "/activity"))[1]
    await world.stop()
    running = await with_a_guest(world)
    assert "kind=codes" in (await page(running, "/activity"))[1]

"""No secret is written, no line can be forged, and the log never fills the disk."""

import html
import json
import logging
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from tests.utec.given import THOROUGHLY
from utec_gateway.logging.log_file import LARGEST_FILE, LogFile, RedactingFormatter, set_level
from utec_gateway.logging.redactor import Redactor

SECRET = "q7Zk-20_9fTbVw1x"
LOGGER = logging.getLogger("tests.logs")


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def log(folder: Path, redactor: Redactor) -> Iterator[LogFile]:
    """An open log; the handlers of pytest come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    log = LogFile(folder / "gateway.log", redactor)
    log.open()
    root.setLevel(logging.DEBUG)
    yield log
    log.close()
    root.handlers, root.level = handlers, level


def written(log: LogFile) -> str:
    return log.tail(10 * LARGEST_FILE)


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: bearer {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f"Authorization: Basic {SECRET}",
        f"Authorization: {SECRET}",
        f"Bearer {SECRET}",
        f"GET /k/{SECRET}/api/devices",
        f"http://localhost:9501/?code={SECRET}&state=abc",
        f"http://localhost:9501/?a=b&state={SECRET}",
        f"access_token={SECRET}&refresh_token=x",
        f'{{"access_token": "{SECRET}"}}',
        f"{{'refresh_token': '{SECRET}'}}",
        f"grant_type=refresh_token&refresh_token={SECRET}",
        f"client_secret={SECRET}",
        f"secret_key: {SECRET}",
        f"access_key = {SECRET}",
        f"api_key: {SECRET}",
        f"'password': '{SECRET}'",
        f"authorization_code={SECRET}",
        f"Cookie: sid={SECRET}",
        f"Set-Cookie: sid={SECRET}; Path=/",
        f"Cookie: a=b; sid={SECRET}",
        f"access_token=abc/{SECRET}",
        f"access_token={SECRET}/{SECRET}==",
    ],
)
def test_a_secret_nobody_told_of_is_known_by_the_company_it_keeps(
    line: str, redactor: Redactor
) -> None:
    assert SECRET not in redactor.redact(line)


def test_what_stands_around_a_secret_stays_readable(redactor: Redactor) -> None:
    redactor.hide([SECRET])
    assert redactor.redact(f"POST /token with {SECRET} failed") == "POST /token with *** failed"
    assert redactor.redact("Token will expire at: 2026-01-15") == "Token will expire at: 2026-01-15"


@THOROUGHLY
@given(st.lists(st.text(min_size=4, max_size=12), min_size=1, max_size=4), st.text(max_size=8))
def test_a_secret_that_was_told_of_is_never_written(secrets: list[str], around: str) -> None:
    redactor = Redactor()
    redactor.hide(secrets)
    for secret in secrets:
        assert redactor.redact(f"{around} {secret} {around}").count(secret) <= (
            f"{around} *** {around}".count(secret)
        )


def test_of_two_secrets_that_overlap_the_longer_is_struck_out_whole(redactor: Redactor) -> None:
    redactor.hide(["abcd", "abcdefgh"])
    assert redactor.redact("abcdefgh abcd") == "*** ***"


def test_what_is_good_once_is_forgotten_when_there_is_too_much_of_it(redactor: Redactor) -> None:
    redactor.hide([f"passing-{number:05}" for number in range(300)])
    redactor.shorten(f"device-{number:05}" for number in range(300))
    full = len(redactor._known)
    redactor.hide([f"passing-{number:05}" for number in range(300, 700)])
    redactor.shorten(f"device-{number:05}" for number in range(300, 700))
    assert redactor.redact("passing-00699 passing-00400") == "*** ***"
    assert redactor.redact("passing-00399 device-00399") == "passing-00399 device-00399"
    assert len(redactor._known) == full


def test_a_lasting_secret_outlives_any_number_of_passing_ones(redactor: Redactor) -> None:
    redactor.pin("client_secret", SECRET)
    redactor.pin("email.password", "the-mail-password")
    for number in range(1000):
        redactor.hide([f"state-{number:05}"])
        redactor.pin("access_token", f"token-{number:05}")
    assert redactor.redact(f"{SECRET} the-mail-password token-00999") == "*** *** ***"


def test_what_a_source_had_before_stays_struck_out_and_the_memory_stays_bounded(
    redactor: Redactor,
) -> None:
    sizes = []
    for number in range(200):
        redactor.pin("refresh_token", f"token-{number:05}")
        sizes.append(len(redactor._known))
    assert redactor.redact("token-00199 token-00150") == "*** ***"
    assert redactor.redact("token-00149") == "token-00149"
    assert max(sizes) <= 50 * 8


def test_a_secret_that_comes_back_is_the_newest_again(redactor: Redactor) -> None:
    redactor.pin("client_secret", SECRET)
    for number in range(49):
        redactor.pin("client_secret", f"another-{number:05}")
    redactor.pin("client_secret", SECRET)
    for number in range(49):
        redactor.pin("client_secret", f"a-third-{number:05}")
    assert redactor.redact(SECRET) == "***"


def test_a_secret_of_two_sources_stays_struck_out_when_one_forgets_it(redactor: Redactor) -> None:
    redactor.pin("refresh_token", SECRET)
    redactor.pin("previous_refresh_token", SECRET)
    for number in range(50):
        redactor.pin("refresh_token", f"token-{number:05}")
    assert redactor.redact(SECRET) == "***"


AWKWARD = 'pass"wörd\\ /+&<%😀'


@pytest.mark.parametrize("secret", [SECRET, AWKWARD, "abcd", "Überall"])
@pytest.mark.parametrize(
    "write",
    [
        json.dumps,
        lambda secret: json.dumps(secret, ensure_ascii=False),
        repr,
        ascii,
        html.escape,
        quote,
        quote_plus,
        lambda secret: quote(secret, safe=""),
        lambda secret: re.sub("%..", lambda escape: escape[0].lower(), quote(secret, safe="")),
        lambda secret: str(URL("http://x/").with_query(anything=secret)),
    ],
)
def test_a_secret_is_known_in_every_spelling(
    secret: str, write: Callable[[str], str], redactor: Redactor
) -> None:
    redactor.pin("email.password", secret)
    written = write(secret)
    assert redactor.redact(f"[{written}]") in {
        "[***]",
        *(f"[{quote}***{quote}]" for quote in "'\""),
        "[http://x/?anything=***]",
    }


@pytest.mark.parametrize("secret", [SECRET, AWKWARD, "abcd", "Überall"])
@pytest.mark.parametrize("user", ["", "a", "me", "you", "me@example.com"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_secret_is_known_inside_base64(
    secret: str, user: str, encode: Callable[[bytes], bytes], redactor: Redactor
) -> None:
    redactor.pin("email.password", secret)
    for said in (f"{user}:{secret}", f"\0{user}\0{secret}", secret, f"{secret}:{user}"):
        encoded = encode(said.encode()).decode()
        assert redactor.redact(f"<{encoded}> sent") == "<***> sent"


@THOROUGHLY
@given(st.text(min_size=4, max_size=20), st.binary(max_size=9), st.binary(max_size=9))
def test_no_letter_of_a_secret_is_left_in_base64(secret: str, before: bytes, after: bytes) -> None:
    redactor = Redactor()
    redactor.pin("email.password", secret)
    raw = before + secret.encode(errors="surrogatepass") + after
    assert redactor.redact(f"<{b64encode(raw).decode()}>") == "<***>"


def test_a_long_line_takes_no_longer_than_its_length(redactor: Redactor) -> None:
    redactor.pin("email.password", "aaaab")
    long = "a" * 200_000
    assert redactor.redact(f"{long}b") == "a" * 199_996 + "***"
    encoded = b64encode(b"aaaab").decode().rstrip("=")
    assert redactor.redact(f"{long} {long}{encoded}") == f"{long} ***"


def test_nothing_and_trifles_are_not_secrets(redactor: Redactor) -> None:
    redactor.hide([None, "", "abc"])
    assert redactor.redact("abc is not struck out") == "abc is not struck out"


def test_device_ids_are_shortened(redactor: Redactor) -> None:
    redactor.shorten(["opaque-device-id-31337"])
    assert redactor.redact("opaque-device-id-31337 moved") == "…31337 moved"
    assert redactor.redact("02:51:4D:00:00:01 moved") == "…00:01 moved"
    assert redactor.redact("02-51-4d-00-00-01 moved") == "…00-01 moved"
    assert redactor.redact("id=02%3A51%3A4D%3A00%3A00%3A01") == "id=…%3A01"


def test_a_device_id_that_is_a_word_of_the_log_is_left_alone(redactor: Redactor) -> None:
    redactor.shorten(["renewed", "", "gateway2"])
    assert redactor.redact("renewed by gateway2") == "renewed by …eway2"


def test_only_what_was_said_is_redacted(log: LogFile, redactor: Redactor) -> None:
    redactor.shorten([" ERROR [", "tests.logs", " INFO [tests.logs] "])
    redactor.pin("client_secret", "ERROR")
    redactor.pin("email.password", "[tests.logs]")
    redactor.hide([f"{year}-" for year in range(2020, 2100)])
    LOGGER.error("the ERROR of tests.logs")
    assert re.fullmatch(
        r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR \[tests\.logs\] the \*\*\* of ….logs\n",
        written(log),
    )


@pytest.mark.parametrize(
    "trick", ["\x1b[2J", "\u2028", "\x85", "\x0c", "\u202e", "\u200b", "\x00", "\x9b"]
)
def test_a_traceback_is_as_harmless_as_a_message(trick: str, log: LogFile) -> None:
    LOGGER.info("said %s", f"a{trick}b")
    LOGGER.error("Oh", exc_info=LookupError(f"a{trick}b"))
    logging.getLogger(f"tests.logs.a{trick}b").error("Oh", stack_info=True)
    assert trick not in written(log)
    assert all(line.isprintable() for line in written(log).split("\n"))
    assert sum(not line.startswith("  | ") for line in written(log).rstrip().split("\n")) == 3


def test_another_handlers_traceback_is_not_taken_over(redactor: Redactor) -> None:
    redactor.pin("client_secret", SECRET)
    record = LOGGER.makeRecord("n", logging.ERROR, __file__, 1, "Oh", (), None)
    record.exc_info = (LookupError, LookupError(SECRET), None)
    logging.Formatter().format(record)
    assert SECRET not in RedactingFormatter(redactor).format(record)


def test_secrets_are_struck_out_of_messages_arguments_and_tracebacks(
    log: LogFile, redactor: Redactor
) -> None:
    redactor.hide([SECRET])
    LOGGER.info("said %s", SECRET)
    LOGGER.info(f"said {SECRET}")  # noqa: G004 - on purpose
    LOGGER.info("said %s", {"nested": [SECRET]})
    LOGGER.error("Oh", exc_info=LookupError(SECRET))
    assert SECRET not in written(log)
    assert written(log).count("***") == 4
    assert "LookupError: ***" in written(log)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_message_cannot_forge_a_line(end: str, log: LogFile) -> None:
    LOGGER.warning("name: %s", f"Door{end}2026-01-05 12:00:00,000 INFO [utec] forged")
    (line,) = written(log).splitlines()
    assert "[tests.logs] name: Door" in line


def test_the_text_of_an_error_cannot_forge_a_line(log: LogFile) -> None:
    forged = "2026-01-05 12:00:00,000 INFO [utec_gateway] Access token refreshed successfully"
    LOGGER.error("It failed", exc_info=ValueError(f"Door\n{forged}"))
    assert forged not in written(log).splitlines()


@pytest.mark.parametrize("text", ["\ud800", "Gärten 🔒", "\x00\x1b[31m", "%s %d"])
def test_any_text_can_be_written(text: str, log: LogFile) -> None:
    LOGGER.info("before")
    LOGGER.info(text)
    LOGGER.info("after")
    assert written(log).splitlines()[-1].endswith("after")
    assert len(written(log).splitlines()) == 3


def test_the_log_never_takes_more_than_two_files_of_one_mebibyte(
    log: LogFile, folder: Path
) -> None:
    for number in range(350):
        LOGGER.info("%05d %s", number, "x" * 10_000)
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert set(sizes) == {"gateway.log", "gateway.log.1"}
    assert max(sizes.values()) <= LARGEST_FILE
    assert sizes["gateway.log.1"] > LARGEST_FILE - 20_000
    assert "00349" in written(log).splitlines()[-1]


def test_the_tail_is_bounded_and_made_of_whole_lines_from_both_files(
    log: LogFile, folder: Path
) -> None:
    (folder / "gateway.log.1").write_text("older 1\nolder 2\n")
    (folder / "gateway.log").write_text("newer 1\nnewer 2\n")
    assert log.tail(1000) == "older 1\nolder 2\nnewer 1\nnewer 2\n"
    assert log.tail(30) == "older 2\nnewer 1\nnewer 2\n"
    assert log.tail(20) == "newer 1\nnewer 2\n"
    assert log.tail(9) == "newer 2\n"
    assert log.tail(7) == ""


@pytest.mark.parametrize("limit", [0, 8, 16])
def test_the_tail_is_as_long_as_it_may_be_and_no_longer(
    limit: int, log: LogFile, folder: Path
) -> None:
    (folder / "gateway.log").write_text("newer 1\nnewer 2\nnewer 3\n")
    assert len(log.tail(limit)) == limit


def test_a_damaged_file_can_be_shown(log: LogFile, folder: Path) -> None:
    (folder / "gateway.log").write_bytes(b"good\n\xff\xfe\n")
    assert log.tail(100).startswith("good\n")


def test_a_cleared_log_is_empty_and_goes_on(log: LogFile, folder: Path) -> None:
    (folder / "gateway.log.1").write_text("older\n")
    LOGGER.info("before")
    log.clear()
    assert written(log) == ""
    LOGGER.info("after")
    (line,) = written(log).splitlines()
    assert line.endswith("after")
    assert "\x00" not in line


def test_a_folder_that_cannot_be_written_costs_the_file_and_not_the_gateway(
    folder: Path, redactor: Redactor, log: LogFile
) -> None:
    nowhere = LogFile(folder / "missing" / "gateway.log", redactor)
    nowhere.open()
    LOGGER.info("goes to the screen only")
    nowhere.clear()
    nowhere.close()
    assert nowhere.tail(100) == ""
    log.close()


def test_the_screen_sees_no_secret_either(
    redactor: Redactor, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redactor.hide([SECRET])
    record = LOGGER.makeRecord("n", logging.INFO, __file__, 1, "said %s", (SECRET,), None)
    assert RedactingFormatter(redactor).format(record).endswith("INFO [n] said ***")
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.handlers = []
    log = LogFile(folder / "gateway.log", redactor)
    log.open()
    LOGGER.warning("said %s", SECRET)
    log.close()
    root.handlers = handlers
    shown = capsys.readouterr().err
    assert "said ***" in shown
    assert SECRET not in shown


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_the_log_level_follows_the_option(level: str, log: LogFile) -> None:
    set_level(level)
    for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        LOGGER.log(number, "at %d", number)
    levels = [line.split()[2] for line in written(log).splitlines()]
    assert levels == ["DEBUG", "INFO", "WARNING", "ERROR"][-len(levels) :]
    assert levels[0] == level.upper()

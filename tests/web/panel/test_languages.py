"""Every text that the panel can show is said in the reader's language."""

import ast
import functools
import importlib
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

import utec_gateway
from tests.conftest import LOCK, Running, World
from tests.plugins.installing import install
from tests.web.panel.asking import form_token
from tests.web.panel.reading import texts_of
from utec_gateway.core.const import VERSION
from utec_gateway.core.errors import GatewayError
from utec_gateway.journal.entry import Kind
from utec_gateway.plugins import email
from utec_gateway.simulator.states import PASSAGE_MODE, to_mode
from utec_gateway.texts.phrase_book import Phrase, PhraseBook
from utec_gateway.texts.translations import FOLDER, read_translations
from utec_gateway.web.app_keys import EXECUTOR
from utec_gateway.web.i18n import LANGUAGES as LANGUAGES_OF_APP
from utec_gateway.web.i18n import Languages, Translator, in_the_readers_language

PACKAGE = Path(utec_gateway.__file__).parent
OTHERS = ("de", "es", "fr", "it", "nl")
PAGES = (
    "/",
    "/set-up",
    "/activity",
    "/codes",
    "/settings",
    "/clear-log",
    "/confirm?device=x",
    "/nothing",
)
TO_PROGRAMS_ONLY = {
    "web/api/admin.py": {"exchange", "to_the_panel", "_changes"},
    "web/api/devices.py": {"known_devices", "refresh_devices", "_switching", "_mode"},
    "web/api/guest_json.py": {
        "_refuse_unknown",
        "_text",
        "_code",
        "_key",
        "_moment",
        "_time",
        "_weekdays",
        "_uses",
    },
    "web/request_body.py": {"json_object", "device_id", "device_ids", "text"},
    "web/access.py": {"check"},
    "home_assistant/core.py": {"core_named_in"},
    "home_assistant/webhooks.py": {"delete_cloudhook", "begin"},
    "utec/push.py": {"news_in"},
}
"""The functions whose errors no page can show: programs, the command line or the log read them."""
COMPOSED = {"plugins/email.py": {"_send", "_sent", "_explained"}}
"""The functions that put a sentence together; a test of their own tries them."""
CHECKING = ("options/schema.py", "storage/settings.py", "plugins/email.py")
"""Where a ValueError is a sentence for people."""
NO_TEXT = re.compile(r"^aria-|://|gateway_\w+|\w+\.py")
"""Attributes that a macro makes, addresses, hooks and files: the same in every language."""
WORDS = re.compile(r"[^\W\d_]{2,}\W+[^\W\d_]{2,}")


@functools.cache
def english() -> dict[str, Any]:
    content = yaml.safe_load((FOLDER / "en.yaml").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


@functools.cache
def book() -> PhraseBook:
    return PhraseBook(english()["panel"]["said"])


LANGUAGES = Languages(read_translations())


def words_of(language: str) -> Translator:
    return LANGUAGES.translator(language)


def names_of_errors() -> set[str]:
    """Return the name of every error of ours, in whatever module it is made."""
    for module in pkgutil.walk_packages(utec_gateway.__path__, "utec_gateway."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(kind: type[GatewayError]) -> Iterator[str]:
        yield kind.__name__
        for inner in kind.__subclasses__():
            yield from below(inner)

    return set(below(GatewayError))


def sentences(node: ast.expr) -> Iterator[str]:
    """Yield what an expression may say; a place of an f-string holds an x."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "x" for p in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from sentences(one)
            yield from sentences(other)


def raised() -> Iterator[tuple[str, str]]:
    """Yield every sentence that an error of ours is made with, and where."""
    names = names_of_errors()
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        if where.startswith("simulator/"):
            continue
        kinds = names | ({"ValueError"} if where in CHECKING else set())
        for function in functions_of(path):
            if function.name in {*TO_PROGRAMS_ONLY.get(where, ()), *COMPOSED.get(where, ())}:
                continue
            for call in ast.walk(function):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Name)
                    and call.func.id in kinds
                ):
                    for said in (one for arg in call.args for one in sentences(arg)):
                        if " " in said:
                            yield f"{where}:{call.lineno}", said


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize(
    "said", [pytest.param(said, id=f"{where} {said[:40]}") for where, said in sorted(set(raised()))]
)
def test_every_error_is_in_the_phrase_book(said: str) -> None:
    assert book().find(said.removesuffix(".")), said


def troubles_with_mail() -> Iterator[str]:
    """Yield what the e-mail plugin says of a mail server."""
    for function in functions_of(Path(email.__file__)):
        if function.name in {"_problem", "_tls_problem", "_unsupported"}:
            for node in ast.walk(function):
                if isinstance(node, ast.Return | ast.Assign) and node.value:
                    for value in (node.value, *getattr(node.value, "elts", ())):
                        yield from sentences(value)


@pytest.mark.parametrize("trouble", sorted(set(troubles_with_mail())))
def test_every_trouble_with_a_mail_server_is_in_the_phrase_book(trouble: str) -> None:
    trouble = re.sub(r"tlsx$", f"tls{email.OR_NONE}", trouble)
    found = book().find(f"The mail server x:25 {trouble} (550 no)")
    assert found, trouble
    assert found[1] == {"server": "x:25", "words": "550 no"}


@pytest.mark.parametrize("words", ["", ": 250 ok"])
@pytest.mark.parametrize("refused", ["", "; refused: a@example.com"])
def test_what_became_of_a_mail_is_in_the_phrase_book(words: str, refused: str) -> None:
    found = book().find(f"Accepted for 1 of 2{words}{refused}")
    assert found
    assert found[1]["all"] == "2"


@pytest.mark.parametrize("key", sorted(english()["panel"]["said"]))
def test_a_phrase_can_be_told_from_foreign_words(key: str) -> None:
    phrase = Phrase.of(key, english()["panel"]["said"][key])
    assert phrase.is_precise >= 10
    assert all(phrase.literals[1:-1]), "two places stand side by side"
    sample = english()["panel"]["said"][key].replace("{", "<").replace("}", ">")
    found = book().find(sample)
    assert found
    assert found[0] == key, "another phrase takes it"


def test_the_reason_within_a_sentence_is_translated_too() -> None:
    said = (
        "The state cannot be saved: No space left on device; refreshing now could lose the sign-in"
    )
    assert words_of("de").sentence(said) == (
        "Der Zustand lässt sich nicht speichern: No space left on device; "
        "jetzt zu erneuern, könnte die Anmeldung kosten."
    )


@pytest.mark.parametrize("said", ["550 5.7.1 go away", "<b>{0} {x}</b>", "x" * 5000, "{", ""])
def test_foreign_words_stay_as_they_are_and_do_no_harm(said: str) -> None:
    shown = words_of("de").said(said)
    assert "<b>" not in shown
    assert shown.unescape() == said
    told = words_of("de").said(f"Home Assistant refused: {said}")
    assert told.unescape().endswith(said.removesuffix("."))


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "web").rglob("*.html")), ids=lambda path: path.name
)
def test_no_template_says_anything_by_itself(path: Path) -> None:
    source = path.read_text("utf-8")
    environment = jinja2.Environment(autoescape=True)
    plain = "".join(
        str(token[2]) if token[1] == "data" else "1" if token[1] == "variable_begin" else ""
        for token in environment.lex(source)
    )
    said = [text.replace("U-tec Gateway", "") for text in texts_of(plain)]
    assert [text for text in said if WORDS.search(text) and not NO_TEXT.search(text)] == []


def test_no_module_of_the_panel_says_anything_by_itself() -> None:
    raised_here = {said for _, said in raised()}
    found = [
        f"{path.name}:{node.lineno} {node.value}"
        for path in sorted((PACKAGE / "web/panel").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.match(r"[A-Z][a-z']+ [a-z]+", node.value)
        if not any(said.startswith(node.value) for said in raised_here)
        if node.lineno not in lines_of_documentation(path)
    ]
    assert found == []


@functools.cache
def lines_of_documentation(path: Path) -> set[int]:
    """Return where texts begin that stand by themselves, as docstrings do."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.value.lineno for node in ast.walk(tree) if isinstance(node, ast.Expr)}


async def in_language(running: Running, path: str, language: str, **form: str) -> str:
    """Return a page, or the answer to a form on it, in a language."""
    headers = {"Accept-Language": language}
    response: ClientResponse
    if not form:
        async with running.client.get(running.panel + path, headers=headers) as response:
            return await response.text()
    data = {"form_token": await form_token(running, "/settings"), **form}
    async with running.client.post(running.panel + path, headers=headers, data=data) as response:
        return await response.text()


def sayable(language: str) -> set[str]:
    """Return the texts that are the same in English: a name, a word that both have."""
    flat = words_of(language)._texts
    return {text for key, text in words_of("en")._texts.items() if flat[key] == text}


def messages(running: Running) -> set[str]:
    """Return the messages that people were sent: they are kept in the words they were sent in."""
    told = (entry for entry in running.gateway.journal.entries if entry.kind is Kind.TOLD)
    return {text for entry in told for text in (entry.subject, entry.detail)}


def still_english(page: str, in_english: str, language: str) -> set[str]:
    both = set(texts_of(page)) & set(texts_of(in_english))
    mine = {"Front Door", "Back Door", "U-tec Gateway", f"U-tec Gateway {VERSION}"}
    mine |= {f"{name} · U-tec Gateway" for name in sayable(language)}
    return {
        text
        for text in both - sayable(language) - mine
        if WORDS.search(text) and not NO_TEXT.search(text)
    }


async def broken_house(world: World) -> Running:
    """Start a gateway of which everything that can be said of it is to be said."""
    install(world, "broken.py", "def create(context):\n    raise SystemExit\n")
    install(world, "empty.py", "")
    (world.data_dir / "state.json").write_text("{")
    (world.data_dir / "state.previous.json").write_text("{")
    world.cloud.devices[LOCK].operate(to_mode(PASSAGE_MODE))
    for number, kind in enumerate(("plug", "dimmer", "unknown_sensor")):
        world.cloud.add_device(f"02:51:4D:00:00:1{number}", kind.capitalize(), kind)
    running = await world.start(
        allow_unlock=False,
        manage_codes=True,
        max_retries=0,
        renew_every_hours=999,
        stale_after_seconds=10,
        trusted_networks=["here"],
        email={"enabled": True, "smtp_port": "x"},
    )
    tag = running.gateway.account.cache.find(LOCK).tag
    await in_language(running, "/move", "en", device=tag, operation="lock")
    await running.clock.advance(2)
    return running


async def test_no_page_holds_an_english_sentence_in_another_language(world: World) -> None:
    running = await broken_house(world)
    world.cloud.faults.fail("/action")
    await running.clock.advance(300)
    world.cloud.refuse_grants()
    await in_language(running, "/renew", "en", nothing="")
    await running.clock.advance(1)
    for path in PAGES:
        in_english = await in_language(running, path, "en")
        for language in OTHERS:
            shown = await in_language(running, path, language)
            found = still_english(shown, in_english, language) - messages(running)
            assert found == set(), (path, language)


FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/move", {"operation": "dance"}),
    ("/move", {"operation": "lock", "device": "x"}),
    ("/renew", {"x": ""}),
    ("/look", {"x": ""}),
    ("/credentials", {"client_id": "a b"}),
    ("/redirect-uri", {"way": "own", "own": "x"}),
    ("/redeem", {"address": "rubbish"}),
    ("/test-messages", {"x": ""}),
    ("/save-settings", {"max_retries": "x", "was.max_retries": "2"}),
    ("/address", {"x": ""}),
    ("/add-guest", {"x": ""}),
    ("/show-code", {"guest": "x"}),
)


async def test_no_refusal_of_a_form_is_english_in_another_language(world: World) -> None:
    running = await broken_house(world)
    world.cloud.faults.fail("/action")
    world.cloud.refuse_grants()
    for path, form in FORMS:
        in_english = await in_language(running, path, "en", **form)
        for language in OTHERS:
            shown = await in_language(running, path, language, **form)
            assert still_english(shown, in_english, language) == set(), (path, language)


async def test_a_language_is_read_off_the_loop_when_a_reader_first_wants_it(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    in_thread: list[object] = []

    async def executor(function: Callable[..., Any], *args: Any) -> Any:
        in_thread.extend(args)
        return function(*args)

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=request.app[LANGUAGES_OF_APP].of(request)("menu.settings"))

    app = web.Application(middlewares=[in_the_readers_language])
    app[LANGUAGES_OF_APP], app[EXECUTOR] = Languages(read_translations(tmp_path)), executor
    app.router.add_get("/", page)
    async with TestClient(TestServer(app)) as client:
        for _ in range(2):
            async with client.get("/", headers={"Accept-Language": "de"}) as response:
                assert await response.text() == "Einstellungen"
            shutil.rmtree(tmp_path, ignore_errors=True)
    assert in_thread == ["de"]

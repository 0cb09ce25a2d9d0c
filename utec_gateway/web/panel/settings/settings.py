"""Settings: the options, notifications, the API key, the plugins."""

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.errors import OptionsError
from utec_gateway.options.changes import grouped
from utec_gateway.options.email_addresses import AddressError
from utec_gateway.options.email_addresses import address as mailbox
from utec_gateway.options.readers import (
    Reader,
    WholeNumber,
    address,
    address_or_nothing,
    credential,
    host_name,
    path,
    topic,
)
from utec_gateway.options.schema import Options
from utec_gateway.options.secret_destinations import SecretNeededError
from utec_gateway.web.app_keys import (
    ACCESS,
    CLOCK,
    HOOKS,
    IDENTITY,
    ISSUES,
    NOTIFICATIONS,
    PUSH_HINTS,
    SESSIONS,
    SETTINGS,
    STORE,
)
from utec_gateway.web.i18n import LANGUAGES, Translator
from utec_gateway.web.panel.broker_line import broker_line
from utec_gateway.web.panel.diagnostics.diagnostics import CONTENT
from utec_gateway.web.panel.forms import Form, without_secrets
from utec_gateway.web.panel.issue_words import said
from utec_gateway.web.panel.page import Context, FormRoute, Page, show
from utec_gateway.web.session_cookie import give_cookie

from .fields import IN_EMAIL, Field
from .plugin_lines import plugin_lines
from .push_lines import push_lines
from .sections import EMAIL, FIELDS, GROUPS, RARE, section_of, summaries, touched

OF_BROKER = "broker_"
"""How the keys of the issues begin that MQTT's own section tells of, and how to help there."""
EXPLAINED: Mapping[Reader, str] = {
    address: "settings.address_wanted",
    address_or_nothing: "settings.address_wanted",
    path: "settings.path_wanted",
    credential: "set_up.wrong.has_spaces",
    host_name: "settings.host_wanted",
    topic: "settings.topic_wanted",
}
"""The message when one of these refuses a value."""


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    settings, t = request.app[SETTINGS], request.app[LANGUAGES].of(request)
    hooks, options = request.app[HOOKS], settings.options
    pushed, now = request.app[PUSH_HINTS].record, request.app[CLOCK].now()
    plugins = plugin_lines(hooks.plugins, t)
    return {
        "options": options,
        "fixed": settings.env_overrides,
        "issues": [
            said(issue.message, t)
            for issue in request.app[ISSUES].issues()
            if issue.leads_to == PAGE.name and not issue.key.startswith(OF_BROKER)
        ],
        "groups": GROUPS,
        "rare": RARE,
        "now": summaries(options, t),
        "touched": touched,
        "is_saved": "saved" in request.query,
        "saved": _saved(request),
        "broker": broker_line(hooks.broker_status(), t),
        "push": push_lines(t, hooks.push_status(), options.push_url, pushed, now),
        "plugins": plugins,
        "names": {plugin.status.name: plugin.name for plugin in plugins},
        "diagnostics": CONTENT,
        "logins": request.app[SESSIONS].all if request.app[ACCESS].has_login else None,
        "is_standalone": request.app[IDENTITY].is_standalone,
        "this_login": request.app[ACCESS].session_of(request),
        "problems": {},
        "deliveries": {},
        "broker_tests": {},
        "key": "",
    }


def _saved(request: web.Request) -> frozenset[str]:
    """Return the options that the form before this page has saved."""
    names = request.query.get("saved", "").split(",")
    return frozenset(field.name for field in FIELDS if field.name in names)


PAGE = Page("settings", "settings", context, live=("broker", "mqtt-now", "push-now"))


async def save(request: web.Request, form: Form) -> web.StreamResponse:
    """Save what was changed in the form; all of it or nothing."""
    t = request.app[LANGUAGES].of(request)
    problems: dict[str, str] = {}
    found: dict[str, Any] = {}
    typed = without_secrets(form)

    def changes(options: Options) -> Mapping[str, Any]:
        found.update(_changes(form, options, t, problems))
        return {} if problems else grouped(found)

    try:
        await request.app[SETTINGS].update(changes)
    except SecretNeededError as error:
        problems[error.field] = t("settings.secret_needed")
    except OptionsError as error:
        problem = t("settings.not_kept", why=t.said(error.problem))
        return await show(request, PAGE, problem=problem, typed=typed)
    if problems:
        problem = t("settings.not_saved")
        return await show(request, PAGE, problem=problem, problems=problems, typed=typed)
    place = f"#{section_of(next(iter(found)))}" if found else ""
    raise web.HTTPSeeOther(f"settings?saved={','.join(found)}{place}")


def _changes(
    form: Form, options: Options, t: Translator, problems: dict[str, str]
) -> Mapping[str, Any]:
    """Return the options that were changed in the form, and add what is wrong to `problems`."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        if not field.is_changed(form):
            continue
        try:
            value = field.read(form[field.name])
        except ValueError as error:
            problems[field.name] = _explained(field, error, t)
            continue
        if value == field.value(options) and field.kind != "password":
            continue  # a secret that is typed again may go to a new destination
        if field.is_overtaken(form, options):
            problems[field.name] = _overtaken(field, options, t)
        found[field.name] = list(value) if isinstance(value, tuple) else value
    for name in _missing(found, options):
        problems.setdefault(name, t("settings.needed"))
    return found


def _missing(found: Mapping[str, Any], options: Options) -> Iterator[str]:
    """Yield the required e-mail options that are not set, once any of them was changed."""
    if not any(name.startswith(IN_EMAIL) for name in found):
        return
    wanted = {field.name: found.get(field.name, field.value(options)) for field in EMAIL}
    if wanted["email.enabled"]:
        needed = ("email.smtp_host", "email.recipients")
        yield from (name for name in needed if not wanted[name])
        if not (wanted["email.sender"] or _is_address(wanted["email.username"])):
            yield "email.sender"


def _is_address(username: str) -> bool:
    """Tell whether the user name can be the sender when none is set."""
    try:
        return mailbox(username) == username
    except AddressError:
        return False


def _explained(field: Field, error: ValueError, t: Translator) -> str:
    if isinstance(error, AddressError):
        why = t(f"settings.address_{error.flaw}")
        return t("settings.no_address", address=error.address, why=why)
    if isinstance(field.reader, WholeNumber):
        return t("settings.whole_number", low=field.reader.low, high=field.reader.high)
    return t(EXPLAINED.get(field.reader, "settings.one_line"))


def _overtaken(field: Field, options: Options, t: Translator) -> str:
    now = ", ".join(field.text(options).splitlines()) or t("settings.nothing")
    match field.kind:
        case "switch":
            return t("settings.overtaken", value=t(f"settings.{now}"))
        case "choice":
            return t("settings.overtaken", value=t.word(field.name, now))
        case _:
            return t("settings.overtaken", value=now)


async def send_test(request: web.Request, _form: Form) -> web.StreamResponse:
    """Send a test message, and show the result of each notifier."""
    deliveries = await request.app[NOTIFICATIONS].send_test()
    return await show(request, PAGE, deliveries=deliveries)


async def try_broker(request: web.Request, _form: Form) -> web.StreamResponse:
    """Test the connection to the MQTT broker, and show what came of it."""
    return await show(request, PAGE, broker_tests=await request.app[HOOKS].test_broker())


async def show_key(request: web.Request, _form: Form) -> web.StreamResponse:
    """Show the key, in this one response."""
    return await show(request, PAGE, key=request.app[STORE].state.api_key)


async def replace_key(request: web.Request, _form: Form) -> web.StreamResponse:
    """Replace the key; forms that are open elsewhere become invalid, and all sessions end.

    Whoever replaces it goes on in a new session.
    """
    sessions = request.app[SESSIONS]
    present = request.app[ACCESS].session_of(request)
    await request.app[STORE].replace_key()
    sessions.end_all()
    response = await _key_replaced(request)
    if present:
        give_cookie(request, response, sessions.begin(present.browser, present.address))
    return response


async def _key_replaced(request: web.Request) -> web.StreamResponse:
    if why := request.app[STORE].problem:
        t = request.app[LANGUAGES].of(request)
        return await show(request, PAGE, problem=t("settings.key_not_kept", why=t.said(why)))
    return web.Response(status=303, headers={"Location": "settings?done=key_replaced"})


async def end_session(request: web.Request, form: Form) -> web.StreamResponse:
    """Log a browser out, this one or another."""
    request.app[SESSIONS].end(form.get("session", ""))
    raise web.HTTPSeeOther("settings#sessions")


PAGES = (PAGE,)
FORMS = (
    FormRoute("save-settings", save, PAGE),
    FormRoute("test-messages", send_test, PAGE),
    FormRoute("test-broker", try_broker, PAGE),
    FormRoute("show-key", show_key, PAGE),
    FormRoute("replace-key", replace_key, PAGE),
    FormRoute("end-session", end_session, PAGE),
)
DOWNLOADS: dict[str, Handler] = {}

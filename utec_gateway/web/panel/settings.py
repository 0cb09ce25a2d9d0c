"""Settings: what people may turn, what is told to whom, the key, the plugins."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.errors import OptionsError
from utec_gateway.options import EMAIL_READERS, Options, WholeNumber
from utec_gateway.web.keys import HOOKS, NOTIFICATIONS, SETTINGS, STORE
from utec_gateway.web.words import LANGUAGES, Words

from .fields import IN_EMAIL, Field
from .forms import Form, to_repeat
from .frame import Facts, Page, PostedTo, show

RENEWING = ("auto_refresh_enabled", "refresh_buffer_minutes", "renew_every_hours")
ASKING = ("poll_interval_seconds", "stale_after_seconds", "max_retries")
EMAIL = tuple(Field(f"{IN_EMAIL}{name}") for name in EMAIL_READERS)
TELLING = Field("notify_home_assistant")
LOGGING = Field("log_level")
GROUPS = {
    "renewing": tuple(Field(name) for name in RENEWING),
    "asking": tuple(Field(name) for name in ASKING),
    "telling": (TELLING, *EMAIL),
    "logging": (LOGGING,),
}
"""The forms of the page: each is saved by itself, and only what was changed in it."""
FIELDS = tuple(field for group in GROUPS.values() for field in group)


async def facts(request: web.Request) -> Facts:
    """Return what the page shows."""
    settings = request.app[SETTINGS]
    return {
        "options": settings.options,
        "fixed": settings.fixed,
        "faults": settings.problems,
        "groups": GROUPS,
        "has_password": bool(settings.options.email.password),
        "plugins": request.app[HOOKS].plugins,
        "problems": {},
        "deliveries": {},
        "key": "",
    }


PAGE = Page("settings", facts)


async def save(request: web.Request, form: Form) -> web.StreamResponse:
    """Save what a person changed; all of it or nothing."""
    words = request.app[LANGUAGES].of(request)
    problems: dict[str, str] = {}
    typed = to_repeat(form)

    def changes(options: Options) -> Mapping[str, Any]:
        found = _changes(form, options, words, problems)
        return {} if problems else found

    try:
        await request.app[SETTINGS].decide(changes)
    except OptionsError as error:
        problem = words("settings.not_kept", why=error.problem)
        return await show(request, PAGE, problem=problem, typed=typed)
    if problems:
        problem = words("settings.not_saved")
        return await show(request, PAGE, problem=problem, problems=problems, typed=typed)
    raise web.HTTPSeeOther("settings?done=saved")


def _changes(
    form: Form, options: Options, words: Words, problems: dict[str, str]
) -> Mapping[str, Any]:
    """Return what a person changed and it is not set to yet; enter what is wrong with it."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        if not field.is_changed(form):
            continue
        try:
            value = field.read(form[field.name])
        except ValueError:
            problems[field.name] = _explained(field, words)
            continue
        if value == field.value(options):
            continue
        if field.is_overtaken(form, options):
            problems[field.name] = _overtaken(field, options, words)
        found[field.name] = value
    email = {
        name.removeprefix(IN_EMAIL): found.pop(name)
        for name in tuple(found)
        if name.startswith(IN_EMAIL)
    }
    return {**found, "email": _group(email, options, words, problems)} if email else found


def _group(
    changed: Mapping[str, Any], options: Options, words: Words, problems: dict[str, str]
) -> Mapping[str, Any]:
    """Return the e-mail group as a whole: that is how it is kept."""
    group = {**vars(options.email), **changed}
    for needed in ("smtp_host", "recipients"):
        if group["enabled"] and not group[needed]:
            problems.setdefault(f"{IN_EMAIL}{needed}", words("settings.needed"))
    return {**group, "recipients": list(group["recipients"])}


def _explained(field: Field, words: Words) -> str:
    if isinstance(field.reader, WholeNumber):
        return words("settings.whole_number", low=field.reader.low, high=field.reader.high)
    return words("settings.one_line")


def _overtaken(field: Field, options: Options, words: Words) -> str:
    now = ", ".join(field.text(options).splitlines()) or words("settings.nothing")
    value = words(f"settings.{now}") if field.kind == "switch" else now
    return words("settings.overtaken", value=value)


async def try_messages(request: web.Request, _form: Form) -> web.StreamResponse:
    """Send a test message, and show what each notifier says of it."""
    deliveries = await request.app[NOTIFICATIONS].send_test()
    return await show(request, PAGE, deliveries=deliveries)


async def show_key(request: web.Request, _form: Form) -> web.StreamResponse:
    """Show the key, in this one answer."""
    return await show(request, PAGE, key=request.app[STORE].state.api_key)


async def replace_key(request: web.Request, _form: Form) -> web.StreamResponse:
    """Replace the key; every form that is open elsewhere is out of date from then on."""
    store = request.app[STORE]
    await store.replace_key()
    if store.problem:
        words = request.app[LANGUAGES].of(request)
        problem = words("settings.key_not_kept", why=store.problem)
        return await show(request, PAGE, problem=problem)
    raise web.HTTPSeeOther("settings?done=key_replaced")


PAGES = (PAGE,)
FORMS = (
    PostedTo("save-settings", save, PAGE),
    PostedTo("test-messages", try_messages, PAGE),
    PostedTo("show-key", show_key, PAGE),
    PostedTo("replace-key", replace_key, PAGE),
)
LINKS: dict[str, Handler] = {}

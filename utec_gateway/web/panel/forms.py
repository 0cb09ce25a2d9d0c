"""Forms: only those that this panel made, and nothing typed is lost when one is refused."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.errors import FieldError, GatewayError
from utec_gateway.web.app_keys import ACCESS, STORE
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.request_body import body

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 100
SECRET_FIELDS = frozenset({"form_token", "client_secret", "code", "email.password"})
"""Fields that are not sent back to the browser."""

Form = Mapping[str, str]


def form_token(request: web.Request) -> str:
    """Return the CSRF token of our forms, each session's own where there is one.

    It is valid until the key is replaced, over restarts too.
    """
    key = request.app[STORE].state.api_key.encode()
    session = request.app[ACCESS].session_of(request)
    purpose = f"the panel's forms {session.digest if session else ''}"
    return hmac.new(key, purpose.encode(), "sha256").hexdigest()[:32]


async def read_form(request: web.Request) -> Form:
    """Return the posted fields."""
    content = (await body(request)).decode("utf-8", "replace")
    try:
        posted = parse_qs(content, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in posted.items()}


def without_secrets(form: Form) -> Form:
    """Return what the form shows again when it is refused."""
    return {name: value for name, value in form.items() if name not in SECRET_FIELDS}


def has_valid_token(request: web.Request, form: Form) -> bool:
    """Tell whether this panel made the form."""
    shown = form.get("form_token", "").encode("utf-8", "replace")
    return hmac.compare_digest(shown, form_token(request).encode())


FormHandler = Callable[[web.Request, Form], Awaitable[web.StreamResponse]]
ShowAgain = Callable[..., Awaitable[web.StreamResponse]]
"""Shows the page that holds the form; takes problem, field and typed."""


def form_handler(handler: FormHandler, show_again: ShowAgain) -> Handler:
    """Return a handler that reads the form, and shows its page again when it is refused."""

    async def answer(request: web.Request) -> web.StreamResponse:
        form = await read_form(request)
        typed, t = without_secrets(form), request.app[LANGUAGES].of(request)
        if not has_valid_token(request, form):
            return await show_again(request, status=403, problem=t("error.stale"), typed=typed)
        try:
            return await handler(request, form)
        except FieldError as error:
            problem = t.sentence(error.problem)
            return await show_again(request, problem=problem, field=error.field, typed=typed)
        except GatewayError as error:
            return await show_again(request, problem=t.sentence(error), typed=typed)

    return answer

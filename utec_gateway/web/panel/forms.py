"""Forms: only those that this panel made, and nothing typed is lost when one is refused."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.errors import GatewayError, OptionsError
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.keys import STORE
from utec_gateway.web.request_body import body

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 100
NEVER_REPEATED = frozenset({"form_token", "client_secret", "email.password"})
"""Fields whose content is not sent back to the browser."""

Form = Mapping[str, str]


def form_token(request: web.Request) -> str:
    """Return what our own forms carry: good until the key is replaced, over restarts too."""
    key = request.app[STORE].state.api_key.encode()
    return hmac.new(key, b"the panel's forms", "sha256").hexdigest()[:32]


async def read_form(request: web.Request) -> Form:
    """Return the posted fields."""
    content = (await body(request)).decode("utf-8", "replace")
    try:
        posted = parse_qs(content, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in posted.items()}


def to_repeat(form: Form) -> Form:
    """Return what may stand in the form when it is shown again."""
    return {name: value for name, value in form.items() if name not in NEVER_REPEATED}


def is_ours(request: web.Request, form: Form) -> bool:
    """Tell whether this panel made the form."""
    shown = form.get("form_token", "").encode("utf-8", "replace")
    return hmac.compare_digest(shown, form_token(request).encode())


Posted = Callable[[web.Request, Form], Awaitable[web.StreamResponse]]
Again = Callable[..., Awaitable[web.StreamResponse]]
"""Shows the page that holds the form; takes problem, field and typed."""


def taking_forms(handler: Posted, again: Again) -> Handler:
    """Read the form for `handler`; show its page again with what was typed when it fails."""

    async def answer(request: web.Request) -> web.StreamResponse:
        form = await read_form(request)
        typed, words = to_repeat(form), request.app[LANGUAGES].of(request)
        if not is_ours(request, form):
            return await again(request, status=403, problem=words("error.stale"), typed=typed)
        try:
            return await handler(request, form)
        except OptionsError as error:
            problem = words.sentence(error.problem)
            return await again(request, problem=problem, field=error.field, typed=typed)
        except GatewayError as error:
            return await again(request, problem=words.sentence(error), typed=typed)

    return answer

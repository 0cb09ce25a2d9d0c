"""The page that the browser lands on after the sign-in at U-tec."""

import aiohttp_jinja2
from aiohttp import web

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Token
from utec_gateway.web.app_keys import SIGN_IN, TOKENS
from utec_gateway.web.i18n import LANGUAGES, Translator


@aiohttp_jinja2.template("callback.html")
async def callback(request: web.Request) -> dict[str, str]:
    """Sign in with the code that U-tec's page sends here, if the state is ours."""
    await request.app[LANGUAGES].prepare(request)
    t = request.app[LANGUAGES].of(request)
    try:
        token = await request.app[SIGN_IN].by_answer(request.query)
    except GatewayError as error:
        message = t.sentence(error) + _still_signed_in(request.app[TOKENS], t)
        return _context(t, "callback.not_signed_in_title", message)
    message = t("callback.signed_in_message", date=_date(token))
    return _context(t, "callback.signed_in_title", message)


def _context(t: Translator, title: str, message: str) -> dict[str, str]:
    return {"lang": t.language, "title": t(title), "message": message}


def _still_signed_in(tokens: TokenSource, t: Translator) -> str:
    """Return that the sign-in of before is still valid, empty when there is none."""
    if not (tokens.token and tokens.is_usable):
        return ""
    return " " + t("set_up.still_signed_in", until=_date(tokens.token))


def _date(token: Token) -> str:
    return f"{token.expires_at.astimezone():%Y-%m-%d %H:%M}"

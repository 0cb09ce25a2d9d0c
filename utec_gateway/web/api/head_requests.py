"""HEAD where GET has an effect: the headers of GET without the effect."""

from aiohttp import web

from utec_gateway.web.app_keys import SIGN_IN


async def authorize_url(request: web.Request) -> web.Response:
    """Issue no state; raise OptionsError as GET does."""
    request.app[SIGN_IN].check_options()
    return web.Response(content_type="application/json", charset="utf-8")


async def callback(_request: web.Request) -> web.Response:
    """Redeem nothing: a code is valid once, and a link preview must not use it up."""
    return web.Response(content_type="text/html", charset="utf-8")

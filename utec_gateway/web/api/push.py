"""Where U-tec pushes to if `push_url` leads to the API's port (http-contract 4)."""

from aiohttp import web

from utec_gateway.web.app_keys import HOOKS
from utec_gateway.web.request_body import body


async def push(request: web.Request) -> web.Response:
    """Take in a push; nobody guesses the secret in its address, so wrong ones are not counted."""
    pushed = await body(request)
    if not request.app[HOOKS].push_posted(request.match_info["secret"], pushed):
        raise web.HTTPNotFound
    return web.Response()

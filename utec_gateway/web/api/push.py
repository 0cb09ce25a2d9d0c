"""Where U-tec pushes to, when the owner leads an address of his own to us (http-contract 4)."""

from aiohttp import web

from utec_gateway.web.app_keys import ACCESS, HOOKS
from utec_gateway.web.request_body import body


async def push(request: web.Request) -> web.Response:
    """Take in a push; the secret is in the address, and a wrong one counts as a wrong key."""
    pushed = await body(request)
    if not request.app[HOOKS].push_posted(request.match_info["secret"], pushed):
        request.app[ACCESS].count_failed_login(request)
        raise web.HTTPNotFound
    return web.Response()

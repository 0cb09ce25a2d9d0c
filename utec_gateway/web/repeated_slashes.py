"""Paths with slashes too many: people type an address with a slash at its end."""

import re

from aiohttp import web

SLASHES = re.compile(r"/{2,}")


class OneSlash(web.PlainResource):
    """Routes a path that no other resource knows as if each run of slashes were one.

    Nothing is redirected, since a client repeats a POST elsewhere as a GET, if at all. The route
    is the one of the plain path, with its guards: it is found by the router itself.
    """

    def __init__(self, router: web.UrlDispatcher, *, and_none_at_the_end: bool) -> None:
        super().__init__("/")
        self._router = router
        self._none_at_the_end = and_none_at_the_end

    async def resolve(
        self, request: web.Request
    ) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        """Ask the router again for the plain path, once."""
        path = request.rel_url.raw_path
        plain = self._plain(path)
        if plain == path:
            return None, set()
        address = request.rel_url.with_path(plain, encoded=True)
        return await self._router.resolve(request.clone(rel_url=address)), set()

    def _plain(self, path: str) -> str:
        plain = SLASHES.sub("/", path)
        return plain.rstrip("/") or "/" if self._none_at_the_end else plain


def take_repeated_slashes_as_one(app: web.Application, *, and_none_at_the_end: bool) -> None:
    """Let an application that has all its routes answer such addresses, too.

    `and_none_at_the_end` is not for pages: their links are relative to the address as it is.
    """
    router = app.router
    router.register_resource(OneSlash(router, and_none_at_the_end=and_none_at_the_end))

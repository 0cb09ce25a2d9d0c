"""Repeated slashes in a path: people type an address with a slash at its end."""

import re

from aiohttp import web

SLASHES = re.compile(r"/{2,}")


class MergedSlashes(web.PlainResource):
    """Routes a path that no other resource knows as if each run of slashes were one.

    Nothing is redirected, since a client repeats a POST elsewhere as a GET, if at all. The route
    is the one of the plain path, with its guards: it is found by the router itself.
    """

    def __init__(self, router: web.UrlDispatcher, *, strip_trailing: bool) -> None:
        super().__init__("/")
        self._router = router
        self._strip_trailing = strip_trailing

    async def resolve(
        self, request: web.Request
    ) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        """Ask the router again for the plain path, once."""
        path = request.rel_url.raw_path
        plain = self._plain(path)
        if plain == path:
            return None, set()
        address = request.rel_url.with_path(plain, encoded=True)
        found = await self._router.resolve(request.clone(rel_url=address))
        return (None if found.apps else found), set()  # a mounted application does it its own way

    def _plain(self, path: str) -> str:
        plain = SLASHES.sub("/", path)
        return plain.rstrip("/") or "/" if self._strip_trailing else plain


def merge_repeated_slashes(app: web.Application, *, strip_trailing: bool) -> None:
    """Route such paths, too; call it when the application has all its routes.

    `strip_trailing` is not for pages: their links are relative to the address as it is.
    """
    router = app.router
    router.register_resource(MergedSlashes(router, strip_trailing=strip_trailing))

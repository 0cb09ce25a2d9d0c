"""The panel on the API's port, at the same addresses as on its own."""

from collections.abc import Callable

from aiohttp import web


class MountedPanel(web.PlainResource):
    """Routes what the panel has an address for, while it is open there.

    A sub-application of aiohttp needs a prefix of its own; the pages of this one begin at "/",
    beside the addresses of the API, which shares none with it.
    """

    def __init__(self, panel: web.Application, is_open: Callable[[], bool]) -> None:
        super().__init__("/")
        self._panel = panel
        self._is_open = is_open

    def raw_match(self, _path: str) -> bool:
        """Take no route: aiohttp would add the next one for "/" to this resource."""
        return False

    async def resolve(
        self, request: web.Request
    ) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        """Ask the panel's router."""
        if not self._is_open():
            return None, set()
        found = await self._panel.router.resolve(request)
        if found.http_exception:
            return None, set()
        found.add_app(self._panel)
        return found, set()


def mount_panel(app: web.Application, panel: web.Application, is_open: Callable[[], bool]) -> None:
    """Let the application's listener serve the panel, too; before its own address "/"."""
    app.router.register_resource(MountedPanel(panel, is_open))
    app.on_startup.append(lambda _app: panel.startup())
    app.on_shutdown.append(lambda _app: panel.shutdown())
    app.on_cleanup.append(lambda _app: panel.cleanup())
    panel.pre_freeze()

"""The pages on which a person lets the client in, or does not."""

from collections.abc import Mapping

import aiohttp_jinja2
from aiohttp import web
from yarl import URL

from .cloud_state import CloudState
from .enums import CallbackParameter, CallbackState
from .oauth_client import AuthorizeRefusedError, check_authorize

LOGIN_PATH = "/login/auth"
ACCEPT_PATH = "/login/accept"
CODE_NAMES = {
    CallbackParameter.CODE: ("code",),
    CallbackParameter.AUTHORIZATION_CODE: ("authorization_code",),
    CallbackParameter.BOTH: ("code", "authorization_code"),
}


class Authorization:
    """`/authorize`, the login page it leads to, and the way back to the client."""

    def __init__(self, world: CloudState) -> None:
        self._world = world
        self._behaviour = world.behaviour.oauth

    def routes(self) -> list[web.RouteDef]:
        """Return what the browser may ask for."""
        return [
            web.get("/authorize", self.authorize),
            web.get(LOGIN_PATH, self.login),
            web.post(ACCEPT_PATH, self.decide),
        ]

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Check the client's request and send the browser on to the login page."""
        self._world.calls.count("/authorize")

        def act() -> web.Response:
            refusal = self._refusal(request, request.query)
            if refusal is not None:
                return refusal
            return _redirect(URL.build(path=LOGIN_PATH, query=request.query))

        return await self._world.serving.answer(request, ("/authorize",), act)

    async def login(self, request: web.Request) -> web.Response:
        """Show the question; the form carries the client's request along."""
        refusal = self._refusal(request, request.query)
        if refusal is not None:
            return refusal
        context = {"action": ACCEPT_PATH, "fields": list(request.query.items())}
        return aiohttp_jinja2.render_template("login.html", request, context)

    async def decide(self, request: web.Request) -> web.Response:
        """Send the browser back to the client with the person's answer."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        refusal = self._refusal(request, form)
        if refusal is not None:
            return refusal
        redirect_uri = check_authorize(form, self._behaviour)
        answer = self._answer(redirect_uri, allowed=form.get("decision") == "allow")
        answer.update(self._state(form))
        return _redirect(URL(redirect_uri).update_query(answer))

    def _refusal(self, request: web.Request, query: Mapping[str, str]) -> web.Response | None:
        try:
            check_authorize(query, self._behaviour)
        except AuthorizeRefusedError as error:
            status = self._behaviour.error_page_status
            context = {"reason": str(error)}
            return aiohttp_jinja2.render_template("refused.html", request, context, status=status)
        return None

    def _answer(self, redirect_uri: str, *, allowed: bool) -> dict[str, str]:
        if not allowed:
            return {"error": "access_denied"}
        code = self._world.grants.issue_code(redirect_uri)
        return dict.fromkeys(CODE_NAMES[self._behaviour.callback_parameter], code)

    def _state(self, form: Mapping[str, str]) -> dict[str, str]:
        state = form.get("state")
        if state is None or self._behaviour.callback_state is CallbackState.DROPPED:
            return {}
        altered = self._behaviour.callback_state is CallbackState.ALTERED
        return {"state": f"{state}-altered" if altered else state}


def _redirect(target: URL) -> web.Response:
    return web.Response(status=302, headers={"Location": str(target)})

"""The token endpoint: two grants, two ways to ask, and every shape of answer seen in the wild."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from aiohttp import web

from .cloud_state import CloudState
from .enums import ExpiresInShape, GrantErrorShape, TokenShape
from .grants import GrantRefusedError, IssuedTokens
from .oauth_client import check_client

REFRESH = "refresh_token"


class TokenEndpoint:
    """`/token`, by GET query or POST form."""

    def __init__(self, world: CloudState) -> None:
        self._world = world
        self._behaviour = world.behaviour.oauth
        self._answered = 0

    def routes(self) -> list[web.RouteDef]:
        """Return the one address, under both methods."""
        return [web.get("/token", self.grant), web.post("/token", self.grant)]

    async def grant(self, request: web.Request) -> web.StreamResponse:
        """Count, then answer one token request."""
        parameters = await self._parameters(request)
        grant_type = parameters.get("grant_type", "")
        action = f"token/{grant_type}"
        self._world.calls.count(action)

        def act() -> web.Response:
            try:
                return self._tokens(parameters, by_get=request.method == "GET")
            except GrantRefusedError as refusal:
                return self._refusal(refusal)

        with self._watched(parameters):
            return await self._world.serving.answer(request, ("/token", action), act)

    async def _parameters(self, request: web.Request) -> Mapping[str, str]:
        if request.method == "GET":
            return request.query
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not form and self._behaviour.post_query_accepted:
            return request.query
        return form

    def _watched(self, parameters: Mapping[str, str]) -> AbstractContextManager[None]:
        if parameters.get("grant_type") != REFRESH:
            return nullcontext()
        return self._world.calls.refreshing(parameters.get(REFRESH, ""))

    def _tokens(self, parameters: Mapping[str, str], *, by_get: bool) -> web.Response:
        grant_type = parameters.get("grant_type")
        if not grant_type:
            raise GrantRefusedError("invalid_request", "The grant type was not specified")
        check_client(parameters, self._behaviour, by_get=by_get)
        if grant_type == "authorization_code":
            code = _required(parameters, "code")
            issued = self._world.grants.redeem(code, parameters.get("redirect_uri"))
            return self._success(issued, self._behaviour.token_shape)
        if grant_type == REFRESH:
            issued = self._world.grants.refresh(_required(parameters, REFRESH))
            shape = self._behaviour.refresh_token_shape or self._behaviour.token_shape
            return self._success(issued, shape)
        raise GrantRefusedError("unsupported_grant_type", "Grant type not supported")

    def _success(self, issued: IssuedTokens, shape: TokenShape) -> web.Response:
        body: dict[str, Any] = {"access_token": issued.access_token, "token_type": "Bearer"}
        match self._behaviour.expires_in_shape:
            case ExpiresInShape.NUMBER:
                body["expires_in"] = issued.expires_in
            case ExpiresInShape.STRING:
                body["expires_in"] = str(issued.expires_in)
        body["scope"] = "openapi"
        if issued.refresh_token is not None:
            body["refresh_token"] = issued.refresh_token
        self._answered += 1
        odd = self._answered % 2 == 1
        if shape is TokenShape.ENVELOPED or (shape is TokenShape.ALTERNATING and odd):
            body = {"code": 200, "data": body}
        return _json(body)

    def _refusal(self, refusal: GrantRefusedError) -> web.Response:
        flat = {"error": refusal.error, "error_description": refusal.description}
        match self._behaviour.grant_error_shape:
            case GrantErrorShape.FLAT_200:
                return _json(flat)
            case GrantErrorShape.ENVELOPE_MESSAGE:
                return _json({"code": 401, "message": refusal.error})
            case GrantErrorShape.ENVELOPE_DATA_MESSAGE:
                message = f"{refusal.error}: {refusal.description}"
                return _json({"code": 401, "data": {"message": message}})
            case GrantErrorShape.RFC_400:
                return _json(flat, status=400)
            case GrantErrorShape.RFC_401:
                return _json(flat, status=401)


def _required(parameters: Mapping[str, str], name: str) -> str:
    if not parameters.get(name):
        raise GrantRefusedError("invalid_request", f'Missing parameter: "{name}" is required')
    return parameters[name]


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")

"""What both hops of ingress do to every request and response."""

import re
from contextlib import suppress
from io import BytesIO
from urllib.parse import unquote_plus

from aiohttp import ClientConnectionError, ClientError, ClientResponse, ClientSession, web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict
from yarl import URL

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
LONGEST_LINE = 24570
LARGEST_BODY = 16 * 1024**2
LARGEST_BUFFERED = 4_190_000
EVENTS = "text/event-stream"
EXPLOIT = re.compile(
    r"\.\./|<.*script.*>|\w=/(?:[\w.]/)+|union.*select.*\(|concat.*\(", re.IGNORECASE | re.DOTALL
)
MADE_ANEW = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "transfer-encoding"}
)
KEPT_BACK = frozenset(
    {"accept-encoding", "connection", "content-length", "transfer-encoding"}
    | {"x-supervisor-token", "x-hassio-key"}
)


def is_exploit(text: str) -> bool:
    """Tell whether the filter refuses it, looking under every layer of quoting."""
    unquoted = unquote_plus(text)
    return bool(EXPLOIT.search(text)) or (unquoted != text and is_exploit(unquoted))


@web.middleware
async def refuse_exploits(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 to a path or a query that looks like an attack."""
    path, _, query = request.raw_path.partition("?")
    if is_exploit(path) or is_exploit(query):
        raise web.HTTPBadRequest
    return await handler(request)


def asked_on(request: web.Request) -> CIMultiDict[str]:
    """Return the headers that a hop sends on, with itself in the chain."""
    headers = CIMultiDict(
        (name, value) for name, value in request.headers.items() if name.lower() not in KEPT_BACK
    )
    headers["Accept-Encoding"] = "gzip, deflate"
    chain = request.headers.get("X-Forwarded-For")
    headers["X-Forwarded-For"] = f"{chain}, {request.remote}" if chain else str(request.remote)
    headers.setdefault("X-Forwarded-Host", request.host)
    headers.setdefault("X-Forwarded-Proto", request.scheme)
    return headers


async def relay(
    client: ClientSession,
    request: web.Request,
    url: URL,
    headers: CIMultiDict[str],
    body: bytes,
    *,
    compresses: bool,
) -> web.StreamResponse:
    """Ask the next hop; pass its answer on whole, or bit by bit when its length is unknown."""
    asked = client.request(
        request.method,
        url.with_query(request.query),
        headers=headers,
        data=BytesIO(body) if body else None,
        allow_redirects=False,
    )
    try:
        async with asked as answer:
            if answer.content_type != EVENTS and _is_short(request, answer):
                return await _whole(answer, compresses=compresses)
            return await _in_bits(request, answer, compresses=compresses)
    except ClientConnectionError:
        raise web.HTTPBadGateway from None


def _is_short(request: web.Request, answer: ClientResponse) -> bool:
    if request.method == "HEAD" or answer.status in {204, 304}:
        return True
    return answer.content_length is not None and answer.content_length < LARGEST_BUFFERED


def _passed_on(answer: ClientResponse) -> CIMultiDict[str]:
    """Return an answer's headers; of the content type the bare name is left."""
    headers = CIMultiDict(
        (name, value) for name, value in answer.headers.items() if name.lower() not in MADE_ANEW
    )
    if "Content-Type" in answer.headers:
        headers["Content-Type"] = answer.content_type
    return headers


async def _whole(answer: ClientResponse, *, compresses: bool) -> web.Response:
    content = await answer.read()
    response = web.Response(status=answer.status, headers=_passed_on(answer), body=content)
    if compresses and len(content) > 128 and _is_compressible(answer):
        response.enable_compression()
    return response


async def _in_bits(
    request: web.Request, answer: ClientResponse, *, compresses: bool
) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=_passed_on(answer))
    response.headers["X-Accel-Buffering"] = "no"
    if compresses and answer.content_type != EVENTS and _is_compressible(answer):
        response.enable_compression()  # holds back what was written until the end
    await response.prepare(request)
    with suppress(ClientError):  # the other side stopped in the middle: so does this one
        async for bit in answer.content.iter_any():
            await response.write(bit)
    return response


def _is_compressible(answer: ClientResponse) -> bool:
    kind = answer.content_type
    return kind.startswith("text/") or any(
        word in kind for word in ("json", "javascript", "xml", "svg")
    )

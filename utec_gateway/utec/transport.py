"""One HTTP request to the cloud: bounded in time and size, its failures in our words."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import UtecProtocolError, UtecUnavailableError, UtecUnreachableError

LARGEST_ANSWER = 1024 * 1024
SLOW_DOWN = "U-tec asks to slow down"
TIMEOUT = ClientTimeout(total=None, sock_connect=5.0)
"""The whole request is limited by the clock; a connection that is not made proves that nothing
was sent, so it is limited apart."""
KEEP_ALIVE = 55.0
"""Seconds an idle connection is kept: longer than a poll interval, shorter than the minute after
which servers commonly hang up, since a command sent into a closing connection is ambiguous."""


def new_session() -> ClientSession:
    """Return the one session for every call: keep-alive, no cookies kept."""
    return ClientSession(
        connector=TCPConnector(keepalive_timeout=KEEP_ALIVE, limit=20), cookie_jar=DummyCookieJar()
    )


def _finite(digits: str) -> float | None:
    """Read a number; one too large for JSON's readers is no number at all."""
    number = float(digits)
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class Answer:
    """What came back, unread."""

    status: int
    body: bytes
    retry_after: float | None = None
    """Seconds that the server asked its callers to wait."""

    def json(self) -> Any:
        """Parse the body; raise UtecProtocolError when it is not JSON."""
        try:
            return json.loads(self.body, parse_constant=lambda _: None, parse_float=_finite)
        except (ValueError, RecursionError):
            raise UtecProtocolError(
                f"U-tec answered HTTP {self.status} with something that is not JSON"
            ) from None


async def post(
    session: ClientSession, clock: Clock, url: str, deadline: float, **content: Any
) -> Answer:
    """Send one POST and read its answer within `deadline` seconds and LARGEST_ANSWER bytes."""
    try:
        async with (
            clock.timeout(deadline),
            session.post(url, timeout=TIMEOUT, allow_redirects=False, **content) as response,
        ):
            body = await _read(response)
            wait = retry_after(response.headers.get("Retry-After", ""), clock.now())
            return Answer(response.status, body, wait)
    except (ClientConnectorError, ConnectionTimeoutError) as error:
        raise UtecUnreachableError("U-tec cannot be reached: no connection") from error
    except TimeoutError as error:
        raise UtecUnavailableError(f"U-tec did not answer within {deadline:g} seconds") from error
    except (ClientError, OSError, ValueError) as error:
        raise UtecUnavailableError(
            f"The connection to U-tec broke ({type(error).__name__})"
        ) from error


def retry_after(header: str, now: datetime) -> float | None:
    """Read a `Retry-After`, seconds or a date (RFC 9110 10.2.3); rubbish asks for nothing."""
    if header.isascii() and header.isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
        return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None


async def _read(response: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            response.close()
            raise UtecProtocolError("U-tec's answer is too long and was cut off")
    return bytes(body)

"""Reading request bodies: a broken one is answered with a sentence, never with a traceback."""

import asyncio
import json
from typing import Any

from aiohttp import web

from utec_gateway.core.errors import InvalidRequestError

BODY_DEADLINE = 10.0
LONGEST_ID = 256
MOST_DEVICES = 500


async def body(request: web.Request) -> bytes:
    """Return the request's body, if it arrives whole and in time."""
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            return await request.read()
    except TimeoutError:
        raise InvalidRequestError("The request body did not arrive in time") from None
    except (ConnectionError, web.RequestPayloadError):
        raise InvalidRequestError(
            "The request body is incomplete or cannot be decompressed"
        ) from None


async def json_object(
    request: web.Request, example: str = '{"id": "<device id>"}'
) -> dict[str, Any]:
    """Return the request's JSON object; an error shows the example."""
    content = await body(request)
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        raise InvalidRequestError(
            f"The request is not JSON. Send an object such as {example}"
        ) from None
    if not isinstance(parsed, dict):
        raise InvalidRequestError(f"The request is not a JSON object. Send one such as {example}")
    return parsed


def device_id(value: Any) -> str:
    """Return a device id as it was given."""
    if not isinstance(value, str) or not value:
        raise InvalidRequestError('The device is missing. Send {"id": "<device id>"}')
    if len(value) > LONGEST_ID:
        raise InvalidRequestError(f"A device id has at most {LONGEST_ID} characters")
    return value


def device_ids(asked: dict[str, Any]) -> list[str]:
    """Return the ids of `{"id": …}` or `{"devices": [{"id": …} | "<id>", …]}`."""
    if "devices" not in asked:
        return [device_id(asked.get("id"))]
    listed = asked["devices"]
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_DEVICES:
        raise InvalidRequestError(f'"devices" must be a list of 1 to {MOST_DEVICES} devices')
    return [device_id(item.get("id") if isinstance(item, dict) else item) for item in listed]


def text(asked: dict[str, Any], *names: str) -> str | None:
    """Return the first of these keys that is there, as text."""
    for name in names:
        value = asked.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or not value.strip():
            raise InvalidRequestError(f'"{name}" must be text')
        return value.strip()
    return None

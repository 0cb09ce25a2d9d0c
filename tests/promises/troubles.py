"""The ways in which an endpoint fails for a while, by name."""

from collections.abc import Callable
from typing import Any

from utec_gateway.simulator.faults import Faults

Trouble = Callable[[Faults, str], None]

ANSWERS: dict[str, Any] = {
    "JSON list": [],
    "JSON null": None,
    "no token in it": {"code": 200, "data": {}},
    "empty access_token": {"access_token": "", "refresh_token": "r", "expires_in": 5},
    "access_token is a number": {"access_token": 7, "refresh_token": "r"},
    "temporarily_unavailable": {"error": "temporarily_unavailable"},
    "server_error": {"error": "server_error", "error_description": "try later"},
    "envelope 500": {"code": 500, "message": "busy"},
}
"""Well-formed answers of the token endpoint that hold no token and refuse nothing."""

TRANSIENT: dict[str, Trouble] = {
    "500": lambda faults, target: faults.fail(target),
    "503": lambda faults, target: faults.fail(target, 503),
    "500 with a list": lambda faults, target: faults.answer(target, [], status=500),
    "400 and nothing": lambda faults, target: faults.empty(target),
    "200 and nothing": lambda faults, target: faults.empty(target, status=200),
    "web page": lambda faults, target: faults.html(target),
    "502 web page": lambda faults, target: faults.html(target, status=502),
    "429": lambda faults, target: faults.rate_limit(target),
    "429 with Retry-After": lambda faults, target: faults.rate_limit(target, retry_after="30"),
    "hang-up": lambda faults, target: faults.drop(target),
    "half an answer": lambda faults, target: faults.cut_off(target),
    "50 MB": lambda faults, target: faults.huge(target),
    "a drip without end": lambda faults, target: faults.endless(target),
    "no answer": lambda faults, target: faults.hang(target),
}
"""What may befall any request to any endpoint and says nothing about the sign-in."""


def answering(value: Any) -> Trouble:
    """Return the trouble of getting this JSON value."""
    return lambda faults, target: faults.answer(target, value)


TOKEN_TROUBLES: dict[str, Trouble] = {
    **TRANSIENT,
    **{name: answering(value) for name, value in ANSWERS.items()},
}
"""Everything at the token endpoint that must not cost the sign-in."""

"""Scripted faults: which request goes wrong next, how, and how often (rows A8, A10, B4-B6, D6).

A target is a path ("/token", "/authorize", "/action"), an action ("Device/Query"), a grant
("token/refresh_token"), a command ("st.lockUser/add") or a capability ("st.lockUser").
"""

import asyncio
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict, Unpack

from utec_gateway.core.clock import Clock

SERVER_ERROR = '{"message":"Internal server error"}'


class FaultKind(StrEnum):
    """What the client gets to feel."""

    ANSWER = "answer"
    HANG = "hang"
    DROP = "drop"
    CUT_OFF = "cut_off"
    HUGE = "huge"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail; without `times` and `for_seconds` it lasts until cleared.

    With `after_acting` the request has its full effect first and only the answer is lost.
    """

    target: str
    kind: FaultKind = FaultKind.ANSWER
    status: int = 500
    body: str = SERVER_ERROR
    content_type: str = "application/json"
    retry_after: str | None = None
    after_acting: bool = False
    times: int | None = None
    probability: float = 1.0
    for_seconds: float | None = None


class Limits(TypedDict, total=False):
    """When a fault applies; every verb of `Faults` takes these."""

    after_acting: bool
    times: int | None
    probability: float
    for_seconds: float | None


@dataclass(slots=True)
class ArmedFault:
    """A fault in force, and what is left of it."""

    fault: Fault
    left: int | None
    until: float | None


class Faults:
    """The script: faults are tried in the order in which they were added."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._armed: list[ArmedFault] = []
        self._released = asyncio.Event()

    @property
    def armed(self) -> tuple[ArmedFault, ...]:
        """The faults that can still happen."""
        self._forget_spent()
        return tuple(self._armed)

    @property
    def released(self) -> asyncio.Event:
        """Set when everything that hangs now may go on."""
        return self._released

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the script."""
        seconds = fault.for_seconds
        until = None if seconds is None else self._clock.monotonic() + seconds
        self._armed.append(ArmedFault(fault, fault.times, until))

    def take(self, targets: Iterable[str]) -> Fault | None:
        """Return the fault that befalls a request with these names, and use it up."""
        if not self._armed:
            return None
        self._forget_spent()
        for armed in self._armed:
            if armed.fault.target in targets and self._rng.random() < armed.fault.probability:
                if armed.left is not None:
                    armed.left -= 1
                return armed.fault
        return None

    def clear(self) -> None:
        """End all faults and let what hangs be answered."""
        self._armed.clear()
        self.release()

    def release(self) -> None:
        """Let what hangs now be answered; faults stay in force."""
        self._released.set()
        self._released = asyncio.Event()

    def fail(
        self, target: str, status: int = 500, body: str | None = None, **limits: Unpack[Limits]
    ) -> None:
        """Answer with an HTTP error; 500 says what the vendor's gateway says (B4, A10)."""
        text = SERVER_ERROR if body is None else body
        self.add(Fault(target, status=status, body=text, **limits))

    def answer(self, target: str, value: Any, status: int = 200, **limits: Unpack[Limits]) -> None:
        """Answer any JSON value at all."""
        self.add(Fault(target, status=status, body=json.dumps(value), **limits))

    def html(self, target: str, status: int = 200, **limits: Unpack[Limits]) -> None:
        """Answer a web page where JSON was expected."""
        page = "<!doctype html><title>Maintenance</title><p>Back soon."
        self.add(Fault(target, status=status, body=page, content_type="text/html", **limits))

    def empty(self, target: str, status: int = 400, **limits: Unpack[Limits]) -> None:
        """Answer nothing but a status; the cloud was seen to do so with 400 (B4)."""
        self.add(Fault(target, status=status, body="", **limits))

    def rate_limit(
        self, target: str = "/action", retry_after: str | None = None, **limits: Unpack[Limits]
    ) -> None:
        """Answer 429, with a Retry-After if given (B6)."""
        body = '{"message":"Too Many Requests"}'
        self.add(Fault(target, status=429, body=body, retry_after=retry_after, **limits))

    def hang(self, target: str, **limits: Unpack[Limits]) -> None:
        """Hold the request until `clear`, then answer as if nothing had happened."""
        self.add(Fault(target, FaultKind.HANG, **limits))

    def drop(self, target: str, **limits: Unpack[Limits]) -> None:
        """Close the connection without a byte of answer."""
        self.add(Fault(target, FaultKind.DROP, **limits))

    def cut_off(self, target: str, **limits: Unpack[Limits]) -> None:
        """Close the connection in the middle of the body."""
        self.add(Fault(target, FaultKind.CUT_OFF, status=200, **limits))

    def huge(self, target: str, **limits: Unpack[Limits]) -> None:
        """Answer 50 MB of valid JSON."""
        self.add(Fault(target, FaultKind.HUGE, status=200, **limits))

    def endless(self, target: str, **limits: Unpack[Limits]) -> None:
        """Answer a few bytes at a time, for ever."""
        self.add(Fault(target, FaultKind.ENDLESS, status=200, **limits))

    def _forget_spent(self) -> None:
        now = self._clock.monotonic()
        self._armed = [
            armed
            for armed in self._armed
            if armed.left != 0 and (armed.until is None or now < armed.until)
        ]

"""How every request is answered: late, wrongly or truly, as latency and faults have it."""

import asyncio
import random
from collections.abc import Callable, Iterable

from aiohttp import web

from utec_gateway.core.clock import Clock

from .behaviour import ActionBehaviour
from .faults import Fault, FaultKind, Faults

HUGE_CHUNK = b" " * 65536
HUGE_CHUNKS = 800  # together 50 MB
DRIP_SECONDS = 0.02  # real ones: a trickle is a property of the socket, not of the story told
CUT_OFF_AFTER = b'{"header":{"namesp'


class Serving:
    """The one door out: what an endpoint would answer passes here or is spoilt here."""

    def __init__(
        self, clock: Clock, rng: random.Random, behaviour: ActionBehaviour, faults: Faults
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._behaviour = behaviour
        self._faults = faults

    async def answer(
        self, request: web.Request, targets: Iterable[str], act: Callable[[], web.Response]
    ) -> web.StreamResponse:
        """Answer with what `act` returns, unless a fault for one of the targets is due."""
        if self._behaviour.latency or self._behaviour.latency_at_most:
            await self._be_slow()
        fault = self._faults.take(targets)
        if fault is None:
            return act()
        acted = act() if fault.after_acting else None
        if fault.kind is FaultKind.HANG:
            await self._faults.released.wait()
            return acted or act()
        return await self._spoil(request, fault)

    async def _be_slow(self) -> None:
        slowest = max(self._behaviour.latency, self._behaviour.latency_at_most)
        await self._clock.sleep(self._rng.uniform(self._behaviour.latency, slowest))

    async def _spoil(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case FaultKind.DROP:
                return _hang_up(request, web.Response())
            case FaultKind.CUT_OFF:
                return await _cut_off(request, fault)
            case FaultKind.HUGE:
                return await _flood(request, fault)
            case FaultKind.ENDLESS:
                return await _drip(request, fault, self._faults.released)
            case _:
                return _canned(fault)


def _canned(fault: Fault) -> web.Response:
    answer = web.Response(status=fault.status, text=fault.body, content_type=fault.content_type)
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = fault.retry_after
    return answer


def _hang_up(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return answer


async def _cut_off(request: web.Request, fault: Fault) -> web.StreamResponse:
    answer = await _begun(request, fault, length=4096)
    await answer.write(CUT_OFF_AFTER)
    return _hang_up(request, answer)


async def _flood(request: web.Request, fault: Fault) -> web.StreamResponse:
    answer = await _begun(request, fault)
    await answer.write(b"{")
    for _ in range(HUGE_CHUNKS):
        await answer.write(HUGE_CHUNK)
    await answer.write(b"}")
    return answer


async def _drip(request: web.Request, fault: Fault, released: asyncio.Event) -> web.StreamResponse:
    answer = await _begun(request, fault)
    while not released.is_set():
        await answer.write(b" ")
        try:
            await asyncio.wait_for(released.wait(), DRIP_SECONDS)
        except TimeoutError:
            continue
    return _hang_up(request, answer)


async def _begun(
    request: web.Request, fault: Fault, length: int | None = None
) -> web.StreamResponse:
    answer = web.StreamResponse(status=fault.status)
    answer.content_type = fault.content_type
    answer.content_length = length
    await answer.prepare(request)
    return answer

"""A plugin mirrors who has a code for each lock, hears what happens to them, and sees no code."""

from dataclasses import dataclass, field

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.guests import CODE, invite, take_back
from utec_gateway.plugin_api import (
    CodeEvent,
    CodeEventKind,
    CodeState,
    LockCodes,
    PluginContext,
    hookimpl,
)

MINUTE = 60


@dataclass
class Mirror:
    """Knows what it is told, and nothing else."""

    codes: dict[str, LockCodes] = field(default_factory=dict)
    """By the lock's id."""
    events: list[CodeEvent] = field(default_factory=list)
    calls: int = 0

    @hookimpl
    async def gateway_codes_changed(
        self,
        added: tuple[LockCodes, ...],
        changed: tuple[LockCodes, ...],
        removed: tuple[LockCodes, ...],
    ) -> None:
        self.calls += 1
        self.codes |= {one.device.id: one for one in (*added, *changed)}
        for one in removed:
            del self.codes[one.device.id]

    @hookimpl
    async def gateway_code_event(self, event: CodeEvent) -> None:
        self.events.append(event)


@dataclass
class Seen:
    """A gateway, its mirror, and what a plugin reads from its context."""

    running: Running
    mirror: Mirror
    context: PluginContext

    def happened(self) -> list[tuple[CodeEventKind, str, bool]]:
        return [(one.kind, one.name, one.is_expired) for one in self.mirror.events]


@pytest.fixture
async def seen(world: World) -> Seen:
    running = await world.start(manage_codes=True)
    mirror = Mirror()
    running.gateway._registry.register("mirror.py", mirror)
    return Seen(running, mirror, running.gateway._context)


async def test_a_guest_is_mirrored_from_the_request_to_the_end(seen: Seen) -> None:
    guest = await invite(seen.running)
    assert [one.state for one in seen.mirror.codes[LOCK].guests] == [CodeState.WAITING]
    await seen.running.clock.advance(10)
    assert [one.state for one in seen.mirror.codes[LOCK].guests] == [CodeState.ON_LOCK]
    assert seen.mirror.codes[LOCK].number_listed == 2, "the owner, too"
    await take_back(seen.running, guest)
    await seen.running.clock.advance(10)
    assert seen.mirror.codes[LOCK].guests == ()
    assert seen.happened() == [
        (CodeEventKind.ON_LOCK, "Anna", False),
        (CodeEventKind.REMOVED, "Anna", False),
    ]
    assert CODE.digits not in repr((seen.mirror, seen.context.codes()))


async def test_lists_that_say_the_same_are_no_news(seen: Seen) -> None:
    await invite(seen.running)
    await seen.running.clock.advance(30 * MINUTE)
    calls = seen.mirror.calls
    listed_at = seen.context.codes()[0].listed_at
    await seen.running.clock.advance(150 * MINUTE)
    assert seen.context.codes()[0].listed_at != listed_at
    assert seen.mirror.calls == calls


async def test_the_codes_come_and_go_with_the_option(seen: Seen) -> None:
    settings = seen.running.gateway.settings
    await invite(seen.running)
    assert seen.mirror.codes.keys() == {LOCK, OTHER_LOCK}
    await settings.change({"manage_codes": False})
    await seen.running.clock.advance(1)
    assert seen.mirror.codes == {}
    assert seen.context.codes() == ()
    await settings.change({"manage_codes": True})
    await seen.running.clock.advance(1)
    assert seen.mirror.codes.keys() == {LOCK, OTHER_LOCK}

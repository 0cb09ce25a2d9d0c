"""Guests of a lock, from the request to the list that shows them."""

from datetime import timedelta

from tests.conftest import LOCK, Running, World
from tests.steps import meanwhile
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import CodeState, Schedule


def weekend(running: Running) -> Schedule:
    now = running.gateway.account.codes.zone().local(running.clock.now())
    return Schedule(now, now + timedelta(days=2))


async def test_a_guest_is_on_the_lock_within_seconds_and_gone_as_fast(world: World) -> None:
    running = await world.start(manage_codes=True)
    await running.clock.advance(5)
    codes = running.gateway.account.codes
    made = await meanwhile(running, codes.add(LOCK, NewGuest("Anna", weekend(running))))
    assert made.guest.state is CodeState.WAITING
    await running.clock.advance(7)
    assert [guest.state for guest in codes.of(LOCK).guests] == [CodeState.ON_LOCK]
    await meanwhile(running, codes.remove(LOCK, made.guest.id))
    await running.clock.advance(7)
    assert not codes.of(LOCK).guests

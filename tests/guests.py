"""Steps with access codes that several tests need."""

from datetime import timedelta

from tests.conftest import LOCK, Running
from tests.steps import meanwhile
from utec_gateway.access_codes.access_codes import AccessCodes
from utec_gateway.access_codes.code import Code
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import Guest, Schedule

CODE = Code("739164")
DAY = timedelta(days=1)


def schedule(codes: AccessCodes, running: Running, *, days: float = 2) -> Schedule:
    """Return the times of somebody who comes now and stays."""
    now = codes.zone().local(running.clock.now())
    return Schedule(now, now + days * DAY)


async def invite(
    running: Running, name: str = "Anna", lock: str = LOCK, *, days: float = 2
) -> Guest:
    """Make a guest who comes now."""
    codes = running.gateway.account.codes
    new = NewGuest(name, schedule(codes, running, days=days), CODE)
    return (await meanwhile(running, codes.add(lock, new))).guest


async def take_back(running: Running, guest: Guest, lock: str = LOCK) -> None:
    """Take a code back."""
    await meanwhile(running, running.gateway.account.codes.remove(lock, guest.id))

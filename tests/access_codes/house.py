"""A gateway that manages access codes, and what tests do with its guests."""

from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.conftest import LOCK, QUIET, Running, World
from tests.steps import meanwhile
from utec_gateway.access_codes.access_codes import AccessCodes, MadeGuest
from utec_gateway.access_codes.code import read_code
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import CodeEvent, CodeState, Guest, Schedule
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.lock_users import LockUsers

T = TypeVar("T")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
USERS = "st.lockUser"
FIRST_LIST_WITHIN = 65.0
"""Seconds; the scheduler asks each of its jobs again every minute."""
CODE = "481526"


@dataclass
class House:
    """The cloud, a gateway that is signed in, and what it has told of codes."""

    world: World
    running: Running
    events: list[CodeEvent] = field(default_factory=list)

    @classmethod
    async def start(cls, world: World, **options: Any) -> "House":
        """Start a gateway, and wait for its first lists."""
        running = await world.start(**{"manage_codes": True, **QUIET, **options})
        house = cls(world, running)
        house.codes.happened.subscribe(house.events.append)
        await running.clock.advance(FIRST_LIST_WITHIN)
        return house

    async def restart(self, **options: Any) -> "House":
        """Return the house with the gateway started again."""
        await self.world.stop()
        return await House.start(self.world, **options)

    @property
    def codes(self) -> AccessCodes:
        return self.running.gateway.account.codes

    @property
    def lock(self) -> SimulatedDevice:
        return self.world.cloud.devices[LOCK]

    @property
    def users(self) -> LockUsers:
        """Return the users that the cloud has for the lock."""
        return self.lock.users

    @property
    def now(self) -> datetime:
        """Return the lock's local time."""
        return self.codes.zone().local(self.running.clock.now())

    def stay(self, days: float = 2) -> Schedule:
        now = self.now.replace(second=0, microsecond=0)
        return Schedule(now, now + timedelta(days=days))

    async def wait(self, seconds: float) -> None:
        await self.running.clock.advance(seconds)

    async def do(self, work: Awaitable[T]) -> T:
        return await meanwhile(self.running, work)

    async def add(self, name: str = "Anna", lock: str = LOCK, **more: Any) -> MadeGuest:
        new = NewGuest(name, self.stay(), read_code(CODE))
        return await self.do(self.codes.add(lock, replace(new, **more)))

    async def add_on_lock(self, name: str = "Anna", lock: str = LOCK, **more: Any) -> str:
        """Add a guest, wait until it is on the lock, and return its id."""
        made = await self.add(name, lock, **more)
        await self.wait(20)
        assert self.guest(name, lock).state is CodeState.ON_LOCK
        return made.guest.id

    def guest(self, name: str = "Anna", lock: str = LOCK) -> Guest:
        return next(one for one in self.codes.of(lock).guests if one.name == name)

    def guests(self, lock: str = LOCK) -> list[str]:
        return [guest.name for guest in self.codes.of(lock).guests]

    def others(self, lock: str = LOCK) -> list[str]:
        return [other.name for other in self.codes.of(lock).others]

    def in_cloud(self, lock: str = LOCK) -> list[str]:
        """Return everybody of whom the cloud knows, hidden ones as well."""
        return [user["name"] for user in self.world.cloud.devices[lock].users.everything()]

    def user(self, name: str = "Anna") -> dict[str, Any]:
        """Return one user as the cloud has it."""
        return next(user for user in self.users.everything() if user["name"] == name)

    def calls(self, verb: str) -> int:
        return self.world.cloud.calls.by_command[f"{USERS}/{verb}"]

    def happened(self) -> list[tuple[str, str]]:
        return [(event.name, event.kind.value) for event in self.events]

"""Guests made and taken back while everything goes wrong: in the end it is as asked, or said."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, QUIET, Running, World
from tests.steps import meanwhile
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import CodeState, Guest, Schedule
from utec_gateway.core.errors import GatewayError

LOCKS = (LOCK, OTHER_LOCK)
STEPS = 40
USERS = "st.lockUser"


@dataclass
class Asked:
    """What was asked for, by lock and name, and the gateway that was asked."""

    world: World
    running: Running
    rng: random.Random
    ends: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Of everybody who is wanted."""
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    number: int = 0

    @property
    def codes(self) -> Any:
        return self.running.gateway.account.codes

    def schedule(self) -> Schedule:
        now = self.codes.zone().local(self.running.clock.now()).replace(second=0, microsecond=0)
        return Schedule(now, now + timedelta(days=self.rng.randint(5, 30)))

    def change_the_rules(self) -> None:
        """Let the locks behave in another of the ways that nobody has ruled out."""
        for lock in LOCKS:
            behaviour = self.world.cloud.devices[lock].behaviour
            behaviour.user_sync_delay = self.rng.choice((0.0, 3.0, 30.0, 400.0))
            behaviour.new_users_hidden_for = self.rng.choice((0.0, 0.0, 5.0, 40.0))
            behaviour.user_ids_change_on_sync = self.rng.random() < 0.3
            behaviour.deleted_users_linger = self.rng.random() < 0.3
            behaviour.queues_users_offline = self.rng.random() < 0.7
            behaviour.duplicate_codes_accepted = self.rng.random() < 0.5
            self.log.append(f"{lock}: {behaviour}")

    async def step(self) -> None:
        actions = [self.add] * 4 + [self.remove] * 3 + [self.extend] * 2 + [self.wait] * 4
        actions += [self.restart, self.go_offline, self.come_back, self.fail]
        actions += [self.lose_answer] * 3 + [self.forget_an_add]
        action = self.rng.choice(actions)
        await action()

    async def add(self) -> None:
        self.number += 1
        lock, name, schedule = self.rng.choice(LOCKS), f"Guest {self.number}", self.schedule()
        try:
            made = await meanwhile(self.running, self.codes.add(lock, NewGuest(name, schedule)))
        except GatewayError as error:
            self.log.append(f"add {name} to {lock}: {error}")
            return
        self.log.append(f"add {name} to {lock}")
        self.ends[lock, name], self.ids[lock, name] = schedule.ends, made.guest.id

    async def remove(self) -> None:
        if not self.ends:
            return
        lock, name = self.rng.choice(sorted(self.ends))
        del self.ends[lock, name]
        await meanwhile(self.running, self.codes.remove(lock, self.ids[lock, name]))
        self.log.append(f"remove {name}")

    async def extend(self) -> None:
        if not self.ends:
            return
        lock, name = self.rng.choice(sorted(self.ends))
        guest = next(one for one in self.codes.of(lock).guests if one.name == name)
        schedule = Schedule(guest.schedule.starts, self.schedule().ends)
        await meanwhile(self.running, self.codes.change(lock, guest.id, schedule))
        self.ends[lock, name] = schedule.ends
        self.log.append(f"extend {name}")

    async def wait(self) -> None:
        await self.running.clock.advance(self.rng.choice((0.5, 2.0, 5.0, 40.0, 300.0)))

    async def restart(self) -> None:
        self.log.append("restart")
        await self.world.stop()
        self.running = await self.world.start(manage_codes=True, **QUIET)

    async def go_offline(self) -> None:
        self.world.cloud.devices[self.rng.choice(LOCKS)].go_offline()

    async def come_back(self) -> None:
        for lock in LOCKS:
            self.world.cloud.devices[lock].go_online()

    async def lose_answer(self) -> None:
        verb = self.rng.choice(("add", "add", "add", "update", "delete", "list"))
        self.log.append(f"the next answer to {verb} is lost")
        self.world.cloud.faults.drop(f"{USERS}/{verb}", after_acting=True, times=1)

    async def forget_an_add(self) -> None:
        self.log.append("the next add is forgotten")
        self.world.cloud.devices[self.rng.choice(LOCKS)].behaviour.forget_next_adds = 1

    async def fail(self) -> None:
        self.log.append("the cloud fails")
        self.world.cloud.faults.fail(USERS, for_seconds=self.rng.choice((2.0, 90.0)))

    def on_the_locks(self) -> Counter[tuple[str, str]]:
        """Return the temporary users that the cloud knows, by lock and name."""
        return Counter(
            (lock, str(user["name"]))
            for lock in LOCKS
            for user in self.world.cloud.devices[lock].users.everything()
            if user["type"] == 2
        )

    def said_not_to_be_confirmed(self) -> set[str]:
        """Return the locks with an open issue of a guest who is not confirmed."""
        account, tracker = self.running.gateway.account, self.running.gateway.tracker
        tags = {account.cache.find(lock).tag: lock for lock in LOCKS}
        keys = (one.id.rpartition("_") for one in tracker.open)
        return {tags[tag] for kind, _, tag in keys if kind == "code_not_confirmed"}

    def guests(self) -> dict[tuple[str, str], Guest]:
        return {(lock, one.name): one for lock in LOCKS for one in self.codes.of(lock).guests}


@pytest.mark.parametrize("seed", range(24))
async def test_what_was_asked_for_is_on_the_locks_in_the_end_or_it_is_said_what_is_not(
    world: World, seed: int
) -> None:
    running = await world.start(manage_codes=True, **QUIET)
    asked = Asked(world, running, random.Random(seed))
    asked.change_the_rules()
    for _ in range(STEPS):
        await asked.step()
        twice = [who for who, times in asked.on_the_locks().items() if times > 1]
        assert not twice, asked.log
    await asked.come_back()
    world.cloud.faults.clear()
    await asked.running.clock.advance(2 * 3600)
    guests, there = asked.guests(), asked.on_the_locks()
    for who, guest in guests.items():
        assert who in asked.ends, (who, guest, asked.log)
        is_there = guest.state is CodeState.ON_LOCK
        assert is_there == (there[who] == 1), (who, guest, asked.log)
        assert is_there or guest.state is CodeState.NOT_CONFIRMED, (who, guest, asked.log)
    missing = {lock for (lock, _), guest in guests.items() if guest.state is not CodeState.ON_LOCK}
    assert asked.said_not_to_be_confirmed() == missing, asked.log
    assert set(guests) == set(asked.ends), asked.log
    assert set(there) <= set(asked.ends), asked.log
    for lock, name in there:
        shown = next(u for u in world.cloud.devices[lock].users.everything() if u["name"] == name)
        assert shown["daterange"][1] == f"{asked.ends[lock, name]:%Y-%m-%d %H:%M}", asked.log

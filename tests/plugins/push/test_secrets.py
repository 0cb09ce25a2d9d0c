"""A push shows a secret: the present one, or for ten minutes an earlier one; over restarts too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from utec_gateway.plugins.push.plugin import new_word
from utec_gateway.plugins.push.secrets import (
    GOOD_AFTERWARDS,
    MOST_GOOD,
    MOST_REMEMBERED,
    Secrets,
)
from utec_gateway.simulator.virtual_time import VirtualClock

NUMBERED = [f"{number:064x}" for number in range(99)]


@dataclass
class Disk:
    value: Any = None

    async def load(self) -> Any:
        return self.value

    async def save(self, value: Any) -> None:
        self.value = value


@pytest.fixture
async def disk() -> Disk:
    return Disk()


@pytest.fixture
async def words() -> Iterator[str]:
    return iter(NUMBERED)


@pytest.fixture
async def secrets(disk: Disk, clock: VirtualClock, words: Iterator[str]) -> Secrets:
    return Secrets(disk, clock, words.__next__)


async def registered(secrets: Secrets) -> str:
    word = await secrets.offer()
    secrets.accepted()
    return word


async def restarted(disk: Disk, clock: VirtualClock, words: Iterator[str]) -> Secrets:
    later = Secrets(disk, clock, words.__next__)
    await later.load()
    return later


async def test_nothing_is_a_secret_before_there_is_one(secrets: Secrets) -> None:
    assert not secrets.knows("")


async def test_the_earlier_secret_is_good_for_ten_minutes_more(
    secrets: Secrets, clock: VirtualClock
) -> None:
    first, second = await registered(secrets), await registered(secrets)
    assert secrets.knows(first)
    assert secrets.knows(second)
    await clock.advance(GOOD_AFTERWARDS - 1)
    assert secrets.knows(first)
    await clock.advance(1)
    assert not secrets.knows(first)
    assert secrets.over == (first,)
    assert secrets.good == (second,)


async def test_the_earlier_secret_stays_good_until_u_tec_has_the_next(
    secrets: Secrets, clock: VirtualClock
) -> None:
    first = await registered(secrets)
    offered = await secrets.offer()
    await clock.advance(10 * GOOD_AFTERWARDS)
    assert secrets.knows(first)
    assert secrets.knows(offered), "its registration may have arrived, and only its answer not"
    assert await secrets.offer() == offered


async def test_registering_again_makes_an_earlier_one_good_for_no_longer(
    secrets: Secrets, clock: VirtualClock
) -> None:
    first = await registered(secrets)
    await registered(secrets)
    await clock.advance(GOOD_AFTERWARDS / 2)
    await registered(secrets)
    assert secrets.next_end == clock.monotonic() + GOOD_AFTERWARDS / 2
    await clock.advance(GOOD_AFTERWARDS / 2)
    assert not secrets.knows(first)


async def test_none_is_good_once_pushes_are_switched_off(secrets: Secrets) -> None:
    first, second = await registered(secrets), await secrets.offer()
    secrets.end()
    assert secrets.good == ()
    assert secrets.over == (first, second)
    assert await secrets.offer() not in (first, second)


async def test_a_restart_leaves_the_last_secret_good_until_ten_minutes_after_the_next(
    secrets: Secrets, disk: Disk, clock: VirtualClock, words: Iterator[str]
) -> None:
    first = await registered(secrets)
    later = await restarted(disk, clock, words)
    await clock.advance(10 * GOOD_AFTERWARDS)
    assert later.good == (first,)
    await registered(later)
    await clock.advance(GOOD_AFTERWARDS)
    assert later.over == (first,)


async def test_a_secret_is_on_the_disk_before_u_tec_is_told_and_until_it_is_forgotten(
    secrets: Secrets, disk: Disk
) -> None:
    first = await secrets.offer()
    assert disk.value == {"secrets": [first]}
    secrets.end()
    assert disk.value == {"secrets": [first]}
    await secrets.forget(first)
    assert disk.value == {"secrets": []}


async def test_a_gateway_that_starts_again_and_again_keeps_a_few(
    secrets: Secrets, disk: Disk, clock: VirtualClock, words: Iterator[str]
) -> None:
    for _ in range(20):
        await secrets.offer()
        secrets = await restarted(disk, clock, words)
    assert secrets.good == tuple(NUMBERED[20 - MOST_GOOD : 20])
    assert len(secrets.over) == MOST_REMEMBERED - MOST_GOOD


@pytest.mark.parametrize(
    "stored", [None, [], "secrets", {"secrets": 5}, {"secrets": [5, "", "short", "G" * 64, ["a"]]}]
)
async def test_what_is_no_secret_is_read_as_none(stored: Any, disk: Disk, secrets: Secrets) -> None:
    disk.value = stored
    await secrets.load()
    assert secrets.good == secrets.over == ()


async def test_what_only_resembles_a_secret_is_none(disk: Disk, clock: VirtualClock) -> None:
    secrets = Secrets(disk, clock, new_word)
    word = await registered(secrets)
    assert len(word) == 64
    for shown in (word[:-1], f"{word} ", word.upper() + "x", "é", "", "\udc80"):
        assert not secrets.knows(shown)


async def test_a_secret_is_in_no_repr(secrets: Secrets, disk: Disk) -> None:
    word = await registered(secrets)
    disk.value = None
    assert word not in repr(vars(secrets))

"""A push shows a secret: the present one, or for ten minutes an earlier one; over restarts too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from utec_gateway.plugins.push.plugin import new_secret
from utec_gateway.plugins.push.secrets import (
    GRACE_PERIOD,
    MOST_REMEMBERED,
    MOST_VALID,
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
async def numbered() -> Iterator[str]:
    return iter(NUMBERED)


@pytest.fixture
async def secrets(disk: Disk, clock: VirtualClock, numbered: Iterator[str]) -> Secrets:
    return Secrets(disk, clock, numbered.__next__)


async def registered(secrets: Secrets) -> str:
    secret = await secrets.offer()
    secrets.accepted()
    return secret


async def restarted(disk: Disk, clock: VirtualClock, numbered: Iterator[str]) -> Secrets:
    later = Secrets(disk, clock, numbered.__next__)
    await later.load()
    return later


async def test_nothing_is_a_secret_before_there_is_one(secrets: Secrets) -> None:
    assert not secrets.is_valid("")


async def test_the_earlier_secret_is_good_for_ten_minutes_more(
    secrets: Secrets, clock: VirtualClock
) -> None:
    first, second = await registered(secrets), await registered(secrets)
    assert secrets.is_valid(first)
    assert secrets.is_valid(second)
    await clock.advance(GRACE_PERIOD - 1)
    assert secrets.is_valid(first)
    await clock.advance(1)
    assert not secrets.is_valid(first)
    assert secrets.expired == (first,)
    assert secrets.valid == (second,)


async def test_the_earlier_secret_stays_good_until_u_tec_has_the_next(
    secrets: Secrets, clock: VirtualClock
) -> None:
    first = await registered(secrets)
    offered = await secrets.offer()
    await clock.advance(10 * GRACE_PERIOD)
    assert secrets.is_valid(first)
    assert secrets.is_valid(offered), "its registration may have arrived, and only its answer not"
    assert await secrets.offer() == offered


async def test_registering_again_makes_an_earlier_one_good_for_no_longer(
    secrets: Secrets, clock: VirtualClock
) -> None:
    first = await registered(secrets)
    await registered(secrets)
    await clock.advance(GRACE_PERIOD / 2)
    await registered(secrets)
    assert secrets.next_expiry == clock.monotonic() + GRACE_PERIOD / 2
    await clock.advance(GRACE_PERIOD / 2)
    assert not secrets.is_valid(first)


async def test_none_is_good_once_pushes_are_switched_off(secrets: Secrets) -> None:
    first, second = await registered(secrets), await secrets.offer()
    secrets.revoke()
    assert secrets.valid == ()
    assert secrets.expired == (first, second)
    assert await secrets.offer() not in (first, second)


async def test_a_restart_leaves_the_last_secret_good_until_ten_minutes_after_the_next(
    secrets: Secrets, disk: Disk, clock: VirtualClock, numbered: Iterator[str]
) -> None:
    first = await registered(secrets)
    later = await restarted(disk, clock, numbered)
    await clock.advance(10 * GRACE_PERIOD)
    assert later.valid == (first,)
    await registered(later)
    await clock.advance(GRACE_PERIOD)
    assert later.expired == (first,)


async def test_a_secret_is_on_the_disk_before_u_tec_is_told_and_until_it_is_forgotten(
    secrets: Secrets, disk: Disk
) -> None:
    first = await secrets.offer()
    assert disk.value == {"secrets": [first]}
    secrets.revoke()
    assert disk.value == {"secrets": [first]}
    await secrets.forget(first)
    assert disk.value == {"secrets": []}


async def test_a_gateway_that_starts_again_and_again_keeps_a_few(
    secrets: Secrets, disk: Disk, clock: VirtualClock, numbered: Iterator[str]
) -> None:
    for _ in range(20):
        await secrets.offer()
        secrets = await restarted(disk, clock, numbered)
    assert secrets.valid == (NUMBERED[0], *NUMBERED[21 - MOST_VALID : 20])
    assert len(secrets.expired) == MOST_REMEMBERED - MOST_VALID


async def test_the_secret_that_u_tec_has_outlives_starts_without_a_registration(
    secrets: Secrets, disk: Disk, clock: VirtualClock, numbered: Iterator[str]
) -> None:
    had = await registered(secrets)
    for _ in range(20):
        secrets = await restarted(disk, clock, numbered)
        await secrets.offer()
    assert secrets.is_valid(had)
    secrets.accepted()
    await clock.advance(GRACE_PERIOD)
    assert not secrets.is_valid(had)


@pytest.mark.parametrize(
    "stored", [None, [], "secrets", {"secrets": 5}, {"secrets": [5, "", "short", "G" * 64, ["a"]]}]
)
async def test_what_is_no_secret_is_read_as_none(stored: Any, disk: Disk, secrets: Secrets) -> None:
    disk.value = stored
    await secrets.load()
    assert secrets.valid == secrets.expired == ()


async def test_what_only_resembles_a_secret_is_none(disk: Disk, clock: VirtualClock) -> None:
    secrets = Secrets(disk, clock, new_secret)
    secret = await registered(secrets)
    assert len(secret) == 64
    for shown in (secret[:-1], f"{secret} ", secret.upper() + "x", "é", "", "\udc80"):
        assert not secrets.is_valid(shown)


async def test_a_secret_is_in_no_repr(secrets: Secrets, disk: Disk) -> None:
    secret = await registered(secrets)
    disk.value = None
    assert secret not in repr(vars(secrets))

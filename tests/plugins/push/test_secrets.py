"""A push shows a secret: the present one, or for ten minutes the one before it."""

from collections.abc import Iterator

from utec_gateway.plugins.push.plugin import new_word
from utec_gateway.plugins.push.secrets import GOOD_AFTERWARDS, Secrets
from utec_gateway.simulator.virtual_time import VirtualClock


def numbered() -> Iterator[str]:
    yield from (f"word {number}" for number in range(9))


async def test_nothing_is_a_secret_before_there_is_one(clock: VirtualClock) -> None:
    assert not Secrets(clock, new_word).knows("")


async def test_the_earlier_secret_is_good_for_ten_minutes_more(clock: VirtualClock) -> None:
    secrets = Secrets(clock, numbered().__next__)
    first, second = secrets.renew(), secrets.renew()
    assert secrets.knows(first)
    assert secrets.knows(second)
    await clock.advance(GOOD_AFTERWARDS - 1)
    assert secrets.knows(first)
    await clock.advance(1)
    assert not secrets.knows(first)
    assert secrets.knows(second)


async def test_renewing_again_makes_an_earlier_one_good_for_no_longer(clock: VirtualClock) -> None:
    secrets = Secrets(clock, numbered().__next__)
    first = secrets.renew()
    secrets.renew()
    await clock.advance(GOOD_AFTERWARDS / 2)
    secrets.renew()
    await clock.advance(GOOD_AFTERWARDS / 2)
    assert not secrets.knows(first)


async def test_what_only_resembles_a_secret_is_none(clock: VirtualClock) -> None:
    secrets = Secrets(clock, new_word)
    word = secrets.renew()
    assert len(word) == 64
    for shown in (word[:-1], f"{word} ", word.upper() + "x", "é", ""):
        assert not secrets.knows(shown)


async def test_a_secret_is_in_no_repr(clock: VirtualClock) -> None:
    secrets = Secrets(clock, new_word)
    word = secrets.renew()
    assert word not in repr(vars(secrets))

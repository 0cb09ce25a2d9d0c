"""What a plugin hears of a thing that changes, however slow it is."""

import asyncio

import pytest

from utec_gateway.core.errors import PluginError
from utec_gateway.plugin_api.changes import Changes
from utec_gateway.plugin_api.feeds import Feed
from utec_gateway.simulator.virtual_time import VirtualClock

Value = tuple[str, int]


class House:
    """Two plugins; one may be kept busy, or fail."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Changes[Value]]] = []
        self.may_return = asyncio.Event()
        self.may_return.set()
        self.error: Exception | None = None
        self.feed: Feed[Value] = Feed(
            lambda: ("slow", "quick"), self.tell, key=lambda one: one[0], aspect=lambda one: one[1]
        )

    async def tell(self, listener: str, changes: Changes[Value]) -> None:
        self.heard.append((listener, changes))
        if listener == "slow":
            await self.may_return.wait()
            if self.error:
                raise self.error

    def by(self, listener: str) -> list[Changes[Value]]:
        return [changes for name, changes in self.heard if name == listener]


@pytest.fixture
async def house(clock: VirtualClock) -> House:  # noqa: ARG001 - time must be virtual
    return House()


async def test_the_first_call_brings_everything_and_the_next_what_is_different(
    house: House, clock: VirtualClock
) -> None:
    house.feed.publish([("a", 1), ("b", 1)])
    await clock.settle()
    house.feed.publish([("b", 2), ("c", 1)])
    await clock.settle()
    assert house.by("quick") == [
        Changes((("a", 1), ("b", 1)), (), ()),
        Changes((("c", 1),), (("b", 2),), (("a", 1),)),
    ]


async def test_what_is_not_different_is_no_news(house: House, clock: VirtualClock) -> None:
    for _ in range(3):
        house.feed.publish([("a", 1)])
        await clock.settle()
    assert len(house.by("quick")) == 1


async def test_a_slow_plugin_is_called_one_at_a_time_and_misses_nothing(
    house: House, clock: VirtualClock
) -> None:
    house.may_return.clear()
    for values in ([("a", 1)], [("a", 2)], [("a", 3), ("b", 1)]):
        house.feed.publish(values)
        await clock.settle()
    assert len(house.by("slow")) == 1
    assert len(house.by("quick")) == 3, "the other one does not wait"
    house.may_return.set()
    await clock.settle()
    assert house.by("slow")[1:] == [Changes((("b", 1),), (("a", 3),), ())]


async def test_what_came_and_went_while_a_plugin_was_busy_is_not_mentioned(
    house: House, clock: VirtualClock
) -> None:
    house.may_return.clear()
    for values in ([("a", 1)], [("a", 1), ("b", 1)], [("a", 1)]):
        house.feed.publish(values)
        await clock.settle()
    house.may_return.set()
    await clock.settle()
    assert len(house.by("slow")) == 1


async def test_a_call_that_fails_does_not_end_the_feed(house: House, clock: VirtualClock) -> None:
    house.error = PluginError("it broke")
    for number in range(2):
        house.feed.publish([("a", number)])
        await clock.settle()
    assert len(house.by("slow")) == 2


async def test_a_feed_that_is_closed_leaves_nothing_running(
    house: House, clock: VirtualClock
) -> None:
    house.may_return.clear()
    house.feed.publish([("a", 1)])
    await clock.settle()
    await house.feed.close()
    assert len(asyncio.all_tasks()) == 1

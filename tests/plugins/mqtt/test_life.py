"""What Home Assistant can rely on, whatever becomes of the broker, the gateway, and the network."""

from tests.conftest import LOCK, OTHER_LOCK
from tests.plugins.mqtt.house import House, index_of


async def test_the_gateway_comes_first_and_online_last(house: House) -> None:
    await house.connected()
    heard = house.broker.messages
    order = [
        index_of(heard, house.discovery(None)),
        index_of(heard, house.discovery(LOCK)),
        index_of(heard, f"{house.base}/gateway/state"),
        index_of(heard, house.bridge, "online"),
    ]
    assert order == sorted(order)


async def test_after_a_reconnect_online_is_the_last_word_again(house: House) -> None:
    await house.connected()
    await house.broker.stop()
    house.broker.messages.clear()
    await house.broker.start()
    heard = await house.broker.until(
        lambda messages: any(one.topic == house.bridge for one in messages)
    )
    until_online = {one.topic for one in heard[: index_of(heard, house.bridge, "online")]}
    for device in (LOCK, OTHER_LOCK):
        assert {house.discovery(device), house.state_topic(device)} <= until_online


async def test_a_broker_that_was_restarted_empty_holds_everything_again(house: House) -> None:
    await house.connected()
    before = await house.broker.retained()
    assert len(before) == 3 + 5 + 1
    await house.broker.kill()
    await house.broker.start()
    await house.broker.until_retained(
        lambda retained: set(retained) == set(before) and retained[house.bridge] == "online"
    )
    assert house.shown(LOCK)[-1]["lock"] == "LOCKED"


async def test_a_clean_stop_says_offline_and_nothing_after_it(house: House) -> None:
    await house.connected()
    house.broker.messages.clear()
    await house.stop()
    await house.broker.until_retained(lambda retained: retained[house.bridge] == "offline")
    assert house.heard(house.bridge)[-1] == "offline"
    assert house.heard(house.bridge).count("online") == 0

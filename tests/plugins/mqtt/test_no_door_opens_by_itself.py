"""No old, queued, or forbidden unlock moves a bolt (mqtt 4); each is logged and an event."""

import subprocess
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.broker import Broker
from tests.browser.leaping_clock import LeapingClock
from tests.conftest import LOCK
from tests.plugins.mqtt.house import House, tag_of
from tests.programs import must_have
from utec_gateway.journal.entry import Kind
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import unlock

VERSIONS = ["3.1.1", "5"]
TOO_YOUNG = "too young"


def lock_topic(house: House) -> str:
    return f"{house.base}/{tag_of(LOCK)}/lock/set"


async def assert_refused(house: House, *reason: str) -> None:
    """Assert that an unlock was refused in every place, and that none was sent."""
    event = await house.until_event("refused", leaping=0)
    assert (event["source"], event["origin"]) == ("command", "mqtt")
    assert all(word in event["reason"] for word in reason)
    assert await house.until_logged("Front Door: unlock refused (plugin mqtt)", *reason)
    (entry,) = (one for one in house.gateway.journal.entries if one.kind is Kind.COMMAND)
    assert all(word in str(entry) for word in reason)
    assert house.cloud.calls.commands_for(LOCK) == []
    assert "UNLOCKING" not in house.bolts()


async def assert_a_live_one_unlocks(house: House) -> None:
    house.clock.leap(2.5)
    await house.send("UNLOCK")
    await house.until_event("unlocked")
    assert house.cloud.calls.commands_for(LOCK) == ["unlock"]


async def restarted_with(house: House, *, retained: str, topic: str) -> None:
    """Stop the gateway, retain something on the broker, and start it again."""
    await house.connected()
    await house.stop()
    await house.broker.publish(topic, retained, retain=True, qos=1)
    house.broker.messages.clear()
    await house.connected()


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_unlock_that_was_retained_moves_no_bolt_and_is_emptied(
    house: House, version: str
) -> None:
    house.mqtt["version"] = version
    await house.connected()
    topic = lock_topic(house)
    await restarted_with(house, retained="UNLOCK", topic=topic)
    await assert_refused(house, "retained")
    await house.broker.until_retained(lambda found: topic not in found)
    await assert_a_live_one_unlocks(house)


async def test_an_unlock_that_was_retained_moves_no_bolt_after_a_reconnect(house: House) -> None:
    await house.ready()
    await house.broker.restart()
    await house.broker.publish(lock_topic(house), "UNLOCK", retain=True, qos=1)
    house.clock.leap(2)
    event = await house.until_event("refused", leaping=0.2)
    assert event["reason"]
    assert house.cloud.calls.commands_for(LOCK) == []


async def test_with_mqtt_5_a_live_unlock_with_the_retain_flag_moves_no_bolt(house: House) -> None:
    house.mqtt["version"] = "5"
    await house.ready()
    await house.send("UNLOCK", retain=True)
    await assert_refused(house, "retained")
    await house.broker.until_retained(lambda found: lock_topic(house) not in found)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("word", ["LOCK", "rubbish"])
async def test_whatever_was_retained_is_emptied_and_not_carried_out(
    house: House, version: str, word: str
) -> None:
    house.mqtt["version"] = version
    house.cloud.devices[LOCK].operate(unlock)
    await house.connected()
    await restarted_with(house, retained=word, topic=lock_topic(house))
    await house.until_event("refused", leaping=0)
    await house.broker.until_retained(lambda found: lock_topic(house) not in found)
    assert house.cloud.calls.commands_for(LOCK) == []


@pytest.mark.parametrize("button", ["refresh_sign_in", "refresh_devices"])
async def test_a_button_that_was_retained_is_not_pressed_at_every_connect(
    house: House, button: str
) -> None:
    await house.connected()
    topic = f"{house.base}/gateway/{button}/set"
    calls = house.cloud.calls.by_action
    await house.stop()
    await house.broker.publish(topic, "PRESS", retain=True, qos=1)
    refreshes = calls["token/refresh_token"]
    await house.connected()
    await house.broker.until_retained(lambda found: topic not in found)
    await house.until_logged("retained")
    assert calls["token/refresh_token"] == refreshes


async def test_an_unlock_in_the_first_two_seconds_is_refused(house: House) -> None:
    await house.connected()
    await house.send("UNLOCK")
    await assert_refused(house, TOO_YOUNG)
    await assert_a_live_one_unlocks(house)


async def test_a_lock_in_the_first_two_seconds_is_carried_out(house: House) -> None:
    house.cloud.devices[LOCK].operate(unlock)
    await house.connected()
    await house.send("LOCK")
    await house.until_event("locked")


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_unlock_that_the_broker_kept_for_us_moves_no_bolt(
    house: House, version: str
) -> None:
    """A session that is kept for our id is one that somebody made; we want none."""
    house.mqtt["version"] = version
    await house.connected()
    topic = lock_topic(house)
    await house.stop()
    await leave_session(house, version)
    await house.broker.publish(topic, "UNLOCK", qos=1)
    house.broker.messages.clear()
    await house.ready()
    await house.send("rubbish")
    await house.until_event("refused", leaping=0)
    assert len(house.events()) == 1, "nothing else came"
    assert house.cloud.calls.commands_for(LOCK) == []


async def leave_session(house: House, version: str) -> None:
    """Subscribe with our id, and leave without ending the session."""
    lasting = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    lasting.SessionExpiryInterval = 3600
    is_5 = version == "5"
    async with aiomqtt.Client(
        house.broker.host,
        house.broker.port,
        identifier=f"utec-{house.installation}",
        protocol=aiomqtt.ProtocolVersion.V5 if is_5 else aiomqtt.ProtocolVersion.V311,
        clean_session=None if is_5 else False,
        properties=lasting if is_5 else None,
    ) as client:
        await client.subscribe(f"{house.base}/+/+/set", qos=1)


async def test_a_lock_that_is_asked_while_we_are_cut_off_stays_as_it_is(house: House) -> None:
    """Whoever publishes while we are away speaks to nobody."""
    await house.ready()
    topic = lock_topic(house)
    await house.stop()
    await house.broker.publish(topic, "UNLOCK", qos=1)
    await house.ready()
    assert house.events() == []
    assert house.cloud.calls.commands_for(LOCK) == []


async def test_after_a_suspension_an_unlock_is_refused_for_a_moment(house: House) -> None:
    await house.ready()
    house.clock.leap(600)
    await house.send("UNLOCK")
    await assert_refused(house, TOO_YOUNG)
    await assert_a_live_one_unlocks(house)


class SleepingClock(LeapingClock):
    """A clock that can be suspended: time passes, and nobody has woken yet."""

    def suspend(self, seconds: float) -> None:
        self._ahead += seconds


class JumpingClock(LeapingClock):
    """One whose monotonic time stands still meanwhile, as Linux's does."""

    suspended = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.suspended)

    def suspend(self, seconds: float) -> None:
        self.suspended += seconds


@pytest.fixture(params=[SleepingClock, JumpingClock])
async def sleeping(
    request: pytest.FixtureRequest, broker: Broker, tmp_path: Path
) -> AsyncIterator[tuple[House, SleepingClock | JumpingClock]]:
    clock: SleepingClock | JumpingClock = request.param()
    cloud = SimulatedCloud(clock)
    cloud.add_device(LOCK, "Front Door")
    await cloud.start()
    built = House(broker, cloud, clock, tmp_path, {"host": broker.host, "port": broker.port})
    yield built, clock
    await built.stop()
    await cloud.stop()


async def test_an_unlock_that_waited_while_we_were_suspended_moves_no_bolt(
    sleeping: tuple[House, SleepingClock | JumpingClock],
) -> None:
    """It is read from the socket before any clock of ours rings."""
    must_have(is_there=True, what="mosquitto_pub")
    house, clock = sleeping
    await house.ready()
    subprocess.run(  # noqa: ASYNC221 - our loop is to stand still
        [
            "mosquitto_pub",
            *("-h", house.broker.host, "-p", str(house.broker.port)),
            *("-t", lock_topic(house), "-m", "UNLOCK", "-q", "1"),
        ],
        check=True,
    )
    clock.suspend(60)
    await assert_refused(house, TOO_YOUNG)


@pytest.mark.parametrize("where", ["mqtt", "gateway"])
async def test_where_unlocking_is_switched_off_an_unlock_is_an_event(
    house: House, where: str
) -> None:
    if where == "mqtt":
        house.mqtt["allow_unlock"] = False
    else:
        house.options["allow_unlock"] = False
    await house.ready()
    await house.send("UNLOCK")
    await assert_refused(house)


async def test_unlocking_over_mqtt_can_be_switched_off_while_the_gateway_runs(
    house: House,
) -> None:
    await house.ready()
    await house.change(allow_unlock=False)
    await house.send("UNLOCK")
    await assert_refused(house, "switched off")
    house.cloud.devices[LOCK].operate(unlock)
    await house.until_event("unlocked")
    await house.send("LOCK")
    await house.until_event("locked")

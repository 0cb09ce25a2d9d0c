"""Commands from Home Assistant: what comes of them, and that nobody's words stop anything."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK
from tests.plugins.mqtt.house import STRIDE, House, tag_of
from utec_gateway.devices.command_limit import MOST_COMMANDS
from utec_gateway.simulator.states import jam, to_mode, unlock

LIGHT, PLUG, SWITCH = "02:51:4D:00:00:11", "02:51:4D:00:00:12", "02:51:4D:00:00:13"


def commands(house: House, device_id: str = LOCK) -> list[str]:
    return house.cloud.calls.commands_for(device_id)


@pytest.mark.parametrize(
    ("word", "bolts", "kind"),
    [
        ("UNLOCK", ["LOCKED", "UNLOCKING", "UNLOCKED"], "unlocked"),
        ("LOCK", ["UNLOCKED", "LOCKING", "LOCKED"], "locked"),
    ],
)
async def test_a_command_shows_the_movement_at_once_and_its_confirmed_end(
    house: House, word: str, bolts: list[str], kind: str
) -> None:
    if word == "LOCK":
        house.cloud.devices[LOCK].operate(unlock)
    await house.ready()
    await house.until_shown(LOCK, lambda shown: shown["lock"] == bolts[0])
    await house.send(word)
    event = await house.until_event(kind)
    assert {**event, "seconds": None} == {
        "event_type": kind,
        "source": "command",
        "origin": "mqtt",
        "seconds": None,
        "reason": None,
    }
    assert 0 < event["seconds"] < 9
    await house.until_shown(LOCK, lambda shown: shown["lock"] == bolts[-1])
    assert house.bolts()[-3:] == bolts
    assert commands(house) == [word.lower()]
    assert not [one for one in house.broker.messages if one.topic.endswith("event") and one.retain]


async def test_a_movement_is_shown_before_u_tec_has_answered(house: House) -> None:
    await house.ready()
    house.cloud.faults.hang("Device/Command")
    await house.send("UNLOCK")
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "UNLOCKING")
    house.cloud.faults.clear()


@pytest.mark.parametrize(
    ("word", "truth", "kind"),
    [("LOCK", "UNLOCKED", "lock_not_confirmed"), ("UNLOCK", "LOCKED", "unlock_not_confirmed")],
)
async def test_a_lock_that_ignores_a_command_shows_the_truth_again_within_a_minute(
    house: House, word: str, truth: str, kind: str
) -> None:
    if word == "LOCK":
        house.cloud.devices[LOCK].operate(unlock)
    await house.ready()
    house.cloud.behaviour.commands.ignore_next = 1
    began = house.clock.monotonic()
    await house.send(word)
    await house.until_shown(LOCK, lambda shown: shown["lock"] == f"{word}ING")
    event = await house.until_event(kind)
    await house.until_shown(LOCK, lambda shown: shown["lock"] == truth)
    assert house.clock.monotonic() - began < 70
    assert (event["source"], event["origin"]) == ("command", "mqtt")


async def test_a_lock_in_passage_mode_refuses_and_its_state_is_said_again(house: House) -> None:
    house.cloud.devices[LOCK].operate(to_mode(1))
    await house.ready()
    await house.until_shown(LOCK, lambda shown: shown["mode"] == "Passage")
    said = len(house.shown())
    await house.send("LOCK")
    event = await house.until_event("refused")
    assert "passage" in event["reason"].lower()
    assert (event["source"], event["origin"]) == ("command", "mqtt")
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "UNLOCKED")
    assert len(house.shown()) > said
    assert commands(house) == []


async def test_an_offline_lock_refuses_and_its_state_is_said_again(house: House) -> None:
    await house.ready()
    house.cloud.devices[LOCK].go_offline()
    shown = await house.until_shown(LOCK, lambda shown: not shown["online"], leaping=STRIDE)
    assert shown["lock"] is None, "an old state is no present one"
    said = len(house.shown())
    await house.send("LOCK")
    assert "offline" in (await house.until_event("refused"))["reason"]
    await house.broker.until(lambda _: len(house.shown()) > said)
    assert len([one for one in house.events() if one["event_type"] == "refused"]) == 1


async def test_a_command_that_u_tec_refuses_is_an_event_with_its_reason(house: House) -> None:
    await house.ready()
    house.cloud.behaviour.actions.reject_code = "SOMETHING_ODD"
    await house.send("UNLOCK")
    event = await house.until_event("refused")
    assert event["reason"]
    house.cloud.behaviour.actions.reject_code = None
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "LOCKED")


async def test_a_jam_of_a_command_is_shown_and_said(house: House) -> None:
    await house.ready()
    house.cloud.behaviour.commands.ends_jammed = True
    await house.send("UNLOCK")
    assert (await house.until_event("jammed"))["source"] == "command"
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "JAMMED", leaping=STRIDE)


async def test_a_command_from_elsewhere_says_where_it_came_from(house: House) -> None:
    await house.ready()
    house.cloud.behaviour.commands.ignore_next = 1
    status, _ = await house.post("/api/unlock", {"id": LOCK})
    assert status == 200
    event = await house.until_event("unlock_not_confirmed")
    assert (event["source"], event["origin"]) == ("command", "api")


async def test_what_happens_outside_of_the_gateway_is_said_to(house: House) -> None:
    house.cloud.add_device("02:51:4D:00:00:09", "Garage", kind="lock_with_sensor")
    await house.ready()
    house.cloud.devices[LOCK].operate(unlock)
    event = await house.until_event("unlocked")
    assert event == {
        "event_type": "unlocked",
        "source": "outside",
        "origin": None,
        "seconds": None,
        "reason": None,
    }
    house.cloud.devices[LOCK].operate(jam)
    await house.until_event("jammed")
    house.cloud.devices[LOCK].go_offline()
    await house.until_event("offline")
    house.cloud.devices[LOCK].go_online()
    await house.until_event("online")


@pytest.fixture
async def lights(house: House) -> House:
    house.cloud.add_device(LIGHT, "Lamp", kind="dimmer")
    house.cloud.add_device(PLUG, "Plug", kind="plug")
    house.cloud.add_device(SWITCH, "Switch", kind="switch")
    await house.ready()
    return house


def is_state(word: str, shown: Mapping[str, Any]) -> bool:
    return bool(shown["state"] == word)


@pytest.mark.parametrize("device_id", [PLUG, SWITCH])
async def test_a_switch_is_turned_on_and_off(lights: House, device_id: str) -> None:
    for word in ("ON", "OFF"):
        await lights.send(word, device_id, "switch")
        await lights.until_shown(device_id, partial(is_state, word), leaping=STRIDE)
    assert commands(lights, device_id) == ["on", "off"]


async def test_a_light_takes_its_level_in_one_call(lights: House) -> None:
    await lights.send('{"state": "ON", "brightness": 40}', LIGHT, "light")
    await lights.until_shown(
        LIGHT, lambda shown: (shown["state"], shown["brightness"]) == ("ON", 40), leaping=STRIDE
    )
    assert len(commands(lights, LIGHT)) == 1
    await lights.send('{"state": "OFF"}', LIGHT, "light")
    await lights.until_shown(LIGHT, lambda shown: shown["state"] == "OFF", leaping=STRIDE)


async def test_the_buttons_ask_u_tec(house: House) -> None:
    await house.ready()
    calls = house.cloud.calls.by_action
    gateway = f"{house.base}/gateway"
    ended: list[None] = []
    house.gateway.account.poller.polled.subscribe(ended.append)
    before = calls["Device/Discovery"]
    await house.broker.publish(f"{gateway}/refresh_devices/set", "PRESS", qos=1)
    await house.broker.until(lambda _: ended and calls["Device/Discovery"] > before)
    house.clock.leap(60)  # what was asked a moment ago, or is still asked, answers for both
    before = calls["Device/Discovery"]
    await house.send("PRESS", LOCK, "refresh")
    await house.broker.until(lambda _: calls["Device/Discovery"] > before)
    before = calls["token/refresh_token"]
    await house.broker.publish(f"{gateway}/refresh_sign_in/set", "PRESS", qos=1)
    await house.broker.until(lambda _: calls["token/refresh_token"] > before)


async def test_a_button_that_fails_is_one_line_in_the_log(house: House) -> None:
    await house.ready()
    house.cloud.faults.fail("token/refresh_token", status=500)
    await house.broker.publish(f"{house.base}/gateway/refresh_sign_in/set", "PRESS", qos=1)
    await house.until_logged("What was asked for over MQTT failed", leaping=STRIDE)


RUBBISH: list[tuple[str, str | bytes]] = [
    ("lock", "unlock"),
    ("lock", "OPEN"),
    ("lock", " UNLOCK"),
    ("lock", "UNLOCK\n"),
    ("lock", b"\xff\xfe\x00UNLOCK"),
    ("lock", '{"state": "UNLOCK"}'),
    ("lock", "UNLOCK" * 200_000),
    ("light", "[" * 200),
    ("light", '{"state": "ON", "brightness": 1e999}'),
    ("light", '{"state": "ON", "brightness": true}'),
    ("light", '{"state": "ON", "brightness": -1}'),
    ("light", '{"state": ["ON"]}'),
    ("light", "[]"),
    ("lock", json.dumps({"a": 1})),
    ("nothing", "UNLOCK"),
    ("🚪", "UNLOCK"),
    ("lock", "{{ states('lock.front_door') }}"),
]


@pytest.mark.parametrize(("part", "payload"), RUBBISH, ids=range(len(RUBBISH)))
async def test_rubbish_is_an_event_and_stops_nothing(
    house: House, part: str, payload: str | bytes
) -> None:
    await house.ready()
    await house.send(payload, part=part)
    event = await house.until_event("refused", leaping=0)
    assert (event["source"], event["origin"]) == ("command", "mqtt")
    assert event["reason"]
    await house.send("UNLOCK")
    await house.until_event("unlocked")
    assert commands(house) == ["unlock"]


async def test_what_is_for_nobody_is_a_line_in_the_log(house: House) -> None:
    await house.ready()
    for topic in ("deadbeef/lock", "gateway/lock", "gateway/refresh_sign_in", "$x/y"):
        await house.broker.publish(f"{house.base}/{topic}/set", "UNLOCK", qos=1)
    await house.until_logged("for no device that is known")
    await house.until_logged("unknown command over MQTT for the gateway")
    await house.send("UNLOCK")
    await house.until_event("unlocked")
    assert commands(house) == ["unlock"]
    assert commands(house, OTHER_LOCK) == []


async def test_hundreds_of_messages_at_once_stop_nothing(house: House) -> None:
    await house.ready()
    topic = f"{house.base}/{tag_of(LOCK)}/lock/set"
    for number in range(200):
        await house.broker.publish(topic, f"rubbish {number}")
    await house.broker.until(lambda _: len(house.events()) > 20)
    assert (await house.get("/health"))[0] == 200
    await house.send("UNLOCK")
    await house.until_event("unlocked")
    assert commands(house) == ["unlock"]


async def test_a_flood_of_locks_sends_no_more_than_the_limit(house: House) -> None:
    await house.ready()
    for _ in range(100):
        await house.send("UNLOCK")
    await house.until_event("unlocked")
    assert 1 <= len(commands(house)) <= MOST_COMMANDS


async def test_nothing_that_is_published_holds_a_secret_or_an_id(house: House) -> None:
    await house.ready()
    await house.send("UNLOCK")
    await house.until_event("unlocked")
    await house.send("rubbish")
    await house.until_event("refused")
    everything = json.dumps([(one.topic, one.payload) for one in house.broker.messages])
    token = house.gateway.account.tokens.token
    assert token
    state: dict[str, Any] = json.loads((house.folder / "state.json").read_text())
    secrets = [
        LOCK,
        LOCK.replace(":", ""),
        LOCK.lower(),
        house.cloud.client_id,
        house.cloud.client_secret,
        token.access_token,
        token.refresh_token or "",
        state["api_key"],
    ]
    assert all(secrets)
    assert [one for one in secrets if one.lower() in everything.lower()] == []

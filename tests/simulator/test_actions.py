"""Rows B: the `/action` endpoint as a whole."""

import pytest

from tests.simulator.conftest import LOCK, Client
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import (
    BadTokenAnswer,
    Casing,
    ConfigureAnswer,
    ExtraFields,
    QueryShape,
    UserCasing,
)
from utec_gateway.simulator.virtual_time import VirtualClock

OTHER = "02:51:4D:00:00:02"
PUSH = {"configure": {"notification": {"access_token": "SIM-PUSH", "url": "https://gw.example/"}}}


async def test_a_bad_token_is_refused_within_a_200(client: Client) -> None:
    for token in ("SIM-ACCESS-unknown", None):
        client.access_token = token
        answer = await client.act("User/Get")
        assert (answer.status, answer.error_code) == (200, "INVALID_TOKEN")


async def test_a_bad_token_may_be_a_401(client: Client) -> None:
    client.cloud.behaviour.actions.bad_token_answer = BadTokenAnswer.HTTP_401
    client.access_token = None
    assert (await client.act("User/Get")).status == 401


async def test_the_token_may_be_in_the_body_but_the_header_wins(client: Client) -> None:
    in_body = {"type": "Bearer", "token": client.access_token}
    client.access_token = None
    assert "user" in (await client.act("User/Get", authentication=in_body)).payload
    client.access_token = "SIM-ACCESS-unknown"
    answer = await client.act("User/Get", authentication=in_body)
    assert answer.error_code == "INVALID_TOKEN"


async def test_the_header_of_the_request_is_repeated(client: Client) -> None:
    assert (await client.act("User/Get")).body["header"] == {
        "namespace": "Uhome.User",
        "name": "Get",
        "messageId": "sim-message",
        "payloadVersion": "1",
    }


async def test_misspelt_headers_are_tolerated_and_noted(client: Client) -> None:
    client.header = {"messageID": "x", "playloadVersion": "1"}
    assert "user" in (await client.act("User/Get", surplus=1)).payload
    assert client.cloud.calls.problems == [
        "User/Get: the envelope has the unknown field surplus",
        "User/Get: the header has the unknown field messageID",
        "User/Get: the header has the unknown field playloadVersion",
    ]


async def test_strict_mode_refuses_what_is_noted(client: Client) -> None:
    client.cloud.behaviour.actions.strict = True
    assert "user" in (await client.act("User/Get")).payload
    client.header = {"messageID": "x"}
    assert (await client.act("User/Get")).error_code == "BAD-REQUEST"


@pytest.mark.parametrize(
    ("choice", "status", "payload"),
    [
        (ConfigureAnswer.EMPTY_LIST, 200, []),
        (ConfigureAnswer.EMPTY_OBJECT, 200, {}),
        (ConfigureAnswer.HTTP_500, 500, None),
    ],
)
async def test_configure_answers_a_list_or_what_it_is_told(
    client: Client, choice: ConfigureAnswer, status: int, payload: object
) -> None:
    assert client.cloud.behaviour.actions.configure_answer is ConfigureAnswer.EMPTY_LIST
    client.cloud.behaviour.actions.configure_answer = choice
    answer = await client.act("Configure/Set", PUSH)
    assert (answer.status, answer.body.get("payload")) == (status, payload)


async def test_latency_is_none_unless_asked_for(client: Client, clock: VirtualClock) -> None:
    before = clock.monotonic()
    await client.act("User/Get")
    assert clock.monotonic() == before


@pytest.mark.parametrize("action", ["Configure/Query", "Device/List", "Nothing/At all"])
async def test_an_unknown_action_is_a_server_error(client: Client, action: str) -> None:
    answer = await client.act(action)
    assert (answer.status, answer.body) == (500, {"message": "Internal server error"})


@pytest.mark.parametrize("action", ["Device/Query", "Device/Command", "Configure/Set"])
async def test_incomplete_arguments_are_a_bad_request(client: Client, action: str) -> None:
    assert (await client.act(action)).error_code == "BAD-REQUEST"


async def test_what_is_not_json_is_a_400_without_a_word(client: Client) -> None:
    answer = await client.post("/action", data="{nonsense")
    assert (answer.status, answer.body) == (400, "")


async def test_the_user_is_named_in_snake_case_unless_documented(client: Client) -> None:
    assert {"id", "first_name"} <= (await client.act("User/Get")).payload["user"].keys()
    client.cloud.behaviour.actions.user_casing = UserCasing.DOCUMENTED
    assert {"FirstName", "lastName"} <= (await client.act("User/Get")).payload["user"].keys()


@pytest.mark.usefixtures("lock")
async def test_unknown_fields_are_few_none_or_everywhere(client: Client) -> None:
    actions = client.cloud.behaviour.actions
    assert "simUndocumented" in (await client.discover())[0]
    assert "simUndocumented" not in (await client.query()).device
    actions.extra_fields = ExtraFields.NONE
    assert "simUndocumented" not in (await client.discover())[0]
    actions.extra_fields = ExtraFields.MANY
    answer = await client.query()
    every = [answer.body, answer.payload, answer.device, answer.device["states"][0]]
    assert all("simUndocumented" in place for place in every)


@pytest.mark.usefixtures("lock")
async def test_casing_is_as_observed_or_as_documented(client: Client) -> None:
    assert await client.bolt() == "Locked"
    client.cloud.behaviour.actions.casing = Casing.DOCUMENTED
    assert (await client.query()).state("st.Lock", "lockState") == "locked"
    assert (await client.command("unlock")).state("st.DeferredResponse", "seconds") == 20


async def test_query_speaks_of_many_devices_and_omits_strangers(
    client: Client, lock: SimulatedDevice
) -> None:
    client.cloud.add_device(OTHER, "Back Door")
    answer = await client.query(OTHER, "02:51:4D:FF:FF:FF", lock.device_id)
    assert [device["id"] for device in answer.payload["devices"]] == [OTHER, LOCK]


async def test_query_may_shuffle(client: Client, cloud: SimulatedCloud) -> None:
    cloud.behaviour.actions.shuffle_devices = True
    ids = [f"02:51:4D:00:02:{number:02}" for number in range(20)]
    for device_id in ids:
        cloud.add_device(device_id, "Door")
    shown = [device["id"] for device in (await client.query(*ids)).payload["devices"]]
    assert shown != ids
    assert sorted(shown) == ids


async def test_query_may_leave_one_device_out(client: Client, lock: SimulatedDevice) -> None:
    lock.behaviour.query_shape = QueryShape.OMITTED
    assert (await client.query()).payload == {"devices": []}


@pytest.mark.parametrize(
    ("shape", "key", "value"),
    [
        (QueryShape.EMPTY_STATES, "states", []),
        (QueryShape.NULL_STATES, "states", None),
        (
            QueryShape.ERROR,
            "error",
            {"code": "INTERNAL_ERROR", "message": "the device did not answer"},
        ),
    ],
)
async def test_query_may_have_nothing_to_say_of_one_device(
    client: Client, lock: SimulatedDevice, shape: QueryShape, key: str, value: object
) -> None:
    lock.behaviour.query_shape = shape
    assert (await client.query()).device == {"id": LOCK, key: value}


async def test_discovery_describes_and_tells_no_state(
    client: Client, lock: SimulatedDevice
) -> None:
    client.cloud.behaviour.actions.extra_fields = ExtraFields.NONE
    assert await client.discover() == [
        {
            "id": lock.device_id,
            "name": "Front Door",
            "category": "SmartLock",
            "handleType": "utec-lock",
            "deviceInfo": {
                "manufacturer": "U-tec",
                "model": "U-Bolt-PRO",
                "hwVersion": "02.34.0020",
            },
            "attributes": {"batteryLevelRange": {"min": 1, "max": 5, "step": 1}},
        }
    ]


async def test_discovery_may_be_odd_or_bare(client: Client, lock: SimulatedDevice) -> None:
    lock.behaviour.type_for_category = True
    lock.behaviour.bare = True
    (entry,) = await client.discover()
    assert entry["type"] == "SmartLock"
    assert not {"category", "deviceInfo", "attributes"} & entry.keys()


@pytest.mark.usefixtures("lock")
async def test_calls_are_counted_by_action_and_minute(client: Client, clock: VirtualClock) -> None:
    for _ in range(3):
        await client.query()
    await clock.advance(60)
    await client.query()
    calls = client.cloud.calls
    assert calls.by_action == {"Device/Query": 4}
    assert calls.busiest_minute("Device/Query") == 3
    calls.reset()
    assert calls.by_action == {}

"""The REST endpoints for the guests of a lock, as scripts and automations call them."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import LOCK, TOKEN, Running, World
from tests.contract.test_who_may_call import neighbour
from tests.home_assistant.core_double import core_double
from tests.steps import bearer, is_error, meanwhile, on_disk
from utec_gateway.simulator.cloud import SimulatedCloud

PLUG = "02:51:4D:00:00:09"
USERS = f"/api/locks/{LOCK}/users"
START, END = "2026-01-09T15:00:00", "2026-01-11T11:00:00"
ANNA = {"name": "Anna", "starts": START, "ends": END}
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CODE = "493817"
ENDPOINTS = [
    ("GET", USERS),
    ("POST", USERS),
    ("PATCH", f"{USERS}/1"),
    ("DELETE", f"{USERS}/1"),
    ("POST", f"{USERS}/1/code"),
]


@pytest.fixture
async def berlin(world: World) -> AsyncIterator[Running]:
    """A gateway that manages codes, next to a Home Assistant in Berlin; it is Monday, 13:00."""
    async with core_double(TOKEN) as core:
        core.time_zone = "Europe/Berlin"
        world.environment |= {"HOME_ASSISTANT_URL": core.url, "HOME_ASSISTANT_TOKEN": TOKEN}
        world.cloud.add_device(PLUG, "Plug", "switch")
        running = await world.start(manage_codes=True)
        await running.clock.advance(5)
        yield running
        await world.stop()


async def ask(
    running: Running, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = running.client.request(method, running.url + path, json=body, headers=named)
    return await meanwhile(running, running._answer(asked))


async def add(running: Running, *, key: str = "", **changed: Any) -> tuple[int, Any]:
    headers = {"Idempotency_Key": key} if key else {}
    return await ask(running, "POST", USERS, ANNA | changed, **headers)


async def made(running: Running, **changed: Any) -> str:
    """Make a guest and return the id."""
    status, body = await add(running, **changed)
    assert status == 201, body
    return str(body["user"]["id"])


async def listed(running: Running) -> list[Any]:
    status, body = await ask(running, "GET", USERS)
    assert status == 200, body
    return list(body["users"])


def stored(cloud: SimulatedCloud) -> list[dict[str, Any]]:
    """Return the users of the simulated lock beside its owner, passwords included."""
    everybody = cloud.devices[LOCK].users.everything()
    return [user for user in everybody if user["name"] != "Owner"]


def user_calls(cloud: SimulatedCloud, name: str = "") -> int:
    """Return how often anything about users was asked of U-tec."""
    calls = [one for one in cloud.calls.commands if one.capability == "st.lockUser"]
    return len([one for one in calls if name in one.name])


# List


async def test_a_lock_lists_our_guest_with_the_times_and_others_with_what_is_known(
    berlin: Running,
) -> None:
    _, answer = await add(berlin, weekdays=["sat", "fri"], opens="09:00", closes="18:30", uses=3)
    await berlin.clock.advance(10)
    status, body = await ask(berlin, "GET", USERS)
    assert status == 200
    assert body["lock"] == {"id": LOCK, "name": "Front Door"}
    assert (body["time_zone"], body["is_time_zone_assumed"]) == ("Europe/Berlin", False)
    assert datetime.fromisoformat(body["listed_at"]).utcoffset() == timedelta(0)
    assert body["problem"] is None
    anna, owner = body["users"]
    assert anna == answer["user"] | {"state": "on_lock", "waiting_since": None}
    assert owner == {
        "id": "1",
        "name": "Owner",
        "made_by_gateway": False,
        "type": 1,
        "is_temporary": False,
        "state": "on_lock",
    }
    assert (anna["made_by_gateway"], anna["name"], anna["type"]) == (True, "Anna", 2)
    assert (anna["starts"], anna["ends"], anna["uses"]) == (START, END, 3)
    assert (anna["weekdays"], anna["opens"], anna["closes"]) == (["fri", "sat"], "09:00", "18:30")


async def test_what_is_known_is_listed_with_the_problem_when_u_tec_fails(
    berlin: Running, world: World
) -> None:
    await made(berlin)
    await berlin.clock.advance(10)
    world.cloud.faults.fail("st.lockUser")
    status, body = await ask(berlin, "GET", USERS)
    assert (status, [one["name"] for one in body["users"]]) == (200, ["Anna", "Owner"])
    assert body["problem"].endswith(".")


async def test_an_id_may_be_percent_encoded_and_the_key_may_stand_in_the_path(
    berlin: Running, world: World
) -> None:
    guest = await made(berlin)
    prefix = f"/k/{on_disk(world)['api_key']}/api/locks/{quote(LOCK, safe='')}/users"
    status, body = await ask(berlin, "GET", prefix)
    assert (status, body["users"][0]["id"]) == (200, guest)
    await berlin.clock.advance(10)
    assert (await ask(berlin, "POST", f"{prefix}/{guest}/code"))[0] == 200
    assert (await ask(berlin, "PATCH", f"{prefix}/{guest}", {"uses": 2}))[0] == 200
    assert (await ask(berlin, "DELETE", f"{prefix}/{guest}"))[0] == 202


# Add


async def test_a_code_is_made_and_answered_once_and_is_what_the_lock_gets(
    berlin: Running, world: World
) -> None:
    status, body = await add(berlin)
    assert status == 201
    assert body["user"]["state"] == "waiting"
    (user,) = stored(world.cloud)
    assert (user["name"], str(user["password"])) == ("Anna", body["code"])
    assert user["daterange"] == ["2026-01-09 15:00", "2026-01-11 11:00"]
    assert user["weeks"] == [0, 1, 2, 3, 4, 5, 6]
    assert (user["timerange"], user["limit"]) == (["00:00", "23:59"], 0)


@pytest.mark.parametrize("code", [CODE, int(CODE), f" {CODE} "])
async def test_a_code_may_be_text_or_a_whole_number(
    berlin: Running, world: World, code: object
) -> None:
    status, body = await add(berlin, code=code)
    assert (status, body["code"]) == (201, CODE)
    assert stored(world.cloud)[0]["password"] == int(CODE)


@pytest.mark.parametrize(
    ("asked", "local"),
    [
        ("2026-01-09T15:00:00+01:00", "2026-01-09T15:00:00"),
        ("2026-01-09T09:00:00-05:00", "2026-01-09T15:00:00"),
        ("2026-01-09T14:00:00Z", "2026-01-09T15:00:00"),
        ("2026-01-09 15:00", "2026-01-09T15:00:00"),
        ("2026-01-09T15:00:59.999", "2026-01-09T15:00:00"),
        ("2026-01-09", "2026-01-09T00:00:00"),
    ],
)
async def test_a_time_is_the_locks_own_or_is_converted_and_a_date_is_midnight(
    berlin: Running, asked: str, local: str
) -> None:
    _, body = await add(berlin, starts=asked)
    assert body["user"]["starts"] == local


async def test_without_a_start_a_code_opens_from_now_on(berlin: Running) -> None:
    _, body = await add(berlin, starts=None, code=None, weekdays=None, uses=None)
    assert body["user"]["starts"] == "2026-01-05T13:00:00"


async def test_a_repetition_finds_the_same_guest_and_no_code(berlin: Running, world: World) -> None:
    key = '"3f1c"'
    _, first = await add(berlin, key=key, starts=None)
    await berlin.clock.advance(100)
    for again in (key, "3f1c"):
        status, body = await add(berlin, key=again, starts=None)
        assert (status, set(body), body["user"]["id"]) == (200, {"user"}, first["user"]["id"])
    status, body = await add(berlin, idempotency_key="3f1c", starts=None)
    assert (status, body["user"]["id"]) == (200, first["user"]["id"])
    assert [user["name"] for user in stored(world.cloud)] == ["Anna"]


async def test_two_requests_at_once_with_one_key_make_one_guest(
    berlin: Running, world: World
) -> None:
    body = ANNA | {"idempotency_key": "3f1c"}
    both = await meanwhile(berlin, asyncio.gather(*(berlin.post(USERS, body) for _ in "12")))
    (made_, found) = sorted(both, key=lambda answer: -answer[0])
    assert (made_[0], found[0]) == (201, 200)
    assert made_[1]["user"]["id"] == found[1]["user"]["id"]
    assert len(stored(world.cloud)) == 1


async def test_a_repetition_after_a_change_and_a_restart_finds_the_same_guest(
    berlin: Running, world: World
) -> None:
    guest = await made(berlin, key="3f1c")
    later = {"ends": "2026-01-12T11:00:00"}
    await ask(berlin, "PATCH", f"{USERS}/{guest}", later)
    await world.stop()
    again = await world.start(manage_codes=True)
    await again.clock.advance(5)
    status, body = await add(again, key="3f1c")
    assert (status, body["user"]["id"]) == (200, guest)
    assert body["user"]["ends"] == later["ends"]


@pytest.mark.parametrize("changed", [{"name": "Bob"}, {"ends": "2026-01-12"}, {"uses": 1}])
async def test_a_key_stands_for_one_guest(
    berlin: Running, world: World, changed: dict[str, Any]
) -> None:
    await add(berlin, key="3f1c")
    assert is_error(await add(berlin, key="3f1c", **changed), 422, "key_reused")
    assert len(stored(world.cloud)) == 1


async def test_a_request_whose_answer_from_u_tec_is_lost_makes_one_guest(
    berlin: Running, world: World
) -> None:
    world.cloud.faults.drop("st.lockUser/add", after_acting=True, times=1)
    status, first = await add(berlin, key="3f1c")
    assert status == 201
    assert (await add(berlin, key="3f1c"))[1]["user"]["id"] == first["user"]["id"]
    await berlin.clock.advance(100)
    assert len(stored(world.cloud)) == 1


# Change, take back, show


async def test_what_is_left_out_of_a_change_stays(berlin: Running, world: World) -> None:
    guest = await made(berlin, opens="09:00", weekdays=DAYS[:5], uses=4)
    await berlin.clock.advance(10)
    code = stored(world.cloud)[0]["password"]
    status, body = await ask(berlin, "PATCH", f"{USERS}/{guest}", {"ends": "2026-01-15"})
    assert status == 200
    user = body["user"]
    assert (user["starts"], user["ends"]) == (START, "2026-01-15T00:00:00")
    assert (user["opens"], user["weekdays"], user["uses"]) == ("09:00", DAYS[:5], 4)
    assert (user["state"], user["expires_on_lock_at"]) == ("waiting", END)
    await berlin.clock.advance(10)
    assert stored(world.cloud)[0]["daterange"][1] == "2026-01-15 00:00"
    assert stored(world.cloud)[0]["password"] == code


async def test_a_code_is_taken_back_however_often_one_asks(berlin: Running, world: World) -> None:
    guest = await made(berlin)
    await berlin.clock.advance(10)
    world.cloud.devices[LOCK].behaviour.deleted_users_linger = True
    for _ in range(2):
        status, body = await ask(berlin, "DELETE", f"{USERS}/{guest}")
        assert (status, body["user"]["state"]) == (202, "removing")
    change = await ask(berlin, "PATCH", f"{USERS}/{guest}", {"ends": "2026-01-15"})
    assert is_error(change, 409, "user_is_leaving")
    await berlin.clock.advance(100)
    assert stored(world.cloud) == []
    assert is_error(await ask(berlin, "DELETE", f"{USERS}/{guest}"), 404, "unknown_user")


async def test_a_code_is_shown_by_one_question_to_u_tec(berlin: Running, world: World) -> None:
    _, answer = await add(berlin)
    await berlin.clock.advance(10)
    before = user_calls(world.cloud)
    path = f"{USERS}/{answer['user']['id']}/code"
    assert await ask(berlin, "POST", path) == (200, {"code": answer["code"]})
    assert user_calls(world.cloud) == before + 1
    assert user_calls(world.cloud, "get") == 1


async def test_a_user_that_the_gateway_did_not_make_is_left_alone(
    berlin: Running,
) -> None:
    assert [one["id"] for one in await listed(berlin)] == ["1"]
    for method, path in ENDPOINTS[2:]:
        assert is_error(await ask(berlin, method, path, {}), 403, "not_our_user")
    assert [one["id"] for one in await listed(berlin)] == ["1"]


async def test_nobody_of_an_unknown_id_is_changed_shown_or_taken_back(berlin: Running) -> None:
    for method, path in ENDPOINTS[2:]:
        unknown = path.replace(f"{USERS}/1", f"{USERS}/nobody")
        assert is_error(await ask(berlin, method, unknown, {}), 404, "unknown_user")


# Bad input

BAD = [
    ("code", "49a817"),
    ("code", "\uff14\uff19\uff13\uff18"),
    ("code", "-49381"),
    ("code", ""),
    ("code", "493"),
    ("code", 493),
    ("code", "493817493"),
    ("code", "1234"),
    ("code", "0000"),
    ("code", 87654321),
    ("code", "049381"),
    ("code", 4938.0),
    ("code", True),
    ("code", [4938]),
    ("name", None),
    ("name", ""),
    ("name", "   "),
    ("name", "x" * 300),
    ("name", "An\x00na"),
    ("name", "\ud800"),
    ("name", 7),
    ("starts", "soon"),
    ("starts", 20260109),
    ("starts", "2026-03-29T02:30:00"),
    ("starts", "0001-01-01"),
    ("ends", None),
    ("ends", START),
    ("ends", "2026-01-09T13:59:00Z"),
    ("ends", "2026-03-29T02:30:00"),
    ("ends", "2035-01-01"),
    ("ends", "9999-12-31T23:59:59-12:00"),
    ("ends", "2026-02-30"),
    ("ends", {"dateTime": END}),
    ("weekdays", []),
    ("weekdays", ["monday"]),
    ("weekdays", "mon"),
    ("weekdays", [1]),
    ("weekdays", [["mon"]]),
    ("weekdays", ["wed"]),
    ("opens", "25:00"),
    ("opens", 9),
    ("opens", "09:00+01:00"),
    ("closes", "00:00"),
    ("closes", "noon"),
    ("uses", -1),
    ("uses", 101),
    ("uses", 1.5),
    ("uses", "3"),
    ("uses", True),
    ("idempotency_key", ""),
    ("idempotency_key", "k" * 256),
    ("idempotency_key", 7),
    ("pin", "4711"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
async def test_what_cannot_be_is_refused_by_the_name_of_its_field_and_nothing_is_sent(
    berlin: Running, world: World, field: str, value: Any
) -> None:
    before = user_calls(world.cloud)
    answer = await add(berlin, **{field: value})
    assert is_error(answer, 400, "invalid_field")
    assert answer[1]["field"] == field
    assert answer[1]["detail"].startswith(f"{field}: ")
    assert user_calls(world.cloud) == before


async def test_an_end_in_the_past_is_refused(berlin: Running) -> None:
    answer = await add(berlin, starts="2026-01-02", ends="2026-01-05T12:59:00")
    assert is_error(answer, 400, "invalid_field")
    assert (answer[1]["field"], "past" in answer[1]["detail"]) == ("ends", True)


async def test_a_name_is_used_once_on_a_lock(berlin: Running, world: World) -> None:
    await made(berlin)
    answer = await add(berlin)
    assert is_error(answer, 400, "invalid_field")
    assert answer[1]["field"] == "name"
    assert len(stored(world.cloud)) == 1


async def test_a_change_is_refused_by_the_name_of_its_field(berlin: Running, world: World) -> None:
    guest = await made(berlin)
    before = stored(world.cloud)
    bad = [("name", "Bob"), ("code", CODE), ("ends", START), ("starts", "x"), ("uses", [])]
    for field, value in bad:
        answer = await ask(berlin, "PATCH", f"{USERS}/{guest}", {field: value})
        assert is_error(answer, 400, "invalid_field")
        assert answer[1]["field"] == field
    assert stored(world.cloud) == before


@pytest.mark.parametrize("content", [b"", b"Anna", b'["Anna"]', b'{"code": 49381', b"\xff"])
async def test_what_is_no_json_object_is_refused_with_an_example(
    berlin: Running, content: bytes
) -> None:
    asked = berlin.client.post(berlin.url + USERS, data=content)
    answer = await meanwhile(berlin, berlin._answer(asked))
    assert is_error(answer, 400, "invalid_request")
    assert '"ends"' in answer[1]["detail"]


async def test_two_different_keys_are_refused(berlin: Running) -> None:
    answer = await add(berlin, key="one", idempotency_key="another")
    assert is_error(answer, 400, "invalid_field")
    assert answer[1]["field"] == "idempotency_key"


async def test_only_a_lock_has_users(berlin: Running) -> None:
    for lock, status, code in (("nobody", 404, "unknown_device"), (PLUG, 400, "invalid_request")):
        for method, path in ENDPOINTS:
            there = path.replace(LOCK, lock)
            body = ANNA if path == USERS else {}
            assert is_error(await ask(berlin, method, there, body), status, code)


async def test_a_lock_without_users_says_so_and_keeps_nobody(berlin: Running, world: World) -> None:
    world.cloud.devices[LOCK].behaviour.supports_users = False
    assert is_error(await add(berlin), 502, "utec_rejected")
    assert berlin.gateway.account.codes.of(LOCK).guests == ()


@pytest.mark.parametrize("code", ["1234", "4938171", "0493817", "49381749", "9" * 30, CODE + "x"])
async def test_a_code_that_was_sent_is_in_no_error_and_no_log(
    berlin: Running, world: World, code: str
) -> None:
    await add(berlin, code=code, name="Bob")
    for body in (
        {**ANNA, "code": code, "uses": -1},
        {**ANNA, "code": [code]},
        {**ANNA, code: "code"},
    ):
        status, answer = await ask(berlin, "POST", USERS, body)
        assert status == 400
        assert code not in json.dumps(answer)
    assert code not in (world.data_dir / "gateway.log").read_text("utf-8")


# Who may


async def test_while_codes_are_not_managed_u_tec_is_asked_nothing(world: World) -> None:
    running = await world.start()
    await running.clock.advance(5)
    for method, path in ENDPOINTS:
        assert is_error(await ask(running, method, path, ANNA), 403, "codes_not_managed")
    await running.clock.advance(7200)
    assert user_calls(world.cloud) == 0


@pytest.mark.parametrize(("method", "path"), ENDPOINTS[1:])
async def test_a_foreign_page_changes_and_shows_nothing(
    berlin: Running, world: World, method: str, path: str
) -> None:
    answer = await ask(berlin, method, path, ANNA, Origin="http://evil.test")
    assert is_error(answer, 403, "forbidden")
    assert stored(world.cloud) == []


async def test_every_answer_is_for_nobody_to_keep(berlin: Running) -> None:
    for method, path in ENDPOINTS:
        asked = berlin.client.request(method, berlin.url + path, json=ANNA)

        async def headers(request: Any = asked) -> Any:
            async with request as response:
                return response.headers

        assert (await meanwhile(berlin, headers()))["Cache-Control"] == "no-store"


async def test_a_neighbour_who_may_see_the_locks_does_not_see_or_make_guests(
    world: World, elsewhere: str
) -> None:
    trusted = [f"{elsewhere}/32"]
    world.options["manage_codes"] = True
    async with neighbour(world, elsewhere, trusted_networks=trusted) as reachable:
        await reachable.clock.advance(5)
        assert (await ask(reachable, "GET", "/api/devices"))[0] == 200
        for method, path in ENDPOINTS:
            answer = await ask(reachable, method, path, ANNA)
            assert is_error(answer, 401, "unauthorized")
        assert stored(world.cloud) == []
        status, _ = await ask(reachable, "POST", USERS, ANNA, **bearer(world))
        assert status == 201

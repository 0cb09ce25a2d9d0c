"""The verbs for the users of a lock, spoken to a real server (utec-cloud 4.6)."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from tests.utec.test_client import LOCK, client, device, meter, session, tokens
from utec_gateway.core.access_codes import Schedule
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    UtecProtocolError,
    UtecRejectedError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Operation
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import UserListShape
from utec_gateway.utec.client import UtecClient
from utec_gateway.utec.user_client import UserClient

__all__ = ["client", "meter", "session", "tokens"]

wall = datetime.fromisoformat
CODE = "481526"
WEEKEND = Schedule(wall("2031-02-03 08:00"), wall("2031-02-04 10:00"))
LATER = Schedule(wall("2031-02-03 08:00"), wall("2031-02-09 10:00"), frozenset({0, 6}), uses=3)
SCHEDULE = {
    "daterange": ["2031-02-03 08:00", "2031-02-04 10:00"],
    "weeks": [0, 1, 2, 3, 4, 5, 6],
    "timerange": ["00:00", "23:59"],
    "limit": 0,
}


class Recorder:
    """Stands between the users' client and the cloud's, and keeps what passes."""

    def __init__(self, cloud: UtecClient) -> None:
        self._cloud = cloud
        self.sent: list[tuple[Operation, Any]] = []

    def ready_in(self) -> float:
        return 7.0

    async def request(
        self,
        operation: Operation,
        name: str,
        payload: Any,
        parse: Callable[[Any], Any],
        *,
        is_urgent: bool = False,
    ) -> Any:
        assert is_urgent, "a person waits for it"
        assert name == "Device/Command"
        self.sent.append((operation, payload))
        return await self._cloud.request(operation, name, payload, parse, is_urgent=True)


@pytest.fixture
def lock(cloud: SimulatedCloud) -> SimulatedDevice:
    return cloud.add_device(LOCK, "Front Door")


@pytest.fixture
def recorder(client: UtecClient) -> Recorder:
    return Recorder(client)


@pytest.fixture
def users(recorder: Recorder, lock: SimulatedDevice) -> UserClient:  # noqa: ARG001 - it is there
    return UserClient(recorder, lambda: None)  # type: ignore[arg-type]


def command(recorder: Recorder) -> Any:
    """Return the only thing that was sent, for the lock."""
    ((_, payload),) = recorder.sent
    (addressed,) = payload["devices"]
    assert addressed["id"] == LOCK
    return addressed["command"]


async def test_a_list_is_asked_for_without_arguments(users: UserClient, recorder: Recorder) -> None:
    (owner,) = await users.list_users(device())
    assert command(recorder) == {"capability": "st.lockUser", "name": "list"}
    assert (owner.id, owner.name, owner.type, owner.is_synced) == (1, "Owner", 1, True)


async def test_an_add_has_its_arguments_inside_arguments_and_the_code_as_a_number(
    users: UserClient, recorder: Recorder, lock: SimulatedDevice
) -> None:
    await users.add_user(device(), "Anna", WEEKEND, CODE)
    assert command(recorder) == {
        "capability": "st.lockUser",
        "name": "add",
        "arguments": {"name": "Anna", "type": 2, **SCHEDULE, "password": 481526},
    }
    (added,) = [user for user in lock.users.everything() if user["name"] == "Anna"]
    assert added["password"] == 481526


async def test_an_update_sends_everything_but_the_code_and_leaves_it(
    users: UserClient, recorder: Recorder, lock: SimulatedDevice
) -> None:
    user_id = lock.users.place({"name": "Anna", "type": 2, "password": 481526, **SCHEDULE})
    await users.update_user(device(), user_id, "Anna", LATER)
    assert command(recorder)["arguments"] == {
        "id": user_id,
        "name": "Anna",
        "type": 2,
        "daterange": ["2031-02-03 08:00", "2031-02-09 10:00"],
        "weeks": [0, 1],
        "timerange": ["00:00", "23:59"],
        "limit": 3,
    }
    changed = lock.users.everything()[1]
    assert (changed["password"], changed["weeks"]) == (481526, [0, 1])


async def test_a_delete_names_the_id_as_the_cloud_gave_it(
    users: UserClient, recorder: Recorder, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_ids_are_text = True
    lock.users.place({"name": "Anna", "type": 2})
    anna = (await users.list_users(device()))[1]
    recorder.sent.clear()
    await users.delete_user(device(), anna.id)
    assert command(recorder)["arguments"] == {"id": "2"}
    assert [user["name"] for user in lock.users.everything()] == ["Owner"]


async def test_a_code_is_read_by_id(
    users: UserClient, recorder: Recorder, lock: SimulatedDevice
) -> None:
    user_id = lock.users.place({"name": "Anna", "type": 2, "password": 481526})
    found = await users.reveal_code(device(), user_id)
    assert (found.user.id, found.user.name, found.digits) == (user_id, "Anna", CODE)
    assert command(recorder) == {
        "capability": "st.lockUser",
        "name": "get",
        "arguments": {"id": user_id},
    }


async def test_custom_data_is_echoed(users: UserClient, recorder: Recorder) -> None:
    await users.list_users(device(customData={"a": 1}))
    ((_, payload),) = recorder.sent
    assert payload["devices"][0]["customData"] == {"a": 1}


async def test_each_verb_is_an_operation_of_its_own(
    users: UserClient, recorder: Recorder, lock: SimulatedDevice
) -> None:
    user_id = lock.users.place({"name": "Anna", "type": 2, "password": 481526, **SCHEDULE})
    await users.list_users(device())
    await users.reveal_code(device(), user_id)
    await users.add_user(device(), "Ben", WEEKEND, "7391")
    await users.update_user(device(), user_id, "Anna", LATER)
    await users.delete_user(device(), user_id)
    assert [operation for operation, _ in recorder.sent] == [
        Operation.LIST_USERS,
        Operation.GET_USER,
        Operation.ADD_USER,
        Operation.UPDATE_USER,
        Operation.DELETE_USER,
    ]


async def test_it_is_ready_when_the_cloud_is(users: UserClient) -> None:
    assert users.ready_in() == 7.0


def verbs(users: UserClient) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "list": lambda: users.list_users(device()),
        "get": lambda: users.reveal_code(device(), 1),
        "add": lambda: users.add_user(device(), "Anna", WEEKEND, CODE),
        "update": lambda: users.update_user(device(), 1, "Anna", WEEKEND),
        "delete": lambda: users.delete_user(device(), 2),
    }


@pytest.mark.parametrize("verb", ["list", "get", "add", "update", "delete"])
async def test_what_the_cloud_refuses_is_raised(
    users: UserClient, lock: SimulatedDevice, verb: str
) -> None:
    lock.behaviour.supports_users = False
    with pytest.raises(UtecRejectedError, match="BAD-REQUEST"):
        await verbs(users)[verb]()


@pytest.mark.parametrize("verb", ["add", "update", "delete"])
async def test_a_lock_that_is_offline_may_refuse_what_is_written(
    users: UserClient, lock: SimulatedDevice, verb: str
) -> None:
    lock.behaviour.queues_users_offline = False
    lock.go_offline()
    with pytest.raises(DeviceOfflineError):
        await verbs(users)[verb]()


@pytest.mark.parametrize("verb", ["list", "get", "add", "update", "delete"])
async def test_a_cloud_that_fails_is_raised(
    users: UserClient, cloud: SimulatedCloud, verb: str
) -> None:
    cloud.faults.fail(f"st.lockUser/{verb}")
    with pytest.raises(UtecUnavailableError):
        await verbs(users)[verb]()


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        (UserListShape.NULL, None),
        (UserListShape.MISSING, None),
        (UserListShape.WITHOUT_ID, ["Owner"]),
        (UserListShape.WITHOUT_NAME, ["Owner"]),
    ],
)
async def test_a_list_of_another_shape_gives_whom_it_names_or_is_none(
    users: UserClient, lock: SimulatedDevice, shape: UserListShape, names: list[str] | None
) -> None:
    lock.users.place({"name": "Anna", "type": 2})
    lock.behaviour.user_list_shape = shape
    if names is None:
        with pytest.raises(UtecProtocolError):
            await users.list_users(device())
    else:
        assert [user.name for user in await users.list_users(device())] == names


@pytest.mark.parametrize("kind", ["refused", "failed", "dropped", "cut off", "HTML"])
async def test_the_code_is_in_no_log_and_no_error(
    users: UserClient,
    cloud: SimulatedCloud,
    lock: SimulatedDevice,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    caplog.set_level(logging.DEBUG, "utec_gateway.utec")
    match kind:
        case "refused":
            lock.behaviour.supports_users = False
        case "failed":
            cloud.faults.fail("st.lockUser/add", body=f'{{"message": "{CODE}"}}')
        case "dropped":
            cloud.faults.drop("st.lockUser/add")
        case "cut off":
            cloud.faults.cut_off("st.lockUser/add")
        case _:
            cloud.faults.html("st.lockUser/add")
    with pytest.raises(GatewayError) as caught:
        await users.add_user(device(), "Anna", WEEKEND, CODE)
    assert CODE not in f"{caught.value!r}{caught.value.__cause__!r}{caplog.text}"


async def test_a_revealed_code_is_in_no_log(
    users: UserClient, lock: SimulatedDevice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "utec_gateway.utec")
    user_id = lock.users.place({"name": "Anna", "type": 2, "password": 481526})
    await users.reveal_code(device(), user_id)
    assert CODE not in caplog.text

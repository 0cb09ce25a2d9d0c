"""What tests of lock users have in common: a guest, and what is asked and answered."""

from typing import Any

from tests.simulator.conftest import Answer, Client

GUEST = {"name": "Guest", "type": 0, "password": 34567}
SCHEDULE = {
    "weeks": [0, 6],
    "timerange": ["00:00", "23:59"],
    "daterange": ["2031-02-03 08:00", "2031-02-04 10:00"],
    "limit": 0,
}
TEMPORARY = {**GUEST, "type": 2, **SCHEDULE}
OWNER = {"id": 1, "name": "Owner", "type": 1, "status": 1, "sync_status": 1}
GUEST_ID = 2
LISTED = {"id": GUEST_ID, "name": "Guest", "type": 0, "status": 1}


async def user(client: Client, name: str, arguments: object = None) -> Answer:
    return await client.command(name, arguments, "st.lockUser")


async def users(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await user(client, "list")).device["users"]
    return found


async def names(client: Client) -> list[str]:
    return [each["name"] for each in await users(client)]


def refused(answer: Answer) -> bool:
    return "states" not in answer.device and answer.device["error"]["code"] == "BAD-REQUEST"


def acknowledged(answer: Answer) -> bool:
    return answer.device.keys() == {"id", "states"} and [
        state["capability"] for state in answer.device["states"]
    ] == ["st.deferredResponse"]

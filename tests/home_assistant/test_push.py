"""Pushes through a webhook of a real Core: no integration, and no open port of ours."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, ClientSession
from aiohttp.hdrs import CONTENT_TYPE

from tests import programs
from tests.broker import Broker
from tests.conftest import LOCK
from tests.home_assistant.core import Core
from tests.home_assistant.core_client import Json
from tests.home_assistant.home import Home
from tests.home_assistant.supervisor_proxy import SupervisorProxy
from utec_gateway.gateway import Gateway
from utec_gateway.options.schema import LONGEST_INTERVAL
from utec_gateway.plugin_api import PushState
from utec_gateway.plugins.push.webhooks import LONGEST_PAUSE
from utec_gateway.simulator.push_delivery import Registration
from utec_gateway.simulator.states import unlock

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRONT_DOOR = "lock.front_door"
UNKNOWN_WEBHOOK = 64 * "0"
ABOUT_THE_LOCK = {"payload": {"devices": [{"id": LOCK}]}}
RUBBISH = (
    ("text/plain", json.dumps(ABOUT_THE_LOCK)),
    ("application/x-www-form-urlencoded", f"id={LOCK}"),
    ("application/json", ""),
    ("application/json", '{"payload": '),
    ("application/json", "[]"),
    ("application/json", '"unlocked"'),
    ("application/json", '{"payload": {"devices": [7, null]}}'),
    ("application/json", 9_999 * "[" + 9_999 * "]"),
)
RARELY = {
    "poll_interval_seconds": LONGEST_INTERVAL,
    "stale_after_seconds": LONGEST_INTERVAL,
}
"""Polls that no test waits for: a bolt that is seen was pushed, or the clock leapt."""


@pytest_asyncio.fixture(loop_scope="session")
async def house(reachable_core: Core, home: Home, mqtt: Broker) -> AsyncIterator[Home]:
    """A home whose Core the cloud reaches, and whose lock is on the broker of this Core."""
    assert home.core is reachable_core
    broker = {"mode": "enabled", "host": mqtt.host, "port": mqtt.port}
    home.options |= {"mqtt": broker, **RARELY}
    yield home
    await home.stop()
    await home.core.remove_all_devices()


async def start(house: Home) -> tuple[Gateway, Registration]:
    """Start, and wait until Home Assistant shows the lock and the cloud may push."""
    gateway = await house.start()
    await house.core.until(FRONT_DOOR, "locked")
    await gateway.settings.change({"push": "auto"})
    return gateway, await registered(house, gateway)


async def registered(home: Home, gateway: Gateway) -> Registration:
    """Wait until the cloud may push; return where to."""
    await until_status(gateway, PushState.REGISTERED)
    (registration,) = home.cloud.pushes.registrations
    return registration


async def until_status(gateway: Gateway, wanted: PushState) -> None:
    async def state() -> PushState:
        return gateway.hooks.push_status().state

    await programs.until(state, lambda found: found is wanted)


def webhook_of(registration: Registration) -> str:
    return registration.url.rpartition("/")[2]


async def known_webhook(home: Home, webhook_id: str) -> Json:
    """Wait until Core knows a webhook of ours."""
    return (await programs.until(home.core.webhooks, lambda known: webhook_id in known))[webhook_id]


async def unlocked_by_hand(home: Home) -> None:
    """Turn the bolt, and wait until Home Assistant shows it."""
    home.cloud.devices[LOCK].operate(unlock)
    await home.core.until(FRONT_DOOR, "unlocked")


async def answered(request: AbstractAsyncContextManager[ClientResponse]) -> int:
    async with request as answer:
        return answer.status


async def test_a_bolt_that_is_pushed_to_core_is_shown_long_before_the_next_poll(
    house: Home,
) -> None:
    gateway, registration = await start(house)
    webhook_id = webhook_of(registration)
    assert registration.url == f"{house.core.url}/api/webhook/{webhook_id}"
    webhook = await known_webhook(house, webhook_id)
    assert (webhook["allowed_methods"], webhook["local_only"]) == (["POST"], False)
    await unlocked_by_hand(house)
    (delivery,) = house.cloud.pushes.deliveries
    assert delivery.status == HTTPStatus.OK
    assert gateway.account.push_hints.record.received == 1
    assert gateway.hooks.push_status().host == "127.0.0.1"


async def test_a_gateway_that_runs_beside_home_assistant_has_a_webhook_there_too(
    reachable_core: Core, lonely_home: Home
) -> None:
    assert lonely_home.core is reachable_core
    gateway = await lonely_home.start()
    await gateway.settings.change({"push": "auto"})
    registration = await registered(lonely_home, gateway)
    assert (await known_webhook(lonely_home, webhook_of(registration)))["local_only"] is False


async def test_a_bolt_is_shown_at_the_next_poll_once_pushes_have_stopped(house: Home) -> None:
    await start(house)
    house.cloud.behaviour.pushes.pushes_left = 0
    house.cloud.devices[LOCK].operate(unlock)
    assert (await house.core.state(FRONT_DOOR))["state"] == "locked"
    house.clock.leap(LONGEST_INTERVAL)
    await house.core.until(FRONT_DOOR, "unlocked")
    assert not house.cloud.pushes.deliveries


async def test_pushes_come_through_again_when_core_has_restarted(house: Home) -> None:
    _, registration = await start(house)
    await house.core.restart()
    house.clock.leap(LONGEST_PAUSE)
    await known_webhook(house, webhook_of(registration))
    await house.core.until(FRONT_DOOR, "locked")
    await unlocked_by_hand(house)
    assert list(house.cloud.pushes.registrations) == [registration]


async def test_what_the_cloud_still_pushes_to_the_webhook_before_a_restart_of_ours_comes_through(
    house: Home,
) -> None:
    _, earlier = await start(house)
    house.options["push"] = "auto"
    await house.stop()
    await house.core.until(FRONT_DOOR, "unavailable")
    await programs.until(house.core.webhooks, lambda known: not known)
    gateway = await house.start()
    await house.core.until(FRONT_DOOR, "locked")
    await until_status(gateway, PushState.REGISTERED)
    await known_webhook(house, webhook_of(earlier))
    house.cloud.behaviour.pushes.pushes_left = 0
    house.cloud.devices[LOCK].operate(unlock)
    async with ClientSession() as client:
        assert await answered(client.post(earlier.url, json=ABOUT_THE_LOCK)) == HTTPStatus.OK
    await house.core.until(FRONT_DOOR, "unlocked")


async def test_what_is_no_push_neither_moves_anything_nor_breaks_what_pushes_come_through(
    house: Home, supervisor: SupervisorProxy, caplog: pytest.LogCaptureFixture
) -> None:
    gateway, registration = await start(house)
    connections = supervisor.requests.count("/core/websocket")
    unknown = f"{house.core.url}/api/webhook/{UNKNOWN_WEBHOOK}"
    async with ClientSession() as client:
        assert await answered(client.post(unknown, json=ABOUT_THE_LOCK)) == HTTPStatus.OK
        assert await answered(client.get(registration.url)) == HTTPStatus.METHOD_NOT_ALLOWED
        for content_type, body in RUBBISH:
            post = client.post(registration.url, data=body, headers={CONTENT_TYPE: content_type})
            assert await answered(post) == HTTPStatus.OK
    await unlocked_by_hand(house)
    assert gateway.account.push_hints.record.received == 1
    assert supervisor.requests.count("/core/websocket") == connections
    assert set(await house.core.webhooks()) == {webhook_of(registration)}
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_core_forgets_the_webhook_when_the_gateway_stops_and_no_log_names_it(
    house: Home,
) -> None:
    house.options["log_level"] = "debug"
    _, registration = await start(house)
    await unlocked_by_hand(house)
    await house.stop()
    await programs.until(house.core.webhooks, lambda known: not known)
    async with ClientSession() as client:
        assert await answered(client.post(registration.url, json=ABOUT_THE_LOCK)) == HTTPStatus.OK
    logged = (house.data_dir / "gateway.log").read_text("utf-8")
    assert "DEBUG" in logged
    for secret in (webhook_of(registration), registration.secret, "/api/webhook"):
        assert secret
        assert secret not in logged


async def test_without_an_address_nothing_is_registered_until_core_has_one(house: Home) -> None:
    await house.core.set_external_url(None)
    gateway = await house.start()
    await house.core.until(FRONT_DOOR, "locked")
    await gateway.settings.change({"push": "auto"})
    await until_status(gateway, PushState.NO_ADDRESS)
    house.cloud.devices[LOCK].operate(unlock)
    house.clock.leap(LONGEST_INTERVAL)
    await house.core.until(FRONT_DOOR, "unlocked")
    assert not house.cloud.pushes.registrations
    await house.core.set_external_url(house.core.url)
    house.clock.leap(LONGEST_INTERVAL)
    await registered(house, gateway)

"""Pushes through Home Assistant: heard over its restarts, and nothing is left behind there."""

import json
import logging
from typing import Any

import pytest

from tests.conftest import LOCK, QUIET, Running, World
from tests.home_assistant.core_double import CoreDouble
from tests.home_assistant.supervisor_proxy import SupervisorProxy
from tests.steps import DAY, HOUR, bolt, sign_in_again
from utec_gateway.plugin_api import PushState, PushStatus
from utec_gateway.plugins.push.secrets import GRACE_PERIOD
from utec_gateway.simulator.push_delivery import Registration
from utec_gateway.simulator.states import lock, unlock

MINUTE = 60
SOON = 7.0

pytestmark = pytest.mark.usefixtures("proxy")


async def started(world: World) -> Running:
    running = await world.start(**QUIET)
    await world.clock.advance(1)
    await running.gateway.settings.change({"push": "auto"})
    await world.clock.advance(20)
    return running


@pytest.fixture
async def at_home(core: CoreDouble, proxy: SupervisorProxy, world: World) -> Running:  # noqa: ARG001
    """A gateway that U-tec pushes to, through Home Assistant."""
    core.external_url = core.url
    running = await started(world)
    assert len(registrations(world)) == 1
    return running


def registrations(world: World) -> tuple[Registration, ...]:
    return tuple(world.cloud.pushes.registrations)


def status(running: Running) -> PushStatus:
    return running.gateway.hooks.push_status()


def secret_of(registration: Registration) -> str:
    return registration.url.rpartition("/")[2]


def secrets_on_disk(world: World) -> list[str]:
    found: list[str] = json.loads((world.data_dir / "plugin-push.json").read_text())["secrets"]
    return found


def log(world: World) -> str:
    return (world.data_dir / "gateway.log").read_text()


async def turn_by_hand(world: World, turn: Any = unlock) -> None:
    world.cloud.devices[LOCK].operate(turn)
    await world.clock.advance(SOON)


async def test_a_key_that_is_turned_is_seen_at_once(at_home: Running, world: World) -> None:
    await turn_by_hand(world)
    assert await bolt(at_home) == "Unlocked"
    await turn_by_hand(world, lock)
    assert await bolt(at_home) == "Locked"


async def test_the_webhook_takes_posts_from_the_internet_and_nothing_else(
    core: CoreDouble, at_home: Running, world: World
) -> None:
    (registration,) = registrations(world)
    assert core.triggers == [
        {
            "trigger": "webhook",
            "webhook_id": secret_of(registration),
            "allowed_methods": ["POST"],
            "local_only": False,
        }
    ]
    assert registration.url == f"{core.url}/api/webhook/{registration.secret}"
    assert len(secret_of(registration)) == 64
    assert status(at_home).state is PushState.REGISTERED
    assert status(at_home).host == "127.0.0.1"


async def test_home_assistant_may_restart_without_a_new_registration(
    core: CoreDouble, proxy: SupervisorProxy, at_home: Running, world: World
) -> None:
    proxy.is_core_running = False
    await core.stop()
    await world.clock.advance(10 * MINUTE)
    assert core.webhooks == []
    await core.start()
    proxy.is_core_running = True
    await world.clock.advance(2 * MINUTE)
    assert core.webhooks == [secret_of(registrations(world)[0])]
    await turn_by_hand(world)
    assert await bolt(at_home) == "Unlocked"
    assert len(registrations(world)) == 1


async def test_yesterdays_webhook_is_heard_for_ten_minutes_more(
    core: CoreDouble, at_home: Running, world: World
) -> None:
    await world.clock.advance(DAY)
    first, second = map(secret_of, registrations(world))
    assert sorted(core.webhooks) == sorted([first, second])
    world.cloud.pushes.register(registrations(world)[0].url)
    await turn_by_hand(world)
    assert await bolt(at_home) == "Unlocked"
    await world.clock.advance(GRACE_PERIOD)
    assert core.webhooks == [second]
    assert secrets_on_disk(world) == [second]


async def test_a_restart_of_ours_hears_the_old_webhook_until_ten_minutes_after_the_next(
    core: CoreDouble, world: World
) -> None:
    core.external_url = core.url
    await started(world)
    await world.stop()
    assert core.webhooks == []
    running = await world.start(**{**QUIET, "push": "auto"})
    await world.clock.advance(20)
    first, second = map(secret_of, registrations(world))
    assert sorted(core.webhooks) == sorted([first, second])
    world.cloud.pushes.register(registrations(world)[0].url)
    await turn_by_hand(world)
    assert await bolt(running) == "Unlocked"
    await world.clock.advance(GRACE_PERIOD)
    assert core.webhooks == [second]


async def test_switching_pushes_off_ends_every_webhook_and_asks_u_tec_for_nothing(
    core: CoreDouble, at_home: Running, world: World
) -> None:
    await at_home.gateway.settings.change({"push": "disabled"})
    await world.clock.advance(1)
    assert core.webhooks == []
    assert secrets_on_disk(world) == []
    assert status(at_home).state is PushState.OFF
    await world.clock.advance(2 * DAY)
    assert len(registrations(world)) == 1


async def test_nothing_is_taken_in_from_the_moment_pushes_are_off(
    at_home: Running, world: World
) -> None:
    (registration,) = registrations(world)
    posted = at_home.gateway.hooks.push_posted
    assert posted(secret_of(registration), b"{}")
    await at_home.gateway.settings.change({"push": "disabled"})
    assert not posted(secret_of(registration), b"{}")


async def test_an_address_of_ones_own_replaces_the_webhook(
    core: CoreDouble, at_home: Running, world: World
) -> None:
    await at_home.gateway.settings.change({"push_url": at_home.url})
    await world.clock.advance(1)
    assert registrations(world)[-1].url.startswith(f"{at_home.url}/push/")
    await turn_by_hand(world)
    assert await bolt(at_home) == "Unlocked"
    await world.clock.advance(GRACE_PERIOD)
    assert core.webhooks == []


async def test_without_an_address_for_the_internet_nothing_is_registered_until_there_is_one(
    core: CoreDouble, world: World
) -> None:
    running = await started(world)
    await world.clock.advance(5 * HOUR)
    assert registrations(world) == ()
    assert status(running).state is PushState.NO_ADDRESS
    assert len(core.webhooks) == 1
    core.external_url = core.url
    await world.clock.advance(HOUR)
    assert status(running).state is PushState.REGISTERED
    assert len(core.webhooks) == len(registrations(world)) == 1


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("offers_webhooks", False, "Home Assistant does not offer its webhooks"),
        ("components", [], "Home Assistant does not offer its webhooks"),
        ("state", "STARTING", "Home Assistant is still starting"),
        (
            "is_administrator",
            False,
            "Home Assistant lets only an administrator's token use webhooks",
        ),
    ],
    ids=["refused", "not set up", "starting", "no administrator"],
)
async def test_what_home_assistant_lacks_is_said_and_asked_for_again_a_few_times_an_hour(
    core: CoreDouble, world: World, name: str, value: object, problem: str
) -> None:
    core.external_url, good = core.url, getattr(core, name)
    setattr(core, name, value)
    running = await started(world)
    assert status(running).state is PushState.FAILED
    assert status(running).problem == problem
    await world.clock.advance(HOUR)
    asked = len(core.triggers)
    await world.clock.advance(HOUR)
    assert len(core.triggers) - asked <= 4
    setattr(core, name, good)
    await world.clock.advance(HOUR)
    assert status(running).state is PushState.REGISTERED
    assert len(core.webhooks) == 1


async def test_why_home_assistant_gives_no_webhook_is_said(core: CoreDouble, world: World) -> None:
    core.token = "another"
    running = await started(world)
    await world.clock.advance(2 * MINUTE)
    assert status(running).state is PushState.FAILED
    assert status(running).problem.startswith("Home Assistant refused the gateway's token")


async def test_a_short_trouble_after_a_long_one_is_over_within_a_minute(
    core: CoreDouble, world: World
) -> None:
    core.external_url, core.offers_webhooks = core.url, False
    running = await started(world)
    await world.clock.advance(5 * HOUR)
    core.offers_webhooks = True
    await world.clock.advance(HOUR)
    assert status(running).state is PushState.REGISTERED
    core.offers_webhooks = False
    await world.clock.advance(DAY - HOUR)
    while status(running).state is not PushState.FAILED:
        await world.clock.advance(5)
    core.offers_webhooks = True
    await world.clock.advance(3 * MINUTE)
    assert status(running).state is PushState.REGISTERED


async def test_a_refused_registration_is_tried_again_with_the_same_secret_and_one_webhook(
    core: CoreDouble, world: World
) -> None:
    core.external_url = core.url
    running = await world.start(**{**QUIET, "push": "auto"}, sign_in=False)
    await world.clock.advance(5 * HOUR)
    assert status(running).state is PushState.FAILED
    assert len(core.webhooks) == 1
    assert len({trigger["webhook_id"] for trigger in core.triggers}) == 1
    await sign_in_again(world, running)
    await world.clock.advance(MINUTE)
    assert status(running).state is PushState.REGISTERED
    assert [secret_of(one) for one in registrations(world)] == core.webhooks


async def test_signing_in_again_registers_anew_since_the_account_may_be_another(
    at_home: Running, world: World
) -> None:
    await sign_in_again(world, at_home)
    await world.clock.advance(MINUTE)
    assert len(registrations(world)) == 2
    world.cloud.revoke_everything()
    await world.clock.advance(DAY)
    assert not at_home.gateway.account.tokens.is_usable
    world.cloud.accept_grants()
    await sign_in_again(world, at_home)
    await world.clock.advance(MINUTE)
    assert len(registrations(world)) == 3


async def test_a_post_without_json_wakes_nobody(
    core: CoreDouble, at_home: Running, world: World
) -> None:
    (registration,) = registrations(world)
    before = at_home.gateway.account.push_hints.record
    async with at_home.client.post(registration.url, data=b"{}") as answer:
        assert answer.status == 200
    odd_ones: tuple[Any, ...] = (None, [], "text", 5, {"payload": None})
    for odd in odd_ones:
        async with at_home.client.post(registration.url, json=odd) as answer:
            assert answer.status == 200
    await world.clock.advance(SOON)
    assert at_home.gateway.account.push_hints.record == before
    assert core.webhooks == [secret_of(registration)]


async def test_the_log_has_neither_secret_nor_address(at_home: Running, world: World) -> None:
    await at_home.gateway.settings.change({"log_level": "debug"})
    await world.clock.advance(3 * DAY)
    await turn_by_hand(world)
    assert len(registrations(world)) == 4
    for registration in registrations(world):
        assert secret_of(registration) not in log(world)
    assert "/api/webhook" not in log(world)


async def test_secrets_are_struck_out_wherever_they_stand_those_of_the_last_run_too(
    core: CoreDouble, world: World
) -> None:
    core.external_url = core.url
    await started(world)
    await world.stop()
    await started(world)
    first, second = map(secret_of, registrations(world))
    logging.getLogger("utec_gateway").warning("Core says: %s, %s", first, second)
    log = (world.data_dir / "gateway.log").read_text()
    assert "Core says: " in log
    assert first not in log
    assert second not in log


class TestHomeAssistantCloud:
    """Its addresses outlive every connection, so they are deleted."""

    @pytest.fixture
    async def core(self, core: CoreDouble) -> CoreDouble:
        core.is_cloud_set_up = core.is_logged_in_at_cloud = True
        return core

    async def test_its_address_is_registered_and_pushed_to(
        self, core: CoreDouble, world: World
    ) -> None:
        running = await started(world)
        (registration,) = registrations(world)
        assert core.cloudhooks == {secret_of(registration): registration.url}
        await turn_by_hand(world)
        assert await bolt(running) == "Unlocked"

    async def test_one_address_is_left_after_a_week(self, core: CoreDouble, world: World) -> None:
        await started(world)
        await world.clock.advance(7 * DAY + GRACE_PERIOD)
        assert list(core.cloudhooks) == [secret_of(registrations(world)[-1])]
        assert len(registrations(world)) == 8

    async def test_a_restart_of_home_assistant_finds_the_address_that_is_there(
        self, core: CoreDouble, world: World
    ) -> None:
        await started(world)
        await core.hang_up()
        await world.clock.advance(2 * MINUTE)
        assert core.webhooks == list(core.cloudhooks) == [secret_of(registrations(world)[0])]

    async def test_addresses_of_runs_before_are_deleted(
        self, core: CoreDouble, world: World
    ) -> None:
        await started(world)
        for _ in range(5):
            await world.stop()
            await world.start(**{**QUIET, "push": "auto"})
            await world.clock.advance(20)
        assert len(core.cloudhooks) > 1
        await world.clock.advance(GRACE_PERIOD)
        assert list(core.cloudhooks) == [secret_of(registrations(world)[-1])]

    async def test_an_address_that_cannot_be_deleted_now_is_deleted_later(
        self, core: CoreDouble, world: World
    ) -> None:
        running = await started(world)
        core.is_cloud_connected = False
        await running.gateway.settings.change({"push": "disabled"})
        await world.clock.advance(HOUR)
        assert len(core.cloudhooks) == 1
        assert core.webhooks == []
        core.is_cloud_connected = True
        await world.clock.advance(HOUR)
        assert core.cloudhooks == {}
        assert secrets_on_disk(world) == []

    async def test_a_cloud_that_gives_no_address_leaves_the_one_of_home_assistant(
        self, core: CoreDouble, world: World
    ) -> None:
        core.is_cloud_connected, core.external_url = False, core.url
        running = await started(world)
        assert status(running).state is PushState.REGISTERED
        assert core.cloudhooks == {}

    async def test_a_cloud_that_is_not_connected_yet_is_asked_again_soon(
        self, core: CoreDouble, world: World
    ) -> None:
        core.is_cloud_connected = False
        running = await started(world)
        assert status(running).state is PushState.FAILED
        assert status(running).problem == "Home Assistant Cloud gives no address"
        core.is_cloud_connected = True
        await world.clock.advance(MINUTE)
        assert status(running).state is PushState.REGISTERED

    async def test_an_address_is_not_forgotten_while_home_assistant_starts(
        self, core: CoreDouble, world: World
    ) -> None:
        running = await started(world)
        core.state, core.is_cloud_set_up = "NOT_RUNNING", False
        await running.gateway.settings.change({"push": "disabled"})
        await world.clock.advance(HOUR)
        core.state, core.is_cloud_set_up = "RUNNING", True
        assert len(core.cloudhooks) == 1
        await world.clock.advance(HOUR)
        assert core.cloudhooks == {}

    async def test_who_is_not_logged_in_has_no_address_there(
        self, core: CoreDouble, world: World
    ) -> None:
        core.is_logged_in_at_cloud = False
        running = await started(world)
        assert status(running).state is PushState.NO_ADDRESS

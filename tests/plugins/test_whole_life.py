"""Every hook over one whole life of a gateway, as somebody's own plugin hears it."""

import asyncio
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from tests.conftest import LOCK, Running, World
from tests.guests import invite
from tests.plugins.installing import folder_of, install
from tests.steps import command
from utec_gateway.plugin_api import GatewayHooks, PushState
from utec_gateway.simulator.states import LockState

RECORDER = """
from pathlib import Path

from utec_gateway.plugin_api import hookimpl

HEARD = Path(__file__).with_suffix(".heard")


def hear(*words):
    with HEARD.open("a") as heard:
        print(*words, file=heard)


def names(added, changed, removed, field):
    for sign, values in (("+", added), ("~", changed), ("-", removed)):
        yield from (sign + getattr(value, field) for value in values)


class Recorder:
    @hookimpl
    def gateway_token_refresher(self):
        hear("gateway_token_refresher")

    @hookimpl
    def gateway_retry_policy(self, operation):
        hear("gateway_retry_policy", operation)

    @hookimpl
    async def gateway_notify(self, notification):
        hear("gateway_notify", notification.id, "news" if notification.is_new else "again")

    @hookimpl
    async def gateway_dismiss(self, notification_id, title):
        hear("gateway_dismiss", notification_id)

    @hookimpl
    async def gateway_lock_changed(self, lock, previous):
        hear("gateway_lock_changed", lock.name, previous.reported_state, lock.reported_state)

    @hookimpl
    async def gateway_devices_changed(self, added, changed, removed):
        hear("gateway_devices_changed", *names(added, changed, removed, "name"))

    @hookimpl
    async def gateway_activity(self, activity):
        hear("gateway_activity", activity.device.name, activity.kind)

    @hookimpl
    def gateway_broker_status(self):
        hear("gateway_broker_status")

    @hookimpl
    async def gateway_test_broker(self):
        hear("gateway_test_broker")

    @hookimpl
    def gateway_push_status(self):
        hear("gateway_push_status")

    @hookimpl
    def gateway_push_posted(self, secret, body):
        hear("gateway_push_posted", secret, body)

    @hookimpl
    async def gateway_codes_changed(self, added, changed, removed):
        devices = ([one.device for one in codes] for codes in (added, changed, removed))
        hear("gateway_codes_changed", *names(*devices, "name"))

    @hookimpl
    async def gateway_code_event(self, event):
        hear("gateway_code_event", event.kind, event.name, event.device.name)

    @hookimpl
    async def gateway_issues_changed(self, added, changed, removed):
        hear("gateway_issues_changed", *names(added, changed, removed, "key"))

    @hookimpl
    async def gateway_sign_in_changed(self, sign_in):
        hear("gateway_sign_in_changed", sign_in.issued_at, sign_in.reauth_required)

    @hookimpl
    async def gateway_started(self):
        hear("gateway_started")

    @hookimpl
    async def gateway_stopping(self):
        hear("gateway_stopping")


def create(context):
    return Recorder()
"""


POLICY, REFRESHER, CHANGED = "retry_policy", "token_refresher", "lock_changed"
DEVICES, ISSUES, SIGN_IN = "devices_changed", "issues_changed", "sign_in_changed"


class Diary:
    """What the recorder heard; the same thing several times in a row counts once.

    How often a policy is asked for depends on how many notifiers and confirming queries there are;
    how often the broker's state is, on how many look at it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.hooks: set[str] = set()

    def page(self) -> list[str]:
        """Return what was heard since the last page, without the prefix of every hook."""
        lines = self._path.read_text().splitlines()
        self._path.write_text("")
        self.hooks |= {line.split()[0] for line in lines}
        told = (line for line in lines if line != "gateway_broker_status")
        return [line.removeprefix("gateway_") for line, _ in groupby(told)]


@pytest.fixture
def diary(world: World) -> Diary:
    install(world, "recorder.py", RECORDER)
    return Diary(folder_of(world) / "recorder.heard")


async def sign_in(world: World, running: Running) -> None:
    await running.gateway.account.sign_in.by_code(
        world.cloud.issue_code(world.options["redirect_uri"])
    )
    await world.clock.settle()


async def test_every_hook_fires_in_its_turn_over_one_whole_life(world: World, diary: Diary) -> None:
    world.cloud.behaviour.commands.effect_delay = 0.5
    running = await world.start(sign_in=False, poll_interval_seconds=30)
    assert diary.page() == [f"{ISSUES} +setup_required", "started"]

    await sign_in(world, running)
    page = diary.page()
    assert page[:7] == [
        REFRESHER,
        f"{POLICY} exchange_code",
        f"{SIGN_IN} 2026-01-05 12:00:00+00:00 False",
        f"{ISSUES} -setup_required",
        f"{POLICY} discovery",
        f"{POLICY} query",
        f"{DEVICES} +Front Door +Back Door",
    ]
    # one query, three hooks: each in its own turn, in whatever order these are
    assert sorted(page[7:]) == [
        f"{DEVICES} ~Front Door ~Back Door",
        f"{CHANGED} Back Door unknown locked",
        f"{CHANGED} Front Door unknown locked",
    ]

    world.cloud.devices[LOCK].operate(lambda states: replace(states, lock_state=LockState.UNLOCKED))
    await world.clock.advance(31)
    assert diary.page() == [
        f"{POLICY} query",
        f"{DEVICES} ~Front Door",
        "activity Front Door unlocked",
        f"{CHANGED} Front Door locked unlocked",
    ]

    assert (await command(running, "lock")).body["status"] == "ok"
    assert diary.page() == [
        f"{POLICY} lock",
        f"{DEVICES} ~Front Door",
        f"{POLICY} query",
        f"{DEVICES} ~Front Door",
        f"{CHANGED} Front Door unlocked locked",
        "activity Front Door locked",
    ]

    world.cloud.behaviour.oauth.refuse_grants = True
    await running.post("/api/oauth/refresh")
    await world.clock.settle()
    assert diary.page() == [
        REFRESHER,
        f"{POLICY} refresh_token",
        f"{SIGN_IN} 2026-01-05 12:00:00+00:00 True",
        f"{ISSUES} +reauth_required",
        "notify reauth_required news",
    ]

    world.cloud.behaviour.oauth.refuse_grants = False
    world.cloud.faults.hang("Device/Discovery", times=1)  # so that the all-clear is first
    await sign_in(world, running)
    assert diary.page() == [
        REFRESHER,
        f"{POLICY} exchange_code",
        f"{SIGN_IN} 2026-01-05 12:00:32+00:00 False",
        f"{POLICY} discovery",
        f"{ISSUES} -reauth_required",
        "dismiss reauth_required",
    ]
    await world.clock.advance(25)
    assert diary.page() == [f"{POLICY} query"]

    await running.post("/api/oauth/refresh")
    assert diary.page() == [
        REFRESHER,
        f"{POLICY} refresh_token",
        f"{SIGN_IN} 2026-01-05 12:00:57+00:00 False",
    ]

    asked = asyncio.create_task(running.gateway.hooks.test_broker())
    await world.clock.advance(5)  # the built-in plugin looks for a broker, and there is none
    assert diary.page()[0] == "test_broker"
    assert (await asked)["recorder.py"].delivered is None

    await running.gateway.settings.change({"manage_codes": True})
    await invite(running, "Anna")
    await world.clock.advance(10)
    told = [line for line in diary.page() if line.startswith("code")]
    assert told[0] == "codes_changed +Front Door +Back Door"
    assert "code_event code_on_lock Anna Front Door" in told
    assert told[-1] == "codes_changed ~Front Door"

    assert (await running.post("/push/guessed", {}))[0] == 404
    assert running.gateway.hooks.push_status().state is PushState.OFF
    assert diary.page() == ["push_posted guessed b'{}'", "push_status"]

    await world.stop()
    assert diary.page() == ["stopping"]
    assert diary.hooks == {name for name in vars(GatewayHooks) if name.startswith("gateway_")}

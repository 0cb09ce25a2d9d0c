"""Another account is another picture, at once; a list without devices is believed in time."""

import asyncio

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import (
    DISCOVERY,
    HOUR,
    back_to_normal,
    bolt,
    device_names,
    health,
    health_of,
    is_error,
    lock_state,
    meanwhile,
    on_disk,
    open_notifications,
)
from tests.web.panel.asking import page, words
from utec_gateway.simulator import token_endpoint
from utec_gateway.simulator.cloud import SimulatedCloud

THEIRS = "02:51:4D:00:00:99"
NOTHING_SELECTED = "No device is selected in the Xthings Home app"


@pytest.fixture
def _either_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cloud take any client, as if each were of an account of its own."""
    monkeypatch.setattr(token_endpoint, "check_client", lambda *_args, **_more: None)


pytestmark = pytest.mark.usefixtures("_either_client")


@pytest.fixture
async def busy(running: Running, cloud: SimulatedCloud) -> Running:
    """A gateway that has told people of an empty battery, and remembers it."""
    cloud.devices[LOCK].behaviour.battery_stuck_at = 1
    await running.clock.advance(300)
    (only,) = open_notifications(running)
    assert only.startswith("battery_low")
    return running


def move_house(cloud: SimulatedCloud) -> None:
    """Let the account be another one, with other devices."""
    cloud.devices.clear()
    cloud.add_device(THEIRS, "Their Door")


async def sign_in(running: Running, cloud: SimulatedCloud) -> None:
    """Sign in with whatever the options say."""
    options = running.gateway.settings.options
    body = {"code": cloud.issue_code(options.redirect_uri)}
    status, answer = await meanwhile(running, running.post("/api/oauth/exchange", body))
    assert status == 200, answer


async def other_credentials(running: Running, cloud: SimulatedCloud) -> None:
    """Let the same cloud know us by another client id."""
    await running.gateway.settings.change({"client_id": "another-client"})
    await sign_in(running, cloud)


def assert_forgotten(running: Running, world: World) -> None:
    """Assert that nothing of the old account is left anywhere."""
    assert [device.id for device in running.gateway.account.cache.devices] == [THEIRS]
    assert [entry["id"] for entry in on_disk(world, "devices.json")["devices"]] == [THEIRS]
    assert open_notifications(running) == []
    assert on_disk(world, "batteries.json")["low_since"] == {}
    assert running.gateway.account.commands.last(LOCK) is None


async def test_another_account_starts_a_new_picture_with_the_first_list(
    busy: Running, world: World, cloud: SimulatedCloud
) -> None:
    await meanwhile(busy, busy.post("/api/unlock", {"id": LOCK}))
    move_house(cloud)
    await sign_in(busy, cloud)
    await busy.clock.advance(5)
    assert await device_names(busy) == ["Their Door"]
    assert await bolt(busy, THEIRS) == "Locked"
    assert_forgotten(busy, world)


async def test_a_list_that_shares_nothing_is_believed_without_a_sign_in(
    busy: Running, world: World, cloud: SimulatedCloud
) -> None:
    move_house(cloud)
    await busy.clock.advance(HOUR + 60)
    assert_forgotten(busy, world)


async def test_a_list_that_shares_one_device_is_the_same_account(
    running: Running, cloud: SimulatedCloud
) -> None:
    del cloud.devices[OTHER_LOCK]
    cloud.add_device(THEIRS, "New Door")
    await running.post("/api/devices/refresh")
    assert await device_names(running) == ["Front Door", "Back Door", "New Door"]


async def test_other_credentials_start_a_new_picture_before_anything_is_asked(
    busy: Running, world: World, cloud: SimulatedCloud
) -> None:
    await busy.gateway.account.poller.discover()
    cloud.add_device(THEIRS, "Their Door")
    del cloud.devices[LOCK], cloud.devices[OTHER_LOCK]
    cloud.faults.fail("/action")
    await other_credentials(busy, cloud)
    await busy.clock.settle()
    assert busy.gateway.account.cache.devices == ()
    assert on_disk(world, "devices.json")["devices"] == []
    assert open_notifications(busy) == []
    cloud.faults.clear()
    await busy.clock.advance(60)
    assert_forgotten(busy, world)


async def test_other_credentials_for_the_same_locks_show_only_fresh_readings(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.actions.latency = 1.0
    await other_credentials(running, cloud)
    status, body = await meanwhile(running, running.get("/api/status/latest"))
    assert (status, lock_state(body), health_of(body)) == (200, "Locked", "Online")
    assert running.gateway.account.cache.find(LOCK).offline_readings == 0


async def test_the_same_credentials_keep_the_picture(busy: Running, cloud: SimulatedCloud) -> None:
    cloud.faults.fail("/action")
    await sign_in(busy, cloud)
    await busy.clock.settle()
    assert await bolt(busy) == "Locked"
    assert len(open_notifications(busy)) == 1


@pytest.mark.usefixtures("busy")
async def test_a_sign_in_with_other_credentials_after_a_restart_is_noticed_too(
    world: World, cloud: SimulatedCloud
) -> None:
    await world.stop()
    world.options["client_id"] = "another-client"
    again = await world.start()
    assert on_disk(world, "devices.json")["devices"] != []
    cloud.faults.fail("/action")
    await sign_in(again, cloud)
    await again.clock.settle()
    assert again.gateway.account.cache.devices == ()
    await world.stop()
    assert on_disk(world, "devices.json")["devices"] == []


async def test_a_list_that_was_asked_for_the_old_account_does_not_spoil_the_new_picture(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.actions.latency = 3.0
    old = asyncio.ensure_future(running.post("/api/devices/refresh"))
    await running.clock.advance(2.5)
    await other_credentials(running, cloud)
    move_house(cloud)
    await running.clock.advance(0.5)
    status, body = await meanwhile(running, running.get("/api/devices"))
    assert (status, [entry["id"] for entry in body["payload"]["devices"]]) == (200, [THEIRS])
    await meanwhile(running, old)


async def test_a_command_under_way_ends_with_its_account(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.commands.ignore_next = 1
    asked = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await running.clock.advance(3)
    move_house(cloud)
    await running.post("/api/devices/refresh")
    assert is_error(await meanwhile(running, asked), 404, "unknown_device")
    await running.clock.advance(120)
    assert open_notifications(running) == []


def untick(cloud: SimulatedCloud, *, ticked: bool = False) -> None:
    for device in cloud.devices.values():
        device.behaviour.ticked = ticked


@pytest.fixture
async def unticked(busy: Running, cloud: SimulatedCloud) -> Running:
    """A gateway whose owner has just unticked every device."""
    untick(cloud)
    return busy


async def test_an_empty_list_that_lasts_for_six_hours_is_believed(
    unticked: Running, world: World
) -> None:
    await unticked.clock.advance(5.5 * HOUR)
    assert await device_names(unticked) == ["Front Door", "Back Door"]
    assert NOTHING_SELECTED not in words((await page(unticked))[1])
    await unticked.clock.advance(1.5 * HOUR)
    assert await device_names(unticked) == []
    assert (
        on_disk(world, "devices.json")["devices"],
        on_disk(world, "batteries.json")["low_since"],
    ) == ([], {})
    assert open_notifications(unticked) == []


async def test_it_is_said_plainly_and_not_as_an_outage(unticked: Running, world: World) -> None:
    await unticked.clock.advance(2 * HOUR)
    _, body = await unticked.get("/health")
    assert body["health"] == "degraded"
    (trouble,) = body["troubles"]
    assert "U-tec has listed no device since" in trouble
    assert "U-tec has listed no device since" in words((await page(unticked))[1])
    assert "utec_unreachable" not in open_notifications(unticked)
    await unticked.clock.advance(5 * HOUR)
    _, body = await unticked.get("/health")
    (trouble,) = body["troubles"]
    assert NOTHING_SELECTED in trouble
    assert "select your locks" in trouble
    text = words((await page(unticked))[1])
    assert NOTHING_SELECTED in text
    assert "internet connection" not in text
    log = (world.data_dir / "gateway.log").read_text()
    assert log.count(NOTHING_SELECTED) == 1
    assert "internet connection" not in log


async def test_after_a_restart_no_ghost_comes_back(unticked: Running, world: World) -> None:
    await unticked.clock.advance(7 * HOUR)
    await world.stop()
    again = await world.start()
    assert await device_names(again) == []
    assert NOTHING_SELECTED in words((await page(again))[1])


async def test_ticking_them_again_brings_them_back_within_five_minutes(
    unticked: Running, cloud: SimulatedCloud
) -> None:
    await unticked.clock.advance(7 * HOUR)
    cloud.devices[LOCK].behaviour.battery_stuck_at = None
    untick(cloud, ticked=True)
    await back_to_normal(unticked, 330)


async def test_an_outage_confirms_no_empty_list(running: Running, cloud: SimulatedCloud) -> None:
    cloud.behaviour.actions.discovery_glitches = 1
    await running.post("/api/devices/refresh")
    cloud.faults.fail("/action")
    await running.clock.advance(7 * HOUR)
    assert await device_names(running) == ["Front Door", "Back Door"]
    (trouble,) = (await running.get("/health"))[1]["troubles"]
    assert "no news of your locks" in trouble
    assert "utec_unreachable" in open_notifications(running)
    cloud.faults.clear()
    await back_to_normal(running)


async def test_a_single_empty_list_changes_nothing_and_is_over_soon(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.actions.discovery_glitches = 1
    await running.post("/api/devices/refresh")
    assert await device_names(running) == ["Front Door", "Back Door"]
    assert await bolt(running) == "Locked"
    assert await health(running) == "degraded"
    await back_to_normal(running, 330)


async def test_an_account_without_a_ticked_device_is_told_so_at_once(
    world: World, cloud: SimulatedCloud
) -> None:
    untick(cloud)
    running = await world.start()
    assert NOTHING_SELECTED in words((await page(running))[1])
    cloud.calls.reset()
    await running.clock.advance(HOUR)
    assert 10 <= cloud.calls.by_action[DISCOVERY] <= 13
    untick(cloud, ticked=True)
    await back_to_normal(running, 330)

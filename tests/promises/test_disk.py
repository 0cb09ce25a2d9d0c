"""A disk that is full, read-only or broken: the sign-in is not gambled with."""

import asyncio
import errno
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SLOW, World
from tests.steps import (
    DAY,
    HOUR,
    REFRESH,
    assert_signed_in,
    back_to_normal,
    bolt,
    command,
    health,
    meanwhile,
    on_disk,
    open_notifications,
    refresh,
    refreshes,
    sign_in_again,
)
from utec_gateway.core.files import write_atomic
from utec_gateway.simulator.enums import Rotation

TORN = b'{"version": 1, "api_k'


@dataclass
class Disk:
    """Does the gateway's disk work; while `error` is set, writing the state fails with it."""

    folder: Path
    error: int | None = None

    async def __call__(self, function: Callable[..., Any], *args: Any) -> Any:
        if self.error and function is write_atomic and args[0].name == "state.json":
            if self.error == errno.ENOSPC:  # a full disk takes the beginning of a file
                (self.folder / "state.json.new").write_bytes(TORN)
            raise OSError(self.error, os.strerror(self.error))
        return function(*args)


@pytest.fixture
def disk(world: World) -> Disk:
    """The disk of every gateway that the world starts."""
    world.executor = disk = Disk(world.data_dir)
    return disk


EVIL = pytest.mark.parametrize(
    "error", [errno.ENOSPC, errno.EROFS, errno.EIO], ids=["full", "read-only", "broken"]
)


@EVIL
async def test_no_renewal_is_gambled_on_while_the_token_still_works(
    error: int, world: World, disk: Disk
) -> None:
    world.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    running = await world.start(**SLOW)
    before = on_disk(world)
    disk.error = error
    assert (await refresh(running))[0] == 502
    await world.clock.advance(DAY + HOUR)
    assert refreshes(world.cloud) == 0
    assert on_disk(world) == before
    assert await health(running) == "degraded"
    assert "reauth_required" not in open_notifications(running)
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert (await command(running, "lock"))[1]["status"] == "ok"
    disk.error = None
    await back_to_normal(running)
    assert refreshes(world.cloud) == 1
    assert on_disk(world)["token"] != before["token"]


@EVIL
async def test_an_expired_token_is_renewed_all_the_same_and_used_from_memory(
    error: int, world: World, disk: Disk
) -> None:
    world.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    running = await world.start(**SLOW)
    old = on_disk(world)["token"]
    disk.error = error
    world.clock.jump(timedelta(days=8))
    await world.clock.advance(700)
    assert refreshes(world.cloud) == 1
    assert_signed_in(running)
    assert await bolt(running) == "Locked"
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert on_disk(world)["token"] == old
    assert await health(running) == "degraded"
    disk.error = None
    await world.clock.advance(90)
    token = running.gateway.account.tokens.token
    assert token
    assert on_disk(world)["token"]["refresh_token"] == token.refresh_token
    assert await health(running) == "healthy"
    await world.stop()
    running = await world.start(sign_in=False, **SLOW)
    assert (await refresh(running))[0] == 200


@EVIL
async def test_a_disk_that_fails_during_a_renewal_costs_nothing_once_it_heals(
    error: int, world: World, disk: Disk
) -> None:
    world.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    running = await world.start(**SLOW)
    world.cloud.faults.hang(REFRESH, times=1)
    renewal = asyncio.ensure_future(running.post("/api/oauth/refresh"))
    await world.clock.settle()
    disk.error = error
    world.cloud.faults.release()
    assert (await meanwhile(running, renewal))[0] == 200
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    disk.error = None
    await world.clock.advance(90)
    await world.stop()
    running = await world.start(sign_in=False, **SLOW)
    assert (await refresh(running))[0] == 200


async def test_a_token_that_u_tec_refuses_is_renewed_even_onto_a_full_disk(
    world: World, disk: Disk
) -> None:
    """By its date it has days left, but it works no more: there is nothing left to protect."""
    running = await world.start(**SLOW)
    disk.error = errno.ENOSPC
    world.cloud.expire_access_tokens()
    await world.clock.advance(700)
    assert refreshes(world.cloud) == 1
    assert await bolt(running) == "Locked"


async def test_a_sign_in_onto_a_full_disk_works_and_is_saved_when_there_is_room(
    world: World, disk: Disk
) -> None:
    running = await world.start(sign_in=False, **SLOW)
    disk.error = errno.ENOSPC
    assert (await sign_in_again(world, running))[0] == 200
    await world.clock.advance(60)
    assert await bolt(running) == "Locked"
    disk.error = None
    await world.clock.advance(90)
    await world.stop()
    running = await world.start(sign_in=False, **SLOW)
    assert_signed_in(running)


async def test_saving_is_tried_again_by_itself_and_not_all_the_time(
    world: World, disk: Disk
) -> None:
    running = await world.start(**SLOW)
    disk.error = errno.ENOSPC
    await refresh(running)
    await world.clock.advance(HOUR)
    log = (world.data_dir / "gateway.log").read_text()
    complaints = log.count("The state cannot be saved")
    assert 10 <= complaints <= 120
    disk.error = None
    await world.clock.advance(61)
    assert running.gateway.store.problem is None


async def test_a_folder_in_the_files_way_is_survived_like_a_full_disk(world: World) -> None:
    """No stand-in here: the real write fails, for root too."""
    running = await world.start(**SLOW)
    (world.data_dir / "state.json.new").mkdir()
    await world.clock.advance(DAY + HOUR)
    assert refreshes(world.cloud) == 0
    assert_signed_in(running)
    (world.data_dir / "state.json.new").rmdir()
    await back_to_normal(running)
    assert refreshes(world.cloud) == 1


DAMAGES = [TORN, b"", b"\x00" * 4096, b"[]", b'{"api_key": 5}', b"null", b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage[:12])
async def test_a_torn_state_file_costs_no_sign_in_while_the_older_one_is_whole(
    damage: bytes, world: World
) -> None:
    running = await world.start(**SLOW)
    await refresh(running)
    await world.clock.advance(60)
    await world.stop()
    key = on_disk(world)["api_key"]
    (world.data_dir / "state.json").write_bytes(damage)
    running = await world.start(sign_in=False, **SLOW)
    await world.clock.advance(60)
    assert_signed_in(running)
    assert await bolt(running) == "Locked"
    assert open_notifications(running) == ["state_recovered"]
    assert (await refresh(running))[0] == 200
    assert open_notifications(running) == []
    assert on_disk(world)["api_key"] == key
    (aside,) = world.data_dir.glob("state.json.damaged-20260105-*")
    assert aside.read_bytes() == damage


async def test_two_torn_state_files_are_kept_and_told_of_and_a_sign_in_is_asked_for(
    world: World,
) -> None:
    running = await world.start(**SLOW)
    await refresh(running)
    await world.stop()
    for name in ("state.json", "state.previous.json"):
        (world.data_dir / name).write_bytes(TORN)
    running = await world.start(sign_in=False, **SLOW)
    assert await health(running) in {"setup_required", "reauth_required"}
    assert "state_recovered" in open_notifications(running)
    aside = list(world.data_dir.glob("*.damaged-20260105-*"))
    assert [path.read_bytes() for path in aside] == [TORN, TORN]
    log = (world.data_dir / "gateway.log").read_text()
    assert re.search(" (WARNING|ERROR) .*state file.* sign in again", log)
    assert (await sign_in_again(world, running))[0] == 200
    await world.clock.advance(60)
    assert await bolt(running) == "Locked"
    assert json.loads((world.data_dir / "state.json").read_bytes())["token"]


async def test_a_state_file_torn_under_a_running_gateway_is_whole_again_after_a_renewal(
    world: World,
) -> None:
    running = await world.start(**SLOW)
    (world.data_dir / "state.json").write_bytes(TORN)
    assert (await refresh(running))[0] == 200
    await world.stop()
    running = await world.start(sign_in=False, **SLOW)
    assert (await refresh(running))[0] == 200
    assert list(world.data_dir.glob("*.damaged-*")) == []


async def test_a_half_written_file_left_by_a_power_cut_is_no_hindrance(world: World) -> None:
    await world.start(**SLOW)
    await world.stop()
    (world.data_dir / "state.json.new").write_bytes(TORN)
    running = await world.start(sign_in=False, **SLOW)
    assert (await refresh(running))[0] == 200
    assert on_disk(world)["token"]

"""Wrong keys: counted everywhere, told once a minute, and never the owner's trouble."""

import json
from ipaddress import ip_address

import pytest

from tests.conftest import Running, World
from tests.steps import bearer, is_error, on_disk
from tests.web.panel.asking import page
from utec_gateway.journal.entry import Kind
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.web.key_limiter import KeyLimiter

WRONG = {"Authorization": "Bearer not-the-key"}
GUESSES = {
    "in a header": ("/api/devices", WRONG),
    "in the address": ("/k/guess/api/devices", {}),
    "at the health": ("/k/guess/health", {}),
    "at the page that anybody may call": ("/k/guess/oauth/callback", {}),
    "where there is nothing": ("/k/guess/nothing", {}),
    "with slashes too many": ("//k//guess//api//devices", {}),
}


def log_of(world: World) -> list[str]:
    lines = (world.data_dir / "gateway.log").read_text().splitlines()
    return [line for line in lines if "Wrong key" in line]


@pytest.mark.parametrize(("path", "headers"), GUESSES.values(), ids=GUESSES)
async def test_a_wrong_key_counts_wherever_it_is_shown(
    closed: Running, path: str, headers: dict[str, str]
) -> None:
    for _ in range(10):
        assert (await closed.get(path, headers=headers))[0] != 429
    assert is_error(await closed.get(path, headers=headers), 429, "too_many_attempts")


async def test_the_right_key_opens_while_others_guess(closed: Running, world: World) -> None:
    for _ in range(15):
        await closed.get("/api/devices", headers=WRONG)
    assert (await closed.get("/api/devices", headers=bearer(world)))[0] == 200
    assert (await closed.get(f"/k/{on_disk(world)['api_key']}/api/devices"))[0] == 200


async def test_whoever_needs_no_key_is_not_turned_away_for_an_old_one(
    running: Running, world: World
) -> None:
    for _ in range(15):
        assert (await running.get("/k/an-old-key/api/devices"))[0] == 200
    assert len(log_of(world)) == 1


async def test_no_key_is_no_wrong_key(closed: Running, world: World) -> None:
    for _ in range(15):
        assert is_error(await closed.get("/api/devices"), 401, "unauthorized")
    assert log_of(world) == []


async def test_the_log_names_the_peer_once_a_minute_and_never_the_guess(
    closed: Running, world: World
) -> None:
    for _ in range(30):
        await closed.get("/k/my-dogs-name/api/devices")
    await closed.clock.advance(61)
    await closed.get("/k/my-dogs-name/api/devices")
    first, second = log_of(world)
    assert "from 127.0.0.1 (1 " in first
    assert "from 127.0.0.1 (30 " in second
    assert "my-dogs-name" not in first + second


async def test_the_journal_tells_of_an_attack_without_losing_what_the_locks_did(
    closed: Running, world: World
) -> None:
    for _ in range(50):
        await closed.get("/api/devices", headers=WRONG)
        await closed.clock.advance(60)
    told = [one for one in closed.gateway.journal.entries if one.kind is Kind.WRONG_KEY]
    assert [one.subject for one in told] == ["127.0.0.1"]
    assert "A wrong key was used from 127.0.0.1." in (await page(closed, "/activity"))[1]
    saved = json.loads((world.data_dir / "journal.json").read_text())
    assert saved[-1]["kind"] == "wrong_key"


async def test_a_hundred_peers_keep_their_place_in_the_journal(closed: Running) -> None:
    for number in range(100):
        closed.gateway.journal.wrong_key(f"192.0.2.{number}")
    kinds = [one.kind for one in closed.gateway.journal.entries]
    assert kinds.count(Kind.WRONG_KEY) == 30
    assert kinds[0] is Kind.STARTED


async def test_an_ipv6_household_is_one_peer(clock: VirtualClock) -> None:
    told: list[str] = []
    limiter = KeyLimiter(clock, told.append)
    for number in range(11):
        limiter.count(ip_address(f"2001:db8:0:1::{number + 1:x}"))
    assert limiter.is_closed(ip_address("2001:db8:0:1:ffff::1"))
    assert not limiter.is_closed(ip_address("2001:db8:0:2::1"))
    assert told == ["2001:db8:0:1::1"]


async def test_ipv4_neighbours_are_not_one_peer(clock: VirtualClock) -> None:
    limiter = KeyLimiter(clock, lambda _peer: None)
    for _ in range(11):
        limiter.count(ip_address("192.0.2.1"))
    assert limiter.is_closed(ip_address("192.0.2.1"))
    assert not limiter.is_closed(ip_address("192.0.2.2"))


async def test_a_thousand_addresses_do_not_fill_the_log(clock: VirtualClock) -> None:
    told: list[str] = []
    limiter = KeyLimiter(clock, told.append)
    for number in range(2000):
        limiter.count(ip_address(0x0A000000 + number))
    assert len(told) == 10


async def test_a_short_key_of_ones_own_is_refused_in_a_sentence(world: World) -> None:
    short = "k" * 31
    (world.data_dir / "state.json").write_text(json.dumps({"version": 1, "api_key": short}))
    running = await world.start()
    _, health = await running.get("/health")
    assert [one for one in health["troubles"] if "shorter than 32 characters" in one]
    assert "shorter than 32 characters" in (world.data_dir / "gateway.log").read_text()
    answer = await running.get(f"/k/{short}/api/config", headers={"X-Forwarded-For": "192.0.2.1"})
    assert is_error(answer, 401)
    assert len(on_disk(world)["api_key"]) >= 43


async def test_a_long_key_of_ones_own_is_taken(world: World) -> None:
    own = "k" * 32
    (world.data_dir / "state.json").write_text(json.dumps({"version": 1, "api_key": own}))
    running = await world.start(trusted_networks=[])
    assert (await running.get(f"/k/{own}/api/devices"))[0] == 200

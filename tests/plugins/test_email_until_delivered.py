"""An e-mail is tried again until it is delivered or over, over restarts too."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.conftest import QUIET, Running, World
from tests.plugins.home import raise_trouble
from tests.plugins.installing import install
from tests.plugins.post_office import HOST, PASSWORD, Post, post_office, silent_server
from tests.plugins.test_email_in_the_gateway import chosen, plugin
from tests.ports import free_port
from utec_gateway.options.schema import EmailOptions

MINUTE, HOUR = 60, 3600
GREYLISTED = "450 4.2.0 Greylisted, try again in 300 seconds"

HANGING = """
import asyncio
from utec_gateway.plugin_api import hookimpl

class Hanging:
    @hookimpl
    async def gateway_notify(self, notification):
        await asyncio.Event().wait()

def create(context):
    return Hanging()
"""


def mail_to(port: int, **changes: Any) -> dict[str, Any]:
    """Return the options of a gateway that writes to two people through this port."""
    email = EmailOptions(
        enabled=True,
        smtp_host=HOST,
        smtp_port=port,
        encryption="none",
        username="gateway@home.test",
        password=PASSWORD,
        recipients=("one@home.test", "two@home.test"),
    )
    return chosen(replace(email, **changes))


def greylist(post: Post) -> None:
    post.mailbox.answers = dict.fromkeys(post.options.recipients, GREYLISTED)


def subjects(*posts: Post) -> list[str]:
    received = (message for post in posts for _, message in post.mailbox.received)
    return [message["Subject"].removeprefix("U-tec Gateway: ") for message in received]


def written(world: World, names: Iterable[str]) -> list[tuple[int, int]]:
    """Return what changes when one of these files is written again."""
    found = [(world.data_dir / name).stat() for name in names]
    return [(one.st_ino, one.st_mtime_ns) for one in found]


async def lose_the_sign_in(world: World, running: Running) -> None:
    world.cloud.behaviour.oauth.refuse_grants = True
    await running.post("/api/oauth/refresh")
    await world.clock.advance(1)


async def test_a_greylisting_server_delays_sign_in_again_and_does_not_lose_it(
    world: World,
) -> None:
    async with post_office("none") as post:
        running = await world.start(email=chosen(post.options), **QUIET)
        greylist(post)
        await lose_the_sign_in(world, running)
        await world.clock.advance(5 * MINUTE)
        assert subjects(post) == []
        assert "Greylisted" in (plugin(running).last_error or "")
        assert plugin(running).is_failing
        post.mailbox.answers.clear()
        await world.clock.advance(4 * MINUTE)
        assert subjects(post) == ["Sign in to U-tec again"]
        assert not plugin(running).is_failing
        await world.clock.advance(6 * HOUR)
        assert subjects(post) == ["Sign in to U-tec again"]
        await world.stop()


async def test_an_outage_of_ten_minutes_delays_sign_in_again_and_does_not_lose_it(
    world: World,
) -> None:
    port = free_port()
    running = await world.start(email=mail_to(port), **QUIET)
    await lose_the_sign_in(world, running)
    await world.clock.advance(10 * MINUTE)
    assert "cannot be reached" in (plugin(running).last_error or "")
    async with post_office("none", port=port) as post:
        await world.clock.advance(15 * MINUTE)
        assert subjects(post) == ["Sign in to U-tec again"]
        await world.stop()


async def test_tries_come_after_1_2_5_15_30_minutes_and_then_every_hour(world: World) -> None:
    running = await world.start(email=mail_to(free_port()), **QUIET)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    began = world.clock.now()
    tried = []
    for _ in range(5 * 60):
        await world.clock.advance(MINUTE)
        failed_at = plugin(running).failed_at
        assert failed_at
        tried.append((failed_at - began).total_seconds() / MINUTE)
    assert sorted(set(tried)) == [1, 3, 8, 23, 53, 113, 173, 233, 293]


async def test_failed_tries_write_nothing_to_the_disk(world: World) -> None:
    running = await world.start(email=mail_to(free_port()), **QUIET)
    await raise_trouble(running)
    files = ("state.json", "issues.json", "outbox.json")
    before = written(world, files)
    await world.clock.advance(3 * HOUR)
    assert written(world, files) == before
    assert (world.data_dir / "outbox.json").stat().st_mode & 0o077 == 0


async def test_what_arrives_at_once_is_not_written_down(world: World) -> None:
    async with post_office("none") as post:
        running = await world.start(email=chosen(post.options), **QUIET)
        await raise_trouble(running)
        running.gateway.tracker.resolve("trouble")
        await world.clock.advance(1)
        assert subjects(post) == ["Trouble", "Resolved: Trouble"]
        await world.stop()
    assert not (world.data_dir / "outbox.json").exists()


async def test_a_restart_loses_nothing_and_tells_nobody_else_again(world: World) -> None:
    port = free_port()
    running = await world.start(email=mail_to(port), **QUIET)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(30 * MINUTE)
    await world.stop()
    await world.clock.advance(30 * MINUTE)
    await world.start(email=mail_to(port), **QUIET)
    await world.clock.advance(2 * MINUTE)
    async with post_office("none", port=port) as post:
        await world.clock.advance(HOUR)
        assert subjects(post) == ["Trouble"]
        await world.stop()
        await world.start(email=mail_to(port), **QUIET)
        await world.clock.advance(HOUR)
        assert subjects(post) == ["Trouble"]
        await world.stop()
    log = (world.data_dir / "gateway.log").read_text()
    assert log.count("Trouble: It is bad.") == 1


async def test_a_restart_while_the_server_hangs_keeps_what_was_on_its_way(world: World) -> None:
    port = free_port()
    async with silent_server(port):
        running = await world.start(email=mail_to(port), **QUIET)
        running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
        await world.clock.advance(5)
        await world.stop()
    async with post_office("none", port=port) as post:
        await world.start(email=mail_to(port), **QUIET)
        await world.clock.advance(MINUTE)
        assert subjects(post) == ["Trouble"]
        await world.stop()


async def test_what_is_over_before_it_was_delivered_is_never_sent(world: World) -> None:
    port = free_port()
    running = await world.start(email=mail_to(port), **QUIET)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(30 * MINUTE)
    running.gateway.tracker.resolve("trouble")
    await world.clock.advance(1)
    async with post_office("none", port=port) as post:
        await world.clock.advance(2 * HOUR)
        await world.stop()
        await world.start(email=mail_to(port), **QUIET)
        await world.clock.advance(2 * HOUR)
        assert subjects(post) == []
        await world.stop()
    assert "Over: Trouble" in (world.data_dir / "gateway.log").read_text()


async def test_an_all_clear_that_cannot_be_sent_is_sent_later_over_a_restart_too(
    world: World,
) -> None:
    port = free_port()
    async with post_office("none", port=port) as first:
        running = await world.start(email=mail_to(port), **QUIET)
        await raise_trouble(running)
        assert subjects(first) == ["Trouble"]
    running.gateway.tracker.resolve("trouble")
    await world.clock.advance(10 * MINUTE)
    await world.stop()
    async with post_office("none", port=port) as second:
        await world.start(email=mail_to(port), **QUIET)
        await world.clock.advance(HOUR)
        assert subjects(second) == ["Resolved: Trouble"]
        await world.stop()


async def test_what_got_worse_meanwhile_is_sent_once_in_its_latest_words(world: World) -> None:
    port = free_port()
    running = await world.start(email=mail_to(port), **QUIET)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(2 * HOUR)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is worse.", urgency=1)
    await world.clock.advance(10 * MINUTE)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is worse by now.", urgency=1)
    async with post_office("none", port=port) as post:
        await world.clock.advance(2 * HOUR)
        ((_, message),) = post.mailbox.received
        assert "It is worse by now." in message.as_string()
        await world.stop()


async def test_the_end_of_what_people_know_is_told_although_its_worsening_was_not(
    world: World,
) -> None:
    port = free_port()
    async with post_office("none", port=port) as first:
        running = await world.start(email=mail_to(port), **QUIET)
        running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
        await world.clock.advance(2 * HOUR)
        assert subjects(first) == ["Trouble"]
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is worse.", urgency=1)
    await world.clock.advance(5 * MINUTE)
    running.gateway.tracker.resolve("trouble")
    await world.clock.advance(1)
    async with post_office("none", port=port) as second:
        await world.clock.advance(2 * HOUR)
        assert subjects(second) == ["Resolved: Trouble"]
        await world.stop()


async def test_a_password_that_is_corrected_sends_what_waits_at_once(world: World) -> None:
    async with post_office("none") as post:
        options = replace(post.options, password="Wrong-Secret")
        running = await world.start(email=chosen(options), **QUIET)
        running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
        await world.clock.advance(50 * MINUTE)
        assert set(post.mailbox.passwords) == {b"Wrong-Secret"}
        assert running.gateway.outbox.due_in() == 10 * MINUTE
        status, _ = await running.post("/api/config", {"email": chosen(post.options)})
        await world.clock.advance(2)
        assert (status, subjects(post)) == (200, ["Trouble"])
        await world.stop()


async def test_e_mail_that_is_switched_off_meanwhile_is_owed_no_longer(world: World) -> None:
    running = await world.start(email=mail_to(free_port()), **QUIET)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(MINUTE)
    off = mail_to(free_port(), enabled=False)
    await running.post("/api/config", {"email": off})
    await world.clock.advance(2)
    assert running.gateway.outbox.due_in() == float("inf")
    assert not plugin(running).is_failing


async def test_a_notifier_that_hangs_delays_neither_a_message_nor_its_repetition(
    world: World,
) -> None:
    async with post_office("none") as post:
        install(world, "a_hanging.py", HANGING)
        running = await world.start(email=chosen(post.options), **QUIET)
        greylist(post)
        running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
        await world.clock.advance(59)
        post.mailbox.answers.clear()
        await world.clock.advance(1)
        assert subjects(post) == ["Trouble"]
        running.gateway.tracker.raise_issue("other", "Other", "It is bad, too.")
        await world.clock.advance(1)
        assert subjects(post) == ["Trouble", "Other"]
        await world.stop()


async def test_a_damaged_outbox_costs_what_was_in_it_and_no_more(world: World) -> None:
    for content in (b"\xff", b"{", b"[5, {}]", b'[{"notifier": "email", "urgency": "x"}]'):
        (world.data_dir / "outbox.json").write_bytes(content)
        async with post_office("none") as post:
            running = await world.start(email=chosen(post.options), **QUIET)
            await raise_trouble(running)
            running.gateway.tracker.resolve("trouble")
            await world.clock.advance(2 * HOUR)
            await world.stop()
            assert subjects(post) in (["Trouble", "Resolved: Trouble"], [])

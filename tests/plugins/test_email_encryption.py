"""E-mail over the wrong kind of connection: which option to change, and no secret on the way."""

import asyncio
import ssl
from dataclasses import replace

import pytest

from tests.plugins.post_office import HOST, post_office
from tests.plugins.test_email import tell
from utec_gateway.core.errors import NotDeliveredError
from utec_gateway.plugins.email import DEADLINE
from utec_gateway.simulator.virtual_time import VirtualClock


@pytest.mark.parametrize(
    ("server", "chosen", "said"),
    [
        ("none", "tls", "does not begin with TLS: set encryption to starttls, or to none only in"),
        ("starttls", "tls", "does not begin with TLS: set encryption to starttls, or to none"),
        ("tls", "none", "begins with TLS: set encryption to tls"),
        ("tls", "starttls", "begins with TLS: set encryption to tls"),
        ("none", "starttls", "offers no STARTTLS: set encryption to tls, or to none only in your"),
        ("starttls", "none", "takes no login without encryption: set encryption to starttls or"),
    ],
)
async def test_the_wrong_encryption_is_named_and_waiting_is_no_cure(
    clock: VirtualClock, server: str, chosen: str, said: str
) -> None:
    async with post_office(server) as post:
        telling = asyncio.create_task(tell(post, clock, encryption=chosen))
        await clock.advance(DEADLINE)
        with pytest.raises(NotDeliveredError, match=f"^The mail server {HOST}:.* {said}") as caught:
            await telling
        assert not caught.value.retryable
        assert (post.mailbox.passwords, post.mailbox.received) == ([], [])


async def test_without_a_login_the_servers_own_words_name_the_encryption(
    clock: VirtualClock,
) -> None:
    async with post_office("starttls") as post:
        with pytest.raises(NotDeliveredError, match="530 Must issue a STARTTLS") as caught:
            await tell(post, clock, encryption="none", username="", sender="gateway@home.test")
        assert not caught.value.retryable
        assert post.mailbox.received == []


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused_with_what_to_do(
    clock: VirtualClock, encryption: str
) -> None:
    async with post_office(encryption) as post:
        stranger = replace(post, tls=ssl.create_default_context())
        with pytest.raises(NotDeliveredError, match="set encryption to none only in") as caught:
            await tell(stranger, clock)
        assert "certificate that cannot be verified" in str(caught.value)
        assert "_ssl.c" not in str(caught.value)
        assert not caught.value.retryable
        assert (post.mailbox.passwords, post.mailbox.received) == ([], [])


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
async def test_a_certificate_for_another_name_is_refused_and_the_right_name_helps(
    clock: VirtualClock, encryption: str
) -> None:
    async with post_office(encryption, name="localhost") as post:
        with pytest.raises(NotDeliveredError, match="smtp_host must be the name in the") as caught:
            await tell(post, clock)
        assert "certificate is not valid for '127.0.0.1'" in str(caught.value)
        assert not caught.value.retryable
        assert post.mailbox.passwords == []
        assert await tell(post, clock, smtp_host="localhost")
        assert len(post.mailbox.received) == 1


async def test_without_encryption_no_certificate_is_looked_at(clock: VirtualClock) -> None:
    async with post_office("none") as post:
        assert await tell(replace(post, tls=ssl.create_default_context()), clock)


@pytest.mark.parametrize("encryption", ["none", "starttls", "tls"])
async def test_a_server_that_hangs_up_may_be_back_later(
    clock: VirtualClock, encryption: str
) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with post_office(encryption) as post:
        server = await asyncio.start_server(hang_up, HOST, 0)
        async with server:
            with pytest.raises(NotDeliveredError, match="cannot be reached") as caught:
                await tell(post, clock, smtp_port=server.sockets[0].getsockname()[1])
        assert caught.value.retryable

"""E-mail against a real mail server: what arrives, and what is said when it does not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import trustme
from aiohttp import ClientSession
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.utec.given import Given
from utec_gateway.errors import NotDeliveredError
from utec_gateway.hookspecs import PluginContext
from utec_gateway.models import Notification, Telling
from utec_gateway.options import EmailOptions, Options
from utec_gateway.plugins.email import DEADLINE, Email
from utec_gateway.simulator.virtual_time import VirtualClock

NEWS = Notification("n", "Sign in", "It is <over>.", datetime(2026, 1, 5, tzinfo=UTC))
PASSWORD = "Secret-of-the-mailbox"
AUTHORITY = trustme.CA()


@dataclass
class Mailbox:
    """A mail server's other side."""

    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refused: frozenset[str] = frozenset()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append((envelope.rcpt_tos, message))
        return "250 queued as 4711"


def check_login(_server: Any, _session: Any, _envelope: Any, _how: Any, login: Any) -> AuthResult:
    return AuthResult(success=login.password == PASSWORD.encode(), handled=False)


@dataclass
class Post:
    """A server of one kind, and the options that lead to it."""

    mailbox: Mailbox
    options: EmailOptions
    tls: ssl.SSLContext


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(params=["none", "starttls", "tls"])
async def post(request: pytest.FixtureRequest) -> AsyncIterator[Post]:
    encryption = request.param
    mailbox = Mailbox()
    secure = server_context() if encryption == "starttls" else None
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            mailbox,
            hostname="mail.test",
            authenticator=check_login,
            auth_require_tls=False,
            require_starttls=bool(secure),
            tls_context=secure,
        ),
        "127.0.0.1",
        0,
        ssl=server_context() if encryption == "tls" else None,
    )
    client = ssl.create_default_context()
    AUTHORITY.configure_trust(client)
    options = EmailOptions(
        enabled=True,
        smtp_host="127.0.0.1",
        smtp_port=server.sockets[0].getsockname()[1],
        encryption=encryption,
        username="gateway@home.test",
        password=PASSWORD,
        recipients=("one@home.test", "two@home.test"),
    )
    yield Post(mailbox, options, client)
    server.close()


async def tell(
    post: Post, clock: VirtualClock, notification: Notification = NEWS, **changes: Any
) -> str | None:
    options = Options(email=replace(post.options, **changes))
    async with ClientSession() as session:
        email = Email(PluginContext(Given(options), session, clock), post.tls)
        return await email.gateway_notify(notification)


async def test_news_arrives_with_proper_headers_and_both_parts(
    post: Post, clock: VirtualClock
) -> None:
    said = await tell(post, clock)
    assert said == "Accepted for 2 of 2: queued as 4711"
    ((recipients, message),) = post.mailbox.received
    assert recipients == ["one@home.test", "two@home.test"]
    assert message["Subject"] == "U-tec Gateway: Sign in"
    assert message["From"] == "gateway@home.test"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@home.test>")
    assert message["Date"].datetime == clock.now().replace(microsecond=0)
    plain, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert page is not None
    assert "It is <over>." in plain.get_content()
    assert "It is &lt;over&gt;." in page.get_content()


async def test_a_wrong_password_is_said_without_the_password(
    post: Post, clock: VirtualClock
) -> None:
    with pytest.raises(NotDeliveredError, match="refused the user name or password") as caught:
        await tell(post, clock, password="Wrong-Secret")
    assert not caught.value.retryable
    assert "Wrong-Secret" not in str(caught.value)


async def test_a_recipient_that_is_refused_is_named_and_the_other_gets_the_message(
    post: Post, clock: VirtualClock
) -> None:
    post.mailbox.refused = frozenset({"two@home.test"})
    assert (await tell(post, clock) or "").endswith("refused: two@home.test")
    assert [recipients for recipients, _ in post.mailbox.received] == [["one@home.test"]]


async def test_a_message_that_every_recipient_refuses_is_not_delivered(
    post: Post, clock: VirtualClock
) -> None:
    post.mailbox.refused = frozenset(post.options.recipients)
    with pytest.raises(NotDeliveredError, match="no such mailbox") as caught:
        await tell(post, clock)
    assert not caught.value.retryable


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    post: Post, clock: VirtualClock
) -> None:
    stranger = replace(post, tls=ssl.create_default_context())
    if post.options.encryption == "none":
        assert await tell(stranger, clock)
        return
    with pytest.raises(NotDeliveredError, match="certificate") as caught:
        await tell(stranger, clock)
    assert not caught.value.retryable
    assert post.mailbox.received == []


async def test_no_name_can_add_a_header_or_a_recipient(post: Post, clock: VirtualClock) -> None:
    title = "Door\r\nBcc: thief@evil.test\n\n<script>"
    await tell(post, clock, replace(NEWS, title=title))
    ((recipients, message),) = post.mailbox.received
    assert "Bcc" not in message
    assert "thief@evil.test" not in recipients
    page = message.get_body(("html",))
    assert page is not None
    assert "<script>" not in page.get_content()


@pytest.mark.parametrize(
    "changes", [{"enabled": False}, {"smtp_host": ""}, {"recipients": ()}], ids=str
)
async def test_without_an_address_nothing_is_sent_and_nothing_claimed(
    post: Post, clock: VirtualClock, changes: dict[str, Any]
) -> None:
    assert await tell(post, clock, **changes) is None
    assert post.mailbox.received == []


async def test_a_text_that_only_changed_is_not_sent_again(post: Post, clock: VirtualClock) -> None:
    assert await tell(post, clock, replace(NEWS, telling=Telling.TOLD)) is None
    assert post.mailbox.received == []


async def test_a_server_that_is_not_there_may_be_back_later(
    post: Post, clock: VirtualClock
) -> None:
    with pytest.raises(NotDeliveredError, match="cannot be reached") as caught:
        await tell(post, clock, smtp_port=1)
    assert caught.value.retryable


async def test_a_server_that_accepts_and_hangs_is_given_up(post: Post, clock: VirtualClock) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass
        writer.close()

    silent = await asyncio.start_server(hang, "127.0.0.1", 0)
    telling = asyncio.create_task(tell(post, clock, smtp_port=silent.sockets[0].getsockname()[1]))
    await clock.advance(DEADLINE + 1)
    with pytest.raises(NotDeliveredError, match="in time") as caught:
        await telling
    assert caught.value.retryable
    silent.close()


async def test_the_end_of_it_is_one_all_clear(post: Post, clock: VirtualClock) -> None:
    async with ClientSession() as session:
        context = PluginContext(Given(Options(email=post.options)), session, clock)
        assert await Email(context, post.tls).gateway_dismiss("Sign in")
    ((_, message),) = post.mailbox.received
    assert message["Subject"] == "U-tec Gateway: Over: Sign in"


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "", "username": ""},
        {"sender": "", "username": "apikey"},
        {"sender": "half@"},
        {"sender": "Gateway <gateway@home.test>"},
        {"sender": "gateway@home.test\r\nBcc: thief@evil.test"},
        {"recipients": ("one@home.test\nBcc: thief@evil.test",)},
    ],
    ids=str,
)
async def test_addresses_that_make_no_message_are_explained(
    post: Post, clock: VirtualClock, changes: dict[str, Any]
) -> None:
    with pytest.raises(NotDeliveredError, match="e-mail options do not make a message") as caught:
        await tell(post, clock, **changes)
    assert not caught.value.retryable
    assert post.mailbox.received == []


async def test_half_a_character_in_a_name_does_not_keep_the_news_back(
    post: Post, clock: VirtualClock
) -> None:
    broken = replace(NEWS, title="Door \udce9", message="The \udce9 door")
    assert await tell(post, clock, broken) == "Accepted for 2 of 2: queued as 4711"


async def test_a_server_without_starttls_gets_neither_password_nor_message(
    post: Post, clock: VirtualClock
) -> None:
    if post.options.encryption != "none":
        return
    with pytest.raises(NotDeliveredError, match="STARTTLS") as caught:
        await tell(post, clock, encryption="starttls")
    assert not caught.value.retryable
    assert post.mailbox.received == []


async def test_the_servers_words_come_without_brackets(post: Post, clock: VirtualClock) -> None:
    with pytest.raises(NotDeliveredError, match=r"\(535 5\.7\.8 Authentication"):
        await tell(post, clock, password="Wrong-Secret")

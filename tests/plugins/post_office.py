"""A real mail server on loopback: plain, with STARTTLS, or with TLS from the start."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from utec_gateway.options.schema import EmailOptions

PASSWORD = "Secret-of-the-mailbox"
HOST = "127.0.0.1"
AUTHORITY = trustme.CA()


@dataclass
class Mailbox:
    """A mail server's other side."""

    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    passwords: list[bytes] = field(default_factory=list)
    refuses_login_with: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    """What is said to a recipient instead of "250 fine", by address."""
    receipt: str | bytes = "250 queued as 4711"

    def check_login(
        self, _server: Any, _session: Any, _envelope: Any, _how: str, login: Any
    ) -> AuthResult:
        self.passwords.append(login.password)
        is_good = login.password == PASSWORD.encode() and not self.refuses_login_with
        return AuthResult(success=is_good, handled=False, message=self.refuses_login_with)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox here"
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str | bytes:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append((envelope.rcpt_tos, message))
        return self.receipt


@dataclass
class Post:
    """A server of one kind, and the options that lead to it."""

    mailbox: Mailbox
    options: EmailOptions
    tls: ssl.SSLContext
    """What the sender trusts."""


def _certified(name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


@asynccontextmanager
async def post_office(encryption: str, name: str = HOST, port: int = 0) -> AsyncIterator[Post]:
    """Run a server whose certificate is made for `name`."""
    mailbox = Mailbox()
    secure = _certified(name) if encryption == "starttls" else None
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            mailbox,
            hostname="mail.test",
            authenticator=mailbox.check_login,
            auth_require_tls=bool(secure),
            require_starttls=bool(secure),
            tls_context=secure,
        ),
        HOST,
        port,
        ssl=_certified(name) if encryption == "tls" else None,
    )
    client = ssl.create_default_context()
    AUTHORITY.configure_trust(client)
    options = EmailOptions(
        enabled=True,
        smtp_host=HOST,
        smtp_port=server.sockets[0].getsockname()[1],
        encryption=encryption,
        username="gateway@home.test",
        password=PASSWORD,
        recipients=("one@home.test", "two@home.test"),
    )
    try:
        yield Post(mailbox, options, client)
    finally:
        server.close()


@dataclass
class SilentServer:
    """Takes connections and never says a word."""

    port: int = 0
    connections: int = 0

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await reader.read(1024):
            pass
        writer.close()


@asynccontextmanager
async def silent_server(port: int = 0) -> AsyncIterator[SilentServer]:
    silent = SilentServer()
    server = await asyncio.start_server(silent.hear, HOST, port)
    silent.port = server.sockets[0].getsockname()[1]
    try:
        yield silent
    finally:
        server.close()


def plain_part(message: EmailMessage) -> str:
    return _part(message, "plain")


def html_part(message: EmailMessage) -> str:
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content

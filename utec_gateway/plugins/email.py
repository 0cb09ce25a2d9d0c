"""Sends people an e-mail when there is news, and one when it is over."""

import asyncio
import html
import ssl
from collections.abc import Hashable, Mapping
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import aiosmtplib

from utec_gateway.plugin_api import (
    EmailOptions,
    NotDeliveredError,
    Notification,
    PluginContext,
    encodable,
    hookimpl,
    sanitize,
)

DEADLINE = 24.0
"""Seconds for a whole delivery; with the second try at a silent server, less than a hook may."""
SECOND_LOOK = 4.0  # seconds
FIRST_PERMANENT = 500
SUBJECT = "U-tec Gateway: "
LONGEST_SUBJECT = 150
LONGEST_WORDS = 150
"""Characters that a server may say, so that ours around them are read, too."""
MESSAGES_REMEMBERED = 50
OR_NONE = ", or to none only in your own network"


class Email:
    """Off until the options say otherwise; they are read anew for every message."""

    def __init__(self, context: PluginContext, tls: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._tls = tls
        self._reached: dict[Hashable, frozenset[str]] = {}
        """Who has a message that others are still to get."""

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str | None:
        """Send news; a text that only changed is no reason for another e-mail."""
        if not notification.is_new:
            return None
        message = (notification.id, notification.raised_at, notification.urgency)
        return await self._send(message, notification.title, notification.message)

    @hookimpl
    async def gateway_dismiss(self, title: str) -> str | None:
        """Send the all-clear."""
        return await self._send(
            title,
            self._context.text("issues.resolved", title=title),
            self._context.text("issues.resolved_message", title=title),
        )

    async def _send(self, key: Hashable, title: str, text: str) -> str | None:
        """Send to those whom an earlier try did not reach; raise while somebody may yet be."""
        options = self._context.settings.options.email
        if not (options.enabled and options.smtp_host and options.recipients):
            return None
        reached = self._reached.get(key, frozenset())
        left = [one for one in options.recipients if one not in reached]
        refused, said = await self._sent(options, left, title, text) if left else ({}, "")
        if all(_is_final(refusal) for refusal in refused.values()):
            self._reached.pop(key, None)
            return _accepted(options, refused, said)
        self._reached[key] = reached.union(left) - refused.keys()
        while len(self._reached) > MESSAGES_REMEMBERED:
            del self._reached[next(iter(self._reached))]
        why = "; ".join(f"{one}: {_said(refusal)}" for one, refusal in refused.items())
        raise NotDeliveredError(f"{_accepted(options, refused, said)} ({why})", retryable=True)

    async def _sent(
        self, options: EmailOptions, left: list[str], title: str, text: str
    ) -> tuple[Mapping[str, aiosmtplib.SMTPResponse], str]:
        """Return who was refused, and the server's words for the others."""
        is_rest = len(left) < len(options.recipients)
        try:
            message = self._message(options, encodable(title), encodable(text))
            async with self._context.clock.timeout(DEADLINE):
                return await self._deliver(options, left, message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and is_rest:
                return {one.recipient: _response(one) for one in error.recipients}, ""
            if await self._waits_for_tls(error, options):
                raise NotDeliveredError(
                    f"{_server(options)} begins with TLS: set encryption to tls"
                ) from error
            raise _explained(error, options) from error

    async def _deliver(
        self, options: EmailOptions, recipients: list[str], message: EmailMessage
    ) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
        return await aiosmtplib.send(
            message,
            sender=_sender(options),
            recipients=recipients,
            hostname=options.smtp_host,
            port=options.smtp_port,
            username=options.username or None,
            password=options.password or None,
            use_tls=options.encryption == "tls",
            start_tls=options.encryption == "starttls",
            tls_context=self._tls,
            timeout=None,
        )

    async def _waits_for_tls(self, error: Exception, options: EmailOptions) -> bool:
        """Tell whether a server is silent because it waits for TLS; it is told no secret."""
        if options.encryption == "tls" or not isinstance(error, TimeoutError | ConnectionError):
            return False
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            async with self._context.clock.timeout(SECOND_LOOK):
                await asyncio.open_connection(options.smtp_host, options.smtp_port, ssl=nobody)
        except (OSError, ValueError) as refusal:
            return isinstance(refusal, ssl.SSLCertVerificationError)
        return False

    def _message(self, options: EmailOptions, title: str, text: str) -> EmailMessage:
        sender = _sender(options)
        message = EmailMessage()
        message["Subject"] = SUBJECT + sanitize(title, LONGEST_SUBJECT)
        message["From"] = sender
        message["To"] = ", ".join(options.recipients)
        message["Date"] = format_datetime(self._context.clock.now())
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
        message["Auto-Submitted"] = "auto-generated"
        parts = [text, *self._goodbye(text)]
        message.set_content("\n\n".join(parts) + "\n")
        message.add_alternative(
            f"<p><strong>{html.escape(title)}</strong></p>"
            + "".join(f"<p>{html.escape(part)}</p>" for part in parts),
            subtype="html",
        )
        return message

    def _goodbye(self, text: str) -> list[str]:
        """Return where to see more, unless the text says so itself."""
        here = self._context.panel_directions()
        return [] if here in text else [self._context.text("directions.more", directions=here)]


def _is_final(refusal: aiosmtplib.SMTPResponse) -> bool:
    return refusal.code >= FIRST_PERMANENT


def _accepted(
    options: EmailOptions, refused: Mapping[str, aiosmtplib.SMTPResponse], said: str
) -> str:
    """Return for how many of all recipients the message was taken, and for whom not."""
    everybody = len(options.recipients)
    words = f": {sanitize(said, LONGEST_WORDS)}" if said else ""
    left_out = f"; refused: {', '.join(refused)}" if refused else ""
    return f"Accepted for {everybody - len(refused)} of {everybody}{words}{left_out}"


def _sender(options: EmailOptions) -> str:
    try:
        return Address(addr_spec=options.sender or options.username).addr_spec
    except (HeaderParseError, IndexError, ValueError) as error:
        raise ValueError("set the sender to an address such as gateway@example.com") from error


def _server(options: EmailOptions) -> str:
    return f"The mail server {options.smtp_host}:{options.smtp_port}"


def _explained(error: Exception, options: EmailOptions) -> NotDeliveredError:
    """Return what went wrong at the mail server, in its own words where it has some."""
    if isinstance(error, aiosmtplib.SMTPConnectError) and isinstance(error.__cause__, ssl.SSLError):
        error = error.__cause__
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return NotDeliveredError(f"The e-mail options do not make a message: {error}")
    problem, retryable = _problem(error, options)
    return NotDeliveredError(f"{_server(options)} {problem} ({_words(error)})", retryable=retryable)


def _problem(error: Exception, options: EmailOptions) -> tuple[str, bool]:
    """Return what went wrong and what to do, and whether it may pass by itself."""
    retryable = False
    match error:
        case ssl.SSLError():
            problem = _tls_problem(error, options)
        case aiosmtplib.SMTPAuthenticationError(code=code) if code >= FIRST_PERMANENT:
            problem = "refused the user name or password"
        case aiosmtplib.SMTPAuthenticationError():
            problem, retryable = "cannot check the login just now", True
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            problem = "refused every recipient"
            retryable = max(refusal.code for refusal in refused) < FIRST_PERMANENT
        case aiosmtplib.SMTPResponseException(code=code):
            problem, retryable = "refused the message", code < FIRST_PERMANENT
        case TimeoutError():
            problem, retryable = "does not answer in time", True
        case OSError():
            problem, retryable = "cannot be reached", True
        case _:
            problem = _unsupported(str(error), options)
    return problem, retryable


def _tls_problem(error: ssl.SSLError, options: EmailOptions) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "shows a certificate that cannot be verified: smtp_host must be the name in the "
            "certificate, not an address; set encryption to none only in your own network"
        )
    if options.encryption == "tls":
        return f"does not begin with TLS: set encryption to starttls{OR_NONE}"
    return "cannot agree on TLS with the gateway"


def _unsupported(said: str, options: EmailOptions) -> str:
    """Return what to do about a server that cannot do as asked; aiosmtplib says what it misses."""
    if "STARTTLS extension" in said:
        return f"offers no STARTTLS: set encryption to tls{OR_NONE}"
    if "AUTH extension" in said and options.encryption == "none":
        return "takes no login without encryption: set encryption to starttls or tls"
    return "does not do as asked"


def _words(error: Exception) -> str:
    """Return the server's own words on one line, without Python's brackets around them."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return "; ".join(f"{one.recipient}: {_words(one)}" for one in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _said(_response(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return sanitize(str(error), LONGEST_WORDS)


def _response(error: aiosmtplib.SMTPResponseException) -> aiosmtplib.SMTPResponse:
    return aiosmtplib.SMTPResponse(error.code, error.message)


def _said(response: aiosmtplib.SMTPResponse) -> str:
    return sanitize(f"{response.code} {response.message}", LONGEST_WORDS)


def create(context: PluginContext) -> Email:
    """Build the notifier."""
    return Email(context)

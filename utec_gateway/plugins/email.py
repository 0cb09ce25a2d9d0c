"""Sends people an e-mail when there is news, and one when it is over."""

import html
import ssl
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import aiosmtplib

from utec_gateway.errors import NotDeliveredError
from utec_gateway.hookspecs import PluginContext, hookimpl
from utec_gateway.models import Notification
from utec_gateway.options import EmailOptions

DEADLINE = 25.0
"""Seconds for a whole delivery; less than a hook may take."""
FIRST_PERMANENT = 500
SUBJECT = "U-tec Gateway: "
LONGEST_SUBJECT = 150


class Email:
    """Off until the options say otherwise; they are read anew for every message."""

    def __init__(self, context: PluginContext, tls: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._tls = tls

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str | None:
        """Send news; a text that only changed is no reason for another e-mail."""
        if not notification.is_news:
            return None
        return await self._send(notification.title, notification.message)

    @hookimpl
    async def gateway_dismiss(self, title: str) -> str | None:
        """Send the all-clear."""
        return await self._send(f"Over: {title}", f"This is over: {title}.")

    async def _send(self, title: str, text: str) -> str | None:
        options = self._context.settings.options.email
        if not (options.enabled and options.smtp_host and options.recipients):
            return None
        try:
            message = self._message(options, _writable(title), _writable(text))
            async with self._context.clock.timeout(DEADLINE):
                refused, said = await self._deliver(options, message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise _explained(error, options) from error
        left_out = f"; refused: {', '.join(refused)}" if refused else ""
        accepted = len(options.recipients) - len(refused)
        return f"Accepted for {accepted} of {len(options.recipients)}: {said}{left_out}"

    async def _deliver(
        self, options: EmailOptions, message: EmailMessage
    ) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
        return await aiosmtplib.send(
            message,
            sender=_sender(options),
            recipients=list(options.recipients),
            hostname=options.smtp_host,
            port=options.smtp_port,
            username=options.username or None,
            password=options.password or None,
            use_tls=options.encryption == "tls",
            start_tls=options.encryption == "starttls",
            tls_context=self._tls,
            timeout=None,
        )

    def _message(self, options: EmailOptions, title: str, text: str) -> EmailMessage:
        sender = _sender(options)
        message = EmailMessage()
        message["Subject"] = SUBJECT + _one_line(title)[:LONGEST_SUBJECT]
        message["From"] = sender
        message["To"] = ", ".join(options.recipients)
        message["Date"] = format_datetime(self._context.clock.now())
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
        message["Auto-Submitted"] = "auto-generated"
        goodbye = "Open the U-tec Gateway in Home Assistant's sidebar to see more."
        message.set_content(f"{text}\n\n{goodbye}\n")
        message.add_alternative(
            f"<p><strong>{html.escape(title)}</strong></p>"
            f"<p>{html.escape(text)}</p><p>{html.escape(goodbye)}</p>",
            subtype="html",
        )
        return message


def _one_line(text: str) -> str:
    """Return text that fits into a header, whatever a lock is called."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _writable(text: str) -> str:
    """Return text that UTF-8 can hold: half a character from a lock's name becomes "?"."""
    return text.encode(errors="replace").decode()


def _sender(options: EmailOptions) -> str:
    try:
        return Address(addr_spec=options.sender or options.username).addr_spec
    except (HeaderParseError, IndexError, ValueError) as error:
        raise ValueError("set the sender to an address such as gateway@example.com") from error


def _explained(error: Exception, options: EmailOptions) -> NotDeliveredError:
    """Return what went wrong at the mail server, in its own words where it has some."""
    server = f"The mail server {options.smtp_host}:{options.smtp_port}"
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            problem, retryable = "refused the user name or password", False
        case aiosmtplib.SMTPRecipientsRefused():
            codes = [refusal.code for refusal in error.recipients]
            problem, retryable = "refused every recipient", max(codes) < FIRST_PERMANENT
        case aiosmtplib.SMTPResponseException():
            problem, retryable = "refused the message", error.code < FIRST_PERMANENT
        case (
            ssl.SSLCertVerificationError()
            | aiosmtplib.SMTPConnectError(__cause__=ssl.SSLCertVerificationError())
        ):
            problem = "shows a certificate that cannot be verified; only encryption none goes on"
            retryable = False
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            problem, retryable = "does not answer in time", True
        case aiosmtplib.SMTPConnectError() | aiosmtplib.SMTPServerDisconnected() | OSError():
            problem, retryable = "cannot be reached", True
        case ValueError():
            return NotDeliveredError(f"The e-mail options do not make a message: {error}")
        case _:
            problem, retryable = "does not do as asked", False
    return NotDeliveredError(f"{server} {problem} ({_words(error)})", retryable=retryable)


def _words(error: Exception) -> str:
    """Return the server's own words on one line, without Python's brackets around them."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return "; ".join(f"{one.recipient}: {_words(one)}" for one in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _one_line(f"{error.code} {error.message}")
    return _one_line(str(error))


def create(context: PluginContext) -> Email:
    """Build the notifier."""
    return Email(context)

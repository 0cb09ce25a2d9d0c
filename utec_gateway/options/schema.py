"""The options: names, defaults, limits (http-contract 5), read once and frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from .email_addresses import recipients, sender
from .networks import DEFAULT_NETWORKS, Network, host_names

LONGEST_INTERVAL = 3600
Reader = Callable[[Any], Any]
"""Turns a raw value into a typed one, or raises ValueError with a sentence."""


@dataclass(frozen=True)
class EmailOptions:
    """Where and how to send e-mail."""

    enabled: bool = False
    smtp_host: str = ""
    smtp_port: int = 587
    encryption: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """Every setting, checked; units are in the names."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = "http://localhost:9501"
    auto_refresh_enabled: bool = True
    refresh_buffer_minutes: int = 5
    renew_every_hours: int = 24
    max_retries: int = 2
    poll_interval_seconds: int = 15
    stale_after_seconds: int = 60
    allow_unlock: bool = True
    notify_home_assistant: bool = True
    language: str = "auto"
    email: EmailOptions = EmailOptions()
    trusted_networks: tuple[Network, ...] = tuple(ip_network(n) for n in DEFAULT_NETWORKS)
    allowed_hosts: tuple[str, ...] = ()
    log_level: str = "info"
    api_base_url: str = "https://api.u-tec.com"
    oauth_base_url: str = "https://oauth.u-tec.com"
    action_path: str = "/action"
    scope: str = "openapi"

    @property
    def can_sign_in(self) -> bool:
        """Tell whether the credentials for a sign-in are there."""
        return bool(self.client_id and self.client_secret and self.redirect_uri)

    @property
    def credentials(self) -> str:
        """Return a fingerprint of what the token endpoint judges us by."""
        parts = (self.client_id, self.client_secret, self.oauth_base_url)
        return sha256("\n".join(parts).encode()).hexdigest()[:16]


def text(value: Any) -> str:
    """Read a line of text; people paste spaces around it."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    stripped = value.strip()
    if not stripped.isprintable():
        raise ValueError("must be one line of text")
    return stripped


def verbatim(value: Any) -> str:
    """Read a password: every character counts, the last space too."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("must be one line of text")
    return value


def credential(value: Any) -> str:
    """Read an id or a secret, which never contains a space."""
    stripped = text(value)
    if " " in stripped:
        raise ValueError("must not contain spaces; copy it again from the Xthings Home app")
    return stripped


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


@dataclass(frozen=True)
class WholeNumber:
    """Reads an integer within limits, which forms show."""

    low: int
    high: int

    def __call__(self, value: Any) -> int:
        """Return it."""
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not (is_number and self.low <= value <= self.high):
            raise ValueError(f"must be a whole number from {self.low} to {self.high}")
        return int(value)


@dataclass(frozen=True)
class OneOf:
    """Reads one of a few words, which forms offer."""

    words: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        """Return it in small letters."""
        if not isinstance(value, str) or value.lower() not in self.words:
            raise ValueError(f"must be one of {', '.join(self.words)}")
        return value.lower()


def address(value: Any) -> str:
    """Read an http(s) address with a host, without its trailing slash."""
    stripped = redirect(value)
    return stripped.rstrip("/")


def redirect(value: Any) -> str:
    """Read an http(s) address letter by letter: U-tec compares it so (utec-cloud 1.1)."""
    stripped = text(value)
    try:
        parts = urlsplit(stripped)
        reachable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        is_odd = parts.username is not None or " " in stripped or "\\" in stripped
    except ValueError:
        reachable, is_odd = False, True
    if not reachable or is_odd:
        raise ValueError("must be an address such as https://example.com")
    return stripped


def path(value: Any) -> str:
    """Read a path below an address."""
    stripped = text(value)
    if not stripped.startswith("/") or " " in stripped:
        raise ValueError('must be a path that begins with "/"')
    return stripped


def networks(value: Any) -> tuple[Network, ...]:
    """Read a list of networks such as 192.168.1.0/24."""
    if not isinstance(value, list):
        raise ValueError("must be a list of networks such as 192.168.1.0/24")
    try:
        return tuple(ip_network(text(item), strict=False) for item in value)
    except ValueError as error:
        raise ValueError(f"{error}; write a network such as 192.168.1.0/24") from error


EMAIL_VALIDATORS: Mapping[str, Reader] = {
    "enabled": flag,
    "smtp_host": text,
    "smtp_port": WholeNumber(1, 65535),
    "encryption": OneOf(("starttls", "tls", "none")),
    "username": text,
    "password": verbatim,
    "sender": sender,
    "recipients": recipients,
}


@dataclass(frozen=True)
class Group:
    """Settings that are kept together; a change may name some of them only."""

    readers: Mapping[str, Reader]


VALIDATORS: Mapping[str, Reader | Group] = {
    "client_id": credential,
    "client_secret": credential,
    "redirect_uri": redirect,
    "auto_refresh_enabled": flag,
    "refresh_buffer_minutes": WholeNumber(1, 60),
    "renew_every_hours": WholeNumber(0, 168),
    "max_retries": WholeNumber(0, 10),
    "poll_interval_seconds": WholeNumber(10, LONGEST_INTERVAL),
    "stale_after_seconds": WholeNumber(5, LONGEST_INTERVAL),
    "allow_unlock": flag,
    "notify_home_assistant": flag,
    "language": OneOf(("auto", "en", "de", "es", "fr", "it", "nl")),
    "email": Group(EMAIL_VALIDATORS),
    "trusted_networks": networks,
    "allowed_hosts": host_names,
    "log_level": OneOf(("debug", "info", "warning", "error")),
    "api_base_url": address,
    "oauth_base_url": address,
    "action_path": path,
    "scope": text,
}

OPTION_NAMES = tuple(option.name for option in fields(Options))

"""Readers: each turns a raw value into a typed one, or says in a sentence what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from .networks import Network

Reader = Callable[[Any], Any]
"""Turns a raw value into a typed one, or raises ValueError with a sentence."""
LONGEST_TOPIC = 100
NO_ADDRESS = "must be an address such as https://example.com"


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


def address_or_nothing(value: Any) -> str:
    """Read an http(s) address to which a path is added, or an empty text for none."""
    found = address(value) if text(value) else ""
    if set("?#") & set(found):
        raise ValueError(NO_ADDRESS)
    return found


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
        raise ValueError(NO_ADDRESS)
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


def topic(value: Any) -> str:
    """Read the beginning of MQTT topics, such as "homeassistant"."""
    stripped = text(value).strip("/")
    is_odd = set("+#$") & set(stripped) or "//" in stripped or " " in stripped
    if not stripped or is_odd or len(stripped) > LONGEST_TOPIC:
        raise ValueError("must be the beginning of an MQTT topic, such as home/utec_gateway")
    return stripped


def host_name(value: Any) -> str:
    """Read the name or address of a machine; there may be none."""
    stripped = text(value)
    if set("/ @?#") & set(stripped):
        raise ValueError(
            "must be a name or an address such as 192.168.1.5, without mqtt:// or port"
        )
    return stripped

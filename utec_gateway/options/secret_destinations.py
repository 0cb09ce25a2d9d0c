"""Where each secret is sent; none of them follows a changed destination by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter, eq
from typing import Any

from utec_gateway.core.errors import OptionsError
from utec_gateway.core.models import Token

from .changes import flat
from .schema import Options


@dataclass(frozen=True)
class Destination:
    """A secret and the settings that say where it is sent; a group's are `email.smtp_host`."""

    secret: str
    settings: tuple[str, ...]
    """The host comes first; an empty one means that nothing is sent."""

    def moved(self, before: Options, after: Options) -> tuple[str, ...]:
        """Return the settings by which the secret would be sent elsewhere than before."""
        if not attrgetter(self.settings[0])(after):
            return ()
        return tuple(
            name for name in self.settings if attrgetter(name)(before) != attrgetter(name)(after)
        )


UTEC = Destination("client_secret", ("oauth_base_url", "api_base_url", "action_path"))
MAIL = Destination("email.password", ("email.smtp_host", "email.smtp_port", "email.encryption"))
MQTT = Destination("mqtt.password", ("mqtt.host", "mqtt.port", "mqtt.encryption"))
DESTINATIONS = (UTEC, MAIL, MQTT)
SECRETS = tuple(destination.secret for destination in DESTINATIONS)
"""The options that are shown to nobody."""


class SecretNeededError(OptionsError):
    """A secret would go elsewhere than before and was not given again; `field` is its name."""

    def __init__(self, field: str, moved: str) -> None:
        super().__init__(field, f"must be given again when {moved} changes")


def check_destinations(before: Options, after: Options, changes: Mapping[str, Any]) -> None:
    """Raise SecretNeededError unless each secret that goes elsewhere is among the changes.

    Otherwise whoever may change settings, and may not see secrets, has them sent to himself.
    """
    given = {name for name, _ in flat(changes)}
    for destination in DESTINATIONS:
        moved = destination.moved(before, after)
        if moved and attrgetter(destination.secret)(before) and destination.secret not in given:
            raise SecretNeededError(destination.secret, moved[0])


def origin_of(options: Options) -> str:
    """Return fingerprints of the secret and of the addresses that a sign-in is made with."""
    addresses = "\n".join(attrgetter(name)(options) for name in UTEC.settings)
    return f"{_fingerprint(options.client_secret)}-{_fingerprint(addresses)}"


def bound(token: Token, options: Options) -> Token:
    """Return the token with its origin, whoever earned it."""
    return replace(token, origin=token.origin or origin_of(options))


def usable(token: Token | None, options: Options) -> Token | None:
    """Return the token if it may be used with these options; it is kept in either case.

    It may move to another address together with the secret that it was earned with, and stay at
    its address while the secret changes. With both changed it would reach a stranger.
    """
    if token is None or token.origin is None:
        return token
    then, now = token.origin.split("-"), origin_of(options).split("-")
    return token if any(map(eq, then, now)) else None


@lru_cache(maxsize=16)  # the token is looked at many times a second, the options change rarely
def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]

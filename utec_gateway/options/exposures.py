"""Options that open a door: nothing is broken, and yet people should know."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from urllib.parse import urlsplit

from utec_gateway.texts.translations import english

from .networks import DEFAULT_NETWORKS, SUPERVISOR_NETWORKS, is_local, is_loopback, too_open
from .schema import Options

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Exposure:
    """One choice that lets others in, or lets others read."""

    kind: str
    """The key of its words."""
    subject: str
    """The network, host or option that it is about."""

    def __str__(self) -> str:
        """Return it in English, for the log."""
        return english(f"issues.exposed.{self.kind}", subject=self.subject).removesuffix(".")


@lru_cache(maxsize=2)  # what is wrong is looked through often, the options change rarely
def exposures(options: Options, *, has_supervisor: bool) -> tuple[Exposure, ...]:
    """Return what the options lay open."""
    return (*_networks(options, has_supervisor=has_supervisor), *_plain(options))


def log_exposures(found: Iterable[Exposure]) -> None:
    """Say them where people look when they have changed a setting."""
    for exposure in found:
        _LOGGER.warning("%s", exposure)


def _networks(options: Options, *, has_supervisor: bool) -> Iterator[Exposure]:
    networks = options.trusted_networks
    for kind, network in too_open(networks):
        yield Exposure(kind, str(network))
    is_chosen = set(networks) != set(map(ip_network, DEFAULT_NETWORKS))
    if is_chosen and not has_supervisor:
        for network in networks:
            if network in SUPERVISOR_NETWORKS:
                yield Exposure("no_supervisor", str(network))


def _plain(options: Options) -> Iterator[Exposure]:
    for name in ("api_base_url", "oauth_base_url"):
        address = urlsplit(getattr(options, name))
        if address.scheme == "http" and not is_loopback(address.hostname or ""):
            yield Exposure("plain_http", name)
    email = options.email
    if email.enabled and email.encryption == "none" and not is_local(email.smtp_host):
        yield Exposure("plain_mail", email.smtp_host)
    mqtt = options.mqtt
    if mqtt.mode != "disabled" and mqtt.encryption == "none" and not is_local(mqtt.host):
        yield Exposure("plain_mqtt", mqtt.host)

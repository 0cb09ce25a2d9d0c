"""The options: names, defaults, limits (http-contract 5), read once and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from ipaddress import ip_network

from .email_addresses import recipients, sender
from .networks import DEFAULT_NETWORKS, Network, host_names
from .readers import (
    OneOf,
    Reader,
    WholeNumber,
    address,
    address_or_nothing,
    credential,
    flag,
    host_name,
    networks,
    path,
    redirect,
    text,
    topic,
    verbatim,
)

LONGEST_INTERVAL = 3600


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
class MqttOptions:
    """Where the MQTT broker is, and what is published there."""

    mode: str = "auto"
    host: str = ""
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    encryption: str = "none"
    ca_certificate: str = ""
    version: str = "3.1.1"
    discovery_prefix: str = "homeassistant"
    base_topic: str = "utec_gateway"
    allow_unlock: bool = True


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
    push: str = "disabled"
    push_url: str = ""
    allow_unlock: bool = True
    manage_codes: bool = False
    notify_home_assistant: bool = True
    language: str = "auto"
    email: EmailOptions = EmailOptions()
    mqtt: MqttOptions = MqttOptions()
    panel_on_api_port: bool = False
    trusted_networks: tuple[Network, ...] = tuple(ip_network(n) for n in DEFAULT_NETWORKS)
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
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


MQTT_VALIDATORS: Mapping[str, Reader] = {
    "mode": OneOf(("auto", "enabled", "disabled")),
    "host": host_name,
    "port": WholeNumber(1, 65535),
    "username": text,
    "password": verbatim,
    "encryption": OneOf(("none", "tls")),
    "ca_certificate": text,
    "version": OneOf(("3.1.1", "5")),
    "discovery_prefix": topic,
    "base_topic": topic,
    "allow_unlock": flag,
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
    "push": OneOf(("disabled", "auto")),
    "push_url": address_or_nothing,
    "allow_unlock": flag,
    "manage_codes": flag,
    "notify_home_assistant": flag,
    "language": OneOf(("auto", "en", "de", "es", "fr", "it", "nl")),
    "email": Group(EMAIL_VALIDATORS),
    "mqtt": Group(MQTT_VALIDATORS),
    "panel_on_api_port": flag,
    "trusted_networks": networks,
    "allowed_hosts": host_names,
    "trusted_proxies": networks,
    "log_level": OneOf(("debug", "info", "warning", "error")),
    "api_base_url": address,
    "oauth_base_url": address,
    "action_path": path,
    "scope": text,
}

OPTION_NAMES = tuple(option.name for option in fields(Options))

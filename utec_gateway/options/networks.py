"""Networks and names by which callers are known, and which of them open a door too far."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

SUPERVISOR_NETWORKS = frozenset(map(ip_network, ("172.30.32.0/23", "fd0c:ac1e:2100::/48")))
"""Home Assistant and its add-ons; without a Supervisor somebody else may live there."""
DEFAULT_NETWORKS = ("127.0.0.0/8", "::1/128", "172.30.32.0/23", "fd0c:ac1e:2100::/48")

LOOPBACK = frozenset(map(ip_network, ("127.0.0.0/8", "::1/128")))
AT_HOME = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
        *("127.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10"),
    )
)
"""Networks that the internet does not lead to."""
WIDE = {4: 20, 6: 48}
"""Shorter prefixes hold more machines than a household has."""
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?")


def host_names(value: Any) -> tuple[str, ...]:
    """Read a list of names as browsers show them in `Host`, without port."""
    if not isinstance(value, list):
        raise ValueError("must be a list of names such as homeassistant.local")
    return tuple(_host_name(item) for item in value)


def _host_name(value: Any) -> str:
    name = value.strip().lower().rstrip(".") if isinstance(value, str) else ""
    if not HOST_NAME.fullmatch(name):
        raise ValueError("must hold names such as homeassistant.local, without http:// or port")
    return name


def is_at_home(network: Network) -> bool:
    """Tell whether the internet does not lead to any part of a network."""
    return any(
        network.version == home.version and network.subnet_of(home)  # type: ignore[arg-type]
        for home in AT_HOME
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_local(host: str) -> bool:
    """Tell whether a host is in the house: by its address, or by a name that only it knows."""
    try:
        return is_at_home(ip_network(host))
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".home.arpa", ".internal"))


def too_open(networks: tuple[Network, ...]) -> Iterator[tuple[str, Network]]:
    """Yield the networks that let in more than a household, each with what is wrong with it."""
    for network in networks:
        if network in LOOPBACK:
            continue
        if network.prefixlen == 0:
            yield "trusts_everybody", network
        elif not is_at_home(network):
            is_one_machine = isinstance(network, IPv6Network) and network.num_addresses == 1
            if not is_one_machine:
                yield "trusts_the_internet", network
        elif network.prefixlen < WIDE[network.version]:
            yield "trusts_many", network

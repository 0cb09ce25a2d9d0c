"""The address at the other end of a connection."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.web import BaseRequest

Address = IPv4Address | IPv6Address

SUPERVISOR: Address = ip_address("172.30.32.2")
"""Where Home Assistant's ingress comes from, in an add-on."""
NOBODY: Address = IPv4Address("255.255.255.255")
HOUSEHOLD = 64
"""Bits of an IPv6 address that one subscriber or one machine cannot change at will."""
FORWARDED_BY = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}
)


def address_of(peer: str | None) -> Address:
    """Return a peer's address, an IPv4-mapped one as IPv4; NOBODY when there is none."""
    try:
        address = ip_address((peer or "").partition("%")[0])
    except ValueError:
        return NOBODY
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def household_of(peer: Address) -> str:
    """Return what is counted as one: an IPv4 address, the /64 network of an IPv6 address."""
    if isinstance(peer, IPv4Address):
        return str(peer)
    return str(IPv6Network((peer, HOUSEHOLD), strict=False))


def is_forwarded(request: BaseRequest) -> bool:
    """Tell whether a proxy forwarded the request: its peer is not its origin."""
    return any(
        name.lower() in FORWARDED_BY or name.lower().startswith("x-forwarded-")
        for name in request.headers
    )

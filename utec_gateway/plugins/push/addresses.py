"""Which addresses U-tec can reach: public ones; a private one would only give a name away."""

import re
from ipaddress import ip_address, ip_network
from unicodedata import normalize
from urllib.parse import urlsplit

NOT_PUBLIC = (
    *(".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".localhost"),
    *(".intranet", ".private", ".corp", ".fritz.box", ".test", ".invalid", ".onion"),
)
DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]*")
"""A name whose last label is a number is an address: 127.1, 0x7f.1."""
INTERNET = (ip_network("0.0.0.0/0"), ip_network("2000::/3"))
"""Other IPv6 addresses are no public ones; some hold a private one of IPv4: 64:ff9b::c0a8:105."""
RETIRED = ip_network("2002::/16")
"""6to4 (RFC 7526): such an address holds one of IPv4, which may be private: 2002:c0a8:105::1."""


def host_of(address: str) -> str:
    """Return the host of an address, empty when it has none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_reachable(address: str, cloud: str) -> bool:
    """Tell whether the cloud at one address may reach another one.

    From the internet, a private address or plain http is none. A cloud that is at home itself, as
    a simulated one is, reaches whatever is there.
    """
    host = host_of(address)
    if not is_public(host_of(cloud)):
        return bool(host)
    return address.lower().startswith("https://") and is_public(host)


def is_public(host: str) -> bool:
    """Tell whether a host may be one that the internet leads to, read as IDNA reads it."""
    name = normalize("NFKC", host).lower().rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        return bool(DOMAIN.fullmatch(name)) and not name.endswith(NOT_PUBLIC)
    is_outside = address.is_global and not address.is_multicast
    return is_outside and address not in RETIRED and any(address in net for net in INTERNET)

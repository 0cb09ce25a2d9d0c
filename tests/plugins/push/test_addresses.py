"""U-tec is never told of an address that it cannot reach."""

import pytest

from utec_gateway.plugins.push.addresses import host_of, is_public, is_reachable

U_TEC = "https://api.u-tec.com"
AT_HOME = "http://127.0.0.1:8400"
SPELLINGS = {
    "with a port": "https://192.168.1.5:8443/push/word",
    "with a password": "https://user:password@192.168.1.5/push/word",
    "after a public name for the user": "https://locks.example.com:443@192.168.1.5/",
    "after a public address for the user": "https://8.8.8.8@10.0.0.1/",
    "with a dot at its end": "https://10.0.0.1./",
    "in capitals": "https://HOMEASSISTANT.LOCAL/",
    "as an IPv6 address": "https://[::ffff:192.168.1.5]/",
    "translated to IPv6": "https://[64:ff9b::c0a8:105]/",
    "as an IPv6 address of old": "https://[::192.168.1.5]/",
    "in IPv6 by way of IPv4": "https://[2002:c0a8:105::1]/",
    "of a site": "https://[fec0::1]/",
    "with a zone": "https://[fe80::1%25eth0]/",
    "shortened": "https://127.1/",
    "shortened to three": "https://192.168.1/",
    "as one number": "https://2130706433/",
    "in hexadecimal": "https://0x7f000001/",
    "half in hexadecimal": "https://127.0x1/",
    "in octal": "https://0300.0250.1.5/",
    "in wide digits": "https://\uff11\uff19\uff12.\uff11\uff16\uff18.\uff11.\uff15/",
    "with a digit in a circle": "https://127.0.0.\u2460/",
    "with a raised digit": "https://127.0.0.\u00b9/",
    "with a digit and its dot in one": "https://192.168.1.\u248c/",
    "in wide letters": "https://pi.\uff4cocal/",
    "with an escaped dot": "https://pi.local%2e/",
    "behind a backslash": "https://locks.example.com\\@192.168.1.5/",
    "of everybody": "https://224.0.0.1/",
    "of everybody in IPv6": "https://[ff02::1]/",
    "of the carrier": "https://100.64.0.1/",
    "of no machine": "https://0.0.0.0/",
    "of no machine in IPv6": "https://[::]/",
    "of a container": "https://host.docker.internal/",
    "of the router": "https://gateway.fritz.box/",
    "of a test": "https://gateway.test/",
    "of no domain": "https://gateway.invalid/",
    "of a hidden service": "https://gateway.onion/",
    "of an office": "https://gateway.intranet/",
    "of a company": "https://gateway.corp/",
    "of a private net": "https://gateway.private/",
    "without a name": "https://.local/",
    "without anything": "https://./",
    "without a label": "https://a..example.com/",
    "over http": "http://locks.example.com/",
    "over http in capitals": "HTTP://locks.example.com/",
}


@pytest.mark.parametrize(
    "address",
    [
        "https://locks.example.com/push/word",
        "https://8.8.8.8/push/word",
        "https://hooks.nabu.casa/word",
        "https://[2606:4700::1111]:8443/push/word",
        "HTTPS://Locks.Example.com/push/word",
    ],
)
def test_public_https_addresses_can_be_reached(address: str) -> None:
    assert is_reachable(address, U_TEC)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://locks.example.com/push/word",
        "https://192.168.1.5:8000/push/word",
        "https://10.0.0.1/",
        "https://127.0.0.1/",
        "https://100.64.0.1/",
        "https://169.254.1.1/",
        "https://[fd00::1]/",
        "https://[::1]/",
        "https://homeassistant/",
        "https://homeassistant.local/",
        "https://homeassistant.local./",
        "https://gateway.lan/",
        "https://nas.home.arpa/",
        "https://pi.fritz.box.internal/",
        "https://localhost/",
        "https://[broken/",
    ],
)
def test_an_address_at_home_or_without_tls_is_never_given_away(address: str) -> None:
    assert not is_reachable(address, U_TEC)


def test_a_cloud_that_is_at_home_itself_reaches_what_is_there() -> None:
    assert is_reachable("http://127.0.0.1:8123/api/webhook/word", AT_HOME)
    assert not is_reachable("", AT_HOME)


def test_only_the_host_of_an_address_is_shown() -> None:
    assert host_of("https://locks.example.com:8443/push/word?a=b") == "locks.example.com"
    assert host_of("https://[broken") == ""


@pytest.mark.parametrize("address", SPELLINGS.values(), ids=SPELLINGS)
def test_an_address_at_home_stays_one_in_every_spelling(address: str) -> None:
    assert not is_reachable(address, U_TEC)


@pytest.mark.parametrize(
    "host",
    [
        *("locks.example.com", "locks.example.com.", "a.io", "1.example.com", "xn--tr-xka.example"),
        *("tür.example.de", "my_door.example.com", "box.example.com", "8.8.8.8", "2606:4700::1111"),
        "locks.xn--p1ai",
    ],
)
def test_names_and_addresses_of_the_internet_are_public(host: str) -> None:
    assert is_public(host)

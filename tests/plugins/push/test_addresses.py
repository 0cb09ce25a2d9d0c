"""U-tec is never told of an address that it cannot reach."""

import pytest

from utec_gateway.plugins.push.addresses import host_of, is_reachable

U_TEC = "https://api.u-tec.com"
AT_HOME = "http://127.0.0.1:8400"


@pytest.mark.parametrize(
    "address",
    [
        "https://locks.example.com/push/word",
        "https://8.8.8.8/push/word",
        "https://hooks.nabu.casa/word",
        "https://[2606:4700::1111]:8443/push/word",
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

"""Addresses are taken as people write them, one by one, and what is wrong is named."""

from email.headerregistry import Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utec.given import THOROUGHLY
from utec_gateway.options.email_addresses import FLAWS, AddressError, recipients, sender

WRITTEN = st.text(st.sampled_from("ab.-_@+ <>(),;:\"'[]\\\t\n\r\0\u200b\udcfcäß1"), max_size=30)


@pytest.mark.parametrize(
    "written",
    [
        ["me@example.com", "you@example.com"],
        ["me@example.com, you@example.com"],
        ["me@example.com;you@example.com"],
        ["me@example.com\r\nyou@example.com\n"],
        [" me@example.com ,; ", "", "you@example.com,me@example.com"],
        ["Me <me@example.com>, <you@example.com>"],
        ['"Doe, Jane; a friend" <me@example.com>; you@example.com'],
        ["\u200bme@example.com\ufeff, you@example.com\xa0"],
    ],
)
def test_addresses_are_split_and_each_is_taken_once(written: list[str]) -> None:
    assert recipients(written) == ("me@example.com", "you@example.com")


@pytest.mark.parametrize(
    "written",
    ["me@localhost", "o'neil+locks@mail.example.co.uk", "a_b-c@1.example", "ME@Example.COM"],
)
def test_addresses_that_are_rare_are_taken_as_they_are(written: str) -> None:
    assert recipients([written]) == (written,)
    assert sender(written) == written


@pytest.mark.parametrize(
    ("written", "flaw"),
    [
        ("not an address", "at"),
        ("me", "at"),
        ("me@you@example.com", "at"),
        ("me@example.com you@example.com", "at"),
        ("Jane me@example.com", "space"),
        ("me@exam ple.com", "space"),
        ("@example.com", "mailbox"),
        ("me..you@example.com", "mailbox"),
        (".me@example.com", "mailbox"),
        ("jürgen@example.com", "mailbox"),
        ("me(home)@example.com", "mailbox"),
        ("mailto:me@example.com", "mailbox"),
        ("x" * 65 + "@example.com", "mailbox"),
        ("me@", "domain"),
        ("me@.com", "domain"),
        ("me@example..com", "domain"),
        ("me@example.com.", "domain"),
        ("me@-example.com", "domain"),
        ("me@[192.168.1.5]", "domain"),
        ("me@straße.example", "domain"),
        ("me@example.com>", "domain"),
        ("me@" + "x." * 200 + "com", "domain"),
    ],
)
def test_what_is_no_address_is_named_with_what_is_wrong(written: str, flaw: str) -> None:
    for refused in (lambda: recipients(["good@example.com", written]), lambda: sender(written)):
        with pytest.raises(AddressError) as raised:
            refused()
        assert raised.value.flaw == flaw
        assert written.startswith(raised.value.address.rstrip("…"))
        assert FLAWS[flaw] in str(raised.value)


def test_there_may_be_no_sender_and_only_one() -> None:
    assert sender("  ") == ""
    assert sender("Gateway <gateway@example.com>") == "gateway@example.com"
    with pytest.raises(AddressError):
        sender("me@example.com, you@example.com")


@pytest.mark.parametrize("value", [None, 5, "me@example.com", [5], [None], {}])
def test_recipients_are_a_list_of_text(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^must be a list of e-mail addresses$"):
        recipients(value)


@THOROUGHLY
@given(st.lists(WRITTEN, max_size=3))
def test_whatever_is_taken_can_stand_in_a_header_and_on_the_wire(written: list[str]) -> None:
    try:
        taken = recipients(written)
    except AddressError:
        return
    for one in taken:
        assert Address(addr_spec=one).addr_spec == one
        assert one.isascii()
        assert one.isprintable()
        assert not set(one) & set(" <>(),;:")

"""What people paste: whatever stands around the address or in it, the code is found."""

import string
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utec_gateway.auth.authorization_response import (
    AuthorizationResponse,
    read_responses,
    undecorated_code,
)

INVISIBLE = (
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u200e",
    "\u202a",
    "\u202c",
)
PAIRS = (
    *('""', "''", "``", "“”", "„“", "‘’", "‚‘", "«»", "»«", "‹›", "「」", "<>", "()", "{}"),  # noqa: RUF001
    *("[]", "**", "  ", "\u00a0\u00a0", "\t\n", "\u2066\u2069"),
)
BEFORE = ("", "Here it is: ", "URL:\n", "> ", "I see “", "[this](", "\u202a", "- ")
BEHIND = ("", ".", ",", "!", " thanks", ", thanks!", "…", " \n\nSent from my phone", ")", "\u200b")
SAFE = string.ascii_letters + string.digits + "-_"
codes = st.text(SAFE, min_size=8, max_size=60).filter(lambda code: any(c.isdigit() for c in code))
states = st.text(SAFE, min_size=32, max_size=32)
HOSTS = ("http://localhost:9501/", "https://gate.example.com/oauth/callback", "http://[fd00::1]/")
hosts = st.sampled_from(HOSTS)


def read(pasted: str, state: str | None = None) -> AuthorizationResponse:
    """Read a paste as the sign-in does that has issued this state."""
    ways = tuple(read_responses(pasted))
    return next((way for way in ways if state and way.query.get("state") == state), ways[0])


@given(
    hosts, codes, states, st.sampled_from(PAIRS), st.sampled_from(BEFORE), st.sampled_from(BEHIND)
)
def test_nothing_around_the_address_keeps_the_code_from_being_found(
    host: str, code: str, state: str, pair: str, before: str, behind: str
) -> None:
    pasted = f"{before}{pair[0]}{host}?code={code}&state={state}{pair[1]}{behind}"

    assert read(pasted, state).query == {"code": code, "state": state}


@given(hosts, codes, states, st.sampled_from(["\n", "\r\n", "\n   ", *INVISIBLE]), st.data())
def test_nothing_that_came_into_the_address_keeps_the_code_from_being_found(
    host: str, code: str, state: str, foreign: str, data: st.DataObject
) -> None:
    address = f"{host}?code={code}&state={state}"
    place = data.draw(st.integers(0, len(address)))

    pasted = address[:place] + foreign + address[place:]

    assert read(pasted, state).query == {"code": code, "state": state}


@given(hosts, codes, states)
def test_an_escaped_address_is_read(host: str, code: str, state: str) -> None:
    address = f"{host}?code={code}&state={state}"

    for pasted in (escape(address), escape(escape(address)), quote(address, safe="")):
        assert read(pasted, state).query == {"code": code, "state": state}


@given(codes.filter(lambda code: len(code) >= 12), st.sampled_from(PAIRS))
def test_the_bare_code_is_read(code: str, pair: str) -> None:
    for pasted in (code, f"{pair[0]}{code}{pair[1]}", f"{code}.", f"code={code}", f"?code={code}"):
        assert read(pasted).code == code


@given(codes, st.sampled_from(PAIRS))
def test_what_is_known_to_be_a_code_is_taken_out_of_its_quotes(code: str, pair: str) -> None:
    if pair != "**" and "[" not in pair:
        assert undecorated_code(f"{pair[0]}{code}{pair[1]}") == code


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(pasted: str) -> None:
    for way in read_responses(pasted):
        assert all(isinstance(value, str) for value in way.query.values())


@pytest.mark.parametrize("evil", ["&amp;" * 2000, "http%3A" * 2000, "x" * 50_000, "?" * 9000])
def test_an_absurd_paste_is_read_quickly(evil: str) -> None:
    assert list(read_responses(evil))


@pytest.mark.parametrize(
    "pasted",
    ["", "rubbish", "example.com", "192.168.100.200", "Invalid redirect uri", "not an address"],
)
def test_what_holds_no_code_is_not_taken_for_one(pasted: str) -> None:
    assert read(pasted).query == {}

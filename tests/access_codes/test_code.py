"""The digits that open a lock: what may be typed, and what is generated."""

import logging
from random import Random
from typing import Any

import pytest

from utec_gateway.access_codes.code import Code, is_easily_guessed, new_code, read_code
from utec_gateway.core.errors import FieldError

GUESSABLE = (
    *("0000", "7777", "88888888", "1212", "123123", "4747"),
    *("1234", "4321", "56789", "7890", "98765432", "3210", "0123"),
    *("2580", "1379", "147258", "159753"),
)


class Scripted(Random):
    """Draws the digits that a test has chosen, one after the other."""

    def __init__(self, digits: str) -> None:
        super().__init__()
        self._left = list(digits)

    def choice(self, seq: Any) -> Any:
        digit = self._left.pop(0)
        assert digit in seq
        return digit


def refusal(typed: str) -> str:
    with pytest.raises(FieldError) as caught:
        read_code(typed)
    assert caught.value.field == "code"
    return str(caught.value)


@pytest.mark.parametrize("typed", ["4711", "47110", "96385274", "9025", " 4711\n"])
def test_a_code_of_four_to_eight_digits_can_be_chosen(typed: str) -> None:
    assert read_code(typed).digits == typed.strip()


@pytest.mark.parametrize("typed", ["", "12a4", "47 11", "-4711", "4711.0", "٤٧١١", "4²11", "+4711"])
def test_a_code_that_is_not_of_digits_is_refused_at_its_field(typed: str) -> None:
    assert "digits only" in refusal(typed)


@pytest.mark.parametrize("typed", ["479", "479358261"])
def test_a_code_of_three_or_nine_digits_is_refused_at_its_field(typed: str) -> None:
    assert "4 to 8 digits" in refusal(typed)


@pytest.mark.parametrize("typed", GUESSABLE)
def test_a_code_that_everybody_tries_first_is_refused_at_its_field(typed: str) -> None:
    assert "guessed too easily" in refusal(typed)


@pytest.mark.parametrize("typed", ["4711", "1235", "7780", "12124", "2581", "9013"])
def test_a_code_that_is_no_run_no_repetition_and_no_pattern_is_not_easily_guessed(
    typed: str,
) -> None:
    assert not is_easily_guessed(typed)


def test_a_code_that_begins_with_0_is_refused_since_a_number_would_lose_it() -> None:
    assert "must not begin with 0" in refusal("0815")


def test_the_reason_of_a_refusal_does_not_repeat_what_was_typed() -> None:
    for typed in ("4711a", "479358261", "7777", "0815"):
        assert typed not in refusal(typed)


def test_a_generated_code_has_six_digits_and_none_that_a_client_avoids() -> None:
    codes = [new_code(Random(seed)).digits for seed in range(500)]
    assert all(len(digits) == 6 and "0" not in digits for digits in codes)
    assert all(read_code(digits).digits == digits for digits in codes)
    assert len(set(codes)) > 490
    assert set("".join(codes)) == set("123456789")


@pytest.mark.parametrize("avoided", ["129583", "555555", "345678", "147258"])
def test_a_generated_code_that_is_avoided_or_easily_guessed_is_drawn_again(avoided: str) -> None:
    assert new_code(Scripted(avoided + "481526")).digits == "481526"


def test_a_code_is_in_no_repr_no_text_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    code = Code("481526")
    logging.getLogger("test").warning("%s %r", code, code)
    assert "481526" not in f"{code} {code!r} {[code]} {caplog.text}"

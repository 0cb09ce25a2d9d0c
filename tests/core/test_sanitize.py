"""Whatever comes from outside is fit for a page, an answer and a log afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utec.given import THOROUGHLY
from utec_gateway.core.sanitize import encodable, sanitize

ANYTHING = st.text(st.characters(), max_size=400)
BYTES = st.binary(max_size=400).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@THOROUGHLY
@given(ANYTHING | BYTES)
def test_any_text_becomes_one_printable_line_that_can_be_encoded(said: str) -> None:
    clean = sanitize(said, 100)
    assert clean.isprintable()
    assert clean.encode().decode() == clean
    assert len(clean) <= 100
    assert sanitize(clean, 100) == clean
    assert encodable(said).encode().decode() == encodable(said)


@pytest.mark.parametrize(
    ("said", "clean"),
    [
        ("Accepted", "Accepted"),
        ("für dich, 好", "für dich, 好"),
        ("two\r\nlines\tand  spaces ", "two lines and spaces"),
        ("f\udcfcr dich", "f\ufffdr dich"),
        ("\x1b[31mred\x00", "[31mred"),
        ("turned \u202e round", "turned round"),
        ("x" * 11, "x" * 9 + "…"),
        ("", ""),
    ],
)
def test_what_people_can_read_stays(said: str, clean: str) -> None:
    assert sanitize(said, 10 if said.startswith("xx") else 100) == clean

"""Identifiers against published examples and by breaking them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language import identifiers as ids

PUBLISHED = [
    ("nhs", "943 476 5919", ids.PASS),
    ("nhs", "9434765918", ids.FAIL),
    ("nhs", "0000000000", ids.FAIL),
    ("nhs", "94347659", ids.FAIL),
    ("upn", "H801200001001", ids.PASS),
    ("upn", "h80120000100 1", ids.PASS),
    ("upn", "A801200001001", ids.FAIL),
    ("upn", "", ids.FAIL),
    ("nino", "AB 12 34 56 C", ids.PASS),
    ("nino", "QQ123456C", ids.FAIL),
    ("nino", "ZZ123456C", ids.FAIL),
    ("uln", "1234567890", ids.PASS),
    ("urn", "900001", ids.PASS),
    ("la_child", "anything", ids.NONE),
]
NINE = st.text("0123456789", min_size=9, max_size=9)


@pytest.mark.parametrize(("scheme", "value", "result"), PUBLISHED)
def test_published_examples(scheme: str, value: str, result: str) -> None:
    assert ids.check(scheme, value) == result


@given(NINE)
def test_a_made_nhs_number_passes_and_any_other_check_digit_fails(nine: str) -> None:
    digit = ids.nhs_check_digit(nine)
    passing = [other for other in "0123456789" if ids.check("nhs", nine + other) == ids.PASS]
    assert passing == ([] if digit is None or len(set(nine + digit)) == 1 else [digit])


@given(NINE, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_in_an_nhs_number_is_noticed(nine: str, place: int, shift: int) -> None:
    digit = ids.nhs_check_digit(nine)
    if digit is None:
        return
    wrong = str((int(nine[place]) + shift) % 10)
    assert ids.check("nhs", nine[:place] + wrong + nine[place + 1 :] + digit) == ids.FAIL


@given(st.text("0123456789", min_size=11, max_size=11), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUVWXYZ"))
def test_a_made_upn_passes_with_one_letter_alone(digits: str, last: str) -> None:
    twelve = digits + last
    letters = [letter for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if ids.check("upn", letter + twelve) == ids.PASS]
    assert letters == [ids.upn_check_letter(twelve)]


@given(st.integers(0, 9_999_999), st.integers(0, 99))
def test_a_pnc_id_has_one_check_letter(serial: int, year: int) -> None:
    letters = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if ids.check("pnc", f"{year:02}/{serial}{c}") == ids.PASS]
    assert len(letters) == 1
    assert letters[0] not in "IOS"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("m1 1aa", "M1 1AA"),
        ("M1  1AA", "M1 1AA"),
        ("qb12ab", "QB1 2AB"),
        ("EC1A1BB", "EC1A 1BB"),
        ("GIR 0AA", "GIR 0AA"),
        ("ZZ99 3VZ", "ZZ99 3VZ"),
        ("nope", None),
        ("", None),
        (None, None),
        ("M1 1AAA", None),
    ],
)
def test_postcodes(text: str | None, found: str | None) -> None:
    assert ids.find_postcode(text) == found


@given(st.text(max_size=30))
def test_no_text_breaks_a_check(text: str) -> None:
    for scheme in ("nhs", "upn", "nino", "pnc", "uln", "urn", "uprn", "local"):
        assert ids.check(scheme, text) in (ids.PASS, ids.FAIL, ids.NONE)
    found = ids.find_postcode(text)
    assert found is None or ids.find_postcode(found) == found


def test_a_number_that_a_program_took_for_an_amount_is_the_number() -> None:
    assert ids.normalise("nhs", "9999864902.0") == ids.normalise("nhs", "999 986 4902") == "9999864902"
    assert ids.check("nhs", "9999864902.0") == ids.check("nhs", "9999864902") == "pass"
    assert ids.normalise("uprn", "990000000039.0") == "990000000039"
    assert ids.normalise("local", "12.0") == "12.0" and ids.normalise("nhs", "9.9E+09") == "9.9E+09"

"""What joins a guarded record without a human, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from braid.people.evidence import Witness, find_doubt

NHS, UPN = ("nhs", "9990000018"), ("upn", "A991200026001")
COUNCIL = ("la_child", "north-council|C7")
AMINA = Witness("victim-service", "amina", "1990-03-14", birth_vague=False, sex="female", numbers=frozenset({NHS}))
PATIENT = Witness("hospital", None, "1990-03-14", birth_vague=False, sex="female", numbers=frozenset({NHS}))


def doubt(left: Witness, right: Witness, *others: Witness) -> str:
    holders = {number: [w for w in (left, right, *others) if number in w.numbers] for number in left.numbers}
    assert find_doubt(left, right, holders) == find_doubt(right, left, {**holders, **_of(right, left, *others)})
    return find_doubt(left, right, holders)


def _of(*witnesses: Witness) -> dict[tuple[str, str], list[Witness]]:
    return {number: [w for w in witnesses if number in w.numbers] for number in witnesses[0].numbers}


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        (replace(AMINA, feed="housing"), ""),
        (PATIENT, ""),
        (replace(AMINA, feed="housing", forename="a"), ""),
        (replace(AMINA, feed="housing", numbers=frozenset()), "identifier"),
        (replace(AMINA, feed="housing", numbers=frozenset({("nhs", "9990000026")})), "identifier"),
        (replace(AMINA, feed="housing", numbers=frozenset({("upn", NHS[1])})), "identifier"),
        (replace(AMINA, feed="housing", birth_date="1990-03-15"), "birth_date"),
        (replace(AMINA, feed="housing", birth_date=None), "birth_date"),
        (replace(AMINA, feed="housing", forename="tomas"), "forename"),
        (replace(AMINA, feed="housing", sex="male"), "sex"),
        (replace(PATIENT, sex=None), "sex"),
        (replace(AMINA, feed="housing", sex=None), ""),
    ],
)
def test_a_number_joins_where_nothing_speaks_against_it(other: Witness, cause: str) -> None:
    assert doubt(AMINA, other) == cause


def test_two_made_up_birth_dates_are_no_agreement() -> None:
    vague = replace(AMINA, birth_date="1990-01-01", birth_vague=True)
    assert doubt(vague, replace(vague, feed="housing")) == "birth_date"


def test_a_nickname_fits_and_a_twin_does_not() -> None:
    robert = replace(AMINA, forename="robert", sex="male", numbers=frozenset({UPN}))
    assert doubt(robert, replace(robert, feed="school", forename="bob")) == ""
    assert doubt(robert, replace(robert, feed="school", forename="ronald")) == "forename"


@pytest.mark.parametrize(
    "third",
    [
        replace(PATIENT, feed="clinic", birth_date="1961-07-08"),
        replace(AMINA, feed="clinic", forename="tomas"),
        replace(PATIENT, feed="clinic", sex="male"),
    ],
    ids=["other birth date", "other forename", "other sex"],
)
def test_a_number_that_another_record_holds_otherwise_is_a_confusion(third: Witness) -> None:
    assert doubt(AMINA, PATIENT) == ""
    assert doubt(AMINA, PATIENT, third) == "confusion"


def test_a_feed_that_holds_a_number_twice_tells_nothing_of_who_has_no_name() -> None:
    assert doubt(AMINA, PATIENT, replace(PATIENT)) == "confusion"
    assert doubt(AMINA, replace(AMINA, feed="clinic"), replace(AMINA, feed="clinic")) == ""


def test_one_clear_number_is_enough_beside_a_confused_one() -> None:
    child = Witness("cin", None, "2016-05-06", birth_vague=False, sex="male", numbers=frozenset({UPN, COUNCIL}))
    kept = replace(child, feed="care")
    twin = replace(child, feed="school", birth_date="2016-05-07", numbers=frozenset({UPN}))
    assert doubt(child, kept, twin) == ""
    assert doubt(replace(child, numbers=frozenset({UPN})), replace(kept, numbers=frozenset({UPN})), twin) == "confusion"

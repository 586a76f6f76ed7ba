"""Mistakes come at the rates asked for, and time passes between weekly extracts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import example_files as partner
import pytest
from example_files import Written

from braid.example import errors
from braid.language.identifiers import check, find_postcode


def roll(place: Written) -> list[dict[str, str]]:
    return [row for d in partner.DISTRICTS for row in partner.table(place.extract(f"{d}-schools") / "roll.csv")]


def share(rows: list[dict[str, str]], test: Callable[[dict[str, str]], bool]) -> float:
    return sum(1 for row in rows if test(row)) / len(rows)


@pytest.mark.parametrize(
    "is_wrong",
    [
        lambda row: row["UPN"] == "",
        lambda row: row["PostCode"] != (find_postcode(row["PostCode"]) or ""),
        lambda row: row["DOB"] == "",
    ],
    ids=["missing pupil number", "postcode format", "missing birth date"],
)
def test_presets_differ_in_their_rates(
    plain: Written, usual: Written, high: Written, is_wrong: Callable[[dict[str, str]], bool]
) -> None:
    none, some, many = (share(roll(place), is_wrong) for place in (plain, usual, high))
    assert none == 0 <= some < many


def test_without_errors_the_extracts_hold_true_names(plain: Written) -> None:
    persons = {row["true_person_id"]: row for row in partner.table(plain.folder / "truth" / "persons.csv")}
    people = partner.table(plain.folder / "truth" / "people.csv")
    keys = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in people}
    for row in partner.table(plain.extract("hallowmere-schools") / "roll.csv"):
        person = persons[keys["hallowmere-schools", row["PupilId"]]]
        assert (row["Forename"], row["Surname"]) == (person["given_name"], person["family_name"])
        assert partner.iso(row["DOB"]) == person["birth_date"]


def test_some_numbers_fail_their_check(high: Written) -> None:
    rows = partner.table(high.extract("hospital-waiting-list") / "wlmds.csv")
    numbers = [row["NHS_NUMBER"] for row in rows if row["NHS_NUMBER"]]
    assert 0 < sum(1 for number in numbers if check("nhs", number) == "fail") < len(numbers) / 10


def test_some_people_have_two_keys_with_one_partner(high: Written) -> None:
    people = [
        r["true_person_id"] for r in partner.table(high.folder / "truth" / "people.csv") if "hospital" in r["feed"]
    ]
    assert len(set(people)) < len(people)


def test_broken_rows_unknown_codes_and_an_extra_column_stand_in_the_extracts(usual: Written, plain: Written) -> None:
    rows = partner.table(usual.extract("hospital-waiting-list") / "wlmds.csv")
    assert any(row["REFERRAL_TO_TREATMENT_PERIOD_START_DATE"] == "31/02/2026" for row in rows)
    header = partner.header(usual.extract("hospital-waiting-list") / "wlmds.csv")
    assert set(header) - set(partner.header(plain.extract("hospital-waiting-list") / "wlmds.csv"))


def test_unknown_codes_come_at_high_rates(high: Written) -> None:
    assert any(row["Ethnicity"] == "ZZ9" for row in roll(high))


@pytest.mark.parametrize("name", ["Aleksandra", "Ho", "Al-Jabri", "Smith"])
def test_a_slip_of_the_keyboard_keeps_the_first_letter_and_about_the_length(name: str) -> None:
    random = Random(1)
    for _ in range(50):
        slip = errors.mistype(random, name)
        assert slip[0] == name[0]
        assert abs(len(slip) - len(name)) <= 1


def test_day_and_month_are_swapped_only_where_both_can_be() -> None:
    rates = errors.ErrorRates(swapped_day_month=1.0)
    assert errors.write_birth_date(Random(1), date(2001, 3, 9), rates) == date(2001, 9, 3)
    shifted = errors.write_birth_date(Random(1), date(2001, 3, 29), rates)
    assert shifted in (date(2001, 3, 28), date(2001, 3, 30))


def weeks_of(place: Written, feed: str) -> list[str]:
    return sorted(path.name for path in (place.folder / "extracts" / feed).iterdir())


def test_weeks_end_at_the_as_of_date_and_one_feed_lags(month: Written) -> None:
    assert weeks_of(month, "crown-court") == ["2026-10-18", "2026-10-25", "2026-11-01", "2026-11-08", "2026-11-15"]
    assert weeks_of(month, "osmerby-schools")[-1] == "2026-11-01"


def pathways(month: Written, week: str) -> dict[str, tuple[str, ...]]:
    rows = partner.table(month.folder / "extracts" / "hospital-waiting-list" / week / "wlmds.csv")
    return {row["PATIENT_PATHWAY_IDENTIFIER"]: tuple(row.values())[1:] for row in rows}


def test_pathways_come_change_and_end_from_week_to_week(month: Written) -> None:
    first, last = pathways(month, "2026-10-18"), pathways(month, "2026-11-15")
    assert set(last) - set(first)
    assert any(first[key] != last[key] for key in set(first) & set(last))
    end = 11
    assert any(not first[key][end] and last[key][end] for key in set(first) & set(last))


def test_withdrawn_rows_vanish_and_are_not_true(month: Written) -> None:
    first, last = pathways(month, "2026-10-18"), pathways(month, "2026-11-15")
    gone = [row for key, row in first.items() if key not in last and not row[11] and "-X" not in key]
    assert gone


def test_a_person_keeps_name_and_key_from_week_to_week(month: Written) -> None:
    weeks = weeks_of(month, "hallowmere-housing-register")
    folder = month.folder / "extracts" / "hallowmere-housing-register"
    first, last = (partner.document(folder / week / "register.json") for week in (weeks[0], weeks[-1]))
    names = {a["id"]: a["mainApplicant"]["person"] for a in first}
    shared = [a for a in last if a["id"] in names]
    assert shared
    assert all(a["mainApplicant"]["person"] == names[a["id"]] for a in shared)

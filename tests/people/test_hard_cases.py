"""Cases on which linking goes wrong: twins, namesakes of one home, borrowed, copied and mistyped numbers."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from braid.extracts.catalogue import get_standards
from braid.people.decisions import DIFFERENT, SAME
from braid.people.sources import NUMBERS, SourceTrust, find_trust, trust_of, with_said
from braid.people.wrong_numbers import COLUMNS, mark_of
from people.little_place import LittlePlace, make_place
from people.records import Written, decision, nhs, upn

HOME = {"postcode": "QB1 1AA"}
LISTS = {"standard": "wlmds"}


def family() -> Written:
    """Return one woman on two lists, whose number was mistyped into another that exists."""
    written = Written()
    written.record("one", "north-list", "Mary", "Reed", "1980-05-06", nhs=nhs(1), **HOME, **LISTS)
    written.record("two", "south-list", "Mary", "Reed", "1980-05-06", nhs=nhs(2), **HOME, **LISTS)
    return written


def wrong(name: str, feed: str, number: str, *people: str, scheme: str = "nhs") -> tuple[int, dict[str, str]]:
    """Return a row that says a record holds a wrong number."""
    decided_by, approved_by = (*people, "")[:2]
    values = (feed, name, scheme, mark_of(feed, name, scheme, number), decided_by, approved_by, "2026-11-16", "LR-1")
    return 2, dict(zip(COLUMNS, values, strict=True))


def test_two_trusted_numbers_part_and_go_to_review_where_all_else_agrees() -> None:
    with family().linked() as found:
        assert not found.are_one("one", "two")
        assert found.proposals() == {frozenset(("one", "two")): "number"}
        assert (found.summary.contested, found.summary.proposals) == (1, 1)


def test_a_number_that_two_humans_found_wrong_counts_no_more_and_does_again_once_it_is_another() -> None:
    rows = [wrong("two", "south-list", nhs(2), "First Human", "Second Human")]
    with family().linked(wrong_rows=rows) as found:
        assert found.are_one("one", "two")
        assert (found.summary.wrong_numbers, found.summary.wrong_numbers_lapsed, found.summary.contested) == (1, 0, 0)
    lapsed = [wrong("two", "south-list", nhs(3), "First Human", "Second Human")]
    with family().linked(wrong_rows=lapsed) as found:
        assert not found.are_one("one", "two")
        assert (found.summary.wrong_numbers, found.summary.wrong_numbers_lapsed) == (0, 1)


@pytest.mark.parametrize("people", [("First Human",), ("First Human", " first  human")])
def test_one_human_alone_makes_no_number_wrong(people: tuple[str, ...]) -> None:
    rows = [wrong("two", "south-list", nhs(2), *people)]
    with family().linked(wrong_rows=rows) as found:
        assert not found.are_one("one", "two")
        assert "restricted/wrong_numbers.csv line 2: " in found.summary.problems[0]
        assert not any(value in found.summary.problems[0] for value in (nhs(2), "Reed"))


def test_a_decision_joins_without_saying_which_number_is_wrong() -> None:
    same = [decision("one", "two", ("north-list", "south-list"), SAME, "First Human")]
    with family().linked(same) as found:
        assert found.are_one("one", "two")
        assert found.proposals() == {}
    different = [decision("one", "two", ("north-list", "south-list"), DIFFERENT, "First Human")]
    with family().linked(different) as found:
        assert not found.are_one("one", "two")
        assert found.proposals() == {}, "what was decided is asked no more"


def test_a_number_that_its_source_does_not_vouch_for_parts_nobody() -> None:
    said = {"south-list": SourceTrust(trusted_numbers=frozenset())}
    written = family()
    written.record("three", "third-list", "Mary", "Reed", "1980-05-06", nhs=nhs(1), **HOME, **LISTS)
    with written.linked(feed_trust=said) as found:
        assert found.are_one("one", "two", "three")


def test_two_rows_of_a_source_that_holds_everybody_once_are_two_people() -> None:
    written = Written()
    for name in ("one", "two"):
        written.record(name, "register", "Mary", "Reed", "1980-05-06", **HOME)
    with written.linked() as found:
        assert found.are_one("one", "two")
    with written.linked(feed_trust={"register": SourceTrust(one_row_a_person=True)}) as found:
        assert not found.are_one("one", "two")


def test_father_and_son_of_one_name_and_home_are_two() -> None:
    written = Written()
    for feed in ("a", "b"):
        written.record(f"father {feed}", feed, "John", "Reed", "1960-03-04", sex="male", **HOME)
        written.record(f"son {feed}", feed, "John", "Reed", "1988-03-04", sex="male", **HOME)
    with written.linked() as found:
        assert found.are_one("father a", "father b") and found.are_one("son a", "son b")
        assert not found.are_one("father a", "son a")


def test_twins_with_a_number_each_are_two_and_so_is_who_borrows_one() -> None:
    written = Written()
    written.record("amy", "north-school", "Amy", "Reed", "2015-03-04", upn=upn(1), standard="school", **HOME)
    written.record("ann", "north-school", "Ann", "Reed", "2015-03-04", upn=upn(2), standard="school", **HOME)
    written.record("amy cin", "cin", None, None, "2015-03-04", upn=upn(1), standard="cin")
    written.record("borrower", "list", "Jane", "Hill", "1971-08-09", nhs=nhs(5), **LISTS)
    written.record("lender", "other-list", "Ruth", "Moss", "1990-01-02", nhs=nhs(5), postcode="QB9 9AA", **LISTS)
    with written.linked() as found:
        assert found.are_one("amy", "amy cin")
        assert not found.are_one("amy", "ann")
        assert not found.are_one("borrower", "lender")


def test_no_person_of_a_place_with_wrong_numbers_holds_two_and_all_that_agree_are_proposed() -> None:
    place = make_place(households=250, seed=9)
    wrong_records = mistype(place, share=0.05)
    written = Written()
    written.place = place
    written.ids = {row["record_id"]: row["record_id"] for row in place.tables["person_record"]}
    with written.linked() as found:
        numbers: dict[str, set[str]] = defaultdict(set)
        for row in place.tables["identifier"]:
            if row["scheme"] == "upn":
                numbers[found.person[row["person_record_id"]]].add(row["value"])
        assert wrong_records
        assert max(len(held) for held in numbers.values()) == 1
        proposed = {record for pair, cause in found.proposals().items() if cause == "number" for record in pair}
    assert proposed & wrong_records


def mistype(place: LittlePlace, share: float) -> set[str]:
    """Give some pupils of a place the number of another pupil that nobody here has; add a second school to each."""
    draw, changed = random.Random(5), set()
    for serial, row in enumerate([row for row in place.tables["identifier"] if row["scheme"] == "upn"]):
        named = next(each for each in place.tables["person_record"] if each["record_id"] == row["person_record_id"])
        if named["standard"] != "school" or draw.random() > share:
            continue
        copy = f"{named['record_id']} again"
        more = {"feed": "late-school", "record_id": copy, "partner_record_id": copy}
        place.tables["person_record"].append({**named, **more})
        stays = [each for each in place.tables["stay"] if each["person_record_id"] == named["record_id"]]
        place.tables["stay"] += [{**each, "record_id": f"{copy} stay", "person_record_id": copy} for each in stays]
        number = {"record_id": f"{copy} upn", "person_record_id": copy, "value": upn(700_000 + serial)}
        place.tables["identifier"].append({**row, **number, "feed": "late-school"})
        changed.add(copy)
    return changed


def test_the_standards_that_vouch_for_numbers_are_standards_and_a_place_may_say_otherwise() -> None:
    known = set(get_standards())
    assert {"wlmds", "school", "cin", "ssda903"} <= known
    assert trust_of("wlmds").trusted_numbers == {"nhs"}
    assert trust_of("csv of somebody") == SourceTrust(NUMBERS, one_row_a_person=False)
    said = {"list": with_said(trust_of("wlmds"), None, one_row_a_person=True)}
    assert find_trust({"list": "wlmds", "other": "wlmds"}, said)["list"] == SourceTrust(
        frozenset({"nhs"}), one_row_a_person=True
    )
    assert find_trust({"list": "wlmds", "other": "wlmds"}, said)["other"] == trust_of("wlmds")

"""The second pass: what households say of who is whom, and where they say nothing; no score is asked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from braid.people.decisions import find_decided
from braid.people.facts import read_facts
from braid.people.guarded import Evidence, Settled, protect_with, read_own, settle
from braid.people.model import Edge, FieldWeight, Rest
from braid.people.names import forename_groups
from braid.people.run import add_missing_tables
from braid.people.second_pass import are_alike, look_again, with_household, with_second_pass
from braid.people.standardise import standardise
from people.records import Written, decision, nhs, upn

MUM_BORN, CHILD_BORN = "1988-03-09", "2015-06-21"
HOME = {"postcode": "QB1 1AA", "uprn": "1"}


@dataclass(frozen=True)
class _Again:
    """What the second pass found, by the names of records, and what came of it."""

    pairs: set[frozenset[str]]
    settled: Settled
    doubts: dict[frozenset[str], str]
    ids: dict[str, str]

    def are_one(self, left: str, right: str) -> bool:
        return any({self.ids[left], self.ids[right]} <= set(group) for group in self.settled.resolution.groups)


def _look(
    written: Written,
    *joined: tuple[str, str],
    decisions: list[dict[str, str]] | None = None,
    weak: tuple[tuple[str, str], ...] = (),
) -> _Again:
    """Settle with only the named pairs joined by the first pass, and those that it scored as too light; look again."""
    names = {identity: name for name, identity in written.ids.items()}
    engine = written.place.engine()
    add_missing_tables(engine)
    records = standardise(engine)
    edges = tuple(Edge(*sorted((written.ids[one], written.ids[other])), 20.0) for one, other in joined)
    evidence = Evidence(
        records.column("record_id").to_pylist(),
        edges,
        read_facts(engine, records),
        frozenset(edges),
        decided=find_decided(engine, list(enumerate(decisions or [], 2))),
        rest=Rest(tuple(Edge(*sorted((written.ids[one], written.ids[other])), 1.5) for one, other in weak)),
    )
    own, protect = read_own(engine), protect_with(engine, {})
    found = look_again(engine, records, evidence, settle(evidence, own, protect))
    widened, doubts = with_second_pass(evidence, found, records)
    settled = settle(widened, own, protect)
    engine.close()

    def named(edge: Edge) -> frozenset[str]:
        return frozenset((names[edge.left], names[edge.right]))

    return _Again(set(map(named, found)), settled, {named(e): why for e, why in doubts.items()}, written.ids)


def _family(**more: object) -> Written:
    """Return a mother who is known by two surnames, each time as the parent of one child."""
    written = Written()
    written.record("mother", "housing", "Elizabeth", "Reed", MUM_BORN)
    written.record("wife", "court", "Liz", "Holt", MUM_BORN, standard="fpl", **more)
    written.record("child", "housing", "Kofi", "Reed", CHILD_BORN, sex="male", upn=upn(1))
    written.record("pupil", "court", "Kofi", "Reed", CHILD_BORN, sex="male", upn=upn(1), standard="fpl")
    written.tie("child", "mother", "parent")
    written.tie("pupil", "wife", "parent")
    return written


MOTHER = frozenset({"mother", "wife"})


def test_a_mother_who_changed_her_surname_is_found_by_her_child() -> None:
    again = _look(_family(), ("child", "pupil"))
    assert again.pairs == {MOTHER}
    assert again.are_one("mother", "wife")


def _without_a_date(given: str = "Elisabeth") -> Written:
    """Return the same mother, who the second time has no birth date and another spelling."""
    written = _family()
    for row in written.place.tables["person_record"]:
        if row["record_id"] == written.ids["wife"]:
            row.update(given_name=given, birth_date=None)
    return written


def test_who_is_much_alike_and_stands_with_one_third_person_is_found() -> None:
    """Neither the pair that was found too light nor the child in common is enough by itself."""
    assert _look(_without_a_date(), ("child", "pupil"), weak=(("mother", "wife"),)).pairs == {MOTHER}
    assert _look(_without_a_date(), ("child", "pupil")).pairs == set()
    assert _look(_without_a_date(), weak=(("mother", "wife"),)).pairs == set()


def test_who_is_called_otherwise_is_not_found_by_a_third_person() -> None:
    """Both parents of a child stand with it."""
    assert _look(_without_a_date("Grace"), ("child", "pupil"), weak=(("mother", "wife"),)).pairs == set()


def test_of_two_who_fit_a_record_equally_well_a_third_person_chooses_none() -> None:
    written = _without_a_date()
    written.record("aunt", "housing", "Elizabeth", "Moss", "1991-02-03")
    written.tie("child", "aunt", "carer")
    written.tie("mother", "aunt", "sibling")
    again = _look(written, ("child", "pupil"), weak=(("mother", "wife"), ("aunt", "wife")))
    assert not again.are_one("mother", "wife") and not again.are_one("aunt", "wife")


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("elizabeth", "liz", True),
        ("e", "elizabeth", True),
        ("maria", "marai", True),
        ("maria", "mria", True),
        ("maria", "marian", True),
        ("maria", "moria", True),
        ("maria", "marta", True),
        ("maria", "marco", False),
        ("maria", "mairta", False),
        ("maria", "ma", False),
        ("maria", None, False),
    ],
)
def test_forenames_are_alike_by_form_initial_or_one_letter(left: str, right: str | None, alike: bool) -> None:
    rows = [{"forename": name, "forename_groups": forename_groups(name) if name else None} for name in (left, right)]
    assert are_alike(*rows) is alike
    assert are_alike(*reversed(rows)) is alike


def test_while_nobody_knows_that_it_is_one_child_they_stay_two() -> None:
    again = _look(_family())
    assert again.pairs == set()
    assert not again.are_one("mother", "wife")


def test_two_trusted_numbers_are_not_outvoted_by_a_household() -> None:
    written = _family(nhs=nhs(7))
    number = {**written.place.tables["identifier"][0], "record_id": "own", "person_record_id": written.ids["mother"]}
    written.place.tables["identifier"].append({**number, "value": nhs(8)})
    assert _look(written, ("child", "pupil")).pairs == set()


def test_a_human_is_not_outvoted_by_a_household() -> None:
    row = decision("mother", "wife", ("housing", "court"), "different", "asmith")
    assert not _look(_family(), ("child", "pupil"), decisions=[row]).are_one("mother", "wife")


def test_whom_a_source_relates_to_each_other_are_two() -> None:
    written = _family()
    written.tie("mother", "wife", "sibling")
    assert _look(written, ("child", "pupil")).pairs == set()


def test_twins_and_namesakes_of_one_household_are_never_joined() -> None:
    written = Written()
    for name, born in (("Amelia", CHILD_BORN), ("Isla", CHILD_BORN), ("Ama", MUM_BORN)):
        written.record(name, "schools", name, "Reed", born, **HOME)
    written.record("junior", "housing", "Ama", "Reed", "2009-02-03", **HOME)
    assert _look(written).pairs == set()


def test_a_guarded_record_is_proposed_with_its_reason_and_not_joined() -> None:
    again = _look(_family(confidential=True, postcode="QB9 9ZZ"), ("child", "pupil"))
    assert again.doubts == {MOTHER: "household"}
    assert not again.are_one("mother", "wife")
    assert {frozenset((edge.left, edge.right)) for edge in again.settled.resolution.proposed} == {
        frozenset((again.ids["mother"], again.ids["wife"]))
    }


def _patients(**more: object) -> Written:
    """Return a mother and her child at home, and a patient without a name at their postcode, born with the child."""
    written = Written()
    written.record("mother", "housing", "Ama", "Reed", MUM_BORN, **HOME, **more)
    written.record("child", "housing", "Kofi", "Reed", CHILD_BORN, sex="male", **HOME, **more)
    patient = {"sex": "male", "standard": "wlmds", "postcode": "QB1 1AA"}
    written.record("patient", "hospital", None, None, CHILD_BORN, **patient)
    return written


def test_a_patient_without_a_name_is_found_at_the_home_of_a_family() -> None:
    assert _look(_patients()).pairs == {frozenset({"child", "patient"})}


def test_of_twins_a_patient_without_a_name_is_neither() -> None:
    written = _patients()
    written.record("twin", "housing", "Leo", "Reed", CHILD_BORN, sex="male", **HOME)
    assert _look(written).pairs == set()


def test_a_patient_who_fits_two_households_is_of_neither() -> None:
    written = _patients()
    for name, born in (("neighbour", MUM_BORN), ("boy", CHILD_BORN)):
        written.record(name, "housing", "Omar", "Holt", born, sex="male", postcode="QB1 1AA", uprn="2")
    assert _look(written).pairs == set()


def test_a_safe_address_is_no_home_in_which_anybody_is_found() -> None:
    assert _look(_patients(confidential=True)).pairs == set()


def test_what_a_household_adds_stands_beside_the_fields() -> None:
    fields = [FieldWeight("prior", "", -12.0), FieldWeight("forename", "form", 3.5)]
    found = with_household({("b", "a"): fields, ("c", "d"): fields}, [Edge("a", "b", 4.5), Edge("e", "f", 4.5)])
    assert found["b", "a"] == [*fields, FieldWeight("household", "fits", 13.0)], (
        "together they are what the edge weighs"
    )
    assert found.keys() == {("b", "a"), ("c", "d")} and found["c", "d"] == fields

"""A sealed adoption: the identity before and the one since are two persons, whatever speaks for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.language.findings import PERSON_LINK, RECORD_MEMORY
from braid.people.seals import SealedRow, find_ended_ids, parse_seals
from braid.store.place_folder import PlaceInvalid
from people.records import Written, decision, nhs, upn

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")
OLD_HOME, NEW_HOME = "QB1 1AA", "QB7 4DE"
SEALS = [
    SealedRow("A1", "pre_adoptive", "old-school", "before"),
    SealedRow("A1", "adoptive", "school", "since"),
]


def adopted(*, is_patient: bool = True) -> Written:
    """Write a child before and since an adoption, the birth mother and brother, and the adoptive mother."""
    written = Written()
    written.record(
        "before", "old-school", "Leo", "Reed", "2016-05-06", sex="male", postcode=OLD_HOME, uprn="1", upn=upn(1)
    )
    if is_patient:
        written.record("ward", "hospital", None, None, "2016-05-06", sex="male", postcode=OLD_HOME, nhs=nhs(1))
    if is_patient:
        written.record(
            "asked", "clinic", "Leo", "Reed", "2016-05-06", sex="male", postcode=OLD_HOME, nhs=nhs(1), upn=upn(1)
        )
    written.record("since", "school", "Leo", "Hart", "2016-05-06", sex="male", postcode=NEW_HOME, uprn="2", upn=upn(2),
                   former_upn=upn(1))  # fmt: skip
    if is_patient:
        written.record("seen", "hospital", None, None, "2016-05-06", sex="male", postcode=NEW_HOME, nhs=nhs(2))
    if is_patient:
        written.record(
            "known", "clinic", "Leo", "Hart", "2016-05-06", sex="male", postcode=NEW_HOME, nhs=nhs(2), upn=upn(2)
        )
    written.record("mother", "housing", "Amina", "Reed", "1990-03-14", postcode=OLD_HOME, uprn="1")
    written.record("brother", "housing", "Ravi", "Reed", "2013-01-22", sex="male", postcode=OLD_HOME, uprn="1")
    written.record("parent", "housing", "Grace", "Hart", "1985-09-02", postcode=NEW_HOME, uprn="2")
    written.tie("before", "mother", "parent")
    return written


def test_without_a_seal_the_former_number_leads_across() -> None:
    with adopted(is_patient=False).linked() as found:
        assert found.are_one("before", "since")
        assert not found.engine.rows("select * from sealed_person")


def test_a_seal_keeps_apart_what_a_former_number_alone_would_join() -> None:
    with adopted(is_patient=False).linked(seals=SEALS) as found:
        assert not found.are_one("before", "since")


def test_a_seal_keeps_each_side_whole() -> None:
    with adopted().linked(seals=SEALS) as found:
        assert not found.are_one("before", "since")
        assert found.are_one("before", "ward", "asked")
        assert found.are_one("since", "seen", "known")
        assert not found.proposals()
        rows = {(row["person_id"], row["side"]) for row in found.engine.rows("select * from sealed_person")}
        assert rows == {(found.person["before"], "pre_adoptive"), (found.person["since"], "adoptive")}


def test_a_sealed_record_is_in_no_proposal() -> None:
    """What might be the child since is not put before a human: whoever reads the list would learn of the other name."""
    written = adopted(is_patient=False)
    written.record("likely", "library", "Leo", "Hart", "2016-05-06", sex="male", postcode=NEW_HOME)
    with written.linked(seals=SEALS) as found:
        assert not found.are_one("since", "likely")
        assert found.proposals() == {}
    with written.linked() as found:
        assert found.are_one("since", "likely"), "without a seal a score joins them"


def test_a_record_that_reached_a_sealed_person_is_in_no_proposal_either() -> None:
    """No list names the hospital's record: it is sealed since it joined those of its number."""
    written = adopted()
    written.record("likely", "library", "Leo", "Hart", "2016-05-06", sex="male", postcode=NEW_HOME)
    with written.linked(seals=SEALS) as found:
        assert found.are_one("since", "seen") and not found.are_one("seen", "likely")
        assert found.proposals() == {}


def test_two_humans_cannot_open_a_seal_by_any_way_round() -> None:
    humans = ("A. Stone", "B. Hill")
    rows = [
        decision("before", "since", ("old-school", "school"), "same", *humans),
        decision("before", "parent", ("old-school", "housing"), "same", *humans),
        decision("parent", "since", ("housing", "school"), "same", *humans),
    ]
    with adopted().linked(rows, SEALS) as found:
        assert not found.are_one("before", "since")
        assert found.summary.decisions_refused == 2
        assert all("adopt" not in text and "Leo" not in text for text in found.summary.problems)


def test_a_record_that_nobody_listed_stands_on_the_side_of_its_number() -> None:
    written = adopted()
    row = decision("seen", "ward", ("hospital", "hospital"), "same", "A. Stone", "B. Hill")
    across = decision("asked", "since", ("clinic", "school"), "same", "A. Stone", "B. Hill")
    with written.linked([row, across], SEALS) as found:
        assert not found.are_one("asked", "since")
        assert not found.are_one("before", "since")
        assert "link_decisions.csv line 3" in "".join(found.summary.problems)


def test_a_record_with_numbers_of_both_sides_stands_alone() -> None:
    written = adopted()
    written.record("bridge", "clerk", "Leo", "Reed", "2016-05-06", sex="male", nhs=nhs(1), upn=upn(2))
    with written.linked(seals=SEALS) as found:
        assert list(found.person.values()).count(found.person["bridge"]) == 1
        assert not found.are_one("before", "since")


def test_no_household_brings_birth_family_and_child_under_one_roof() -> None:
    written = adopted()
    written.tie("since", "brother", "sibling")
    written.record("visitor", "school", "Ravi", "Reed", "2013-01-22", sex="male", postcode=NEW_HOME, uprn="2")
    written.tie("before", "visitor", "sibling")
    with written.linked(seals=SEALS) as found:
        homes = found.column("household_id")
        assert homes["before"] == homes["mother"] == homes["brother"]
        assert homes["since"] not in (None, homes["mother"], homes["visitor"])


def test_what_protects_one_side_protects_the_other_and_says_no_more() -> None:
    written = Written()
    written.record(
        "before", "old-school", "Leo", "Reed", "2016-05-06", sex="male", postcode=OLD_HOME, confidential=True
    )
    written.record("since", "school", "Max", "Hart", "2016-05-06", sex="male", postcode=NEW_HOME)
    with written.linked() as found:
        assert not found.column("protected")["since"]
    with written.linked(seals=SEALS) as found:
        protected = found.column("protected")
        assert protected["before"]
        assert protected["since"]


def test_a_seal_ends_an_id_that_had_led_across(tmp_path: Path) -> None:
    written = adopted(is_patient=False)
    with written.linked() as found:
        joined = found.person["before"]
        found.engine.write(PERSON_LINK, tmp_path / "person_link.parquet")
        found.engine.write(RECORD_MEMORY, tmp_path / "record_memory.parquet")
    with written.linked(seals=SEALS, previous_links=tmp_path / "person_link.parquet") as found:
        assert joined not in found.person.values()
        assert found.summary.ids_ended_by_seal == 1
        history = found.engine.rows("select * from person_history")
        assert [row["other_person_id"] for row in history] == [None] * len(history)
        assert {row["change"] for row in history if row["person_id"] == joined} == {"retired"}
        assert joined not in {row["person_id"] for row in found.engine.rows("select * from record_memory")}


def test_an_id_ends_though_the_first_identity_has_left_the_extracts(tmp_path: Path) -> None:
    written = adopted(is_patient=False)
    with written.linked() as found:
        joined = found.person["since"]
        found.engine.write(PERSON_LINK, tmp_path / "person_link.parquet")
        found.engine.write(RECORD_MEMORY, tmp_path / "record_memory.parquet")
    gone = written.ids.pop("before")
    for name, rows in written.place.tables.items():
        column = "record_id" if name == "person_record" else "person_record_id"
        written.place.tables[name] = [row for row in rows if row[column] != gone]
    with written.linked(seals=SEALS, previous_links=tmp_path / "person_link.parquet") as found:
        assert found.person["since"] != joined
        assert found.summary.sealed_records_unknown == 1
        memory = found.engine.rows("select * from record_memory")
        assert gone not in {row["person_record_id"] for row in memory}


def test_only_ids_of_both_sides_are_ended() -> None:
    sides = {"a": frozenset({("A1", "pre_adoptive")}), "b": frozenset({("A1", "adoptive")})}
    assert find_ended_ids(sides, {"a": "p", "b": "p", "c": "q"}) == {"p"}
    assert not find_ended_ids(sides, {"a": "p", "b": "q", "c": "q"})


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"seal": "A1", "side": "adoptive", "feed": "", "partner_record_id": "k"}, "all needed"),
        ({"seal": "A1", "side": "other", "feed": "f", "partner_record_id": "k"}, "pre_adoptive or adoptive"),
        ({"seal": "A1", "side": "adoptive", "feed": "f", "partner_record_id": "twice"}, "both sides"),
    ],
)
def test_a_seal_that_cannot_be_read_stops_the_run(row: dict[str, str], rule: str) -> None:
    good = {"seal": "A1", "side": "pre_adoptive", "feed": "f", "partner_record_id": "twice"}
    with pytest.raises(PlaceInvalid, match=f"sealed.csv line 3: .*{rule}"):
        parse_seals([(2, good), (3, row)])


def test_a_named_record_that_no_extract_holds_is_counted() -> None:
    gone = SealedRow("A2", "adoptive", "school", "gone")
    with adopted().linked(seals=[*SEALS, gone]) as found:
        assert found.summary.sealed_records_unknown == 1
        assert found.summary.sealed_persons == 2


@pytest.mark.parametrize(("people", "is_taken"), [(("One",), False), (("One", "Two"), True)])
def test_nobody_alone_takes_a_record_out_of_a_sealed_person(people: tuple[str, ...], is_taken: bool) -> None:
    """Two said whose the clinic's records are; one says that each is a brother's, and brothers are others: that takes
    two as well, though by the word alone the record would be nobody guarded's."""
    written = Written()
    child = {"sex": "male", "postcode": OLD_HOME}
    written.record("before", "old-school", "Leo", "Reed", "2016-05-06", standard="school", upn=upn(1), **child)
    rows, pairs = [], []
    for number in range(6):
        asked, brother = f"asked {number}", f"brother {number}"
        written.record(asked, f"clinic {number}", "Leo", "Reed", "2016-05-06", **child)
        written.record(brother, "housing", "Ravi", "Reed", f"201{number}-01-22", **child)
        rows.append(decision("before", brother, ("old-school", "housing"), "different", "One", "Two"))
        if not is_taken:
            rows.append(decision("before", asked, ("old-school", f"clinic {number}"), "same", "One", "Two"))
        rows.append(decision(asked, brother, (f"clinic {number}", "housing"), "same", *people))
        pairs.append((asked, brother))
    with written.linked(rows, seals=SEALS[:1]) as found:
        assert {found.are_one(*pair) for pair in pairs} == {is_taken}
        assert {found.are_one(asked, "before") for asked, _ in pairs} == {not is_taken}
        assert len(found.summary.problems) == (0 if is_taken else len(pairs))

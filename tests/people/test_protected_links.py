"""No score joins a protected person: whoever looks like them becomes a proposal, and two humans decide."""

from __future__ import annotations

import pytest

from people.records import Written, decision, nhs, upn

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")
HOME, AWAY = "QB1 1AA", "QB7 4DE"
FEEDS = ("victim-service", "housing")


def fled(written: Written, **more: object) -> None:
    """Write a woman of the victim service whose address is safe, and the home of before in the housing register."""
    written.record(
        "fled",
        "victim-service",
        "Amina",
        "Reed",
        "1990-03-14",
        postcode=AWAY,
        confidential=True,
        sensitivity="safe_address",
        standard="victim_service",
        **more,
    )
    written.record("housed", "housing", "Amina", "Reed", "1990-03-14", postcode=HOME)


def test_a_score_proposes_and_does_not_join() -> None:
    written = Written()
    fled(written)
    with written.linked() as found:
        assert not found.are_one("fled", "housed")
        assert found.proposals() == {frozenset(("fled", "housed")): "identifier"}
        assert found.summary.proposals == 1
        assert found.column("protected") == {"fled": True, "housed": True}
        assert found.column("district_code") == {"fled": None, "housed": None}


def test_a_safe_record_without_a_safe_stay_is_guarded_of_itself() -> None:
    """The service's row is the secret, though the address that it holds is the old one."""
    written = Written()
    written.record("served", "victim-service", "Amina", "Reed", "1990-03-14", postcode=HOME,
                   sensitivity="safe_address", standard="victim_service")  # fmt: skip
    written.record("housed", "housing", "Amina", "Reed", "1990-03-14", postcode=HOME)
    with written.linked() as found:
        assert not found.are_one("served", "housed")
        assert found.proposals() == {frozenset(("served", "housed")): "identifier"}


def test_the_same_records_without_a_safe_address_are_joined() -> None:
    written = Written()
    written.record("a", "hostel", "Amina", "Reed", "1990-03-14", postcode=HOME)
    written.record("b", "housing", "Amina", "Reed", "1990-03-14", postcode=HOME)
    with written.linked() as found:
        assert found.are_one("a", "b")
        assert not found.proposals()


def test_a_trusted_number_joins_a_patient_without_a_name() -> None:
    written = Written()
    fled(written, nhs=nhs(1))
    written.record("patient", "hospital", None, None, "1990-03-14", nhs=nhs(1), standard="wlmds")
    with written.linked() as found:
        assert found.are_one("fled", "patient")


def test_a_copied_number_is_a_confusion_and_goes_to_a_human() -> None:
    written = Written()
    fled(written, nhs=nhs(1))
    written.record("patient", "hospital", None, None, "1990-03-14", nhs=nhs(1), standard="wlmds")
    written.record("stranger", "clinic", "Tomas", "Vale", "1961-07-08", nhs=nhs(1), sex="male")
    with written.linked() as found:
        assert not found.are_one("fled", "patient")
        assert not found.are_one("fled", "stranger")
        assert found.proposals()[frozenset(("fled", "patient"))] == "confusion"


def test_victim_and_perpetrator_of_one_home_and_surname_stay_two() -> None:
    written = Written()
    fled(written, case_urn="QB1")
    written.record(
        "accused",
        "court",
        "Amin",
        "Reed",
        "1990-03-14",
        postcode=HOME,
        standard="common_platform",
        sex="male",
        case_urn="QB1",
    )
    written.record("his", "housing", "Amin", "Reed", "1990-03-14", postcode=HOME, sex="male")
    with written.linked() as found:
        assert not found.are_one("fled", "accused")
        assert not found.are_one("fled", "his")
        assert frozenset(("fled", "accused")) not in found.proposals()


def test_victim_and_accused_of_one_case_are_two_without_protection_too() -> None:
    written = Written()
    for name, feed, standard in (("hurt", "victim-service", "victim_service"), ("accused", "court", "common_platform")):
        written.record(name, feed, "Sam", "Reed", "1990-03-14", postcode=HOME, standard=standard, case_urn="QB1")
    with written.linked() as found:
        assert not found.are_one("hurt", "accused")
    written.place.tables["identifier"].clear()
    with written.linked() as found:
        assert found.are_one("hurt", "accused")


def test_twins_under_a_safe_address_stay_two_whatever_a_nameless_row_says() -> None:
    written = Written()
    for name, given in (("ann", "Ann"), ("bea", "Bea")):
        written.record(
            name, "school", given, "Reed", "2015-02-03", postcode=AWAY, confidential=True, upn=upn(ord(name[0]))
        )
    for number, key in enumerate(("first", "second")):
        written.record(key, "cin", None, None, "2015-02-03", upn=upn(ord("a")), la_child=f"C{number}")
    with written.linked() as found:
        assert not found.are_one("ann", "bea")
        assert not found.are_one("ann", "first")
        assert set(found.proposals().values()) == {"confusion"}


def test_protection_inherited_from_the_family_guards_as_well() -> None:
    written = Written()
    fled(written)
    written.record("child", "victim-service", "Noor", "Reed", "2016-05-06")
    written.record("pupil", "school", "Noor", "Reed", "2016-05-06", postcode=HOME)
    written.record("client", "housing", "Noor", "Reed", "2016-05-06", postcode=HOME)
    written.tie("fled", "child", "child")
    with written.linked() as found:
        assert not found.are_one("child", "pupil")
        assert not found.are_one("pupil", "client")
        assert all(found.column("protected").values())
        assert found.summary.proposals == 3


@pytest.mark.parametrize(
    ("people", "joined"),
    [(("A. Stone", "B. Hill"), True), (("A. Stone",), False), (("A. Stone", " a.  stone"), False)],
    ids=["two humans", "one", "one under two names"],
)
def test_two_different_humans_join_a_protected_person(people: tuple[str, ...], joined: bool) -> None:
    written = Written()
    fled(written)
    with written.linked([decision("fled", "housed", FEEDS, "same", *people)]) as found:
        assert found.are_one("fled", "housed") is joined
        assert (found.summary.proposals, found.summary.decisions_used) == ((0, 1) if joined else (1, 0))
        assert all(found.column("protected").values())
        assert len(found.summary.problems) == (0 if joined else 1)
        assert all("link_decisions.csv line 2" in text and "Reed" not in text for text in found.summary.problems)


def test_the_last_decision_wins_and_unknown_records_are_counted() -> None:
    written = Written()
    fled(written)
    humans = ("A. Stone", "B. Hill")
    rows = [
        decision("fled", "housed", FEEDS, "different", *humans, day="2026-11-17"),
        decision("housed", "fled", FEEDS[::-1], "same", *humans, day="2026-11-16"),
        decision("gone", "housed", FEEDS, "same", *humans),
        decision("fled", "housed", FEEDS, "perhaps", *humans),
    ]
    with written.linked(rows) as found:
        assert not found.are_one("fled", "housed")
        assert not found.proposals()
        assert (found.summary.decisions_unknown, found.summary.decisions_refused) == (1, 1)
    rows[1]["decided_date"] = "2026-11-18"
    with written.linked(rows) as found:
        assert found.are_one("fled", "housed")


def test_one_human_decides_where_nobody_is_protected() -> None:
    written = Written()
    written.record("a", "hostel", "Amina", "Reed", "1990-03-14", postcode=HOME)
    written.record("b", "housing", "Amina", "Reed", "1990-03-14", postcode=HOME)
    with written.linked([decision("a", "b", ("hostel", "housing"), "different", "A. Stone")]) as found:
        assert not found.are_one("a", "b")
        assert not found.summary.problems

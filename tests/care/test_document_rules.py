"""Documents of a case as rules: who could read one, who takes which step, how long it is kept."""

import dataclasses
import datetime as dt

import pytest

from braid.care import documents
from braid.care.case_types import shipped_case_types
from braid.care.cases import Case, Member, Right, Sight
from braid.care.documents import APART, HARMED, RETENTIONS, Document
from braid.care.model import Acting
from braid.language.steps import NotPossible, find_faults

MARAC, PANEL = shipped_case_types()["marac"], shipped_case_types()["placement_panel"]
POLICE = Member("p", "police", "police", is_lead=True)
HEALTH = Member("h", "hospital", "health")
PROBATION = Member("b", "probation", "probation")
RESTRICTED = Member("r", "council", "housing", sight=Sight.OWN)
CASE = Case("open", (POLICE, HEALTH, PROBATION, RESTRICTED))
OF_HEALTH = Document("hospital", "health")


def by(member: Member) -> Acting:
    return Acting(member.username, member.organisation, frozenset(), frozenset())


def test_the_machine_is_sound_and_every_shipped_code_has_words():
    assert find_faults(documents.MACHINE) == []
    assert all(words and days for words, days in RETENTIONS.values())
    assert documents.EXPIRED not in documents.WITHDRAWALS, "nobody withdraws as the clock does"


def test_which_seats_could_read_follows_the_sides_that_the_kind_of_case_shows_them():
    seats = documents.seats_for(MARAC, CASE.members, HARMED, ("hospital", "health"))
    assert seats == (("police", "police"),), "not probation, of the other side; not the restricted; not the giver"
    assert documents.seats_for(MARAC, CASE.members, APART, ("police", "police")) == (("probation", "probation"),)
    assert not documents.sees_side(PANEL, "health", APART), "where nobody is apart there is one side"
    assert all(documents.sees_side(PANEL, agency, HARMED) for agency in PANEL.agencies)
    assert not documents.sees_side(PANEL, "no such seat", HARMED)


def test_a_document_is_added_by_who_works_on_the_open_case_in_a_seat_of_that_side():
    assert documents.check_add(by(HEALTH), CASE, MARAC, HARMED) == HEALTH
    assert documents.check_add(by(RESTRICTED), CASE, MARAC, HARMED) == RESTRICTED
    viewer = dataclasses.replace(HEALTH, right=Right.VIEW)
    for actor, case, side, words in (
        (HEALTH, CASE, APART, "not shown that side"),
        (PROBATION, CASE, HARMED, "not shown that side"),
        (POLICE, CASE, "both", "not shown that side"),
        (HEALTH, dataclasses.replace(CASE, state="closed"), HARMED, "not open"),
        (HEALTH, Case("open", (POLICE, viewer)), HARMED, "see the case and not work"),
        (Member("x", "y", "health"), CASE, HARMED, "do not take part"),
    ):
        with pytest.raises(NotPossible, match=words):
            documents.check_add(by(actor), case, MARAC, side)


def test_the_organisation_that_gave_it_decides_and_the_lead_may_withdraw():
    assert documents.check_gives(by(HEALTH), CASE, OF_HEALTH) == HEALTH
    with pytest.raises(NotPossible, match="organisation that gave it decides"):
        documents.check_gives(by(POLICE), CASE, OF_HEALTH)
    closed = dataclasses.replace(CASE, state="closed")
    assert documents.withdraw(by(POLICE), closed, OF_HEALTH, "wrong_person") == "withdrawn"
    assert documents.withdraw(by(HEALTH), closed, OF_HEALTH, "wrong_person") == "withdrawn"
    with pytest.raises(NotPossible, match="or the lead professional"):
        documents.withdraw(by(PROBATION), CASE, OF_HEALTH, "wrong_person")
    with pytest.raises(NotPossible, match="Choose why"):
        documents.withdraw(by(HEALTH), CASE, OF_HEALTH, "time_over")
    with pytest.raises(NotPossible, match="by now"):
        documents.withdraw(by(HEALTH), CASE, dataclasses.replace(OF_HEALTH, state="expired"), "wrong_person")
    with pytest.raises(NotPossible, match="at most 99"):
        documents.check_replace(by(HEALTH), CASE, OF_HEALTH, documents.MOST_VERSIONS)


def test_a_hold_is_put_on_once_and_taken_off_once():
    documents.check_hold(by(HEALTH), CASE, OF_HEALTH, "inquiry")
    held = dataclasses.replace(OF_HEALTH, held_because="inquiry")
    documents.check_hold(by(POLICE), CASE, held, "")
    for document, reason in ((OF_HEALTH, ""), (held, "inquiry"), (OF_HEALTH, "nonsense")):
        with pytest.raises(NotPossible):
            documents.check_hold(by(HEALTH), CASE, document, reason)


def test_when_a_copy_goes_by_hand():
    """Ended on 1 March 2027: 90 days later is 30 May 2027."""
    ended = dt.date(2027, 3, 1)
    assert documents.goes_on(OF_HEALTH, ended) == dt.date(2027, 5, 30)
    assert documents.goes_on(OF_HEALTH, None) is None
    assert documents.goes_on(dataclasses.replace(OF_HEALTH, held_because="inquiry"), ended) is None
    assert documents.goes_on(dataclasses.replace(OF_HEALTH, state="withdrawn"), ended) is None


def test_no_copy_is_kept_longer_than_the_agreement_lets_it():
    assert list(documents.retentions_within(None)) == list(RETENTIONS)
    assert list(documents.retentions_within(365)) == ["days_90", "year_1"]
    assert list(documents.retentions_within(30)) == ["days_90"], "the shortest there is"
    for code, days in (("years_6", 365), ("for ever", None)):
        with pytest.raises(NotPossible):
            documents.check_retention(code, days)


def test_a_document_is_described():
    today = dt.date(2027, 1, 1)
    documents.check_described("letter", "A letter", "A court", today, today)
    for kind, title, giver, day in (
        ("poem", "A letter", "A court", today),
        ("letter", " ", "A court", today),
        ("letter", "x" * 101, "A court", today),
        ("letter", "A letter", "", today),
        ("letter", "A letter", "A court", None),
        ("letter", "A letter", "A court", dt.date(2027, 1, 2)),
    ):
        with pytest.raises(NotPossible):
            documents.check_described(kind, title, giver, day, today)

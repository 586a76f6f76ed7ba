"""A statement that no agreement covers lets nobody be seen: whoever drops in a file widens nothing."""

import dataclasses

import pytest
from published_sample import REFERENCE, as_pages
from sample_agreements import sample_agreements
from sample_run import person_id, sample_tables, write_run

from braid.problems.load import shipped_statements
from braid.web.access import NotThere, get_person
from braid.web.access.projections import Viewer
from braid.web.enforcement import enforce
from braid.web.models import AgreementInForce
from braid.web.publish import publish

pytestmark = pytest.mark.django_db

SHIPPED = next(each for each in shipped_statements() if each.problem_id == "school_from_ta")
OWN = dataclasses.replace(SHIPPED, problem_id="mine", cohort=dataclasses.replace(SHIPPED.cohort, all_of=()))
ALONE, ANOTHER = person_id(30), person_id(31)
"""Somebody whom only the place's own statement concerns, and somebody whom the shipped one does."""


def agreements(**changes):
    return [
        dataclasses.replace(each, **changes) if each.purpose == "school_from_ta" else each
        for each in sample_agreements()
    ]


@pytest.fixture
def dropped_in(published, sample, tmp_path):
    """Publishes a run in which a place's own statement concerns somebody whom no shipped one does."""
    place = dataclasses.replace(sample[0], folder=tmp_path)

    def run(own):
        tables = sample_tables(40)
        tables["cohort"] = [row for row in tables["cohort"] if row["person_id"] != ALONE]
        row = {"problem": own.problem_id, "purpose": "school_from_ta", "reason": "Because.", "person_id": ALONE}
        tables["cohort"].append(row)
        publish(write_run(place, f"with-{own.problem_id}", tables, own=(own,)), place)

    return run


def is_seen(person: str, role: str = "practitioner") -> bool:
    viewer = Viewer(f"test-{role}", role, "school_from_ta", REFERENCE, "person")
    with as_pages():
        try:
            return get_person(viewer, person).person_id == person
        except NotThere:
            return False


def test_an_own_statement_reaches_nobody_until_an_agreement_names_it(dropped_in):
    dropped_in(OWN)
    assert not is_seen(ALONE) and is_seen(ANOTHER)
    assert is_seen(ALONE, "analyst"), "who sees the whole place sees them as before"
    enforce(agreements(statements=("school_from_ta", "mine")))
    assert is_seen(ALONE) and is_seen(ANOTHER)
    enforce(agreements(statements=("mine",)))
    assert is_seen(ALONE) and not is_seen(ANOTHER), "a list is the whole list"
    enforce(agreements())
    assert not is_seen(ALONE)


def test_a_shipped_id_over_another_cohort_reaches_nobody_until_it_is_named(dropped_in):
    dropped_in(dataclasses.replace(OWN, problem_id="school_from_ta"))
    assert not is_seen(ALONE) and not is_seen(ANOTHER)
    enforce(agreements(statements=("school_from_ta",)))
    assert is_seen(ALONE) and is_seen(ANOTHER)


def test_the_coverage_of_another_organisation_opens_nothing_here(dropped_in):
    dropped_in(OWN)
    own = agreements(id="only-for-the-host", statements=("mine",))[0]
    receives = {each.organisation: each.receives for each in own.parties}
    parties = tuple(
        dataclasses.replace(
            each, receives=receives[each.organisation] if each.organisation == own.host else frozenset()
        )
        for each in own.parties
    )
    enforce([*agreements(), dataclasses.replace(own, parties=parties)])
    assert not is_seen(ALONE) and is_seen(ANOTHER)


def test_an_agreement_from_before_keeps_the_digest_of_its_terms(published):
    before = dict(AgreementInForce.objects.values_list("agreement_id", "digest"))
    assert all("statements" not in terms for terms in AgreementInForce.objects.values_list("terms", flat=True))
    enforce(agreements(statements=("school_from_ta",)))
    after = dict(AgreementInForce.objects.values_list("agreement_id", "digest"))
    assert [name for name in before if before[name] != after[name]] == ["sample-school_from_ta"]

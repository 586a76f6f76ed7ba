"""Documents when their case is handed over, stood in for, parted or merged: nobody comes to read what they did not."""

import datetime as dt
from pathlib import Path

import files_given
import pytest
from care_teams import make_teams
from django.conf import settings
from django.utils import timezone
from published_sample import REFERENCE, as_pages
from sample_run import CHILD, ONE_WAIT
from test_care_documents import HOSPITAL, give, passes, reads, the
from test_care_response import done, refused, row, seat

from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.care import case_changes, cases
from braid.web.care.document_expiry import expire_due
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import (
    CaseDocument,
    CaseMember,
    CaseSubject,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    JointCase,
    ShareDecision,
    TeamMember,
    User,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
SEAT = {"case_type": "placement_panel", "agency": "education", "part": "child"}


@pytest.fixture
def given(published, client_of, sample):
    """A document about a child that the council gave, the hospital reads; a parent is in the case too."""
    make_teams()
    client = client_of("practitioner", "school_from_ta")
    done(client.post(f"/people/{CHILD}/case/", SEAT))
    case = row(JointCase)
    with known_asker():
        CaseSubject.objects.create(case=case, part="parent", person_id=ONE_WAIT, added_by="x")
    seat("test-partner", HOSPITAL, "health")
    done(give(client, f"/cases/{case.pk}/documents/", files_given.pdf()))
    passes(sample, passed=1)
    return client, client_of("partner", "school_from_ta"), case


def keys(case: JointCase) -> dict[str, str]:
    """The numbers of whom a case is about."""
    with known_asker():
        return {one.person_id: str(one.pk) for one in CaseSubject.objects.filter(case=case, ended_at__isnull=True)}


def test_whoever_takes_the_case_over_reads_what_their_seat_reads(given, client_of):
    client, hospital, case = given
    done(client.post(f"/cases/{case.pk}/", {
        "kind": "offer", "version": "1", "offer-team": "hospital-safeguarding", "offer-agency": "health",
        "offer-right": "hand_over", "offer-sight": "whole",
    }))  # fmt: skip
    with known_asker():
        CaseMember.objects.filter(username="test-partner").update(left_at=timezone.now())
    assert not reads(hospital)
    with as_pages(), looking(Viewer("test-partner", "partner", "school_from_ta", REFERENCE, "test")) as sight:
        (offer,) = cases.list_offers(sight)
        cases.accept_offer(sight, offer.id)
    assert reads(hospital) and reads(client), "the seat reads it, and the lead before stays"
    with known_asker():
        DocumentReader.objects.filter(organisation=HOSPITAL).update(ended_at=timezone.now())
    assert not reads(hospital), "to lead a case opens no document"
    assert reads(client)


def test_whoever_stands_in_sits_where_the_lead_sat(given, client_of):
    client, _, case = given
    with known_asker():
        User.objects.create(username="head", role="practitioner", organisation="northmere-council")
        TeamMember.objects.create(team_id="northmere-education", username="head", is_lead=True)
    with as_pages(), looking(Viewer("head", "practitioner", "school_from_ta", REFERENCE, "test")) as sight:
        assert not CaseDocument.objects.exists()
        case_changes.stand_in(sight, case.pk, "away")
        assert CaseDocument.objects.count() == 1
    assert reads(client)


def test_a_document_goes_with_whom_it_is_about_when_they_are_parted(given, client_of, sample):
    client, hospital, case = given
    with known_asker():
        document = CaseDocument.objects.get()
        DocumentSubject.objects.filter(subject__person_id=ONE_WAIT).delete()
        person_of = keys(case)
    people = f"/cases/{case.pk}/people/"
    assert "Which documents go with them" in client.get(people).content.decode()
    part = {"kind": "part", "version": "1", "document": str(document.pk)}
    refused(client.post(people, {**part, "subject": person_of[ONE_WAIT]}), "somebody whom it is about")
    refused(client.post(people, {**part, "subject": person_of[CHILD], "document": "x"}), "There is no such thing")
    absent = "00000000-0000-4000-8000-000000000000"
    refused(client.post(people, {**part, "subject": person_of[CHILD], "document": absent}), "somebody whom it is about")
    with known_asker():
        assert JointCase.objects.count() == 1
    answer = client.post(people, {**part, "subject": person_of[CHILD]})
    done(answer)
    new = row(JointCase, parted_from=case)
    assert row(CaseDocument).case_id == new.pk
    assert reads(client) and not reads(hospital), "it went, and only the lead takes part in the new case"
    page = client.get(f"/cases/{new.pk}/documents/").content.decode()
    assert "Assessment of needs" in page and "About" in page
    assert "Assessment of needs" not in client.get(f"/cases/{case.pk}/documents/").content.decode()
    with known_asker():
        seat_of = {"organisation": HOSPITAL, "agency": "health", "right": "edit", "sight": "whole"}
        CaseMember.objects.create(case=new, username="test-partner", **seat_of)
    assert reads(hospital), "who comes into the seat of the new case reads it there, as it was shared with them"


def test_what_is_not_chosen_stays_where_it_is(given):
    client, hospital, case = given
    done(client.post(f"/cases/{case.pk}/people/", {"kind": "part", "version": "1", "subject": keys(case)[CHILD]}))
    assert row(CaseDocument).case_id == case.pk
    assert reads(client) and reads(hospital)


@pytest.fixture
def merged(given, client_of):
    """The case merged into another of the council's, in which another human of the hospital sits in the same seat."""
    client, hospital, case = given
    done(client.post(f"/people/{CHILD}/case/", {**SEAT, "another": "yes"}))
    with known_asker():
        into = JointCase.objects.exclude(pk=case.pk).get()
        User.objects.create(username="other-partner", role="partner", organisation=HOSPITAL)
        seat_of = {"organisation": HOSPITAL, "agency": "health", "right": "edit", "sight": "whole"}
        CaseMember.objects.create(case=into, username="other-partner", **seat_of)
        User.objects.filter(username="test-responder").update(role="partner")
    done(client.post(f"/cases/{case.pk}/people/", {"kind": "merge", "version": "1", "merge-into": into.reference}))
    other = client_of("responder")
    other.force_login(User.objects.get(username="other-partner"), backend="django.contrib.auth.backends.ModelBackend")
    other.post("/reason/", {"purpose": "school_from_ta", "reference": REFERENCE})
    return client, hospital, other, case, into


def test_on_a_merge_nobody_comes_to_read_a_document_unasked(merged, sample):
    client, hospital, other, _, into = merged
    documents = f"/cases/{into.pk}/documents/"
    assert reads(client) and reads(hospital), "whoever read it goes on reading it"
    assert not reads(other), "the same seat of the other case, and yet another human"
    page = client.get(documents).content.decode()
    assert "Of cases that were merged into this one" in page and "Assessment of needs" in page
    assert "Assessment of needs" not in other.get(documents).content.decode()
    bring = {"kind": "bring", "case": str(into.pk), "version": "1"}
    refused(hospital.post(the(), bring), "no such case in which you take part")
    refused(client.post(the(), {**bring, "case": "x"}), "There is no such thing")
    done(client.post(the(), bring))
    assert not reads(other), "brought for the seat of who brought it"
    refused(client.post(the(), {**bring, "version": "2"}), "in that case already")
    with known_asker():
        before = ShareDecision.objects.count()
    form = {"kind": "open", "open-seat": "0", "version": "2"}
    form |= {"open-gateway": "children_act_2004_s10", "open-necessity": "joint_decision"}
    done(client.post(the(), form))
    with known_asker():
        assert ShareDecision.objects.count() == before + 2, "a decision of its own, for each of two people"
    assert reads(other) and reads(hospital)


def test_a_copy_does_not_go_by_the_clock_while_the_case_goes_on_in_another(merged):
    client, _, _, _, into = merged
    later = timezone.now() + dt.timedelta(days=900)
    assert expire_due(lambda: later) == 0
    done(client.post(f"/cases/{into.pk}/", {"kind": "close", "version": "1", "close-outcome": "goals_met"}))
    assert expire_due(lambda: later) == 1


def test_a_document_opens_after_the_keys_were_changed_and_is_gone_with_a_key_that_is_lost(given):
    client, hospital, _ = given
    before = client.get(f"{the()}versions/1/").content
    sealed, file = bytes(row(DocumentVersion).sealed), Path(settings.VAULT_KEY_FILE)
    kept = file.read_bytes()
    try:
        rotate_vault()
        assert bytes(row(DocumentVersion).sealed) != sealed
        assert client.get(f"{the()}versions/1/").content == before
        replace_lost_key()
        assert hospital.get(f"{the()}versions/1/").status_code == 404
        assert "its content is gone, since the key was lost" in hospital.get(the()).content.decode()
    finally:
        file.write_bytes(kept)


def test_bytes_moved_to_another_row_do_not_open(given):
    client, _, case = given
    done(give(client, f"/cases/{case.pk}/documents/", files_given.pdf("another")))
    with known_asker():
        one, other = DocumentVersion.objects.order_by("added_at")
        DocumentVersion.objects.filter(pk=other.pk).update(key_id=one.key_id, wrapped=one.wrapped, sealed=one.sealed)
    answer = client.get(f"{the(other.document)}versions/1/")
    assert answer.status_code == 503 and b"cannot be opened just now" in answer.content

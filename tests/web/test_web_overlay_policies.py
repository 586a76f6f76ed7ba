"""What the database lets a page do with the overlay, past every form: each rule alone."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from published_sample import as_pages
from sample_agreements import HOST
from sample_run import CHILD

from braid.language.steps import NotPossible
from braid.trust.overlay import Exclusion
from braid.trust.overlay_change import Change
from braid.web.access.context import asking_as
from braid.web.models import OverlayChange, RestrictionEntry, Suspension, User
from braid.web.overlay.entries import add_entry, propose
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def restrict(username: str, entered_by: str) -> None:
    with as_pages(), asking_as(username, ""), transaction.atomic():
        RestrictionEntry.objects.create(subject_id=CHILD, admitted=[], reason="witness", entered_by=entered_by)


def test_nobody_restricts_who_is_no_lead(published):
    """Whoever restricted a person to nobody would take them from everybody who works with them."""
    for username, entered_by in (
        ("test-analyst", "test-analyst"),
        ("test-analyst", "test-ig_lead"),
        ("test-ig_lead", "test-analyst"),
    ):
        with pytest.raises(DatabaseError, match="row-level security"):
            restrict(username, entered_by)
    restrict("test-ig_lead", "test-ig_lead")


def test_whom_an_entry_bars_does_not_propose_to_lift_it(published, user_of):
    """Nor asks sooner: a second lead must not be led to believe that the first is one of those it protects from."""
    lead = user_of("ig_lead")
    second = User.objects.create(username="test-ig_lead-2", role="ig_lead", organisation=HOST, display_name="Second")
    with known_asker():
        barring = Exclusion(CHILD, "relative", second.username, timezone.now(), barred_user=lead.username)
        entry = add_entry(second, barring)
        for change, until in ((Change.REMOVE, None), (Change.SHORTEN, timezone.now())):
            with pytest.raises(NotPossible, match="an entry that bars you"):
                propose(lead, "exclusion", entry.pk, change, until)
        assert not OverlayChange.objects.exists()
        assert propose(second, "exclusion", entry.pk, Change.REMOVE).state == "proposed"


def test_the_database_wants_two_people_to_lift_a_suspension(published):
    facts = {"agreement_id": "sample-school_from_ta", "suspended_by": "lead", "reason": "breach"}
    for asked_by, lifted_by in (("lead", "lead"), ("", "lead"), ("lead", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Suspension.objects.create(**facts, lift_asked_by=asked_by, lifted_by=lifted_by, lifted_at=timezone.now())
    Suspension.objects.create(**facts, lift_asked_by="lead", lifted_by="second lead", lifted_at=timezone.now())


def test_nobody_asks_for_emergency_access_in_anothers_name(published):
    """By a statement that reads nothing back: what is read back would be refused by who may see it."""
    columns = (
        "username organisation role person_id purpose reason reference_kind reference colleague reviewed_by finding"
        " items"
    ).split()
    values = ("", "", "x", "school_from_ta", "missing_person", "incident", "INC-1", "test-practitioner", "", "", "[]")
    insert = (
        f"insert into braid_breakglass ({', '.join(columns)}, live_from, live_to, review_due_at)"
        f" values ({', '.join(['%s'] * len(columns))}, now(), now() + interval '1 hour', now())"
    )
    with as_pages(), asking_as("test-placement_officer", ""), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(insert, ["test-analyst", *values])
        cursor.execute(insert, ["test-placement_officer", *values])
        assert cursor.rowcount == 1

"""What is done on the pages is in the record as what it was: emergencies, changes to the overlay, reads of the record."""

import re

import pytest
from django.test import Client
from published_sample import PASSWORD, REFERENCE
from sample_agreements import HOST
from sample_run import CHILD, VICTIM
from vault_sample import confirm_session, has_factor

from braid.trust.audit import KINDS
from braid.web.access import get_account
from braid.web.models import AuditEntry, BreakGlass, OverlayChange, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
PURPOSE = "school_from_ta"
EXCLUSION = {
    "kind": "exclusion",
    "exclusion-subject_id": CHILD,
    "exclusion-barred_username": "test-analyst",
    "exclusion-reason": "relative",
    "exclusion-reference": "ovl-2026-1",
}
ACCESS = {
    "person_id": VICTIM,
    "purpose": PURPOSE,
    "reason": "missing_person",
    "reference_kind": "incident",
    "reference": "inc-2026-77",
    "colleague": "test-practitioner",
}
NOT_PRINTED = re.compile(r'<div class="app-no-print">.*?</div>\s*</div>', re.DOTALL)


@pytest.fixture
def second(published) -> Client:
    """A second lead, signed in."""
    user = User.objects.create(username="test-ig_lead-2", role="ig_lead", organisation=HOST, display_name="Second")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def written(**wanted) -> list[AuditEntry]:
    """Return the entries, in their order."""
    with known_asker():
        return list(AuditEntry.objects.filter(**wanted).order_by("pk"))


def newest() -> AuditEntry:
    return written()[-1]


def test_emergency_access_is_recorded_as_that_under_the_reference_of_who_asked(published, client_of):
    client_of("placement_officer").post("/break-glass/", ACCESS)
    with known_asker():
        grant = BreakGlass.objects.get()
    (entry,) = written()
    assert (entry.kind, entry.username, entry.person_id) == ("break_glass", "test-placement_officer", VICTIM)
    assert (entry.reference, entry.purpose) == ("INC-2026-77", PURPOSE)
    assert entry.details == {"what": "emergency access", "access": grant.pk, "emergency": "missing_person"}
    client_of("ig_lead").post(f"/trust/break-glass/{grant.pk}/", {"finding": "justified"})
    found = newest()
    assert (found.kind, found.username, found.reference) == ("reviewed", "test-ig_lead", "INC-2026-77")
    assert found.details == {"what": "emergency access", "access": grant.pk, "finding": "justified"}


def test_an_emergency_is_left_out_of_what_the_person_is_handed(published, client_of):
    """Granted through the page, and looked through: neither line is handed out, before the review or after."""
    officer, lead = client_of("placement_officer", PURPOSE), client_of("ig_lead")
    officer.post("/break-glass/", ACCESS)
    assert officer.get(f"/people/{VICTIM}/").status_code == 200
    with known_asker():
        grant = BreakGlass.objects.get()
    for finding in (None, "justified"):
        if finding:
            lead.post(f"/trust/break-glass/{grant.pk}/", {"finding": finding})
        with known_asker():
            account = get_account("ig_lead", VICTIM)
        assert account.lines == ()
        assert account.left_out == (("In an emergency", 2),)
        printed = NOT_PRINTED.sub("", lead.get(f"/audit/person/{VICTIM}/").content.decode())
        assert "test-placement_officer" not in printed and "mergency" not in printed


def test_an_entry_of_the_overlay_is_recorded_as_set_and_as_lifted(published, client_of, second):
    lead = client_of("ig_lead")
    lead.post("/trust/overlay/", EXCLUSION)
    assert (newest().kind, newest().reference, newest().person_id) == ("overlay_set", "OVL-2026-1", CHILD)
    number = newest().details["entry"]
    page = f"/trust/overlay/exclusion/{number}/"
    lead.post(page, {"step": "propose_removal"})
    assert (newest().kind, newest().details["what"]) == ("changed", "proposed remove")
    second.post(page, {"step": "approve"})
    with known_asker():
        change = OverlayChange.objects.get()
    assert (newest().kind, newest().username, newest().person_id) == ("overlay_lifted", "test-ig_lead-2", CHILD)
    assert newest().details == {"what": "approved", "change": change.pk, "exclusion": number}


def test_suspending_is_recorded_as_that_and_lifting_as_a_change(published, client_of, second):
    page, lead = "/trust/agreements/sample-school_from_ta/", client_of("ig_lead")
    lead.post(page, {"step": "suspend", "reason": "breach"})
    assert (newest().kind, newest().details["agreement"]) == ("suspended", "sample-school_from_ta")
    lead.post(page, {"step": "ask_to_lift"})
    second.post(page, {"step": "lift"})
    assert (newest().kind, newest().details["what"]) == ("changed", "suspension lifted")

"""What is done on the pages is in the record as what it was: emergencies, the overlay, files, reads of the record."""

import hashlib
import re

import pytest
from django.db import DatabaseError
from django.test import Client
from published_sample import ENTRIES, REFERENCE
from sample_agreements import HOST
from sample_run import CHILD, VICTIM

from braid.web.access import get_account
from braid.web.access.projections import Viewer
from braid.web.models import AuditEntry, BreakGlass, ExclusionEntry, OverlayChange, RestrictionEntry, User
from braid.web.overlay.effects import renew_effects
from braid.web.recording import record
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
LEAD = Viewer("test-ig_lead", "ig_lead", "", "", "audit person")
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
        return list(ENTRIES.filter(**wanted).order_by("pk"))


def newest() -> AuditEntry:
    """Return the newest entry of what somebody did, and not read."""
    return [entry for entry in written() if entry.kind != "audit_read"][-1]


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
            account = get_account(LEAD, VICTIM)
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


@pytest.mark.parametrize(
    ("address", "page", "person", "details"),
    [
        ("/audit/", "audit", "", {"number": 1}),
        (
            f"/audit/?purpose=victim_response&kind=look&person_id={VICTIM}&username=test-analyst&reference=mtg-1",
            "audit",
            VICTIM,
            {
                "number": 1,
                "purpose": "victim_response",
                "kind": "look",
                "username": "test-analyst",
                "reference": "MTG-1",
            },
        ),
        (
            "/audit/?username=my+password&reference=of+Ada&since=2026-11-05",
            "audit",
            "",
            {"number": 1, "username": "nobody", "reference": "none", "since": "2026-11-05"},
        ),
        (f"/audit/person/{VICTIM}/", "audit person", VICTIM, {}),
        ("/audit/snooping/", "audit snooping", "", {}),
        ("/audit/log/", "audit log", "", {}),
        ("/trust/overlay/", "trust overlay", "", {}),
        ("/trust/break-glass/", "trust emergencies", "", {}),
    ],
)
def test_a_read_of_the_record_is_in_the_record(address, page, person, details, published, client_of):
    assert client_of("ig_lead").get(address).status_code == 200
    (entry,) = written()
    assert (entry.kind, entry.username, entry.page, entry.person_id) == ("audit_read", "test-ig_lead", page, person)
    assert entry.organisation == HOST and entry.session_digest
    assert entry.details == {"what": page, **details}


def test_one_entry_and_one_access_that_are_read_are_in_the_record(published, client_of):
    lead = client_of("ig_lead")
    lead.post("/trust/overlay/", EXCLUSION)
    client_of("placement_officer").post("/break-glass/", ACCESS)
    with known_asker():
        grant = BreakGlass.objects.get()
    number = written(kind="overlay_set")[0].details["entry"]
    for address, person, details in (
        (f"/trust/overlay/exclusion/{number}/", CHILD, {"what": "trust overlay entry", "exclusion": number}),
        (f"/trust/break-glass/{grant.pk}/", VICTIM, {"what": "trust review", "access": grant.pk}),
    ):
        assert lead.get(address).status_code == 200
        entry = written()[-1]
        assert (entry.kind, entry.person_id, entry.details) == ("audit_read", person, details)


@pytest.mark.parametrize("address", ["/audit/", f"/audit/person/{CHILD}/", "/audit/snooping/", "/audit/log/"])
def test_a_read_that_cannot_be_recorded_shows_nothing(address, published, client_of, monkeypatch):
    lead = client_of("ig_lead")
    lead.raise_request_exception = False

    def fail(*arguments, **named):
        raise DatabaseError

    monkeypatch.setattr("braid.web.access.entries.record", fail)
    assert lead.get(address).status_code == 500


def test_other_roles_read_nothing_and_their_refusal_is_recorded(published, client_of):
    for address in ("/audit/", f"/audit/person/{CHILD}/", "/audit/snooping/", "/audit/log/", "/trust/overlay/"):
        assert client_of("practitioner").get(address).status_code == 403
        assert (newest().kind, newest().username) == ("refused", "test-practitioner")
    assert written(kind="audit_read") == []


@pytest.mark.parametrize("kept_away", ["exclusion", "restriction"])
def test_a_lead_who_is_kept_from_somebody_reads_as_if_there_were_no_entry(kept_away, published, client_of, second):
    """Of the person nothing, on any page; of others all; of what the lead did, all, or its absence would tell."""
    lead, nobody = client_of("ig_lead"), "0" * 32
    viewer = Viewer("test-analyst", "analyst", PURPOSE, REFERENCE, "person")
    record("look", viewer, [CHILD, VICTIM])
    before = [lead.get(address).content.decode() for address in ("/audit/", "/audit/snooping/")]
    assert all("test-analyst" in page for page in before) and CHILD in before[0]
    facts = {"barred_username": "test-ig_lead"} if kept_away == "exclusion" else {"admitted": ["test-advocate"]}
    with known_asker():
        model = ExclusionEntry if kept_away == "exclusion" else RestrictionEntry
        for person in (CHILD, VICTIM):
            model.objects.create(subject_id=person, reason="relative", entered_by="z", **facts)
        renew_effects()
    for person in (CHILD, nobody):
        page = lead.get(f"/audit/person/{person}/").content.decode()
        assert "test-analyst" not in page and "Nobody that we can tell of" in page
    shown = lead.get("/audit/?kind=look").content.decode()
    assert CHILD not in shown and "No entry matches" in shown
    assert "No rule points anything out" in lead.get("/audit/snooping/").content.decode()
    own = lead.get("/audit/?kind=audit_read&username=test-ig_lead").content.decode()
    assert CHILD in own and nobody in own, "what they asked themselves stands there, of whomever it was"
    assert (CHILD in second.get("/audit/?kind=look").content.decode()) is (kept_away == "exclusion")


@pytest.mark.parametrize(("page", "what"), [("place", "figures"), ("blockers", "blockers"), ("problems", "problems")])
def test_the_download_of_figures_is_recorded_before_it_is_answered(page, what, published, client_of, monkeypatch):
    board = client_of("board_member")
    answer = board.get(f"/{page}/figures.csv")
    (entry,) = written()
    assert (entry.kind, entry.username, entry.page) == ("exported", "test-board_member", f"{what} file")
    digest = hashlib.sha256(answer.content).hexdigest()
    assert entry.details == {"what": what, "form": "csv", "run": published.run_id, "file": digest}
    board.raise_request_exception = False

    def fail(*arguments, **named):
        raise DatabaseError

    monkeypatch.setattr("braid.web.views.files.record", fail)
    refused = board.get(f"/{page}/figures.csv")
    assert refused.status_code == 500 and answer.content[:40] not in refused.content

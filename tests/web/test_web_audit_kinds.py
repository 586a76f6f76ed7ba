"""Every kind that the record offers to be filtered by is one that Braid writes, each by a real action."""

import pytest
from django.test import Client
from published_sample import ENTRIES, PASSWORD
from sample_agreements import HOST
from sample_run import CHILD, VICTIM
from test_web_outbox import place, send, write  # noqa: F401 - a fixture of this module too
from vault_sample import confirm_session, has_factor

from braid.trust.audit import KINDS
from braid.web.accounts import FIRST, renew_user
from braid.web.models import BreakGlass, User
from braid.web.vault.erasing import erase_person
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
EXCLUSION = {
    "kind": "exclusion",
    "exclusion-subject_id": CHILD,
    "exclusion-barred_username": "test-analyst",
    "exclusion-reason": "relative",
}
ACCESS = {
    "person_id": VICTIM,
    "purpose": "school_from_ta",
    "reason": "missing_person",
    "reference_kind": "incident",
    "reference": "INC-2026-77",
    "colleague": "test-practitioner",
}


def test_every_kind_is_written_by_some_action(place, client_of, user_of):  # noqa: F811
    """What is done, and the kind of entry that it leaves; together they are all there are."""
    renew_user(FIRST, "second", "Second", "ig_lead", HOST)
    second, anybody = Client(), Client()
    second.force_login(User.objects.get(username="second"), backend="django.contrib.auth.backends.ModelBackend")
    has_factor(user_of("advocate"))
    advocate = confirm_session(client_of("advocate", "victim_response"))
    officer, lead = client_of("placement_officer", "school_from_ta"), client_of("ig_lead")
    location = f"/people/{VICTIM}/location/telephone/"

    def entry() -> str:
        with known_asker():
            return f"/trust/overlay/exclusion/{ENTRIES.get(kind='overlay_set').details['entry']}/"

    def grant() -> str:
        with known_asker():
            return f"/trust/break-glass/{BreakGlass.objects.get().pk}/"

    steps = {
        "account_changed": lambda: renew_user(FIRST, "third", "Third", "analyst", HOST),
        "look": lambda: client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/"),
        "refused": lambda: officer.get(f"/people/{VICTIM}/"),
        "vault_read": lambda: advocate.get(location),
        "withheld": lambda: (erase_person(VICTIM), advocate.get(location)),
        "sent": lambda: (write(), send(place)),
        "disclosure": lambda: client_of("practitioner", "school_from_ta").post(
            f"/people/{CHILD}/message/",
            {
                "kind": "withhold",
                "withhold-receiver": "southwick-council",
                "withhold-classes": ["S"],
                "withhold-reason": "not_necessary",
            },
        ),
        "break_glass": lambda: officer.post("/break-glass/", ACCESS),
        "reviewed": lambda: lead.post(grant(), {"finding": "justified"}),
        "overlay_set": lambda: lead.post("/trust/overlay/", EXCLUSION),
        "changed": lambda: lead.post(entry(), {"step": "propose_removal"}),
        "overlay_lifted": lambda: second.post(entry(), {"step": "approve"}),
        "suspended": lambda: lead.post(
            "/trust/agreements/sample-school_from_ta/", {"step": "suspend", "reason": "breach"}
        ),
        "exported": lambda: lead.get("/place/figures.csv"),
        "audit_read": lambda: lead.get("/audit/"),
        "signed_in": lambda: anybody.post("/sign-in/", {"username": "test-analyst", "password": PASSWORD}),
        "signed_out": lambda: anybody.post("/sign-out/"),
    }
    with known_asker():
        before = ENTRIES.filter(kind="audit_read", page="tasks").count()
    lead.get("/tasks/")
    with known_asker():
        assert ENTRIES.filter(kind="audit_read", page="tasks").count() == before + 1, "tasks name people by id"
    assert set(steps) == set(KINDS), "a kind that nothing writes is not offered"
    for kind, act in steps.items():
        with known_asker():
            before = ENTRIES.filter(kind=kind).count()
        act()
        with known_asker():
            assert ENTRIES.filter(kind=kind).count() == before + 1, kind

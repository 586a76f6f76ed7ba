"""The pages of whoever accounts for the record, and what each look leaves in it."""

import re

import pytest
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_run import CHILD, VICTIM

from braid.trust.audit import COLUMNS, EntryInvalid
from braid.trust.items import ITEMS
from braid.web.access import get_account
from braid.web.access.projections import Viewer
from braid.web.models import AgreementInForce, AuditEntry
from braid.web.recording import Facts, record
from braid.web.request_facts import digest_session
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def test_the_model_has_the_columns_of_the_canonical_form_and_no_other():
    assert {field.column for field in AuditEntry._meta.get_fields()} == set(COLUMNS)


def test_a_look_says_under_what_it_was_permitted(published, client_of):
    client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/")
    entry = ENTRIES.get()
    agreement = AgreementInForce.objects.get(agreement_id=entry.agreement_id)
    assert (entry.kind, entry.decision, entry.reason, entry.relation) == ("look", "allow", "permitted", "concerned")
    assert (entry.agreement_version, entry.purpose) == (agreement.version, "school_from_ta")
    assert entry.organisation
    assert set(entry.item_classes.split()) <= {item.sensitivity.value for item in ITEMS.values()}
    assert re.fullmatch("[0-9a-f]{64}", entry.policy_hash)
    before = entry.policy_hash
    AgreementInForce.objects.filter(pk=agreement.pk).update(digest="0" * 64)
    client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/")
    assert ENTRIES.latest("pk").policy_hash != before


def test_the_record_takes_codes_alone(published):
    viewer = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "person")
    with pytest.raises(EntryInvalid):
        record("gossip", viewer)
    with pytest.raises(EntryInvalid):
        record("changed", viewer, facts=Facts(details={"name": "Ada (Example)"}))
    with as_pages():
        record("signed_in", viewer, facts=Facts(session_digest=digest_session("abc"), assurance=2))
    entry = ENTRIES.get()
    assert (entry.kind, entry.person_id, entry.assurance) == ("signed_in", "", 2)
    assert "abc" not in entry.session_digest
    assert digest_session(None) == ""


def test_entries_are_found_by_each_filter(published, client_of):
    client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/")
    client_of("advocate", "victim_response").get(f"/people/{VICTIM}/")
    lead = client_of("ig_lead")
    for query, found, not_found in (
        (f"person_id={CHILD}", CHILD, VICTIM),
        ("purpose=victim_response", VICTIM, CHILD),
        ("username=test-analyst", CHILD, VICTIM),
        (f"reference={REFERENCE.lower()}", CHILD, "none"),
        ("kind=look", VICTIM, "none"),
        ("decision=allow", VICTIM, "none"),
    ):
        text = lead.get(f"/audit/?{query}").content.decode()
        assert found in text and not_found not in text.replace(query, ""), query
    assert "No entry matches" in lead.get("/audit/?kind=vault_read").content.decode()
    assert lead.get("/audit/?kind=gossip").status_code == 400


def test_what_is_handed_out_does_not_betray_the_victim(published, client_of):
    client_of("advocate", "victim_response").get(f"/people/{VICTIM}/")
    client_of("analyst", "school_from_ta").get(f"/people/{VICTIM}/")
    with known_asker():
        account = get_account(Viewer("test-ig_lead", "ig_lead", "", "", "audit person"), VICTIM)
    assert [line.username for line in account.lines] == ["test-analyst"]
    assert [count for _, count in account.left_out] == [1]
    text = client_of("ig_lead").get(f"/audit/person/{VICTIM}/").content.decode()
    handed = re.sub(r'<div class="app-no-print">.*?</div>\s*</div>', "", text, flags=re.DOTALL)
    assert "test-analyst" in handed
    for word in ("test-advocate", "Victim", "victim", "protected", "emergency"):
        assert word not in handed, word


def test_an_account_is_the_same_whether_or_not_something_is_left_out(published, client_of):
    """What is printed for somebody with secret entries differs from that of somebody without by nothing but the id."""
    client_of("advocate", "victim_response").get(f"/people/{VICTIM}/")
    lead = client_of("ig_lead")
    pages = [lead.get(f"/audit/person/{person}/").content.decode() for person in (VICTIM, "0" * len(VICTIM))]
    printed = [
        re.sub(r'<div class="app-no-print">.*?</div>\s*</div>', "", page, flags=re.DOTALL).replace(person, "")
        for page, person in zip(pages, (VICTIM, "0" * len(VICTIM)), strict=True)
    ]
    assert printed[0].split() == printed[1].split()


def test_the_log_page_and_the_looks_to_ask_about(published, client_of):
    lead = client_of("ig_lead")
    assert "No checkpoint was signed yet" in lead.get("/audit/log/").content.decode()
    assert "No rule points anything out" in lead.get("/audit/snooping/").content.decode()
    viewer = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "person")
    record("look", viewer, [CHILD])
    text = lead.get("/audit/snooping/").content.decode()
    assert "Looks that no relationship permitted" in text and "test-analyst" in text
    assert CHILD not in text and "Ada" not in text

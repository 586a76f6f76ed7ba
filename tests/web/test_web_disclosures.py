"""Decisions to share or not: asked for before anything goes to an organisation, kept with it, and never changed."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import sample_agreements
from sample_run import CHILD, ONE_WAIT, VICTIM

from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import Draft, Text
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.enforcement import enforce
from braid.web.models import Barred, OutboxMessage, ShareDecision, Suspension, User
from braid.web.outbound import disclosures
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import queue_message
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

COUNCIL = "southwick-council"
PATH = f"/people/{CHILD}/message/"
WORDS = {"channel": "letter", "body": "Please send the outcome letter.", "classes": ["N", "S"]}
TO_COUNCIL = {**WORDS, "recipients": [f"organisation:{COUNCIL}"]}
BECAUSE = {"gateway": "children_act_2004_s10", "necessity": "service_needed"}
DUTY = "children_act_2004_s16la"
WITHHELD = {"kind": "withhold", "withhold-receiver": "vale-hospital", "withhold-classes": ["S"]}
VIEWER = Viewer("test-practitioner", "practitioner", "school_from_ta", REFERENCE, "message")


@pytest.fixture
def writer(published, client_of):
    return client_of("practitioner", "school_from_ta")


@pytest.fixture
def dutiful(writer):
    """The same, where the agreement names the duty of section 16LA beside the power."""
    changed = [one.__class__(**{**one.__dict__, "gateways": (*one.gateways, DUTY)}) for one in sample_agreements()]
    enforce(changed)
    return writer


def kept() -> list[ShareDecision]:
    with known_asker():
        return list(ShareDecision.objects.order_by("pk"))


def messages() -> list[OutboxMessage]:
    with known_asker():
        return list(OutboxMessage.objects.all())


@pytest.mark.parametrize("missing", ["gateway", "necessity", "both"])
def test_without_a_law_and_a_reason_nothing_is_written_to_an_organisation(missing, writer):
    given = {} if missing == "both" else {key: value for key, value in BECAUSE.items() if key != missing}
    answer = writer.post(PATH, {**TO_COUNCIL, **given})
    page = answer.content.decode()
    assert answer.status_code == 400 and "There is a problem" in page
    for field in ("gateway", "necessity"):
        assert (f'href="#id_{field}"' in page) is (field not in given), "the summary leads to what is missing"
    assert messages() == [] and kept() == []
    assert not ENTRIES.filter(kind="disclosure").exists()


def test_the_page_chooses_no_law_and_no_reason_for_anybody(writer):
    page = writer.get(PATH).content.decode()
    for field in ("gateway", "necessity", "weighing", "withhold-gateway", "withhold-reason", "withhold-receiver"):
        choices = page.partition(f'id="id_{field}"')[2].partition("</select>")[0]
        assert choices.count("<option") > 1, field
        assert 'value="" selected' in choices and choices.count("selected") == 1, field


def test_a_law_that_the_agreement_does_not_name_is_refused(writer):
    assert writer.post(PATH, {**TO_COUNCIL, **BECAUSE, "gateway": "care_act_2014_s6"}).status_code == 400
    assert messages() == [] and kept() == []


def test_what_is_shared_is_kept_with_its_message_and_its_entry(writer):
    assert writer.post(PATH, {**TO_COUNCIL, **BECAUSE}).status_code == 302
    (message,), (decision,) = messages(), kept()
    assert (decision.outcome, decision.gateway, decision.reason) == ("shared", *BECAUSE.values())
    assert (decision.decided_by, decision.reference, decision.purpose) == (VIEWER.username, REFERENCE, VIEWER.purpose)
    assert (decision.person_id, decision.receiver, decision.item_classes) == (CHILD, COUNCIL, "N S")
    assert (decision.agreement_ids, decision.message_id) == ("sample-school_from_ta", message.pk)
    assert abs(decision.decided_at - timezone.now()) < dt.timedelta(minutes=1)
    entry = ENTRIES.get(kind="disclosure")
    assert (entry.person_id, entry.decision, entry.reason) == (CHILD, "allow", "service_needed")
    assert (entry.agreement_id, entry.item_classes, entry.channel) == ("sample-school_from_ta", "N S", "letter")
    assert entry.details["receiver"] == COUNCIL and entry.details["message"] == str(message.pk)


def test_to_a_person_no_law_is_asked_for(writer):
    assert writer.post(PATH, {**WORDS, "recipients": [f"person:{CHILD}"]}).status_code == 302
    assert len(messages()) == 1 and kept() == []


def test_a_word_for_victims_tells_that_support_exists_and_the_decision_says_so(published, client_of):
    form = {**WORDS, "classes": ["N"], "recipients": ["organisation:harbour"], **BECAUSE}
    assert client_of("advocate", "victim_response").post(f"/people/{VICTIM}/message/", form).status_code == 302
    assert [one.item_classes for one in kept()] == ["E N"]


def test_the_duty_to_share_asks_for_the_welfare_of_a_child_and_what_the_detriment_is(dutiful):
    under = {**TO_COUNCIL, "gateway": DUTY}
    assert dutiful.post(PATH, {**under, "necessity": "service_needed", "weighing": "no_detriment"}).status_code == 400
    assert dutiful.post(PATH, {**under, "necessity": "welfare_of_a_child"}).status_code == 400
    assert messages() == [] and kept() == []
    done = dutiful.post(PATH, {**under, "necessity": "welfare_of_a_child", "weighing": "no_detriment"})
    assert done.status_code == 302
    assert [(one.gateway, one.detriment) for one in kept()] == [(DUTY, "no_detriment")]


def test_not_to_share_is_kept_with_its_reason_and_sends_nothing(dutiful):
    answer = dutiful.post(PATH, {**WITHHELD, "withhold-reason": "not_necessary"})
    assert answer.status_code == 302 and b"is kept" in dutiful.get(answer.url).content
    refused = dutiful.post(PATH, {**WITHHELD, "withhold-gateway": DUTY, "withhold-reason": "not_necessary"})
    assert refused.status_code == 400 and b"is a duty" in refused.content
    worse = {**WITHHELD, "withhold-gateway": "", "withhold-reason": "place_could_be_found"}
    assert dutiful.post(PATH, worse).status_code == 302
    assert messages() == []
    assert [(one.outcome, one.reason, one.detriment, one.receiver) for one in kept()] == [
        ("withheld", "not_necessary", "", "vale-hospital"),
        ("withheld", "", "place_could_be_found", "vale-hospital"),
    ]
    entries = ENTRIES.filter(kind="disclosure").order_by("pk").values_list("decision", "reason", "person_id")
    assert list(entries) == [("deny", "not_necessary", CHILD), ("deny", "place_could_be_found", CHILD)]


@pytest.mark.parametrize("field", ["withhold-receiver", "withhold-classes", "withhold-reason"])
def test_a_reasoned_non_share_says_with_whom_what_and_why(field, writer):
    form = {**WITHHELD, "withhold-reason": "not_necessary"}
    del form[field]
    assert writer.post(PATH, form).status_code == 400
    assert writer.post(PATH, {**form, field: "anything"}).status_code == 400
    assert kept() == [] and messages() == []


def queue(recipients, grounds=None, subjects=(CHILD,)):
    """Queue below the page, in the role of the pages."""
    pieces = (Text("", "Words", frozenset({Sensitivity.NORMAL})),)
    draft = Draft(REFERENCE, "letter", VIEWER.username, frozenset(subjects), pieces, timezone.now())
    with as_pages(), looking(VIEWER):
        return queue_message(VIEWER, draft, recipients, grounds=grounds)


def test_below_the_page_too_every_receiver_and_subject_has_a_decision(published):
    away = User.objects.create(username="test-away", role="practitioner", organisation=COUNCIL)
    for recipients in ([("organisation", COUNCIL)], [("user", away.username)]):
        with pytest.raises(NotPossible):
            queue(recipients)
    assert messages() == []
    queue([("user", "test-placement_officer")])
    assert kept() == [], "a colleague of the same organisation"
    grounds = Grounds(*BECAUSE.values())
    queue([("organisation", "northmere-council"), ("user", away.username)], grounds, (CHILD, ONE_WAIT))
    decided = {(one.person_id, one.receiver) for one in kept()}
    assert decided == {(one, each) for one in (CHILD, ONE_WAIT) for each in ("northmere-council", COUNCIL)}


def test_a_decision_that_cannot_be_recorded_takes_its_message_with_it(writer, monkeypatch):
    def fail(*_arguments):
        raise DatabaseError

    monkeypatch.setattr(disclosures, "record", fail)
    writer.raise_request_exception = False
    assert writer.post(PATH, {**TO_COUNCIL, **BECAUSE}).status_code == 500
    assert messages() == [] and kept() == []


def test_under_a_suspended_agreement_nothing_is_shared(published):
    Suspension.objects.create(agreement_id="sample-school_from_ta", suspended_by="lead", reason="breach")
    with pytest.raises(NotPossible), as_pages(), asking_as(VIEWER.username, VIEWER.purpose):
        disclosures.withhold(VIEWER, CHILD, COUNCIL, "not_necessary", ["N"], "children_act_2004_s10")
    assert kept() == []


INSERT = (
    "insert into braid_sharedecision (outcome, gateway, reason, detriment, decided_by, role, purpose, reference,"
    " person_id, receiver, item_classes, agreement_ids, message_id) values ('{outcome}', '{gateway}', '{reason}', '',"
    " '{by}', '', 'school_from_ta', '', '{person}', '{receiver}', 'N', '', {message})"
)


def insert(**changed) -> str:
    """Add one by a bare statement of the pages' role; return what stands in the way."""
    facts = {"outcome": "shared", "gateway": BECAUSE["gateway"], "reason": "service_needed", "by": VIEWER.username}
    facts |= {"person": CHILD, "receiver": COUNCIL, **changed}
    with as_pages(), asking_as(VIEWER.username, VIEWER.purpose), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(INSERT.format(**facts))
                transaction.set_rollback(True)
                return ""
        except DatabaseError as error:
            return str(error.__cause__.diag.sqlstate)


def test_the_database_itself_holds_a_share_to_an_agreement_and_a_message_of_who_decides(writer):
    assert writer.post(PATH, {**TO_COUNCIL, **BECAUSE}).status_code == 302
    mine = f"'{messages()[0].pk}'"
    assert insert(message=mine) == ""
    assert insert(message="null", outcome="withheld", gateway="", receiver="anybody") == ""
    for changed in (
        {"gateway": "care_act_2014_s6"},
        {"receiver": "vale-crown-court"},
        {"by": "test-analyst"},
        {"person": "0" * 32},
        {"message": "gen_random_uuid()"},
    ):
        assert insert(**{"message": mine, **changed}) == "42501", changed
    assert insert(message=mine, reason="") == "23514"
    assert insert(message=mine, outcome="perhaps") in ("23514", "42501")
    with known_asker():
        Suspension.objects.create(agreement_id="sample-school_from_ta", suspended_by="lead", reason="breach")
    assert insert(message=mine) == "42501"


@pytest.mark.parametrize(
    "statement",
    ["update braid_sharedecision set reason = 'x'", "delete from braid_sharedecision", "truncate braid_sharedecision"],
)
def test_not_even_the_owner_changes_a_decision(statement, writer):
    writer.post(PATH, {**TO_COUNCIL, **BECAUSE})
    refused = pytest.raises(DatabaseError, match=r"Cannot update or delete|never removed")
    with known_asker(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert len(kept()) == 1


def test_the_lead_reads_them_by_outcome_and_receiver_without_names_and_the_reading_is_recorded(writer, client_of):
    writer.post(PATH, {**TO_COUNCIL, **BECAUSE})
    writer.post(PATH, {**WITHHELD, "withhold-reason": "harm_to_an_adult"})
    lead = client_of("ig_lead")
    page = lead.get("/trust/disclosures/").content.decode()
    assert "2 decisions" in page and page.count(CHILD) == 2
    assert "Children Act 2004 section 10" in page and "It would put an adult in danger" in page
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select given_name, family_name from braid_personidentity where person_id = %s", [CHILD])
        assert not [name for row in cursor.fetchall() for name in row if name and name in page]
    for wanted, count in (
        ("outcome=shared", 1),
        ("outcome=withheld&receiver=vale-hospital", 1),
        (f"outcome=withheld&receiver={COUNCIL}", 0),
    ):
        found = lead.get(f"/trust/disclosures/?{wanted}").content.decode()
        assert found.count(CHILD) == count, wanted
    assert lead.get("/trust/disclosures/?receiver=nowhere").status_code == 400
    assert lead.get("/trust/disclosures/?page=9").status_code == 404
    read = ENTRIES.filter(kind="audit_read", page="disclosures").order_by("pk")
    assert [(one.username, one.row_count) for one in read] == [("test-ig_lead", number) for number in (2, 1, 1, 0)]
    assert read[2].details == {"what": "disclosures", "number": 1, "outcome": "withheld", "receiver": "vale-hospital"}


def test_who_is_kept_from_a_person_reads_no_decision_about_them(writer, client_of):
    writer.post(PATH, {**TO_COUNCIL, **BECAUSE})
    lead = client_of("ig_lead")
    with known_asker():
        Barred.objects.create(person_id=CHILD, username="test-ig_lead")
    page = lead.get("/trust/disclosures/").content.decode()
    assert CHILD not in page and "0 decisions" in page

"""The lead's pages, declarations and emergency access through the real pages: who may open them and what they do."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from sample_agreements import HOST
from sample_run import CHILD, VICTIM

from braid.trust.roles import ROLES
from braid.web.models import (
    AgreementInForce,
    Alert,
    AuditEntry,
    BreakGlass,
    ExclusionEntry,
    OverlayChange,
    RestrictionEntry,
    Suspension,
    User,
)
from braid.web.overlay.agreements import readable_terms
from braid.web.templating import age_words
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

PURPOSE = "school_from_ta"
AGREEMENT = "/trust/agreements/sample-school_from_ta/"
EXCLUSION = {"kind": "exclusion", "exclusion-subject_id": CHILD, "exclusion-reason": "relative"}
ACCESS = {
    "person_id": VICTIM,
    "purpose": PURPOSE,
    "reason": "missing_person",
    "reference_kind": "incident",
    "reference": "inc-2026-77",
    "colleague": "test-practitioner",
}
NAMES = ("Ada", "Bel ", "Cass", "Example")


@pytest.fixture
def lead(published, client_of) -> Client:
    return client_of("ig_lead")


@pytest.fixture
def second(published) -> Client:
    user = User.objects.create(username="test-ig_lead-2", role="ig_lead", organisation=HOST, display_name="Second")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def opened(published, client_of, lead) -> dict[str, str]:
    """An entry and an access, so that every address leads somewhere; the addresses, and who may open them."""
    lead.post("/trust/overlay/", {**EXCLUSION, "exclusion-barred_username": "test-advocate"})
    client_of("placement_officer").post("/break-glass/", ACCESS)
    with known_asker():
        entry, access = ExclusionEntry.objects.get(), BreakGlass.objects.get()
    return {
        "/conflicts/": "all",
        "/status/": "all",
        "/break-glass/": "people",
        "/trust/": "audit",
        "/trust/agreements/": "audit",
        AGREEMENT: "audit",
        "/trust/matrix/": "audit",
        "/trust/overlay/": "audit",
        f"/trust/overlay/exclusion/{entry.pk}/": "audit",
        "/trust/break-glass/": "audit",
        f"/trust/break-glass/{access.pk}/": "audit",
    }


OF_NO_CHANGE = {"kind__in": ("refused", "audit_read")}
"""Entries of what changes nothing: a refusal, and that the lead read."""


def _counts() -> list[int]:
    with known_asker():
        models = (ExclusionEntry, RestrictionEntry, OverlayChange, BreakGlass, Alert, Suspension, AuditEntry)
        return [
            model.objects.exclude(**OF_NO_CHANGE if model is AuditEntry else {"pk": -1}).count() for model in models
        ]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_to_its_roles_alone_and_to_its_methods_alone(role, opened, client_of):
    client = client_of(role)
    before = _counts()
    sees_people = ROLES[role].sees_people
    for route, whose in opened.items():
        may = whose == "all" or (whose == "people" and sees_people) or (whose == "audit" and role == "ig_lead")
        assert client.get(route).status_code == (200 if may else 403), route
        assert client.post(route, {}).status_code in ((400, 405) if may else (403, 405)), route
        for method in (client.put, client.delete, client.patch):
            assert method(route).status_code in (403, 405), route
    assert _counts() == before, "an empty form, a refused role and another method change nothing"


def test_who_is_not_signed_in_is_sent_to_sign_in(opened):
    for route in opened:
        for answer in (Client().get(route), Client().post(route, EXCLUSION)):
            assert answer.status_code in (302, 405) and (
                answer.status_code == 405 or answer["Location"].startswith("/sign-in/")
            )


def test_forms_need_their_token(opened, user_of):
    client = Client(enforce_csrf_checks=True)
    for role, routes in (("ig_lead", [*opened]), ("placement_officer", ["/break-glass/"])):
        client.force_login(user_of(role), backend="django.contrib.auth.backends.ModelBackend")
        for route in routes:
            assert client.post(route, EXCLUSION).status_code == 403, route


def test_the_leads_pages_name_nobody(opened, lead):
    for route in opened:
        text = lead.get(route).content.decode()
        assert [name for name in NAMES if name in text] == [], route


@pytest.mark.parametrize(
    "route",
    [
        "/trust/agreements/none/",
        "/trust/overlay/exclusion/99999999/",
        "/trust/overlay/rumour/1/",
        "/trust/break-glass/99999999999999999999/",
    ],
)
def test_what_is_not_there_is_not_there(route, lead):
    assert lead.get(route).status_code == 404


def test_two_leads_lift_an_entry_and_one_cannot(lead, second, client_of):
    analyst = client_of("analyst", PURPOSE)
    assert lead.post("/trust/overlay/", {**EXCLUSION, "exclusion-barred_username": "test-analyst"}).status_code == 302
    assert analyst.get(f"/people/{CHILD}/").status_code == 404
    with known_asker():
        page = f"/trust/overlay/exclusion/{ExclusionEntry.objects.get().pk}/"
    assert lead.post(page, {"step": "approve"}).status_code == 400
    assert lead.post(page, {"step": "propose_removal"}).status_code == 302
    assert b"Withdraw" in lead.get(page).content and b"Approve" not in lead.get(page).content
    refused = lead.post(page, {"step": "approve"})
    assert refused.status_code == 400 and b"may not decide on it" in refused.content
    assert analyst.get(f"/people/{CHILD}/").status_code == 404
    assert b"Second person needed" in second.get("/trust/overlay/").content
    assert second.post(page, {"step": "approve"}).status_code == 302
    assert analyst.get(f"/people/{CHILD}/").status_code == 200
    assert lead.get(page).status_code == 404


def test_a_restriction_admits_named_users_alone(lead, client_of):
    given = {"kind": "restriction", "restriction-subject_id": CHILD, "restriction-reason": "witness"}
    assert lead.post("/trust/overlay/", {**given, "restriction-admitted": "test-analyst, other"}).status_code == 302
    assert client_of("analyst", PURPOSE).get(f"/people/{CHILD}/").status_code == 200
    assert client_of("practitioner", PURPOSE).get(f"/people/{CHILD}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"exclusion-subject_id": ""}, "Enter the subject: person id"),
        ({"exclusion-subject_id": "O'Neil; drop"}, "Enter an id"),
        ({"exclusion-reason": "dislike"}, "Choose a reason"),
        ({"exclusion-barred_username": ""}, "either a user name or a person id"),
        ({"exclusion-barred_person_id": VICTIM}, "either a user name or a person id"),
        ({"exclusion-until": "tomorrow"}, "Enter a date as year-month-day"),
        ({"exclusion-reference": "no digits"}, "A reference has"),
    ],
)
def test_a_form_that_does_not_hold_says_so_and_adds_nothing(changes, says, lead):
    answer = lead.post("/trust/overlay/", {**EXCLUSION, "exclusion-barred_username": "u", **changes})
    text = answer.content.decode()
    assert answer.status_code == 400 and says in text and "There is a problem" in text
    with known_asker():
        assert not ExclusionEntry.objects.exists()


def test_declaring_a_conflict_answers_the_same_whoever_it_is(published, client_of):
    client = client_of("analyst", PURPOSE)
    answers = []
    for person in (CHILD, VICTIM, "0" * 32):
        posted = client.post("/conflicts/", {"subject_id": person, "reason": "staff_knows"})
        answers.append((posted.status_code, posted["Location"], client.get(posted["Location"]).content))
    assert [answer[:2] for answer in answers] == [(302, "/conflicts/?done=recorded")] * 3
    assert len({_without_token(answer[2]) for answer in answers}) == 1
    assert client.get(f"/people/{CHILD}/").status_code == 404
    refused = client.post("/conflicts/", {"reason": "staff_knows"})
    assert refused.status_code == 400 and b"Enter a person id, or a reference" in refused.content


def _without_token(page: bytes) -> bytes:
    start = page.index(b"csrfmiddlewaretoken")
    return page[:start] + page[page.index(b">", start) :]


def test_a_declaration_by_reference_is_a_task_of_the_lead(published, client_of, lead):
    client_of("board_member").post("/conflicts/", {"reference": "case 77", "reason": "staff_family"})
    text = lead.get("/trust/overlay/").content.decode()
    assert "CASE77" in text and "Find the person" in text


def test_emergency_access_alerts_and_its_review(published, client_of, lead):
    officer = client_of("placement_officer", PURPOSE)
    assert officer.get(f"/people/{VICTIM}/").status_code == 404
    assert officer.post("/break-glass/", ACCESS).status_code == 302
    assert officer.get(f"/people/{VICTIM}/").status_code == 200
    text = lead.get("/trust/break-glass/").content.decode()
    assert text.count("Acknowledge<span") == 2 and VICTIM in text and "INC-2026-77" in text
    for alert in Alert.objects.exclude(told="colleague"):
        assert lead.post("/trust/break-glass/", {"alert": alert.pk}).status_code == 302
    again = lead.post("/trust/break-glass/", {"alert": "x"})
    assert again.status_code == 400 and b"no such alert" in again.content
    page = f"/trust/break-glass/{BreakGlass.objects.get().pk}/"
    assert lead.post(page, {"finding": "fine"}).status_code == 400
    assert lead.post(page, {"finding": "not_justified"}).status_code == 302
    assert officer.get(f"/people/{VICTIM}/").status_code == 404
    assert lead.post(page, {"finding": "justified"}).status_code == 400
    assert BreakGlass.objects.get().finding == "not_justified"


def test_two_overdue_reviews_end_the_right_to_ask(published, client_of):
    officer = client_of("placement_officer")
    for _ in range(2):
        assert officer.post("/break-glass/", ACCESS).status_code == 302
    BreakGlass.objects.update(review_due_at=timezone.now())
    refused = officer.post("/break-glass/", ACCESS)
    assert refused.status_code == 400 and b"reviews of your emergency access are overdue" in refused.content
    assert BreakGlass.objects.count() == 2


@pytest.mark.parametrize("field", ACCESS)
def test_every_field_of_emergency_access_is_needed(field, published, client_of):
    answer = client_of("placement_officer").post("/break-glass/", {**ACCESS, field: ""})
    assert answer.status_code == 400 and b"There is a problem" in answer.content
    assert not BreakGlass.objects.exists()


def test_an_agreement_is_suspended_by_one_and_lifted_by_two(lead, second, client_of):
    analyst = client_of("analyst", PURPOSE)
    assert analyst.get(f"/people/{CHILD}/").status_code == 200
    assert lead.post(AGREEMENT, {"step": "suspend", "reason": "whim"}).status_code == 400
    assert lead.post(AGREEMENT, {"step": "suspend", "reason": "breach"}).status_code == 302
    assert analyst.get(f"/people/{CHILD}/").status_code == 404
    assert b"Suspended" in lead.get("/trust/agreements/").content
    assert lead.post(AGREEMENT, {"step": "lift"}).status_code == 400
    assert lead.post(AGREEMENT, {"step": "ask_to_lift"}).status_code == 302
    assert b"Lift the suspension" not in lead.get(AGREEMENT).content
    refused = lead.post(AGREEMENT, {"step": "lift"})
    assert refused.status_code == 400 and b"may not lift it" in refused.content
    assert analyst.get(f"/people/{CHILD}/").status_code == 404
    assert second.post(AGREEMENT, {"step": "lift"}).status_code == 302
    assert analyst.get(f"/people/{CHILD}/").status_code == 200


def test_an_agreement_is_shown_in_words(lead):
    text = lead.get(AGREEMENT).content.decode()
    for words in (
        "Sample agreement: school_from_ta",
        "School from temporary accommodation",
        "Name and date of birth",
        "Retention days",
        "1 April 2026, 01:00:00",
        "northmere-council",
        "Opt out applies",
        "Public task",
    ):
        assert words in text, words
    places = [
        text.index(f">{label}<") for label in ("Agreement", "Version", "Title", "Purpose", "Subjects", "Valid from")
    ]
    assert places == sorted(places), "in the order of the agreement"


def test_a_term_that_is_not_known_is_shown_last_under_its_own_name():
    assert readable_terms({"new_term": ["b", "a"], "title": "T"}) == [("Title", "T"), ("New term", "b, a")]


def test_days_left_and_ends_soon(lead):
    now = timezone.now()
    row = AgreementInForce.objects.filter(pk="sample-school_from_ta")
    row.update(valid_to=now + dt.timedelta(days=30, hours=1))
    text = lead.get("/trust/agreements/").content.decode()
    assert "In force, ends soon" in text and '"Days left" class="govuk-table__cell">30<' in text
    row.update(valid_to=now)
    assert "Ended" in lead.get("/trust/agreements/").content.decode()


def test_the_overview_counts_and_shows_what_is_overdue(opened, lead):
    shown = lead.get("/trust/").content.decode()
    assert "overdue" not in shown.replace("Red is overdue", "")
    Alert.objects.update(raised_at=timezone.now() - dt.timedelta(hours=3))
    BreakGlass.objects.update(review_due_at=timezone.now())
    shown = lead.get("/trust/").content.decode()
    assert "2 overdue" in shown and "1 overdue" in shown


def _matrix(lead: Client, role: str, purpose: str) -> dict[str, str]:
    """The text of each item's row."""
    text = lead.get(f"/trust/matrix/?role={role}&purpose={purpose}").content.decode()
    rows = text.split("<tbody")[1].split("<tr")[1:]
    return {row.split('rowheader" class="govuk-table__header">')[1].split("<")[0]: row for row in rows}


def test_the_matrix_says_who_sees_what_and_why_not(lead):
    rows = _matrix(lead, "practitioner", PURPOSE)
    seen, unseen = rows["District of the home"].split('data-label="Not seen, and why"')
    assert "northmere-council" in seen and "(under sample-school_from_ta)" in seen and "harbour" not in seen
    assert "No agreement in force opens it: harbour" in unseen
    rows = _matrix(lead, "listing_officer", "court_readiness")
    assert "The role does not see it: " in rows["District of the home"]
    assert "vale-family-court" in rows["Name and date of birth"].split("Not seen")[0]
    rows = _matrix(lead, "listing_officer", "victim_response")
    assert all("Nobody" in row and "not one of the role" in row for row in rows.values())


def test_the_matrix_follows_a_suspension(lead):
    lead.post(AGREEMENT, {"step": "suspend", "reason": "breach"})
    assert all("Nobody" in row for row in _matrix(lead, "practitioner", PURPOSE).values())


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (dt.timedelta(seconds=59), "under a minute"),
        (dt.timedelta(minutes=1), "1 minute"),
        (dt.timedelta(hours=58), "2 days 10 hours"),
        (dt.timedelta(hours=1, minutes=5), "1 hour 5 minutes"),
        (dt.timedelta(days=1), "1 day"),
    ],
)
def test_ages_in_words(age, words):
    assert age_words(age) == words

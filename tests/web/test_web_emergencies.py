"""Access in an emergency on the real database: alerted at once, reviewed or suspended, past no forbid, for a year."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from emergency_year import run_year
from published_sample import ENTRIES, as_pages
from sample_agreements import ORGANISATIONS
from sample_run import CHILD, VICTIM, person_id
from vault_sample import confirm_session, has_factor

from braid.language.steps import NotPossible
from braid.trust.break_glass import ALERT_WITHIN, NotGranted, Request
from braid.trust.overlay import Exclusion, Restriction
from braid.web.access.context import asking_as
from braid.web.models import Alert, BreakGlass, EmergencyApproval, PersonWait, User
from braid.web.overlay.emergencies import acknowledge, approve_access, grant_access, list_access, review_access
from braid.web.overlay.entries import add_entry
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
PURPOSE = "school_from_ta"
OFFICER = "placement_officer"


def request(person: str = VICTIM, **changes: object) -> Request:
    facts = {
        "username": f"test-{OFFICER}",
        "person_id": person,
        "purpose": PURPOSE,
        "reason": "missing_person",
        "reference_kind": "incident",
        "reference": "INC-2026-77",
        "colleague": "test-practitioner",
    }
    return Request(**{**facts, **changes})


def ask(user: User, **changes: object) -> BreakGlass:
    """Ask as the pages do: in their role and in the context of the user."""
    with as_pages(), asking_as(user.username, ""):
        return grant_access(user, request(**changes))


def test_a_grant_opens_one_person_for_four_hours_and_no_other_row(published, client_of, user_of):
    client = client_of(OFFICER, PURPOSE)
    assert client.get(f"/people/{VICTIM}/").status_code == 404
    grant = ask(user_of(OFFICER))
    shown = client.get(f"/people/{VICTIM}/")
    assert shown.status_code == 200
    assert b"Therapy" not in shown.content and b"Crown" not in shown.content, "the agreement and the role still decide"
    assert client_of("listing_officer", "court_readiness").get(f"/people/{VICTIM}/").status_code == 404
    shift = dt.timedelta(hours=4)
    BreakGlass.objects.filter(pk=grant.pk).update(live_from=grant.live_from - shift, live_to=grant.live_to - shift)
    assert client.get(f"/people/{VICTIM}/").status_code == 404


def waits_in_the_database(username: str) -> int:
    """How many waits of the victim the policies alone let through."""
    with as_pages(), asking_as(username, PURPOSE):
        return PersonWait.objects.filter(person_id=VICTIM).count()


def test_the_policies_alone_open_a_grant_from_its_first_moment_to_its_last(published, user_of):
    user, shift = user_of(OFFICER), dt.timedelta(hours=5)
    assert waits_in_the_database(user.username) == 0
    grant = ask(user)
    assert waits_in_the_database(user.username) > 0
    for moved in (-shift, shift):
        BreakGlass.objects.filter(pk=grant.pk).update(live_from=grant.live_from + moved, live_to=grant.live_to + moved)
        assert waits_in_the_database(user.username) == 0


@pytest.mark.parametrize("kept_away", ["exclusion", "restriction", "agreement", "role"])
def test_a_grant_crosses_no_forbid(kept_away, published, client_of, user_of):
    user = user_of("practitioner" if kept_away == "role" else OFFICER)
    client = client_of(user.role, PURPOSE)
    ask(user, username=user.username, colleague="test-advocate", person_id=person_id(4 if kept_away == "role" else 2))
    target = person_id(4) if kept_away == "role" else VICTIM
    if kept_away == "exclusion":
        with known_asker():
            add_entry(user_of("ig_lead"), Exclusion(VICTIM, "relative", "x", timezone.now(), barred_user=user.username))
    if kept_away == "restriction":
        with known_asker():
            add_entry(
                user_of("ig_lead"), Restriction(VICTIM, frozenset({"test-advocate"}), "witness", "x", timezone.now())
            )
    if kept_away == "agreement":
        User.objects.filter(pk=user.pk).update(organisation="vale-crown-court")
        user.refresh_from_db()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.post("/reason/", {"purpose": PURPOSE, "reference": "R-1"})
    absent = client.get(f"/people/{'0' * 32}/")
    hidden = client.get(f"/people/{target}/")
    assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_the_answer_does_not_tell_whether_the_person_is_there_or_kept_away(published, user_of):
    user = user_of(OFFICER)
    with known_asker():
        add_entry(user_of("ig_lead"), Exclusion(CHILD, "relative", "x", timezone.now(), barred_user=user.username))
    for person in (VICTIM, CHILD, "absent"):
        assert ask(user, person_id=person).person_id == person
    assert BreakGlass.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"purpose": "victim_response"}, "purpose"),
        ({"reason": "curiosity"}, "reason"),
        ({"reference": ""}, "reference"),
        ({"colleague": f"test-{OFFICER}"}, "colleague"),
        ({"colleague": "nobody-here"}, "colleague"),
        ({"colleague": "test-closed"}, "colleague"),
    ],
)
def test_a_request_that_breaks_a_rule_leaves_nothing(changes, says, published, user_of):
    User.objects.create(username="test-closed", role=OFFICER, display_name="Closed", is_active=False)
    with pytest.raises(NotGranted, match=says):
        ask(user_of(OFFICER), **changes)
    assert not BreakGlass.objects.exists() and not Alert.objects.exists() and not ENTRIES.exists()


def test_without_its_alert_there_is_no_grant(published, user_of, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("nobody can be told")

    monkeypatch.setattr("braid.web.overlay.emergencies._raise_alerts", fail)
    with pytest.raises(RuntimeError):
        ask(user_of(OFFICER))
    assert not BreakGlass.objects.exists()


def test_guardian_record_owner_and_colleague_are_told_at_once(published, user_of):
    grant = ask(user_of(OFFICER))
    told = set(grant.alerts.values_list("told", "owner_role", "organisation"))
    assert told == {("guardian", "ig_lead", ""), ("record_owner", "", "vale-authority"), ("colleague", "", "")}
    assert all(alert.raised_at == grant.live_from for alert in grant.alerts.all())


def test_nobody_reviews_their_own_and_a_finding_that_closed_stays(published, user_of):
    lead = user_of("ig_lead")
    grant = ask(user_of(OFFICER), colleague=lead.username)
    with known_asker(), pytest.raises(NotPossible, match="of their own, or one they were named for"):
        review_access(lead, grant.pk, "justified")
    grant = ask(user_of(OFFICER))
    with as_pages(), asking_as(lead.username, ""):
        assert review_access(lead, grant.pk, "more_information").reviewed_at is None
        done = review_access(lead, grant.pk, "not_justified")
        assert done.reviewed_at and done.ended_at, "access that is not justified ends at once"
        with pytest.raises(NotPossible):
            review_access(lead, grant.pk, "justified")
    with known_asker(), pytest.raises(NotPossible):
        review_access(user_of("analyst"), grant.pk, "justified")


def test_the_database_refuses_a_longer_window_another_name_and_an_own_review(published, user_of):
    now, user = timezone.now(), user_of(OFFICER)
    facts = {
        "username": user.username,
        "person_id": VICTIM,
        "purpose": PURPOSE,
        "reason": "missing_person",
        "reference": "INC-1",
        "colleague": "test-practitioner",
        "live_from": now - dt.timedelta(seconds=1),
        "live_to": now + dt.timedelta(hours=3),
        "review_due_at": now,
    }
    for changes in (
        {"live_to": now + dt.timedelta(hours=5)},
        {"live_from": now + dt.timedelta(hours=1), "live_to": now + dt.timedelta(hours=2)},
        {"username": "test-analyst"},
        {"colleague": user.username},
        {"reviewed_at": now},
    ):
        refused = pytest.raises(DatabaseError, match="row-level security")
        with as_pages(), asking_as(user.username, ""), refused, transaction.atomic():
            BreakGlass.objects.create(**{**facts, **changes})
    with as_pages(), asking_as(user.username, ""):
        grant = BreakGlass.objects.create(**facts)
        assert BreakGlass.objects.filter(pk=grant.pk).update(reviewed_by=user.username, reviewed_at=now) == 0


def test_users_see_their_own_access_and_the_lead_all(published, user_of):
    ask(user_of(OFFICER))
    for username, seen in ((f"test-{OFFICER}", 1), ("test-ig_lead", 1), ("test-analyst", 0), ("test-board_member", 0)):
        with as_pages(), asking_as(username, ""):
            assert len(list_access()) == seen, username


def test_an_alert_is_acknowledged_once_and_by_whom_it_tells(published, user_of):
    """The guardian's by a lead, the record owner's by somebody of that organisation alone, the colleague's by them."""
    User.objects.filter(role="ig_lead").update(organisation="harbour")
    alerts = {alert.told: alert for alert in ask(user_of(OFFICER)).alerts.all()}
    may = {
        "guardian": {"test-ig_lead"},
        "record_owner": {
            *("test-analyst", "test-board_member", "test-commissioner", "test-coordinator", "test-finance_officer"),
        },
        "colleague": {"test-practitioner"},
    }
    for told, alert in alerts.items():
        for user in User.objects.order_by("username"):
            Alert.objects.filter(pk=alert.pk).update(acknowledged_at=None, acknowledged_by="")
            if user.username in may[told]:
                assert acknowledge(user, alert.pk).acknowledged_by == user.username
                with pytest.raises(NotPossible, match="already"):
                    acknowledge(user, alert.pk)
            else:
                with pytest.raises(NotPossible):
                    acknowledge(user, alert.pk)


def test_who_asked_does_not_acknowledge_for_the_record_owner(published, user_of):
    User.objects.filter(username=f"test-{OFFICER}").update(organisation="vale-authority")
    user = User.objects.get(username=f"test-{OFFICER}")
    alert = ask(user).alerts.get(told="record_owner")
    with pytest.raises(NotPossible):
        acknowledge(user, alert.pk)
    acknowledge(user_of("analyst"), alert.pk)


def test_the_colleague_is_told_on_their_status_page_until_they_answer(published, user_of, client_of):
    ask(user_of(OFFICER))
    words = "named you as a colleague who knows of emergency access"
    named, other = client_of("practitioner"), client_of("advocate")
    shown = named.get("/status/").content.decode()
    assert words in shown and f"test-{OFFICER}" in shown and VICTIM not in shown
    for client in (other, client_of("ig_lead"), client_of(OFFICER)):
        assert words not in client.get("/status/").content.decode()
    alert = Alert.objects.get(told="colleague")
    assert other.post("/status/", {"alert": alert.pk}).status_code == 400
    lead = client_of("ig_lead")
    page = f"/trust/break-glass/{alert.break_glass_id}/"
    assert "has not said that they know of it" in lead.get(page).content.decode()
    assert named.post("/status/", {"alert": alert.pk}).status_code == 302
    assert words not in named.get("/status/").content.decode()
    assert "that they know of it" in lead.get(page).content.decode()


ADVOCATE = {"username": "test-advocate", "purpose": "victim_response", "colleague": "test-practitioner"}
SOMEBODY = person_id(1)
"""A protected child whom the victims' purpose does not concern."""


@pytest.fixture
def advocate(published, client_of, user_of):
    """An advocate who confirmed who they are a second ago."""
    has_factor(user_of("advocate"))
    return confirm_session(client_of("advocate", "victim_response"))


@pytest.fixture
def second_lead(published):
    return User.objects.create(
        username="second-lead", role="ig_lead", organisation="vale-authority", display_name="Second"
    )


def approve(by: User, grant: BreakGlass):
    with as_pages(), asking_as(by.username, ""):
        return approve_access(by, grant.pk)


def test_a_grant_opens_waits_and_no_item_that_it_does_not_list(advocate, user_of):
    before = advocate.get(f"/people/{SOMEBODY}/").status_code
    ask(user_of("advocate"), person_id=SOMEBODY, **ADVOCATE)
    shown = advocate.get(f"/people/{SOMEBODY}/")
    text = shown.content.decode()
    assert (before, shown.status_code) == (404, 200)
    assert "Bel" not in text and "6 June 2014" not in text and "Housing register" not in text
    assert "Not asked for in your emergency access" in text
    assert advocate.get(f"/people/{SOMEBODY}/location/address/").status_code == 404


def test_location_and_identity_wait_for_another_human_and_the_rest_does_not(advocate, user_of, client_of):
    """Through the pages alone: asked for on the form, refused, approved by a lead, read, and closed with the access."""
    asked = {
        "person_id": SOMEBODY,
        "purpose": "victim_response",
        "reason": "missing_person",
        "reference_kind": "incident",
        "reference": "INC-2026-78",
        "colleague": "test-practitioner",
        "items": ["identity", "involvements", "vault.address"],
    }
    assert advocate.post("/break-glass/", asked).status_code == 302
    text = advocate.get(f"/people/{SOMEBODY}/").content.decode()
    assert "Hospital waiting list" in text and "Bel" not in text, "what is neither opens at once"
    assert advocate.get(f"/people/{SOMEBODY}/location/address/").status_code == 404
    assert "wait for a second person" in advocate.get("/break-glass/").content.decode()
    lead = client_of("ig_lead")
    grant = BreakGlass.objects.get()
    shown = lead.get("/trust/break-glass/").content.decode()
    assert "Approve<span" in shown and "Address of somebody with a safe address" in shown
    assert lead.post("/trust/break-glass/", {"approve": grant.pk}).status_code == 302
    assert "Approve<span" not in lead.get("/trust/break-glass/").content.decode()
    assert "Bel" in advocate.get(f"/people/{SOMEBODY}/").content.decode()
    assert advocate.get(f"/people/{SOMEBODY}/location/address/").status_code == 200
    assert advocate.get(f"/people/{SOMEBODY}/location/postcode/").status_code == 404, "it was not listed"
    approved = ENTRIES.filter(username="test-ig_lead", person_id=SOMEBODY, purpose="victim_response")
    assert approved.count() == 1
    BreakGlass.objects.update(live_to=timezone.now())
    assert advocate.get(f"/people/{SOMEBODY}/location/address/").status_code == 404


def test_nobody_approves_their_own_one_they_were_named_for_nor_for_whom_they_are_kept_from(
    advocate, user_of, second_lead
):
    lead = user_of("ig_lead")
    facts = {**ADVOCATE, "person_id": SOMEBODY, "items": ("vault.address",)}
    named = ask(user_of("advocate"), **{**facts, "colleague": lead.username})
    with pytest.raises(NotPossible, match="may not approve"):
        approve(lead, named)
    grant = ask(user_of("advocate"), **facts)
    for role in ("analyst", "advocate", "board_member"):
        with pytest.raises(NotPossible):
            approve(user_of(role), grant)
    with known_asker():
        add_entry(second_lead, Exclusion(SOMEBODY, "relative", "x", timezone.now(), barred_user=lead.username))
    with pytest.raises(NotPossible, match="may not approve"):
        approve(lead, grant)
    assert advocate.get(f"/people/{SOMEBODY}/location/address/").status_code == 404
    approve(second_lead, grant)
    with pytest.raises(NotPossible, match="approved or over"):
        approve(user_of("ig_lead"), grant)
    with known_asker(), pytest.raises(NotPossible, match="another lead reviews"):
        review_access(second_lead, grant.pk, "justified")


def test_nothing_is_approved_that_needs_none_or_is_over(advocate, user_of):
    bare = ask(user_of("advocate"), **ADVOCATE, person_id=SOMEBODY, items=("blockers",))
    over = ask(user_of("advocate"), **ADVOCATE, person_id=SOMEBODY, items=("identity",))
    BreakGlass.objects.filter(pk=over.pk).update(ended_at=timezone.now())
    for grant in (bare, over):
        with pytest.raises(NotPossible, match="approved or over"):
            approve(user_of("ig_lead"), grant)


def test_nobody_lists_what_their_role_never_sees(published, user_of):
    with pytest.raises(NotGranted, match="does not see"):
        ask(user_of(OFFICER), items=("vault.address",))


def test_the_database_takes_an_approval_of_another_lead_alone(advocate, user_of, second_lead):
    """Whatever a page tries: of one's own, under another name, without the role, over, or of whom one is kept from."""
    lead = user_of("ig_lead")
    grant = ask(user_of("advocate"), **ADVOCATE, person_id=SOMEBODY, items=("vault.address",))
    own = ask(user_of("advocate"), **{**ADVOCATE, "colleague": lead.username}, person_id=SOMEBODY, items=("identity",))
    tries = [
        ("test-advocate", grant, {"approved_by": "test-advocate"}),
        ("test-advocate", grant, {"approved_by": lead.username}),
        (lead.username, grant, {"approved_by": "second-lead"}),
        (lead.username, grant, {"asked_by": "somebody-else"}),
        (lead.username, own, {}),
    ]
    for username, one, changes in tries:
        facts = {"break_glass": one, "asked_by": "test-advocate", "approved_by": username, **changes}
        refused = pytest.raises(DatabaseError)
        with as_pages(), asking_as(username, ""), refused, transaction.atomic():
            EmergencyApproval.objects.create(**facts)
    with known_asker():
        add_entry(second_lead, Exclusion(SOMEBODY, "relative", "x", timezone.now(), barred_user=lead.username))
    with as_pages(), asking_as(lead.username, ""), pytest.raises(DatabaseError), transaction.atomic():
        EmergencyApproval.objects.create(break_glass=grant, asked_by="test-advocate", approved_by=lead.username)
    with as_pages(), asking_as("second-lead", ""), transaction.atomic():
        EmergencyApproval.objects.create(break_glass=grant, asked_by="test-advocate", approved_by="second-lead")
    with as_pages(), asking_as("second-lead", ""), pytest.raises(DatabaseError), transaction.atomic():
        EmergencyApproval.objects.filter(break_glass=grant).update(approved_by=lead.username)
    with as_pages(), asking_as("second-lead", ""), pytest.raises(DatabaseError), transaction.atomic():
        BreakGlass.objects.filter(pk=grant.pk).update(reviewed_by="second-lead", reviewed_at=timezone.now())


@pytest.mark.parametrize("seed", [2026])
def test_a_simulated_year_every_access_is_alerted_and_reviewed_or_stops_its_user(seed, published, user_of):
    """Counted from the rows that are left and by an own count of overdue reviews, not by the code under test."""
    asking = [
        User.objects.create(
            username=f"officer-{number}",
            role=OFFICER,
            display_name="Officer",
            organisation=ORGANISATIONS[OFFICER],
        )
        for number in range(8)
    ]
    with known_asker():
        year = run_year(seed, asking, user_of("ig_lead"), [person_id(number) for number in range(60)])
    grants = list(BreakGlass.objects.prefetch_related("alerts"))
    assert len(grants) == year.grants > 300 and year.refused > 0
    alerted = sum(
        {alert.told for alert in grant.alerts.all()} == {"guardian", "record_owner", "colleague"}
        and all(alert.raised_at - grant.live_from <= ALERT_WITHIN for alert in grant.alerts.all())
        for grant in grants
    )
    assert alerted == len(grants)
    assert all(grant.reviewed_at for grant in grants)
    late = sum(grant.reviewed_at > grant.review_due_at for grant in grants)
    for grant in grants:
        overdue = [
            other
            for other in grants
            if other.username == grant.username and other.review_due_at <= grant.live_from < other.reviewed_at
        ]
        assert len(overdue) < 2, "somebody was granted access with two reviews overdue"
    print(
        f"seed {seed}: {len(grants)} grants, {alerted} alerted within 60 s, {len(grants)} reviewed ({late} late),"
        f" {year.refused} requests refused because two reviews were overdue"
    )

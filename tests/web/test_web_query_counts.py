"""No page asks the database more often because there is more to show: one row of everything against a dozen."""

import dataclasses
import datetime as dt
import re

import pytest
from commissioned import put_commission, put_round, put_service
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from joint_sample import put_joint
from outbox_sample import put_about
from portfolio_sample import put_studies
from published_sample import ENTRIES, REFERENCE
from sample_run import CHILD
from simulation_sample import put_questions
from test_web_access_matrix import NOBODYS, all_routes
from vault_sample import has_factor
from ways_to_ask import OF_JOINT, PURPOSE, ready

from braid.web.access.projections import Viewer
from braid.web.models import (
    Alert,
    AuditCheckpoint,
    BreakGlass,
    Commission,
    CommissionPosting,
    ExclusionEntry,
    OverlayChange,
    RestrictionEntry,
    ServiceEpisode,
    ServiceSession,
    Suspension,
    WitnessSignature,
)
from braid.web.recording import record
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

MANY = 12
LISTING = frozenset(
    {
        *("/audit/", "/audit/person/<str:person_id>/", "/audit/snooping/", "/audit/log/", "/messages/", "/tasks/"),
        *("/status/", "/trust/break-glass/", "/trust/break-glass/<int:access_id>/", "/trust/overlay/", "/break-glass/"),
        *("/work-list/", "/cases/", "/meetings/<uuid:meeting_id>/", "/meetings/<uuid:meeting_id>/minutes/"),
        *("/commissions/", "/commissions/<uuid:commission_id>/", "/commissions/<uuid:commission_id>/rounds/"),
        *("/commission-returns/", "/commission-returns/<uuid:return_id>/", "/referrals/<uuid:referral_id>/service/"),
        *("/simulations/", "/simulations/ask/", "/simulations/<uuid:simulation_id>/"),
        *("/portfolio/", "/portfolio/ask/", "/portfolio/<uuid:study_id>/"),
        *("/find/", "/reminders/", "/meetings/", "/teams/", "/cases/<uuid:case_id>/", "/agenda/<uuid:item_id>/"),
        *("/cases/<uuid:case_id>/people/", "/cases/<uuid:led_id>/stand-in/", "/teams/<slug:team_id>/"),
        "/meetings/<uuid:meeting_id>/follow/",
        *("/cases/<uuid:case_id>/readiness/", "/cases/<uuid:case_id>/move/"),
        *("/cases/<uuid:case_id>/plan/", "/cases/<uuid:case_id>/plan/<int:number>/"),
        "/cases/<uuid:case_id>/plan/views/",
        *("/cases/<uuid:case_id>/documents/", "/documents/<uuid:document_id>/"),
        "/documents/<uuid:document_id>/versions/<int:number>/",
        *("/links/", "/links/<uuid:pair_id>/relied/"),
        *("/rights/", "/rights/holds/", "/rights/<uuid:request_id>/", "/rights/<uuid:request_id>/pack/"),
        "/rights/<uuid:request_id>/items/<int:number>/",
        *("/trust/", "/trust/overlay/<str:kind>/<int:entry_id>/", "/people/<str:person_id>/contact/"),
    }
)
"""Pages that grow with what is entered: they must have been asked."""
OF_BOARDS = ("action_id", "decision_id", "board_meeting_id", "board_item_id", "risk_id", "priority_id")
OF_BOARDS = ("action_id", "decision_id", "board_meeting_id", "board_item_id", "risk_id", "pack_id", "priority_id")
"""Of boards, whose pages have a count of their own in `test_boards`."""


def put_everything(numbers: range) -> dict[str, str]:
    """Put as many of everything that pages list; return the ids that addresses take."""
    now = timezone.now()
    for number in numbers:
        somebody = f"{number + 1:032x}"
        about = put_about(somebody, party=("person", somebody))
        joint = put_joint(somebody, "test-practitioner")
        with known_asker():
            excluded = ExclusionEntry.objects.create(
                subject_id=somebody, barred_username="somebody", reason="relative", entered_by="z"
            )
            restricted = RestrictionEntry.objects.create(
                subject_id=somebody, admitted=["test-ig_lead", "test-practitioner"], reason="witness", entered_by="z"
            )
            for one in ({"exclusion": excluded}, {"restriction": restricted}):
                OverlayChange.objects.create(**one, change="remove", state="proposed", proposed_by="z")
                OverlayChange.objects.create(**one, change="extend", state="approved", proposed_by="z", decided_at=now)
            access = BreakGlass.objects.create(
                username="test-practitioner",
                person_id=somebody,
                purpose="school_from_ta",
                reason="immediate_danger",
                reference=REFERENCE,
                colleague="another",
                live_from=now,
                live_to=now + dt.timedelta(hours=4),
                review_due_at=now,
            )
            Alert.objects.create(break_glass=access, told="guardian", owner_role="ig_lead")
        viewer = Viewer("test-practitioner", "practitioner", "school_from_ta", REFERENCE, "person")
        record("look", viewer, [CHILD, somebody])
        record("refused", dataclasses.replace(viewer, page="person"), [somebody])
        checkpoint = AuditCheckpoint.objects.create(origin="x", size=number + 1, root=bytes(32), signature="x")
        WitnessSignature.objects.create(checkpoint=checkpoint, witness=f"witness {number}", signature="x", seen_at=now)
        Suspension.objects.create(agreement_id=f"gone-{number}", suspended_by="lead", reason="breach")
    question = put_questions(numbers)
    commission, returned = put_commissions(numbers)
    ids = {
        "commission_id": commission,
        "return_id": returned,
        "simulation_id": question,
        "study_id": put_studies(numbers),
        "entry_id": str(excluded.pk),
        "access_id": str(access.pk),
        "contact_id": str(about.contact),
    }
    return ids | {name: getattr(joint, what) for name, what in OF_JOINT.items()}


def put_commissions(numbers: range) -> tuple[str, str]:
    """Put as many commissions with a posting, terms, and a return of a team that the human leads; return ids of one."""
    for number in numbers:
        row = put_commission(purpose="school_from_ta")
        put_service(row, f"{number + 1:032x}", team="joint-test-practitioner")
        returned = put_round(row, "joint-test-practitioner")
        with known_asker():
            first = Commission.objects.order_by("made_at", "pk").first()
            line = {"fund": "f", "lot": "lot1", "component": "block", "reason": "r", "posted_by": "z"}
            CommissionPosting.objects.create(commission=first, payment=number + 1, pence=number + 1, **line)
            episode = ServiceEpisode.objects.filter(referral__note="words of a referral").last()
            for back in range(len(numbers)):
                at = timezone.now() - dt.timedelta(days=back)
                ServiceSession.objects.create(episode=episode, at=at, written_by="z")
    return str(first.pk), str(returned.pk)


def url_of(route: str, ids: dict[str, str]) -> str:
    """Fill in the address."""
    given = {"person_id": CHILD, "field": "address", "kind": "exclusion", "form": "csv", "old": "0", "new": "1", **ids}
    given |= {"number": "1", "board_id": "nowhere", **dict.fromkeys(OF_BOARDS, NOBODYS)}
    given |= {"number": "1"}
    given |= {"outcome_id": "attendance_90", "directory_id": NOBODYS}
    given |= {"contact_id": "1", "problem_id": "school_from_ta", "wait_kind": "rtt"}
    given |= {"body_id": "vale-hospital", "feed_id": "family-court"}
    given |= {"token": "nobodys-secret", "account_id": "1", "key_id": "1", "group_id": "analyst"}
    given["fund_id"] = "nobodys-fund"
    given["team_id"] = "joint-test-practitioner"
    given["agreement_id"] = "sample-school_from_ta"
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given[found[1]], route)


def statements_of(clients, ids) -> dict[tuple[str, str], list[str]]:
    """What each page asks of the database, of those that answer with a page; each is asked once before."""
    found = {}
    for role, client in clients.items():
        headers = {"X-Purpose": PURPOSE[role], "X-Reference": REFERENCE}
        for route in sorted(all_routes()):
            client.get(url_of(route, ids), headers=headers)
            with CaptureQueriesContext(connection) as captured:
                status = client.get(url_of(route, ids), headers=headers).status_code
            if status == 200:
                found[role, route] = [query["sql"] for query in captured]
    return found


def test_no_page_asks_more_often_where_there_is_more_to_show(published, client_of, user_of):
    for role in ("practitioner", "ig_lead"):
        has_factor(user_of(role))
    clients = {role: ready(client_of(role, PURPOSE[role] or None)) for role in ("practitioner", "ig_lead")}
    with_one = statements_of(clients, put_everything(range(1)))
    assert {route for _, route in with_one} >= LISTING
    with_many = statements_of(clients, put_everything(range(1, MANY)))
    assert with_many.keys() == with_one.keys()
    more = {
        page: (len(with_one[page]), len(with_many[page]))
        for page in with_one
        if len(with_many[page]) > len(with_one[page])
    }
    assert not more, f"one row against {MANY}: {more}"
    assert max(map(len, with_many.values())) <= 56
    assert ENTRIES.filter(kind="look").count() > MANY


def test_what_is_put_is_shown_or_the_counts_show_nothing(published, client_of):
    put_everything(range(MANY))
    lead, practitioner = client_of("ig_lead"), client_of("practitioner", "school_from_ta")
    last = f"{MANY:032x}"
    for client, route in (
        *((lead, route) for route in ("/tasks/", "/trust/overlay/", "/trust/break-glass/", "/audit/")),
        (practitioner, "/break-glass/"),
    ):
        assert last in client.get(route).content.decode(), route
    assert practitioner.get("/messages/").content.count(b"Waiting") >= MANY

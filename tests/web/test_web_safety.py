"""What nobody may see is nowhere; what is hidden is as absent; every look at a person leaves its row."""

import ast
import datetime as dt
import json
import re
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hearing_sample import case_of
from joint_sample import put_joint
from proposal_sample import unit_of
from published_sample import ENTRIES, REFERENCE
from sample_run import CANARIES, CHILD, CHILD_PROTECTED, ONLY_HIDDEN, VICTIM

import braid.api
import braid.web
from braid.trust.roles import ROLES, SCHOOL_FROM_TA
from braid.web.access import NotPermitted, get_people, get_person
from braid.web.access.projections import NOT_KNOWN, WITHHELD, PeopleFilter, Viewer
from braid.web.models import AuditEntry, SignedSession
from braid.web.pages_role import PAGES_ROLE
from braid.web.sign_in.session_store import digest_key
from braid.web.views import people as people_views
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

ROLES_OF_PEOPLE = [role for role in ROLES.values() if role.purposes]
NAMES = ("Example", "Bel Example", "Eve", "nobody of that name")
"""What is searched for: two of these are protected."""
PROTECTED_MODELS = set(
    (
        "Person PersonIdentity PersonDistrict Protection Reach PersonWait Blocker Cohort PersonRank Involvement Contact"
        " HomeSpell Kinship AuditEntry"
    ).split()
)
READERS = {
    "braid/web/access",
    "braid/web/models/",
    "braid/web/publish.py",
    "braid/web/migrations",
    "braid/web/recording.py",
    "braid/web/overlay/recording.py",
    "braid/web/rights/effects.py",  # takes away whom an erasure names, as the owner
    "braid/web/rights/taken_back.py",  # the same of a place that was restored
    "braid/web/rights/place_items.py",  # gathers what is held of who asks, as the owner in the worker; pages may not
}
SQL_USERS = {
    "braid/web/published.py",
    "braid/web/publish.py",
    "braid/web/row_security.py",
    "braid/web/prepared.py",  # hands a cursor to what the models wrote once, and asks which process answers
    "braid/web/access/context.py",
    "braid/web/owner_functions.py",
    "braid/web/audit_log.py",
    "braid/web/audit_check.py",
    "braid/web/frozen_check.py",
    "braid/web/overlay/effects.py",
    "braid/web/key_rotation.py",
    "braid/web/vault/",
    "braid/web/systems/answers.py",  # these three: one row of a token or a key, claimed or counted in one statement
    "braid/web/systems/rates.py",
    "braid/web/systems/tokens.py",
    "braid/web/rights/sweeping.py",  # says to a trigger that words are swept
    "braid/web/operating/migrating.py",  # says how long to wait for a table
    "braid/web/operating/health.py",  # asks how far the journal of the server is kept
    "braid/web/account_lists/organisations.py",  # calls the function that keeps accounts
    "web/models/base.py",  # adds rows that are alike, by names of columns
}
RIGHTS_GIVER = "braid/web/pages_role.py"
"""Grants rights on every table and so names them all; a test of its own shows what the role may do."""


def everything_shown(client: Client, purpose: str) -> str:
    headers = {"X-Purpose": purpose, "X-Reference": REFERENCE}
    texts = [client.get(route).content for route in ("/", "/people/", "/people/?page=2", "/audit/", "/api/v1/place")]
    texts += [client.get(route).content for route in ("/backlogs/", "/backlogs/rtt/", "/api/v1/backlogs")]
    texts += [client.get(route).content for route in ("/bodies/", "/bodies/vale-hospital/", "/bodies/figures.csv")]
    texts += [client.get(route).content for route in ("/messages/", "/tasks/", "/simulations/", "/simulations/ask/")]
    texts += [client.get(route).content for route in ("/boards/", "/boards/actions/")]
    texts += [client.get(route).content for route in ("/funds/", "/costs/")]
    texts += [client.get(route).content for route in ("/commissions/", "/commission-returns/")]
    texts += [client.get(route).content for route in ("/outcomes/", "/outcomes/attendance_90/")]
    texts += [client.get(route).content for route in ("/portfolio/", "/portfolio/ask/")]
    texts.append(client.get("/api/v1/people", headers=headers).content)
    texts += [client.get(route).content for route in ("/work-list/", "/cases/", "/meetings/", "/teams/", "/reminders/")]
    texts += [client.post("/find/", {"words": name}).content for name in NAMES]
    for person in (CHILD, CHILD_PROTECTED, VICTIM, ONLY_HIDDEN):
        pages = ("", "message/", "contact/", "refer/", "case/")
        texts += [client.get(f"/people/{person}/{page}").content for page in pages]
        texts.append(client.get(f"/api/v1/people/{person}", headers=headers).content)
    return b"\n".join(texts).decode()


@pytest.mark.parametrize("role", ROLES)
def test_no_canary_reaches_any_page_or_answer(role, published, client_of):
    for purpose in sorted(ROLES[role].purposes) or [""]:
        text = everything_shown(client_of(role, purpose), purpose)
        assert [name for name, token in CANARIES.items() if token in text] == []


@pytest.mark.parametrize("role", [role.code for role in ROLES_OF_PEOPLE])
def test_no_canary_reaches_whoever_takes_part(role, published, client_of, user_of):
    """Of everybody of the sample, protected or not, a case, a meeting and a referral with this human in each."""
    user_of(role)
    for purpose in sorted(ROLES[role].purposes):
        client, texts = client_of(role, purpose), []
        for person in (CHILD, CHILD_PROTECTED, VICTIM):
            joint = put_joint(person, f"test-{role}", purpose)
            pages = [
                f"cases/{joint.case}{page}"
                for page in ("", "/readiness", "/move", "/response", "/response/accused", "/appointments")
            ]
            pages += [f"agenda/{joint.item}", "work-list", f"meetings/{joint.minutes}/minutes"]
            for route in (f"referrals/{joint.referral}", f"referrals/{joint.referral}/service", *pages):
                texts.append(client.get(f"/{route}/").content.decode())
            for route in (
                f"cases/{joint.case}/people",
                f"cases/{joint.led}/stand-in",
                f"meetings/{joint.meeting}/follow",
            ):
                texts.append(client.get(f"/{route}/").content.decode())
            plan = f"/cases/{joint.case}/plan/"
            documents = f"/cases/{joint.case}/documents/"
            for route in (documents, f"{documents}accused/", f"/documents/{joint.document}/"):
                texts.append(client.get(route).content.decode())
            for route in (plan, f"{plan}1/", f"{plan}1/?for={joint.subject}", f"{plan}views/"):
                texts.append(client.get(route).content.decode())
            texts += [client.get(f"/{page}/").content.decode() for page in ("cases", "meetings", f"people/{person}")]
            plans = (f"/placements/{joint.proposal}/", "/placements/?show=all", "/placements/moves.ics")
            asked = (f"/placements/{joint.proposal}/why-not/?unit=unit-", f"/papers/{joint.paper}/")
            texts += [client.get(route).content.decode() for route in (*plans, *asked)]
            lists = (
                f"/listing/{joint.hearing}/",
                f"/listing/{joint.hearing}/places/",
                "/listing/",
                "/listing/hearings.ics",
            )
            texts += [client.get(route).content.decode() for route in lists]
            is_listed = person in (CHILD, CHILD_PROTECTED) and role == "listing_officer"
            assert (case_of(person) in "\n".join(texts)) == is_listed, "when a case is heard is open to nobody else"
            is_open = person == CHILD and role in ("analyst", "placement_officer") and purpose == SCHOOL_FROM_TA
            assert (unit_of(person) in "\n".join(texts)) == is_open, "where somebody could live is open to nobody else"
        assert [name for name, token in CANARIES.items() if token in "\n".join(texts)] == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "advocate"])
def test_only_the_advocate_learns_of_protection(role, published, client_of):
    for purpose in sorted(ROLES[role].purposes) or [""]:
        client = client_of(role, purpose)
        text = everything_shown(client, purpose)
        assert WITHHELD not in text
        for person in (CHILD_PROTECTED, VICTIM):
            shown = client.get(f"/people/{person}/").content.decode()
            for word in ("Therapy", "Support for victims", "Crown", "protected", "Withheld"):
                assert word not in shown, word


def test_the_advocate_sees_that_location_is_withheld(published, client_of):
    shown = client_of("advocate", "victim_response").get(f"/people/{VICTIM}/").content.decode()
    assert "Therapy after harm" in shown
    assert "Support for victims" in shown
    assert WITHHELD.replace("'", "&#39;") in shown


def test_a_protected_child_looks_like_one_whose_district_is_not_known(published, client_of):
    analyst = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "person")
    protected, open_child = get_person(analyst, CHILD_PROTECTED), get_person(analyst, CHILD)
    assert protected.district == NOT_KNOWN
    assert open_child.district == "Northmere"
    asked = {involvement.service: involvement for involvement in protected.involvements}
    assert asked["Children's social care"].organisation == "Council"
    assert asked["Children's social care"].ask == "Not recorded"
    assert asked["Hospital waiting list"].organisation == "Vale Hospital"
    open_ones = {involvement.service: involvement for involvement in open_child.involvements}
    assert open_ones["Children's social care"].ask == "R. Sample, Assessment team, 01632 960001"
    assert asked["Hospital waiting list"] == open_ones["Hospital waiting list"]
    assert [wait.kind for wait in protected.waits] == [wait.kind for wait in open_child.waits]


@pytest.mark.parametrize("role", [role.code for role in ROLES_OF_PEOPLE if role.code != "advocate"])
def test_hidden_is_absent_to_the_byte(role, published, client_of):
    purpose = sorted(ROLES[role].purposes)[0]
    client = client_of(role, purpose)
    headers = {"X-Purpose": purpose, "X-Reference": REFERENCE}
    absent_id = "0" * len(ONLY_HIDDEN)
    for route in ("/people/{}/", "/api/v1/people/{}"):
        hidden = client.get(route.format(ONLY_HIDDEN), headers=headers)
        absent = client.get(route.format(absent_id), headers=headers)
        assert hidden.status_code == absent.status_code == 404
        assert hidden.content == absent.content
        assert set(hidden.headers.items()) - {("Expires", hidden.headers.get("Expires"))} == set(
            absent.headers.items()
        ) - {("Expires", absent.headers.get("Expires"))}
        assert ONLY_HIDDEN not in hidden.content.decode()
    assert set(ENTRIES.values_list("kind", flat=True)) <= {"refused"}


def test_counts_and_order_are_over_visible_waits_only(published, client_of):
    listing = Viewer("test-listing_officer", "listing_officer", "court_readiness", REFERENCE, "people")
    assert get_people(listing, PeopleFilter()).count == 0
    analyst = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "people")
    found = get_people(analyst, PeopleFilter(sort="total"))
    assert VICTIM not in {person.person_id for person in found.people}
    advocate = Viewer("test-advocate", "advocate", "victim_response", REFERENCE, "people")
    found = get_people(advocate, PeopleFilter(problem="victim_response"))
    assert [(person.person_id, person.backlog_count, person.total_days) for person in found.people] == [
        (VICTIM, 3, 1030)
    ]


def test_the_protected_are_under_no_district(published, client_of):
    analyst = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "people")
    for district in ("E08990001", "E08990002"):
        ids = {person.person_id for person in get_people(analyst, PeopleFilter(district=district)).people}
        assert CHILD_PROTECTED not in ids
    advocate = Viewer("test-advocate", "advocate", "victim_response", REFERENCE, "people")
    with pytest.raises(NotPermitted):
        get_people(advocate, PeopleFilter(district="E08990001"))


def test_every_person_shown_leaves_one_row(published, client_of):
    client = client_of("analyst", "school_from_ta")
    listed = re.findall(r"/people/([0-9a-f]{32})/", client.get("/people/").content.decode())
    assert len(listed) == 25
    assert sorted(ENTRIES.values_list("person_id", flat=True)) == sorted(listed)
    client.get(f"/people/{CHILD}/")
    look = ENTRIES.latest("pk")
    assert (look.username, look.role, look.purpose, look.reference, look.person_id, look.page) == (
        "test-analyst",
        "analyst",
        "school_from_ta",
        REFERENCE,
        CHILD,
        "person",
    )


def test_a_page_that_fails_leaves_no_row(published, client_of, monkeypatch):
    client = client_of("analyst", "school_from_ta")
    client.raise_request_exception = False

    written = []

    def fail(*arguments):
        with connection.cursor() as cursor:
            cursor.execute("reset role")  # the role of the pages does not read what it wrote
            written.append(ENTRIES.exists())
            cursor.execute(f"set role {PAGES_ROLE}")
        raise RuntimeError("the drawing failed")

    monkeypatch.setattr(people_views, "draw_time_line", fail)
    answer = client.get(f"/people/{CHILD}/")
    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    assert written == [True] and not ENTRIES.exists()


def test_a_look_that_cannot_be_recorded_shows_nothing(published, client_of, monkeypatch):
    client = client_of("analyst", "school_from_ta")
    client.raise_request_exception = False

    def fail(*arguments, **options):
        raise DatabaseError

    monkeypatch.setattr(AuditEntry.objects, "append_alike", fail)
    for route in ("/people/", f"/people/{CHILD}/"):
        answer = client.get(route)
        assert answer.status_code == 500
        assert b"Example" not in answer.content


@pytest.mark.parametrize(
    "statement",
    [
        "update braid_auditentry set username = 'other'",
        "delete from braid_auditentry",
        "truncate braid_auditentry cascade",
    ],
)
def test_the_database_refuses_to_change_looks(statement, published):
    """By its own triggers, and not because the statement fails for another reason."""
    get_person(Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "person"), CHILD)
    refused = pytest.raises(DatabaseError, match=r"Cannot update or delete rows|audit entries are never removed")
    with known_asker(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ENTRIES.get().username == "test-analyst"


@pytest.mark.parametrize(
    "reference", ["", "no digits", "A B", "1" * 31, "MTG-1'; drop table braid_auditentry; --", "<b>1</b>"]
)
def test_a_reference_that_is_none_opens_nothing(reference, published, client_of):
    client = client_of("analyst")
    answer = client.post("/reason/", {"purpose": "school_from_ta", "reference": reference})
    assert answer.status_code == 200
    assert b"There is a problem" in answer.content
    assert client.get("/people/").status_code == 302
    with pytest.raises(NotPermitted):
        get_people(Viewer("test-analyst", "analyst", "school_from_ta", reference, "people"), PeopleFilter())


def test_a_reason_ends_after_half_an_hour(published, client_of):
    client = client_of("analyst", "school_from_ta")
    session = client.session
    session["reason"] = {**session["reason"], "at": session["reason"]["at"] - 30 * 60 - 1}
    session.save()
    assert client.get("/people/").status_code == 302


def test_a_reason_does_not_outlive_the_role(published, client_of, user_of):
    client = client_of("analyst", "school_from_ta")
    user = user_of("analyst")
    user.role = "listing_officer"
    user.save()
    assert client.get("/people/").headers["Location"] == "/sign-in/?next=/people/", "the session ends with the role"
    client.force_login(user)
    assert client.get("/people/").headers["Location"].startswith("/reason/")
    user.role = "board_member"
    user.save()
    client.force_login(user)
    assert client.get("/people/").status_code == 403


@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_the_reason_page_leads_nowhere_else(next_page, published, client_of):
    answer = client_of("analyst").post(
        "/reason/", {"purpose": "school_from_ta", "reference": REFERENCE, "next": next_page}
    )
    assert answer["Location"] == "/people/"


@pytest.mark.parametrize(
    "query",
    [
        "district=' or 1=1 --",
        "problem=victim_response",
        "backlog=victim_support",
        "kind=therapy",
        "sort=hidden-column",
        "backlog=%00",
    ],
)
def test_filters_outside_the_offer_are_refused(query, published, client_of):
    answer = client_of("analyst", "school_from_ta").get(f"/people/?{query}")
    assert answer.status_code == 400
    assert b"app-person__name" not in answer.content
    assert b"Choose one from the list" in answer.content
    assert query.split("=", 1)[1].encode() not in answer.content.split(b"<form")[0]
    assert not ENTRIES.exists()


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "999999999999999999999", "%00", "1.5"])
def test_pages_out_of_range_are_not_there(page, published, client_of):
    assert client_of("analyst", "school_from_ta").get(f"/people/?page={page}").status_code == 404


@pytest.mark.parametrize("identity", ["x", "'%20or%201=1", "%00", "a" * 500, "..%2f..", "%F0%9F%92%A5"])
def test_ids_that_are_none_are_not_there(identity, published, client_of):
    client = client_of("analyst", "school_from_ta")
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    assert client.get(f"/people/{identity}/").status_code == 404
    assert client.get(f"/api/v1/people/{identity}", headers=headers).status_code == 404


def test_pages_are_strict_private_and_without_inline_parts(published, client_of):
    client, lead = client_of("analyst", "school_from_ta"), client_of("ig_lead")
    answers = [
        client.get(route) for route in ("/", "/reason/", "/people/", f"/people/{CHILD}/", "/people/x/", "/audit/")
    ]
    answers += [lead.get("/audit/"), Client().get("/sign-in/"), Client().get("/nowhere/"), client.get("/api/v1/place")]
    for answer in answers:
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'none'" in policy and "unsafe" not in policy
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        text = answer.content.decode()
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text)


def test_a_session_is_written_once_in_a_minute_and_lasts_anew_from_there(published, client_of, settings):
    settings.SESSION_RENEW_SECONDS = 60
    client = client_of("analyst")
    client.get("/")
    with CaptureQueriesContext(connection) as captured:
        assert "braid_session" not in client.get("/").cookies
    assert not [query for query in captured if 'UPDATE "braid_signedsession"' in query["sql"]]
    session, key = client.session, client.session.session_key
    session["renewed_at"] -= settings.SESSION_RENEW_SECONDS
    session.save()
    SignedSession.objects.filter(pk=digest_key(key)).update(expire_date=timezone.now() + dt.timedelta(seconds=30))
    assert client.get("/").cookies["braid_session"]["max-age"] == 15 * 60
    assert SignedSession.objects.get(pk=digest_key(key)).expire_date > timezone.now() + dt.timedelta(minutes=14)
    SignedSession.objects.filter(pk=digest_key(key)).update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get("/").status_code == 302


def test_sessions_end(published, client_of, settings):
    client = client_of("analyst")
    client.get("/")
    assert client.cookies["braid_session"]["max-age"] == 15 * 60
    assert client.cookies["braid_session"]["httponly"]
    session = client.session
    session["signed_in_at"] -= settings.LONGEST_SESSION_SECONDS + 1
    session.save()
    assert client.get("/").status_code == 302


def test_wrong_sign_ins_lock_the_account(published, user_of):
    user, client = user_of("analyst"), Client()
    for _ in range(5):
        answer = client.post("/sign-in/", {"username": user.username, "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post("/sign-in/", {"username": user.username, "password": "a long enough password 1"})
    assert answer.status_code == 429
    assert b"locked" in answer.content


def test_signing_in_and_out(published, user_of):
    user, client = user_of("analyst"), Client()
    answer = client.post("/sign-in/", {"username": user.username, "password": "a long enough password 1"})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
    client.get("/sign-out/")
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/").status_code == 302


def test_forms_need_their_token(published, user_of):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert b"no longer valid" in answer.content


@pytest.mark.parametrize(
    ("route", "most"),
    [
        *(("/", 13), ("/people/", 27), (f"/people/{CHILD}/", 29), ("/ranking/", 25), ("/rules/", 23)),
        *(("/api/v1/place", 13), ("/backlogs/", 18), ("/backlogs/rtt/", 18), ("/api/v1/backlogs", 18)),
        *(("/bodies/", 18), ("/bodies/vale-hospital/", 18)),
    ],
)
def test_the_number_of_queries_is_bounded(route, most, published, client_of, django_assert_max_num_queries):
    client = client_of("analyst", "school_from_ta")
    with django_assert_max_num_queries(most):
        assert client.get(route).status_code == 200


def test_the_audit_page_shows_ids_and_no_names(published, client_of):
    client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/")
    lead = client_of("ig_lead")
    text = lead.get(f"/audit/?person_id={CHILD}").content.decode()
    assert CHILD in text and REFERENCE in text and "test-analyst" in text
    assert "Ada" not in text
    assert "1 entry<" in text.replace("</h2>", "<")
    assert "No entry matches" in lead.get("/audit/?username=somebody-else").content.decode()
    refused = lead.get("/audit/?since=yesterday")
    assert refused.status_code == 400
    assert b"Enter a date as year-month-day" in refused.content
    assert lead.get("/audit/?page=2").status_code == 404


def test_suppressed_figures_are_nowhere_exact(published, client_of):
    answer = json.loads(client_of("board_member").get("/api/v1/place").content)
    kinds = {row["kind"]: row for row in answer["kinds"]}
    assert kinds["cla_review"]["waiting"] is None
    assert kinds["cla_review"]["median_days"] is None
    assert all(row["waiting"] is None or row["waiting"] % 5 == 0 for row in answer["kinds"])
    assert kinds["register"]["within_share"] is None and not kinds["register"]["has_limit"]


def _modules() -> list[Path]:
    return [path for room in (braid.web, braid.api) for path in Path(room.__file__).parent.rglob("*.py")]


def _is_under(path: Path, places: set[str]) -> bool:
    return any(place in path.as_posix() for place in places)


def test_only_the_access_layer_touches_people():
    """By the syntax tree: no other module imports a protected model, looks one up by name, or uses raw SQL."""
    faults = []
    for path in _modules():
        if _is_under(path, {RIGHTS_GIVER}):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not _is_under(path, READERS) and _imported_models(node) & (PROTECTED_MODELS | {"*", "models"}):
                faults.append(f"{path.name}: imports a protected model")
            asked = node.attr if isinstance(node, ast.Attribute) else ""
            if asked in {"get_model", "get_models", "raw", "extra"}:
                faults.append(f"{path.name}: uses {asked}")
            if asked == "cursor" and not _is_under(path, SQL_USERS):
                faults.append(f"{path.name}: uses a cursor")
    assert not faults, "\n".join(faults)


def _imported_models(node: ast.AST) -> set[str]:
    """The names that an import takes from the models; `models` where it takes the module."""
    if isinstance(node, ast.ImportFrom) and node.module == "braid.web.models":
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module == "braid.web":
        return {alias.name for alias in node.names} & {"models"}
    if isinstance(node, ast.Import):
        return {"models" for alias in node.names if alias.name == "braid.web.models"}
    return set()

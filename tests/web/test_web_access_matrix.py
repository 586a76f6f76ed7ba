"""Every address, method, user, purpose and relationship, as a real request, against `tests/spec/access_matrix.csv`.

The table was written from the description of the roles, by hand. Each cell must be told by one row and each row must
tell a cell, so that a new address, or one that takes a new method, fails here until somebody has said who gets what.
"""

import csv
import dataclasses
import functools
import itertools
import logging
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from page_forms import fill_form
from published_sample import ENTRIES, REFERENCE
from relationships import ABSENT, PERSONS, RELATIONSHIPS, person_in, relate, write_relationships
from sample_agreements import ORGANISATIONS, sample_agreements
from sample_run import CHILD, ONLY_HIDDEN, VICTIM
from vault_sample import confirm_session, has_factor

from braid.care.team_file import TeamEntry
from braid.trust.roles import PURPOSES, ROLES
from braid.web.directory.publishing import show_directory
from braid.web.enforcement import enforce
from braid.web.models import Alert, BreakGlass, ExclusionEntry, SafetyTask, User
from braid.web.publish import publish
from braid.web.views import vault as vault_views
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

SPEC = Path(__file__).parents[1] / "spec" / "access_matrix.csv"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WHO = ("nobody", "closed", "no_role", *ROLES)
ASSURANCES = {"password": (1, 1), "confirmed": (2, 1), "confirmed_before": (2, 301)}
"""Of each state of a session: its assurance, and how many seconds ago it was confirmed."""
FORMS = {
    "/conflicts/": {"reason": "staff_knows"},
    "/break-glass/": {
        "reason": "immediate_danger",
        "reference_kind": "incident",
        "reference": REFERENCE,
        "colleague": "test-ig_lead",
    },
    "/trust/overlay/": {"kind": "exclusion", "exclusion-reason": "staff_knows", "exclusion-barred_username": "x"},
    "/rights/": {
        "form": "access",
        "asked-asker": "self",
        "asked-received_on": "2026-11-02",
        "asked-channel": "bundle",
    },
    "/rights/holds/": {"reason": "complaint", "reference": REFERENCE},
}
"""Addresses that take a person's id in a form, and what else is sent with it."""
SUBJECT = {
    "/conflicts/": "subject_id",
    "/break-glass/": "person_id",
    "/trust/overlay/": "exclusion-subject_id",
    "/rights/": "asked-subject_id",
    "/rights/holds/": "person_id",
}
PAGE_FORMS = {
    "/people/<str:person_id>/message/": (
        {"recipients": ""},
        {
            "recipients": "organisation:",
            "channel": "letter",
            "classes": "N",
            "annex": "",
            "starts_at": "",
            "ends_at": "",
        },
    ),
    "/people/<str:person_id>/contact/": (
        {"kind": "contact"},
        {"contact-contacts": "07700 900123", "contact-from_hour": "9", "contact-to_hour": "17"},
    ),
    "/tasks/": ({"step": "claim"}, {}),
    "/trust/agreements/<str:agreement_id>/": ({"step": "suspend"}, {}),
    "/trust/overlay/<str:kind>/<int:entry_id>/": ({"step": "propose_removal"}, {}),
    "/trust/break-glass/": ({"alert": ""}, {}),
    "/trust/break-glass/<int:access_id>/": ({"finding": ""}, {}),
}
"""Addresses whose own page holds the form: by which fields it is known, and what to fill in where words do not do."""
LISTED_TEAM = TeamEntry("team-listed", "Listed team", ORGANISATIONS["analyst"], ("health",), is_listed=True)
"""A team that the public directory tells of, so that there is one."""
WITH_FORM = (*FORMS, *PAGE_FORMS)
WITH_PURPOSE = (
    *("/people/", "/people/<", "/ranking/", "/problems/<slug:problem_id>/what-if/"),
    *(
        "/work-list/",
        "/find/",
        "/teams/",
        "/referrals/",
        "/cases/",
        "/offers/",
        "/meetings/",
        "/agenda/",
        "/documents/",
        "/placements/",
        "/listing/",
        "/papers/",
        "/commission-returns/",
    ),
    *("/api/v1/people", "/api/v1/ranking", "/api/v1/waits", "/api/v1/referrals", "/api/v1/offers"),
    *("/api/v1/actions", "/api/v1/teams", "/api/v1/cases"),
    *("/fhir/r4/Patient", "/fhir/r4/ServiceRequest", "/fhir/r4/Encounter", "/fhir/r4/EpisodeOfCare"),
    *("/fhir/r4/Appointment", "/fhir/r4/Task"),
)
WRITER_OF = {"victim_response": "advocate"}
"""Who opens a page to take its form from, for a purpose; an analyst where none is named."""
NOBODYS = "00000000-0000-4000-8000-000000000000"
"""The id of a referral, case, offer, meeting or agenda item that is not there; of whoever takes part in one, the tests
of joint work tell."""
FRESH_SECONDS = 60
"""How long a session is used: what a cell does to it is taken back, so that it ends as if nobody used it."""
ONE_IN, ONE_IN_CENTRAL = 250, 4
"""The quick test asks a cell of each row of the table, and one in so many of the others: of those where a permitted
purpose reads or a form is taken more than of the rest. The slow one asks all."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """One request, as the table tells it; `-` where an address does not depend on it."""

    endpoint: str
    method: str
    who: str
    purpose: str = "-"
    relationship: str = "-"
    person: str = "-"
    assurance: str = "-"


def all_routes(patterns=None, prefix="/") -> set[str]:
    """Every address that Django's resolver knows, pages and API."""
    found = set()
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= all_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.add(route)
    return found


def all_cells() -> Iterator[Cell]:
    """Every cell: what an address depends on follows from its parameters."""
    people = [*itertools.product(RELATIONSHIPS, PERSONS), (ABSENT, "open")]
    for endpoint in sorted(all_routes()):
        methods = (*METHODS, "FORM") if endpoint in WITH_FORM else METHODS
        for method, who in itertools.product(methods, WHO):
            about_one = "person_id" in endpoint or (method == "FORM" and endpoint in FORMS)
            purposes = ("-",)
            if endpoint.startswith(WITH_PURPOSE) or (method == "FORM" and endpoint == "/break-glass/"):
                purposes = ("own", "other", "none") if purposes_of(who) else ("other", "none")
            assurances = ASSURANCES if "location" in endpoint else ("-",)
            for purpose, whom, assurance in itertools.product(
                purposes, people if about_one else [("-", "-")], assurances
            ):
                yield Cell(endpoint, method, who, purpose, *whom, assurance)


def purposes_of(who: str) -> list[str]:
    """What a user may look for; the closed account was an analyst's."""
    role = ROLES.get("analyst" if who == "closed" else who)
    return sorted(role.purposes) if role else []


def spec_rows() -> list[dict[str, str]]:
    """The rows of the table."""
    with SPEC.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


COLUMNS = tuple(field.name for field in dataclasses.fields(Cell) if field.name != "endpoint")


class Telling:
    """Which rows of an address tell a cell, as the bits of a number: hundreds of thousands of cells are asked about."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self._of: dict[str, dict[str, int]] = {name: defaultdict(int) for name in COLUMNS}
        self._any = dict.fromkeys(COLUMNS, 0)
        for place, row in enumerate(rows):
            for name in COLUMNS:
                for value in row[name].split():
                    self._of[name][value] |= 1 << place
        for name in COLUMNS:
            self._any[name] = self._of[name].pop("*", 0)

    def places_of(self, cell: Cell) -> int:
        """One bit for each row that tells the cell."""
        found = -1
        for name in COLUMNS:
            found &= self._of[name].get(getattr(cell, name), 0) | self._any[name]
        return found


def expectations() -> dict[Cell, int]:
    """The status of every cell."""
    return {cell: status for cell, (_, status) in told_cells().items()}


def first_cells() -> set[Cell]:
    """The first cell that each row of the table tells."""
    first: dict[int, Cell] = {}
    for cell, (number, _) in told_cells().items():
        first.setdefault(number, cell)
    return set(first.values())


@functools.cache
def told_cells() -> dict[Cell, tuple[int, int]]:
    """Row and status of every cell; fails for a cell that no row or two rows tell, and for a row that tells none."""
    rows = defaultdict(list)
    for number, row in enumerate(spec_rows()):
        rows[row["endpoint"]].append((number, int(row["status"]), row))
    telling = {endpoint: Telling([row for *_, row in of]) for endpoint, of in rows.items()}
    expected, used = {}, set()
    for cell in all_cells():
        places = telling[cell.endpoint].places_of(cell) if cell.endpoint in telling else 0
        assert places.bit_count() == 1, f"{places.bit_count()} rows tell {cell}: say in {SPEC.name} who gets what"
        number, status, _ = rows[cell.endpoint][places.bit_length() - 1]
        expected[cell] = number, status
        used.add(number)
    idle = [row for number, row in enumerate(spec_rows()) if number not in used]
    assert not idle, f"rows that tell no cell: {idle[:3]}"
    return expected


def test_every_cell_has_one_row_and_every_row_a_cell():
    expected = expectations()
    assert {cell.endpoint for cell in expected} == all_routes() == {row["endpoint"] for row in spec_rows()}
    assert {cell.who for cell in expected} >= set(ROLES)


@pytest.fixture(scope="session")
def related_run(tmp_path_factory):
    """A run with somebody in every relationship, as files."""
    return write_relationships(tmp_path_factory.mktemp("related"))


@pytest.fixture
def asker(db, related_run, user_of):
    """The run published and everybody related to everybody; asks one cell and takes back what it changed."""
    place, run = related_run
    publish(run, place)
    show_directory(run, dataclasses.replace(place, is_directory_public=True), [LISTED_TEAM])
    enforce(sample_agreements())
    users = {role: has_factor(user_of(role)) for role in ROLES}
    users["closed"] = User.objects.create(username="test-closed", role="analyst", organisation=ORGANISATIONS["analyst"])
    users["no_role"] = User.objects.create(username="test-no-role", role="", organisation=ORGANISATIONS["analyst"])
    relate(users.values())
    with known_asker():
        entry = ExclusionEntry.objects.create(
            subject_id="x", barred_username="y", reason="staff_knows", entered_by="z", source="page"
        )
        access = BreakGlass.objects.filter(username="test-analyst").first()
        Alert.objects.create(break_glass=access, told="guardian", owner_role="ig_lead")
        SafetyTask.objects.create(
            kind="vault_lookup_failed", subject_id=CHILD, owner_role="ig_lead", due_at=timezone.now()
        )
    return Asker(users, {"entry_id": str(entry.pk), "access_id": str(access.pk)})


class Asker:
    """Sends the request of a cell as the user of the cell, and takes back what it changed."""

    def __init__(self, users: dict[str, User], ids: dict[str, str]) -> None:
        self._users = users
        self._ids = {
            "form": "csv",
            "contact_id": "1",
            "agreement_id": "sample-school_from_ta",
            "kind": "exclusion",
            "problem_id": "school_from_ta",
            "outcome_id": "attendance_90",
            "wait_kind": "rtt",
            "body_id": "vale-hospital",
            "feed_id": "family-court",
            "team_id": "team-test-analyst",
            "token": "nobodys-secret",
            "fund_id": "nobodys-fund",
            "number": "1",
            "key_id": "1",
            "account_id": "1",
            "group_id": "analyst",
            "board_id": "nowhere",
            **dict.fromkeys(
                (
                    "referral_id case_id led_id offer_id meeting_id item_id document_id proposal_id hearing_id paper_id"
                    " simulation_id"
                    " action_id decision_id board_meeting_id board_item_id risk_id priority_id"
                    " action_id decision_id board_meeting_id board_item_id risk_id pack_id"
                    " commission_id return_id"
                    " study_id"
                    " pair_id care_action_id wait_id request_id episode_id appointment_id directory_id"
                ).split(),
                NOBODYS,
            ),
            **ids,
        }
        self._forms: dict[tuple[str, str], dict] = {}
        self._clients: dict[tuple[str, str, str], tuple[float, Client]] = {}

    def statuses(self, cell: Cell) -> set[int]:
        """The status that the cell gets, for each purpose that it stands for."""
        known = purposes_of(cell.who)
        others = [*(purpose for purpose in PURPOSES if purpose not in known), "curiosity"]
        return {self._ask(cell, each) for each in {"own": known, "other": others}.get(cell.purpose, [""])}

    def _ask(self, cell: Cell, purpose: str) -> int:
        client = self._client(cell, purpose)
        cookies = client.cookies.copy()
        person_id = person_in(cell.relationship, cell.person)
        method, form = cell.method, None
        if cell.method == "FORM":
            method, form = "POST", self._form(cell, purpose, person_id)
        headers = {"X-Purpose": purpose, "X-Reference": REFERENCE if purpose else ""}
        with transaction.atomic():
            answer = getattr(client, method.lower())(self._url(cell.endpoint, person_id), form, headers=headers)
            transaction.set_rollback(True)
        client.cookies = cookies
        return answer.status_code

    def _form(self, cell: Cell, purpose: str, person_id: str) -> dict:
        """What is sent: filled in here, or the form of the page as somebody who may open it gets it."""
        if cell.endpoint in FORMS:
            form = {**FORMS[cell.endpoint], SUBJECT[cell.endpoint]: person_id}
            return form | ({"purpose": purpose} if cell.endpoint == "/break-glass/" else {})
        known = purpose if purpose in PURPOSES else "school_from_ta"
        if (cell.endpoint, known) not in self._forms:
            who = "ig_lead" if "person_id" not in cell.endpoint else WRITER_OF.get(known, "analyst")
            client = self._client(dataclasses.replace(cell, who=who), known if who != "ig_lead" else "")
            page = client.get(self._url(cell.endpoint, person_in("concerned"))).content.decode()
            self._forms[cell.endpoint, known] = fill_form(page, *PAGE_FORMS[cell.endpoint])
        return self._forms[cell.endpoint, known]

    def _url(self, route: str, person_id: str) -> str:
        values = {**self._ids, "person_id": person_id, "field": "address", "old": "0", "new": "1"}
        parts = [
            values[part[1:-1].split(":")[-1]] if part.startswith("<") else part
            for part in route.replace(".<", "./<").replace(">.", ">/.").split("/")
        ]
        return "/".join(parts).replace("./", ".").replace("/.", ".")

    def _client(self, cell: Cell, purpose: str) -> Client:
        key = (cell.who, purpose, cell.assurance)
        made, client = self._clients.get(key, (0.0, None))
        if client is None or time.monotonic() - made > FRESH_SECONDS:
            self._clients[key] = made, client = time.monotonic(), self._signed_in(*key)
        return client

    def _signed_in(self, who: str, purpose: str, assurance: str) -> Client:
        """Sign in, and leave in the session what a reason and a confirmation would, also where none was allowed."""
        client = Client()
        if who == "nobody":
            return client
        user = self._users[who]
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        if purpose:
            session["reason"] = {"purpose": purpose, "reference": REFERENCE, "at": int(timezone.now().timestamp())}
        session.save()
        if assurance in ASSURANCES:
            level, seconds = ASSURANCES[assurance]
            confirm_session(client, seconds, level)
        if who == "closed":
            User.objects.filter(pk=user.pk).update(is_active=False)
        return client


def is_central(cell: Cell) -> bool:
    """Cells of which the quick test asks more: what a permitted purpose gets to read, and whose form is taken."""
    if cell.method == "FORM":
        return cell.endpoint in PAGE_FORMS and cell.purpose in ("-", "own") and cell.person in ("-", "open")
    return cell.purpose == "own" and cell.method == "GET" and cell.assurance in ("-", "confirmed")


def is_drawn(cell: Cell) -> bool:
    """One in `ONE_IN_CENTRAL` of the central cells and one in `ONE_IN` of the others, always the same ones."""
    return zlib.crc32(repr(cell).encode()) % (ONE_IN_CENTRAL if is_central(cell) else ONE_IN) == 0


@pytest.mark.parametrize("share", ["part", pytest.param("all", marks=pytest.mark.slow)])
def test_every_cell_gets_the_status_that_the_table_says(share, asker, monkeypatch):
    expected = expectations()
    first = first_cells()
    asked = [cell for cell in expected if share == "all" or cell in first or is_drawn(cell)]
    # a line for each refusal would fill the memory
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    deviations = {cell: (got, expected[cell]) for cell in asked if (got := asker.statuses(cell)) != {expected[cell]}}
    print(f"access matrix: {len(asked):,} of {len(expected):,} cells asked, {len(deviations)} deviate")
    assert not deviations, list(deviations.items())[:10]


@pytest.mark.parametrize("route", ["/api/v1/place", "/api/v1/people", f"/api/v1/people/{CHILD}", "/api/v1/people/x"])
def test_a_wrong_token_gets_nothing_of_the_api(route, published):
    answer = Client().get(route, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_without_a_reason_or_by_another_method_no_look_is_recorded(role, published, client_of):
    client = client_of(role)
    for route in ("/people/", f"/people/{CHILD}/", f"/people/{VICTIM}/location/address/", f"/api/v1/people/{CHILD}"):
        for method in (client.get, client.post, client.put, client.delete, client.patch):
            assert method(route).status_code in (302, 403, 405), (route, method)
    assert set(ENTRIES.values_list("kind", flat=True)) <= {"refused"}


@pytest.mark.parametrize(
    ("seconds", "has_one", "status"),
    [(1, True, 200), (299, True, 200), (300, True, 302), (-60, True, 302), (1, False, 302)],
)
def test_a_location_opens_for_five_minutes_after_a_confirmation_alone(
    seconds, has_one, status, published, client_of, user_of, monkeypatch
):
    now = timezone.now()
    monkeypatch.setattr(vault_views.timezone, "now", lambda: now)
    if has_one:
        has_factor(user_of("advocate"))
    client = client_of("advocate", "victim_response")
    session = client.session
    session["assurance"], session["confirmed_at"] = 2, now.timestamp() - seconds
    session["confirmed_for"], session["confirmed_by"] = "vault", "code"
    session.save()
    for person in (VICTIM, ONLY_HIDDEN):
        for field in ("address", "entry"):
            assert client.get(f"/people/{person}/location/{field}/").status_code == status
    assert client.get(f"/people/{VICTIM}/location/nothing/").status_code == 404
    assert client.get(f"/people/{CHILD}/location/address/").status_code == 404

"""Hearings still to come, as the court's hearing system sends them: a run as a problem of listing.

Requests become hearings by the rules of `planning.listing.hearing_management`. When a hearing will be ready is forecast
where the court's own cases say what it still lacks: a hearing that failed for want of something, named by the court's
code, and after which none of its case was held. What was wanting is taken to have been due on the day of that hearing,
and to have come at the latest when the next hearing of the case was held: the extracts hold no other dates of it. All
other hearings are ready from the day on which the window of their request begins.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from braid.language.documents import Part, parse
from braid.language.readiness import READINESS_ITEMS
from braid.planning.listing.hearing_management import Office, Requested, read_requests
from braid.planning.listing.model import (
    SESSIONS_A_WEEK,
    Hearing,
    Problem,
    Sittings,
    listed_from,
    read_session,
    sittings_of,
)
from braid.planning.listing.readiness import Lateness, Outstanding, Signal, early_signals, forecast, learn_lateness
from braid.store.engine import Engine
from braid.store.place_folder import PlaceInvalid

TABLES = ("court_diary", "hearing_request", "reject", "episode", "event", "person_link")
"""The tables of a run that a problem of listing is made of."""
DIARY = "diary.json"
STANDARD = "hearing_management"
SENT_GROUPS = ("service_evidence", "cafcass", "expert", "other_agency")
"""Cause groups of what somebody owes the court and sends late; room, judge and illness are no such thing."""
FAILED, HELD = ("adjourned", "vacated"), "completed"
UNREADABLE = "another request of its case could not be read"
UNKNOWN_KIND = "the court's diary has no such kind of hearing: its judge is not kept free for it"

DIARIES = "select feed, organisation_id, diary from court_diary order by feed"
REQUESTS = (
    "select request_ref, case_ref, court_case_ref, request from hearing_request where feed = ? order by request_ref"
)
REFUSED = "select row from reject where feed = ? and part = 'requests' order by position"
PEOPLE = """
select distinct h.case_ref, l.person_id, case when e.role = 'child' then 'child' else 'other' end as part
from hearing_request h
join episode e on e.organisation_id = h.organisation_id and e.episode_ref in (h.case_ref, h.court_case_ref)
join person_link l on l.person_record_id = e.person_record_id
where h.feed = ?
order by h.case_ref, l.person_id
"""
HEARINGS = """
select distinct e.episode_ref, e.status, e.status_reason, e.cause_group, coalesce(e.planned_date, e.start_date) as day
from event e
where e.organisation_id = ? and e.kind = 'hearing' and e.episode_ref is not null
  and coalesce(e.planned_date, e.start_date) is not null
order by e.episode_ref, day, e.status, e.status_reason
"""

Rows = Sequence[Mapping[str, Any]]


class NotPosed(PlaceInvalid):
    """A run does not hold what a problem of a kind is made of. The message says what is missing and the next step."""


@dataclass(frozen=True)
class Diary(Part):
    """What a court decides itself, as its feed sends it."""

    court: Problem
    gap_sessions: Mapping[str, int] = field(default_factory=dict)
    features: Mapping[str, str] = field(default_factory=dict)
    applicant_roles: tuple[str, ...] = Office.applicant_roles


@dataclass(frozen=True)
class Parties:
    """Which people a case is about: the children, and apart from them everybody else who is a party."""

    children: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """What was left out of a problem, and why."""

    requests: Mapping[str, str] = field(default_factory=dict)
    """By request: why people list it. One that is listed already is in the problem, locked."""
    unreadable: int = 0
    """Requests that could not be read, by the connector's rules."""
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Facilities and adjustments, by code, that the court's diary says nothing of: nothing sees to them."""
    unknown_people: int = 0
    """Cases whose people no other extract of the court names."""
    decisions_lost: int = 0
    """Decisions on earlier lists that this one cannot take: of hearings that are heard, or held elsewhere since."""


@dataclass(frozen=True)
class Posed:
    """A problem, which people its cases are about, who should hear early, and what was left out of it."""

    problem: Problem
    people: Mapping[str, Parties]
    """By case."""
    signals: tuple[Signal, ...]
    left: Left


@dataclass(frozen=True)
class _Readiness:
    """What is outstanding by case, and by how much such things were late."""

    outstanding: Mapping[str, tuple[Outstanding, ...]]
    lateness: Mapping[str, Lateness]


def pose(engine: Engine, as_of: dt.date) -> Posed:
    """Return the problem of listing every hearing that is still to come after `as_of`.

    Raises `NotPosed` where no court, or more than one, sends a diary, or where its horizon is over, and
    `DocumentInvalid` where the diary says what cannot be.
    """
    diaries = engine.rows(DIARIES)
    office = _office(diaries, as_of)
    feed = diaries[0]["feed"]
    rows, refused = engine.rows(REQUESTS, (feed,)), engine.rows(REFUSED, (feed,))
    requested = _requested([json.loads(row["request"]) for row in rows], _cases_of(refused), office)
    readiness = _readiness(engine.rows(HEARINGS, (diaries[0]["organisation_id"],)), _names(rows), as_of)
    problem = _forecast(requested.problem, readiness, as_of)
    people = _people(engine.rows(PEOPLE, (feed,)), problem)
    left = Left(
        requests=requested.left,
        unreadable=len(refused),
        unmapped=requested.unmapped,
        unknown_people=sum(not (each.children or each.others) for each in people.values()),
    )
    return Posed(problem, people, _signals(problem, readiness, as_of), left)


def _office(diaries: Rows, as_of: dt.date) -> Office:
    """Return the court's own part, its horizon beginning on the day after `as_of` at the earliest."""
    if not diaries:
        raise NotPosed(
            f"the run holds no court's diary: let a court send {DIARY} and its requests (feed {STANDARD}), and where"
            " it does, see what braid issues says of it"
        )
    if len(diaries) > 1:
        raise NotPosed("several courts send a diary: plan each from its own file, with braid plan listing")
    document = json.loads(diaries[0]["diary"])
    document["court"] = {"people": [], **document["court"], "cases": [], "hearings": []}
    diary = parse(json.dumps(document), Diary, DIARY)
    first = max(diary.court.first_date, as_of + dt.timedelta(days=1))
    if first > diary.court.last_date:
        raise NotPosed("the horizon of the court's diary is over: let the court send a later one")
    return Office(
        replace(diary.court, first_date=first), as_of, diary.gap_sessions, diary.features, diary.applicant_roles
    )


def _cases_of(refused: Rows) -> set[str]:
    """Return the cases of requests that could not be read, as far as what was kept of them says so."""
    kept = (json.loads(row["row"]) for row in refused)
    return {str(each.get("caseDetails", {}).get("caseRef", "")) for each in kept if isinstance(each, dict)} - {""}


def _requested(documents: Sequence[dict[str, Any]], unreadable: set[str], office: Office) -> Requested:
    """Return requests as a problem. Whatever is of a case with a request that could not be read is left to people."""
    kinds = {kind.id for kind in office.court.types}
    strange = {
        _reference(each): UNKNOWN_KIND for each in documents if each["hearingDetails"]["hearingType"] not in kinds
    }
    documents = [each for each in documents if _reference(each) not in strange]
    held_back = set()
    for document in documents:
        details = document["hearingDetails"]
        if document["caseDetails"]["caseRef"] in unreadable and details.get("autolistFlag") is not False:
            details["autolistFlag"] = False
            held_back.add(_reference(document))
    requested = read_requests(documents, office)
    left = {name: UNREADABLE if name in held_back else why for name, why in requested.left.items()}
    return replace(requested, left=left | strange)


def _reference(document: Mapping[str, Any]) -> str:
    return str(document["requestDetails"]["hearingRequestID"])


def _names(rows: Rows) -> Mapping[str, str]:
    """Return by the court's own number of a case, and by the hearing service's, how the problem names it."""
    return {
        name: row["case_ref"] for row in rows for name in (row["case_ref"], row["court_case_ref"]) if name is not None
    }


def _readiness(hearings: Rows, names: Mapping[str, str], as_of: dt.date) -> _Readiness:
    """Return what hearings that failed say: what came, how late, and what is still outstanding for open cases."""
    by_case: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in hearings:
        by_case[row["episode_ref"]].append(row)
    history: list[tuple[str, int]] = []
    outstanding: dict[str, tuple[Outstanding, ...]] = {}
    for case, of_case in by_case.items():
        came, missing = _items(of_case, as_of)
        history += came
        if missing and case in names:
            outstanding[names[case]] = missing
    if not history:
        return _Readiness({}, {})
    return _Readiness(outstanding, learn_lateness(history))


def _items(of_case: Rows, as_of: dt.date) -> tuple[list[tuple[str, int]], tuple[Outstanding, ...]]:
    """Return what came of what a case lacked, kind and days late, and what is missing since the day it was due."""
    held = sorted(row["day"] for row in of_case if row["status"] == HELD and row["day"] <= as_of)
    came: list[tuple[str, int]] = []
    due: dict[str, dt.date] = {}
    for row in of_case:
        if row["status"] not in FAILED or row["cause_group"] not in SENT_GROUPS:
            continue
        kind = row["status_reason"]
        if kind not in READINESS_ITEMS:
            continue
        after = next((day for day in held if day > row["day"]), None)
        if after is not None:
            came.append((kind, (after - row["day"]).days))
        else:
            due[kind] = min(row["day"], due.get(kind, row["day"]))
    return came, tuple(Outstanding(kind, _owner(kind), day) for kind, day in sorted(due.items()))


def _owner(kind: str) -> str:
    item = READINESS_ITEMS[kind]
    return f"{item.organisation}: {item.role}"


def _forecast(problem: Problem, readiness: _Readiness, as_of: dt.date) -> Problem:
    """Return the problem with when hearings will be ready, of cases that still lack something."""
    sittings = sittings_of(problem)
    quantiles = {kind.id: kind.list_at_quantile for kind in problem.types}
    hearings = []
    for hearing in problem.hearings:
        items = readiness.outstanding.get(hearing.case, ())
        if items:
            expected = _expected(hearing, items, readiness.lateness, sittings, as_of)
            hearing = max(hearing, expected, key=lambda each: listed_from(sittings, each, quantiles[each.type]))
        hearings.append(hearing)
    return replace(problem, hearings=tuple(hearings))


def _expected(
    hearing: Hearing,
    items: Sequence[Outstanding],
    lateness: Mapping[str, Lateness],
    sittings: Sittings,
    as_of: dt.date,
) -> Hearing:
    """Return a hearing that is ready on the morning after the last item will have come."""
    found = forecast(items, lateness, as_of)
    morning = sittings.position(f"{found.median_date + dt.timedelta(days=1)} am")
    spread = math.ceil(10 * found.spread_days * SESSIONS_A_WEEK / 7) / 10
    return replace(hearing, ready=sittings.name(max(0, morning)), ready_spread_sessions=spread)


def _signals(problem: Problem, readiness: _Readiness, as_of: dt.date) -> tuple[Signal, ...]:
    """Return the listed hearings that are unlikely to be ready on their day."""
    listed = {}
    for hearing in problem.hearings:
        begins = read_session(hearing.present.start) if hearing.present else None
        if begins is not None and hearing.case in readiness.outstanding:
            listed[hearing.id] = begins[0]
    cases = {hearing.id: hearing.case for hearing in problem.hearings}
    outstanding = {name: readiness.outstanding[cases[name]] for name in listed}
    return early_signals(listed, outstanding, readiness.lateness, as_of)


def _people(rows: Iterable[Mapping[str, Any]], problem: Problem) -> Mapping[str, Parties]:
    """Return who each case of a problem is about. Who is a child of it is none of its other parties."""
    found: dict[str, dict[str, set[str]]] = {case.id: {"child": set(), "other": set()} for case in problem.cases}
    for row in rows:
        if row["case_ref"] in found:
            found[row["case_ref"]][row["part"]].add(row["person_id"])
    return {
        case: Parties(tuple(sorted(parts["child"])), tuple(sorted(parts["other"] - parts["child"])))
        for case, parts in found.items()
    }

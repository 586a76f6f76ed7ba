"""A small published run, written as lake tables: enough people for pages, roles, protection and suppression.

Everybody is fictional. The tokens in `CANARIES` stand in columns that must never reach the web database.
"""

import contextlib
import datetime as dt
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

from braid.language.codes import WAIT_KINDS
from braid.language.findings import TABLES
from braid.language.graph_findings import GRAPH_TABLES
from braid.language.household_findings import HOUSEHOLD_TABLES
from braid.language.priority_findings import PRIORITY_TABLES
from braid.problems.documents import describe_statement
from braid.problems.load import find_own, shipped_statements
from braid.problems.model import Statement
from braid.problems.priority import run as priority
from braid.problems.priority.load import in_force, load_versions
from braid.problems.run import create_graph_findings
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, load_place
from braid.waits.blockers import create_blocker

AS_OF = dt.date(2026, 11, 15)
CANARIES = {
    "address": "CANARY-17-Willow-Court",
    "postcode": "QB99 9ZZ",
    "telephone": "07700 900999",
    "identifier": "9990009999",
    "refuge": "CANARY-refuge-unit",
    "worker": "CANARY-worker-patch",
    "team": "CANARY-team-near-refuge",
    "case": "CANARY-case-number",
    "old_address": "CANARY-4-Elm-Terrace",
    "school": "CANARY-school-urn",
    "venue": "CANARY-venue-of-a-meeting",
}
GRID = {"easting": 1, "northing": 1}
PROTECTED_DISTRICT = "E08990002"
PLACE_TOML = """
[place]
id = "sample-vale"
name = "Sample Vale"
as_of = "2026-11-15"

[calendar]
terms = [["2026-09-01", "2026-12-18"], ["2027-01-04", "2027-07-20"]]
closed_days = ["2026-10-26"]

[[district]]
code = "E08990001"
id = "northmere"
name = "Northmere"
council = "northmere-council"

[[district]]
code = "E08990002"
id = "southwick"
name = "Southwick Down"
council = "southwick-council"

[[organisation]]
id = "vale-authority"
name = "Sample Vale Combined Authority"
kind = "authority"

[[organisation]]
id = "northmere-council"
name = "Northmere Council"
kind = "council"
contact = "01632 960001"

[[organisation]]
id = "southwick-council"
name = "Southwick Down Council"
kind = "council"

[[organisation]]
id = "vale-hospital"
name = "Vale Hospital"
kind = "hospital"
contact = "01632 960010"

[[organisation]]
id = "vale-family-court"
name = "Family Court at Sample Vale"
kind = "court"

[[organisation]]
id = "vale-crown-court"
name = "Crown Court at Sample Vale"
kind = "court"

[[organisation]]
id = "harbour"
name = "Harbour Support"
kind = "voluntary"

[[feed]]
id = "northmere-housing-register"
organisation = "northmere-council"
standard = "housing_register"
year = 2026
service = "Housing register"

[[feed]]
id = "family-court"
organisation = "vale-family-court"
standard = "fpl"
year = 2026
service = "Family court"
"""
COUNCIL, HOSPITAL, FAMILY_COURT, CROWN_COURT, VICTIM_SERVICE = (
    "northmere-council",
    "vale-hospital",
    "vale-family-court",
    "vale-crown-court",
    "harbour",
)
HOLDERS = {"rtt": HOSPITAL, "care_proceedings": FAMILY_COURT, "crown_trial": CROWN_COURT}
MEASURED_PROVIDER = HOSPITAL
KNOWN_WEEKS = 30
NOT_KNOWN_KIND = "fair_access_place"
MEASURED_KINDS = (
    *("register", "temporary_accommodation", "rtt", "care_proceedings", "crown_trial", "in_year_admission"),
    *("ehcp_plan", "cla_review", "therapy", NOT_KNOWN_KIND),
)
OVERLAPS = (
    ("register", "temporary_accommodation", 40, 0.31),
    ("temporary_accommodation", "register", 40, 0.72),
    ("rtt", "register", 40, 0.004),
    ("rtt", "care_proceedings", 7, 0.5),
    ("cla_review", "rtt", 40, 0.5),
)
"""Two kinds, people who wait for both, and the part of the time; few share the one, few wait for the last."""
LIMITS = {"bnb_family": 42, "care_proceedings": 182, "rtt": 126, "ehcp_plan": 140, "in_year_admission": 21}


def person_id(number: int) -> str:
    """Return the id of the sample's person `number`."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"sample person {number}").hex


CHILD, CHILD_PROTECTED, VICTIM, ONE_WAIT, ONLY_HIDDEN = (person_id(number) for number in range(5))
"""A child in several backlogs; a child at a safe address; a protected adult with a trial and therapy; somebody in one
backlog; somebody whose only wait is under a safe address."""


def write_sample_place(folder: Path, extra_people: int = 40) -> tuple[Place, Run]:
    """Write place.toml and one run in the lake; return both."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    extract = folder / "extracts" / "family-court" / "2026-11-14"
    extract.mkdir(parents=True, exist_ok=True)
    (extract / "cases.json").write_text("[]", encoding="utf-8")
    place = load_place(folder)
    return place, write_run(place, "2026-11-15-sample", sample_tables(extra_people))


def write_run(
    place: Place, run_id: str, tables: dict[str, list[dict[str, Any]]], own: tuple[Statement, ...] = ()
) -> Run:
    """Write tables as a run of the place's lake and make it current; `own` are statements that the place wrote."""
    lake = Lake(place.lake_folder)
    work = lake.begin(run_id)
    names = (
        "person person_link person_wait blocker cohort involvement backlog_measure service_measure service_week"
        " service_overlap person_record stay identifier"
        " episode event school postcode"
    ).split()
    names += [name for name in ("sealed_person", "area_measure") if name in tables]
    names += [name for name in ("outcome_count", "person_lineage") if name in tables]
    names += [table.name for table in HOUSEHOLD_TABLES if table.name in tables]
    with contextlib.closing(DuckDBEngine()) as engine:
        for name in (*names, "wait", "need", "person_history", "link_proposal"):
            engine.load_rows(TABLES[name], tables.get(name, []))
        create_blocker(engine, (), AS_OF)
        engine.load_rows(TABLES["blocker"], tables.get("blocker", []))
        statements = shipped_statements()
        priority.run(engine, statements, in_force(load_versions(statements), AS_OF), AS_OF, has_earlier=False)
        create_graph_findings(engine)
        for name in (*names, *(table.name for table in (*GRAPH_TABLES, *PRIORITY_TABLES))):
            engine.write(TABLES[name], work.table(name))
    stated = {each.problem_id: each for each in (*shipped_statements(), *own)}
    statements = [describe_statement(each, place.district_names()) for each in stated.values()]
    stage = {"statements": statements, "own": list(find_own(own))}
    return lake.publish(work, run_id, {"as_of": AS_OF.isoformat(), "stages": {"problems": stage}})


def sample_tables(extra_people: int) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table of the sample."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    _add_named_people(tables)
    for number in range(10, 10 + extra_people):
        _add_child_in_temporary_accommodation(tables, number)
    _add_measures(tables)
    _add_services(tables)
    _add_outcomes(tables)
    _add_canaries(tables)
    return tables


def _add_named_people(tables: dict[str, list[dict[str, Any]]]) -> None:
    _person(tables, CHILD, "Ada", "Example", dt.date(2015, 3, 2), "E08990001", household="home-1")
    _person(tables, CHILD_PROTECTED, "Bel", "Example", dt.date(2014, 6, 9), PROTECTED_DISTRICT, protected=True)
    _person(tables, VICTIM, "Cass", "Example", dt.date(1991, 1, 20), PROTECTED_DISTRICT, protected=True)
    _person(tables, ONE_WAIT, "Dee", "Example", dt.date(2012, 8, 30), "E08990001", household="home-1")
    _person(tables, ONLY_HIDDEN, "Eve", "Example", dt.date(1988, 2, 11), PROTECTED_DISTRICT, protected=True)
    for child in (CHILD, CHILD_PROTECTED):
        stay = _wait(tables, child, "temporary_accommodation", 77)
        _wait(tables, child, "bnb_family", 35)
        plan = _wait(tables, child, "ehcp_plan", 152)
        school = _wait(tables, child, "in_year_admission", 40)
        _wait(tables, child, "care_proceedings", 301)
        _wait(tables, child, "register", 90, ended=10)
        _blocker(tables, child, "school_from_ta", "ehc_plan_waits_for_address", plan, stay, "special")
        _blocker(tables, child, "school_from_ta", "school_place_waits_for_address", school, stay, "normal")
        _blocker(tables, child, "school_from_ta", "school_place_without_outcome", school, None, "normal")
        _cohort(tables, child, "school_from_ta")
        _cohort(tables, child, "court_readiness")
        _involve(tables, child, HOSPITAL, "Hospital waiting list", "special", "", "")
        _involve(tables, child, COUNCIL, "Children's social care", "special", "R. Sample", "Assessment team")
    therapy = _wait(tables, VICTIM, "therapy", 120)
    trial = _wait(tables, VICTIM, "crown_trial", 410)
    home = _wait(tables, VICTIM, "register", 500)
    _blocker(tables, VICTIM, "victim_response", "therapy_waits_for_trial", therapy, trial, "safe_address")
    _blocker(tables, VICTIM, "victim_response", "therapy_waits_for_home", therapy, home, "safe_address")
    _cohort(tables, VICTIM, "victim_response")
    _involve(
        tables, VICTIM, VICTIM_SERVICE, "Support for victims", "safe_address", CANARIES["worker"], CANARIES["team"]
    )
    _involve(tables, VICTIM, COUNCIL, "Housing register", "normal", "", "")
    _wait(tables, ONE_WAIT, "register", 30)
    _cohort(tables, ONLY_HIDDEN, "victim_response")
    _wait(tables, ONLY_HIDDEN, "therapy", 61)
    _wait(tables, ONLY_HIDDEN, "victim_support", 75)


def _add_child_in_temporary_accommodation(tables: dict[str, list[dict[str, Any]]], number: int) -> None:
    child = person_id(number)
    district = ("E08990001", PROTECTED_DISTRICT, None)[number % 3]
    _person(
        tables, child, f"Given{number}", f"Family{number}", dt.date(2008 + number % 12, 1 + number % 12, 5), district
    )
    stay = _wait(tables, child, "temporary_accommodation", 20 + 13 * number % 400)
    school = _wait(tables, child, "in_year_admission", 5 + 7 * number % 60)
    _blocker(tables, child, "school_from_ta", "school_place_waits_for_address", school, stay, "normal")
    _cohort(tables, child, "school_from_ta")
    if number % 4 == 0:
        _wait(tables, child, "register", 200 + 31 * number % 900)
    if number % 5 == 0:
        _wait(tables, child, "care_proceedings", 60 + 17 * number % 300)
        _cohort(tables, child, "court_readiness")
    _involve(tables, child, COUNCIL, "Temporary accommodation", "normal", "", "Placement team")


def _add_measures(tables: dict[str, list[dict[str, Any]]]) -> None:
    for index, kind in enumerate(WAIT_KINDS.values()):
        for district, share in (("", 1.0), ("E08990001", 0.6), ("E08990002", 0.4)):
            waiting = round((3 if kind.code == "cla_review" else 120 + 37 * index) * share)
            tables["backlog_measure"].append(
                {
                    "kind": kind.code,
                    "backlog": kind.backlog,
                    "district_code": district or None,
                    "waiting": waiting,
                    "median_days": 40.0 + 29 * index % 300,
                    "p92_days": 400.0,
                    "over_year": round(waiting * 0.2),
                    "with_limit": waiting if kind.code in LIMITS else 0,
                    "within_limit": round(waiting * 0.7) if kind.code in LIMITS else 0,
                    "completed": round(waiting * 0.3),
                    "completed_within": round(waiting * 0.2) if kind.code in LIMITS else 0,
                    "completed_with_limit": round(waiting * 0.3) if kind.code in LIMITS else 0,
                    "also_elsewhere": round(waiting * 0.4),
                }
            )


def _add_outcomes(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Pupils who attend, week by week, more of them from the 30th week on; children in temporary accommodation."""
    for week in range(40):
        last, met = AS_OF - dt.timedelta(weeks=39 - week), 561 if week < 30 else 648
        for district, counted in ((None, 747), ("E08990001", 633), ("E08990002", 114)):
            part = round(met * counted / 747)
            _count(tables, "attendance_90", last - dt.timedelta(days=6), last, district, counted, part)
    for month in range(1, 11):
        first = dt.date(2026, month, 1)
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        found = 9 if month == 1 else 83 + month
        _count(tables, "children_in_temporary", first, last, None, found, found)
        _count(tables, "children_in_temporary", first, last, "E08990001", 17, 17)


def _count(
    tables: dict[str, list[dict[str, Any]]],
    outcome: str,
    first: dt.date,
    last: dt.date,
    district: str | None,
    counted: int,
    met: int,
) -> None:
    tables["outcome_count"].append(
        {
            "outcome_id": outcome,
            "period_start_date": first,
            "period_end_date": last,
            "district_code": district,
            "known": True,
            "observations": counted,
            "met": met,
            "people": counted,
        }
    )


def _add_services(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Of some kinds in the whole place, and of one at a provider too; queues grow, stay, fall in turn over 30 weeks."""
    whole = {row["kind"]: row for row in tables["backlog_measure"] if row["district_code"] is None}
    for index, kind in enumerate(WAIT_KINDS[code] for code in MEASURED_KINDS):
        measured = {name: whole[kind.code][name] for name in ("kind", "backlog", "waiting", "completed")}
        for organisation in (None, MEASURED_PROVIDER) if kind.code == "rtt" else (None,):
            row = {
                **dict.fromkeys(("with_limit", "within_limit", "completed_with_limit", "completed_within"), 0),
                "people_waiting": measured["waiting"],
                "open_p92_days": 400.0,
                "completed_median_days": 92.6,
                "completed_p92_days": 301.0,
            }
            tables["service_measure"].append({**row, **measured, "organisation_id": organisation})
            known = KNOWN_WEEKS if kind.code != NOT_KNOWN_KIND else 5
            tables["service_week"] += _weeks(kind.code, organisation, measured, index % 3 - 1, known)
    both = {"since_date": AS_OF - dt.timedelta(days=363), "both_weeks": 60.0, "service_weeks": 100.0}
    for one, other, people, share in OVERLAPS:
        for organisation in (None, MEASURED_PROVIDER):
            names = {"kind": one, "other_kind": other, "organisation_id": organisation}
            shared = {"other_organisation_id": organisation, "people": people, "share": share}
            tables["service_overlap"].append({**both, **names, **shared})


def _weeks(
    kind: str, organisation: str | None, measured: dict[str, Any], turn: int, known: int
) -> list[dict[str, Any]]:
    """Weeks that end with as many waiting as measured, of which the last 13 have as many removals as completed."""
    rows, waiting = [], measured["waiting"]
    for back in range(KNOWN_WEEKS + 2):
        removals = measured["completed"] // 13 + (back % 13 < measured["completed"] % 13)
        additions = removals + turn if removals else 0
        row = {"additions": additions, "removals": removals, "waiting": waiting, "known": back < known}
        end = AS_OF - dt.timedelta(weeks=back)
        rows.append({"kind": kind, "organisation_id": organisation, "week_end_date": end, **row})
        waiting -= additions - removals
    return rows


def _add_canaries(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Records of VICTIM alone, so that every location of hers is in the vault and none anywhere else."""
    lineage = {
        "feed": "northmere-housing-register",
        "organisation_id": COUNCIL,
        "standard": "housing_register",
        "collection_year": 2026,
        "file_sha256": "0" * 64,
        "row_ref": "1",
        "as_of_date": AS_OF,
        "sensitivity": "safe_address",
        "person_record_id": "0" * 20,
    }
    stay = {"record_id": "1" * 20, "kind": "refuge", "confidential": True, "address_lines": CANARIES["address"]}
    tables["stay"].append({**lineage, **stay, "postcode": CANARIES["postcode"], "location_ref": CANARIES["refuge"]})
    tables["identifier"].append(
        {**lineage, "record_id": "2" * 20, "scheme": "nhs", "value": CANARIES["identifier"], "check_result": "pass"}
    )
    tables["postcode"].append({"postcode": CANARIES["postcode"], "district_code": PROTECTED_DISTRICT, **GRID})
    before = {
        "record_id": "3" * 20,
        "kind": "unknown",
        "address_lines": CANARIES["old_address"],
        "uprn": "100099999999",
    }
    tables["stay"].append({**lineage, **before, "confidential": False, "end_date": AS_OF - dt.timedelta(days=90)})
    record = {**{k: v for k, v in lineage.items() if k != "person_record_id"}, "record_id": "0" * 20}
    tables["person_record"].append({**record, "partner_record_id": "A-1", "telephone": CANARIES["telephone"]})
    roll = {"kind": "school_roll", "standard": "school", "organisation_ref": CANARIES["school"]}
    tables["episode"].append({**lineage, "record_id": "4" * 20, **roll})
    tables["event"].append({**lineage, "record_id": "5" * 20, "kind": "meeting", "place": CANARIES["venue"]})
    tables["person_link"].append({"person_id": VICTIM, "person_record_id": "0" * 20, "method": "single"})


def _person(
    tables: dict[str, list[dict[str, Any]]],
    identity: str,
    given: str,
    family: str,
    born: dt.date,
    district: str | None,
    protected: bool = False,
    household: str | None = None,
) -> None:
    tables["person"].append(
        {
            "person_id": identity,
            "given_name": given,
            "family_name": family,
            "birth_date": born,
            "sex": "unknown",
            "district_code": district,
            "household_id": household,
            "protected": protected,
            "location_withheld": protected,
            "record_count": 2,
        }
    )


def _wait(tables: dict[str, list[dict[str, Any]]], person: str, kind: str, days: int, ended: int | None = None) -> str:
    start = AS_OF - dt.timedelta(days=days + (ended or 0))
    due = start + dt.timedelta(days=LIMITS[kind]) if kind in LIMITS else None
    stop = AS_OF - dt.timedelta(days=ended) if ended is not None else None
    standing = "no_limit" if due is None else ("within" if due >= AS_OF else "past")
    wait_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{person} {kind}").hex[:20]
    tables["person_wait"].append(
        {
            "wait_id": wait_id,
            "person_id": person,
            "kind": kind,
            "backlog": WAIT_KINDS[kind].backlog,
            "case_record_id": CANARIES["case"],
            "organisation_id": HOLDERS.get(kind, COUNCIL),
            "start_date": start,
            "start_event": f"{WAIT_KINDS[kind].name} asked for",
            "stop_date": stop,
            "elapsed_days": days,
            "due_date": due,
            "days_left": (due - AS_OF).days if due else None,
            "clock": "stopped" if stop else standing,
            "rule_id": kind,
            "rule_version": "2026-04-01",
            "explanation": f"Counted in calendar days from {start:%d %B %Y}.",
            "as_of_date": AS_OF,
            "sensitivity": WAIT_KINDS[kind].sensitivity,
        }
    )
    return wait_id


def _blocker(
    tables: dict[str, list[dict[str, Any]]],
    person: str,
    problem: str,
    rule: str,
    held: str,
    holder: str | None,
    sensitivity: str,
) -> None:
    tables["blocker"].append(
        {
            "blocker_id": f"{rule}:{held}:{holder or 'outcome_letter'}",
            "person_id": person,
            "problem": problem,
            "rule_id": rule,
            "held_wait_id": held,
            "holder_type": "wait" if holder else "evidence",
            "holder_kind": _kind_of(tables, holder) if holder else "outcome_letter",
            "holder_wait_id": holder,
            "holder_person_id": person if holder else None,
            "reason": "It cannot be settled before the home is." if holder else "No outcome letter was sent.",
            "evidence": "The placement is still open in the extract.",
            "evidence_date": AS_OF - dt.timedelta(days=3),
            "owner_organisation": "Council",
            "owner_role": "Placement officer",
            "next_action": "Offer a settled unit in reach of the school",
            "sensitivity": sensitivity,
        }
    )


def _kind_of(tables: dict[str, list[dict[str, Any]]], wait: str) -> str:
    return next(row["kind"] for row in tables["person_wait"] if row["wait_id"] == wait)


def _cohort(tables: dict[str, list[dict[str, Any]]], person: str, problem: str) -> None:
    reason = "Waits where the statement looks"
    tables["cohort"].append({"problem": problem, "purpose": problem, "person_id": person, "reason": reason})


def _involve(
    tables: dict[str, list[dict[str, Any]]],
    person: str,
    organisation: str,
    service: str,
    sensitivity: str,
    worker: str,
    team: str,
) -> None:
    tables["involvement"].append(
        {
            "person_id": person,
            "organisation_id": organisation,
            "service": service,
            "since_date": AS_OF - dt.timedelta(days=200),
            "last_date": AS_OF - dt.timedelta(days=6),
            "worker": worker or None,
            "team": team or None,
            "as_of_date": AS_OF,
            "sensitivity": sensitivity,
        }
    )

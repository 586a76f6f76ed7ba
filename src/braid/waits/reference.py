"""The same findings, worked out slowly and obviously over lists of rows. The tests hold the fast stage against it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from braid.language.calendars import ONE_DAY, Calendar
from braid.language.clocks import reckon
from braid.language.codes import WAIT_KINDS
from braid.waits.involvements import STANDARD_SERVICES
from braid.waits.model import (
    CLOCK_PER_CASE,
    RECENT_DAYS,
    RECURRING,
    YEAR_DAYS,
    case_reference,
    stated_extensions,
    strictest,
)
from braid.waits.sources import NOT_SAID, Precedence, place_of, same_wait
from braid.waits.stay_totals import ADDED_UP, explain_total, stated_pauses

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
"""Registry tables by name, each a list of rows with every column the stage reads."""


def person_waits(tables: Tables, calendar: Calendar, as_of: dt.date, precedence: Precedence = NOT_SAID) -> list[Row]:
    """Return the rows of `person_wait` in order of their id."""
    once = _each_clock_once(_asserted(tables, as_of))
    totals = _of_several_sources([{**row, **_total_before(row, once)} for row in once], precedence)
    rows = [_reckoned(row, calendar, as_of) for row in (*totals, *_inherited(tables, totals))]
    return sorted(rows, key=lambda row: str(row["wait_id"]))


def _asserted(tables: Tables, as_of: dt.date) -> list[Row]:
    person_of = _person_of(tables)
    found = []
    for wait in tables["wait"]:
        known = wait["person_record_id"] in person_of and wait["kind"] in WAIT_KINDS
        if not known or wait["start_date"] > as_of:
            continue
        stop = wait["stop_date"]
        if stop is not None and stop < wait["start_date"]:
            continue
        found.append(
            {
                **wait,
                "person_id": person_of[wait["person_record_id"]],
                "case_record_id": wait["record_id"],
                "stop_date": stop if stop is not None and stop <= as_of else None,
                "exception": None if wait["extended_to_date"] else wait["exception"],
                "as_of_date": wait["as_of_date"] or as_of,
                "sensitivity": strictest(wait["sensitivity"], WAIT_KINDS[wait["kind"]].sensitivity),
            }
        )
    return found


def _person_of(tables: Tables) -> dict[str, str]:
    return {link["person_record_id"]: link["person_id"] for link in tables["person_link"]}


def _each_clock_once(rows: list[Row]) -> list[Row]:
    by_start = [
        {**members[0], "sensitivity": strictest(*(row["sensitivity"] for row in members))}
        for members in _grouped(rows, _same_start)
    ]
    kept = []
    for members in _grouped(by_start, _same_case):
        sensitivity = strictest(*(row["sensitivity"] for row in members))
        record = members[0]["person_record_id"]
        kept += [{**row, "sensitivity": sensitivity} for row in members if row["person_record_id"] == record]
    return kept


def _of_several_sources(rows: list[Row], precedence: Precedence) -> list[Row]:
    """Return each wait that several feeds tell once: what the newest says, under the id of the first in precedence."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        groups[same_wait(row)].append(row)
    found = []
    for told in groups.values():
        first = sorted(told, key=lambda row: (place_of(row["feed"], row["standard"], precedence), row["record_id"]))
        newest = max(row["as_of_date"] for row in told)
        holds = next(row for row in first if row["as_of_date"] == newest)
        by_age = sorted(first, key=lambda row: row["as_of_date"], reverse=True)
        counted = min(by_age, key=lambda row: row["counted_from_date"] or row["start_date"])
        found.append(
            {
                **holds,
                "record_id": first[0]["record_id"],
                "counted_from_date": counted["counted_from_date"],
                "pauses": counted["pauses"],
                "sensitivity": strictest(*(row["sensitivity"] for row in told)),
            }
        )
    return found


def _same_start(row: Row) -> Hashable:
    case = (row["episode_ref"] or "") if row["kind"] in CLOCK_PER_CASE else ""
    return (row["person_id"], row["feed"], row["kind"], row["start_date"], case)


def _same_case(row: Row) -> Hashable:
    alone = row["episode_ref"] is None or row["kind"] in RECURRING
    case = ("record", row["record_id"]) if alone else ("case", row["episode_ref"])
    return (row["person_id"], row["feed"], row["kind"], case)


def _grouped(rows: list[Row], group: Callable[[Row], Hashable]) -> list[list[Row]]:
    """Return the rows in groups, the one to keep first in each."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["start_date"], row["stop_date"] or dt.date.max, row["record_id"])):
        groups[group(row)].append(row)
    return list(groups.values())


def _total_before(row: Row, waits: list[Row]) -> Row:
    """Return where the count of a stay begins and its pauses, walked day by day from the first stay to this one."""
    names = ("person_id", "feed", "kind", "episode_ref")
    before = [
        other
        for other in waits
        if row["kind"] in ADDED_UP
        and row["episode_ref"] is not None
        and all(other[name] == row[name] for name in names)
        and other["start_date"] < row["start_date"]
    ]
    if not before:
        return {"counted_from_date": None, "pauses": None}
    first = day = min(other["start_date"] for other in before)
    out: list[dt.date] = []
    while day < row["start_date"]:
        if not any(other["start_date"] <= day <= (other["stop_date"] or dt.date.max) for other in before):
            out.append(day)
        day += ONE_DAY
    begins = [day for day in out if day - ONE_DAY not in out]
    ends = [day for day in out if day + ONE_DAY not in out]
    pauses = " ".join(f"{begin}:{end}" for begin, end in zip(begins, ends, strict=True))
    return {"counted_from_date": first, "pauses": pauses or None}


def _inherited(tables: Tables, waits: list[Row]) -> list[Row]:
    trials: dict[str, list[Row]] = defaultdict(list)
    for wait in waits:
        if wait["kind"] == "crown_trial" and wait["episode_ref"] is not None:
            trials[case_reference(wait["episode_ref"])].append(wait)
    return [
        _inherit(trials[case], person, case, referral)
        for (person, case), referral in _victim_cases(tables).items()
        if trials[case]
    ]


def _victim_cases(tables: Tables) -> dict[tuple[str, str], str]:
    person_of = _person_of(tables)
    cases: dict[tuple[str, str], str] = {}
    for episode in sorted(tables["episode"], key=lambda row: str(row["record_id"])):
        as_victim = episode["kind"] == "criminal_case" and episode["role"] == "victim"
        if as_victim and episode["episode_ref"] is not None and episode["person_record_id"] in person_of:
            person = person_of[episode["person_record_id"]]
            cases.setdefault((person, case_reference(episode["episode_ref"])), episode["record_id"])
    return cases


def _inherit(trials: list[Row], person: str, case: str, referral: str) -> Row:
    first = min(trials, key=lambda row: (row["start_date"], row["record_id"]))
    stops = [row["stop_date"] for row in trials]
    return {
        **first,
        "record_id": hashlib.sha256(f"{first['record_id']}|{referral}".encode()).hexdigest()[:20],
        "person_id": person,
        "episode_ref": case,
        "case_record_id": referral,
        "start_event": "trial of the case the referral names",
        "stop_date": None if None in stops else max(stops),
        "sensitivity": "safe_address",
    }


def _reckoned(row: Row, calendar: Calendar, as_of: dt.date) -> Row:
    reckoned_alone = reckon(
        row["kind"],
        row["counted_from_date"] or row["start_date"],
        as_of,
        calendar,
        stop=row["stop_date"],
        extensions=stated_extensions(row["extended_to_date"]),
        pauses=stated_pauses(row["pauses"]),
        exception=row["exception"],
    )
    found = explain_total(reckoned_alone, row["counted_from_date"])
    reckoned = "due_date due_date_other days_left clock rule_id rule_version explanation"
    copied = (
        "person_id kind feed case_record_id organisation_id priority start_date start_event stop_date extended_to_date"
        " exception counted_from_date pauses as_of_date sensitivity"
    )
    return {
        **{name: row[name] for name in copied.split()},
        "wait_id": row["record_id"],
        "backlog": WAIT_KINDS[row["kind"]].backlog,
        "elapsed_days": ((row["stop_date"] or as_of) - row["start_date"]).days,
        **{name: getattr(found, name) for name in reckoned.split()},
    }


def multi_backlog(waits: Sequence[Row], people: Sequence[Row]) -> list[Row]:
    """Return the rows of `multi_backlog`, without blockers, in order of the person."""
    district = _districts(people)
    running: dict[str, list[Row]] = defaultdict(list)
    for wait in waits:
        if wait["stop_date"] is None:
            running[wait["person_id"]].append(wait)
    rows = []
    for person, held in sorted(running.items()):
        longest = _longest_by_backlog(held)
        if len(longest) < 2:
            continue
        rows.append(
            {
                "person_id": person,
                "district_code": district.get(person),
                "backlogs": " ".join(sorted(longest, key=lambda backlog: (-longest[backlog], backlog))),
                "backlog_count": len(longest),
                "wait_count": len(held),
                "longest_days": max(longest.values()),
                "total_days": sum(wait["elapsed_days"] for wait in held),
                "blocker_count": 0,
            }
        )
    return rows


def _districts(people: Sequence[Row]) -> dict[str, str | None]:
    return {person["person_id"]: person["district_code"] for person in people if not person["protected"]}


def _longest_by_backlog(waits: Iterable[Row]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for wait in waits:
        longest[wait["backlog"]] = max(wait["elapsed_days"], longest.get(wait["backlog"], 0))
    return longest


def backlog_measures(waits: Sequence[Row], people: Sequence[Row], as_of: dt.date) -> list[Row]:
    """Return the rows of `backlog_measure` in order of kind and district."""
    district = _districts(people)
    several = {row["person_id"] for row in multi_backlog(waits, people)}
    since = as_of - dt.timedelta(days=RECENT_DAYS)
    groups: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for wait in waits:
        if wait["stop_date"] is not None and wait["stop_date"] <= since:
            continue
        groups[wait["kind"], None].append(wait)
        where = district.get(wait["person_id"])
        if where is not None:
            groups[wait["kind"], where].append(wait)
    measures = [_measure(kind, where, held, several) for (kind, where), held in groups.items()]
    return sorted(measures, key=lambda row: (row["kind"], row["district_code"] or ""))


def _measure(kind: str, district: str | None, waits: list[Row], several: set[str]) -> Row:
    running = [wait for wait in waits if wait["stop_date"] is None]
    ended = [wait for wait in waits if wait["stop_date"] is not None]
    days = sorted(wait["elapsed_days"] for wait in running)
    return {
        "kind": kind,
        "backlog": WAIT_KINDS[kind].backlog,
        "district_code": district,
        "waiting": len(running),
        "median_days": _quantile(days, 0.5),
        "p92_days": _quantile(days, 0.92),
        "over_year": sum(day > YEAR_DAYS for day in days),
        "with_limit": sum(wait["due_date"] is not None for wait in running),
        "within_limit": sum(wait["clock"] == "within" for wait in running),
        "completed": len(ended),
        "completed_within": sum(wait["clock"] == "stopped_within" for wait in ended),
        "completed_with_limit": sum(wait["due_date"] is not None for wait in ended),
        "also_elsewhere": len({wait["person_id"] for wait in running} & several),
    }


def _quantile(ordered: Sequence[int], share: float) -> float | None:
    """Return a quantile by linear interpolation between order statistics; `None` of nothing."""
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def involvements(tables: Tables, as_of: dt.date, feed_services: Mapping[str, str]) -> list[Row]:
    """Return the rows of `involvement` in order of person, organisation and service."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for activity in _activities(tables):
        service = feed_services.get(activity["feed"]) or STANDARD_SERVICES.get(
            activity["standard"], activity["standard"]
        )
        groups[activity["person_id"], activity["organisation_id"], service].append(activity)
    return [_involvement(key, groups[key], as_of) for key in sorted(groups)]


def _activities(tables: Tables) -> Iterable[Row]:
    person_of = _person_of(tables)
    about = {"person_record": "record_id", "episode": "person_record_id", "wait": "person_record_id"}
    for table, column in {**about, "event": "person_record_id"}.items():
        for row in tables[table]:
            if row[column] in person_of:
                dated = table != "person_record"
                yield {
                    **row,
                    "person_id": person_of[row[column]],
                    "first": row["start_date"] if dated else None,
                    "last": row["stop_date" if table == "wait" else "end_date"] if dated else None,
                    "worker": row.get("worker"),
                    "team": row.get("team"),
                }


def _involvement(key: tuple[str, str, str], activities: list[Row], as_of: dt.date) -> Row:
    for row in activities:
        row["first"] = _known_by(row["first"], as_of)
        row["last"] = _known_by(row["last"], as_of)
    firsts = [row["first"] for row in activities if row["first"]]
    lasts = [row["last"] for row in activities if row["last"]]
    named = [row for row in activities if row["worker"] is not None or row["team"] is not None]
    latest = min(named, key=_latest_running_first) if named else {"worker": None, "team": None}
    return {
        "person_id": key[0],
        "organisation_id": key[1],
        "service": key[2],
        "since_date": min(firsts, default=None),
        "last_date": max(firsts + lasts, default=None),
        "worker": latest["worker"],
        "team": latest["team"],
        "as_of_date": max((row["as_of_date"] for row in activities if row["as_of_date"]), default=as_of),
        "sensitivity": strictest(*(row["sensitivity"] for row in activities)),
    }


def _known_by(day: dt.date | None, as_of: dt.date) -> dt.date | None:
    return day if day is not None and day <= as_of else None


def _latest_running_first(row: Row) -> tuple[bool, bool, int, str]:
    start = row["first"]
    return (row["last"] is not None, start is None, -start.toordinal() if start else 0, row["record_id"])

"""Rules that point out looks worth a question: each names its figure and its threshold, and none of them learns.

A finding accuses nobody. It is a task for the information governance lead with a day by which somebody has asked. What
is usual is the median of the same role's days, and its spread the median absolute deviation, which no single busy or
idle day can move (Rousseeuw and Croux, 1993).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from braid.language.calendars import Calendar, DayType
from braid.language.dates import LONDON
from braid.trust.audit import Entry

OWNER = "ig_lead"
REVIEW_WORKING_DAYS = 5
FIRST_HOUR, LAST_HOUR = 6, 22
"""Hours of duty in UK time: from the first on, until before the last. Longer than any office's."""
MANY_SPREADS = 6.0
"""How many spreads above the role's usual day a day must be. The spread is 1.4826 times the MAD, at least `SPREAD`."""
SPREAD = 2.0
FEWEST_USER_DAYS = 10
"""User-days a role needs before anything is called usual."""
FEWEST_MANY = 15
"""People opened one by one on a day, below which no day is called a busy one."""
SEQUENCE = 12
SEQUENCE_MINUTES = 10
"""So many different people, each opened once and never again, within so many minutes."""
REPEATS = 8
REPEAT_DAYS = 7
"""One person opened so often by one user within so many days under one and the same reference.

Chosen on made-up logs apart from those of the test: at 6 more than one worker in four is pointed out for their own
cases, at 10 three snoopers in ten are missed."""
PEOPLE_ON_REFERENCE = 12
"""So many people opened under one reference by one user; families and meetings are smaller."""
REFUSALS = 5
REFUSAL_MINUTES = 60
ONE_BY_ONE = frozenset(
    {"person", "api person", "api fhir patient", "api fhir request", "api fhir encounter", "api fhir episode"}
)
"""Pages on which somebody chose the person; a list shows whom it shows."""


@dataclass(frozen=True)
class Finding:
    """A task: look into this. `figure` reached `threshold` under `rule`; `entry_ids` say where to begin."""

    rule: str
    name: str
    username: str
    role: str
    figure: float
    threshold: float
    unit: str
    first_at: dt.datetime
    last_at: dt.datetime
    entry_ids: tuple[int, ...]
    owner: str
    due_date: dt.date


@dataclass(frozen=True)
class Group:
    """What a rule found: entries of one user, with the figure and the threshold."""

    entries: tuple[Entry, ...]
    figure: float
    threshold: float


Rule = Callable[[Sequence[Entry]], Iterable[Group]]


def find_snooping(entries: Iterable[Entry], calendar: Calendar | None = None) -> tuple[Finding, ...]:
    """Return what the rules point out, newest first. `entries` are looks and refusals of a period, in any order."""
    ordered = sorted(entries, key=lambda entry: (entry.recorded_at, entry.id))
    reckoned = calendar or Calendar()
    found = [
        _finding(code, name, unit, group, reckoned)
        for code, (name, unit, rule) in RULES.items()
        for group in rule(ordered)
    ]
    return tuple(sorted(found, key=lambda finding: (finding.last_at, finding.rule, finding.username), reverse=True))


def _finding(code: str, name: str, unit: str, group: Group, calendar: Calendar) -> Finding:
    first, last = group.entries[0], group.entries[-1]
    day = last.recorded_at.astimezone(LONDON).date()
    due = calendar.last_day(day, REVIEW_WORKING_DAYS, DayType.WORKING, beginning_with=False)
    ids = tuple(entry.id for entry in group.entries[:20])
    return Finding(
        code,
        name,
        first.username,
        first.role,
        group.figure,
        group.threshold,
        unit,
        first.recorded_at,
        last.recorded_at,
        ids,
        OWNER,
        due,
    )


def _chosen(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.kind == "look" and entry.page in ONE_BY_ONE]


def _grouped(
    entries: Iterable[Entry], key: Callable[[Entry], tuple[object, ...]]
) -> dict[tuple[object, ...], list[Entry]]:
    groups: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return groups


def _day(entry: Entry) -> dt.date:
    return entry.recorded_at.astimezone(LONDON).date()


def without_relationship(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out looks that no relationship permitted: none of them should be possible, so one is enough."""
    bare = [entry for entry in entries if entry.kind == "look" and not entry.relation]
    return [Group(tuple(group), len(group), 1) for group in _grouped(bare, lambda e: (e.username, _day(e))).values()]


def many_people(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out a day on which a user opened far more people than the days of their role's users have."""
    days = _grouped(_chosen(entries), lambda e: (e.role, e.username, _day(e)))
    counts = {key: len({entry.person_id for entry in group}) for key, group in days.items()}
    for role in sorted({str(key[0]) for key in days}):
        usual = [count for key, count in counts.items() if key[0] == role]
        if len(usual) < FEWEST_USER_DAYS:
            continue
        middle = median(usual)
        spread = max(SPREAD, 1.4826 * median(abs(count - middle) for count in usual))
        threshold = max(float(FEWEST_MANY), middle + MANY_SPREADS * spread)
        for key, group in days.items():
            if key[0] == role and counts[key] > threshold:
                yield Group(tuple(group), counts[key], round(threshold, 1))


def in_sequence(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out people opened one after another in little time, to none of whom the user came back."""
    span = dt.timedelta(minutes=SEQUENCE_MINUTES)
    for group in _grouped(_chosen(entries), lambda e: (e.username,)).values():
        times = _grouped(group, lambda e: (e.person_id,))
        once = [entry for entry in group if len(times[entry.person_id,]) == 1]
        yield from _bursts(once, span, SEQUENCE)


def _bursts(entries: Sequence[Entry], span: dt.timedelta, fewest: int) -> Iterable[Group]:
    """Find the runs in which some `fewest` entries lie within `span`; runs that overlap are one."""
    start, run_start, run_end = 0, -1, -1
    for end, entry in enumerate(entries):
        while entry.recorded_at - entries[start].recorded_at > span:
            start += 1
        if end - start + 1 < fewest:
            continue
        if run_end >= start:
            run_end = end
            continue
        if run_start >= 0:
            yield Group(tuple(entries[run_start : run_end + 1]), run_end - run_start + 1, fewest)
        run_start, run_end = start, end
    if run_start >= 0:
        yield Group(tuple(entries[run_start : run_end + 1]), run_end - run_start + 1, fewest)


def off_duty(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out people opened in the night. Emergencies are reviewed one by one anyway, and are left out here."""
    night = [
        entry
        for entry in _chosen(entries)
        if not FIRST_HOUR <= entry.recorded_at.astimezone(LONDON).hour < LAST_HOUR and entry.relation != "break_glass"
    ]
    return [Group(tuple(group), len(group), 1) for group in _grouped(night, lambda e: (e.username, _day(e))).values()]


def repeated(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out one person opened again and again by one user without another reference."""
    span = dt.timedelta(days=REPEAT_DAYS)
    for group in _grouped(_chosen(entries), lambda e: (e.username, e.person_id, e.reference)).values():
        yield from _bursts(group, span, REPEATS)


def one_reference(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out one reference under which a user opened many people."""
    for group in _grouped(_chosen(entries), lambda e: (e.username, e.reference)).values():
        people = {entry.person_id for entry in group}
        if len(people) >= PEOPLE_ON_REFERENCE:
            yield Group(tuple(group), len(people), PEOPLE_ON_REFERENCE)


def probing(entries: Sequence[Entry]) -> Iterable[Group]:
    """Point out refusals in a row: somebody tries whom they can reach."""
    refused = [entry for entry in entries if entry.kind == "refused"]
    for group in _grouped(refused, lambda e: (e.username,)).values():
        yield from _bursts(group, dt.timedelta(minutes=REFUSAL_MINUTES), REFUSALS)


RULES: dict[str, tuple[str, str, Rule]] = {
    "without_relationship": ("Looks that no relationship permitted", "looks", without_relationship),
    "many_people": ("Far more people in a day than the role's usual", "people", many_people),
    "in_sequence": ("People opened one after another, never again", "people", in_sequence),
    "off_duty": ("Looks in the night", "looks", off_duty),
    "repeated": ("One person again and again under one reference", "looks", repeated),
    "one_reference": ("Many people under one reference", "people", one_reference),
    "probing": ("Refusals in a row", "refusals", probing),
}

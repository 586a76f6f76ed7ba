"""The lists of special educational needs for an inspection: `annex_a_sen.xlsx`, two sheets as a council fills them.

Blemishes on purpose: a title above the first heading, dashes of a word processor in headings, underscores in the names
of sheets, numbers and words for a sex, words beside codes for a need, yes and Yes, days as days and as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, uk
from braid.example.records import Enrolment, PlanRequest
from braid.example.workbook_file import Cell, Sheet, write_workbook

_WHO = ["Unique ID", "UPN", "ULN", "Date of birth", "Gender", "Ethnicity"]
_PLAN = ["Date initial EHC plan issued", "Date updated EHC plan issued", "Date EHC plan last reviewed"]
_SCHOOL = [
    "Main education establishment \u2013 URN", "Main education establishment \u2013 phase",
    "Subsidiary education establishment \u2013 phase (dual registration)",
]  # fmt: skip
_LIFE = [
    "Suspensions", "Permanent exclusions", "Absence", "Pupil Premium", "Known to children\u2019s social care?",
    "Which children\u2019s social care team?", "Does the child or young person have a disability?",
]  # fmt: skip
LISTS: dict[str, list[str]] = {
    "List_1": [*_WHO, *_PLAN, "SEN primary need", *_SCHOOL, "Elective home education", *_LIFE],
    "List_2": [*_WHO, "SEN primary need", *_SCHOOL, *_LIFE],
}
_WORDS = {"ASD": "Autistic spectrum disorder", "SLCN": "Speech, language and communication needs", "HI": "HI - hearing"}
OFTEN = 0.2
"""Who misses more than this share of sessions was suspended once."""
UPDATED_DAYS, REVIEWED_DAYS = 28, 60
"""A plan is updated and looked at again so many days after it was issued: the plans of the example are young."""
Row = list[Cell]


def write_annex_a_sen(desk: Desk, folder: Path) -> None:
    """Write the two lists of the district's council: who has a plan, and who has support without one."""
    rolls = {e.person: e for e in desk.world.enrolments if e.entered <= desk.cut and not desk.known(e.left)}
    known = {c.person for c in desk.world.child_cases if c.referred <= desk.cut and not desk.known(c.closed)}
    plans = list(_plans(desk))
    planned = {one.person for one in plans}
    first = [_with_plan(desk, one, rolls.get(one.person), one.person in known) for one in plans]
    second = [
        [
            *_who(desk, e.person, e),
            _need(e.need, e.person),
            *_school(desk, e),
            *_life(e, e.person in known),
        ]
        for e in rolls.values()
        if e.support == "K" and e.person not in planned and _is_own(desk, e)
    ]
    desk.rows += len(first) + len(second)
    second += [["", *row[1:]] for row in second[: desk.spoils(len(second))]]
    sheets: list[Sheet] = [
        ("List_1", [["Inspection of the local area: List 1"], [], list(LISTS["List_1"]), *first]),
        ("List_2", [list(LISTS["List_2"]), *second]),
    ]
    write_workbook(folder / "annex_a_sen.xlsx", sheets)


def _plans(desk: Desk) -> Iterator[PlanRequest]:
    for request in desk.world.plan_requests:
        plan = desk.known(request.plan)
        if request.district == desk.district and plan and desk.shows(("plan", request.person), plan):
            yield request


def _is_own(desk: Desk, enrolment: Enrolment) -> bool:
    return desk.world.geography.schools[enrolment.school].district == desk.district


def _with_plan(desk: Desk, request: PlanRequest, roll: Enrolment | None, is_known: bool) -> Row:
    person, issued = request.person, request.plan
    days = [issued, *(_later(desk, issued, after) for after in (UPDATED_DAYS, REVIEWED_DAYS))]
    return [
        *_who(desk, person, roll),
        *(_day(day, person + number) for number, day in enumerate(days)),
        _need(request.need, person),
        *_school(desk, roll),
        "No" if roll else "Yes",
        *_life(roll, is_known),
    ]


def _later(desk: Desk, day: date | None, days: int) -> date | None:
    return desk.known(date.fromordinal(day.toordinal() + days)) if day else None


def _day(day: date | None, form: int) -> Cell:
    if day is None:
        return None
    return day if form % 2 else uk(day)


def _who(desk: Desk, person: int, roll: Enrolment | None) -> Row:
    key = desk.key(person, "S")
    who = desk.describe(person, f"{key}/annex-a-sen", desk.cut)
    words = ("Female" if who.female else "Male") if person % 2 else (2 if who.female else 1)
    return [
        key,
        desk.pupil_number(roll.upn if roll else "", key),
        None,
        _day(who.birth, person),
        words,
        desk.code(ethnicity_code("dfe", who.ethnicity), key),
    ]


def _need(need: str, person: int) -> str:
    return _WORDS.get(need, need) if person % 2 else need


def _school(desk: Desk, roll: Enrolment | None) -> Row:
    if roll is None:
        return [None, None, None]
    school = desk.world.geography.schools[roll.school]
    return [school.reference, school.kind.capitalize(), "Alternative provision" if _is_often_absent(roll) else None]


def _is_often_absent(roll: Enrolment) -> bool:
    return roll.absent > OFTEN


def _life(roll: Enrolment | None, is_known: bool) -> Row:
    often = bool(roll and _is_often_absent(roll))
    missed: Row = [int(often), 0, round(100 * roll.absent)] if roll else [None, None, None]
    premium = "yes" if roll and roll.free_meals else "no"
    return [*missed, premium, "yes" if is_known else "No", "Team North" if is_known else None, "No"]

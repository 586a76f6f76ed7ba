"""A council's schools: `roll.csv`, `attendance.csv`, `admissions.csv` and `ehc_requests.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from braid.example.calendar import school_weeks, school_year_group
from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, spoil, uk
from braid.example.records import Admission, Enrolment, PlanRequest
from braid.example.streams import vector_stream, words

ROLL = words(
    "PupilId URN UPN FormerUPN Surname Forename DOB Sex Ethnicity AddressLine1 PostCode UPRN EntryDate LeavingDate"
    " YearGroup FSM SENprovision SENtype LookedAfter"
)
ATTENDANCE = words("PupilId URN WeekCommencing Marks")
ADMISSIONS = words(
    "ApplicationRef PupilId Surname Forename DOB PostCode PreferredURN1 PreferredURN2 YearGroup Reason ApplicationDate"
    " OutcomeDate Outcome OutcomeURN StartDate"
)
EHC_REQUESTS = words(
    "PupilId UPN Surname Forename DOB PostCode RequestDate RequestSource RequestOutcome RequestOutcomeDate"
    " AssessmentOutcome AssessmentOutcomeDate PlanStartDate Exceptions SENneed"
)
ATTENDANCE_WEEKS = 39
_PRESENT = "/ \\ / \\ / \\ / \\ / \\"


def write_schools(desk: Desk, folder: Path) -> None:
    """Write the four tables of the district's schools; applications go to the council of the school."""
    world = desk.world
    pupils = {
        index: enrolment
        for index, enrolment in enumerate(world.enrolments)
        if world.geography.schools[enrolment.school].district == desk.district
        and desk.shows(("roll", enrolment.person), enrolment.entered, enrolment.left)
    }
    looked_after = {c.person for c in world.care_episodes if c.placements[-1].end is None}
    upns = {e.person: e.upn for e in world.enrolments}
    rows = [_roll_row(desk, enrolment, enrolment.person in looked_after) for enrolment in pupils.values()]
    rows = spoil(rows, desk.spoils(len(rows)), ROLL.index("EntryDate"), 0)
    desk.write_csv(folder / "roll.csv", ROLL, rows)
    desk.write_csv(folder / "attendance.csv", ATTENDANCE, _attendance(desk, pupils))
    desk.write_csv(folder / "admissions.csv", ADMISSIONS, _admissions(desk))
    desk.write_csv(folder / "ehc_requests.csv", EHC_REQUESTS, _requests(desk, upns))


def _roll_row(desk: Desk, enrolment: Enrolment, looked_after: bool) -> list[object]:
    person = enrolment.person
    key = desk.key(person, "S")
    who = desk.describe(person, key, enrolment.entered)
    school = desk.world.geography.schools[enrolment.school]
    return [
        key,
        school.reference,
        desk.pupil_number(enrolment.upn, key),
        enrolment.former_upn,
        who.family,
        who.given,
        uk(who.birth),
        "F" if who.female else "M",
        desk.code(ethnicity_code("dfe", who.ethnicity), key),
        who.line,
        who.postcode,
        f"{990000000000 + desk.world.address(person, desk.cut)}" if who.postcode else "",
        uk(enrolment.entered),
        uk(desk.known(enrolment.left)),
        "R" if enrolment.year_group == 0 else enrolment.year_group,
        "Y" if enrolment.free_meals else "N",
        enrolment.support,
        enrolment.need,
        "Y" if looked_after else "N",
    ]


def _attendance(desk: Desk, pupils: dict[int, Enrolment]) -> Iterator[list[object]]:
    """Yield a row a pupil and week. One vector of luck a week spares most pupils a generator of their own."""
    weeks = school_weeks(desk.cut, ATTENDANCE_WEEKS)
    seed, count = desk.world.seed, len(desk.world.enrolments)
    luck = {monday: vector_stream(seed, "attendance", monday.isoformat()).random(count) for monday in weeks}
    for index, enrolment in pupils.items():
        key = desk.key(enrolment.person, "S")
        urn = desk.world.geography.schools[enrolment.school].reference
        for monday in weeks:
            if enrolment.entered <= monday:
                yield [key, urn, uk(monday), find_marks(enrolment, monday, float(luck[monday][index]), seed)]


def find_marks(enrolment: Enrolment, monday: date, week_luck: float, seed: int) -> str:
    """Return ten codes. Far from school, journeys fail (Q, Y1, Y2), start late (L) or are given up (O)."""
    far = enrolment.far_since is not None and enrolment.far_since <= monday
    if not far and week_luck > enrolment.absent * 5:
        return _PRESENT
    random = Random((seed * 1_000_003 + enrolment.person) * 1_000_003 + monday.toordinal())
    marks = _PRESENT.split()
    for day in range(5):
        luck = random.random()
        if far:
            morning, afternoon = _far_day(luck, marks[2 * day : 2 * day + 2], random)
        else:
            morning, afternoon = _missed_day(luck, marks[2 * day : 2 * day + 2], random)
        marks[2 * day : 2 * day + 2] = [morning, afternoon]
    return " ".join(marks)


def _far_day(luck: float, present: list[str], random: Random) -> tuple[str, str]:
    if luck < 0.14:
        code = random.choice(("Q", "Y1", "Y1", "Y2"))
        return code, code
    if luck < 0.30:
        return "L", present[1]
    if luck < 0.40:
        return "O", "O"
    if luck < 0.43:
        return "I", "I"
    return present[0], present[1]


def _missed_day(luck: float, present: list[str], random: Random) -> tuple[str, str]:
    if luck < 0.16:
        code = random.choice(("I", "I", "I", "M", "O", "G", "C", "E"))
        return code, code
    if luck < 0.24:
        return "L", present[1]
    if luck < 0.27:
        return present[0], "M"
    return present[0], present[1]


def _admissions(desk: Desk) -> list[list[object]]:
    rows = [
        _admission_row(desk, admission)
        for admission in desk.world.admissions
        if admission.district == desk.district
        and desk.shows(("admission", admission.number), admission.applied, admission.answered, admission.withdrawn)
    ]
    return spoil(rows, desk.spoils(len(rows)), ADMISSIONS.index("ApplicationDate"), 0)


def _admission_row(desk: Desk, admission: Admission) -> list[object]:
    schools = desk.world.geography.schools
    key = desk.key(admission.person, "S")
    who = desk.describe(admission.person, f"{key}/admission", admission.applied)
    answered = desk.known(admission.answered)
    offered = answered is not None and admission.outcome_school >= 0
    born = desk.world.birth_date(admission.person)
    return [
        f"IYA{desk.district + 1}{admission.number:06d}",
        key,
        who.family,
        who.given,
        uk(who.birth),
        who.postcode,
        schools[admission.schools[0]].reference,
        schools[admission.schools[1]].reference,
        _year_label(born, desk.cut),
        admission.reason,
        uk(admission.applied),
        uk(answered),
        admission.outcome if answered else "",
        schools[admission.outcome_school].reference if offered else "",
        uk(answered + timedelta(days=10)) if offered and answered else "",
    ]


def _year_label(born: date, day: date) -> object:
    group = school_year_group(born, day)
    return "R" if group == 0 else group


def _requests(desk: Desk, upns: dict[int, str]) -> list[list[object]]:
    rows = [
        _request_row(desk, request, upns.get(request.person, ""))
        for request in desk.world.plan_requests
        if request.district == desk.district and desk.shows(("ehc", request.person), request.requested, request.stopped)
    ]
    return spoil(rows, desk.spoils(len(rows)), EHC_REQUESTS.index("RequestDate"), 0)


def _request_row(desk: Desk, request: PlanRequest, upn: str) -> list[object]:
    key = desk.key(request.person, "S")
    who = desk.describe(request.person, f"{key}/ehc", request.requested)
    decided, assessed = desk.known(request.decided), desk.known(request.assessed)
    return [
        key,
        desk.pupil_number(upn, key),
        who.family,
        who.given,
        uk(who.birth),
        who.postcode,
        uk(request.requested),
        request.source,
        request.decision if decided else "A",
        uk(decided),
        request.assessment if assessed else "A" if decided and request.decision == "Y" else "",
        uk(assessed),
        uk(desk.known(request.plan)),
        "1" if request.exception else "0",
        request.need,
    ]

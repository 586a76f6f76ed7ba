"""A court list over people of the sample: a family court of two judges, with hearings of every sort.

Everybody is made up. `PEOPLE` are the parties by case, as they stand beside a list.
"""

import datetime as dt
import json
import shutil

from sample_run import CHILD, person_id

from braid.language.documents import write
from braid.planning.contract import Limits
from braid.planning.listing.faults import faults
from braid.planning.listing.model import (
    Absence,
    Attendance,
    Case,
    Hearing,
    HearingType,
    Judge,
    ListingPlan,
    Person,
    Place,
    Prices,
    Problem,
)
from braid.planning.listing.run import solve
from braid.problems.plans.run import PEOPLE_FILE, PLAN_FILE, PROBLEM_FILE
from braid.store.lake import Run
from braid.store.place_folder import Place as PlaceFolder
from braid.store.plan_folder import plan_folder, put_plan

FIRST, LAST = dt.date(2026, 11, 16), dt.date(2027, 1, 29)
CHRISTMAS = tuple(dt.date(2026, 12, day) for day in (25, 28))
ASH, BIRCH = "Judge Ash", "Judge Birch"
TYPES = (
    HearingType("issues_resolution", list_at_quantile=0.65),
    HearingType("final", is_final=True, starts_in_morning=True, judge_change_weight=2, list_at_quantile=0.8),
)
ATTENDING = {
    "G1": "guardian",
    "G2": "guardian",
    "S1": "social_worker",
    "L1": "advocate",
    "L2": "advocate",
}
OTHERS = tuple(person_id(number) for number in (10, 15, 20, 25))
KEPT_AWAY = person_id(30)
OUT_OF_REACH = person_id(11)
"""Somebody whom the problem statement does not concern."""
CASES = {
    "ZC26-CANARY-A": (CHILD,),
    "ZC26-CANARY-B": (OTHERS[0],),
    "ZC26-CANARY-C": (OTHERS[1],),
    "ZC26-CANARY-D": (OTHERS[2], OTHERS[3]),
    "ZC26-HIDDEN-P": (KEPT_AWAY,),
    "ZC26-HIDDEN-S": (OUT_OF_REACH,),
}
"""Who each case is about: the last two a child from whom the listing officer is kept, and one out of their reach."""
PEOPLE = {case: {"children": list(people), "others": []} for case, people in CASES.items()}


def court_problem() -> Problem:
    """Return the problem: a notified hearing that is near, notified ones that could be sooner, and new ones."""
    cases = tuple(
        Case(case, "Northmere", ASH if number % 2 == 0 else BIRCH, dt.date(2026, 7, 6), "2026-12-21 am")
        for number, case in enumerate(CASES)
    )
    hearings = (
        _hearing("R1", 0, "issues_resolution", 1, "2026-11-16 am", "G1", Place(ASH, "2026-11-19 am"), hold="frozen"),
        _hearing("R2", 0, "final", 4, "2026-11-30 am", "G1 S1", after="R1"),
        _hearing("R3", 1, "issues_resolution", 1, "2026-11-18 am", "G2 L1", Place(BIRCH, "2027-01-20 am")),
        _hearing("R4", 1, "final", 6, "2026-12-02 am", "G2 L1", after="R3"),
        _hearing("R5", 2, "issues_resolution", 2, "2026-11-24 am", "G1 L2"),
        _hearing("R6", 2, "final", 4, "2026-12-07 am", "G1 L2", Place(ASH, "2027-01-25 am"), after="R5"),
        _hearing("R7", 3, "issues_resolution", 1, "2026-11-17 am", "S1"),
        _hearing("R8", 3, "final", 10, "2026-12-01 am", "S1 L2", after="R7"),
        _hearing("P1", 4, "issues_resolution", 2, "2026-11-17 am", "G2"),
        _hearing("P2", 4, "final", 4, "2026-12-01 am", "G2", after="P1"),
        _hearing("S1", 5, "final", 4, "2026-11-23 am", "L1", Place(BIRCH, "2026-12-14 am"), hold="locked"),
    )
    problem = Problem(
        "listing",
        FIRST,
        LAST,
        (Judge(ASH, (Absence("2026-12-02 am", "2026-12-04 pm"),)), Judge(BIRCH)),
        tuple(Person(name, role) for name, role in ATTENDING.items()),
        TYPES,
        cases,
        hearings,
        closed_dates=CHRISTMAS,
        prices=Prices(move=2),
    )
    assert faults(problem) == []
    return problem


def _hearing(
    name: str, case: int, kind: str, length: int, ready: str, attending: str, present: Place | None = None, **more
) -> Hearing:
    return Hearing(
        id=name,
        case=list(CASES)[case],
        type=kind,
        length_sessions=length,
        units=5,
        ready=ready,
        ready_spread_sessions=4.0 if kind == "final" else 0.0,
        attendance=tuple(Attendance(person) for person in attending.split()),
        gap_sessions=10 if "after" in more else 0,
        wait_weight=2,
        present=present,
        **more,
    )


def put_listing(run: Run, place: PlaceFolder, problem: Problem | None = None, people=None) -> ListingPlan:
    """Plan the list and keep it beside the run, as planning a place does; return the plan."""
    problem = problem or court_problem()
    plan = solve(problem, Limits(seconds=0.3))
    documents = {
        PROBLEM_FILE: write(problem),
        PLAN_FILE: write(plan),
        PEOPLE_FILE: json.dumps(PEOPLE if people is None else people),
    }
    put_plan(plan_folder(place.lake_folder, run, "listing"), documents)
    return plan


def keep_officer_away(username: str) -> None:
    """Keep a listing officer from the child of a case, as somebody who knows the family."""
    from braid.web.models import Barred, ExclusionEntry
    from braid.web.overlay.effects import renew_effects
    from braid.web.watch import known_asker

    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=KEPT_AWAY, reason="staff_knows", barred_username=username, entered_by="test-ig_lead"
        )
        renew_effects()
        Barred.objects.get_or_create(person_id=KEPT_AWAY, username=username)  # not served yet: nothing follows


def drop_listing(run: Run, place: PlaceFolder) -> None:
    """Take the list away again."""
    shutil.rmtree(plan_folder(place.lake_folder, run, "listing"), ignore_errors=True)

"""The reference instances of court listing as problem files: `python benchmarks/planning/court_instances.py --seed 1`.

The generator is shared material beside the project (`BRAID_SHARED`, folder design/bench-planning), read but not copied.
Weeks of the generator become weeks from a Monday without bank holidays, so that its sessions keep their positions.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src")]

from braid.language.documents import write  # noqa: E402
from braid.planning.listing.model import (  # noqa: E402
    Absence,
    Attendance,
    Case,
    Hearing,
    HearingType,
    Judge,
    Person,
    Place,
    Prices,
    Problem,
    Sittings,
)

FIRST_DATE = date(2027, 1, 4)
TYPES = (
    HearingType("CMH"),
    HearingType("FCMH"),
    HearingType("IRH"),
    HearingType("FH", is_final=True, starts_in_morning=True, judge_change_weight=2),
)


def generator() -> ModuleType:
    """Return the generator's module. Raises FileNotFoundError where the shared material is not beside the project."""
    folder = Path(os.environ.get("BRAID_SHARED", ROOT.parent / "shared")) / "design" / "bench-planning"
    if not (folder / "a_gen.py").exists():
        raise FileNotFoundError("the reference generator is not beside the project; set BRAID_SHARED to its folder")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module("a_gen")


def problem_of(instance: dict[str, Any]) -> Problem:
    """Return an instance of the generator as a problem; cases in the order in which they were issued."""
    sittings = sittings_of_weeks(instance["weeks"])
    cases = sorted(instance["cases"], key=lambda case: -case["elapsed"])
    return Problem(
        kind="listing",
        first_date=FIRST_DATE,
        last_date=sittings.days[-1],
        judges=tuple(Judge(f"judge-{j}", _away(sittings, row)) for j, row in enumerate(instance["jcal"])),
        people=tuple(
            Person(f"person-{p}", kind, _away(sittings, row))
            for p, (kind, row) in enumerate(zip(instance["P"], instance["cal"], strict=True))
        ),
        types=TYPES,
        cases=tuple(_case(sittings, case) for case in cases),
        hearings=tuple(_hearing(sittings, instance["H"][h]) for case in cases for h in case["hearings"]),
        prices=Prices(),
    )


def sittings_of_weeks(weeks: int) -> Sittings:
    """Return the sessions of so many full weeks."""
    return Sittings(tuple(FIRST_DATE + timedelta(days=7 * week + day) for week in range(weeks) for day in range(5)))


def _away(sittings: Sittings, row: Any) -> tuple[Absence, ...]:
    away, first = [], None
    for session, is_free in enumerate([*row, True]):
        if not is_free and first is None:
            first = session
        elif is_free and first is not None:
            away.append(Absence(sittings.name(first), sittings.name(session - 1)))
            first = None
    return tuple(away)


def _case(sittings: Sittings, case: dict[str, Any]) -> Case:
    return Case(
        id=f"case-{case['id']}",
        authority=f"authority-{case['la']}",
        judge=f"judge-{case['judge']}",
        issued_date=FIRST_DATE - timedelta(days=round(7 * case["elapsed"])),
        late_from=sittings.name(case["due"]),
        is_urgent=case["urgent"],
    )


def _hearing(sittings: Sittings, hearing: dict[str, Any]) -> Hearing:
    attending = [(p, part) for part in ("whole", "first", "last") for p in hearing[part]]
    part = {"whole": "whole", "first": "first_day", "last": "last_day"}
    return Hearing(
        id=f"hearing-{hearing['id']}",
        case=f"case-{hearing['case']}",
        type=hearing["type"],
        length_sessions=hearing["len"],
        units=hearing["units"] if hearing["len"] == 1 else 5,
        ready=sittings.name(hearing["ready"]),
        ready_spread_sessions=float(hearing["sd"]),
        attendance=tuple(Attendance(f"person-{p}", part[when]) for p, when in attending),  # type: ignore[arg-type]
        after=None if hearing["prev"] is None else f"hearing-{hearing['prev']}",
        gap_sessions=hearing["gap"],
        wait_weight=hearing["w"],
    )


def places_of(instance: dict[str, Any], solution: dict[int, Any]) -> dict[str, Place]:
    """Return a solution of the generator's form as places by hearing."""
    sittings = sittings_of_weeks(instance["weeks"])
    return {
        f"hearing-{h}": Place(f"judge-{at[0]}", sittings.name(at[1])) for h, at in solution.items() if at is not None
    }


def solution_of(instance: dict[str, Any], places: dict[str, Place]) -> dict[int, Any]:
    """Return places by hearing as a solution of the generator's form."""
    sittings = sittings_of_weeks(instance["weeks"])
    solution: dict[int, Any] = {hearing["id"]: None for hearing in instance["H"]}
    for hearing, place in places.items():
        start = sittings.find(place.start)
        solution[int(hearing.split("-")[1])] = (int(place.judge.split("-")[1]), start)
    return solution


def main() -> None:
    """Print one instance as a problem file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--judges", type=int, default=10)
    wanted = parser.parse_args()
    instance = generator().generate(wanted.seed, n_cases=wanted.cases, n_judges=wanted.judges)
    print(write(problem_of(instance)), end="")


if __name__ == "__main__":
    main()

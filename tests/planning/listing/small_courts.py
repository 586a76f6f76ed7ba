"""Small courts drawn at random, with every feature that a listing problem has."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from braid.planning.listing.model import (
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
    Room,
    Sittings,
)

MONDAY = date(2027, 1, 4)
TYPES = (
    HearingType("IRH", list_at_quantile=0.65),
    HearingType("FH", is_final=True, starts_in_morning=True, judge_change_weight=2),
)


def small_court(seed: int, days: int = 3, hearings: int = 4) -> Problem:
    """Return a court of a few sessions, judges and cases; rooms, holds and excluded judges in some of them."""
    random = Random(seed)
    sittings = Sittings(tuple(MONDAY + timedelta(days=day) for day in range(days)))
    judges = tuple(Judge(f"J{j}", _absences(random, sittings, 0.1)) for j in range(random.choice((1, 2, 2))))
    rooms = tuple(
        Room(f"R{r}", ("screens",) if r == 0 else (), _absences(random, sittings, 0.1))
        for r in range(random.choice((0, 0, 1, 2)))
    )
    people = tuple(Person(f"P{p}", "advocate", _absences(random, sittings, 0.15)) for p in range(4))
    cases, listed = [], []
    while len(listed) < hearings:
        case = f"C{len(cases)}"
        excluded = (judges[-1].id,) if random.random() < 0.15 else ()
        late_from = sittings.name(random.randrange(sittings.count))
        authority = random.choice(("Ashby", "Barton"))
        judge = random.choice(judges).id
        cases.append(
            Case(case, authority, judge, MONDAY - timedelta(days=random.randrange(99)), late_from, False, 2, excluded)
        )
        chain = min(random.choice((1, 1, 2)), hearings - len(listed))
        for link in range(chain):
            before = listed[-1].id if link else None
            listed.append(_hearing(random, sittings, f"H{len(listed)}", case, before, people, bool(rooms)))
    prices = Prices(spread=random.choice((0, 0, 30)), move=random.choice((0, 15)))
    problem = Problem(
        "listing", MONDAY, sittings.days[-1], judges, people, TYPES, tuple(cases), tuple(listed), rooms, prices=prices
    )
    return _with_present(random, sittings, problem)


def _absences(random: Random, sittings: Sittings, share: float) -> tuple[Absence, ...]:
    away = [session for session in range(sittings.count) if random.random() < share]
    return tuple(Absence(sittings.name(session), sittings.name(session)) for session in away)


def _hearing(
    random: Random,
    sittings: Sittings,
    name: str,
    case: str,
    before: str | None,
    people: tuple[Person, ...],
    has_rooms: bool,
) -> Hearing:
    is_final = random.random() < 0.4
    attending = random.sample([person.id for person in people], random.choice((1, 2, 3)))
    parts = ("whole", "first_day", "last_day")
    return Hearing(
        id=name,
        case=case,
        type="FH" if is_final else "IRH",
        length_sessions=random.choice((2, 4)) if is_final else random.choice((1, 1, 2)),
        units=5 if is_final else random.choice((2, 3, 4)),
        ready=sittings.name(random.randrange(-2, 3)),
        ready_spread_sessions=random.choice((0.0, 1.5)),
        attendance=tuple(Attendance(person, random.choice(parts)) for person in attending),  # type: ignore[arg-type]
        after=before,
        gap_sessions=random.choice((0, 1)) if before else 0,
        wait_weight=random.choice((1, 2, 4)),
        features=("screens",) if has_rooms and random.random() < 0.2 else (),
    )


def _with_present(random: Random, sittings: Sittings, problem: Problem) -> Problem:
    """Return a problem in which one hearing was notified, and perhaps held, where nothing forbids it."""
    from dataclasses import replace

    from braid.planning.listing.faults import faults

    if random.random() < 0.5:
        return problem
    row = random.randrange(len(problem.hearings))
    room = random.choice(problem.rooms).id if problem.rooms else None
    present = Place(random.choice(problem.judges).id, sittings.name(random.randrange(sittings.count)), room)
    hold = random.choice(("free", "frozen", "locked"))
    hearings = list(problem.hearings)
    hearings[row] = replace(hearings[row], present=present, hold=hold)
    held = replace(problem, hearings=tuple(hearings))
    return problem if faults(held) else held

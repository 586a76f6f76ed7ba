"""`braid what-if [DIR]`: what a planned change would do to the waits of a cohort, as counts by kind of wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.refusals import RefusedByTrust, role_that_sees_people
from braid.cli.waits import current_run, who_asks
from braid.language.codes import WAIT_KINDS
from braid.pipeline import open_run
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.trust.unblocking import publish_counts
from braid.waits.changes import Change, shipped_changes
from braid.waits.model import stated_extensions
from braid.waits.stay_totals import stated_pauses
from braid.waits.what_if import ChangeInvalid, Hold, Planned, Running, Upshot
from braid.waits.what_if_cohort import (
    PUBLISHED_LOOK_WEEKS,
    PUBLISHED_UNTIL_WEEKS,
    PUBLISHED_WEEKS,
    Waits,
    count_upshots,
)
from braid.web.serve import asking_app

NOT_FORETOLD = "Nothing is foretold: each clock is reckoned by its law on that day, with the change and without it."
EXACT = "Exact figures over the people whom you may see: for casework, not for publication. For those: leave --by out."
AS_PUBLISHED = (
    f"Changes in weeks {', '.join(map(str, PUBLISHED_WEEKS))}, looked at in week {PUBLISHED_LOOK_WEEKS}; a second day"
    f" is {PUBLISHED_UNTIL_WEEKS} weeks later. What is empty is 1 to 7; waits that stay as they are are not told."
)

DEFAULTS = (6, -1, PUBLISHED_UNTIL_WEEKS, PUBLISHED_LOOK_WEEKS)
"""Of week, against, until and look: as published."""

Row = dict[str, Any]


def what_if(
    folder: PlaceFolder = Path(),
    problem: Annotated[str, typer.Option("--problem", help="Id of a problem statement.", show_default="")] = "",
    change: Annotated[str, typer.Option("--change", help="Code of a planned change.", show_default="")] = "",
    week: Annotated[int, typer.Option("--week", min=0, max=104, help="Weeks from the day of the run.")] = 6,
    against: Annotated[int, typer.Option("--against", max=104, help="The same in another week, beside it.")] = -1,
    until: Annotated[
        int, typer.Option("--until", min=1, max=104, help="Weeks from the change to its second day, where it has one.")
    ] = PUBLISHED_UNTIL_WEEKS,
    look: Annotated[
        int, typer.Option("--look", min=0, max=104, help="Weeks from the day of the run to the day looked at.")
    ] = PUBLISHED_LOOK_WEEKS,
    by: Annotated[
        str, typer.Option("--by", help="Count exactly what this human may see, by user name: other weeks, no rounding.")
    ] = "",
    reference: Annotated[
        str, typer.Option("--reference", help="With --by, why: the reference of a case, an incident or a meeting.")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Count which waits of a problem statement's cohort a change would end, begin, restart, pause, breach or free.

    Nobody is named. What may leave is told: fixed weeks, after disclosure control. Exact counts, and other weeks, are
    for whoever sees the people, over those they see; the look is recorded.

    Example: braid what-if place --problem school_from_ta --change placement_ends --by asmith --reference MTG-2026-041
    """
    place = load_place(folder)
    run = current_run(place)
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    statement = _statement(place, run, problem)
    publishable = not by
    if publishable and (week, against, until, look) != DEFAULTS:
        raise typer.BadParameter("other weeks are for those who say --by USER --reference REF", param_hint="--week")
    chosen = _chosen_changes(change, publishable=publishable)
    weeks = list(PUBLISHED_WEEKS) if publishable else [week, *([against] if against >= 0 else [])]
    looked_at = as_of + dt.timedelta(weeks=look)
    try:
        options = [(each, one, [_planned(each, one, until, as_of)]) for each, one in product(chosen, weeks)]
        if publishable:
            people = waits_of_cohort(run, problem)
            counts: Sequence[Mapping[tuple[str, Upshot], int]] = [
                count_upshots(people, plan, place.calendar, as_of, looked_at) for *_, plan in options
            ]
        else:
            counts = _seen_counts(folder, by, reference, statement, [plan for *_, plan in options], as_of, looked_at)
    except ChangeInvalid as error:
        raise typer.BadParameter(str(error), param_hint="--week") from None
    rows = [
        row
        for (each, one, _), found in zip(options, counts, strict=True)
        for row in _rows({"change": each.code, "week": one}, found, publishable=publishable)
    ]
    _tell(rows, {"run": run.id, "as_of": as_of, "problem": problem, "looked_at": looked_at}, publishable, as_json)
    return 0


def _seen_counts(
    folder: Path,
    by: str,
    reference: str,
    statement: Row,
    plans: list[list[Planned]],
    as_of: dt.date,
    looked_at: dt.date,
) -> list[Mapping[tuple[str, Upshot], int]]:
    """Return what each plan comes to over the people whom a named human sees; raise `RefusedByTrust` for nobody."""
    with asking_app(folder) as place:
        user_name, role = who_asks(place, by, "")
        access, plan_of = import_module("braid.web.access"), import_module("braid.web.access.what_if").Plan
        viewer = import_module("braid.web.access.projections").Viewer(
            user_name, role_that_sees_people(role).code, statement["purpose_code"], reference, "what if of a cohort"
        )
        plan = plan_of({str(number): each for number, each in enumerate(plans)}, as_of, looked_at, place.calendar)
        try:
            found: list[Mapping[tuple[str, Upshot], int]] = access.count_cohort_what_if(
                viewer, statement["id"], statement["purpose_code"], plan
            )
        except access.NotPermitted:
            help_text = import_module("braid.web.reasons").REFERENCE_HELP
            words = f"their role or agreement does not open {statement['purpose_code']!r}, or --reference is none"
            raise RefusedByTrust(f"{words}: {help_text}") from None
        return found


def _chosen_changes(code: str, *, publishable: bool) -> list[Change]:
    changes = shipped_changes()
    if publishable and not code:
        return list(changes.values())
    if code not in changes:
        raise typer.BadParameter(f"changes are {', '.join(sorted(changes))}", param_hint="--change")
    return [changes[code]]


def _planned(change: Change, week: int, until: int, as_of: dt.date) -> Planned:
    on = as_of + dt.timedelta(weeks=week)
    return Planned(change, on, on + dt.timedelta(weeks=until) if change.until else None)


def _statement(place: Place, run: Run, problem: str) -> Row:
    """Return the statement as the run had it; raise where there is no such."""
    known = {each["id"]: each for each in run.manifest["stages"]["problems"].get("statements", [])}
    if not known:
        raise PlaceInvalid(f"run {run.id} was made before it kept this; type: braid run {place.folder.name} --again")
    if problem not in known:
        raise typer.BadParameter(f"the run has {', '.join(known)}", param_hint="--problem")
    found: Row = known[problem]
    return found


def waits_of_cohort(run: Run, problem: str) -> list[Waits]:
    """Return the running waits of each person of a cohort and what holds them."""
    with closing(open_run(run, names=("person_wait", "blocker", "cohort", "person"))) as engine:
        return _waits_of(engine, problem)


def _waits_of(engine: Engine, problem: str) -> list[Waits]:
    waits: dict[str, list[Running]] = {}
    holds: dict[str, list[Hold]] = {}
    for row in engine.rows(_WAITS, [problem]):
        wait = Running(
            row["wait_id"],
            row["kind"],
            row["start_date"],
            stated_extensions(row["extended_to_date"]),
            stated_pauses(row["pauses"]),
            row["exception"],
            counted_from=row["counted_from_date"],
        )
        waits.setdefault(row["person_id"], []).append(wait)
    for row in engine.rows(_HOLDS, [problem]):
        holds.setdefault(row["person_id"], []).append(Hold(row["held_wait_id"], row["holder"]))
    born = {row["person_id"]: row["birth_date"] for row in engine.rows(_BORN, [problem])}
    return [Waits(each, holds.get(person, []), born.get(person)) for person, each in waits.items()]


_WAITS = """
select w.person_id, w.wait_id, w.kind, w.start_date, w.extended_to_date, w.exception, w.counted_from_date,
  w.pauses
from person_wait w join cohort c on c.person_id = w.person_id
where c.problem = ? and w.stop_date is null order by w.person_id, w.wait_id"""

_BORN = """
select p.person_id, p.birth_date from person p join cohort c on c.person_id = p.person_id where c.problem = ?"""

_HOLDS = """
select b.person_id, b.held_wait_id, coalesce(b.holder_wait_id, b.holder_kind) as holder
from blocker b join cohort c on c.person_id = b.person_id where c.problem = ?"""


def _rows(option: Row, counts: Mapping[tuple[str, Upshot], int], *, publishable: bool) -> list[Row]:
    """Return what an option comes to; what is published leaves out what stays, so that no two are a total."""
    told = {key: count for key, count in counts.items() if not publishable or key[1] is not Upshot.UNCHANGED}
    shown = publish_counts({f"{kind} {upshot}": count for (kind, upshot), count in told.items()})
    return [
        {
            **option,
            "kind": kind,
            "upshot": str(upshot),
            "waits": shown[f"{kind} {upshot}"] if publishable else told[kind, upshot],
        }
        for kind, upshot in sorted(told)
    ]


def _tell(rows: list[Row], head: Row, publishable: bool, as_json: bool) -> None:
    words = AS_PUBLISHED if publishable else EXACT
    if as_json:
        print_json({**head, "rests_on": NOT_FORETOLD, "publication": words, "rows": rows})
        return
    for change in dict.fromkeys(row["change"] for row in rows):
        _show(shipped_changes()[change], [row for row in rows if row["change"] == change], head["looked_at"])
    errors.print(NOT_FORETOLD)
    errors.print(words)


def _show(change: Change, rows: list[Row], looked_at: dt.date) -> None:
    """Print what one change comes to, its weeks side by side."""
    weeks = list(dict.fromkeys(row["week"] for row in rows))
    found = {(row["kind"], row["upshot"], row["week"]): row["waits"] for row in rows}
    table = [
        [WAIT_KINDS[kind].name, upshot, *(found.get((kind, upshot, week), 0) for week in weeks)]
        for kind, upshot in sorted({(row["kind"], row["upshot"]) for row in rows})
    ]
    columns = ["kind of wait", "comes to", *(f"in week {week}" for week in weeks)]
    print_table(f"{change.name}, looked at on {looked_at}", columns, table)

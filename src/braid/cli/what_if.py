"""`braid what-if [DIR]`: what a planned change would do to the waits of a cohort, as counts by kind of wait."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.waits import current_run
from braid.language.codes import WAIT_KINDS
from braid.pipeline import open_run
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.trust.unblocking import publish_counts
from braid.waits.changes import Change, shipped_changes
from braid.waits.model import stated_extensions
from braid.waits.what_if import ChangeInvalid, Hold, Planned, Running, Upshot
from braid.waits.what_if_cohort import (
    PUBLISHED_LOOK_WEEKS,
    PUBLISHED_UNTIL_WEEKS,
    PUBLISHED_WEEKS,
    Waits,
    count_upshots,
)

NOT_FORETOLD = "Nothing is foretold: each clock is reckoned by its law on that day, with the change and without it."
EXACT = "Exact figures, for those who work with the lake and not for publication. For those: --publishable."
AS_PUBLISHED = (
    f"Changes in weeks {', '.join(map(str, PUBLISHED_WEEKS))}, looked at in week {PUBLISHED_LOOK_WEEKS}; a second day"
    f" is {PUBLISHED_UNTIL_WEEKS} weeks later. What is empty is 1 to 7; waits that stay as they are are not told."
)

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
    publishable: Annotated[
        bool, typer.Option("--publishable", help="Only what may leave: fixed weeks, after disclosure control.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Count which waits of a problem statement's cohort a change would end, begin, restart, pause, breach or free.

    Nobody is named. Figures are exact, unless only those that may be published are asked for.

    Example: braid what-if place --problem school_from_ta --change placement_ends --week 6 --against 9
    """
    place = load_place(folder)
    run = current_run(place)
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    chosen = _chosen_changes(change, publishable=publishable)
    if publishable:
        weeks, until, look = list(PUBLISHED_WEEKS), PUBLISHED_UNTIL_WEEKS, PUBLISHED_LOOK_WEEKS
    else:
        weeks = [week, *([against] if against >= 0 else [])]
    people, looked_at = waits_of_cohort(place, run, problem), as_of + dt.timedelta(weeks=look)
    rows = []
    for each, one in product(chosen, weeks):
        try:
            planned = _planned(each, one, until, as_of)
            counts = count_upshots(people, [planned], place.calendar, as_of, looked_at)
        except ChangeInvalid as error:
            raise typer.BadParameter(str(error), param_hint="--week") from None
        rows += _rows({"change": each.code, "week": one}, counts, publishable=publishable)
    _tell(rows, {"run": run.id, "as_of": as_of, "problem": problem, "looked_at": looked_at}, publishable, as_json)
    return 0


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


def waits_of_cohort(place: Place, run: Run, problem: str) -> list[Waits]:
    """Return the running waits of each person of a cohort and what holds them; raise where there is no such cohort."""
    known = [each["id"] for each in run.manifest["stages"]["problems"].get("statements", [])]
    if not known:
        raise PlaceInvalid(f"run {run.id} was made before it kept this; type: braid run {place.folder.name} --again")
    if problem not in known:
        raise typer.BadParameter(f"the run has {', '.join(known)}", param_hint="--problem")
    with closing(open_run(run, names=("person_wait", "blocker", "cohort"))) as engine:
        return _waits_of(engine, problem)


def _waits_of(engine: Engine, problem: str) -> list[Waits]:
    waits: dict[str, list[Running]] = {}
    holds: dict[str, list[Hold]] = {}
    for row in engine.rows(_WAITS, [problem]):
        extensions = stated_extensions(row["extended_to_date"])
        wait = Running(row["wait_id"], row["kind"], row["start_date"], extensions, exception=row["exception"])
        waits.setdefault(row["person_id"], []).append(wait)
    for row in engine.rows(_HOLDS, [problem]):
        holds.setdefault(row["person_id"], []).append(Hold(row["held_wait_id"], row["holder"]))
    return [(each, holds.get(person, [])) for person, each in waits.items()]


_WAITS = """
select w.person_id, w.wait_id, w.kind, w.start_date, w.extended_to_date, w.exception
from person_wait w join cohort c on c.person_id = w.person_id
where c.problem = ? and w.stop_date is null order by w.person_id, w.wait_id"""

_HOLDS = """
select b.person_id, b.held_wait_id, coalesce(b.holder_wait_id, b.holder_kind) as holder
from blocker b join cohort c on c.person_id = b.person_id where c.problem = ?"""


def _rows(option: Row, counts: Counter[tuple[str, Upshot]], *, publishable: bool) -> list[Row]:
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

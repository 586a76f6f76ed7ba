"""`braid backlog [DIR]`: how big each queue is, what comes and goes, how long people wait, and what it would take."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.backlog_tables import WHOLE_PLACE, show_published, show_services
from braid.cli.output import errors, print_json
from braid.cli.waits import current_run
from braid.language.codes import WAIT_KINDS
from braid.pipeline import open_run
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.trust.cubes import HOW_LONG_BY_KIND, WAITS_BY_KIND_AND_DISTRICT, Cell, publish
from braid.trust.durations import publish_durations
from braid.waits.outlook import LEAST_WEEKS, Outlook, find_outlook

RESTS_ON = (
    "A wait counts once for each person who waits. Additions and removals are reckoned from the starts and ends that"
    " extracts show. Of the time before the first end shown only waits that ended later are known: such weeks are left"
    f" out of what it would take, and of overlaps. What it would take needs {LEAST_WEEKS} known weeks, takes removals"
    " for capacity and the median limit for target, and aims at a mean wait of a quarter of that (Fong et al., 2022)."
)
EXACT = "Exact figures, for those who work with the lake and not for publication. For those: --publishable."

Row = dict[str, Any]


def backlog(
    folder: PlaceFolder = Path(),
    kind: Annotated[str, typer.Option("--kind", help="One kind of wait, with its providers, weeks and overlaps.")] = "",
    publishable: Annotated[
        bool, typer.Option("--publishable", help="Only figures that may leave the place, after disclosure control.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Measure each queue of the visible run: size, what comes and goes, how long people wait, what it would take.

    Nobody is named: a figure counts waits of a kind, at one provider or in the whole place. Figures are exact, unless
    only those that may be published are asked for.

    Example: braid backlog place --kind rtt
    """
    place = load_place(folder)
    if kind and kind not in WAIT_KINDS:
        raise typer.BadParameter(f"kinds of wait are {', '.join(sorted(WAIT_KINDS))}", param_hint="--kind")
    run = _measured_run(place)
    if publishable:
        return _publishable(place, run, kind, as_json=as_json)
    services = [service for service in _services(place, run) if kind in ("", service["kind"])]
    if as_json:
        head = {"run": run.id, "as_of": run.manifest["as_of"], "rests_on": RESTS_ON, "publication": EXACT}
        print_json({**head, "count": len(services), "services": [_document(service) for service in services]})
    else:
        show_services(services, closely=bool(kind))
        errors.print(RESTS_ON)
        errors.print(EXACT)
    return 0


def _measured_run(place: Place) -> Run:
    """Return the visible run; raise `PlaceInvalid` where it was made before services were measured."""
    run = current_run(place)
    if not run.table("service_measure").is_file():
        raise PlaceInvalid(
            f"run {run.id} was made before services were measured; type: braid run {place.folder.name} --again"
        )
    return run


def _services(place: Place, run: Run) -> list[Row]:
    """Return each service with its weeks, the other services its people wait for, and its outlook."""
    with closing(open_run(run, names=("service_measure", "service_week", "service_overlap"))) as engine:
        measures = engine.rows("select * from service_measure order by kind, coalesce(organisation_id, '')")
        weeks = _by_service(engine.rows("select * from service_week order by week_end_date"))
        overlaps = _by_service(
            engine.rows("select * from service_overlap order by both_weeks desc, other_kind, other_organisation_id")
        )
    names = {each.id: each.name for each in place.organisations}
    return [
        {
            **measure,
            "kind_name": WAIT_KINDS[measure["kind"]].name,
            "provider": _provider(names, measure["organisation_id"]),
            "weeks": weeks[_service(measure)],
            "also_waiting": [
                {**row, "other_provider": _provider(names, row["other_organisation_id"])}
                for row in overlaps.get(_service(measure), [])
            ],
            "outlook": find_outlook(measure, weeks[_service(measure)]),
        }
        for measure in measures
    ]


def _by_service(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault(_service(row), []).append(row)
    return found


def _service(row: Row) -> tuple[str, str]:
    return row["kind"], row["organisation_id"] or ""


def _provider(names: dict[str, str], organisation: str | None) -> str:
    return names.get(organisation, organisation) if organisation else WHOLE_PLACE


def _document(service: Row) -> Row:
    """Return a service for `--json`: what its key says already is not said again in its weeks and overlaps."""
    outlook: Outlook | None = service["outlook"]
    parts = {
        name: [
            {column: value for column, value in row.items() if column not in ("kind", "organisation_id")}
            for row in service[name]
        ]
        for name in ("weeks", "also_waiting")
    }
    return {**service, **parts, "outlook": outlook and outlook.as_document()}


def _publishable(place: Place, run: Run, kind: str, *, as_json: bool) -> int:
    """Show the published cubes of the run: what the place page shows, and how long people wait."""
    with closing(open_run(run, names=("backlog_measure", "service_measure"))) as engine:
        counted = engine.rows("select * from backlog_measure order by kind")
        measured = engine.rows("select * from service_measure where organisation_id is null")
    counts = publish(WAITS_BY_KIND_AND_DISTRICT, counted, [district.code for district in place.districts])
    durations = publish_durations(measured, counts)
    shown = {
        cube: [cell for cell in cells if kind in ("", cell.kind)]
        for cube, cells in ((WAITS_BY_KIND_AND_DISTRICT, counts), (HOW_LONG_BY_KIND, durations))
    }
    if as_json:
        cubes = {cube.id: [_cell(cell) for cell in cells] for cube, cells in shown.items()}
        print_json({"run": run.id, "as_of": run.manifest["as_of"], **cubes})
    else:
        show_published(shown, {district.code: district.name for district in place.districts})
    return 0


def _cell(cell: Cell) -> Row:
    return {"kind": cell.kind, "district_code": cell.district or None, **cell.values}

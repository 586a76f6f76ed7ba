"""`braid backlog [DIR]`: how big each queue is, what comes and goes, how long people wait, and what it would take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.waits import current_run
from braid.language.codes import WAIT_KINDS
from braid.pipeline import open_run
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.waits import theory
from braid.waits.outlook import LEAST_WEEKS, Outlook, find_outlook

TABLES = ("service_measure", "service_week", "service_overlap")
WHOLE_PLACE = "whole place"
QUARTER = 13
RESTS_ON = (
    "A wait counts once for each person who waits. Additions and removals are reckoned from the starts and ends that"
    " extracts show. Of the time before the first end shown only waits that ended later are known, so it is left out of"
    f" what it would take and of overlaps. What it would take needs {LEAST_WEEKS} weeks, takes removals for capacity and the median limit for target, and aims at a mean"
    " wait of a quarter of it (Fong and others, 2022)."
)
NOT_PUBLISHED = (
    "Exact figures, for those who work with the lake and not for publication. Published are those of the place page."
)

Row = dict[str, Any]


def backlog(
    folder: PlaceFolder = Path(),
    kind: Annotated[str, typer.Option("--kind", help="One kind of wait, with its providers, weeks and overlaps.")] = "",
    as_json: AsJson = False,
) -> int:
    """Measure each queue of the visible run: size, what comes and goes, how long people wait, what it would take.

    Nobody is named: a figure counts waits of a kind, at one provider or in the whole place. Figures are exact.

    Example: braid backlog place --kind rtt
    """
    place = load_place(folder)
    if kind and kind not in WAIT_KINDS:
        raise typer.BadParameter(f"kinds of wait are {', '.join(sorted(WAIT_KINDS))}", param_hint="--kind")
    run = current_run(place)
    services = [service for service in _services(place, run) if kind in ("", service["kind"])]
    if as_json:
        head = {"run": run.id, "as_of": run.manifest["as_of"], "rests_on": RESTS_ON, "publication": NOT_PUBLISHED}
        print_json({**head, "count": len(services), "services": [_document(service) for service in services]})
        return 0
    _show(services if kind else [service for service in services if service["organisation_id"] is None])
    if kind:
        _show_weeks(services)
        _show_overlaps(services)
    errors.print(RESTS_ON)
    errors.print(NOT_PUBLISHED)
    return 0


def _services(place: Place, run: Run) -> list[Row]:
    """Return each service with its weeks, the other services its people wait for, and its outlook."""
    if not all(run.table(name).is_file() for name in TABLES):
        raise PlaceInvalid(
            f"run {run.id} was made before services were measured; type: braid run {place.folder.name} --again"
        )
    engine = open_run(run, names=("service_measure", "service_week", "service_overlap"))
    try:
        measures = engine.rows("select * from service_measure order by kind, coalesce(organisation_id, '')")
        weeks = engine.rows("select * from service_week order by week_end_date")
        overlaps = engine.rows(
            "select * from service_overlap order by both_weeks desc, other_kind, coalesce(other_organisation_id, '')"
        )
    finally:
        engine.close()
    names = {each.id: each.name for each in place.organisations}
    found = []
    for measure in measures:
        own = [row for row in weeks if _service(row) == _service(measure)]
        also = [row for row in overlaps if _service(row) == _service(measure)]
        provider = measure["organisation_id"]
        found.append(
            {
                **measure,
                "kind_name": WAIT_KINDS[measure["kind"]].name,
                "provider": names.get(provider, provider) or WHOLE_PLACE,
                "weeks": own,
                "also_waiting": [{**row, "other_provider": _provider(names, row)} for row in also],
                "outlook": find_outlook(measure, own),
            }
        )
    return found


def _provider(names: dict[str, str], row: Row) -> str:
    other = row["other_organisation_id"]
    return names.get(other, other) or WHOLE_PLACE


def _service(row: Row) -> tuple[str, str]:
    return row["kind"], row["organisation_id"] or ""


def _document(service: Row) -> Row:
    """Return a service for `--json`: what its key says already is not said again in its weeks and overlaps."""
    key = ("kind", "organisation_id")
    outlook: Outlook | None = service["outlook"]
    return {
        **service,
        **{
            name: [{column: value for column, value in row.items() if column not in key} for row in service[name]]
            for name in ("weeks", "also_waiting")
        },
        "outlook": outlook and outlook.as_document(),
    }


def _show(services: list[Row]) -> None:
    print_table(
        "How many wait, and how long",
        [
            *("kind of wait", "provider", "waiting", f"{QUARTER} weeks before", "in a week", "out a week"),
            *("median, days so far", "92%", "median, days when ended", "92%", "within limit", "ended within"),
        ],
        [_size_and_time(service) for service in services],
    )
    long = [service for service in services if service["over_18_weeks"] is not None]
    if long:
        print_table(
            "Referral to treatment: waiting over",
            ["provider", "18 weeks", "52 weeks", "65 weeks"],
            [[row["provider"], *(row[f"over_{weeks}_weeks"] for weeks in (18, 52, 65))] for row in long],
        )
    print_table(
        "What it would take",
        [
            *("kind of wait", "provider", "weeks to clear, nobody coming", "weeks to clear", "load", "pressure"),
            *("target size", "weeks to it", "capacity to stay there", f"capacity to reach it in {theory.RELIEF_WEEKS}"),
            "rests on, weeks",
        ],
        [_outlook(service) for service in services],
    )


def _size_and_time(service: Row) -> list[Any]:
    before, *recent = service["weeks"][-QUARTER - 1 :]
    known = recent[0]["known"]
    return [
        service["kind_name"],
        service["provider"],
        service["waiting"],
        before["waiting"] if before["known"] else None,
        *(
            round(sum(week[name] for week in recent) / QUARTER, 1) if known else None
            for name in ("additions", "removals")
        ),
        *(_whole(service[name]) for name in ("open_median_days", "open_p92_days")),
        *(_whole(service[name]) for name in ("completed_median_days", "completed_p92_days")),
        _share(service["within_limit"], service["with_limit"]),
        _share(service["completed_within"], service["completed_with_limit"]),
    ]


def _outlook(service: Row) -> list[Any]:
    outlook: Outlook | None = service["outlook"]
    head = [service["kind_name"], service["provider"], _tenth(service["clearance_weeks"])]
    if outlook is None:
        return [*head, *[None] * 7, "too few"]
    return [
        *head,
        "grows" if outlook.time_to_clear is None else _tenth(outlook.time_to_clear),
        round(outlook.queue_load, 2),
        _tenth(outlook.waiting_list_pressure),
        _whole(outlook.target_queue_size),
        "never" if outlook.target and outlook.time_to_target is None else _tenth(outlook.time_to_target),
        _tenth(outlook.target_capacity),
        _tenth(outlook.relief_capacity),
        outlook.weeks,
    ]


def _show_weeks(services: list[Row]) -> None:
    for service in services:
        if service["organisation_id"] is None:
            print_table(
                f"{service['kind_name']}, {WHOLE_PLACE}, week by week",
                ["week to", "came", "left", "waiting at its end", ""],
                [
                    [
                        *(row[name] for name in ("week_end_date", "additions", "removals", "waiting")),
                        _doubt(row["known"]),
                    ]
                    for row in service["weeks"]
                ],
            )


def _doubt(known: bool) -> str:
    return "" if known else "not known in full"


def _show_overlaps(services: list[Row]) -> None:
    rows = [
        [
            service["provider"],
            WAIT_KINDS[row["other_kind"]].name,
            row["other_provider"],
            row["people"],
            row["since_date"],
            _tenth(row["both_weeks"]),
            f"{100 * row['share']:.1f}%",
        ]
        for service in services
        for row in service["also_waiting"]
    ]
    columns = [
        "provider",
        "also waited for",
        "at",
        "people",
        "since",
        "person-weeks of both",
        "of the time waited here",
    ]
    print_table("Its people also waited for", columns, rows)


def _share(part: int, whole: int) -> str:
    """A share of those who have a limit; nothing where nobody has one."""
    return f"{100 * part / whole:.0f}%" if whole else ""


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _tenth(number: float | None) -> float | None:
    return None if number is None else round(number, 1)

"""The tables that `braid backlog` prints for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from braid.cli.output import print_table
from braid.language.codes import WAIT_KINDS
from braid.trust.cubes import Cell, Cube
from braid.waits import theory
from braid.waits.outlook import Outlook

WHOLE_PLACE = "whole place"
QUARTER = 13
"""Weeks over which the latest additions and removals are told, as a mean."""

Row = Mapping[str, Any]


def show_services(services: Sequence[Row], *, closely: bool) -> None:
    """Print the services of the whole place; closely, each provider's too, with its weeks and overlaps."""
    shown = [service for service in services if closely or service["organisation_id"] is None]
    print_table(
        "How many wait, and how long",
        [
            *("kind of wait", "provider", "waiting", f"{QUARTER} weeks before", "in a week", "out a week"),
            *("median, days so far", "92%", "median, days when ended", "92%", "within limit", "ended within"),
        ],
        [_size_and_time(service) for service in shown],
    )
    long = [service for service in shown if service["over_18_weeks"] is not None]
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
        [_outlook(service) for service in shown],
    )
    if closely:
        _show_weeks(shown)
        _show_overlaps(shown)


def show_published(cubes: Mapping[Cube, Sequence[Cell]], districts: Mapping[str, str]) -> None:
    """Print the cells of published cubes. What is empty is not published, or there is nothing to tell."""
    for cube, cells in cubes.items():
        print_table(
            f"{cube.title}, as published",
            ["kind of wait", "area", *(measure.title.lower() for measure in cube.measures)],
            [
                [WAIT_KINDS[cell.kind].name, districts.get(cell.district, WHOLE_PLACE), *cell.values.values()]
                for cell in cells
            ],
        )


def _size_and_time(service: Row) -> list[Any]:
    before, *recent = service["weeks"][-QUARTER - 1 :]
    means = [round(sum(week[name] for week in recent) / QUARTER, 1) for name in ("additions", "removals")]
    return [
        service["kind_name"],
        service["provider"],
        service["waiting"],
        before["waiting"] if before["known"] else None,
        *(means if recent[0]["known"] else [None, None]),
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
    has_target = outlook.target_queue_size is not None
    return [
        *head,
        "grows" if outlook.time_to_clear is None else _tenth(outlook.time_to_clear),
        round(outlook.queue_load, 2),
        _tenth(outlook.waiting_list_pressure),
        _whole(outlook.target_queue_size),
        "never" if has_target and outlook.time_to_target is None else _tenth(outlook.time_to_target),
        _tenth(outlook.target_capacity),
        _tenth(outlook.relief_capacity),
        outlook.weeks,
    ]


def _show_weeks(services: Sequence[Row]) -> None:
    for service in services:
        if service["organisation_id"] is None:
            print_table(
                f"{service['kind_name']}, {WHOLE_PLACE}, week by week",
                ["week to", "came", "left", "waiting at its end", ""],
                [_week(row) for row in service["weeks"]],
            )


def _week(row: Row) -> list[Any]:
    doubt = "" if row["known"] else "not known in full"
    return [row["week_end_date"], row["additions"], row["removals"], row["waiting"], doubt]


def _show_overlaps(services: Sequence[Row]) -> None:
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

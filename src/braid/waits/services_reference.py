"""The measures of services, worked out slowly and obviously, day by day. The tests hold the fast ones against it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import floor
from typing import Any

from braid.language.codes import WAIT_KINDS

Row = dict[str, Any]
Service = tuple[str, str]
"""Kind of wait and provider; an empty provider is the whole place."""

WEEKS = 52
RECENT = 91


def service_measures(waits: Sequence[Row], as_of: dt.date) -> list[Row]:
    """Return the rows of `service_measure` from those of `person_wait`, in order of kind and provider."""
    return [_measure(service, held, as_of) for service, held in _services(waits, as_of).items()]


def _services(waits: Iterable[Row], as_of: dt.date) -> dict[Service, list[Row]]:
    """All waits of each service that has one open, or ended in the last 52 weeks."""
    held: dict[Service, list[Row]] = defaultdict(list)
    for wait in waits:
        held[wait["kind"], wait["organisation_id"]].append(wait)
        held[wait["kind"], ""].append(wait)
    first = as_of - dt.timedelta(days=WEEKS * 7 - 1)
    return {
        service: rows
        for service, rows in sorted(held.items())
        if any(row["stop_date"] is None or row["stop_date"] >= first for row in rows)
    }


def _measure(service: Service, waits: list[Row], as_of: dt.date) -> Row:
    running = [wait for wait in waits if wait["stop_date"] is None]
    ended = [wait for wait in waits if wait["stop_date"] is not None and (as_of - wait["stop_date"]).days < RECENT]
    known = _known_since(waits)
    all_known = known is not None and (as_of - known).days >= RECENT - 1
    days = sorted(wait["elapsed_days"] for wait in running)
    lengths = sorted(wait["elapsed_days"] for wait in ended)
    limits = sorted((wait["due_date"] - wait["start_date"]).days for wait in running + ended if wait["due_date"])
    return {
        "kind": service[0],
        "backlog": WAIT_KINDS[service[0]].backlog,
        "organisation_id": service[1] or None,
        "waiting": len(running),
        "people_waiting": len({wait["person_id"] for wait in running}),
        "open_mean_days": sum(days) / len(days) if days else None,
        "open_median_days": percentile(days, 50),
        "open_p92_days": percentile(days, 92),
        "with_limit": len([wait for wait in running if wait["due_date"] is not None]),
        "within_limit": len([wait for wait in running if wait["clock"] == "within"]),
        "limit_days": percentile(limits, 50),
        **{f"over_{weeks}_weeks": _over(service, days, weeks) for weeks in (18, 52, 65)},
        "completed": len(ended),
        "completed_median_days": percentile(lengths, 50),
        "completed_p92_days": percentile(lengths, 92),
        "completed_with_limit": len([wait for wait in ended if wait["due_date"] is not None]),
        "completed_within": len([wait for wait in ended if wait["clock"] == "stopped_within"]),
        "clearance_weeks": len(running) / (len(ended) / 13) if ended and all_known else None,
        "known_since_date": known,
    }


def _known_since(waits: Iterable[Row]) -> dt.date | None:
    return min((wait["stop_date"] for wait in waits if wait["stop_date"] is not None), default=None)


def percentile(ordered: Sequence[int], per_cent: int) -> float | None:
    """Return a percentile of sorted numbers, interpolating between the two nearest; `None` of none."""
    if not ordered:
        return None
    position = (len(ordered) - 1) * per_cent / 100
    below, above = ordered[floor(position)], ordered[min(floor(position) + 1, len(ordered) - 1)]
    return below + (above - below) * (position - floor(position))


def _over(service: Service, days: Sequence[int], weeks: int) -> int | None:
    return len([day for day in days if day > 7 * weeks]) if service[0] == "rtt" else None


def service_weeks(waits: Sequence[Row], as_of: dt.date) -> list[Row]:
    """Return the rows of `service_week`, in order of kind, provider and week."""
    rows = []
    for (kind, organisation), held in _services(waits, as_of).items():
        known = _known_since(held)
        for back in reversed(range(WEEKS)):
            end = as_of - dt.timedelta(weeks=back)
            days = [end - dt.timedelta(days=n) for n in range(7)]
            rows.append(
                {
                    "kind": kind,
                    "organisation_id": organisation or None,
                    "week_end_date": end,
                    "additions": len([wait for wait in held if wait["start_date"] in days]),
                    "removals": len([wait for wait in held if wait["stop_date"] in days]),
                    "waiting": len([wait for wait in held if _waits_at_the_end_of(wait, end)]),
                    "known": known is not None and min(days) >= known,
                }
            )
    return rows


def _waits_at_the_end_of(wait: Row, day: dt.date) -> bool:
    return wait["start_date"] <= day and (wait["stop_date"] is None or wait["stop_date"] > day)


def service_overlaps(waits: Sequence[Row], as_of: dt.date) -> list[Row]:
    """Return the rows of `service_overlap`, in order of the two services, from sets of person and day."""
    services = _services(waits, as_of)
    first = as_of - dt.timedelta(days=WEEKS * 7 - 1)
    held = {service: _person_days(rows, as_of) for service, rows in services.items()}
    known = {service: max(first, _known_since(rows) or as_of) for service, rows in services.items()}
    rows = []
    for service in services:
        for other in services:
            since = max(known[service], known[other])
            days, other_days = ({one for one in held[each] if one[1] >= since} for each in (service, other))
            both = days & other_days
            if service != other and bool(service[1]) == bool(other[1]) and both:
                rows.append(
                    {
                        "kind": service[0],
                        "organisation_id": service[1] or None,
                        "other_kind": other[0],
                        "other_organisation_id": other[1] or None,
                        "since_date": since,
                        "people": len({person for person, _ in both}),
                        "both_weeks": len(both) / 7,
                        "service_weeks": len(days) / 7,
                        "share": len(both) / len(days),
                    }
                )
    return rows


def _person_days(waits: Iterable[Row], as_of: dt.date) -> set[tuple[str, dt.date]]:
    """Each person and day of the last 52 weeks at whose end they waited."""
    days = [as_of - dt.timedelta(days=n) for n in range(WEEKS * 7)]
    return {(wait["person_id"], day) for wait in waits for day in days if _waits_at_the_end_of(wait, day)}

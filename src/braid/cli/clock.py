"""`braid clock KIND START…`: the last day of a wait, where it stands and why; alone it lists the kinds."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import output, plain, print_json, print_table
from braid.language.calendars import Calendar
from braid.language.clock_hours import counts_hours, reckon_moments
from braid.language.clock_model import ClockRule, Extension, Pause, Reckoning
from braid.language.clock_rules import NO_LIMIT_REASONS, find_rule, get_versions
from braid.language.clock_words import limit_in_words
from braid.language.clocks import reckon
from braid.language.codes import BACKLOGS, CODE_LISTS, WAIT_KINDS
from braid.language.dates import LONDON, london_date, parse_moment
from braid.store.place_folder import load_place

PLACE_FILE = "place.toml"


def clock(
    kind: Annotated[str, typer.Argument(help="The kind of wait; without it the kinds are listed.")] = "",
    starts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="START…",
            help="The day it starts, yyyy-mm-dd; a moment, yyyy-mm-ddThh:mm, for a clock of hours (with +00:00"
            " or +01:00 in the hour that comes twice). Where the latest of several events starts it, the day of each.",
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", help="The day or moment to speak of.", show_default="today, or now")
    ] = "",
    stop: Annotated[str, typer.Option("--stop", help="The day or moment it ended.")] = "",
    extended_to: Annotated[
        list[str] | None,
        typer.Option(
            "--extended-to", help="The last day an extension gives, or LAST:GRANTED with the day of its grant; repeat."
        ),
    ] = None,
    pause: Annotated[
        list[str] | None, typer.Option("--pause", help="A pause as FIRST:LAST, both days paused; repeat.")
    ] = None,
    exception: Annotated[str, typer.Option("--exception", help="A recorded exception, system:code.")] = "",
    place: Annotated[
        Path, typer.Option("--place", help="The place folder whose school terms count.", show_default="this folder")
    ] = Path(),
    as_json: AsJson = False,
) -> int:
    """Reckon one clock: the last day by each convention, where it stands, and the sentence that explains it.

    Nothing is read but the school terms of the place, and nothing is kept. Without a limit in law none is shown.

    Example: braid clock care_proceedings 2026-03-03 --extended-to 2026-10-26:2026-08-20 --json
    """
    if not kind:
        _list_kinds(as_json=as_json)
        return 0
    if kind not in WAIT_KINDS:
        raise typer.BadParameter("no such kind of wait; `braid clock` lists them", param_hint="KIND")
    if not starts:
        raise typer.BadParameter("say on which day it starts, yyyy-mm-dd", param_hint="START")
    start = _start(kind, starts)
    if isinstance(start, dt.datetime):
        if extended_to or pause or exception:
            raise typer.BadParameter("a clock of hours has no extension, pause or exception", param_hint="START")
        moment = _moment(as_of, "--as-of") if as_of else dt.datetime.now(dt.UTC)
        ended_at = _moment(stop, "--stop") if stop else None
        _check_stop(kind, start, ended_at)
        _print(kind, start, moment, ended_at, reckon_moments(kind, start, moment, stop=ended_at), as_json=as_json)
        return 0
    day = _day(as_of, "--as-of") if as_of else london_date(dt.datetime.now(dt.UTC))
    ended = _day(stop, "--stop") if stop else None
    _check_stop(kind, start, ended)
    found = reckon(
        kind,
        start,
        day,
        _calendar(place),
        stop=ended,
        extensions=[_extension(text) for text in extended_to or ()],
        pauses=[_pause(text) for text in pause or ()],
        exception=exception or None,
    )
    _print(kind, start, day, ended, found, as_json=as_json)
    return 0


def _start(kind: str, texts: list[str]) -> dt.date:
    """Return the day or moment that starts the clock: of several events the latest, where the rule says so."""
    if len(texts) == 1 and "T" in texts[0]:
        moment = _moment(texts[0], "START")
        return moment if counts_hours(kind, london_date(moment)) else london_date(moment)
    days = [_day(text, "START") for text in texts]
    rule = find_rule(kind, max(days))
    events = rule.latest_of if rule else ()
    if len(days) not in (1, len(events)):
        wanted = f"one day, or the day of each: {'; '.join(events)}" if events else "one day"
        raise typer.BadParameter(f"this clock starts with {wanted}", param_hint="START")
    return max(days)


def _check_stop(kind: str, start: dt.date, stop: dt.date | None) -> None:
    """Raise where it ends before it starts, unless its limit is counted back from the start."""
    rule = find_rule(kind, london_date(start) if isinstance(start, dt.datetime) else start)
    if stop is not None and stop < start and not (rule and rule.limit.before):
        raise typer.BadParameter("it ends before it starts; give the day or moment it ended", param_hint="--stop")


def _day(text: str, hint: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write the day as yyyy-mm-dd", param_hint=hint) from None


def _moment(text: str, hint: str) -> dt.datetime:
    try:
        if "T" not in text:
            raise ValueError(hint)
        moment = parse_moment(text)
    except ValueError:
        raise typer.BadParameter("write the moment as yyyy-mm-ddThh:mm", param_hint=hint) from None
    written = dt.datetime.fromisoformat(text.strip())
    if written.tzinfo is None and moment.astimezone(LONDON).replace(tzinfo=None) != written:
        raise typer.BadParameter("the clocks went forward over that hour; give the next one", param_hint=hint)
    return moment


def _extension(text: str) -> Extension:
    until, _, granted = text.partition(":")
    return Extension(_day(until, "--extended-to"), _day(granted, "--extended-to") if granted else None)


def _pause(text: str) -> Pause:
    first, _, last = text.partition(":")
    try:
        return Pause(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        raise typer.BadParameter("write the pause as FIRST:LAST, two days yyyy-mm-dd", param_hint="--pause") from None


def _calendar(folder: Path) -> Calendar:
    """Return the calendar of the place; without a place.toml one that knows no school term."""
    is_given = folder != Path()
    return load_place(folder).calendar if is_given or (folder / PLACE_FILE).is_file() else Calendar()


def _print(kind: str, start: dt.date, seen: dt.date, stop: dt.date | None, found: Reckoning, *, as_json: bool) -> None:
    rule = find_rule(kind, london_date(start) if isinstance(start, dt.datetime) else start)
    status = CODE_LISTS["clock_status"][found.clock]
    if as_json:
        asked = {"kind": kind, "name": WAIT_KINDS[kind].name, "start": _iso(start), "as_of": _iso(seen)}
        reckoned = {name: _iso(value) for name, value in asdict(found).items()}
        print_json({**asked, "stop": _iso(stop), "status": status, **reckoned, **_force(rule)})
        return
    output.print(f"{WAIT_KINDS[kind].name}: {status.lower()}", markup=False)
    for words, day in _days(found, rule):
        output.print(f"{words}: {day}", markup=False)
    output.print(plain(found.explanation), markup=False)


def _days(found: Reckoning, rule: ClockRule | None) -> list[tuple[str, str]]:
    """Return each day or moment that the clock knows, with its words."""
    by_other = f"last day to {rule.other_used_by}" if rule else ""
    last = found.due_at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M %Z") if found.due_at else found.due_date
    left = f"{found.minutes_left} minutes" if found.minutes_left is not None else f"{found.days_left} days"
    named = (
        ("not before", found.opens_date),
        ("aim", found.aim_date),
        ("last moment" if found.due_at else "last day", last),
        (by_other, found.due_date_other),
        ("would be the last day", found.would_be_date),
        ("left", left if found.days_left is not None else None),
        ("days left out", found.paused_days or None),
    )
    return [(words, str(day)) for words, day in named if day is not None]


def _force(rule: ClockRule | None) -> dict[str, Any]:
    if rule is None:
        return {"law": None, "binding": None, "other_used_by": None, "per": None, "stops": []}
    return {
        "law": rule.law,
        "binding": rule.binding and rule.holds_from is not None,
        "other_used_by": rule.other_used_by or None,
        "per": rule.per.value,
        "stops": list(rule.stops),
    }


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _list_kinds(*, as_json: bool) -> None:
    kinds = [
        {"kind": kind.code, "name": kind.name, "backlog": BACKLOGS[kind.backlog].name, "limit": _limit(kind.code)}
        for kind in WAIT_KINDS.values()
    ]
    if as_json:
        print_json({"kinds": kinds})
    else:
        print_table("Kinds of wait", ["kind", "name", "limit"], [[k["kind"], k["name"], k["limit"]] for k in kinds])


def _limit(kind: str) -> str:
    """Return the limit of the newest version in words, or why there is none."""
    versions = get_versions(kind)
    if not versions:
        return NO_LIMIT_REASONS[kind]
    rule = versions[-1]
    not_in_force = " (not in force)" if rule.holds_from is None else ""
    return f"{limit_in_words(rule.limit)} {rule.start_words}{not_in_force}"

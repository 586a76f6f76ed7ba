"""The sentences of a clock: how it counts, what was left out, what a source states that the law does not let be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from braid.language.calendars import DayType
from braid.language.clock_extensions import Doubt
from braid.language.clock_model import ClockRule, Extension, Limit, Pause
from braid.language.dates import LONDON


def day_in_words(day: dt.date) -> str:
    """Return a day as people write it: 3 March 2026."""
    return f"{day.day} {day:%B %Y}"


def moment_in_words(moment: dt.datetime) -> str:
    """Return a moment as people in London write it: 3 March 2026 at 09:30 BST."""
    local = moment.astimezone(LONDON)
    return f"{day_in_words(local.date())} at {local:%H:%M %Z}"


def limit_in_words(limit: Limit) -> str:
    """Return a period without its start: 15 school days after, 26 weeks beginning with."""
    kind_of_day = "" if limit.day_type is DayType.CALENDAR else f"{limit.day_type} "
    unit = limit.unit.value[:-1] if limit.count == 1 else limit.unit.value
    joint = "before" if limit.before else "beginning with" if limit.beginning_with else "after"
    return f"{limit.count} {kind_of_day}{unit} {joint}"


def period(rule: ClockRule, start: dt.date) -> str:
    """Return the period of a rule from a start, with the event that starts it."""
    return f"{limit_in_words(rule.limit)} {day_in_words(start)}, {rule.start_words}"


def force(rule: ClockRule) -> str:
    """Return what kind of rule it is, where it is not simply law, and what to look up before relying on it."""
    standard = "" if rule.binding else " A standard, not a duty in law."
    return f"{standard}{f' To be checked: {rule.check[0].lower()}{rule.check[1:]}.' if rule.check else ''}"


def missing(rule: ClockRule) -> str:
    """Return why no last day can be told."""
    if rule.limit.day_type is DayType.SCHOOL:
        return "the place's term dates do not reach that far, add them to place.toml"
    if rule.limit.day_type is DayType.WORKING or rule.limit.back_to_working_day:
        return "the bank holidays held do not reach that far"
    return "it is counted in hours and the hour of the start is not known"


def pauses_in_words(rule: ClockRule, pauses: Sequence[Pause], paused_days: int) -> str:
    """Return what the pauses did, or that by law they do nothing; nothing where there were none."""
    law = rule.pauses
    if law is not None and paused_days:
        counted = f"{_days(paused_days)} did not count ({law.what}; {law.law})"
        return f" Of the days up to then {counted}."
    if not pauses:
        return ""
    stated = ", ".join(f"{day_in_words(pause.first)} to {day_in_words(pause.last)}" for pause in pauses)
    if law is None:
        return f" The pause stated ({stated}) does not stop this clock: no law pauses it."
    ended = f" after {day_in_words(law.until)}" if law.until else ""
    return f" The pause stated ({stated}) leaves no day out: no pause counts{ended} or past the last day."


def extensions_in_words(rule: ClockRule, extensions: Sequence[Extension], doubts: Sequence[str]) -> str:
    """Return which law the extensions stand on, the doubts about them, or that no law extends the limit."""
    if not extensions:
        return ""
    if rule.extensions is None:
        stated = ", ".join(day_in_words(extension.until) for extension in extensions)
        return f" The extension stated (to {stated}) does not count: no law extends this limit."
    by = rule.extensions.by[0].upper() + rule.extensions.by[1:]
    return "".join([f" {by}, may extend it: {rule.extensions.law}.", *(f" {doubt}" for doubt in doubts)])


def doubt_in_words(rule: ClockRule, doubt: Doubt) -> str:
    """Return the sentence about an extension that is longer than the law lets it be."""
    each = rule.extensions.each if rule.extensions else None
    longest = f"{each.count} {each.unit} after the later of the period's end and the grant" if each else ""
    stated = f"The extension to {day_in_words(doubt.extension.until)}"
    if doubt.lawful_until is not None:
        over = (doubt.extension.until - doubt.lawful_until).days
        return (
            f"{stated} is {_days(over)} longer than the law lets it be ({longest}): it counts to"
            f" {day_in_words(doubt.lawful_until)}."
        )
    grant = day_in_words(doubt.needs_grant_on) if doubt.needs_grant_on else ""
    return (
        f"{stated} is longer than one extension may be ({longest}) unless it was granted on {grant} or later, or"
        " follows one that is not stated."
    )


def exception_without_effect() -> str:
    """Return that a recorded exception does nothing where the law knows none."""
    return " The exception stated does not lift this limit: the law has none for it."


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

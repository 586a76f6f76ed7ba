"""The pages about clocks, from the rules and the worked cases; `tools/schema_reference.py` writes them."""

from __future__ import annotations

import csv
from importlib import resources
from itertools import groupby

from braid.extracts.catalogue import CONNECTORS
from braid.language.clock_model import ClockRule, ExtensionLaw, PauseLaw
from braid.language.clock_rules import NO_LIMIT_REASONS, get_versions
from braid.language.clock_words import day_in_words, limit_in_words
from braid.language.codes import BACKLOGS, CODE_LISTS, WAIT_KINDS

HEAD = "<!-- Written by tools/schema_reference.py from the clock rules and the worked cases; do not edit. -->\n"

INTRO = """A clock is a dated rule: which event starts it, what limit it has and how that counts, which events stop it,
which days do not count, how far it may be extended, and by which law. A wait is reckoned by the version that held on
the day it started; one older than the oldest version by that one. Without a limit in law none is shown, and nobody is
called late. What a source states and the law does not know (a pause, an extension, an exception) is said in the
explanation and changes nothing.

- **Calendar days** are all days. **Working days** are Monday to Friday without the bank holidays of England and Wales.
  **School days** are working days inside a term of the place on which its schools are open. Weeks and months are of
  calendar days.
- **Beginning with** a day counts that day as the first. **After** a day counting begins on the next.
- A period of months ends on the day with the same number, or on the last day of a month that has no such day.
- Where official systems count differently, the statute decides and the other last day stands beside it.
- Hours are counted from minute to minute, also in the nights when the clocks change. From a day without an hour, only
  hours that make whole days are counted, as days after.
- A rule that is **not in force** says what the day would be and binds nothing. **To be checked** names what must be
  looked up before anybody relies on the rule.

- **Read from** names the standards whose files start the clock. Where no connector does, a place's own file can, by a
  mapping (`mapped_csv`), and a planned change can begin it.

`braid clock KIND START` reckons any of them; `braid clock` lists them. The [worked cases](clock-cases.md) are the
specification.
"""


def clocks_page() -> str:
    """Return the manual of clock rules: every kind of wait with every version of its rule."""
    parts = [HEAD, "# Clocks\n", INTRO]
    for backlog in BACKLOGS.values():
        kinds = [kind for kind in WAIT_KINDS.values() if kind.backlog == backlog.code]
        parts.append(f"## {backlog.name}\n")
        parts.extend(_kind(kind.code, kind.name) for kind in kinds)
    return "\n".join(parts)


def _kind(code: str, name: str) -> str:
    versions = get_versions(code)
    limits = "\n".join(_version(rule) for rule in versions) if versions else f"No limit. {NO_LIMIT_REASONS[code]}\n"
    return f"### {name} (`{code}`)\n\n{_read_from(code)}\n\n{limits}"


def _read_from(code: str) -> str:
    """Return which standards' files start clocks of a kind."""
    standards = sorted({connector.standard for connector in CONNECTORS if code in connector.waits})
    if not standards:
        return "No connector starts this clock yet."
    return f"Read from: {', '.join(f'`{standard}`' for standard in standards)}."


def _version(rule: ClockRule) -> str:
    since = f"From {day_in_words(rule.holds_from)}" if rule.holds_from else "**Not in force**"
    kind_of_rule = "law" if rule.binding else "a standard, not a duty in law"
    if rule.holds_from is None:
        kind_of_rule = "law made, binding from its commencement"
    facts = [
        f"{since}: **{limit_in_words(rule.limit)}** {rule.start_words}. {rule.law}. ({kind_of_rule})",
        f"Stops: {'; '.join(rule.stops)}. One clock a {rule.per}.",
    ]
    if rule.latest_of:
        facts.append(f"Starts with the latest of: {'; '.join(rule.latest_of)}.")
    if rule.other:
        facts.append(f"Also in use: {limit_in_words(rule.other)}, by {rule.other_used_by}.")
    if rule.not_before:
        facts.append(f"Not before the last of {limit_in_words(rule.not_before)} the same start.")
    if rule.aim:
        facts.append(f"The aim: {limit_in_words(rule.aim)} the same start.")
    if rule.lapses:
        facts.append(rule.lapses)
    facts.extend(_changes(rule))
    if rule.check:
        facts.append(f"To be checked: {rule.check}.")
    return "\n".join(f"- {fact}" for fact in facts) + "\n"


def _changes(rule: ClockRule) -> list[str]:
    """What moves the last day or lifts the limit, and what does not."""
    known = {
        "pause": _pauses(rule.pauses) if rule.pauses else "",
        "extension": _extensions(rule.extensions) if rule.extensions else "",
        "exception": f"Exceptions that lift it: {rule.exceptions}." if rule.exceptions else "",
    }
    unknown = [name for name, words in known.items() if not words]
    listed = " or ".join(part for part in (", ".join(unknown[:-1]), *unknown[-1:]) if part)
    none = [f"No {listed} changes it."] if listed else []
    return [words for words in known.values() if words] + none


def _pauses(law: PauseLaw) -> str:
    until = f", until {day_in_words(law.until)}" if law.until else ""
    return f"Left out: {law.what}{until} ({law.law})."


def _extensions(law: ExtensionLaw) -> str:
    each = (
        f"each at most {limit_in_words(law.each)} the later of the period's end and the grant"
        if law.each
        else "no longest is set"
    )
    return f"Extended by {law.by}: {each} ({law.law})."


def cases_page() -> str:
    """Return the worked cases that the tests hold the clocks to, a table a kind, with the terms they assume."""
    rows = read_data("clock_cases.csv")
    terms = read_data("clock_case_terms.csv")
    parts = [HEAD, "# Worked cases of the clocks\n", _cases_intro(len(rows))]
    closed = _terms(terms, "closed")
    parts.append(f"School terms of the cases: {_terms(terms, 'term')}. Closed inside a term: {closed}.\n")
    by_kind = sorted(rows, key=lambda row: list(WAIT_KINDS).index(row["kind"]))
    for kind, cases in groupby(by_kind, key=lambda row: row["kind"]):
        parts.append(f"## {WAIT_KINDS[kind].name} (`{kind}`)\n")
        parts.append("| starts | seen on | facts | last day | stands | why |\n|---|---|---|---|---|---|")
        parts.extend(_case(row) for row in cases)
        parts.append("")
    return "\n".join(parts)


def read_data(name: str) -> list[dict[str, str]]:
    """Return the rows of a data file of the common language."""
    text = resources.files("braid.language").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _cases_intro(count: int) -> str:
    return (
        f"{count} cases from law and guidance. The last days were worked out apart from the code, by hand and by plain"
        " arithmetic of days, and the tests hold the [clocks](clocks.md) to them. To add one, add a line to"
        " `src/braid/language/data/clock_cases.csv`. Moments are of London; an extension is LAST:GRANTED, a pause"
        " FIRST:LAST.\n"
    )


def _terms(terms: list[dict[str, str]], what: str) -> str:
    return ", ".join(
        row["first"] if row["first"] == row["last"] else f"{row['first']} to {row['last']}"
        for row in terms
        if row["what"] == what
    )


def _case(row: dict[str, str]) -> str:
    named = ("stop", "stopped"), ("extensions", "extended"), ("pauses", "paused"), ("exception", "exception")
    facts = "; ".join(f"{words} {row[name]}" for name, words in named if row[name])
    other = f", by the other convention {row['other']}" if row["other"] else ""
    also = f" ({row['also'].replace('=', ' ').replace('_', ' ')})" if row["also"] else ""
    last = f"{row['due'] or 'none'}{other}{also}"
    stands = CODE_LISTS["clock_status"][row["clock"]]
    return f"| {row['start']} | {row['as_of']} | {facts} | {last} | {stands} | {row['why']} |"

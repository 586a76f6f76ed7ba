"""The page about planned changes, from `waits/changes.toml`; `tools/schema_reference.py` writes it."""

from __future__ import annotations

from braid.language.codes import WAIT_KINDS
from braid.waits.changes import Change, Does, Effect, shipped_changes, shipped_kinds

HEAD = "<!-- Written by tools/schema_reference.py from the planned changes; do not edit. -->\n"

INTRO = """What happens to running waits when something changes: rules held as data. They foretell nothing. Each says
what becomes of the clock of a kind of wait, why, by which law, and on what it rests: **law**, **guidance**, or
**practice**, which differs from place to place and is to be checked there. A kind of wait that a change does not name
is left as it is. No clock begins of a kind that runs already. Where one begins by age, it is the age on the day of the
change, as far as whoever asks may know it; where it is not known, waits that only a child has say so.

A person's page lays two of them side by side (`/people/<id>/what-if/`), a problem statement's page counts them for its
cohort (`/problems/<id>/what-if/`), and so does the command line:

```sh
braid what-if place --problem school_from_ta --change placement_ends    # what may leave: fixed weeks
braid what-if place --problem school_from_ta --change placement_ends --week 6 --against 9 \\
    --by demo-practitioner --reference MTG-2026-041                     # exactly, over whom that human sees
```

What a wait comes to is, of these, the first that is true: it **ends**; it **begins**; it is **past its limit**, or sure
to be, and without the change is not; it **begins again**; it is **back within its limit**; it **stands still** for a
time; **nothing holds it up any more**; it is as without the change.
"""

WORDS = {
    Does.ENDS: "ends",
    Does.RESTARTS: "begins again",
    Does.BEGINS: "begins",
    Does.EXTENDS: "ends later",
    Does.PAUSES: "stands still",
    Does.KEEPS: "runs on",
}


def changes_page() -> str:
    """Return the manual of planned changes."""
    return "\n".join([HEAD, "# Planned changes\n", INTRO, *map(_change, shipped_changes().values()), _groups()])


def _change(change: Change) -> str:
    lines = [f"## {change.name}\n", f"`{change.code}`."]
    if change.until:
        lines.append(f"Second day: {change.until}.")
    if change.clears:
        lines.append(f"Brings what may be missing: {', '.join(sorted(change.clears)).replace('_', ' ')}.")
    rows = ["", "| wait | its clock | why | law | rests on |", "|---|---|---|---|---|"]
    return "\n".join([lines[0], " ".join(lines[1:]), *rows, *map(_effect, change.effects.values())]) + "\n"


def _effect(effect: Effect) -> str:
    does = "; ".join([WORDS[effect.does], *_conditions(effect)])
    return f"| {WAIT_KINDS[effect.wait].name} | {does} | {effect.reason} | {effect.law} | {effect.certainty} |"


def _conditions(effect: Effect) -> list[str]:
    """Return where a wait begins: at which ages, beside which waits, and beside which not."""
    aged = f"from {effect.aged[0]} and under {effect.aged[1]} years old" if effect.aged else ""
    beside = f"beside one of: {_names(effect.beside)}" if effect.beside else ""
    known = f"{aged}; where the age is not known, {beside or 'not'}" if aged else beside
    return [words for words in (known, f"not beside: {_names(effect.unless)}" if effect.unless else "") if words]


def _names(kinds: frozenset[str]) -> str:
    group = next((name for name, members in shipped_kinds().items() if members == kinds), None)
    return f"waits {group.replace('_', ' ')}" if group else _listed(kinds)


def _groups() -> str:
    """Return which kinds of wait the named groups are."""
    lines = [f"- Waits {name.replace('_', ' ')}: {_listed(kinds)}." for name, kinds in shipped_kinds().items()]
    return "\n".join(["## Kinds named together\n", *lines]) + "\n"


def _listed(kinds: frozenset[str]) -> str:
    return ", ".join(sorted(WAIT_KINDS[kind].name for kind in kinds))

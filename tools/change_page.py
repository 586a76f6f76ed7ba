"""The page about planned changes, from `waits/changes.toml`; `tools/schema_reference.py` writes it."""

from __future__ import annotations

from braid.language.codes import WAIT_KINDS
from braid.waits.changes import Change, Does, Effect, shipped_changes

HEAD = "<!-- Written by tools/schema_reference.py from the planned changes; do not edit. -->\n"

INTRO = """What happens to running waits when something changes: rules held as data. They foretell nothing. Each says
what becomes of the clock of a kind of wait, why, by which law, and on what it rests: **law**, **guidance**, or
**practice**, which differs from place to place and is to be checked there. A kind of wait that a change does not name
is left as it is.

A person's page lays two of them side by side (`/people/<id>/what-if/`), a problem statement's page counts them for its
cohort (`/problems/<id>/what-if/`), and so does the command line:

```sh
braid what-if place --problem school_from_ta --change placement_ends    # what may leave: fixed weeks
braid what-if place --problem school_from_ta --change placement_ends --week 6 --against 9 \\
    --by asmith --reference MTG-2026-041                                # exactly, over whom that human sees
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
    return "\n".join([HEAD, "# Planned changes\n", INTRO, *map(_change, shipped_changes().values())])


def _change(change: Change) -> str:
    lines = [f"## {change.name}\n", f"`{change.code}`."]
    if change.until:
        lines.append(f"Second day: {change.until}.")
    if change.clears:
        lines.append(f"Brings what may be missing: {', '.join(sorted(change.clears)).replace('_', ' ')}.")
    rows = ["", "| wait | its clock | why | law | rests on |", "|---|---|---|---|---|"]
    return "\n".join([lines[0], " ".join(lines[1:]), *rows, *map(_effect, change.effects.values())]) + "\n"


def _effect(effect: Effect) -> str:
    beside = ", ".join(sorted(WAIT_KINDS[kind].name for kind in effect.beside))
    does = WORDS[effect.does] + (f", beside one of: {beside}" if beside else "")
    return f"| {WAIT_KINDS[effect.wait].name} | {does} | {effect.reason} | {effect.law} | {effect.certainty} |"

"""The page of the crosswalk, from what the connectors read by; `tools/schema_reference.py` writes it."""

from __future__ import annotations

from itertools import groupby

from braid.extracts.crosswalk import LISTS, Crossing, list_crossings
from braid.language.codes import CODE_LISTS

HEAD = "<!-- Written by tools/schema_reference.py from definitions and connectors; do not edit. -->\n"
INTRO = """What each standard calls what the common language has one code for, and what is lost on the way. The page
`/crosswalk/` of the web app shows the same with the words of the reader's own organisation first. Both are read out of
what the connectors read by; what a code is called in words stands in `braid.language.source_words`.

- **exact**: the code says what the common code says. **group**: right to its broad group alone.
- **shared**: several codes of that field become this one, so that what told them apart is lost. Two spellings of one
  code count once.
- A code **without** a common one is kept beside the record as the source's own, and counts as mapped.
"""


def crosswalk_page() -> str:
    """Return the page: one table a list, one line for each common code, standard and field."""
    parts = [HEAD, "# Crosswalk\n", INTRO]
    for name, title in LISTS.items():
        found = [one for one in list_crossings() if one.list_name == name]
        if found:
            parts += [f"## {title}\n", _table(found)]
            silent = [word for code, word in CODE_LISTS[name].items() if code not in {one.common for one in found}]
            if silent:
                parts.append(f"No code of any standard says: {'; '.join(silent)}.\n")
    return "\n".join(parts)


def _table(found: list[Crossing]) -> str:
    lines = ["| common | standard, field | its codes | precision |", "|---|---|---|---|"]
    for (common, standard, field), ones in groupby(found, lambda one: (one.common_word, one.standard, one.field)):
        codes = list(ones)
        said = "; ".join(f"`{one.code}` {one.word}".strip() for one in codes)
        precision = sorted({one.precision for one in codes}) if common else ["without"]
        shared = ["shared"] if any(one.shares > 1 for one in codes) else []
        lines.append(f"| {common or 'none'} | {standard}, {field} | {said} | {', '.join([*precision, *shared])} |")
    return "\n".join(lines) + "\n"

"""Text that goes into a cell: nothing in it that a spreadsheet would run, nothing that an eye would not see.

A spreadsheet takes a text that begins with = + - @ for a formula, and some take % or | so; a TAB put before it, as was
long advised, became such a beginning itself (CVE-2021-41270): an apostrophe stands before it instead, and controls are
taken out. Text after a `;` or `,` is guarded too: where another separator is set, a new cell begins there.
"""

from __future__ import annotations

import re
import unicodedata

JOINERS = "\u200c\u200d"
"""Marks without width that the spelling of some languages needs."""
STARTS = "=+\\-@%|＝＋－＠％｜﹦﹢﹣﹫﹪"  # noqa: RUF001 - the wide and small forms are meant
AT_START = re.compile(rf"^[\s{JOINERS}\"]*[{STARTS}]")
AFTER_SEPARATOR = re.compile(rf"([;,][\s{JOINERS}\"]*)(?=[{STARTS}])")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn"})


def guarded(text: str) -> str:
    """Return the text as it may stand in a cell. Guarding twice is guarding once."""
    seen = "".join(_seen(letter) for letter in text)
    inside = AFTER_SEPARATOR.sub(r"\1'", seen)
    return f"'{inside}" if AT_START.match(inside) else inside


def _seen(letter: str) -> str:
    """A line break or TAB becomes a space; any other letter that is not seen goes."""
    if letter.isspace():
        return " "
    return "" if unicodedata.category(letter) in UNSEEN and letter not in JOINERS else letter

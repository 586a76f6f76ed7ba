"""Noughts that a spreadsheet dropped before a number: put back where a check digit proves them, else counted and said.

An NHS number has ten digits, and the last checks the others (`braid.language.identifiers`): one of nine that holds its
check with a nought before it is read with it. A telephone number has no check: it is kept as it stands, and said.
Identifiers that begin with a letter (pupil numbers) or never with a nought (learner numbers) lose nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from braid.extracts.definition import Part
from braid.extracts.model import Reading
from braid.language.identifiers import has_lost_nought

RESTORED, LOST = "nhs_nought_restored", "telephone_nought_lost"
RESTORED_ADVICE = (
    "lost the nought before it, as in a spreadsheet, and is read with it, since so it holds its check: ask for the"
    " column as text"
)
_MESSAGES = {
    RESTORED: "numbers of this column lost the nought before them, as in a spreadsheet, and are read with it, since so"
    " they hold their check: ask for the column as text",
    LOST: "telephone numbers of this column have ten digits and no nought before them, as a spreadsheet leaves them,"
    " and are kept as they stand: ask for the column as text",
}
_TELEPHONE = "^[1-37][0-9]{9}$"
_NINE = r"^[0-9]{9}(\.0)?$"
LEAST_WIDTH, LEAST_CELLS = 5, 5


def find_columns(part: Part) -> dict[str, str]:
    """Return the columns of a part that may have lost noughts, each with the rule that says so."""
    found = {cell.column: RESTORED for cell in part.cells if cell.kind == "identifier" and cell.scheme == "nhs"}
    values = (rule.values.get("telephone") for rule in part.rules if rule.type == "person_record")
    return found | {value.cell.column: LOST for value in values if value and value.cell}


def is_telephone_without_nought(text: str) -> bool:
    """Whether a text is a telephone number of this country but for its first nought."""
    return bool(re.match(_TELEPHONE, text))


class Noughts:
    """Counts, row by row or column by column, what lost a nought in the columns of a part."""

    def __init__(self, part: Part) -> None:
        """Take the part whose columns are looked at."""
        self.columns = find_columns(part)
        self._counts: Counter[str] = Counter()

    def look(self, texts: Mapping[str, str]) -> None:
        """Take in the cells of a row."""
        for column, rule in self.columns.items():
            text = texts.get(column, "")
            if text and (has_lost_nought(text) if rule == RESTORED else is_telephone_without_nought(text)):
                self._counts[column] += 1

    def look_at(self, column: str, texts: pa.Array) -> None:
        """Take in a column of a batch: the fast twin of `look`."""
        pattern = _NINE if self.columns[column] == RESTORED else _TELEPHONE
        found = texts.filter(pc.fill_null(pc.match_substring_regex(texts, pattern), False)).to_pylist()
        is_it = has_lost_nought if self.columns[column] == RESTORED else is_telephone_without_nought
        self._counts[column] += sum(map(is_it, found))

    def say(self, reading: Reading) -> None:
        """Say of each column how many lost theirs."""
        for column, rule in self.columns.items():
            if self._counts[column]:
                reading.warn(rule, column, None, f"{self._counts[column]} {_MESSAGES[rule]}")


def describe_widths(cells: Sequence[str]) -> str:
    """Return what may be wrong with a column of digits of several widths, none of which begins with a nought."""
    if len(cells) < LEAST_CELLS or not all(cell.isdecimal() for cell in cells):
        return ""
    widths = Counter(map(len, cells))
    longest = max(widths)
    if longest < LEAST_WIDTH or len(widths) == 1 or widths[longest] * 2 < len(cells) or _any_nought(cells):
        return ""
    few = len(cells) - widths[longest]
    return (
        f"{few} of {len(cells)} cells have fewer than {longest} figures and none begins with a nought: if all should be"
        f" {longest} wide, a spreadsheet dropped noughts, so ask for the column as text"
    )


def _any_nought(cells: Iterable[str]) -> bool:
    return any(cell.startswith("0") for cell in cells)

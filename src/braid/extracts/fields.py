"""One row under the connector's eyes: its cells by name, and what its checks found, gathered for the quality column.

A mandatory field that cannot be read refuses the row (`RowRefused`); an optional one warns and is left out. Messages
name the field and the rule, never the cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from braid.extracts import checks
from braid.extracts.csv_files import Line, Sheet, normalise_heading
from braid.extracts.json_lines import LINE_BROKEN, LINE_BROKEN_ADVICE
from braid.extracts.model import Reading
from braid.extracts.noughts import RESTORED, RESTORED_ADVICE
from braid.language.codes import IDENTIFIER_SCHEMES
from braid.language.identifiers import has_lost_nought

_ADVICE = {
    checks.DATE_INVALID: "is no date: write yyyy-mm-dd or dd/mm/yyyy",
    checks.MOMENT_INVALID: "is no moment: write yyyy-mm-ddThh:mm",
    checks.CODE_UNKNOWN: "holds a code that the list of this year has not: correct it, or tell us of the new code",
    checks.POSTCODE_INVALID: "has not the form of a postcode: correct it or leave it empty",
    checks.FLAG_INVALID: "is neither yes nor no: write true or false",
    checks.NUMBER_INVALID: "is no whole number within its bounds: correct it",
    checks.DATES_OUT_OF_ORDER: "lies before the date it should follow: correct one of the two",
    "key_missing": "is empty, or says that there is none, and the row cannot be told apart without it: fill it in",
    "date_missing": "is empty and the row means nothing without it: fill it in",
    "heading_repeated": "the row is the heading once more: send each table in a file of its own",
    "row_is_total": "the row is a sum of the rows and no child: take it out",
    "row_too_long": "the row has more cells than the heading: look for an unquoted delimiter",
    "parent_refused": "was not read because the block that it stands in was refused: correct that one first",
    "block_misplaced": "stands where the standard has no such block: move it into the block it belongs to",
    LINE_BROKEN: LINE_BROKEN_ADVICE,
    "broken_quotes": "the row's quotes do not pair: double the quotes inside a quoted field",
}


class RowRefused(Exception):
    """A row that cannot be read: the rule it breaks and the field, if one alone is at fault.

    `message` is what a rule of a standard says itself.
    """

    def __init__(self, rule: str, fld: str | None = None, message: str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.fld = fld
        self._message = message

    @property
    def message(self) -> str:
        """What is wrong and what to do."""
        return self._message or describe(self.rule, self.fld)


def describe(rule: str, fld: str | None) -> str:
    """Return the message for a rule and field: place, rule and next step, without any value."""
    scheme = rule.removesuffix("_check")
    advice = _ADVICE.get(rule)
    if advice is None:
        name = IDENTIFIER_SCHEMES.get(scheme, scheme.upper())
        advice = f"has not the check digit or form of a {name}: kept as it is, correct it at the source"
    return f"{fld} {advice}" if fld else advice


class Fields:
    """The cells of one row by column name, read through checks."""

    def __init__(self, reading: Reading, position: str, values: Mapping[str, str]) -> None:
        self.reading = reading
        self.position = position
        self.values = values
        self._rules: list[str] = []

    def take_in(self, given: Mapping[str, str]) -> None:
        """Take in what the row has from those that it stands in."""
        self.values = {**self.values, **given}

    @property
    def quality(self) -> str | None:
        """The rules this row broke so far, each once, separated by spaces; `None` for a clean row."""
        return " ".join(dict.fromkeys(self._rules)) if self._rules else None

    def doubt(self, rule: str, fld: str, message: str | None = None) -> None:
        """Warn of a field and remember the rule for the quality column."""
        self._rules.append(rule)
        self.reading.warn(rule, fld, self.position, message or describe(rule, fld))

    def text(self, name: str) -> str | None:
        """Return a cell, `None` where it is empty or the column is absent."""
        return self.values.get(name) or None

    def key(self, name: str) -> str:
        """Return a cell that names the row; refuse the row where it is empty."""
        value = self.values.get(name)
        if not value or checks.is_no_key(value):
            raise RowRefused("key_missing", name)
        return value

    def date(self, name: str) -> dt.date | None:
        """Return an optional date; warn where the cell holds something else."""
        text = self.values.get(name)
        if not text:
            return None
        value, rule = checks.check_date(text)
        if rule:
            self.doubt(rule, name)
        return value

    def required_date(self, name: str) -> dt.date:
        """Return a date that the row means nothing without; refuse the row where there is none."""
        text = self.values.get(name)
        if not text:
            raise RowRefused("date_missing", name)
        value, rule = checks.check_date(text)
        if value is None:
            raise RowRefused(rule or checks.DATE_INVALID, name)
        return value

    def end_date(self, name: str, start: dt.date | None) -> dt.date | None:
        """Return an optional date that should not lie before `start`; warn and drop it where it does."""
        value = self.date(name)
        rule = checks.check_order(start, value)
        if rule:
            self.doubt(rule, name)
            return None
        return value

    def code(self, name: str, system: str, known: Container[str]) -> str | None:
        """Return an optional code as `system:code`; warn and count it as unmapped where the list has it not."""
        text = self.values.get(name)
        if not text:
            return None
        value, rule = checks.check_code(text, system, known)
        if rule:
            self.unknown_code(name)
        return value

    def unknown_code(self, name: str) -> None:
        """Warn of a code that nobody mapped and count it by its field."""
        self.reading.unmapped[f"{name}:code-unknown"] += 1
        self.doubt(checks.CODE_UNKNOWN, name)

    def flag(self, name: str) -> bool | None:
        """Return an optional yes or no; warn where the cell holds something else."""
        text = self.values.get(name)
        if not text:
            return None
        value, rule = checks.check_flag(text)
        if rule:
            self.doubt(rule, name)
        return value

    def number(self, name: str, low: int, high: int) -> int | None:
        """Return an optional whole number within bounds; warn where the cell holds something else."""
        text = self.values.get(name)
        if not text:
            return None
        value, rule = checks.check_number(text, low, high)
        if rule:
            self.doubt(rule, name)
        return value

    def postcode(self, name: str) -> str | None:
        """Return an optional postcode; warn where the cell has not the form of one."""
        text = self.values.get(name)
        if not text:
            return None
        value, rule = checks.check_postcode(text)
        if rule:
            self.doubt(rule, name)
        return value

    def sex(self, name: str, system: str) -> str | None:
        """Return an optional sex in the common codes; warn where the system has no such code."""
        text = self.values.get(name)
        if not text:
            return None
        value, rule = checks.check_sex(system, text)
        if rule:
            self.unknown_code(name)
        return value

    def ethnicity(self, name: str, system: str) -> dict[str, str]:
        """Return the ethnicity columns of a person record; none, with a warning, where the system has no such code."""
        text = self.values.get(name)
        if not text:
            return {}
        columns, rule = checks.check_ethnicity(system, text)
        if rule:
            self.unknown_code(name)
        return columns

    def identifier(self, name: str, scheme: str, person_key: str, **lineage: Any) -> str | None:
        """Emit an identifier record for a cell, flagged where its check fails; return the value, `None` if empty."""
        text = self.values.get(name)
        if not text:
            return None
        value, result, rule = checks.check_identifier(scheme, text)
        if rule:
            self.doubt(rule, name)
        elif scheme == "nhs" and has_lost_nought(text):
            self.reading.warn(RESTORED, name, self.position, f"{name} {RESTORED_ADVICE}")
        emit_identifier(self.reading, person_key, scheme, value, result, row_ref=self.position, quality=rule, **lineage)
        return value


def emit_identifier(
    reading: Reading, person_key: str, scheme: str, value: str, result: str = "none", **lineage: Any
) -> None:
    """Emit one identifier of a person record; its natural key is the person's key, the scheme and the value."""
    reading.emit(
        "identifier",
        (person_key, scheme, value),
        person_record_id=reading.person_record_id(person_key),
        scheme=scheme,
        value=value,
        check_result=result,
        **lineage,
    )


def read_rows(sheet: Sheet, reading: Reading, part: str, read_row: Callable[[Fields], None]) -> None:
    """Read every row of a table as `part`: count it, hand it to `read_row`, and keep it whole where it is refused."""
    width = len(sheet.header)
    reading.parts[part].rows_in += 0  # a part without rows is still a part
    for line in sheet.lines:
        reading.row_in(part)
        position = f"{sheet.unit} {line.number}"
        try:
            check_line(line, width)
            if is_heading(line, sheet.header):
                raise RowRefused("heading_repeated")
            read_row(Fields(reading, position, dict(zip(sheet.header, line.cells, strict=False))))
        except RowRefused as refused:
            reading.row_rejected(part, position, refused.rule, refused.message, line.raw, refused.fld)
        else:
            reading.row_read(part)
        reading.piece_done()


def count_unknown_columns(sheet: Sheet, reading: Reading, known: Container[str]) -> None:
    """Count the columns of a heading that no rule reads under `unmapped`."""
    for name in sheet.header:
        if name and name not in known:
            reading.unmapped[name] += 1


def is_heading(line: Line, header: Sequence[str]) -> bool:
    """Whether a row is the heading once more, as where somebody put one export below another."""
    cells = line.cells
    if not cells or not header or cells[0].strip().upper() != header[0].upper():
        return False
    return [normalise_heading(cell) for cell in cells] == [normalise_heading(name) for name in header]


def check_line(line: Line, width: int) -> None:
    """Raise `RowRefused` for a row whose quotes are broken, or that has more cells than the heading."""
    if line.fault:
        raise RowRefused(line.fault)
    if len(line.cells) > width and any(line.cells[width:]):
        raise RowRefused("row_too_long")


def can_read_line(line: Line, width: int) -> bool:
    """Whether the cells of a row can be told apart, as `check_line` asks."""
    return not line.fault and not any(line.cells[width:])

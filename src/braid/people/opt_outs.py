"""The national data opt-out: `restricted/opt_outs.csv` of the place folder, matched to persons.

A row names a person by NHS number, by `person_id`, or by both; the header is `nhs_number`, `person_id` or the two. The
opt-out covers confidential patient information beyond individual care, a council's social care among it (NHS England,
National data opt-out operational policy guidance). Which use is beyond individual care, each dataset declares; here it
is only said who opted out.

Matching widens on doubt: whoever has a record with a listed number is matched, also where two persons hold the number.
A person none of whose records holds an NHS number can be matched by `person_id` alone.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from braid.language.findings import OPTED_OUT_PERSON
from braid.language.identifiers import PASS, check, normalise
from braid.language.person_ids import is_person_id
from braid.store.engine import Engine

OPT_OUT_LIST = Path("restricted") / "opt_outs.csv"
COLUMNS = ("nhs_number", "person_id")


class OptOutsInvalid(Exception):
    """The list of opt-outs breaks a rule. The message names file, line, rule and next step, and no value of a person.

    A list that cannot be read whole is not used in part: somebody who opted out would be counted in.
    """


@dataclass(frozen=True)
class OptOuts:
    """Who opted out, as the list names them."""

    nhs_numbers: frozenset[str]
    person_ids: frozenset[str]


def find_opt_outs(place_folder: Path) -> OptOuts | None:
    """Return the opt-outs that the place lists; `None` where it has no list. Raises `OptOutsInvalid`."""
    path = place_folder / OPT_OUT_LIST
    if not path.exists():
        return None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(list(reader.fieldnames or ()))
            rows = [_row(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise OptOutsInvalid(f"{OPT_OUT_LIST}: not readable as CSV in UTF-8; save it so and run again") from None
    return OptOuts(
        frozenset(row["nhs_number"] for row in rows) - {""}, frozenset(row["person_id"] for row in rows) - {""}
    )


def _check_header(names: list[str]) -> None:
    if not names or len(set(names)) < len(names) or not set(names) <= set(COLUMNS):
        raise OptOutsInvalid(f"{OPT_OUT_LIST} line 1: the columns are {' and '.join(COLUMNS)}, or one of them")


def _row(line: int, row: Mapping[str | None, str | None]) -> dict[str, str]:
    """Return a row with both columns, empty where it has none; raise `OptOutsInvalid` for one that names nobody."""
    where = f"{OPT_OUT_LIST} line {line}"
    if None in row or None in row.values():
        raise OptOutsInvalid(f"{where}: a row has as many fields as the header; correct the row")
    number, person_id = normalise("nhs", row.get("nhs_number") or ""), (row.get("person_id") or "").strip()
    if not number and not person_id:
        raise OptOutsInvalid(f"{where}: the row names nobody; fill a column or delete the row")
    if number and check("nhs", number) != PASS:
        raise OptOutsInvalid(f"{where}, nhs_number: ten digits with a right check digit; correct the number")
    if person_id and not is_person_id(person_id):
        raise OptOutsInvalid(f"{where}, person_id: 32 hexadecimal digits, as a run writes them; correct the id")
    return {"nhs_number": number, "person_id": person_id}


def match_opt_outs(engine: Engine, opt_outs: OptOuts | None) -> int:
    """Create `opted_out_person`: the persons of this run who opted out; return how many. Reads identifier, person_link.

    Also the NHS numbers that fail their check in an extract are compared: a partner's slip must not undo an opt-out.
    """
    listed = opt_outs or OptOuts(frozenset(), frozenset())
    links = {row["person_record_id"]: row["person_id"] for row in engine.rows(_LINKS)}
    known = set(links.values())
    matched = {
        links[row["person_record_id"]]
        for row in engine.rows("select person_record_id, value from identifier where scheme = 'nhs'")
        if row["value"] in listed.nhs_numbers and row["person_record_id"] in links
    }
    matched |= listed.person_ids & known
    engine.load_rows(OPTED_OUT_PERSON, [{"person_id": person_id} for person_id in sorted(matched)])
    return len(matched)


_LINKS = "select person_record_id, person_id from person_link"

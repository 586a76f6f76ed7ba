"""The list of a partner: `restricted/overlay.csv` of the place folder, read into entries that are not there yet.

Columns: subject_id, barred_username, barred_person_id, admitted (user names with spaces; only for a restriction), kind
(exclusion or restriction), reason, reference, until (yyyy-mm-dd or empty). A row that goes missing from the list lifts
nothing: that takes two people.
"""

import csv
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from braid.trust.overlay import Entry, Exclusion, Restriction
from braid.web.models import User
from braid.web.overlay.entries import KINDS, add_entry, in_force, kind_of
from braid.web.overlay.forms import ExclusionForm, RestrictionForm
from braid.web.refusals import OverlayListInvalid

LIST_PATH = Path("restricted") / "overlay.csv"
COLUMNS = ("kind", "subject_id", "barred_username", "barred_person_id", "admitted", "reason", "reference", "until")
_FORMS = {"exclusion": ExclusionForm, "restriction": RestrictionForm}


@transaction.atomic
def load_list(by: User, path: Path) -> int:
    """Add the entries of the list that are not in force yet, all or none; return how many were new.

    Raises `OverlayListInvalid`, which names the row and the column and no value.
    """
    known = {_facts_of(entry) for model in KINDS.values() for entry in in_force(model)}
    added = 0
    for entry, reference in read_list(by, path):
        if _facts(entry) not in known:
            add_entry(by, entry, source="list", reference=reference)
            known.add(_facts(entry))
            added += 1
    return added


def read_list(by: User, path: Path) -> list[tuple[Entry, str]]:
    """Return each row as an entry with its reference. Raises `OverlayListInvalid`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if set(reader.fieldnames or ()) != set(COLUMNS):
                raise OverlayListInvalid(f"{LIST_PATH}: the columns are {', '.join(COLUMNS)}; write exactly these")
            return [_entry(by, number, row) for number, row in enumerate(reader, 2)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise OverlayListInvalid(f"{LIST_PATH}: not readable as CSV in UTF-8; save it so and load it again") from None


def _entry(by: User, number: int, row: dict[str, str]) -> tuple[Entry, str]:
    kind = row["kind"]
    if kind not in _FORMS or None in row or None in row.values():
        raise OverlayListInvalid(f"{LIST_PATH} row {number}: kind is exclusion or restriction, with every column")
    form = _FORMS[kind]({f"{kind}-{name}": value for name, value in row.items()})
    if not form.is_valid():
        column = next(iter(form.errors))
        raise OverlayListInvalid(f"{LIST_PATH} row {number}, {column}: {form.errors[column][0]}")
    given = form.cleaned_data
    common = (given["subject_id"], given["reason"], by.username, timezone.now())
    if kind == "restriction":
        subject, reason, name, now = common
        entry: Entry = Restriction(subject, given["admitted"], reason, name, now, given["until"])
    else:
        entry = Exclusion(*common, given["barred_username"], given["barred_person_id"], given["until"])
    return entry, given["reference"]


def _facts(entry: Entry) -> tuple[object, ...]:
    """What makes two entries the same: not who entered them, nor when, nor until when."""
    if isinstance(entry, Restriction):
        return ("restriction", entry.subject, entry.admitted, entry.reason)
    return ("exclusion", entry.subject, entry.barred_user, entry.barred_person, entry.reason)


def _facts_of(kept: object) -> tuple[object, ...]:
    if kind_of(kept) == "restriction":
        return ("restriction", kept.subject_id, frozenset(kept.admitted), kept.reason)
    return ("exclusion", kept.subject_id, kept.barred_username, kept.barred_person_id, kept.reason)

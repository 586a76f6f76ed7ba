"""What a dataset may take, by name, and why the rest is refused. A column that is not here is never taken.

Every column of the registry has a class. Location and existence are refused for everybody, identity but for what
becomes a pseudonym or an age band; and text that somebody wrote, references of a partner and organisations, because
they lead to a person although their class is normal.
"""

from __future__ import annotations

from braid.analysis.model import DatasetRefused
from braid.language.findings import TABLES
from braid.language.schema import Sensitivity

KINDS: dict[str, dict[str, str]] = {
    "person": {"birth_date": "birth date", "sex": "code", "ethnicity_group": "code"},
    "person_wait": {
        "kind": "code",
        "backlog": "code",
        "start_date": "date",
        "stop_date": "date",
        "due_date": "date",
        "elapsed_days": "days",
        "clock": "code",
        "rule_id": "code",
    },
    "blocker": {
        "problem": "code",
        "rule_id": "code",
        "holder_type": "code",
        "holder_kind": "code",
        "evidence_date": "date",
        "owner_organisation": "code",
        "owner_role": "code",
    },
}
"""Finding table to the columns that may be taken, each with the kind of its rungs."""

PSEUDONYMS: dict[str, dict[str, str]] = {
    "person": {"person": "person_id", "household": "household_id"},
    "person_wait": {"person": "person_id", "wait": "wait_id"},
    "blocker": {"person": "person_id"},
}
"""Finding table to the pseudonyms it may carry, each with the column it stands for."""

_CLASS_RULES = {
    Sensitivity.LOCATION: "is of the location class; no dataset carries a location",
    Sensitivity.EXISTENCE: "says that somebody is protected; no dataset carries that",
    Sensitivity.IDENTITY: "is of the identity class; a dataset carries pseudonyms and age bands alone",
}
_NEXT = "take it out"


def check_column(where: str, table: str, column: str) -> None:
    """Raise `DatasetRefused`, naming `where` and the rule, where `column` of `table` may not be taken."""
    if table.startswith("vault"):
        raise DatasetRefused(f"{where}: the vault opens one field at a time, never for a dataset; {_NEXT}")
    if table not in KINDS:
        raise DatasetRefused(
            f"{where}: {table!r} may hold what partners wrote; a dataset takes findings alone: {', '.join(KINDS)}"
        )
    if column in KINDS[table]:
        return
    if column not in TABLES[table].names:
        raise DatasetRefused(f"{where}: {table} has no column {column!r}; columns are {', '.join(KINDS[table])}")
    rule = _CLASS_RULES.get(TABLES[table].column(column).sensitivity)
    rule = rule or "is text, a reference or an organisation, which can lead to a person"
    raise DatasetRefused(f"{where}: {column!r} {rule}; {_NEXT}, or use one of {', '.join(KINDS[table])}")

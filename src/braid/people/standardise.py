"""Person records, identifiers and stays into one comparable row a record: the linkage table."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from braid.people.names import forename_groups, split_forenames, split_surname
from braid.store.engine import Engine

TEXTS = pa.list_(pa.string())
LINKAGE_SCHEMA = pa.schema(
    [
        ("record_id", pa.string()),
        ("feed", pa.string()),
        ("council", pa.string()),
        ("forename", pa.string()),
        ("forenames", TEXTS),
        ("forename_groups", TEXTS),
        ("surname", pa.string()),
        ("surnames", TEXTS),
        ("birth_date", pa.string()),
        ("birth_date_swapped", pa.string()),
        ("birth_vague", pa.bool_()),
        ("sex", pa.string()),
        ("postcode", pa.string()),
        ("postcodes", TEXTS),
        ("nhs", pa.string()),
        ("upn", pa.string()),
        ("upns", TEXTS),
        ("former_upns", TEXTS),
        ("la_child", pa.string()),
        ("nino", pa.string()),
    ]
)
"""One row a person record. Dates are ISO text; `birth_vague` marks a date that stands for a period or was made up
(1 January); `la_child` leads with its council, for two councils give the same number to two children."""

_UNVERIFIED = ("02", "03", "04", "05", "06", "07", "08")
"""NHS number status codes other than 01 (NHS Data Model and Dictionary): present but not verified, or to be traced."""


def standardise(engine: Engine) -> pa.Table:
    """Return the linkage table of every row of `person_record`, ordered by record id."""
    identifiers = read_identifiers(engine)
    postcodes = read_postcodes(engine)
    rows = engine.rows(
        "select record_id, feed, organisation_id, given_name, family_name, other_names, birth_date,"
        " birth_date_precision, sex from person_record order by record_id"
    )
    columns: dict[str, list[Any]] = {name: [] for name in LINKAGE_SCHEMA.names}
    for row in rows:
        record_id = row["record_id"]
        found = _one_row(row, identifiers.get(record_id, {}), postcodes.get(record_id, []))
        for name, values in columns.items():
            values.append(found[name])
    return pa.table(columns, schema=LINKAGE_SCHEMA)


def read_identifiers(engine: Engine) -> dict[str, dict[str, list[str]]]:
    """Return the identifiers whose check holds, by record and scheme; an unverified NHS number is `nhs_unverified`."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for row in engine.rows(
        "select person_record_id, scheme, value, status from identifier where check_result <> 'fail'"
        " order by person_record_id, scheme, value"
    ):
        scheme = row["scheme"]
        if scheme == "nhs" and str(row["status"] or "").split(":")[-1] in _UNVERIFIED:
            scheme = "nhs_unverified"
        found[row["person_record_id"]].setdefault(scheme, []).append(row["value"])
    return found


def read_postcodes(engine: Engine) -> dict[str, list[str]]:
    """Return every postcode a record holds, the best first: still open, then a home not a stop-gap, then latest.

    Confidential stays are left out: a refuge is shared by strangers, and a safe address is never compared.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for row in engine.rows(
        "select person_record_id, postcode from stay where postcode is not null and not confidential"
        " order by person_record_id, case when end_date is null then 0 else 1 end,"
        " case when starts_with(kind, 'ta_') then 1 else 0 end, start_date desc, postcode"
    ):
        held = found[row["person_record_id"]]
        if row["postcode"] not in held:
            held.append(row["postcode"])
    return found


def _one_row(row: Mapping[str, Any], identifiers: Mapping[str, list[str]], postcodes: list[str]) -> dict[str, Any]:
    names = _names(row)
    upns = identifiers.get("upn", [])
    formers = identifiers.get("former_upn", [])
    la_child = _only(identifiers.get("la_child", []))
    return {
        **names,
        **_birth(row["birth_date"], row["birth_date_precision"]),
        "record_id": row["record_id"],
        "feed": row["feed"],
        "council": row["organisation_id"],
        "sex": row["sex"] if row["sex"] in ("female", "male") else None,
        "postcode": postcodes[0] if postcodes else None,
        "postcodes": postcodes or None,
        "nhs": _only(identifiers.get("nhs", [])) or _only(identifiers.get("nhs_unverified", [])),
        "upn": _only(upns),
        "upns": [*upns, *formers] or None,
        "former_upns": formers or None,
        "la_child": f"{row['organisation_id']}|{la_child}" if la_child else None,
        "nino": _only(identifiers.get("nino", [])),
    }


def _names(row: Mapping[str, Any]) -> dict[str, Any]:
    others = [part for part in (row["other_names"] or "").split(";") if part.strip()]
    given = split_forenames(row["given_name"] or "")
    surnames = split_surname(row["family_name"] or "")
    forenames = _distinct(given, *(split_forenames(_first_words(other)) for other in others))
    families = _distinct(surnames, *(split_surname(other.split()[-1]) for other in others))
    groups = _distinct(*(forename_groups(name) for name in forenames))
    return {
        "forename": given[0] if given else None,
        "forenames": forenames or None,
        "forename_groups": groups or None,
        "surname": surnames[0] if surnames else None,
        "surnames": families or None,
    }


def _first_words(name: str) -> str:
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 1 else name


def _birth(birth_date: dt.date | None, precision: str | None) -> dict[str, Any]:
    if birth_date is None:
        return {"birth_date": None, "birth_date_swapped": None, "birth_vague": None}
    exact = precision in (None, "day")
    swapped = None
    if exact and birth_date.day <= 12 and birth_date.day != birth_date.month:
        swapped = birth_date.replace(day=birth_date.month, month=birth_date.day).isoformat()
    vague = not exact or (birth_date.day == 1 and birth_date.month == 1)
    return {"birth_date": birth_date.isoformat(), "birth_date_swapped": swapped, "birth_vague": vague}


def _distinct(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for values in lists for value in values))


def _only(values: list[str]) -> str | None:
    """Return the one value; a record that holds two of what a person has once says nothing certain."""
    return values[0] if len(values) == 1 else None

"""Standardising one record after the other in plain Python: the slow and obvious twin of the SQL."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from braid.language.identifiers import find_postcode
from braid.people.names import forename_groups, split_forenames, split_other_names, split_surname, surname_groups
from braid.people.standardise import LINKAGE_SCHEMA, PLACEHOLDER_DATES, read_identifiers
from braid.store.engine import Engine


def standardise_slowly(engine: Engine) -> list[dict[str, Any]]:
    """Return the linkage table as rows, ordered by record id."""
    identifiers = read_identifiers(engine)
    stays = _read_stays(engine)
    rows = sorted(engine.rows("select * from person_record"), key=lambda row: row["record_id"])
    found = (_one_row(row, identifiers.get(row["record_id"], {}), stays.get(row["record_id"], [])) for row in rows)
    return [{name: row[name] for name in LINKAGE_SCHEMA.names} for row in found]


def repair_postcode(text: str) -> str:
    """Try every way to read O, I and L as figures and 0 and 1 as letters where only the other can stand."""
    compact = re.sub("[^A-Za-z0-9]", "", text).upper()
    if not 5 <= len(compact) <= 7:
        return text.strip(" ").upper()
    outward, inward = list(compact[:-3]), list(compact[-3:])
    _figure(inward, 0, "OIL")
    _figure(outward, -1, "OI")
    _letter(outward, 0)
    if len(outward) == 4:
        _letter(outward, 1)
        _figure(outward, 2, "OI")
    return find_postcode("".join(outward + inward)) or text.strip(" ").upper()


def _figure(chars: list[str], place: int, letters: str) -> None:
    if chars[place] in letters:
        chars[place] = "0" if chars[place] == "O" else "1"


def _letter(chars: list[str], place: int) -> None:
    chars[place] = {"0": "O", "1": "I"}.get(chars[place], chars[place])


def _read_stays(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in engine.rows("select * from stay"):
        if not row["confidential"] and row["kind"] != "refuge":
            found.setdefault(row["person_record_id"], []).append(row)
    return found


def _one_row(
    row: Mapping[str, Any], identifiers: Mapping[str, list[str]], stays: list[dict[str, Any]]
) -> dict[str, Any]:
    upns, formers = identifiers.get("upn", []), identifiers.get("former_upn", [])
    la_child = _only(identifiers.get("la_child", []))
    return {
        **_names(row),
        **_birth(row["birth_date"], row["birth_date_precision"]),
        **_places(stays),
        "record_id": row["record_id"],
        "feed": row["feed"],
        "council": row["organisation_id"],
        "sex": row["sex"] if row["sex"] in ("female", "male") else None,
        "nhs": _only(identifiers.get("nhs", [])) or _only(identifiers.get("nhs_unverified", [])),
        "upn": _only(upns),
        "upns": _distinct(upns, formers) or None,
        "former_upns": formers or None,
        "la_child": f"{row['organisation_id']}|{la_child}" if la_child else None,
        "nino": _only(identifiers.get("nino", [])),
    }


def _names(row: Mapping[str, Any]) -> dict[str, Any]:
    others = split_other_names(row["other_names"] or "")
    given, family = split_forenames(row["given_name"] or ""), split_surname(row["family_name"] or "")
    forenames = _distinct(given, *(split_forenames(forename) for forename, _ in others))
    surnames = _distinct(family, *(split_surname(surname) for _, surname in others))
    return {
        "forename": given[0] if given else None,
        "forenames": forenames or None,
        "forename_groups": _distinct(*(forename_groups(name) for name in forenames)) or None,
        "surname": family[0] if family else None,
        "surnames": surnames or None,
        "surname_groups": _distinct(*(surname_groups(name) for name in surnames)) or None,
    }


def _places(stays: list[dict[str, Any]]) -> dict[str, Any]:
    held = sorted(
        (stay for stay in stays if stay["postcode"]),
        key=lambda stay: (
            stay["end_date"] is not None,
            stay["kind"].startswith("ta_"),
            -(stay["start_date"] or dt.date.min).toordinal(),
            stay["postcode"],
        ),
    )
    postcodes = _distinct([repair_postcode(stay["postcode"]) for stay in held])
    uprns = {stay["uprn"].lstrip("0") for stay in stays if stay["uprn"] and re.fullmatch("[0-9]+", stay["uprn"])}
    best = postcodes[0] if postcodes else None
    is_one = bool(best and find_postcode(best) == best and best != "GIR 0AA")
    return {
        "postcode": best,
        "postcodes": postcodes or None,
        "sector": best[:-2] if best and is_one else None,
        "district": best[:-4] if best and is_one else None,
        "uprns": sorted(uprn for uprn in uprns if 2 <= len(uprn) <= 12) or None,
    }


def _birth(birth_date: dt.date | None, precision: str | None) -> dict[str, Any]:
    if birth_date is None:
        return dict.fromkeys(("birth_date", "birth_date_swapped", "birth_vague", "birth_doubt"))
    doubt = None
    if birth_date.isoformat() in PLACEHOLDER_DATES:
        doubt = "placeholder"
    elif precision not in (None, "day"):
        doubt = "period"
    elif birth_date.day == birth_date.month == 1:
        doubt = "first_of_january"
    swapped = None
    if doubt is None and birth_date.day <= 12 and birth_date.day != birth_date.month:
        swapped = birth_date.replace(day=birth_date.month, month=birth_date.day).isoformat()
    return {
        "birth_date": birth_date.isoformat(),
        "birth_date_swapped": swapped,
        "birth_vague": doubt is not None,
        "birth_doubt": doubt,
    }


def _distinct(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for values in lists for value in values))


def _only(values: list[str]) -> str | None:
    return values[0] if len(values) == 1 else None

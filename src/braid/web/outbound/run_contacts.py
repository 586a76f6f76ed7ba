"""Contact points as the run holds them: how somebody is reached now, and everybody who uses or used a contact point.

Read from the tables of the published run at the instant of sending, and kept nowhere. What is doubtful counts as the
same home: a neighbour too many withholds a letter, one too few can lead somebody to a door.
"""

import re
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.language.findings import INVOLVEMENT, PERSON, PERSON_LINK
from braid.language.records import PERSON_RECORD, RELATIONSHIP, STAY
from braid.store.lake import Run
from braid.trust.locations import FullName, normalise

Row = dict[str, Any]
POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+[a-z]?", re.IGNORECASE)
_TELEPHONE_DIGITS = 9
"""How many digits at the end of a telephone number are compared: prefixes are written in many ways."""
VICTIM_AND_PERPETRATOR = frozenset({"victim_of"})
PARTED = frozenset({"ex_partner"})
"""Relationships that keep the other away from whoever of the two is protected. A respondent of a case is not among
them: most often it is the parent at the same safe address."""


class RunContacts:
    """The contact points of one run. Each question reads the columns that it needs, and only matching rows."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def known(self, person_ids: Collection[str]) -> dict[str, bool]:
        """Return of each of these persons whom the run knows whether they are protected."""
        rows = self._rows(PERSON.name, ["person_id", "protected"], [("person_id", "in", list(person_ids))])
        return {row["person_id"]: row["protected"] for row in rows}

    def address_of(self, person_id: str) -> str:
        """Return where letters go: the newest stay that lasts and is not confidential; empty where none is known."""
        wanted = ["address_lines", "postcode", "start_date", "end_date", "as_of_date", "confidential", "sensitivity"]
        stays = self._rows(STAY.name, wanted, [("person_record_id", "in", self._records(person_id))])
        open_stays = [row for row in stays if row["address_lines"] and _lasts(row) and not _is_hidden(row)]
        newest = max(open_stays, key=lambda row: (str(row["start_date"]), str(row["as_of_date"])), default=None)
        return ", ".join(part for part in (newest["address_lines"], newest["postcode"]) if part) if newest else ""

    def telephone_of(self, person_id: str) -> str:
        """Return the number of the newest record that has one; empty where none is known."""
        wanted = ["telephone", "as_of_date", "sensitivity"]
        rows = self._rows(PERSON_RECORD.name, wanted, [("record_id", "in", self._records(person_id))])
        rows = [row for row in rows if row["telephone"] and not _is_hidden(row)]
        newest = max(rows, key=lambda row: str(row["as_of_date"]), default=None)
        return newest["telephone"] if newest else ""

    def parties_at(self, kind: str, contact: str) -> frozenset[str]:
        """Return every person who uses or used a contact point; `kind` is address or telephone, of others none."""
        if not contact or kind not in ("address", "telephone"):
            return frozenset()
        records = self._at_address(contact) if kind == "address" else self._at_telephone(contact)
        return self._persons(records)

    def supporters(self, person_ids: Collection[str]) -> dict[str, set[str]]:
        """Return of each person the organisations whose very involvement is the secret: they know of it."""
        wanted = [("person_id", "in", list(person_ids)), ("sensitivity", "==", "safe_address")]
        found: dict[str, set[str]] = {}
        for row in self._rows(INVOLVEMENT.name, ["person_id", "organisation_id"], wanted):
            found.setdefault(row["person_id"], set()).add(row["organisation_id"])
        return found

    def names(self, person_ids: Collection[str]) -> dict[str, frozenset[FullName]]:
        """Return the full names of these persons, as the run has them and as each source writes them."""
        wanted, columns = [("person_id", "in", sorted(person_ids))], ["given_name", "family_name"]
        rows = self._rows(PERSON.name, ["person_id", *columns], wanted)
        links = self._rows(PERSON_LINK.name, ["person_record_id", "person_id"], wanted)
        person = {row["person_record_id"]: row["person_id"] for row in links}
        records = self._rows(PERSON_RECORD.name, ["record_id", *columns], [("record_id", "in", sorted(person))])
        found: dict[str, set[FullName]] = {}
        for row in [*rows, *records]:
            if row["given_name"] and row["family_name"]:
                key = row.get("person_id") or person[row["record_id"]]
                found.setdefault(key, set()).add((row["given_name"], row["family_name"]))
        return {person_id: frozenset(names) for person_id, names in found.items()}

    def opposed(self, person_ids: Collection[str], protected: Collection[str]) -> set[tuple[str, str]]:
        """Return (person, kept from) by victim and perpetrator, and by partners who parted.

        The protected one of two is kept from the other. Where both or neither is, a source may have written it either
        way round: a perpetrator and a victim are then kept from each other.
        """
        pairs = set()
        for left, right, kind in self._relationships:
            sides = [(one, other) for one, other in ((left, right), (right, left)) if one in protected]
            if len(sides) != 1:
                sides = [(left, right), (right, left)] if kind in VICTIM_AND_PERPETRATOR else []
            pairs |= set(sides)
        wanted = set(person_ids)
        return {(one, other) for one, other in pairs if one in wanted or other in wanted}

    def related(self, person_ids: Collection[str]) -> set[str]:
        """Return whoever a source relates to any of these persons, in whatever way."""
        columns = ["person_record_id", "other_person_record_id"]
        if not self._run.table(RELATIONSHIP.name).is_file():
            return set()
        links = self._rows(PERSON_LINK.name, ["person_record_id"], [("person_id", "in", sorted(person_ids))])
        mine = {row["person_record_id"] for row in links}
        rows = [row for name in columns for row in self._rows(RELATIONSHIP.name, columns, [(name, "in", sorted(mine))])]
        return set(self._persons({row[name] for row in rows for name in columns})) - set(person_ids)

    @cached_property
    def _relationships(self) -> list[tuple[str, str, str]]:
        kinds = sorted(VICTIM_AND_PERPETRATOR | PARTED)
        columns = ["person_record_id", "other_person_record_id", "kind"]
        if not self._run.table(RELATIONSHIP.name).is_file():
            return []
        rows = self._rows(RELATIONSHIP.name, columns, [("kind", "in", kinds)])
        records = {row[name] for row in rows for name in columns[:2]}
        links = self._rows(
            PERSON_LINK.name, ["person_record_id", "person_id"], [("person_record_id", "in", sorted(records))]
        )
        person = {row["person_record_id"]: row["person_id"] for row in links}
        found = [(person.get(row[columns[0]]), person.get(row[columns[1]]), row["kind"]) for row in rows]
        return [(left, right, kind) for left, right, kind in found if left and right and left != right]

    def _at_address(self, contact: str) -> set[str]:
        postcode, columns = _postcode(contact), ["person_record_id", "address_lines", "postcode", "uprn"]
        rows = self._rows(STAY.name, columns, [("postcode", "==", postcode)] if postcode else None)
        here = [row for row in rows if _is_same_home(contact, row, has_postcode=bool(postcode))]
        uprns = sorted({row["uprn"] for row in here if row["uprn"]})
        if uprns:
            here += self._rows(STAY.name, columns, [("uprn", "in", uprns)])
        return {row["person_record_id"] for row in here}

    def _at_telephone(self, contact: str) -> set[str]:
        wanted = re.sub(r"\D", "", contact)[-_TELEPHONE_DIGITS:]
        if len(wanted) < _TELEPHONE_DIGITS:
            return set()
        table = pq.read_table(self._run.table(PERSON_RECORD.name), columns=["record_id", "telephone"])
        digits = pc.replace_substring_regex(table["telephone"], r"\D", "")
        ends = pc.fill_null(pc.ends_with(digits, wanted), pa.scalar(value=False))
        return set(table.filter(ends)["record_id"].to_pylist())

    def _records(self, person_id: str) -> list[str]:
        rows = self._rows(PERSON_LINK.name, ["person_record_id"], [("person_id", "==", person_id)])
        return [row["person_record_id"] for row in rows]

    def _persons(self, records: Iterable[str]) -> frozenset[str]:
        rows = self._rows(PERSON_LINK.name, ["person_id"], [("person_record_id", "in", sorted(records))])
        return frozenset(row["person_id"] for row in rows)

    def _rows(self, table: str, columns: list[str], filters: list[tuple[str, str, Any]] | None) -> list[Row]:
        """Return the matching rows; an empty list of wanted values matches none."""
        if filters and any(operator == "in" and not wanted for _, operator, wanted in filters):
            return []
        return pq.read_table(self._run.table(table), columns=columns, filters=filters).to_pylist()


def _lasts(row: Row) -> bool:
    end, seen = row["end_date"], row["as_of_date"]
    return end is None or (seen is not None and end > seen)


def _is_hidden(row: Row) -> bool:
    return bool(row.get("confidential")) or row["sensitivity"] == "safe_address"


def _postcode(text: str) -> str:
    found = POSTCODE.search(text)
    return f"{found[1]} {found[2]}".upper() if found else ""


def _is_same_home(contact: str, row: Row, *, has_postcode: bool) -> bool:
    """Whether a stay is at the address. At one postcode a number in common is enough, or none on either side."""
    lines = row["address_lines"] or ""
    written = normalise(POSTCODE.sub("", lines))
    plain = normalise(POSTCODE.sub("", contact))
    if written and (written in plain or plain in written):
        return True
    if not has_postcode:
        return False
    ours, theirs = (set(_NUMBER.findall(POSTCODE.sub("", text).lower())) for text in (contact, lines))
    return bool(ours & theirs) or not ours or not theirs

"""Sealed adoptions: two identities of one human that nobody may put together.

`restricted/sealed.csv` names, for each seal, records of the identity before the adoption and of the one since. Records
of two sides are never one person, whatever a score, an identifier, a decision or a third record says. A record that is
not named but holds a number of one side stands on that side too; one that holds numbers of both stands alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from braid.language.codes import CODE_LISTS
from braid.language.records import record_id
from braid.people.households import Apart
from braid.people.model import Sides
from braid.people.ties import read_family
from braid.store.engine import Engine
from braid.store.place_folder import PlaceInvalid

NO_FORMERS: Mapping[str, Sequence[str]] = {}
SEALS_FILE = "sealed"
"""Name of the file under `restricted/`, without its ending."""
COLUMNS = ("seal", "side", "feed", "partner_record_id")
PRE_ADOPTIVE, ADOPTIVE = "pre_adoptive", "adoptive"
NUMBERS = ("nhs", "upn", "la_child", "nino")
"""Schemes that put a record on the side of another. A former pupil number does not: it is what leads across."""


@dataclass(frozen=True)
class SealedRow:
    """One named record of one side of a seal."""

    seal: str
    side: str
    feed: str
    partner_record_id: str


@dataclass(frozen=True)
class Seals:
    """Which record stands on which side; `absent` are named records that no extract holds now."""

    sides: Sides
    absent: Sides = field(default_factory=dict)


def parse_seals(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[SealedRow, ...]:
    """Return the rows of `restricted/sealed.csv`, each given with its line.

    Raises `PlaceInvalid` naming line and rule at the first that is wrong: a seal that cannot be read must not lapse.
    """
    found: list[SealedRow] = []
    side_of: dict[tuple[str, str, str], str] = {}
    for line, row in rows:
        where = f"restricted/{SEALS_FILE}.csv line {line}"
        values = [(row.get(name) or "").strip() for name in COLUMNS]
        if not all(values):
            raise PlaceInvalid(f"{where}: {', '.join(COLUMNS)} are all needed; fill them")
        sealed = SealedRow(*values)
        if sealed.side not in CODE_LISTS["seal_side"]:
            raise PlaceInvalid(f"{where}: side is {' or '.join(CODE_LISTS['seal_side'])}; write one of them")
        if side_of.setdefault((sealed.seal, sealed.feed, sealed.partner_record_id), sealed.side) != sealed.side:
            raise PlaceInvalid(f"{where}: one record stands on both sides of one seal; take it from one of them")
        found.append(sealed)
    return tuple(found)


def find_seals(engine: Engine, rows: Iterable[SealedRow]) -> Seals:
    """Return on which sides the records of `engine` stand: those named, and those that hold a number of one side."""
    rows = tuple(rows)
    if not rows:
        return Seals({})
    present = {row["record_id"] for row in engine.rows("select record_id from person_record")}
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        named[record_id(row.feed, "person_record", row.partner_record_id)].add((row.seal, row.side))
    held = _with_holders(engine, {record: sides for record, sides in named.items() if record in present})
    absent = {record: frozenset(sides) for record, sides in named.items() if record not in present}
    return Seals({record: frozenset(sides) for record, sides in held.items()}, absent)


def _with_holders(engine: Engine, named: Mapping[str, set[tuple[str, str]]]) -> dict[str, set[tuple[str, str]]]:
    numbers = list(_numbers(engine))
    sides_of: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for record, number in numbers:
        sides_of[number] |= named.get(record, set())
    found = {record: set(sides) for record, sides in named.items()}
    for record, number in numbers:
        if record not in named and sides_of[number]:
            found.setdefault(record, set()).update(sides_of[number])
    return found


def _numbers(engine: Engine) -> Iterator[tuple[str, str]]:
    schemes = ", ".join(f"'{scheme}'" for scheme in NUMBERS)
    for row in engine.rows(
        f"select person_record_id, organisation_id, scheme, value from identifier where scheme in ({schemes})"
    ):
        register = row["organisation_id"] if row["scheme"] == "la_child" else ""
        yield row["person_record_id"], f"{row['scheme']}\x1f{register}\x1f{row['value']}"


def find_apart(engine: Engine, sides: Sides, person_ids: Mapping[str, str]) -> Apart:
    """Return of each person the sides on which no household or family may join them to the other.

    The family of the first identity stands with it, by what any source says: parents and siblings lead across as surely
    as a name. Whoever is of the second identity themselves does not.
    """
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for record, held in sides.items():
        if record in person_ids:
            found[person_ids[record]] |= held
    if not found:
        return {}
    adopted = {person_id for person_id, held in found.items() if any(side == ADOPTIVE for _, side in held)}
    before = {person_id: {item for item in held if item[1] == PRE_ADOPTIVE} for person_id, held in found.items()}
    for pair in read_family(engine, person_ids):
        for one, other in (pair, pair[::-1]):
            if before.get(one) and other not in adopted:
                found[other] |= before[one]
    return {person_id: frozenset(held) for person_id, held in found.items()}


def sealed_persons(sides: Sides, person_ids: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of `sealed_person`: who stands on which kind of side. Which two belong together is not said."""
    pairs = {(person_ids[record], side) for record, held in sides.items() if record in person_ids for _, side in held}
    return [{"person_id": person_id, "side": side} for person_id, side in sorted(pairs)]


def find_ended_ids(
    sides: Sides, known: Mapping[str, str], formers: Mapping[str, Sequence[str]] = NO_FORMERS
) -> frozenset[str]:
    """Return the person ids that records of two sides of one seal have had: kept by either, they would lead across.

    `known` is who each record was last, `formers` whom it was believed to be before.
    """
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record, items in sides.items():
        for seal, side in items:
            for person_id in (*([known[record]] if record in known else ()), *formers.get(record, ())):
                held[person_id, seal].add(side)
    return frozenset(person_id for (person_id, _), found in held.items() if len(found) > 1)

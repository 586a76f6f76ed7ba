"""What a reviewer sees of two records: names, birth dates, sex, masked numbers, districts, and how each field weighed.

Nothing that is confidential is read, and of two people of whom one's location is withheld neither a district nor how
their postcodes compare: to know that somebody protected lives near somebody whose district is shown is to know theirs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from braid.people.comparisons import COMPARISONS
from braid.pipeline import open_run
from braid.store.engine import Engine
from braid.store.lake import Run

SAMPLE = "link_sample"
TABLES_READ = ("link_review", "link_review_field", "person_record", "identifier", "stay", "postcode", "person")
SCHEMES = {"nhs": "NHS number", "upn": "Pupil number", "la_child": "Council's number of a child", "nino": "NI number"}
SHOWN_FIGURES = 3
"""Last figures of a number that are shown; where two differ, also those in which they do."""
HIDDEN_FIGURE = "•"
TELL_PLACE = ("place", "household")
"""Fields that tell who lives near whom."""
ASKS = {
    "above_threshold": "perhaps_two",
    "single_join": "perhaps_two",
    "tie": "tie",
    "strong_refused": "refused",
    "number": "refused",
    "bridge": "bridge",
    "decided": "decided",
}
"""What a reviewer is asked, by cause. Causes that would tell that a guard holds a record are asked like any other."""
PERHAPS_ONE = "perhaps_one"

_HOMES = """
select h.id, h.district_code from (
  select r.id, c.district_code, row_number() over (
    partition by r.id order by case when s.end_date is null then 0 else 1 end, s.start_date desc, s.record_id) as place
  from reviewed r join stay s on s.person_record_id = r.id join postcode c on c.postcode = s.postcode
  where not s.confidential and s.kind <> 'refuge') h
where h.place = 1"""
Row = Mapping[str, Any]
Sheet = dict[str, Any]


def read_sheets(run: Run) -> list[tuple[Row, Sheet]]:
    """Return the rows of `link_review` of a run in order, and those of its sample that are not there, each with its
    sheet and its place in the sample."""
    has_sample = run.table(SAMPLE).is_file()
    with closing(open_run(run, names=(*TABLES_READ, *((SAMPLE,) if has_sample else ())))) as engine:
        reviews = _read_reviews(engine, has_sample=has_sample)
        named = ("link_review", SAMPLE) if has_sample else ("link_review",)
        ends = (f"select record_{end} as id from {table}" for table in named for end in "ab")
        engine.create("reviewed", " union ".join(ends))
        records = _records(engine)
        fields = _fields(engine)
        withheld = _withheld(engine)
    return [
        (row, _sheet(row, records, fields[row["record_a"], row["record_b"]], withheld=_is_withheld(row, withheld)))
        for row in reviews
    ]


def _read_reviews(engine: Engine, *, has_sample: bool) -> list[Row]:
    drawn = engine.rows(f"select * from {SAMPLE} order by asked_order") if has_sample else []
    place_of = {(row["record_a"], row["record_b"]): row["asked_order"] for row in drawn}
    queue = engine.rows("select * from link_review order by position, record_a, record_b")
    asked = {(row["record_a"], row["record_b"]) for row in queue}
    others = ({**row, "position": 0} for row in drawn if (row["record_a"], row["record_b"]) not in asked)
    return [{**row, "sample_place": place_of.get((row["record_a"], row["record_b"]), 0)} for row in (*queue, *others)]


def _is_withheld(row: Row, withheld: frozenset[str]) -> bool:
    return not withheld.isdisjoint((row["person_a"], row["person_b"]))


def _withheld(engine: Engine) -> frozenset[str]:
    return frozenset(
        row["person_id"] for row in engine.rows("select person_id from person where location_withheld or protected")
    )


def _fields(engine: Engine) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in engine.rows("select record_a, record_b, comparison, level, bits from link_review_field"):
        found[row["record_a"], row["record_b"]].append(row)
    order = {name: place for place, name in enumerate((*(each.name for each in COMPARISONS), "household"))}
    for rows in found.values():
        rows.sort(key=lambda row: order.get(row["comparison"], -1))
    return found


def _records(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return what is read of each record under review, its district by its latest stay that is not confidential."""
    homes = {row["id"]: row["district_code"] for row in engine.rows(_HOMES)}
    numbers = _numbers(engine)
    return {
        row["record_id"]: {
            "given": row["given_name"] or "",
            "family": row["family_name"] or "",
            "other": row["other_names"] or "",
            "birth": row["birth_date"].isoformat() if row["birth_date"] else "",
            "precision": row["birth_date_precision"] or "",
            "sex": row["sex"] or "",
            "district": homes.get(row["record_id"], ""),
            "numbers": numbers[row["record_id"]],
        }
        for row in engine.rows(
            "select record_id, given_name, family_name, other_names, birth_date, birth_date_precision, sex"
            " from person_record p join reviewed r on r.id = p.record_id"
        )
    }


def _numbers(engine: Engine) -> dict[str, dict[str, str]]:
    """Return the numbers of each record whose check holds, the first of each scheme."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in engine.rows(
        "select person_record_id, scheme, value from identifier i join reviewed r on r.id = i.person_record_id"
        " where check_result <> 'fail' order by person_record_id, scheme, value"
    ):
        if row["scheme"] in SCHEMES:
            found[row["person_record_id"]].setdefault(row["scheme"], row["value"])
    return found


def _sheet(row: Row, records: Mapping[str, Mapping[str, Any]], fields: Sequence[Row], *, withheld: bool) -> Sheet:
    sides = [dict(records[row["record_a"]]), dict(records[row["record_b"]])]
    numbers = mask_numbers(*(side.pop("numbers") for side in sides))
    for side, shown in zip(sides, numbers, strict=True):
        side["numbers"] = shown
        if withheld:
            side["district"] = ""
    told = [one for one in fields if not (withheld and one["comparison"] in TELL_PLACE)]
    return {
        "asks": _asks(row),
        "sides": sides,
        "tells_place": not withheld,
        "fields": [[one["comparison"], one["level"], round(one["bits"], 4)] for one in told],
        "records": [row["records_a"], row["records_b"]],
        "services": [len(row["feeds_a"].split()), len(row["feeds_b"].split())],
        "waits": [len(row["waits_a"].split()), len(row["waits_b"].split())],
        "stake": row["stake"],
    }


def _asks(row: Row) -> str:
    if row["cause"] == "sample":
        return "sample_joined" if row["is_joined"] else "sample_apart"
    return ASKS.get(row["cause"], PERHAPS_ONE)


def mask_numbers(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the numbers of two records by scheme, masked: what tells whether they are one number, and no more."""
    schemes = [scheme for scheme in SCHEMES if scheme in left or scheme in right]
    pairs = {scheme: (left.get(scheme, ""), right.get(scheme, "")) for scheme in schemes}
    return (
        {scheme: mask(one, other) for scheme, (one, other) in pairs.items()},
        {scheme: mask(other, one) for scheme, (one, other) in pairs.items()},
    )


def mask(value: str, other: str) -> str:
    """Return a number with its last figures alone, and those in which it differs from the other of the same length."""
    differs = _differing(value, other)
    return "".join(
        figure if place >= len(value) - SHOWN_FIGURES or place in differs else HIDDEN_FIGURE
        for place, figure in enumerate(value)
    )


def _differing(value: str, other: str) -> frozenset[int]:
    if len(value) != len(other):
        return frozenset()
    pairs: Iterable[tuple[str, str]] = zip(value, other, strict=True)
    return frozenset(place for place, (one, two) in enumerate(pairs) if one != two)

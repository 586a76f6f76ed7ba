"""What each seat of each shipped kind of case reads by part and by side, against the file's own words."""

from __future__ import annotations

import pytest

from braid.care.case_types import shipped_case_types
from braid.care.sides import EVERYBODY, abouts_of, parts_known, parts_shown, sees_all, sees_side, sees_words
from care.table import SHIPPED, shipped_table

SEATS = [(name, row["id"]) for name in SHIPPED for row in shipped_table(name)["agency"]]


def shown(table: dict, seat: str) -> set[str]:
    return {pair.partition("@")[2] for row in table["agency"] if row["id"] == seat for pair in row["sees"]}


def asked(table: dict, seat: str) -> set[str]:
    about = {row["id"]: row["about"] for row in table["question"]}
    answers = next(row["answers"] for row in table["agency"] if row["id"] == seat)
    return {part for one in answers for part in ([one.partition("@")[2]] if "@" in one else about[one])}


@pytest.mark.parametrize(("name", "seat"), SEATS)
def test_a_seat_reads_words_of_the_parts_that_the_file_shows_it(name: str, seat: str) -> None:
    kind, table = shipped_case_types()[name], shipped_table(name)
    parts = [row["id"] for row in table["part"]]
    assert parts_shown(kind, seat) == shown(table, seat)
    assert parts_known(kind, seat) == shown(table, seat) | asked(table, seat)
    for part in parts:
        assert sees_words(kind, seat, part) is (part in shown(table, seat))
    for everybody in (EVERYBODY, "", "no_part"):
        assert sees_words(kind, seat, everybody) is (shown(table, seat) == set(parts)) is sees_all(kind, seat)
    apart = {row["id"] for row in table["part"] if row.get("apart")}
    assert sees_side(kind, seat, apart=True) is bool(shown(table, seat) & apart)
    assert sees_side(kind, seat, apart=False) is bool(shown(table, seat) - apart)
    assert [code for code, _ in abouts_of(kind, seat)] == [
        *(part for part in parts if part in parts_known(kind, seat)),
        EVERYBODY,
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_somebody_at_each_table_reads_all_and_a_stranger_nothing(name: str) -> None:
    """Minutes are sent by a seat that is shown all of them."""
    kind = shipped_case_types()[name]
    assert any(sees_all(kind, seat) for seat in kind.agencies)
    assert not parts_known(kind, "no_seat") and not sees_all(kind, "no_seat")
    assert not any(sees_words(kind, "no_seat", about) for about in (*kind.parts, EVERYBODY))


def test_the_school_of_a_child_reads_neither_who_is_accused_nor_anything_of_them() -> None:
    kind = shipped_case_types()["marac"]
    assert parts_known(kind, "education") == {"harmed", "child"}
    assert parts_known(kind, "housing") == {"harmed", "child"}

"""What changed suddenly in a feed is told, and ordinary variation is not."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from braid.extracts.feed_alerts import Shape, chi_square_quantile, find_alerts, stability_index
from braid.extracts.feed_shape import create_feed_shape, find_feed_alerts, shape_of
from braid.extracts.run import FeedSummary
from braid.language.codes import CODE_LISTS
from braid.language.feed_findings import FEED_SHAPE
from braid.language.records import SOURCE_TABLES
from braid.pipeline import new_engine
from extracts.feed_changes import CHANGES, change_shape

DAY = dt.date(2026, 11, 15)
CODES = ("ta_bnb", "ta_nightly", "ta_hostel", "sofa", "refuge")
WEIGHTS = (30, 25, 20, 15, 10)


def draw(chance: random.Random, people: int) -> Shape:
    """Return the shape of an extract drawn by chance: nothing of how it is made changes from one to the next."""
    rows = max(0, round(chance.gauss(people, people**0.5)))
    stays = Counter(chance.choices(CODES, WEIGHTS, k=rows))
    filled = {name: sum(chance.random() < share for _ in range(rows)) for name, share in FILLED.items()}
    return {
        ("rows", "", "", ""): (rows, rows),
        ("rejected", "", "", ""): (sum(chance.random() < 0.01 for _ in range(rows)), rows),
        ("unmapped", "", "title", ""): (rows, rows),
        ("records", "stay", "", ""): (rows, rows),
        ("newest", "stay", "start_date", ""): (chance.randrange(8), rows),
        **{("filled", "stay", name, ""): (value, rows) for name, value in filled.items()},
        **{("codes", "stay", "kind", code): (stays[code], rows) for code in CODES if stays[code]},
    }


FILLED = {"uprn": 0.6, "postcode": 0.97, "end_date": 0.3, "reason_in": 0.02}


@pytest.mark.parametrize("people", [20, 60, 300, 3000])
def test_ordinary_variation_is_not_told(people: int) -> None:
    told: Counter[str] = Counter()
    for seed in range(20):
        chance = random.Random(f"{people} {seed}")
        series = [draw(chance, people) for _ in range(8)]
        for position in range(1, len(series)):
            told.update(one.kind for one in find_alerts(series[position], series[:position]))
    assert not told, "140 extracts of each size"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("people", [300, 1000])
def test_a_sudden_change_is_told_by_its_name(change: str, people: int) -> None:
    for seed in range(10):
        chance = random.Random(f"{people} {seed}")
        series = [draw(chance, people) for _ in range(5)]
        changed, wanted = change_shape(series[-1], change)
        assert changed is not None
        found = find_alerts(changed, series[:-1])
        assert wanted & {one.kind for one in found}, (change, seed)
        assert all(one.kind in CODE_LISTS["shape_alert"] and one.words for one in found)


def test_a_new_column_and_a_kind_of_record_that_is_gone_are_told_once() -> None:
    chance = random.Random("new")
    before = [draw(chance, 300) for _ in range(4)]
    now = {key: pair for key, pair in before[-1].items() if "stay" not in key}
    now |= {("unmapped", "", "surname2", ""): (300, 300), ("records", "stay", "", ""): (0, 0)}
    assert [one.kind for one in find_alerts(now, before)] == ["records_gone", "column_unknown"]
    assert [one.kind for one in find_alerts({("rows", "", "", ""): (0, 0)}, before)] == ["rows_fewer"]
    assert find_alerts(now, []) == [], "the first extract of a feed has nothing to be compared with"


def test_the_index_is_that_of_its_definition_and_small_counts_are_not_enough() -> None:
    index, is_beyond = stability_index({"a": 5000, "b": 5000}, {"a": 8000, "b": 2000})
    assert index == pytest.approx((0.8 - 0.5) * 0.4700 + (0.2 - 0.5) * -0.9163, abs=0.001) and is_beyond
    small, is_beyond = stability_index({"a": 6, "b": 6}, {"a": 10, "b": 2})
    assert small > 0.25 and not is_beyond
    assert stability_index({"a": 9}, {"a": 3}) == (0.0, False) == stability_index({}, {"a": 3})
    assert [chi_square_quantile(one) for one in (1, 4, 10)] == pytest.approx([15.1, 23.5, 35.6], rel=0.08)


def stays(kinds: list[str], postcodes: int) -> list[dict[str, object]]:
    lineage = {"feed": "council-ta", "organisation_id": "council", "standard": "hclic", "collection_year": 2026}
    return [
        {
            **lineage,
            "record_id": f"{number:020}",
            "file_sha256": "f" * 64,
            "row_ref": f"line {number}",
            "as_of_date": DAY,
            "sensitivity": "normal",
            "person_record_id": "p",
            "kind": kind,
            "postcode": "QB1 1AA" if number < postcodes else None,
            "start_date": DAY - dt.timedelta(days=3 + number),
            "confidential": False,
        }
        for number, kind in enumerate(kinds)
    ]


def measure(kinds: list[str], postcodes: int, folder: Path, day: dt.date = DAY) -> tuple[Path, list[dict[str, object]]]:
    """Return the file of the shape of a feed with these stays, and its rows."""
    summary = FeedSummary("council-ta", "council", "hclic", day.isoformat(), rows_in=len(kinds))
    summary.unmapped["title"] = 4
    with closing(new_engine(folder)) as engine:
        for table in SOURCE_TABLES:
            engine.load_rows(table, stays(kinds, postcodes) if table.name == "stay" else [])
        create_feed_shape(engine, [summary])
        path = folder / f"{day}.parquet"
        engine.write(FEED_SHAPE, path)
        return path, engine.rows("select * from feed_shape")


def test_a_shape_is_measured_over_records_and_holds_no_value(tmp_path: Path) -> None:
    kinds = ["ta_bnb"] * 6 + ["refuge"] * 4
    _, rows = measure(kinds, 7, tmp_path)
    shape = shape_of(rows)
    assert shape["codes", "stay", "kind", "ta_bnb"] == (6, 10)
    assert shape["filled", "stay", "postcode", ""] == (7, 10) and shape["filled", "stay", "uprn", ""] == (0, 10)
    assert shape["newest", "stay", "start_date", ""] == (3, 10) and shape["rows", "", "", ""] == (10, 10)
    assert shape["unmapped", "", "title", ""] == (4, 10)
    codes = {code for codes in CODE_LISTS.values() for code in codes}
    assert {row["code"] for row in rows} <= codes | {""} and "QB1 1AA" not in str(rows)


def test_a_run_is_compared_with_extracts_before_it_alone(tmp_path: Path) -> None:
    usual = ["ta_bnb"] * 60 + ["refuge"] * 40
    paths = [measure(usual, 90, tmp_path, DAY - dt.timedelta(weeks=weeks))[0] for weeks in (3, 2, 1)]
    later, _ = measure(usual, 0, tmp_path, DAY + dt.timedelta(weeks=1))
    path, _ = measure(usual, 0, tmp_path)
    with closing(new_engine(tmp_path)) as engine:
        engine.load_parquet("feed_shape", path)
        (alert,) = find_feed_alerts(engine, [*paths, later])["council-ta"]
        assert find_feed_alerts(engine, [later])["council-ta"] == [], "a later extract is no history"
    assert (alert.kind, alert.table, alert.column) == ("column_gone", "stay", "postcode")
    assert "90% before, 0% now" in alert.words

"""Feeds over the days: changes laid over each other, snapshots, returns; what came late, corrected or taken back."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from braid.extracts.arrivals import compare_feed
from braid.extracts.retractions import Retractions, hash_of
from braid.extracts.run import FeedSummary, read_place
from braid.store.place_folder import Place, PlaceInvalid, load_place
from shared import shared_folder

LAST = dt.date(2026, 12, 31)
TOML = """
[place]
id = "somewhere"
name = "Somewhere"
[[organisation]]
id = "council"
name = "Council"
kind = "council"
[[feed]]
id = "feed"
organisation = "council"
standard = "{standard}"
year = 2026
sends = "{sends}"
"""
Tables = dict[str, list[dict[str, Any]]]


def make_place(folder: Path, standard: str = "csc_api", sends: str = "changes") -> Place:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "place.toml").write_text(TOML.format(standard=standard, sends=sends), encoding="utf-8")
    return load_place(folder)


def put(place: Place, date: str, payloads: Any, name: str = "children.json") -> Path:
    path = place.folder / "extracts" / "feed" / date / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = payloads if isinstance(payloads, str) else json.dumps(payloads)
    path.write_text(text, encoding="utf-8")
    return path


def read(place: Place, parts: Path, as_of: dt.date = LAST, **more: Any) -> tuple[FeedSummary, Tables]:
    """Read the place into an empty folder; return its feed's summary and every table that was written."""
    shutil.rmtree(parts, ignore_errors=True)
    (summary,) = read_place(place, as_of, parts, 1, **more)
    return summary, {
        path.name.split(".")[0]: pq.read_table(path).to_pylist() for path in sorted(parts.glob("*.parquet"))
    }


def child(key: str, sex: str = "F", **more: Any) -> dict[str, Any]:
    return {"la_child_id": key, "child_details": {"sex": sex}, **more}


def episode(key: str) -> dict[str, Any]:
    day = {"E1": 1, "E3": 3}.get(key, 2)
    return {"social_care_episode_id": key, "referral_date": f"2026-10-0{day}", "referral_source": "1A"}


def children(tables: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    return {row["partner_record_id"]: row["sex"] for row in tables.get("person_record", [])}


def test_days_of_changes_are_laid_over_each_other_and_every_night_is_as_if_read_anew(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place")
    days: dict[str, Any] = {
        "2026-11-01": [child("A"), child("B")],
        "2026-11-02": [child("B", "M")],
        "2026-11-03": [],
        "2026-11-04": [{"la_child_id": "A", "purge": True}, {"la_child_id": "SSD_PH"}, child("C")],
    }
    for date, payloads in days.items():
        put(place, date, payloads)
        summary, tables = read(place, tmp_path / "parts")
        shutil.copytree(place.folder, tmp_path / "anew", ignore=shutil.ignore_patterns("lake"))
        anew, others = read(load_place(tmp_path / "anew"), tmp_path / "parts-anew")
        assert tables == others
        assert summary.document() == anew.document()
        shutil.rmtree(tmp_path / "anew")
    assert children(tables) == {"B": "male", "C": "female"}
    assert {row["as_of_date"] for row in tables["person_record"]} == {dt.date(2026, 11, 4)}
    by_child = {row["partner_record_id"]: row["file_sha256"] for row in tables["person_record"]}
    files = {name.split("/")[2]: digest for name, digest in summary.files.items()}
    assert by_child == {"B": files["2026-11-02"], "C": files["2026-11-04"]}
    assert (summary.rows_in, summary.rows_read, summary.rows_rejected) == (10, 9, 1)
    assert [(row["rule"], row["file_name"]) for row in tables["reject"]] == [("key_missing", "children.json")]
    look_back, then = read(place, tmp_path / "parts", dt.date(2026, 11, 2))
    assert children(then) == {"A": "female", "B": "male"} and look_back.as_of_date == "2026-11-02"
    assert (place.lake_folder / "changes" / "feed.jsonl").stat().st_mode & 0o077 == 0


def test_a_late_day_is_read_in_its_place_and_a_corrected_one_instead(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place")
    put(place, "2026-11-01", [child("A")])
    put(place, "2026-11-03", [child("A", "M")])
    first, _ = read(place, tmp_path / "parts")
    put(place, "2026-11-02", [child("A"), child("L")])
    late, tables = read(place, tmp_path / "parts")
    assert children(tables) == {"A": "male", "L": "female"}, "what is newer still holds"
    assert compare_feed(late, first.document())["late"] == ["2026-11-02"]
    put(place, "2026-11-02", [child("L", "M")])
    corrected, tables = read(place, tmp_path / "parts")
    assert children(tables) == {"A": "male", "L": "male"}
    told = compare_feed(corrected, late.document())
    assert told == {"late": [], "corrected": ["extracts/feed/2026-11-02/children.json"], "same": [], "gone": []}


def test_a_day_that_cannot_be_read_is_passed_over_alone_and_said(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place")
    put(place, "2026-11-01", [child("A")])
    put(place, "2026-11-02", '[{"la_child_id": "A", "pur')
    put(place, "2026-11-03", [child("B")])
    summary, tables = read(place, tmp_path / "parts")
    assert children(tables) == {"A": "female", "B": "female"}
    assert (summary.unreadable, summary.as_of_date) == (["2026-11-02"], "2026-11-03")
    (issue,) = tables["issue"]
    assert issue["rule"] == "file_truncated" and issue["message"].endswith("What it changes or takes back is not done.")


def test_a_file_taken_back_leaves_nothing_and_is_not_kept(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place")
    put(place, "2026-11-01", [child("A")])
    wrong = put(place, "2026-11-02", [child("A", "M"), child("Zzcanary")])
    put(place, "2026-11-03", [child("B")])
    _, before = read(place, tmp_path / "parts")
    assert "Zzcanary" in children(before)
    taken = Retractions({"feed": frozenset({hash_of(wrong)})})
    summary, tables = read(place, tmp_path / "parts", retractions=taken)
    assert children(tables) == {"A": "female", "B": "female"}
    assert summary.retracted == ["2026-11-02/children.json"]
    assert not any("Zzcanary" in path.read_text(encoding="utf-8") for path in (place.lake_folder / "changes").iterdir())
    _, without = read(place, tmp_path / "parts", without={"feed": frozenset({"B"})})
    assert "B" not in children(without)


def is_kept(place: Place, word: str) -> bool:
    return any(word in path.read_text(encoding="utf-8") for path in (place.lake_folder / "changes").iterdir())


@pytest.mark.parametrize("is_deleted", [False, True])
def test_the_newest_file_leaves_nothing_either_when_it_is_taken_back(is_deleted: bool, tmp_path: Path) -> None:
    place = make_place(tmp_path / "place")
    put(place, "2026-11-01", [child("A")])
    wrong = put(place, "2026-11-02", [child("Zzcanary")])
    read(place, tmp_path / "parts")
    assert is_kept(place, "Zzcanary")
    read(place, tmp_path / "parts", dt.date(2026, 11, 1))
    assert is_kept(place, "Zzcanary"), "a look back costs the next night nothing"
    taken = Retractions({"feed": frozenset({hash_of(wrong)})})
    if is_deleted:
        wrong.unlink()
    _, tables = read(place, tmp_path / "parts", **({} if is_deleted else {"retractions": taken}))
    assert children(tables) == {"A": "female"}
    assert not is_kept(place, "Zzcanary")


@pytest.mark.parametrize(
    ("payloads", "at"),
    [
        ([child("A"), child("Zzcanary")], "/1"),
        (
            [child("A", social_care_episodes=[episode("E1"), episode("Zzcanary"), episode("E3")])],
            "/0/social_care_episodes/1",
        ),
        ([child("A", social_care_episodes=episode("Zzcanary"))], "/0/social_care_episodes/0"),
        ([child("A", "Zzcanary")], "/0/child_details"),
        ([child("A", social_care_episodes=[{"referral_source": "Zzcanary"}])], "/0/social_care_episodes/0"),
    ],
)  # fmt: skip
def test_a_row_that_was_taken_back_is_gone_from_what_is_kept_after_the_next_run(
    payloads: list[Any], at: str, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "place")
    put(place, "2026-11-01", [child("B")])
    wrong = put(place, "2026-11-02", payloads)
    put(place, "2026-11-03", [child("B", "M")])
    read(place, tmp_path / "parts")
    assert is_kept(place, "Zzcanary")
    taken = Retractions(rows=frozenset({("feed", hash_of(wrong), at), ("other", hash_of(wrong), "/0")}))
    _, tables = read(place, tmp_path / "parts", retractions=taken)
    assert not is_kept(place, "Zzcanary")
    assert not any("Zzcanary" in str(rows) for rows in tables.values())
    assert children(tables)["B"] == "male" and "A" in children(tables)
    if "E1" in json.dumps(payloads):
        refs = {row["row_ref"] for row in tables["episode"]}
        assert refs >= {"/0/social_care_episodes/0", "/0/social_care_episodes/2"}, "what is beside it keeps its place"
    put(place, "2026-11-04", [child("C")])
    _, tables = read(place, tmp_path / "parts", retractions=taken)
    assert "C" in children(tables) and not is_kept(place, "Zzcanary")
    read(place, tmp_path / "parts")
    assert is_kept(place, "Zzcanary"), "a row that is deleted from the list by hand is read again"


def test_snapshots_of_the_same_payload_are_whole_and_a_purge_in_one_holds_in_it_alone(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", sends="snapshots")
    put(place, "2026-11-01", [child("A"), child("B")])
    put(place, "2026-11-02", [child("A"), child("C")], "1.json")
    put(place, "2026-11-02", [{"la_child_id": "C", "purge": True}], "2.json")
    _, tables = read(place, tmp_path / "parts")
    assert children(tables) == {"A": "female"}
    assert not (place.lake_folder / "changes").exists()
    put(place, "2026-11-03", "[")
    summary, tables = read(place, tmp_path / "parts")
    assert (children(tables), summary.unreadable) == ({"A": "female"}, ["2026-11-03"])


def test_an_extract_taken_back_gives_way_to_the_one_before_and_a_late_one_is_told(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", sends="snapshots")
    first = put(place, "2026-11-01", [child("A")])
    second = put(place, "2026-11-08", [child("B")])
    before, _ = read(place, tmp_path / "parts")
    taken = Retractions({"feed": frozenset({hash_of(second)})})
    summary, tables = read(place, tmp_path / "parts", retractions=taken)
    assert (summary.as_of_date, children(tables)) == ("2026-11-01", {"A": "female"})
    assert summary.retracted == ["2026-11-08/children.json"]
    assert compare_feed(summary, before.document())["gone"] == []
    both = Retractions({"feed": frozenset({hash_of(first), hash_of(second)})})
    nothing, tables = read(place, tmp_path / "parts", retractions=both)
    assert (nothing.as_of_date, nothing.retracted, tables) == (
        None,
        ["2026-11-08/children.json", "2026-11-01/children.json"],
        {},
    )
    put(place, "2026-11-05", [child("L")])
    late, tables = read(place, tmp_path / "parts")
    assert children(tables) == {"B": "female"}, "a late snapshot is not the newest"
    assert compare_feed(late, before.document())["late"] == ["2026-11-05"]
    put(place, "2026-11-09", [child("B")])
    again, _ = read(place, tmp_path / "parts")
    assert compare_feed(again, late.document())["same"] == ["extracts/feed/2026-11-09/children.json"]
    assert compare_feed(again, None) == {"late": [], "corrected": [], "same": [], "gone": []}


def test_changes_are_known_for_standards_that_can_be_laid_alone(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", "cin")
    with pytest.raises(PlaceInvalid, match="csc_api"):
        read(place, tmp_path / "parts")
    with pytest.raises(PlaceInvalid, match="snapshots, changes, returns"):
        make_place(tmp_path / "other", sends="deltas")


def _put_year(place: Place, year: int) -> None:
    folder = shared_folder("fixtures", "ssda903")
    for path in sorted(folder.glob(f"{year}-*.csv")):
        put(place, f"{year}-03-31", path.read_text(encoding="utf-8"), path.name)


def _rows(year: int, module: str) -> list[dict[str, str]]:
    path = shared_folder("fixtures", "ssda903") / f"{year}-{module}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_next_years_return_extends_episodes_and_doubles_nothing(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", "ssda903", "returns")
    _put_year(place, 2019)
    _, one = read(place, tmp_path / "parts")
    _put_year(place, 2020)
    summary, two = read(place, tmp_path / "parts")
    for name, table in two.items():
        if name not in ("issue", "reject"):
            ids = [row["record_id"] for row in table]
            assert len(ids) == len(set(ids)), name
    placed = {(row["person_record_id"], row["start_date"]) for row in two["stay"] if row["start_date"]}
    keys = {(row["CHILD"], row["DECOM"]) for year in (2019, 2020) for row in _rows(year, "episodes")}
    assert len(placed) == len(keys)
    first = {row["record_id"]: row for row in one["episode"] if row["kind"] == "cla"}
    later = {row["record_id"]: row for row in two["episode"] if row["kind"] == "cla"}
    extended = [key for key in first.keys() & later.keys() if first[key]["end_date"] != later[key]["end_date"]]
    assert extended, "periods that were open at the end of the first year go on in the second"
    assert all(later[key]["standard"] == "ssda903" for key in extended)
    spans: dict[str, list[tuple[dt.date, dt.date, str]]] = {}
    for row in later.values():
        span = (row["start_date"], row["end_date"] or dt.date.max, row["start_reason"])
        spans.setdefault(row["person_record_id"], []).append(span)
    twice = [after for own in spans.values() for one, after in itertools.pairwise(sorted(own)) if after[0] < one[1]]
    assert {start_reason for _, _, start_reason in twice} <= {"ssda903:S"}, "only where the return says a new start"
    people = {row["CHILD"] for year in (2019, 2020) for row in _rows(year, "header")}
    assert {
        row["partner_record_id"] for row in two["person_record"] if "/baby/" not in row["partner_record_id"]
    } == people
    assert {row["collection_year"] for row in two["outcome"]} == {2019, 2020}
    assert summary.as_of_date == "2020-03-31"
    _, again = read(place, tmp_path / "parts")
    assert again == two


def test_a_later_return_corrects_an_earlier_one_also_where_it_leaves_something_out(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", "ssda903", "returns")
    heading = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
    put(place, "2019-03-31", f"{heading}\nC1,01/05/2018,S,C2,,U1,,01/02/2019,E4A,,,,\n", "episodes.csv")
    put(place, "2020-03-31", f"{heading}\nC1,01/05/2018,S,C2,,U1,,,,,,,\n", "episodes.csv")
    _, tables = read(place, tmp_path / "parts")
    ((stay,), (episode,)) = tables["stay"], tables["episode"]
    assert (stay["end_date"], episode["end_date"], episode["status"]) == (None, None, "open")

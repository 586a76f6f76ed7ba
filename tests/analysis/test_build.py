"""Datasets of the example place: the naive twin builds the same, and who must be left out is."""

from __future__ import annotations

import datetime as dt
import stat
from dataclasses import replace

import pytest

from analysis.places import (
    NOW,
    Ran,
    build,
    copy_of,
    declared,
    key_of,
    nobody_told,
    not_suspended,
    rows_of,
    table,
    truth,
    write_table,
)
from analysis.twin import build_naively, order, pseudonym
from braid.analysis.build import FOLDER, SEALED_LIST, build_dataset, rounded
from braid.analysis.load import SHIPPED, parse_dataset
from braid.analysis.model import Dataset, DatasetRefused
from braid.analysis.permission import find_permission
from braid.analysis.selection import INPUT_TABLES, LEFT_OUT_TABLES
from braid.pipeline import open_run
from braid.store.agreements import load_agreements
from braid.store.dataset_folder import BuiltDataset
from braid.store.portable import compile_sql
from braid.store.pseudonym_keys import open_pseudonym_key, rotate_pseudonym_key

HOUSEHOLDS = """
id = "households"
name = "Households on the register"
purpose = "school_from_ta"
backlogs = ["social_housing", "homelessness", "temporary_accommodation", "hospital_treatment"]
unit = "household"
k = 5
retention_days = 30
optout_applies = true
optout_reason = "A made-up reason, long enough to stand here, with the law it would rest on"

[[table]]
name = "people"
from = "person"
pseudonyms = ["person", "household"]
column = [
    { name = "age", from = "birth_date", ladder = ["age_10", "age_child_or_adult", "none"] },
    { name = "ethnicity", from = "ethnicity_group", ladder = ["common", "none", "none"] },
]

[[table]]
name = "waits"
from = "person_wait"
pseudonyms = ["person", "wait"]
column = [
    { name = "kind", from = "kind", ladder = ["code", "code", "code"] },
    { name = "started", from = "start_date", ladder = ["month", "year", "none"] },
]
"""


def permitted(ran: Ran, dataset: Dataset):
    kinds = {organisation.id: organisation.kind for organisation in ran.place.organisations}
    return find_permission(dataset, load_agreements(ran.place).valid, kinds, "", NOW, not_suspended)


def every_pseudonym(one: BuiltDataset, kind: str = "person") -> set[str]:
    return {row[kind] for path in one.folder.glob("*.parquet") for row in rows_of(path) if row.get(kind)}


@pytest.mark.parametrize("name", [*SHIPPED, "households"])
def test_the_naive_twin_builds_the_same_dataset(ran: Ran, built: dict[str, BuiltDataset], name: str) -> None:
    dataset = parse_dataset(HOUSEHOLDS, "households.toml") if name == "households" else declared(ran, name)
    one = build(ran, dataset) if name == "households" else built[name]
    key = key_of(ran, dataset)
    expected = build_naively(ran, dataset, permitted(ran, dataset), key)
    found = {path.stem: sorted(rows_of(path), key=order) for path in one.folder.glob("*.parquet")}
    assert found == expected
    if name in ("backlog_measures", "households"):
        assert all(len(rows) > 50 for rows in found.values())
    assert {each: len(rows) for each, rows in found.items()} == {
        each: described["rows"] for each, described in one.manifest["tables"].items()
    }


def test_people_who_opted_out_by_the_truth_are_in_no_dataset_it_applies_to(
    ran: Ran, built: dict[str, BuiltDataset]
) -> None:
    """By the truth, not by the run's own table: whoever opted out and has a record with their NHS number."""
    out = {row["true_person_id"] for row in truth(ran, "opt_outs")}
    whose = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in truth(ran, "people")}
    numbered = {row["person_record_id"] for row in table(ran, "identifier") if row["scheme"] == "nhs"}
    links = {row["person_record_id"]: row["person_id"] for row in table(ran, "person_link")}
    records = {
        row["record_id"]: whose.get((row["feed"], row["partner_record_id"])) for row in table(ran, "person_record")
    }
    persons = {links[record] for record, true in records.items() if true in out and record in numbered}
    waiting = persons & {row["person_id"] for row in table(ran, "person_wait")}
    assert len(waiting) >= 5
    assert persons <= {row["person_id"] for row in table(ran, "opted_out_person")}
    everybody = replace(parse_dataset(HOUSEHOLDS, "households.toml"), unit="person", k=1)
    whole = build(ran, replace(everybody, dataset_id="not_applied", optout_applies=False))
    applied = build(ran, replace(everybody, dataset_id="applied"))
    for one in (whole, applied, *built.values()):
        key = open_pseudonym_key(ran.place.state_folder, one.manifest["purpose"], one.manifest["dataset"])
        theirs = {pseudonym(key.secret, "person", each) for each in persons} & every_pseudonym(one)
        assert len(theirs) >= 5 if one is whole else not theirs


def test_the_same_rows_are_there_where_the_opt_out_does_not_apply(ran: Ran) -> None:
    """So that the test above does not pass by their never having been there."""
    dataset = parse_dataset(HOUSEHOLDS.replace("optout_applies = true", "optout_applies = false"), "households.toml")
    whole = every_pseudonym(build(ran, replace(dataset, unit="person", k=1)))
    key = key_of(ran, dataset)
    out = {pseudonym(key.secret, "person", row["person_id"]) for row in table(ran, "opted_out_person")}
    assert out & whole
    applied = build(ran, replace(dataset, unit="person", k=1, optout_applies=True))
    assert not out & every_pseudonym(applied)
    assert whole - out >= every_pseudonym(applied)
    assert applied.manifest["left_out"]["people_opted_out"] == rounded(len(out & whole))


def test_sealed_people_are_in_no_dataset_and_in_no_count(ran: Ran, tmp_path) -> None:
    mine = copy_of(ran, tmp_path / "place")
    dataset = replace(parse_dataset(HOUSEHOLDS, "households.toml"), unit="person", k=1)
    before = build(mine, dataset)
    pseudonyms = every_pseudonym(before)
    ids = sorted({row["person_id"] for row in table(mine, "person_wait") if row["backlog"] == "social_housing"})[:20]
    by_now = table(mine, "sealed_person")
    write_table(mine, "sealed_person", [*by_now, *({**by_now[0], "person_id": each} for each in ids)])
    after = build(mine, dataset)
    key = key_of(mine, dataset)
    sealed = {pseudonym(key.secret, "person", each) for each in ids}
    assert sealed & pseudonyms
    assert every_pseudonym(after) == pseudonyms - sealed
    assert after.manifest["left_out"]["rows_not_shared"] == before.manifest["left_out"]["rows_not_shared"]


def test_sealed_people_whom_the_run_does_not_know_stop_every_dataset(ran: Ran, tmp_path) -> None:
    mine = copy_of(ran, tmp_path / "place")
    assert (mine.place.folder / SEALED_LIST).is_file()
    mine.run.table("sealed_person").unlink()
    with pytest.raises(DatasetRefused, match="does not know the sealed people"):
        build(mine, "backlog_measures")
    assert not (mine.place.folder / FOLDER).exists()


def test_a_run_without_a_list_of_opt_outs_stops_a_dataset_they_apply_to(ran: Ran, tmp_path) -> None:
    mine = copy_of(ran, tmp_path / "place")
    link = {**mine.run.manifest["stages"]["link"], "opt_out_list": False}
    without = replace(mine.run, manifest={**mine.run.manifest, "stages": {"link": link}})
    with pytest.raises(DatasetRefused, match="national data opt-out applies"):
        build(Ran(mine.place, without), "backlog_measures")


def test_rows_whose_existence_is_secret_come_for_victim_response_alone(
    ran: Ran, built: dict[str, BuiltDataset], tmp_path
) -> None:
    """A copy in which every register wait of a protected person is marked so: all of them vanish, without a count."""
    assert [name for name, one in built.items() if one.manifest["existence_rows"]] == ["victim_response"]
    mine = copy_of(ran, tmp_path / "place")
    protected = {row["person_id"] for row in table(mine, "person") if row["protected"]}
    dataset = replace(parse_dataset(HOUSEHOLDS, "households.toml"), unit="person", k=1)
    before = build(mine, dataset)
    pseudonyms = every_pseudonym(before)
    waits = table(mine, "person_wait")
    marked = [{**row, "sensitivity": "safe_address"} if row["person_id"] in protected else row for row in waits]
    write_table(mine, "person_wait", marked)
    after = build(mine, dataset)
    key = key_of(mine, dataset)
    theirs = {pseudonym(key.secret, "person", each) for each in protected}
    assert theirs & pseudonyms
    assert not theirs & every_pseudonym(after)
    assert after.manifest["left_out"] == before.manifest["left_out"]


def test_rows_of_an_organisation_that_does_not_share_are_left_out(ran: Ran) -> None:
    dataset = replace(declared(ran, "backlog_measures"), k=1)
    permission = permitted(ran, dataset)
    assert permission.receiver == "arden-vale-ca"
    one = "hallowmere-council"
    fewer = {backlog: names - {one} for backlog, names in permission.providers.items()}
    key = key_of(ran, dataset)
    whole = build_naively(ran, dataset, permission, key)["waits"]
    less = build_naively(ran, dataset, replace(permission, providers=fewer), key)["waits"]
    assert len(less) < len(whole)
    engine = open_run(ran.run, names=INPUT_TABLES)
    made = build_dataset(
        engine,
        ran.place.folder,
        ran.run,
        replace(dataset, dataset_id="less"),
        replace(permission, providers=fewer),
        key_of(ran, replace(dataset, dataset_id="less")),
        NOW,
        nobody_told,
    )
    engine.close()
    assert sorted(rows_of(made.folder / "waits.parquet"), key=order) == less
    assert made.manifest["left_out"]["rows_not_shared"] == rounded(len(whole) - len(less))


def test_rows_of_one_person_are_no_crowd(ran: Ran, tmp_path) -> None:
    """Six rows that say the same: of six people they are a crowd, of one person they are one person."""
    mine = copy_of(ran, tmp_path / "place")
    dataset = declared(mine, "backlog_measures")
    backlogs = permitted(mine, dataset).providers
    kept_out = {
        row["person_id"] for name in LEFT_OUT_TABLES if mine.run.table(name).exists() for row in table(mine, name)
    }
    waits = [row for row in table(mine, "person_wait") if row["organisation_id"] in backlogs.get(row["backlog"], ())]
    like = next(row for row in waits if row["sensitivity"] != "safe_address" and row["stop_date"] is None)
    people = sorted({row["person_id"] for row in waits} - kept_out)[:6]
    for holders, rows in ((people, 6), (people[:1] * 6, 0)):
        alike = [{**like, "wait_id": f"w{n}", "person_id": person} for n, person in enumerate(holders)]
        write_table(mine, "person_wait", alike)
        assert build(mine, dataset).manifest["tables"]["waits"]["rows"] == rows


def test_a_blocker_tells_of_no_wait_that_was_left_out(ran: Ran, tmp_path) -> None:
    """A wait whose existence is secret holds up another: neither it nor that something holds the other up is said."""
    mine = copy_of(ran, tmp_path / "place")
    dataset = replace(declared(mine, "school_from_ta"), k=1)
    before = build(mine, replace(dataset, dataset_id="before")).manifest["tables"]["blockers"]["rows"]
    holders = {row["holder_wait_id"] for row in table(mine, "blocker") if row["holder_wait_id"]}
    waits = table(mine, "person_wait")
    marked = [{**row, "sensitivity": "safe_address"} if row["wait_id"] in holders else row for row in waits]
    write_table(mine, "person_wait", marked)
    after = build(mine, dataset)
    hidden = {row["wait_id"] for row in marked if row["sensitivity"] == "safe_address"}
    left = [row for row in table(mine, "blocker") if {row["holder_wait_id"], row["held_wait_id"]} & hidden]
    assert left and before > after.manifest["tables"]["blockers"]["rows"]
    dates = {str(row["evidence_date"]) for row in left}
    assert dates
    kept = [row for row in table(mine, "blocker") if row not in left]
    assert after.manifest["tables"]["blockers"]["rows"] <= len(kept)


def test_a_dataset_ends_with_its_agreement(ran: Ran) -> None:
    """The example's agreements end with 31 March 2029, in London: whoever builds in the last days keeps it for days."""
    end = dt.datetime(2029, 3, 31, 23, tzinfo=dt.UTC)
    dataset = replace(declared(ran, "backlog_measures"), dataset_id="late")
    assert dataset.retention_days > 10
    assert build(ran, dataset, now=end - dt.timedelta(days=10)).expires_at == end


def test_the_same_run_and_key_give_the_same_bytes_and_a_new_key_no_common_pseudonym(ran: Ran, tmp_path) -> None:
    mine = copy_of(ran, tmp_path / "place")
    dataset = replace(parse_dataset(HOUSEHOLDS, "households.toml"), unit="person", k=1)
    first = build(mine, dataset)
    bytes_of = {path.name: path.read_bytes() for path in first.folder.glob("*.parquet")}
    pseudonyms = every_pseudonym(first)
    again = build(mine, dataset, now=NOW + dt.timedelta(days=1))
    assert {path.name: path.read_bytes() for path in again.folder.glob("*.parquet")} == bytes_of
    rotate_pseudonym_key(mine.place.state_folder, dataset.purpose, dataset.dataset_id)
    new = build(mine, dataset)
    assert len(every_pseudonym(new)) == len(pseudonyms) > 50
    assert not every_pseudonym(new) & pseudonyms
    assert new.manifest["key_id"] != again.manifest["key_id"]


def test_files_are_for_this_user_alone_and_say_when_they_go(ran: Ran, built: dict[str, BuiltDataset]) -> None:
    for name, one in built.items():
        folders = (ran.place.folder / FOLDER, one.folder.parent, one.folder)
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in one.folder.iterdir()} == {0o600}
        assert one.expires_at == NOW + dt.timedelta(days=min(declared(ran, name).retention_days, 365))
        agreement = one.manifest["agreement"]
        assert agreement["id"] == declared(ran, name).purpose.replace("_", "-") and len(agreement["sha256"]) == 64


def test_a_manifest_holds_no_exact_count(built: dict[str, BuiltDataset]) -> None:
    """How many are on each level, and how many were left out: as the place publishes counts."""
    counts = [
        count
        for one in built.values()
        for count in (*one.manifest["units_on_level"], *one.manifest["left_out"].values())
    ]
    assert len(counts) > 20
    assert [count for count in counts if count != "1 to 7" and int(count) % 5] == []
    assert len(set(counts)) > 3


def test_no_id_of_the_run_is_in_a_dataset(ran: Ran, built: dict[str, BuiltDataset]) -> None:
    ids = {value for row in table(ran, "person") for value in (row["person_id"], row["household_id"]) if value}
    ids |= {row["wait_id"] for row in table(ran, "person_wait")}
    for one in built.values():
        values = {value for path in one.folder.glob("*.parquet") for row in rows_of(path) for value in row.values()}
        assert not values & ids
        assert not {each for each in ids if each in (one.folder / "manifest.json").read_text(encoding="utf-8")}


def test_every_query_is_rendered_for_both_engines(ran: Ran, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the build asks of the embedded engine is portable: the other dialect has no macro left in it."""
    import braid.store.duckdb_engine as engine

    asked: list[str] = []

    def listen(sql: str, dialect: str) -> str:
        asked.append(sql)
        return compile_sql(sql, dialect)

    monkeypatch.setattr(engine, "compile_sql", listen)
    build(ran, replace(parse_dataset(HOUSEHOLDS, "households.toml"), dataset_id="listened"))
    assert len(asked) > 20
    for sql in asked:
        assert "br_" not in compile_sql(sql, "spark")

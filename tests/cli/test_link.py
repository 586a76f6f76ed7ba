"""`braid link decide` as a user types it: two open accounts for a protected person, and what is left in the record."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.cli.link_quality import find_threshold
from braid.language.codes import CODE_LISTS
from braid.people.release import find_release, fingerprint_of, load_release, release_path, write_release
from braid.store.lake import Lake, Run
from braid.store.place_folder import PlaceInvalid, load_place
from cli.one_process import Opened

ANALYST = ("--by", "demo-analyst", "--reference", "lr-2026-7")
LEAD = ("--by", "demo-ig-lead", "--reference", "LR-2026-8")


def rows(place: Path) -> list[dict[str, str]]:
    with (place / "restricted" / "link_decisions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_two_accounts_decide_on_a_proposal_and_each_is_in_the_record(place: Path, served: Opened) -> None:
    """One story, because each step needs the one before."""
    found = json.loads(served.braid("link", "proposals", str(place), "--json", *ANALYST).stdout)["proposals"]
    assert found
    assert all(set(row) == {"record_a", "record_b", "weight", "cause"} for row in found)
    pair = ("link", "decide", found[0]["record_a"], found[0]["record_b"], str(place))
    before = rows(place)

    refusals = [
        served.braid(*pair, "--approve", *ANALYST),
        served.braid(*pair, "--decision", "same", "--by", "demo-advocate", "--reference", "LR-1"),
        served.braid(*pair, "--decision", "same", "--by", "R. Stone", "--reference", "LR-1"),
    ]
    assert [refused.returncode for refused in refusals] == [5, 5, 5], refusals[0].stderr[-1500:]
    words = ("nobody has decided", "may not decide on links; ask a colleague whose role may: analyst, ig_lead")
    assert all(each in refused.stderr for each, refused in zip((*words, "no open account"), refusals, strict=True))
    assert rows(place) == before

    proposed = served.braid(*pair, "--decision", "same", *ANALYST)
    assert proposed.returncode == 0, proposed.stderr
    assert (rows(place)[-1]["decided_by"], rows(place)[-1]["reference"]) == ("demo-analyst", "LR-2026-7")
    own = served.braid(*pair, "--approve", *ANALYST)
    assert own.returncode == 5 and "ask another person" in own.stderr
    ran = json.loads(served.braid("run", str(place), "--json").stdout)
    one, one_run = ran["stages"]["link"], ran["run"]
    assert one["proposals"] == len(found)
    assert any("two different people" in problem for problem in one["problems"])

    served.database.execute("update braid_user set is_active = false where username = 'demo-analyst'")
    gone = served.braid(*pair, "--approve", *LEAD)
    served.database.execute("update braid_user set is_active = true where username = 'demo-analyst'")
    assert gone.returncode == 5 and "whoever decided has no open account" in gone.stderr
    served.database.execute("delete from braid_linkqualityshown")
    approved = served.braid(*pair, "--approve", *LEAD)
    assert approved.returncode == 0, approved.stderr
    (kept,) = served.database.execute("select run_id from braid_linkqualityshown").fetchall()
    assert kept["run_id"] == one_run, "what the sample says is reckoned anew at once"
    last = rows(place)[-1]
    assert (last["decided_by"], last["approved_by"]) == ("demo-analyst", "demo-ig-lead")
    two = json.loads(served.braid("run", str(place), "--json").stdout)["stages"]["link"]
    assert two["proposals"] == len(found) - 1

    written = [
        row
        for row in served.entries()
        if row["kind"] != "account_changed" and (row["kind"] != "changed" or row["reference"].startswith("LR"))
    ]
    (read, *written) = written
    assert (read["kind"], read["username"], read["row_count"]) == ("audit_read", "demo-analyst", len(found))
    assert [(row["kind"], row["username"], row["reference"]) for row in written] == [
        ("refused", "demo-analyst", "LR-2026-7"),
        ("refused", "demo-advocate", "LR-1"),
        ("changed", "demo-analyst", "LR-2026-7"),
        ("refused", "demo-analyst", "LR-2026-7"),
        ("refused", "demo-ig-lead", "LR-2026-8"),
        ("changed", "demo-ig-lead", "LR-2026-8"),
    ]
    done = [row for row in written if row["kind"] == "changed"]
    assert [(row["details"]["what"], row["details"]["line"]) for row in done] == [
        ("link decided", len(before) + 2),
        ("link approved", len(before) + 3),
    ]
    keys = {last[name] for name in ("partner_record_id_a", "partner_record_id_b")} | set(pair[2:4])
    assert all(row["person_id"] == "" for row in done)
    assert not keys & {str(value) for row in done for value in row["details"].values()}


def test_whoever_is_kept_from_somebody_decides_on_none_of_their_records(place: Path, served: Opened) -> None:
    """As if the record were not there; the record keeps that somebody tried. Another decider may still."""
    found = json.loads(served.braid("link", "proposals", str(place), "--json", *ANALYST).stdout)
    tables = place / "lake" / "runs" / found["run"]
    persons = {
        row["person_record_id"]: row["person_id"] for row in pq.read_table(tables / "person_link.parquet").to_pylist()
    }
    pair = found["proposals"][0]
    before = rows(place)
    for record in (pair["record_a"], pair["record_b"]):
        bar = ("--bar-user", "demo-analyst", "--reason", "relative", "--by", "demo-ig-lead")
        added = served.braid("overlay", "add", persons[record], *bar, str(place))
        assert added.returncode == 0, added.stderr
        listed = json.loads(served.braid("link", "proposals", str(place), "--json", *ANALYST).stdout)["proposals"]
        assert not {record} & {row[end] for row in listed for end in ("record_a", "record_b")}, "nor is it listed"
        since = served.newest()
        asking = ("link", "decide", pair["record_a"], pair["record_b"], str(place))
        barred = [served.braid(*asking, *what, *ANALYST) for what in (("--decision", "different"), ("--approve",))]
        absent = served.braid("link", "decide", "0" * 16, pair["record_b"], str(place), "--decision", "same", *LEAD)
        assert [one.returncode for one in barred] == [5, 5]
        assert {one.stderr for one in barred} == {absent.stderr}
        assert [(row["kind"], row["username"], row["person_id"]) for row in served.entries(since)] == [
            ("refused", "demo-analyst", ""),
            ("refused", "demo-analyst", ""),
            ("refused", "demo-ig-lead", ""),
        ]
        assert rows(place) == before
        served.database.execute("delete from braid_exclusionentry")
        served.database.execute("select braid_renew_effects()")
    assert served.braid(*asking, "--decision", "different", *ANALYST).returncode == 0


def test_who_a_record_was_is_told_to_deciders_alone_and_recorded_about_the_person(place: Path, served: Opened) -> None:
    run = json.loads(served.braid("link", str(place), "--json").stdout)["run"]
    link = pq.read_table(place / "lake" / "runs" / run / "person_link.parquet").to_pylist()[0]
    record, person = link["person_record_id"], link["person_id"]
    asking = ("link", "who", record, str(place))
    assert served.braid(*asking, "--by", "demo-advocate", "--reference", "LR-1").returncode == 5
    since = served.newest()
    now = json.loads(served.braid(*asking, "--json", *ANALYST).stdout)
    before = json.loads(served.braid(*asking, "--known", "2020-01-01", "--json", *ANALYST).stdout)
    assert now["person_id"] == person and now["changes"]
    assert (before["person_id"], before["changes"]) == (None, [])
    assert {row["cause"] for row in now["changes"]} <= set(CODE_LISTS["change_cause"])
    told = [(row["kind"], row["person_id"]) for row in served.entries(since) if row["page"] == "link who"]
    assert told == [("audit_read", person), ("audit_read", "")]
    bar = ("--bar-user", "demo-analyst", "--reason", "relative", "--by", "demo-ig-lead")
    assert served.braid("overlay", "add", person, *bar, str(place)).returncode == 0
    barred = json.loads(served.braid(*asking, "--json", *ANALYST).stdout)
    served.database.execute("delete from braid_exclusionentry")
    served.database.execute("select braid_renew_effects()")
    assert (barred["person_id"], barred["changes"]) == (None, [])
    assert served.braid(*asking, "--as-of", "yesterday", *ANALYST).returncode == 2


def test_a_decision_whose_entry_cannot_be_written_is_not_there(place: Path, served: Opened) -> None:
    path = place / "restricted" / "link_decisions.csv"
    before = path.read_bytes()
    pair = json.loads(served.braid("link", "proposals", str(place), "--json", *ANALYST).stdout)["proposals"][-1]
    records = (pair["record_a"], pair["record_b"])
    with served.no_entry():
        stopped = served.braid("link", "decide", *records, str(place), "--decision", "same", *LEAD)
    assert stopped.returncode != 0
    assert path.read_bytes() == before


def test_one_of_decision_and_approval_is_typed_and_somebody_named(place: Path, served: Opened) -> None:
    pair = ("link", "decide", "0", "1", str(place))
    assert served.braid(*pair, "--decision", "same", "--approve", *LEAD).returncode == 2
    assert served.braid(*pair, "--decision", "same").returncode == 2


@pytest.mark.slow
def test_two_accounts_say_which_number_is_wrong_and_no_number_is_written(place: Path, served: Opened) -> None:
    run = place / "lake" / "runs" / (place / "lake" / "current").read_text(encoding="utf-8").strip()
    identifiers = pq.read_table(run / "identifier.parquet").to_pylist()
    held = next(row for row in identifiers if row["scheme"] == "nhs" and row["standard"] == "wlmds" and row["value"])
    said = ("link", "wrong-number", held["person_record_id"], str(place), "--scheme", "nhs")
    since = served.newest()

    assert served.braid(*said, "--approve", *LEAD).returncode == 5
    first = served.braid(*said, *ANALYST)
    assert first.returncode == 0, first.stderr
    assert served.braid(*said, "--approve", *ANALYST).returncode == 5
    path = place / "restricted" / "wrong_numbers.csv"
    one = json.loads(served.braid("run", str(place), "--json").stdout)["stages"]["link"]
    assert one["wrong_numbers"] == 0 and any("wrong_numbers.csv line 2" in problem for problem in one["problems"])
    assert served.braid(*said, "--approve", *LEAD).returncode == 0
    two = json.loads(served.braid("run", str(place), "--json").stdout)["stages"]["link"]
    assert two["wrong_numbers"] == 1 and not any("wrong_numbers.csv" in problem for problem in two["problems"])

    assert held["value"] not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    done = [row for row in served.entries(since) if row["kind"] == "changed" and row["details"].get("scheme")]
    assert [(row["username"], row["details"]["what"]) for row in done] == [
        ("demo-analyst", "wrong number said"),
        ("demo-ig-lead", "wrong number approved"),
    ]
    assert held["value"] not in str(done)


@pytest.mark.slow
def test_a_release_is_looked_at_before_it_is_taken(place: Path, served: Opened) -> None:
    few = served.braid("link", "train", str(place), "--version", "mine-1")
    assert few.returncode == 2 and "pairs of records are known to be one person" in few.stderr
    strict = {**load_release(), "version": "strict-1", "threshold": 30.0}
    write_release(release_path(place, "strict-1"), strict)
    asked = ("link", "release", str(place), "--version", "strict-1", "--json")
    looked = json.loads(served.braid(*asked).stdout)
    assert looked["links_lost"] > 0 == looked["links_made"] and not looked["taken"]
    assert find_release(place) == load_release()
    assert json.loads(served.braid(*asked, "--take").stdout)["links_lost"] == looked["links_lost"]
    assert find_release(place) == strict
    linked = json.loads(served.braid("run", str(place), "--json").stdout)["stages"]["link"]
    assert (linked["model_version"], linked["release"]["version"]) == ("strict-1", "strict-1")
    release_path(place, "strict-1").write_text("{}", encoding="utf-8")
    changed = served.braid("run", str(place))
    assert changed.returncode == 2 and "strict-1 does not fit" in changed.stderr


def test_a_run_is_held_against_the_threshold_by_which_it_linked(place: Path) -> None:
    """Whatever release the place took since; of a run that does not say it, that of the release it names."""
    loaded = load_place(place)
    run = Lake(loaded.lake_folder).current()
    assert run is not None
    used = run.manifest["stages"]["link"]["release"]
    assert find_threshold(loaded, run) == used["threshold"]
    made = {**load_release(), "threshold": used["threshold"] + 3}
    other = {**used, "threshold": used["threshold"] + 1.5}

    def of(release: dict[str, object]) -> Run:
        return replace(run, manifest={**run.manifest, "stages": {"link": {"release": release}}})

    assert find_threshold(loaded, of(other)) == used["threshold"] + 1.5
    shipped = {"fingerprint": fingerprint_of(load_release())}
    assert find_threshold(loaded, of(shipped)) == load_release()["threshold"]
    with pytest.raises(PlaceInvalid, match="run the chain again"):
        find_threshold(loaded, of({"fingerprint": fingerprint_of(made)}))

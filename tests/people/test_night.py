"""A night compares what changed and finds what a full run finds: that is the slow and obvious twin of each night."""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from braid.language.findings import TABLES
from braid.language.identifiers import upn_check_letter
from braid.language.records import LINEAGE, record_id
from braid.people import candidate_keys, link_engine, night, outside
from braid.people.decisions import COLUMNS, DIFFERENT
from braid.people.drift import find_drift
from braid.people.facts import read_standards
from braid.people.lineage import Moment
from braid.people.model import LinkSummary
from braid.people.night import Night
from braid.people.release import Release
from braid.people.run import INPUT_TABLES, add_missing_tables, run
from braid.people.run_call import Course, Said
from braid.people.sampling import SamplePlan
from braid.people.seals import SealedRow
from braid.people.standardise import standardise
from braid.people.wrong_numbers import mark_of
from people.little_place import LittlePlace, make_place

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")

KEPT = (
    *("person_link", "record_memory", "membership", "person_lineage", "kept_apart", "person_history", "link_proposal"),
    *("person", "link_error", "link_review", "link_review_field", "sealed_person"),
    *("household_member", "household_event", "household_history", "person_relationship"),
    *("link_sample", "link_sample_group", "link_frame"),
)


MET = ("second_pass", "contested", "wrong_numbers", "decisions_used", "reviews", "withdrawn")
COSTS = {"compared": "", "records_changed": 0, "records_linked": 0, "pairs_scored": 0}
Rows = Sequence[tuple[int, Mapping[str, str]]]
NOBODY: Mapping[str, str] = {}
BY_SEX = {"sex": "select person_id, coalesce(sex, 'unknown') as group_code from person"}
FIRST_NIGHT = dt.date(2026, 11, 15)
LINEAGE_OF = tuple(column.name for column in LINEAGE)


def link(
    place: LittlePlace,
    before: Path | None,
    target: Path,
    number: int,
    *,
    full: bool = False,
    seals: Sequence[SealedRow] = (),
    wrong: Rows = (),
    decisions: Rows = (),
    withdrawn: Mapping[str, str] = NOBODY,
    release: Release | None = None,
) -> LinkSummary:
    """Link a place as the run of one night, on the run before, and write what the next night reads."""
    target.mkdir(parents=True)
    day = FIRST_NIGHT + dt.timedelta(days=number)
    sampled = day + dt.timedelta(days=100 * (number // 2))  # every other night a new sample is drawn
    moment = Moment(day, dt.datetime.combine(day, dt.time(2), dt.UTC))
    draws = random.Random(number)
    engine = place.engine()
    try:
        summary = run(
            engine,
            before / "person_link.parquet" if before else None,
            Said(
                decision_rows=decisions,
                sealed_rows=seals,
                wrong_rows=wrong,
                withdrawn=withdrawn,
                release=release,
                sample_plan=SamplePlan(sampled, BY_SEX, 60, f"{number:064x}"),
            ),
            Course(
                draw=lambda: f"{draws.getrandbits(128):032x}",
                as_of=day,
                moment=moment,
                night=Night(before, target, full),
            ),
        )
        for name in (*KEPT, *INPUT_TABLES):
            engine.write(TABLES[name], target / f"{name}.parquet")
    finally:
        engine.close()
    return summary


def assert_same(ours: Path, theirs: Path) -> None:
    """Everything that a night says, ids too, is what a full run says; and so is what both keep for the night after."""
    for name in KEPT:
        assert pq.read_table(ours / f"{name}.parquet").equals(pq.read_table(theirs / f"{name}.parquet")), name
    for folder in (ours, theirs):
        assert all((folder / f"{name}.parquet").is_file() for name in night.FILES)
    for name in night.FILES:
        assert pq.read_table(ours / f"{name}.parquet").equals(pq.read_table(theirs / f"{name}.parquet")), name
    counted = (pq.read_schema(folder / f"{night.FREQUENCIES}.parquet").metadata for folder in (ours, theirs))
    assert next(counted) == next(counted), "what became of all keys"


class _Changing:
    """A little place whose records are added, edited, deleted and brought back, drawn at random."""

    def __init__(self, households: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.whole = make_place(households, seed)
        self.rows = self.whole.tables["person_record"]
        self._add_contested()
        self._add_days()
        self._add_relationships()
        self._add_case_numbers()
        self.withdrawn: dict[str, str] = {}
        later = self.random.sample(range(len(self.rows)), len(self.rows) // 5)
        self.absent = {self.rows[place]["record_id"] for place in later}

    def _add_contested(self, most: int = 5) -> None:
        """Give some pupils a second school that agrees in all but the number: numbers alone part the two."""
        tables = self.whole.tables
        pupils = {row["record_id"]: row for row in self.rows if row["standard"] == "school"}
        numbers = [row for row in tables["identifier"] if row["scheme"] == "upn" and row["person_record_id"] in pupils]
        homes = {row["person_record_id"]: row for row in tables["stay"] if not row["confidential"]}
        chosen = [row for row in numbers if row["person_record_id"] in homes][:most]
        for place, number in enumerate(chosen):
            feed, pupil = "west-schools", number["person_record_id"]
            identity, digits = record_id(feed, "person_record", f"W{place}"), f"992{place:09d}"
            ours = {"feed": feed, "person_record_id": identity}
            person = {**pupils[pupil], "feed": feed, "record_id": identity, "partner_record_id": f"W{place}"}
            value = upn_check_letter(digits) + digits
            self.rows.append(person)
            tables["identifier"].append({**number, **ours, "record_id": f"i{identity[1:]}", "value": value})
            tables["stay"].append({**homes[pupil], **ours, "record_id": f"s{identity[1:]}"})

    def _add_days(self) -> None:
        """Let stays begin on no day that is told, end while nights pass, and be safe; let somebody come of age."""
        for row in self.whole.tables["stay"]:
            chance = self.random.random()
            if chance < 0.4:
                row["start_date"] = None
            if 0.38 < chance < 0.42:
                row["end_date"] = str(FIRST_NIGHT + dt.timedelta(days=self.random.randint(-9, 25)))
            if chance > 0.98:
                row["confidential"] = True
            if chance < 0.1 and row["postcode"]:
                row["uprn"] = f"1000{len(row['postcode'])}{sum(map(ord, row['postcode']))}"
        for row in self.random.sample(self.rows, 6):
            row["birth_date"] = str(FIRST_NIGHT.replace(year=2008) + dt.timedelta(days=self.random.randint(0, 9)))

    def _add_relationships(self) -> None:
        """Tie people of one household in one feed."""
        homes = [
            (row["feed"], self.whole.people[self.whole.truth[row["record_id"]]].household, row)
            for row in self.rows
            if row["record_id"] in self.whole.truth
        ]
        for (feed, home, one), (other_feed, other_home, other) in pairwise(homes):
            if (feed, home) == (other_feed, other_home) and self.random.random() < 0.5:
                self.whole.tables["relationship"].append(
                    {
                        **{name: one[name] for name in LINEAGE_OF if name in one},
                        "record_id": record_id(feed, "relationship", one["record_id"]),
                        "person_record_id": one["record_id"],
                        "other_person_record_id": other["record_id"],
                        "kind": self.random.choice(("parent", "child", "sibling", "partner")),
                    }
                )

    def _add_case_numbers(self) -> None:
        """Give everybody in one case of a court the number of it, and tie some people of two cases by a third."""
        for row in self.whole.tables["episode"]:
            if row["kind"] in ("criminal_case", "family_case"):
                number = {**{name: row[name] for name in LINEAGE_OF if name in row}, "scheme": "case_urn"}
                value = f"99XX{sum(map(ord, row['episode_ref'])) % 9999:04d}26"
                ids = {"record_id": f"u{row['record_id'][1:]}", "person_record_id": row["person_record_id"]}
                self.whole.tables["identifier"].append({**number, **ids, "value": value, "check_result": "pass"})

    def withdraw(self) -> None:
        """Let nothing hold a record any more, that was here or is yet to come."""
        chosen = self.random.choice([row["record_id"] for row in self.rows if row["record_id"] not in self.withdrawn])
        self.withdrawn[chosen] = self.random.choice(("erasure", "retraction"))

    def change_ground(self) -> None:
        """Tell another district of some postcodes, and of one no longer any; edit episodes and numbers of cases."""
        ground, episodes = self.whole.tables["postcode"], self.whole.tables["episode"]
        for row in self.random.sample(ground, 2):
            row["district_code"] = {"north": "south"}.get(row["district_code"], "north")
        if len(ground) > 4:
            ground.remove(self.random.choice(ground))
        for row in self.random.sample(episodes, 2):
            other = self.random.choice([one for one in episodes if one["kind"] == row["kind"]])
            field = self.random.choice(("episode_ref", "start_date", "end_date"))
            row[field] = other.get(field)
        numbers = [row for row in self.whole.tables["identifier"] if row["scheme"] == "case_urn"]
        for row in self.random.sample(numbers, min(2, len(numbers))):
            row["value"] = self.random.choice(numbers)["value"]

    def change(self) -> None:
        here = [row for row in self.rows if row["record_id"] not in self.absent]
        for row in self.random.sample(here, 4):
            self._edit(row)
        for row in self.random.sample(here, 2):
            self.absent.add(row["record_id"])
        for record in self.random.sample(sorted(self.absent), min(5, len(self.absent))):
            self.absent.discard(record)
        for name in ("identifier", "stay", "relationship"):
            row = self.random.choice(self.whole.tables[name])
            self._edit_other(name, row)
        for table in self.whole.tables.values():
            for row in table:
                if "as_of_date" in row:
                    day = dt.date.fromisoformat(row["as_of_date"]) + dt.timedelta(days=1)
                    row["as_of_date"] = str(day)  # what every night changes is no content

    def decide(self, before: Path) -> dict[str, Rows]:
        """Return the rows by which humans part a pair that the run before found, and call a number wrong."""
        keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in self.rows}
        here = keys.keys() - self.absent - self.withdrawn.keys()
        pairs = pq.read_table(before / f"{night.FOUND}.parquet", columns=["left", "right"]).to_pylist()
        pair = self.random.choice([row for row in pairs if here.issuperset(row.values())])
        numbers = [
            row
            for row in self.whole.tables["identifier"]
            if row["scheme"] in ("nhs", "upn") and row["person_record_id"] in here
        ]
        number = self.random.choice(numbers)
        feed, key = keys[number["person_record_id"]]
        mark = mark_of(feed, key, number["scheme"], number["value"])
        by = {"decided_by": "first", "approved_by": "second", "decided_date": "2026-11-14", "reference": "LR-1"}
        wrong = {"feed": feed, "partner_record_id": key, "scheme": number["scheme"], "number_mark": mark, **by}
        ends = zip(COLUMNS[:4], (*keys[pair["left"]], *keys[pair["right"]]), strict=True)
        return {"wrong": [(2, wrong)], "decisions": [(2, {**dict(ends), "decision": DIFFERENT, **by})]}

    def _edit(self, row: dict[str, Any]) -> None:
        other = self.random.choice(self.rows)
        field = self.random.choice(("given_name", "family_name", "birth_date", "sex", "other_names"))
        row[field] = other.get("given_name" if field == "other_names" else field)

    def _edit_other(self, name: str, row: dict[str, Any]) -> None:
        other = self.random.choice(self.whole.tables[name])
        if name == "stay":
            field = self.random.choice(("postcode", "postcode", "end_date", "start_date", "confidential", "uprn"))
            row[field] = other.get(field)
        elif name == "relationship":
            row["kind"] = other["kind"]
        elif other["scheme"] == row["scheme"]:
            row["value"] = other["value"]

    def now(self) -> LittlePlace:
        place = LittlePlace()
        for name, rows in self.whole.tables.items():
            key = "record_id" if name == "person_record" else "person_record_id"
            gone = self.absent | self.withdrawn.keys()
            place.tables[name] = [
                copy.copy(row)
                for row in rows
                if row.get(key) not in gone and row.get("other_person_record_id") not in self.withdrawn
            ]
        return place


def _texts(path: Path) -> set[str]:
    """Return every text of a table, of lists too."""
    columns = pq.read_table(path).columns
    flat = (pc.list_flatten(column) if pa.types.is_list(column.type) else column for column in columns)
    return {value for column in flat if pa.types.is_string(column.type) for value in column.to_pylist() if value}


def _pass_nights(folder: Path, nights: int, households: int, seed: int) -> set[str]:
    """Return what the nights were, and what they met. Every other night humans decide, and find a number wrong."""
    changing, reached = _Changing(households, seed), set()
    link(changing.now(), None, folder / "0", 0)
    before = folder / "0"
    for number in range(1, nights + 1):
        changing.change()
        changing.change_ground()
        humans = changing.decide(before) if number % 2 else {}
        if number % 2 == 0:
            changing.withdraw()
        place, gone = changing.now(), changing.withdrawn
        summary = link(place, before, folder / str(number), number, withdrawn=gone, **humans)
        full = link(place, before, folder / f"{number}-full", number, full=True, withdrawn=gone, **humans)
        assert_same(folder / str(number), folder / f"{number}-full")
        assert replace(summary, **COSTS) == replace(full, **COSTS)
        for path in (folder / str(number)).glob("*.parquet"):
            assert gone.keys().isdisjoint(_texts(path)), f"{path.stem} names a withdrawn record"
        before = folder / str(number)
        reached |= {summary.compared, *(name for name in MET if getattr(summary, name))}
    return reached


def test_nights_with_edits_and_deletions_are_full_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a low cap, so that keys pass it and fall under it, and zones of any size."""
    monkeypatch.setattr(candidate_keys, "SMALLEST_CAP", 4)
    monkeypatch.setattr(outside, "MOST", 1.0)
    assert _pass_nights(tmp_path, 3, households=50, seed=4) == {"night", *MET}


def test_a_night_knows_of_the_rivals_of_whoever_is_a_weak_pair_away(tmp_path: Path) -> None:
    """With a threshold so high that most pairs are weak ones, which lead out of every zone."""
    release: Release = {**link_engine.load_model(), "threshold": 24.0}
    place, chance = make_place(60, 13), random.Random(13)
    rows = place.tables["person_record"]
    link(place, None, tmp_path / "0", 0, release=release)
    linked = beside = 0
    for number in (1, 2, 3):
        before, edited = tmp_path / str(number - 1), chance.sample(rows, 4)
        for row in edited:
            row["birth_date"] = chance.choice(rows)["birth_date"]
        night_of = link(place, before, tmp_path / str(number), number, release=release)
        link(place, before, tmp_path / f"{number}-full", number, full=True, release=release)
        assert_same(tmp_path / str(number), tmp_path / f"{number}-full")
        linked += night_of.records_linked
        beside += len(_gaps(before) ^ _gaps(tmp_path / str(number)))
    assert linked < len(rows) and beside > 5, "gaps that are otherwise"


def _gaps(run: Path) -> set[tuple[str, str, float]]:
    """Return the gaps of a run with their chances."""
    rows = pq.read_table(run / f"{night.GAPS}.parquet").to_pylist()
    return {(row["person_id"], row["other_person_id"], row["chance"]) for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "cap"), [(5, 4), (6, 40)])
def test_thirty_nights_with_edits_and_deletions_are_full_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, cap: int
) -> None:
    monkeypatch.setattr(candidate_keys, "SMALLEST_CAP", cap)
    assert _pass_nights(tmp_path, 30, households=200, seed=seed) == {"night", *MET}


def test_no_pair_that_leads_across_a_seal_is_kept_and_nights_find_it_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "MOST", 1.0)
    changing = _Changing(60, 9)
    link(changing.now(), None, tmp_path / "0", 0)
    pair = pq.read_table(tmp_path / "0" / f"{night.FOUND}.parquet").sort_by([("weight", "descending")]).to_pylist()[0]
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in changing.rows}
    sides = (("pre_adoptive", pair["left"]), ("adoptive", pair["right"]))
    seals = [SealedRow("s", side, *keys[record]) for side, record in sides]
    for number, sealed in enumerate((seals, seals, [], seals, seals), 1):
        before = tmp_path / str(number - 1)
        changing.change()
        changing.absent -= {pair["left"], pair["right"]}
        changing.absent |= {pair["left"]} if number == 5 else set()  # whom it led to is another without it
        place = changing.now()
        assert link(place, before, tmp_path / str(number), number, seals=sealed).compared == "night"
        link(place, before, tmp_path / f"{number}-full", number, full=True, seals=sealed)
        assert_same(tmp_path / str(number), tmp_path / f"{number}-full")
        for name in (night.FOUND, night.REFUSED, night.SECOND):
            kept = pq.read_table(tmp_path / str(number) / f"{name}.parquet").to_pylist()
            named = {row[end] for row in kept for end in ("left", "right")}
            assert not sealed or named.isdisjoint((pair["left"], pair["right"]))


def test_the_first_run_that_keeps_something_finds_what_one_that_keeps_nothing_finds(tmp_path: Path) -> None:
    changing = _Changing(60, 3)
    first = link(changing.now(), None, tmp_path / "0", 0)
    engine = changing.now().engine()
    try:
        add_missing_tables(engine)
        records, release, standards = standardise(engine), link_engine.load_model(), read_standards(engine)
        alone = link_engine.find_edges(records, release, "300MB", standards=standards)
    finally:
        engine.close()
    kept = pq.read_table(tmp_path / "0" / f"{night.FOUND}.parquet").to_pylist()
    found = {(edge.left, edge.right, edge.weight) for edge in (*alone.edges, *alone.weak)}
    assert {(row["left"], row["right"], row["weight"]) for row in kept} == found
    assert (first.pairs_scored, first.keys_over_cap) == (alone.pairs_scored, alone.keys_over_cap)
    assert first.drift == find_drift(release["edge_levels"], alone.levels)


def test_a_night_compares_few_and_says_how_many(tmp_path: Path) -> None:
    changing = _Changing(120, 7)
    first = link(changing.now(), None, tmp_path / "0", 0)
    assert (first.compared, first.records_changed) == ("full, by a new release", first.records)
    quiet = link(changing.now(), tmp_path / "0", tmp_path / "1", 1)
    assert (quiet.compared, quiet.records_changed, quiet.pairs_scored) == ("night", 0, 0)
    changing.change()
    busy = link(changing.now(), tmp_path / "1", tmp_path / "2", 2)
    assert busy.compared == "night" and 0 < busy.records_changed < 16
    assert 0 < busy.pairs_scored < first.pairs_scored / 5
    assert quiet.records_linked < busy.records_linked < first.records_linked / 2 == first.records / 2


def test_a_release_is_made_anew_where_code_or_size_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changing = _Changing(60, 8)
    link(changing.now(), None, tmp_path / "0", 0)
    with monkeypatch.context() as other:
        other.setattr(night, "release_of", lambda model, standards: "another")
        assert link(changing.now(), tmp_path / "0", tmp_path / "1", 1).compared == "full, by a new release"
    changing.absent |= {row["record_id"] for place, row in enumerate(changing.rows) if place % 3}
    assert link(changing.now(), tmp_path / "0", tmp_path / "2", 1).compared == "full, by a new release"


def test_everybody_is_linked_where_nothing_may_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other code or a place that says something else of a feed, a run that kept less, or a day that came before."""
    changing = _Changing(60, 2)
    first = link(changing.now(), None, tmp_path / "0", 0)
    place = changing.now()
    assert link(place, tmp_path / "0", tmp_path / "1", 1).records_linked < first.records
    with monkeypatch.context() as other:
        other.setattr("braid.people.run.made_by", lambda trust: "another")
        assert link(place, tmp_path / "0", tmp_path / "2", 1).records_linked == first.records
    link(place, tmp_path / "0", tmp_path / "3", 3)
    assert link(place, tmp_path / "3", tmp_path / "4", 2).records_linked == first.records
    for number, name in enumerate(("stay", night.GAPS, night.DOUBTS), 5):
        (tmp_path / "3" / f"{name}.parquet").rename(tmp_path / "away")
        assert link(place, tmp_path / "3", tmp_path / str(number), 4).records_linked == first.records
        (tmp_path / "away").rename(tmp_path / "3" / f"{name}.parquet")


@pytest.mark.parametrize("name", [night.GAPS, night.DOUBTS, night.COMPARED])
def test_nothing_stands_of_what_somebody_edited(tmp_path: Path, name: str) -> None:
    changing = _Changing(60, 2)
    first = link(changing.now(), None, tmp_path / "0", 0)
    path = tmp_path / "0" / f"{name}.parquet"
    whole = pq.read_table(path)
    pq.write_table(whole.slice(0, whole.num_rows - 1), path)
    summary = link(changing.now(), tmp_path / "0", tmp_path / "1", 1)
    assert (summary.compared, summary.records_linked) == ("full, by a new release", first.records)


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("stay", "confidential", True),
        ("stay", "end_date", "2026-11-15"),
        ("stay", "postcode", None),
        ("episode", "episode_ref", "another"),
    ],
)
def test_a_row_that_is_otherwise_reaches_all_whom_it_decides_about(
    tmp_path: Path, table: str, field: str, value: object
) -> None:
    changing = _Changing(40, 11)
    link(changing.now(), None, tmp_path / "0", 0)
    here = [row for row in changing.whole.tables[table] if row["person_record_id"] not in changing.absent]
    row = next(row for row in here if row.get(field) != value)
    row[field] = value
    place = changing.now()
    link(place, tmp_path / "0", tmp_path / "1", 1)
    link(place, tmp_path / "0", tmp_path / "1-full", 1, full=True)
    assert_same(tmp_path / "1", tmp_path / "1-full")


def test_a_decision_outlives_the_record_that_it_names(tmp_path: Path) -> None:
    """Somebody says that two records are two people, and one is withdrawn before any run knew: the others of its person
    stay apart from the other. No table names the withdrawn one, and a night finds what a full run finds."""
    changing = _Changing(40, 12)
    link(changing.now(), None, tmp_path / "0", 0)
    links = pq.read_table(tmp_path / "0" / "person_link.parquet").to_pylist()
    persons: dict[str, list[str]] = {}
    for row in links:
        persons.setdefault(row["person_id"], []).append(row["person_record_id"])
    several = [records for records in persons.values() if len(records) > 1]
    (one, *others), (other, *_) = several[0], several[1]
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in changing.rows}
    by = {"decided_by": "first", "approved_by": "second", "decided_date": "2026-11-16", "reference": "LR-1"}
    ends = zip(COLUMNS[:4], (*keys[one], *keys[other]), strict=True)
    said = [(2, {**dict(ends), "decision": DIFFERENT, **by})]
    changing.withdrawn[one] = "erasure"
    place, gone = changing.now(), changing.withdrawn
    link(place, tmp_path / "0", tmp_path / "1", 1, decisions=said, withdrawn=gone)
    link(place, tmp_path / "0", tmp_path / "1-full", 1, full=True, decisions=said, withdrawn=gone)
    assert_same(tmp_path / "1", tmp_path / "1-full")
    link(place, tmp_path / "1", tmp_path / "2", 2, withdrawn=gone)  # the row that named it is forgotten by then
    for number in ("1", "2"):
        apart = pq.read_table(tmp_path / number / "kept_apart.parquet").to_pylist()
        assert {frozenset((row["record_a"], row["record_b"])) for row in apart} == {
            frozenset((other, each)) for each in others
        }

"""Who a record was, as known when; un-merges that stay; what withdrawal leaves. Each night links on what the one before
wrote."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from braid.language.findings import TABLES
from braid.people.causes import Grounds, explain
from braid.people.decisions import Decided, Decision
from braid.people.guarded import Evidence, settle
from braid.people.identity import assign_ids
from braid.people.lineage import Moment, Past, find_person, list_changes, part_whole, read_past, write_lineage
from braid.people.model import Decisions, Edge, HistoryRow, Identities
from braid.people.protection import NOBODY_PROTECTED
from braid.people.run import _find_forgotten
from braid.people.seals import SealedRow
from braid.store.duckdb_engine import DuckDBEngine
from people.records import Written, decision, nhs

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")

DAY = dt.date(2026, 11, 15)
KEPT = ("person_link", "record_memory", "membership", "person_lineage", "kept_apart", "person_history")
FEEDS = {"ann": "school", "anne": "hospital", "bea": "school", "bee": "hospital-b"}


def at(night: int) -> Moment:
    """Return a night that speaks of the day on which it is made."""
    day = DAY + dt.timedelta(days=night)
    return Moment(day, dt.datetime.combine(day, dt.time(2), dt.UTC))


@dataclass
class Nights:
    """A place linked night by night, each on the tables that the one before wrote."""

    folder: Path
    night: int = 0

    @contextmanager
    def linked(self, written: Written, **more: Any) -> Iterator[Any]:
        self.night += 1
        previous = self.folder / str(self.night - 1) / "person_link.parquet"
        target = self.folder / str(self.night)
        target.mkdir()
        with written.linked(previous_links=previous, moment=at(self.night), **more) as found:
            for name in KEPT:
                found.engine.write(TABLES[name], target / f"{name}.parquet")
            yield found

    def who(self, found: Any, record: str, day: int, known: int) -> str | None:
        return find_person(found.engine, record, at(day).as_of_date, at(known).known_at)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def place(*names: str, number: dict[str, str] | None = None) -> Written:
    """Return records of two sisters, Ann and Bea; by `number` some hold an NHS number."""
    written = Written()
    for name in names:
        given, born = ("Ann", "2012-03-04") if name.startswith("an") else ("Beatrice", "2014-07-21")
        more = {"nhs": number[name]} if number and name in number else {}
        written.record(name, FEEDS[name], given, "Thornham", born, postcode="QB1 1AA", **more)
    return written


def changes(found: Any) -> set[tuple[str, str]]:
    return {(row["change"], row["cause"]) for row in found.engine.rows("select * from person_history")}


SAME = decision("ann", "bea", ("school", "school"), "same", "A", "B", day="2026-11-16")
DIFFERENT = decision("ann", "bea", ("school", "school"), "different", "A", "B", day="2026-11-18")
ALL = ("ann", "anne", "bea", "bee")


def test_a_merge_that_humans_undo_is_undone_on_both_sides_for_ever(nights: Nights) -> None:
    with nights.linked(place(*ALL)) as first:
        ann, bea = first.person["ann"], first.person["bea"]
        assert first.are_one("ann", "anne") and first.are_one("bea", "bee") and ann != bea
        assert changes(first) == {("new", "arrival")}
    with nights.linked(place(*ALL), decisions=[SAME]) as merged:
        assert merged.are_one(*ALL)
        assert changes(merged) == {("merged", "human")}
    with nights.linked(place(*ALL), decisions=[SAME, DIFFERENT]) as parted:
        assert parted.person == {"ann": ann, "anne": ann, "bea": bea, "bee": bea}, "each has its own id again"
        assert changes(parted) >= {("split", "human"), ("returned", "human")}
        ours, theirs = parted.ids["ann"], parted.ids["bea"]
        lost = bea if merged.person["ann"] == ann else ann
        record = theirs if lost == bea else ours
        assert nights.who(parted, record, day=2, known=2) == merged.person["ann"], "what was believed then"
        assert nights.who(parted, record, day=2, known=3) == lost, "what is known of then now"
        assert nights.who(parted, record, day=1, known=1) == lost
        told = [(row["change"], row["other_person_id"]) for row in list_changes(parted.engine, lost)]
        assert told == [("new", None), ("merged", merged.person["ann"]), ("returned", None), ("split", told[-1][1])]
    for rows in ([SAME], []):
        with nights.linked(place(*ALL), decisions=rows) as later:
            assert later.person["ann"] == ann and later.person["bea"] == bea, "no score nor older row joins them again"


def test_two_whom_humans_parted_stay_two_through_their_other_records(nights: Nights) -> None:
    """The records on which it was decided are gone; what is left of the two shares a number, and still is two."""
    with nights.linked(place(*ALL), decisions=[SAME]):
        pass
    with nights.linked(place(*ALL), decisions=[SAME, DIFFERENT]) as parted:
        ann, bea = parted.person["ann"], parted.person["bea"]
        assert ann != bea
    later = Written()
    for name in ("anne", "bee"):
        later.record(name, FEEDS[name], "Ann", "Thornham", "2012-03-04", postcode="QB1 1AA", nhs=nhs(7))
    with later.linked() as alone:
        assert alone.are_one("anne", "bee"), "without memory they would be one"
    with nights.linked(later) as found:
        assert (found.person["anne"], found.person["bee"]) == (ann, bea)


def test_an_un_merge_is_whole_also_where_a_record_went_and_came_back() -> None:
    """What it was while it was away is the person that it is now, and not the one before the merge."""
    past = Past({"p": "P", "q": "P", "r": "P"}, formers={"q": ("P", "Q"), "r": ("Q",)})
    parted = part_whole(past, Decisions(cannot_link=frozenset({("p", "q")}))).cannot_link
    assert parted == {("p", "q"), ("p", "r")}


def test_humans_join_again_whom_they_parted(nights: Nights) -> None:
    again = decision("ann", "bea", ("school", "school"), "same", "A", "B", day="2026-11-20")
    with nights.linked(place("ann", "bea"), decisions=[DIFFERENT]) as parted:
        assert not parted.are_one("ann", "bea")
    with nights.linked(place("ann", "bea"), decisions=[DIFFERENT, again]) as joined:
        assert joined.are_one("ann", "bea")
        assert joined.engine.rows("select * from kept_apart") == []
    with nights.linked(place("ann", "bea"), decisions=[DIFFERENT, again]) as still:
        assert still.are_one("ann", "bea")


def test_each_change_has_its_cause(nights: Nights) -> None:
    with nights.linked(place("ann", "anne")) as first:
        assert first.are_one("ann", "anne")
    two = place("ann", "anne", number={"ann": nhs(1), "anne": nhs(2)})
    with nights.linked(two) as apart:
        assert not apart.are_one("ann", "anne")
        assert ("split", "constraint") in changes(apart)
    with nights.linked(place("ann", "anne")) as together:
        assert ("merged", "edge") in changes(together) or ("merged", "constraint") in changes(together)
    other = Written()
    other.record("ann", "school", "Ann", "Thornham", "2012-03-04", postcode="QB1 1AA")
    other.record("anne", "hospital", "Kwame", "Oakson", "1987-01-30", postcode="QB8 2BB")
    with nights.linked(other) as corrected:
        assert ("split", "edge") in changes(corrected)
    with nights.linked(place("ann")) as fewer:
        assert changes(fewer) == {("retired", "absence")}
    with nights.linked(other) as back:
        assert changes(back) == {("returned", "return")}


def test_what_households_join_and_part_has_a_cause_of_its_own() -> None:
    """The first pass left two records apart that are one person now; one that a household held is held no more."""
    one, two = {"a": "p", "b": "q"}, {"a": "p", "b": "p"}
    merged, split = HistoryRow("q", "merged", "p", ""), HistoryRow("q", "split", "p", "")

    def cause(row: HistoryRow, **grounds: Any) -> str:
        return explain([row], Grounds(**grounds))[0].cause

    apart, together = {"a": "a", "b": "b"}, {"a": "a", "b": "a"}
    assert cause(merged, before=one, now=two, without_households=apart) == "household"
    assert cause(merged, before=one, now=two, without_households=together) == "edge"
    assert cause(merged, before=one, now=two) == "edge", "no second pass found anything"
    joined = Decisions(must_link=frozenset({("a", "b")}))
    assert cause(merged, before=one, now=two, without_households=together, decisions=joined) == "human"
    assert cause(split, before=two, now=one, by_household=frozenset("b")) == "household"
    assert cause(split, before=two, now=one) == "edge"


def test_a_patient_found_at_the_home_of_a_family_is_told_as_joined_and_parted_by_a_household(nights: Nights) -> None:
    def family(home: str) -> Written:
        """Return a patient without a name at a mother's postcode, and a child born like them, who may live with her."""
        written = Written()
        written.record("mother", "housing", "Ama", "Reed", "1988-03-09", postcode="QB1 1AA", uprn=home)
        written.record("child", "housing", "Kofi", "Reed", "2015-06-21", sex="male", postcode="QB7 7ZZ", uprn="1")
        patient = {"sex": "male", "standard": "wlmds", "postcode": "QB1 1AA"}
        written.record("patient", "hospital", None, None, "2015-06-21", **patient)
        return written

    with nights.linked(family("2")) as first:
        assert not first.are_one("child", "patient")
    with nights.linked(family("1")) as joined:
        assert joined.are_one("child", "patient")
        assert changes(joined) == {("merged", "household")}
    with nights.linked(family("2")) as parted:
        assert not parted.are_one("child", "patient")
        assert {cause for _, cause in changes(parted)} == {"household"}


def test_a_seal_leaves_no_row_that_leads_across(nights: Nights) -> None:
    with nights.linked(place("ann", "anne")) as first:
        ended = first.person["ann"]
    rows = [SealedRow("s", "pre_adoptive", "school", "ann"), SealedRow("s", "adoptive", "hospital", "anne")]
    with nights.linked(place("ann", "anne"), seals=rows) as sealed:
        assert changes(sealed) == {("new", "arrival"), ("retired", "seal")}
        members = sealed.engine.rows("select person_record_id, person_id from membership")
        assert ended not in {row["person_id"] for row in members} and len(members) == 2
        assert [row["change"] for row in list_changes(sealed.engine, ended)] == ["retired"]
        assert nights.who(sealed, sealed.ids["ann"], day=1, known=2) is None


def test_an_id_that_both_sides_had_long_ago_ends_too(nights: Nights) -> None:
    """Joined, then parted by humans, then sealed: the id that both once had is in no row besides its own end."""
    same = decision("ann", "anne", ("school", "hospital"), "same", "A", "B", day="2026-11-16")
    apart = decision("ann", "anne", ("school", "hospital"), "different", "A", "B", day="2026-11-17")
    with nights.linked(place("ann", "anne"), decisions=[same]) as first:
        joint = first.person["ann"]
        assert first.are_one("ann", "anne")
    with nights.linked(place("ann", "anne"), decisions=[same, apart]) as parted:
        assert not parted.are_one("ann", "anne")
    rows = [SealedRow("s", "pre_adoptive", "school", "ann"), SealedRow("s", "adoptive", "hospital", "anne")]
    with nights.linked(place("ann", "anne"), decisions=[same, apart], seals=rows) as sealed:
        assert joint not in sealed.person.values()
        told = sealed.engine.arrow("select * from person_lineage").to_pylist()
        assert {row["change"] for row in told if joint in (row["person_id"], row["other_person_id"])} == {"retired"}
        assert sealed.engine.rows("select record_a from kept_apart") == []


@pytest.mark.parametrize("cause", ["erasure", "retraction"])
def test_of_a_withdrawn_record_no_table_says_anything(nights: Nights, cause: str) -> None:
    with nights.linked(place("ann", "anne", "bea"), decisions=[DIFFERENT]) as first:
        ann, bea = first.ids["ann"], first.ids["bea"]
        person = first.person["bea"]
    with nights.linked(place("ann", "anne"), withdrawn={bea: cause}) as found:
        for name in KEPT:
            assert not any(bea in row.values() for row in found.engine.arrow(f"select * from {name}").to_pylist()), name
        assert changes(found) == {("retired", cause)}
        assert [row["change"] for row in list_changes(found.engine, person)] == ["new", "retired"]
        assert nights.who(found, bea, day=1, known=2) is None
        assert nights.who(found, ann, day=1, known=2) is not None


def test_a_decision_outlives_the_record_that_was_erased(nights: Nights) -> None:
    with nights.linked(place(*ALL), decisions=[DIFFERENT]) as first:
        gone, stays, ann = first.ids["bea"], first.ids["bee"], first.ids["ann"]
    with nights.linked(place("ann", "anne", "bee"), withdrawn={gone: "erasure"}) as found:
        pairs = {frozenset((row["record_a"], row["record_b"])) for row in found.engine.rows("select * from kept_apart")}
        assert frozenset((stays, ann)) in pairs


class _Twin:
    """Membership the slow and obvious way: what each night believed is kept whole, and asked."""

    def __init__(self) -> None:
        self.nights: list[tuple[Moment, dict[str, str]]] = []

    def who(self, record: str, day: dt.date, known_at: dt.datetime) -> str | None:
        known = [(moment, persons) for moment, persons in self.nights if moment.known_at <= known_at]
        held = [persons.get(record) for moment, persons in known if moment.as_of_date <= day]
        if not held or held[-1] is None:
            return None
        believed = [persons[record] for _, persons in known if record in persons]
        return believed[-1]


@pytest.fixture
def open_engine() -> Iterator[Callable[[], DuckDBEngine]]:
    opened: list[DuckDBEngine] = []

    def open_one() -> DuckDBEngine:
        opened.append(DuckDBEngine("200MB"))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


def test_membership_says_what_every_night_said(tmp_path: Path, open_engine: Callable[[], DuckDBEngine]) -> None:
    """Records come, go and are linked otherwise at random; each is asked of every day as known on every night."""
    draw, twin = random.Random(3), _Twin()
    records = [f"r{number}" for number in range(6)]
    previous: Path | None = None
    for night in range(12):
        persons = {record: f"p{draw.randrange(3)}" for record in records if draw.random() < 0.7}
        if night % 4 == 3:
            persons = dict(twin.nights[-1][1])
        moment, folder = at(night), tmp_path / str(night)
        folder.mkdir()
        engine = open_engine()
        read_past(engine, previous)
        rows = [
            {"person_record_id": record, "person_id": person, "method": "single"} for record, person in persons.items()
        ]
        engine.load_rows(TABLES["person_link"], rows)
        engine.load_rows(TABLES["person_history"], [])
        write_lineage(engine, moment, "1")
        sizes = [len(engine.rows(f"select person_id from {name}")) for name in ("earlier_membership", "membership")]
        assert night % 4 < 3 or sizes[0] == sizes[1], "a night without a change adds no row"
        for name in ("person_link", "membership", "person_lineage"):
            engine.write(TABLES[name], folder / f"{name}.parquet")
        twin.nights.append((moment, persons))
        previous = folder / "person_link.parquet"
        for record in records:
            for day in range(night + 1):
                for known in range(night + 1):
                    asked = (record, at(day).as_of_date, at(known).known_at)
                    assert find_person(engine, *asked) == twin.who(*asked), (night, record, day, known)
        key = ("person_record_id", "from_date", "known_from_at")
        keys = [
            tuple(row[name] for name in key)
            for row in engine.rows(
                "select person_record_id, from_date, cast(known_from_at as varchar) as known_from_at from membership"
            )
        ]
        assert len(keys) == len(set(keys))


def test_a_lake_from_before_lineage_begins_it(tmp_path: Path, open_engine: Callable[[], DuckDBEngine]) -> None:
    past = read_past(open_engine(), tmp_path / "person_link.parquet")
    assert (past.persons, past.formers, past.apart) == ({}, {}, {})


def test_a_record_that_came_after_a_merge_is_pinned_to_neither_of_the_two() -> None:
    """Nobody said whose it is: what was held before the merge is parted, and no more."""
    before, merged_at, after = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (1, 2, 3))
    past = Past(
        persons=dict.fromkeys(("r1", "r2", "r3", "r4"), "P1"),
        formers={"r2": ("P2",), "r4": ("P2",)},
        arrived={"r2": merged_at, "r4": merged_at},
        first_known={"r1": before, "r2": before, "r3": after, "r4": before},
    )
    parted = part_whole(past, Decisions(cannot_link=frozenset({("r1", "r2")})))
    assert parted.cannot_link == {("r1", "r2"), ("r1", "r4")}


def test_who_was_that_person_before_the_merge_stays_whoever_they_were_long_ago() -> None:
    """r1 was once P2 as r2 was, and had been P1 with r3 for a week when r2 was joined to it: r2 alone goes back."""
    moved, merged_at = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (1, 8))
    past = Past(
        persons=dict.fromkeys(("r1", "r2", "r3"), "P1"),
        formers={"r1": ("P2",), "r2": ("P2",)},
        arrived={"r1": moved, "r2": merged_at},
    )
    parted = part_whole(past, Decisions(cannot_link=frozenset({("r2", "r3")})))
    assert parted.cannot_link == {("r2", "r3"), ("r1", "r2")}


def test_what_a_human_said_of_a_very_pair_an_un_merge_does_not_part() -> None:
    """Somebody said that r2 is r4, which made two persons one; somebody else that r4 is not r8, who was r2's: then r8
    is another, and so is r3, who was r8's; of r2 nobody said it."""
    merged_at = dt.datetime(2026, 11, 8, tzinfo=dt.UTC)
    past = Past(dict.fromkeys(("r2", "r3", "r4", "r8"), "P1"), formers={"r4": ("P2",)}, arrived={"r4": merged_at})
    said = Decisions(must_link=frozenset({("r2", "r4")}), cannot_link=frozenset({("r4", "r8")}))
    assert part_whole(past, said).cannot_link == {("r4", "r8"), ("r3", "r4")}


def test_no_un_merge_brings_the_word_of_one_human_into_force_that_takes_two() -> None:
    """r8 is beside somebody sealed, and r2 is r8's by a number: that r2 is r4 one human alone said, and it did not
    hold. Two said that r4 is r8, and two that it is not: each is who they were, the older id with those who had it."""
    merged_at = dt.datetime(2026, 11, 8, tzinfo=dt.UTC)
    records = ("r1", "r2", "r3", "r4", "r8")
    past = Past({"r1": "P0", **dict.fromkeys(records[1:], "P1")}, formers={"r4": ("P2",)}, arrived={"r4": merged_at})
    words = (("r1", "r3", True, ""), ("r2", "r4", True, ""), ("r3", "r8", True, "B"), ("r4", "r8", False, "B"))
    decided = tuple(
        ((one, other), Decision(line, ("f", one), ("f", other), is_same, "A", approver, DAY, ""))
        for line, (one, other, is_same, approver) in enumerate(words)
    )
    numbers = (Edge("r2", "r8", 21), Edge("r4", "r8", 5))
    evidence = Evidence(
        records,
        numbers,
        {},
        frozenset(numbers),
        decided=Decided(decided),
        sides={"r1": frozenset({("s", "adoptive")})},
        widen=partial(part_whole, past),
    )
    found = settle(evidence, frozenset(), lambda resolution, labels: NOBODY_PROTECTED)
    assert set(found.resolution.groups) == {("r1",), ("r2", "r3", "r8"), ("r4",)}
    assert len(found.problems) == 2 and all("two different people" in problem for problem in found.problems)
    ids = assign_ids(past.persons, found.resolution.groups, formers=past.formers, arrived=past.arrived).person_ids
    assert ids == {"r1": "P0", "r2": "P1", "r3": "P1", "r8": "P1", "r4": "P2"}


def _parted_slowly(past: Past, asked: tuple[str, str]) -> set[tuple[str, str]]:
    """The slow twin: every two records of the person are looked at, and which of the two each was before the merge."""
    one, other = asked
    if one not in past.persons or past.persons[one] != past.persons.get(other):
        return set()
    merged = sorted(past.arrived[end] for end in asked if end in past.arrived)
    was = {}
    for record, person in past.persons.items():
        others = [former for former in past.formers.get(record, ()) if former != person]
        was_it_already = merged and record in past.arrived and past.arrived[record] < merged[-1]
        was[record] = others[0] if others and not was_it_already else person
    if was[one] == was[other]:
        return set()

    def is_asked(record: str) -> bool:
        came = past.first_known.get(record)
        there = record in asked or came is None or not merged or came < merged[-1]
        return there and past.persons[record] == past.persons[one]

    return {
        (min(left, right), max(left, right))
        for left in past.persons
        for right in past.persons
        if is_asked(left) and is_asked(right) and (was[left], was[right]) == (was[one], was[other])
    }


@pytest.mark.parametrize("seed", range(150))
def test_an_un_merge_parts_whom_the_slow_twin_parts(seed: int) -> None:
    """Of two records that were two persons every record of the one from every record of the other; and nobody whom
    humans joined, and nobody who came after the merge."""
    drawn = random.Random(seed)
    records = [f"r{number}" for number in range(8)]
    at_night = [at(number).known_at for number in range(5)]
    past = Past(
        {record: drawn.choice("PQ") for record in records[:7]},
        formers={record: tuple(drawn.sample("PQRS", drawn.randrange(3))) for record in records if drawn.random() < 0.7},
        arrived={record: drawn.choice(at_night) for record in records if drawn.random() < 0.6},
        first_known={record: drawn.choice(at_night) for record in records if drawn.random() < 0.6},
    )
    pairs = [(min(pair), max(pair)) for pair in (drawn.sample(records, 2) for _ in range(3))]
    joined = frozenset({pairs[2]} if drawn.random() < 0.5 else ()) - set(pairs[:2])
    given = Decisions(must_link=joined, cannot_link=frozenset(pairs[:2]))
    expected = given.cannot_link.union(*(_parted_slowly(past, pair) - joined for pair in given.cannot_link))
    assert part_whole(past, given).cannot_link == expected
    assert part_whole(past, given).must_link == joined


def test_of_homes_are_forgotten_whom_a_withdrawn_record_ever_was_and_who_is_parted() -> None:
    past = Past(
        persons={"here": "P", "gone": "Q", "other": "R"},
        remembered={"away": "S"},
        formers={"gone": ("Q", "T"), "here": ("U",)},
    )
    history = (
        HistoryRow("V", "split", "R", "human_decision"),
        HistoryRow("W", "merged", "P", "links_changed"),
        HistoryRow("X", "new", None, "first_seen"),
        HistoryRow("Y", "split", None, "ended"),
    )
    found = _find_forgotten(
        past, Identities({}, history), {"gone": "erasure", "away": "retraction", "never": "erasure"}
    )
    assert found == {"Q", "T", "S", "V", "R", "Y"}
    assert _find_forgotten(past, Identities({}, ()), {}) == set()

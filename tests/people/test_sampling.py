"""The random sample of pairs: what it is drawn from, how it is carried, and whether its estimates hold the truth."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from braid.language.findings import TABLES
from braid.people import run as people_run
from braid.people import sampling
from braid.people.decisions import COLUMNS
from braid.people.expected import ALL
from braid.people.link_quality import LinkQuality, read_quality, reckon
from braid.people.sampling import (
    APART,
    JOINED,
    LEAST_OF_STRATUM,
    SAMPLE_DAYS,
    STRATA,
    Sample,
    SamplePlan,
    count_strata,
    draw_sample,
)
from braid.people.seals import SealedRow
from people.little_place import make_place

DAY = dt.date(2026, 11, 15)
BY_SEX = {"sex": "select person_id, coalesce(sex, 'unknown') as group_code from person"}
WRITTEN = ("person_link", "link_sample", "link_sample_group", "link_frame", "link_review_field", "person_record")
DRAWS = 400


@pytest.fixture(scope="module")
def place():
    return make_place(500, 5)


def link(place, target: Path, before: Path | None = None, plan=None, **more):
    """Link a place and write what the next run and the estimate read."""
    target.mkdir(parents=True)
    with closing(place.engine()) as engine:
        plan = plan or SamplePlan(DAY, BY_SEX)
        people_run.run(engine, before / "person_link.parquet" if before else None, sample_plan=plan, **more)
        for name in WRITTEN:
            engine.write(TABLES[name], target / f"{name}.parquet")
        return {name: engine.rows(f"select * from {name}") for name in WRITTEN}


@pytest.fixture(scope="module")
def linked(place, tmp_path_factory):
    folder = tmp_path_factory.mktemp("linked") / "first"
    return folder, link(place, folder)


def is_true(place, pair) -> bool:
    return place.truth[pair[0]] == place.truth[pair[1]]


def test_pairs_of_each_stratum_are_drawn_and_are_what_they_are_said_to_be(place, linked):
    _, found = linked
    person_of = {row["person_record_id"]: row["person_id"] for row in found["person_link"]}
    sizes, drawn = count_strata(found["link_frame"]), Counter(row["stratum"] for row in found["link_sample"])
    assert all(drawn[name] >= min(sizes[name], LEAST_OF_STRATUM) for name in STRATA)
    assert sum(drawn.values()) <= 400 + len(STRATA) * LEAST_OF_STRATUM
    for row in found["link_sample"]:
        is_joined = person_of[row["record_a"]] == person_of[row["record_b"]]
        assert is_joined == row["is_joined"] == (row["stratum"] in JOINED) and row["record_a"] < row["record_b"]
        if row["stratum"] in ("apart_near", "joined_light"):
            assert 0 <= row["weight"] <= 10.001
    assert [row["asked_place"] for row in found["link_sample"]] == list(range(1, len(found["link_sample"]) + 1))
    links = sum(n * (n - 1) // 2 for n in Counter(person_of.values()).values())
    assert sum(sizes[name] for name in JOINED) == links, "every joined pair can be drawn"
    assert sizes["apart_far"] and sizes["apart_near"], "and those below the threshold"
    assert sum(drawn[name] for name in APART) >= 60


def test_frame_and_groups_count_the_same_pairs_by_hand(place, linked):
    """Sexes and pairs of standards of all joined pairs, counted one by one."""
    _, found = linked
    person_of = {row["person_record_id"]: row["person_id"] for row in found["person_link"]}
    standard = {row["record_id"]: row["standard"] for row in found["person_record"]}
    by_hand: Counter[str] = Counter()
    for one, other in itertools.combinations(sorted(person_of), 2):
        if person_of[one] == person_of[other]:
            by_hand["|".join(sorted((standard[one], standard[other])))] += 1
    told: Counter[str] = Counter()
    for row in found["link_frame"]:
        if row["characteristic"] == "sources" and row["stratum"] in JOINED:
            told[row["group_code"]] += row["pairs"]
    assert told == by_hand
    sexes = Counter()
    for row in found["link_frame"]:
        if row["characteristic"] == "sex" and row["stratum"] in JOINED:
            sexes[row["group_code"]] += row["pairs"]
    assert sum(sexes.values()) == sum(by_hand.values()), "a joined pair is of one person, so of one group"
    fields = {(row["record_a"], row["record_b"]) for row in found["link_review_field"]}
    assert {(row["record_a"], row["record_b"]) for row in found["link_sample"]} <= fields


def test_a_sample_is_carried_for_a_quarter_and_then_drawn_anew(place, linked, tmp_path):
    folder, first = linked

    def pairs(found):
        return [(row["record_a"], row["record_b"], row["stratum"]) for row in found["link_sample"]]

    last = link(place, tmp_path / "last", folder, SamplePlan(DAY + dt.timedelta(SAMPLE_DAYS - 1), BY_SEX))
    assert pairs(last) == pairs(first)
    assert all(row["drawn_date"] == DAY for row in last["link_frame"])
    anew = link(place, tmp_path / "anew", folder, SamplePlan(DAY + dt.timedelta(SAMPLE_DAYS), BY_SEX))
    assert all(row["drawn_date"] == DAY + dt.timedelta(SAMPLE_DAYS) for row in anew["link_frame"])
    assert set(pairs(anew)) != set(pairs(first))
    again = link(place, tmp_path / "again", None)
    assert pairs(again) == pairs(first), "which pairs are drawn follows from the day and the pairs alone"


def test_what_was_decided_stays_in_its_sample_and_comes_into_no_new_one(place, linked, tmp_path):
    """A false join that humans part is no more joined; its sample goes on telling that linking had joined it."""
    folder, first = linked
    key = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in first["person_record"]}
    chosen = next(row for row in first["link_sample"] if row["stratum"] in JOINED)
    pair = chosen["record_a"], chosen["record_b"]
    rows = [(2, decision_of(key, pair, is_same=False))]
    later = link(place, tmp_path / "later", folder, SamplePlan(DAY + dt.timedelta(1), BY_SEX), decision_rows=rows)
    (row,) = [row for row in later["link_sample"] if (row["record_a"], row["record_b"]) == pair]
    assert (row["stratum"], row["is_joined"], row["cause"]) == (chosen["stratum"], False, "decided")
    fresh = link(place, tmp_path / "fresh", None, decision_rows=rows)
    assert pair not in {(row["record_a"], row["record_b"]) for row in fresh["link_sample"]}
    totals = [sum(count_strata(found["link_frame"]).values()) for found in (fresh, first)]
    assert totals[0] < totals[1]


def decision_of(key, pair, *, is_same: bool) -> dict[str, str]:
    (feed_a, record_a), (feed_b, record_b) = key[pair[0]], key[pair[1]]
    said = (feed_a, record_a, feed_b, record_b, "same" if is_same else "different", "one", "two", "2026-11-16", "R-1")
    return dict(zip(COLUMNS, said, strict=True))


def test_nobody_sealed_is_drawn_or_carried(place, linked, tmp_path):
    folder, first = linked
    key = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in first["person_record"]}
    chosen = first["link_sample"][0]
    other = next(row["record_a"] for row in first["link_sample"] if row["stratum"] in APART and row is not chosen)
    sealed = [
        SealedRow("seal-1", "pre_adoptive", *key[chosen["record_a"]]),
        SealedRow("seal-1", "adoptive", *key[other]),
    ]
    carried = link(place, tmp_path / "carried", folder, SamplePlan(DAY + dt.timedelta(1), BY_SEX), sealed_rows=sealed)
    fresh = link(place, tmp_path / "fresh", None, sealed_rows=sealed)
    for found in (carried, fresh):
        person_of = {row["person_record_id"]: row["person_id"] for row in found["person_link"]}
        hidden = {person_of[chosen["record_a"]], person_of[other]}
        named = {person_of[row[end]] for row in found["link_sample"] for end in ("record_a", "record_b")}
        assert named and not named & hidden
        told = {(row["record_a"], row["record_b"]) for row in found["link_sample_group"]}
        assert told == {(row["record_a"], row["record_b"]) for row in found["link_sample"]}


def test_a_record_that_is_gone_takes_its_pairs_with_it(linked, tmp_path):
    folder, first = linked
    smaller = make_place(500, 5)
    gone = first["link_sample"][0]["record_a"]
    smaller.tables["person_record"] = [row for row in smaller.tables["person_record"] if row["record_id"] != gone]
    found = link(smaller, tmp_path / "smaller", folder, SamplePlan(DAY + dt.timedelta(1), BY_SEX))
    names = ("link_sample", "link_sample_group")
    assert not [row for name in names for row in found[name] if gone in (row["record_a"], row["record_b"])]
    assert len(found["link_sample"]) < len(first["link_sample"]), "the control"


@pytest.fixture(scope="module")
def drawn_often(place):
    """Estimates of many samples of one place, every drawn pair answered by the truth; and what is true by group."""
    found: list[LinkQuality] = []
    truth: dict[tuple[str, str], Counter[str]] = {}

    def draw_often(engine, plan, standing, _previous, threshold) -> Sample:
        for number in range(DRAWS):
            day = dt.date(2000, 1, 1) + dt.timedelta(number)
            sample = draw_sample(engine, SamplePlan(day, plan.groups, plan.pairs), standing, threshold)
            labels = {pair: is_true(place, pair) for pair in sample.strata}
            found.append(reckon(sample.frame, sample.strata, sample.groups, labels))
        whole = draw_sample(engine, SamplePlan(plan.as_of, plan.groups, 10**9), standing, threshold)
        assert len(whole.strata) == sum(count_strata(whole.frame).values())
        for pair, stratum in whole.strata.items():
            for group in whole.groups[pair]:
                counts = truth.setdefault(group, Counter())
                is_joined, is_same = stratum in JOINED, is_true(place, pair)
                counts["links"] += is_joined
                counts["false"] += is_joined and not is_same
                counts["missed"] += is_same and not is_joined
        return whole

    kept, people_run.find_sample = people_run.find_sample, draw_often
    try:
        with closing(place.engine()) as engine:
            people_run.run(engine, sample_plan=SamplePlan(DAY, BY_SEX, 300))
    finally:
        people_run.find_sample = kept
    return found, truth


@pytest.mark.parametrize("group", [(ALL, ALL), ("sex", "female"), ("sex", "male")])
def test_of_many_samples_of_a_place_the_intervals_hold_its_truth_as_often_as_they_say(drawn_often, group):
    found, truth = drawn_often
    counts = truth[group]
    right = counts["links"] - counts["false"]
    true = {"false": counts["false"] / counts["links"], "missed": counts["missed"] / (counts["missed"] + right)}
    for what, share in true.items():
        told = [getattr(each, what) for one in found for each in one.groups if group_of(each) == group]
        assert len(told) == DRAWS and counts["missed"] > 0
        held = sum(each.low - 1e-12 <= share <= each.high + 1e-12 for each in told) / DRAWS
        mean = sum(each.number for each in told) / DRAWS
        width = sum(each.high - each.low for each in told) / DRAWS
        print(f"{group} {what}: true {share:.4f}, mean {mean:.4f}, mean width {width:.4f}, held {held:.3f}")
        assert held >= 0.93
        spread = (sum((each.number - mean) ** 2 for each in told) / DRAWS) ** 0.5
        assert abs(mean - share) <= 4 * spread / DRAWS**0.5 + 0.002, "right on average"


def group_of(each) -> tuple[str, str]:
    return each.characteristic, each.group_code


def test_a_sample_of_everything_tells_the_truth_itself(place, drawn_often):
    _, truth = drawn_often
    whole: list[LinkQuality] = []

    def draw_all(engine, plan, standing, _previous, threshold) -> Sample:
        sample = draw_sample(engine, SamplePlan(plan.as_of, plan.groups, 10**9), standing, threshold)
        labels = {pair: is_true(place, pair) for pair in sample.strata}
        whole.append(reckon(sample.frame, sample.strata, sample.groups, labels))
        return sample

    with pytest.MonkeyPatch.context() as patched, closing(place.engine()) as engine:
        patched.setattr(people_run, "find_sample", draw_all)
        people_run.run(engine, sample_plan=SamplePlan(DAY, BY_SEX))
    assert whole[0].is_told and whole[0].decided == whole[0].drawn
    for each in whole[0].groups:
        counts = truth[group_of(each)]
        if each.links:
            assert each.false.number * each.links == pytest.approx(counts["false"])
            assert each.false.low == pytest.approx(each.false.high)
        right = each.links - counts["false"]
        if counts["missed"] + right:
            assert each.missed.number == pytest.approx(counts["missed"] / (counts["missed"] + right))


def test_nothing_is_told_before_four_in_five_of_every_kind_are_decided(place, linked):
    """Through the place's file of decisions, as page and command read it; guarded pairs count with two people."""
    folder, found = linked
    key = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in found["person_record"]}
    pairs = [(row["record_a"], row["record_b"], row["stratum"]) for row in found["link_sample"]]
    rows = [decision_of(key, pair, is_same=is_true(place, pair)) for *pair, _ in pairs]

    def told(count: int, **more: str) -> LinkQuality:
        with closing(place.engine()) as engine:
            for name in ("link_frame", "link_sample", "link_sample_group"):
                engine.load_parquet(name, folder / f"{name}.parquet")
            return read_quality(engine, [(place + 2, {**row, **more}) for place, row in enumerate(rows[:count])])

    assert not told(0).is_told and told(0).decided == 0
    half = told(len(rows) // 2)
    assert not half.is_told and half.decided == len(rows) // 2
    whole = told(len(rows))
    assert whole.is_told and whole.decided == len(rows)
    everybody = whole.groups[0]
    assert (everybody.characteristic, everybody.false_reviewed + everybody.missed_reviewed) == (ALL, len(rows))
    alone = told(len(rows), approved_by="")
    guarded = sum(row["needs_two"] for row in found["link_sample"])
    assert alone.decided == len(rows) - guarded


def test_a_place_of_nobody_draws_nothing(tmp_path):
    found = link(make_place(0, 1), tmp_path / "none")
    assert found["link_sample"] == found["link_frame"] == []


def test_lots_differ_by_day_and_not_by_run():
    lots = {sampling._lot(day, "a", "b") for day in (DAY, DAY, DAY + dt.timedelta(1))}
    assert len(lots) == 2

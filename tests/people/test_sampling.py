"""The random sample of pairs: what it is drawn from, how it is carried, and whether its estimates hold the truth."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.language.findings import TABLES
from braid.people import judge, sampling
from braid.people import run as people_run
from braid.people.decisions import COLUMNS
from braid.people.expected import ALL
from braid.people.guarded import Settled
from braid.people.link_quality import LinkQuality, read_quality, reckon
from braid.people.model import Decisions, Edge, EdgeSet, Resolution
from braid.people.review_queue import Standing, list_sample
from braid.people.run_call import Said
from braid.people.sampling import (
    JOINED,
    LEAST_OF_STRATUM,
    SAMPLE_DAYS,
    STRATA,
    TABLES_WRITTEN,
    Sample,
    SamplePlan,
    choose_pairs,
    count_strata,
    draw_sample,
    find_sample,
    write_sample,
)
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import make_place

DAY = dt.date(2026, 11, 15)
BY_SEX = {"sex": "select person_id, coalesce(sex, 'unknown') as group_code from person"}
DRAWS = 200
SALT = "5a" * 32
THRESHOLD = 4.0
STANDARDS = ("school", "housing_register", "cin")
LINE = {
    "organisation_id": "northmere-council",
    "collection_year": 2026,
    "file_sha256": "0" * 64,
    "row_ref": "1",
    "as_of_date": DAY,
    "sensitivity": "normal",
}


@dataclass
class Little:
    """People with records and scored pairs, drawn at random, as linking leaves them."""

    people: int = 150
    sealed: frozenset[str] = frozenset()
    decisions: Decisions = field(default_factory=Decisions)
    gone: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        draw = random.Random(3)
        self.persons: dict[str, tuple[str, ...]] = {}
        edges: dict[tuple[str, str], float] = {}
        for number in range(self.people):
            records = tuple(f"r{number:03}{one}" for one in range(draw.choice((1, 2, 2, 3))))
            self.persons[f"p{number:03}"] = tuple(one for one in records if one not in self.gone)
            for one, other in itertools.combinations(records, 2):
                if draw.random() < 0.8:
                    edges[one, other] = draw.choice((2.0, 4.5, 9.0, 12.0, 20.0))
        names = sorted(self.persons)
        for _ in range(self.people):
            left, right = sorted(draw.sample(names, 2))
            edges[f"r{left[1:]}0", f"r{right[1:]}0"] = draw.choice((-3.0, -1.0, 0.5, 3.0, 11.0))
        here = {record for records in self.persons.values() for record in records}
        kept = {pair: weight for pair, weight in edges.items() if here.issuperset(pair)}
        self.edges = [Edge(*pair, weight) for pair, weight in kept.items()]

    @property
    def standing(self) -> Standing:
        strong = tuple(edge for edge in self.edges if edge.weight >= THRESHOLD)
        weak = tuple(edge for edge in self.edges if edge.weight < THRESHOLD)
        resolution = Resolution(tuple(self.persons.values()), {}, (), ())
        settled = Settled(resolution, frozenset(), frozenset(), frozenset(), (), self.decisions)
        return Standing(self.persons, settled, EdgeSet(strong, 0, 0, weak), {}, {}, {}, self.sealed)

    @contextmanager
    def engine(self) -> Iterator[DuckDBEngine]:
        with closing(DuckDBEngine()) as engine:
            links = [
                {"person_record_id": record, "person_id": person, "method": "single"}
                for person, records in self.persons.items()
                for record in records
            ]
            engine.load_rows(TABLES["person_link"], links)
            engine.load_rows(TABLES["person_record"], [record_row(row["person_record_id"]) for row in links])
            people = [
                {
                    "person_id": person,
                    "sex": ("female", "male", None)[number % 3],
                    "protected": False,
                    "location_withheld": False,
                    "record_count": 1,
                }
                for number, person in enumerate(self.persons)
            ]
            engine.load_rows(TABLES["person"], people)
            yield engine

    def draw(
        self, folder: Path | None = None, before: Path | None = None, day: dt.date = DAY, salt: str = SALT
    ) -> Sample:
        """Draw or carry a sample, and write it as a run does."""
        with self.engine() as engine:
            links = before / "person_link.parquet" if before else None
            sample = find_sample(engine, SamplePlan(day, BY_SEX, 200, salt), self.standing, links, THRESHOLD)
            if folder:
                folder.mkdir()
                write_sample(engine, sample, [queue_row(pair) for pair in sample.strata])
                for name in TABLES_WRITTEN:
                    engine.write(TABLES[name], folder / f"{name}.parquet")
        return sample


def record_row(record: str) -> dict[str, object]:
    standard = STANDARDS[int(record[-1])]
    return {**LINE, "record_id": record, "feed": f"feed-{standard}", "partner_record_id": record, "standard": standard}


def queue_row(pair) -> dict[str, object]:
    """What the queue says of a pair; every tenth is of a guarded record."""
    of_pair = {"record_a": pair[0], "record_b": pair[1], "person_a": "x", "person_b": "y", "cause": "sample"}
    counts = {"weight": 1.0, "is_joined": True, "stake": 0, "records_a": 1, "records_b": 1}
    texts = dict.fromkeys(("waits_a", "waits_b", "feeds_a", "feeds_b"), "")
    return {**of_pair, **counts, **texts, "needs_two": pair[0] < "r015"}


def test_pairs_of_each_stratum_are_drawn_and_are_what_they_are_said_to_be():
    place = Little()
    sample = place.draw()
    sizes, drawn = count_strata(sample.frame), Counter(sample.strata.values())
    assert all(drawn[name] >= min(sizes[name], LEAST_OF_STRATUM) for name in STRATA)
    assert all(sizes[name] for name in STRATA), "the place has pairs of every kind, those below the threshold too"
    person_of = {record: person for person, records in place.persons.items() for record in records}
    weight_of = {(edge.left, edge.right): edge.weight for edge in place.edges}
    ranges = {
        "joined_light": (THRESHOLD, 10),
        "joined_heavy": (10.001, 99),
        "apart_refused": (THRESHOLD, 99),
        "apart_near": (0, 3.999),
        "apart_far": (-9, -0.001),
    }
    for pair, stratum in sample.strata.items():
        assert (person_of[pair[0]] == person_of[pair[1]]) == (stratum in JOINED) and pair[0] < pair[1]
        weight = weight_of.get(pair)
        if stratum == "joined_through":
            assert weight is None or weight < THRESHOLD
        else:
            low, high = ranges[stratum]
            assert low <= weight <= high
    assert place.draw().strata == sample.strata, "whoever has the secret can draw the lots again"
    assert set(place.draw(salt="a5" * 32).strata) != set(sample.strata), "and nobody who has it not"
    assert {row["salt"] for row in sample.frame} == {SALT}, "kept with the numbers for whoever audits"
    assert list(sample.strata) != sorted(sample.strata), "and in which order says nothing"


def test_frame_and_groups_count_the_pairs_that_are_counted_by_hand():
    """Every joined and scored pair, one by one: by stratum and sex, and by stratum and pair of standards."""
    place = Little()
    sample = place.draw()
    sex = dict(zip(place.persons, itertools.cycle(("female", "male", "unknown")), strict=False))
    person_of = {record: person for person, records in place.persons.items() for record in records}
    weight_of = {(edge.left, edge.right): edge.weight for edge in place.edges}
    by_hand: Counter[tuple[str, str, bool]] = Counter()
    people: dict[tuple[str, str], set[str]] = {}
    for pair in itertools.combinations(sorted(person_of), 2):
        ends = [person_of[one] for one in pair]
        if ends[0] != ends[1] and pair not in weight_of:
            continue
        sexes = {sex[end] for end in ends} - {"unknown"} or {"unknown"}
        standards = "|".join(sorted(str(record_row(one)["standard"]) for one in pair))
        for group in (*(("sex", code) for code in sexes), ("sources", standards), (ALL, ALL)):
            by_hand[(*group, ends[0] == ends[1])] += 1
            people.setdefault(group, set()).update(ends)
    told: Counter[tuple[str, str, bool]] = Counter()
    for row in sample.frame:
        group = row["characteristic"], row["group_code"]
        told[(*group, row["stratum"] in JOINED)] += row["pairs"]
        assert row["people"] == len(people[group]) and row["drawn_date"] == DAY
    assert told == by_hand


def test_a_sample_is_carried_for_a_quarter_and_then_drawn_anew(tmp_path):
    place, folder = Little(), tmp_path / "first"
    first = place.draw(folder)
    last = place.draw(None, folder, DAY + dt.timedelta(SAMPLE_DAYS - 1))
    assert list(last.strata.items()) == list(first.strata.items()) and last.drawn_date == DAY
    assert {pair: sorted(last.groups[pair]) for pair in last.strata} == {
        pair: sorted(first.groups[pair]) for pair in first.strata
    }
    anew = place.draw(None, folder, DAY + dt.timedelta(SAMPLE_DAYS), "a5" * 32)
    assert anew.drawn_date == DAY + dt.timedelta(SAMPLE_DAYS) and set(anew.strata) != set(first.strata)
    assert place.draw(None, folder, DAY - dt.timedelta(1)).drawn_date < DAY, "nor is one of tomorrow carried"


def test_what_was_decided_stays_in_its_sample_and_comes_into_no_new_one(tmp_path):
    """A false join that humans part is joined no more; its sample goes on telling that linking had joined it."""
    place, folder = Little(), tmp_path / "first"
    first = place.draw(folder)
    joined = next(pair for pair, stratum in first.strata.items() if stratum == "joined_heavy")
    apart = next(pair for pair, stratum in first.strata.items() if stratum == "apart_near")
    decided = replace(place, decisions=Decisions(frozenset({joined}), frozenset({apart})))
    carried = decided.draw(None, folder, DAY + dt.timedelta(1))
    assert carried.strata == first.strata
    causes = {one.doubt.pair: one.doubt.cause for one in list_sample(carried.strata, decided.standing)}
    assert {pair for pair, cause in causes.items() if cause == "decided"} == {joined, apart}
    fresh = decided.draw()
    assert not {joined, apart} & set(fresh.strata)
    sizes = [count_strata(sample.frame) for sample in (first, fresh)]
    assert sizes[0]["joined_heavy"] - sizes[1]["joined_heavy"] == 1
    assert sizes[0]["apart_near"] - sizes[1]["apart_near"] == 1


def test_nobody_sealed_is_drawn_or_carried(tmp_path):
    """By whichever of their records: a seal of one hides every pair of the person, in old samples too."""
    place, folder = Little(), tmp_path / "first"
    first = place.draw(folder)
    person_of = {record: person for person, records in place.persons.items() for record in records}
    hidden = person_of[next(pair for pair, stratum in first.strata.items() if stratum == "joined_heavy")[0]]
    sealed = replace(place, sealed=frozenset({place.persons[hidden][-1]}))
    of_hidden = {pair for pair in first.strata if hidden in (person_of[pair[0]], person_of[pair[1]])}
    assert of_hidden, "the control"
    carried, fresh = sealed.draw(None, folder, DAY + dt.timedelta(1)), sealed.draw()
    assert set(carried.strata) == set(first.strata) - of_hidden == set(carried.groups)
    assert not [pair for pair in fresh.strata if hidden in (person_of[pair[0]], person_of[pair[1]])]
    assert sum(count_strata(fresh.frame).values()) < sum(count_strata(first.frame).values())


def test_a_record_that_is_gone_takes_its_pairs_with_it(tmp_path):
    place, folder = Little(), tmp_path / "first"
    first = place.draw(folder)
    gone = next(iter(first.strata))[0]
    carried = replace(place, gone=frozenset({gone})).draw(None, folder, DAY + dt.timedelta(1))
    assert set(carried.strata) == {pair for pair in first.strata if gone not in pair} == set(carried.groups)
    assert len(carried.strata) < len(first.strata) and carried.frame == first.frame


@dataclass
class Whole:
    """A place as linking left it: every pair it joined or compared, and the sample that has them all."""

    frame: dict[str, list[tuple[sampling.Pair, float]]]
    sample: Sample


TRUE_SHARES = {
    "joined_heavy": 0.995,
    "joined_light": 0.9,
    "joined_through": 0.93,
    "apart_refused": 0.5,
    "apart_near": 0.2,
    "apart_far": 0.03,
}


def draw_all(engine, plan: SamplePlan, standing: Standing, threshold: float) -> Whole:
    """Draw every pair there is."""
    frames = []

    def kept(frame, *rest):
        frames.append(frame)
        return choose_pairs(frame, *rest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sampling, "choose_pairs", kept)
        sample = draw_sample(engine, replace(plan, pairs=10**9), standing, threshold)
    return Whole(frames[0], sample)


def count_truth(is_one: Callable[[sampling.Pair], bool], sample: Sample) -> dict[tuple[str, str], Counter[str]]:
    """Return by group links, false ones and missed ones, pair by pair."""
    truth: dict[tuple[str, str], Counter[str]] = {}
    for pair, stratum in sample.strata.items():
        is_joined, is_same = stratum in JOINED, is_one(pair)
        for group in sample.groups[pair]:
            counts = truth.setdefault(group, Counter())
            counts["links"] += is_joined
            counts["false"] += is_joined and not is_same
            counts["missed"] += is_same and not is_joined
    return truth


GROUPS = ((ALL, ALL), ("sex", "female"), ("sex", "male"))


@pytest.fixture(scope="module")
def drawn_often() -> tuple[list[LinkQuality], dict[tuple[str, str], Counter[str]]]:
    """Estimates of many samples of one place full of errors, every drawn pair answered by the truth; and that truth."""
    place = Little(900)
    with place.engine() as engine:
        whole = draw_all(engine, SamplePlan(DAY, BY_SEX), place.standing, THRESHOLD)

    def is_one(pair) -> bool:
        return random.Random(str(pair)).random() < TRUE_SHARES[whole.sample.strata[pair]]

    frame = [row for row in whole.sample.frame if (row["characteristic"], row["group_code"]) in GROUPS]
    found = []
    for number in range(DRAWS):
        strata = choose_pairs(whole.frame, f"{number:064x}", 300)
        groups = {pair: [group for group in whole.sample.groups[pair] if group in GROUPS] for pair in strata}
        found.append(reckon(frame, strata, groups, {pair: is_one(pair) for pair in strata}))
    return found, count_truth(is_one, whole.sample)


@pytest.mark.parametrize("group", GROUPS)
def test_of_many_samples_of_a_place_the_intervals_hold_its_truth_as_often_as_they_say(drawn_often, group):
    found, truth = drawn_often
    counts = truth[group]
    right = counts["links"] - counts["false"]
    true = {"false": counts["false"] / counts["links"], "missed": counts["missed"] / (counts["missed"] + right)}
    assert counts["false"] > 10 and counts["missed"] > 50
    for what, share in true.items():
        told = [getattr(each, what) for one in found for each in one.groups if group_of(each) == group]
        assert len(told) == DRAWS
        held = sum(each.low - 1e-12 <= share <= each.high + 1e-12 for each in told) / DRAWS
        mean = sum(each.number for each in told) / DRAWS
        width = sum(each.high - each.low for each in told) / DRAWS
        print(f"{group} {what}: true {share:.4f}, mean {mean:.4f}, mean width {width:.4f}, held {held:.3f}")
        assert held >= 0.95
        spread = (sum((each.number - mean) ** 2 for each in told) / DRAWS) ** 0.5
        assert abs(mean - share) <= 4 * spread / DRAWS**0.5 + 0.002, "right on average"
        assert width < 0.2, "and says something"


def group_of(each) -> tuple[str, str]:
    return each.characteristic, each.group_code


def test_a_sample_of_everything_tells_the_truth_itself():
    """Of a little place that is really linked: what the run hands over is the whole of what it joined and compared."""
    place, held = make_place(150, 5), []

    def is_one(pair) -> bool:
        return place.truth[pair[0]] == place.truth[pair[1]]

    def keep(engine, plan, standing, _previous, threshold) -> Sample:
        held.append((draw_all(engine, plan, standing, threshold).sample, standing))
        return held[0][0]

    with pytest.MonkeyPatch.context() as patched, closing(place.engine()) as engine:
        patched.setattr(judge, "find_sample", keep)
        people_run.run(engine, said=Said(sample_plan=SamplePlan(DAY, BY_SEX)))
        written = engine.rows("select * from link_sample order by asked_order")
        fields = {(row["record_a"], row["record_b"]) for row in engine.rows("select * from link_review_field")}
    ((sample, standing),) = held
    assert [(row["record_a"], row["record_b"]) for row in written] == list(sample.strata)
    assert set(sample.strata) <= fields, "each has its reasons, field by field"
    links = sum(len(records) * (len(records) - 1) // 2 for records in standing.persons.values())
    assert sum(stratum in JOINED for stratum in sample.strata.values()) == links > 100
    truth, labels = count_truth(is_one, sample), {pair: is_one(pair) for pair in sample.strata}
    told = reckon(sample.frame, sample.strata, sample.groups, labels)
    assert told.is_told and told.decided == told.drawn == sum(count_strata(sample.frame).values())
    for each in told.groups:
        counts = truth[group_of(each)]
        right = each.links - counts["false"]
        if each.links:
            assert each.false.number * each.links == pytest.approx(counts["false"])
            assert each.false.low == pytest.approx(each.false.high)
        if counts["missed"] + right:
            assert each.missed.number == pytest.approx(counts["missed"] / (counts["missed"] + right))


def decision_of(pair, *, is_same: bool, approved_by: str = "two") -> dict[str, str]:
    keys = [(str(record_row(one)["feed"]), one) for one in pair]
    said = (*keys[0], *keys[1], "same" if is_same else "different", "one", approved_by, "2026-11-16", "R-1")
    return dict(zip(COLUMNS, said, strict=True))


def test_nothing_is_told_before_four_in_five_are_decided(tmp_path):
    """Through the place's file of decisions, as page and command read it; guarded pairs count with two people."""
    place, folder = Little(), tmp_path / "first"
    sample = place.draw(folder)

    def told(count: int, approved_by: str = "two") -> LinkQuality:
        pairs = list(sample.strata)[:count]
        rows = [decision_of(pair, is_same=True, approved_by=approved_by) for pair in pairs]
        with place.engine() as engine:
            for name in TABLES_WRITTEN:
                engine.load_parquet(name, folder / f"{name}.parquet")
            return read_quality(engine, list(enumerate(rows, 2)))

    drawn = len(sample.strata)
    assert not told(0).is_told and told(0).decided == 0
    half = told(drawn // 2)
    assert not half.is_told and half.decided == drawn // 2
    whole = told(drawn)
    assert whole.is_told and whole.decided == drawn
    everybody = whole.groups[0]
    assert (everybody.characteristic, everybody.false_reviewed + everybody.missed_reviewed) == (ALL, drawn)
    assert everybody.false.number == 0.0 and everybody.missed.number > 0, "whom all call one person"
    guarded = sum(row["needs_two"] for row in map(queue_row, sample.strata))
    assert guarded and told(drawn, "").decided == drawn - guarded


def test_a_place_of_nobody_draws_nothing():
    sample = Little(0).draw()
    assert not sample.strata and not sample.frame


def test_two_samples_have_two_secrets_and_no_word_of_a_plan_tells_its():
    one, other = SamplePlan(DAY), SamplePlan(DAY)
    assert one.salt != other.salt and len(bytes.fromhex(one.salt)) == sampling.SALT_BYTES
    assert one.salt not in repr(one)
    lots = {sampling._lot(bytes.fromhex(salt), ("a", "b")) for salt in (one.salt, one.salt, other.salt)}
    assert len(lots) == 2


def test_a_sample_of_before_there_was_a_secret_is_not_carried(tmp_path):
    """Whoever knew the ids could have reckoned which of its pairs nobody looks at."""
    place, folder = Little(), tmp_path / "first"
    place.draw(folder)
    path = folder / "link_frame.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["salt"]), path)
    later = DAY + dt.timedelta(1)
    assert place.draw(None, folder, later).drawn_date == later


def in_strata(counts: dict[str, tuple[int, int, int, int]]) -> LinkQuality:
    """Reckon what strata say of which so many pairs there are, were drawn, are decided, and are wrong of these."""
    frame, strata, labels = [], {}, {}
    for name, (pairs, drawn, decided, wrong) in counts.items():
        of_all = {"characteristic": ALL, "group_code": ALL, "people": 900, "drawn_date": DAY}
        frame.append({**of_all, "stratum": name, "pairs": pairs})
        for number in range(drawn):
            pair = (f"{name} {number:04}", "other")
            strata[pair] = name
            if number < decided:
                labels[pair] = (name in JOINED) != (number < wrong)
    return reckon(frame, strata, {pair: [(ALL, ALL)] for pair in strata}, labels)


DECIDED = {"joined_heavy": (3000, 150, 150, 0), "apart_near": (60, 60, 60, 12)}


@pytest.mark.parametrize("drawn", [1, 0])
def test_a_kind_of_which_nothing_can_be_decided_widens_what_is_told_and_silences_nothing(drawn):
    """One pair on which nobody comes to an answer, or that went with its record: its kind may be all right or wrong."""
    alone = in_strata(DECIDED)
    told = in_strata({**DECIDED, "joined_through": (30, drawn, 0, 0), "apart_refused": (8, drawn, 0, 0)})
    assert alone.is_told and told.is_told
    (before,), (everybody,) = alone.groups, told.groups
    assert everybody.false.low == 0 and everybody.missed.low == pytest.approx(12 / (12 + 3030), abs=1e-4)
    assert everybody.false.high == pytest.approx((before.false.high * 3000 + 30) / 3030)
    assert everybody.missed.high >= 20 / (20 + 3000)
    assert everybody.false.low <= everybody.false.number <= everybody.false.high


def test_pairs_that_nobody_decides_are_no_chance():
    """Of 150 drawn ten are left: they may be the ten that are wrong."""
    left = in_strata({**DECIDED, "joined_heavy": (3000, 150, 140, 0)})
    (told,), (whole,) = left.groups, in_strata({**DECIDED, "joined_heavy": (3000, 150, 150, 10)}).groups
    assert told.false.number == 0 and told.false.high == pytest.approx(whole.false.high)


def test_little_of_one_kind_says_nothing_yet():
    assert not in_strata({**DECIDED, "joined_heavy": (3000, 150, 119, 0)}).is_told
    assert in_strata({**DECIDED, "joined_heavy": (3000, 150, 120, 0)}).is_told, "the control"
    assert not in_strata({**DECIDED, "apart_near": (60, 60, 47, 12)}).is_told

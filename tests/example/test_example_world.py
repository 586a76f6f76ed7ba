"""The world: proportions, families, and the same world for the same seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import example_files as partner
import pytest
from example_files import PEOPLE, Written

from braid.example import errors
from braid.example.model import CHILD, GRANDPARENT, HEAD, PARTNER, World
from braid.example.world import build_world
from braid.example.write import write_example

AS_OF = date(2026, 11, 15)


@pytest.fixture(scope="module")
def town() -> World:
    return build_world(20_000, 7, AS_OF)


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def test_the_same_arguments_give_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from braid.example.write import write_example;"
        "write_example(Path(sys.argv[1]), people=800, seed=3, weeks=2)"
    )
    for name, hash_seed in (("one", "1"), ("other", "4242")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(partner.REPOSITORY / "src")}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=True, env=environment)
    assert digest(tmp_path / "one") == digest(tmp_path / "other")


def test_two_seeds_differ(plain: Written, tmp_path: Path) -> None:
    write_example(tmp_path, people=PEOPLE, seed=2, errors=errors.NONE)
    ours, others = (partner.table(folder / "truth" / "persons.csv") for folder in (plain.folder, tmp_path))
    assert sum(a == b for a, b in zip(ours, others, strict=True)) < PEOPLE / 100


def test_a_place_has_exactly_the_people_asked_for(plain: Written) -> None:
    assert len(partner.table(plain.folder / "truth" / "persons.csv")) == PEOPLE == plain.summary.people


@pytest.mark.parametrize(("people", "weeks"), [(10, 1), (1500, 0)])
def test_impossible_sizes_are_refused(tmp_path: Path, people: int, weeks: int) -> None:
    with pytest.raises(ValueError, match="choose"):
        write_example(tmp_path, people=people, weeks=weeks)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_every_feed_of_a_small_place_has_rows(tmp_path: Path, seed: int) -> None:
    rows = write_example(tmp_path, people=600, seed=seed, errors=errors.NONE).rows
    assert len(rows) == 35
    assert {feed for feed, count in rows.items() if count == 0} == set()


def test_progress_runs_from_nothing_to_done(tmp_path: Path) -> None:
    shares: list[float] = []
    write_example(tmp_path, people=600, progress=lambda step, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_households_are_as_large_as_real_ones(town: World) -> None:
    assert 2.1 <= 20_000 / (len(town.households.first) - 1) <= 2.5
    children = sum(1 for k in range(20_000) if town.age_years(k) < 18)
    assert 0.17 <= children / 20_000 <= 0.25


def test_parents_are_older_than_their_children(town: World) -> None:
    for home in range(len(town.households.first) - 1):
        members = town.members(home)
        for child in (k for k in members if town.people.role[k] == CHILD):
            assert town.people.birth[child] - town.people.birth[members[0]] > 18 * 365


def test_grandparents_are_older_than_parents(town: World) -> None:
    for person in (k for k in range(20_000) if town.people.role[k] == GRANDPARENT):
        head = town.members(town.household_of(person))[0]
        assert town.people.birth[head] - town.people.birth[person] > 17 * 365


def test_about_three_children_in_a_hundred_are_twins(town: World) -> None:
    births = Counter(
        (int(town.people.household[k]), int(town.people.birth[k]))
        for k in range(20_000)
        if town.people.role[k] == CHILD
    )
    twins = sum(count for count in births.values() if count > 1)
    assert 0.01 <= twins / sum(births.values()) <= 0.06


def test_strangers_share_name_and_birth_date(town: World) -> None:
    people = town.people
    known: dict[tuple[str, str, int], set[int]] = {}
    for k in range(20_000):
        known.setdefault((people.given[k], people.family[k], int(people.birth[k])), set()).add(int(people.household[k]))
    assert sum(1 for homes in known.values() if len(homes) > 1) >= 2


def test_partners_who_changed_their_name_keep_the_former_one(town: World) -> None:
    changed = town.people.former_family
    assert len(changed) > 500
    assert all(town.people.role[k] in (HEAD, PARTNER) and town.people.family[k] != name for k, name in changed.items())


def test_queues_have_the_national_proportions(town: World) -> None:
    homes = len(town.households.first) - 1
    open_register = sum(1 for application in town.register if application.closed is None)
    assert 0.045 <= open_register / homes <= 0.07
    open_pathways = sum(1 for pathway in town.pathways if pathway.stopped is None and pathway.withdrawn is None)
    assert 0.12 <= open_pathways / 20_000 <= 0.15
    in_accommodation = sum(1 for case in town.homeless if case.ta_entry and case.ta_exit is None)
    assert 0.009 <= in_accommodation / homes <= 0.018


def test_hospital_waits_have_the_published_median_and_tail(town: World) -> None:
    weeks = sorted((AS_OF - p.referred).days / 7 for p in town.pathways if p.stopped is None)
    assert 11 <= weeks[len(weeks) // 2] <= 16
    assert 34 <= weeks[round(len(weeks) * 0.92)] <= 50


@pytest.mark.slow
def test_half_of_the_plans_come_within_twenty_weeks() -> None:
    big = build_world(60_000, 9, AS_OF)
    done = [(request.plan - request.requested).days for request in big.plan_requests if request.plan]
    assert 0.35 <= sum(1 for days in done if days <= 140) / len(done) <= 0.75


def test_some_people_stand_in_two_three_and_four_backlogs(tmp_path: Path) -> None:
    counts = write_example(tmp_path, people=20_000, errors=errors.NONE).people_by_backlogs
    assert counts[1] > counts[2] > counts[3] >= 1
    assert counts[4] >= 1


def test_children_far_from_school_miss_more_sessions(town: World) -> None:
    far = [e for e in town.enrolments if e.far_since]
    assert far
    assert sum(e.absent for e in far) / len(far) > sum(e.absent for e in town.enrolments) / len(town.enrolments)


def test_nobody_is_known_to_a_service_before_birth(town: World) -> None:
    for pathway in town.pathways:
        assert pathway.referred >= town.birth_date(pathway.person)
    for case in town.child_cases:
        assert case.referred >= town.birth_date(case.person)
        assert case.closed is None or case.closed >= case.referred


def test_intensity_one_has_fewer_care_cases(town: World) -> None:
    assert len(build_world(20_000, 7, AS_OF, intensity=1.0).family_cases) < len(town.family_cases)

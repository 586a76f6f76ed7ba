"""The linkage release: one frozen thing that fits or is refused, is never changed, and is taken by a human."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from braid.people.candidate_keys import PLACE_KEYS, RULES
from braid.people.comparisons import COMPARISONS
from braid.people.drift import chance_bound, describe_drift, find_drift, stability_index
from braid.people.link_engine import find_edges, pair_of
from braid.people.model import LinkageFailed
from braid.people.release import (
    RAREST,
    describe_use,
    find_fitting_release,
    find_release,
    fingerprint_of,
    format_release,
    keys_fingerprint,
    levels_fingerprint,
    load_release,
    release_path,
    take_release,
    write_release,
)
from braid.people.retraining import count_changes, make_release
from braid.people.run import add_missing_tables, run
from braid.people.run_call import Said
from braid.people.standardise import standardise
from braid.people.training import register_levels
from people.little_place import LittlePlace, make_place


@pytest.fixture(scope="module")
def place() -> LittlePlace:
    return make_place(households=200, seed=4)


@pytest.fixture(scope="module")
def made(place: LittlePlace) -> dict[str, Any]:
    engine = place.engine()
    add_missing_tables(engine)
    release = make_release(engine, load_release(), "mine-1", "500MB", place.truth)
    engine.close()
    return dict(release)


def test_the_shipped_release_fits_and_its_registers_are_fixed() -> None:
    release = load_release()
    assert release["comparisons"]["nhs"] == release["comparisons"]["upn"] == register_levels()
    assert all(
        set(release["comparisons"][name]) == set(levels)
        for held in release["source_pairs"].values()
        for name, levels in held.items()
    )


def test_a_fingerprint_is_of_the_content_and_not_of_the_writing(tmp_path: Path) -> None:
    release = load_release()
    turned = dict(reversed(release.items()))
    assert fingerprint_of(turned) == fingerprint_of(release)
    assert fingerprint_of({**release, "threshold": 5.0}) != fingerprint_of(release)
    (tmp_path / "again.json").write_text(format_release(release), encoding="utf-8")
    assert fingerprint_of(load_release(tmp_path / "again.json")) == fingerprint_of(release)


@pytest.mark.parametrize("change", [{"levels": "0"}, {"keys": "0"}, {"standardiser": "2020-01"}, {"rarest": 0.5}])
def test_a_release_made_for_something_else_is_refused_by_name(tmp_path: Path, change: dict[str, Any]) -> None:
    release = load_release()
    path = tmp_path / "old.json"
    path.write_text(json.dumps({**release, "made_for": {**release["made_for"], **change}}), encoding="utf-8")
    with pytest.raises(LinkageFailed, match=f"release old does not fit: .*another {next(iter(change))}; .*braid link"):
        load_release(path)


def test_another_condition_is_another_level() -> None:
    level = COMPARISONS[0].levels[0]
    other = replace(COMPARISONS[0], levels=(replace(level, condition="true"), *COMPARISONS[0].levels[1:]))
    assert levels_fingerprint((other, *COMPARISONS[1:])) != levels_fingerprint()


def test_another_cap_is_another_set_of_keys() -> None:
    fewer = replace(PLACE_KEYS, rules=(replace(RULES[0], cap=7), *RULES[1:]))
    assert keys_fingerprint(fewer) != keys_fingerprint() == keys_fingerprint(replace(PLACE_KEYS))


def test_a_place_follows_what_was_taken_and_nothing_else(tmp_path: Path) -> None:
    assert find_release(tmp_path) == load_release()
    mine = {**load_release(), "version": "mine-1", "threshold": 6.0}
    write_release(release_path(tmp_path, "mine-1"), mine)
    assert find_release(tmp_path) == load_release()
    take_release(tmp_path, "mine-1")
    assert find_release(tmp_path) == mine
    with pytest.raises(LinkageFailed, match="already"):
        write_release(release_path(tmp_path, "mine-1"), mine)
    release_path(tmp_path, "mine-1").write_text(format_release({**mine, "threshold": 1.0}), encoding="utf-8")
    with pytest.raises(LinkageFailed, match="changed after it was taken"):
        find_release(tmp_path)


def test_a_place_whose_release_no_longer_fits_begins_a_new_one_from_the_shipped(tmp_path: Path) -> None:
    mine = {**load_release(), "version": "mine-1"}
    write_release(release_path(tmp_path, "mine-1"), mine)
    take_release(tmp_path, "mine-1")
    assert find_fitting_release(tmp_path) == mine
    release_path(tmp_path, "mine-1").write_text(
        format_release({**mine, "made_for": {**mine["made_for"], "standardiser": "2020-01"}}), encoding="utf-8"
    )
    with pytest.raises(LinkageFailed, match="another standardiser"):
        find_release(tmp_path)
    assert find_fitting_release(tmp_path) == load_release()


@pytest.mark.parametrize("version", ["../x", "current", "", "A b"])
def test_a_version_is_a_plain_name(tmp_path: Path, version: str) -> None:
    with pytest.raises(LinkageFailed, match="small letters"):
        release_path(tmp_path, version)


def test_a_release_of_a_place_holds_common_names_only_and_links_as_well(
    place: LittlePlace, made: dict[str, Any]
) -> None:
    held = [row["given_name"] for row in place.tables["person_record"] if row["given_name"]]
    assert made["term_frequencies"]["forename"]
    for name, share in made["term_frequencies"]["forename"].items():
        assert share > RAREST
        assert sum(given.split()[0].lower() == name for given in held) >= 8  # ten with those whom a fold makes equal
    assert made["trained_on"]["pairs_by"] == "truth"
    assert describe_use(made).term_frequencies == "frozen"
    engine = place.engine()
    summary = run(engine, said=Said(release=made))
    engine.close()
    assert summary.release["fingerprint"] == fingerprint_of(made)
    assert summary.drift == {}


def test_frozen_frequencies_make_a_weight_a_matter_of_the_pair_alone(made: dict[str, Any]) -> None:
    """With them a pair weighs the same whoever else is there: a night of few records equals a full run."""
    place = make_place(households=40, seed=8)
    engine = place.engine()
    add_missing_tables(engine)
    records = standardise(engine)
    engine.close()
    whole = {(edge.left, edge.right): edge.weight for edge in find_edges(records, made, "500MB").edges}
    half = find_edges(records.slice(0, 80), made, "500MB")
    assert 80 < records.num_rows <= 128, "both counts round to one power of two, so the prior is the same"
    assert half.edges
    assert all(whole[edge.left, edge.right] == edge.weight for edge in half.edges)


def test_a_pair_of_standards_weighs_by_its_own_levels() -> None:
    place = make_place(households=60, seed=8)
    engine = place.engine()
    add_missing_tables(engine)
    records = standardise(engine)
    standards = {row["feed"]: row["standard"] for row in place.tables["person_record"]}
    engine.close()
    release = {**load_release(), "source_pairs": {}}
    exact = release["comparisons"]["surname"]["exact"][0]
    halved = {pair_of("school", "wlmds"): {"birth": {"exact": release["comparisons"]["birth"]["exact"][0] / 2}}}
    assert exact
    before, after = (
        {(edge.left, edge.right): edge.weight for edge in (*found.edges, *found.weak)}
        for found in (
            find_edges(records, release, "500MB", standards=standards),
            find_edges(records, {**release, "source_pairs": halved}, "500MB", standards=standards),
        )
    )
    feed_of = dict(zip(records["record_id"].to_pylist(), records["feed"].to_pylist(), strict=True))
    changes = {
        (pair_of(*(standards[feed_of[record]] for record in pair)), round(before[pair] - weight, 3))
        for pair, weight in after.items()
    }
    assert ("school|wlmds", 1.0) in changes
    assert {pair for pair, change in changes if change} == {"school|wlmds"}


def test_links_that_change_are_counted_in_pairs() -> None:
    now = {"a": 1, "b": 1, "c": 1, "d": 2}
    then = {"a": "x", "b": "x", "c": "y", "d": "y"}
    changes = count_changes(now, then)
    assert (changes.links, changes.links_made, changes.links_lost) == (3, 1, 2)
    assert (changes.persons, changes.persons_then) == (2, 2)


def test_too_few_pairs_train_nothing() -> None:
    engine = make_place(households=3, seed=1).engine()
    add_missing_tables(engine)
    with pytest.raises(LinkageFailed, match="needed; stay with the release"):
        make_release(engine, load_release(), "mine-1", "500MB")
    engine.close()


def test_a_shift_is_said_and_chance_is_not() -> None:
    then = {"birth": {"exact": 9_000, "edit": 900, "else": 100}}
    assert find_drift(then, {"birth": {"exact": 450, "edit": 45, "else": 5}}) == {}
    assert list(find_drift(then, {"birth": {"exact": 300, "edit": 150, "else": 50}})) == ["birth"]
    assert find_drift(then, {"birth": {"exact": 3, "edit": 2}}) == {}, "five edges say nothing"
    assert find_drift(then, {}) == {}
    (alarm,) = describe_drift({"birth": 0.4161})
    assert alarm.startswith("birth: ") and "0.42" in alarm and "braid link train" in alarm


def test_the_index_and_its_bound_are_those_of_the_books() -> None:
    assert stability_index({"a": 50, "b": 50}, {"a": 50, "b": 50}) == 0
    assert stability_index({"a": 50, "b": 50}, {"a": 80, "b": 20}) == pytest.approx(0.4159, abs=1e-4)
    assert chance_bound(5, 100, 100) == pytest.approx(18.467 / 50, rel=0.02), "chi-square of four, 99.9 %: 18.467"

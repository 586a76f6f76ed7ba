"""A feed of changes: its state is the fold of its files, however they are cut, and kept from night to night."""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts import fold_state
from braid.extracts.fold_state import Sent, State, find_later, fold
from braid.extracts.standards.csc_shape import CHILD
from extracts.fold_twin import flatten, fold_slowly

KEYS = st.sampled_from("ab")
DAYS = st.sampled_from(["2026-01-05", "2026-02-02", None])


def _optional(**fields: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return fields


PURGE = _optional(purge=st.sampled_from([False, False, True]))
WORKER = st.fixed_dictionaries(
    {"worker_id": KEYS, "start_date": st.sampled_from(["2026-01-05", "2026-02-02"])}, optional={"end_date": DAYS}
)
ASSESSMENT = st.fixed_dictionaries(
    {"child_and_family_assessment_id": KEYS},
    optional={"start_date": DAYS, "factors": st.lists(st.sampled_from(["3A", "4B"]), max_size=2), **PURGE},
)
EPISODE = st.fixed_dictionaries(
    {"social_care_episode_id": KEYS},
    optional={
        "referral_date": DAYS,
        "child_and_family_assessments": st.lists(ASSESSMENT, max_size=2),
        "care_worker_details": st.lists(WORKER, max_size=2),
        "adoption": st.fixed_dictionaries({}, optional={"matched_date": DAYS, **PURGE}),
        **PURGE,
    },
)
PAYLOAD = st.fixed_dictionaries(
    {"la_child_id": KEYS},
    optional={
        "child_details": st.fixed_dictionaries({}, optional={"sex": st.sampled_from("MF"), **PURGE}),
        "social_care_episodes": st.lists(EPISODE, max_size=2),
        "newer_field": st.integers(0, 2),
        **PURGE,
    },
)
CUT = st.tuples(st.lists(PAYLOAD, min_size=1, max_size=7), st.lists(st.integers(0, 7), max_size=3))


def put(folder: Path, payloads: list[list[dict[str, Any]]]) -> list[Sent]:
    """Write each list of payloads as a file of a day of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        put_one(folder, f"2026-11-{number + 1:02d}", f"{number}.json", each) for number, each in enumerate(payloads)
    ]


def put_one(folder: Path, date: str, name: str, payloads: Any) -> Sent:
    path = folder / f"{date}-{name}"
    path.write_text(json.dumps(payloads), encoding="utf-8")
    return Sent(date, name, hashlib.sha256(path.read_bytes()).hexdigest(), path)


def cut(payloads: list[dict[str, Any]], places: list[int]) -> list[list[dict[str, Any]]]:
    edges = [0, *sorted(min(place, len(payloads)) for place in places), len(payloads)]
    return [payloads[start:end] for start, end in itertools.pairwise(edges)]


def document(state: State) -> Any:
    """Everything that a state holds, as far as the next night can tell."""
    return (sorted(state.nodes.items()), [vars(one) for one in state.brought], state.files, state.without)


@settings(max_examples=60, deadline=None)
@given(CUT, st.lists(st.integers(0, 7), max_size=3))
def test_the_fold_is_the_slow_fold_however_the_payloads_are_cut(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[list[dict[str, Any]], list[int]], other: list[int]
) -> None:
    payloads, places = drawn
    folder = tmp_path_factory.mktemp("fold")
    one, two = put(folder / "one", cut(payloads, places)), put(folder / "two", cut(payloads, other))
    expected = fold_slowly([sent.path for sent in one], CHILD)
    assert flatten(fold(one, CHILD).each(), CHILD) == expected
    assert flatten(fold(two, CHILD).each(), CHILD) == expected


@settings(max_examples=25, deadline=None)
@given(CUT)
def test_a_state_kept_from_night_to_night_is_the_state_of_all_files(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[list[dict[str, Any]], list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    sent = put(folder, cut(*drawn))
    keep = folder / "lake" / "feed.jsonl"
    for night in range(1, len(sent) + 1):
        kept = fold(sent[:night], CHILD, keep)
        assert document(kept) == document(fold(sent[:night], CHILD))
    assert document(fold(sent, CHILD, keep)) == document(fold(sent, CHILD))


@settings(max_examples=25, deadline=None)
@given(CUT, st.integers(0, 7))
def test_a_file_that_comes_twice_in_a_row_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[list[dict[str, Any]], list[int]], which: int
) -> None:
    folder = tmp_path_factory.mktemp("twice")
    sent = put(folder, cut(*drawn))
    place = which % len(sent)
    again = [*sent[: place + 1], sent[place], *sent[place + 1 :]]
    assert fold(again, CHILD).nodes == fold(sent, CHILD).nodes


def _episode(**fields: Any) -> dict[str, Any]:
    return {"la_child_id": "C1", "social_care_episodes": [{"social_care_episode_id": "S1", **fields}]}


def test_a_purge_takes_the_node_and_all_below_it_from_every_earlier_file(tmp_path: Path) -> None:
    assessed = {"child_and_family_assessments": [{"child_and_family_assessment_id": "A1", "start_date": "2026-01-06"}]}
    files = put(tmp_path, [[_episode(referral_date="2026-01-05")], [_episode(**assessed)], [_episode(purge=True)]])
    assert "A1" in str(fold(files[:2], CHILD).nodes)
    assert "S1" not in str(fold(files, CHILD).nodes) and "A1" not in str(fold(files, CHILD).nodes)
    assert "C1" in fold(files, CHILD).nodes
    anew = put(tmp_path / "anew", [[_episode(referral_date="2026-01-05")], [_episode(purge=True)], [_episode()]])
    assert "2026-01-05" not in str(fold(anew, CHILD).nodes), "what comes after a purge begins anew"


def test_the_same_file_again_later_may_only_take_away(tmp_path: Path) -> None:
    first = put_one(tmp_path, "2026-11-01", "day.json", [_episode(referral_date="2026-01-05")])
    second = put_one(tmp_path, "2026-11-02", "next.json", [_episode(referral_date="2026-01-07")])
    again = Sent("2026-11-03", first.name, first.sha256, first.path)
    state = fold([first, second, again], CHILD)
    assert state.nodes == fold([first, second], CHILD).nodes
    assert state.brought[2].repeats == "2026-11-01"
    purge = put_one(tmp_path, "2026-11-04", "purge.json", [_episode(purge=True)])
    once_more = Sent("2026-11-06", purge.name, purge.sha256, purge.path)
    assert "S1" in str(fold([purge, second], CHILD).nodes)
    assert "S1" not in str(fold([purge, second, once_more], CHILD).nodes), "a purge that comes again is done again"


def test_a_worker_without_a_start_is_the_newest_time_of_that_worker(tmp_path: Path) -> None:
    times = [{"worker_id": "W", "start_date": day} for day in ("2026-01-05", "2026-02-02")]
    ended = [{"worker_id": "W", "end_date": "2026-03-01"}]
    files = put(tmp_path, [[_episode(care_worker_details=times)], [_episode(care_worker_details=ended)]])
    (child,) = fold(files, CHILD).each()
    workers = child["l"]["social_care_episodes"]["S1"]["l"]["care_worker_details"]
    assert [(key, node["f"].get("end_date")) for key, node in sorted(workers.items())] == [
        ("W 2026-01-05", None),
        ("W 2026-02-02", "2026-03-01"),
    ]
    gone = put(
        tmp_path / "g",
        [[_episode(care_worker_details=times)], [_episode(care_worker_details=[{"worker_id": "W", "purge": True}])]],
    )
    assert "W" not in str(fold(gone, CHILD).nodes)


@pytest.mark.parametrize(
    ("payload", "rule", "fld"),
    [
        ({"la_child_id": "SSD_PH", "purge": True}, "key_missing", "la_child_id"),
        ({"la_child_id": None, "mis_child_id": "M"}, "key_missing", "la_child_id"),
        ("C1", "wrong_type", None),
        ({"la_child_id": "C1", "purge": "perhaps"}, "flag_invalid", "purge"),
        (_episode(child_in_need_plans=[{"start_date": "2026-01-05"}]), "key_missing", "child_in_need_plan_id"),
    ],
)
def test_what_cannot_be_laid_is_refused_with_place_and_rule(
    tmp_path: Path, payload: Any, rule: str, fld: str | None
) -> None:
    (sent,) = put(tmp_path, [[payload, {"la_child_id": "C2"}]])
    state = fold([sent], CHILD)
    assert [(one.rule, one.fld) for one in state.brought[0].refused] == [(rule, fld)]
    assert "C2" in state.nodes


def test_a_file_that_breaks_off_is_passed_over_whole(tmp_path: Path) -> None:
    first, broken, last = put(tmp_path, [[_episode(referral_date="2026-01-05")], [{"la_child_id": "C2"}], [_episode()]])
    broken.path.write_text('[{"la_child_id": "C2"}, {"la_child', encoding="utf-8")
    keep = tmp_path / "keep"
    state = fold([first, broken, last], CHILD, keep)
    assert set(state.nodes) == {"C1"}
    assert state.brought[1].unreadable is not None and state.brought[1].unreadable[0] == "file_truncated"
    assert document(fold([first, broken, last], CHILD, keep)) == document(state)


def _count_parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    parsed: list[Path] = []
    whole = fold_state.iterate_members
    monkeypatch.setattr(fold_state, "iterate_members", lambda path: (parsed.append(path), whole(path))[1])
    return parsed


def test_a_night_parses_what_is_new_alone_and_begins_anew_where_the_past_is_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = put(tmp_path, [[{"la_child_id": f"C{number}"}] for number in range(4)])
    keep = tmp_path / "lake" / "feed.jsonl"
    fold(days[:3], CHILD, keep)
    parsed = _count_parsed(monkeypatch)
    fold(days, CHILD, keep)
    assert parsed == [days[3].path]
    fold(days, CHILD, keep)
    assert len(parsed) == 1, "nothing is parsed where nothing came"
    late = [days[0], put_one(tmp_path, "2026-11-02", "late.json", [{"la_child_id": "L"}]), *days[1:]]
    assert set(fold(late, CHILD, keep).nodes) == {"C0", "C1", "C2", "C3", "L"}
    assert len(parsed) == 6
    without = [late[0], *late[2:]]
    assert "L" not in fold(without, CHILD, keep).nodes
    assert '"L"' not in keep.read_text(encoding="utf-8"), "what was taken back is kept nowhere"
    assert keep.stat().st_mode & 0o077 == 0
    assert find_later(keep, days[:2]) == [one.listed for one in days[2:]]
    assert find_later(keep, days) == []


def test_nothing_is_kept_of_whom_nobody_may_hold(tmp_path: Path) -> None:
    files = put(tmp_path, [[_episode(), {"la_child_id": "C2"}], [{"la_child_id": "C2", "child_details": {"sex": "F"}}]])
    keep = tmp_path / "keep"
    fold(files[:1], CHILD, keep)
    assert set(fold(files, CHILD, keep, frozenset({"C2"})).nodes) == {"C1"}
    assert "C2" not in keep.read_text(encoding="utf-8")
    assert set(fold(files, CHILD, keep).nodes) == {"C1", "C2"}, "whom the list no longer names is read again"


def test_a_state_that_is_cut_short_is_not_gone_on_from(tmp_path: Path) -> None:
    files = put(tmp_path, [[{"la_child_id": "C1"}, {"la_child_id": "C2"}]])
    keep = tmp_path / "keep"
    fold(files, CHILD, keep)
    lines = keep.read_text(encoding="utf-8").splitlines(keepends=True)
    keep.write_text("".join(lines[:-1]), encoding="utf-8")
    assert set(fold(files, CHILD, keep).nodes) == {"C1", "C2"}

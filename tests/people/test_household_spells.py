"""Who lived with whom, day by day: against a slow twin, in any order of arrival, and never where a source is silent."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from itertools import count, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.people.household_spells import ONE_DAY, Presence, Spell, find_presences, find_spells
from braid.people.households import APPLICATION, LARGEST_HOUSEHOLD, Apart, Sign
from braid.people.identity import assign_ids

AS_OF = dt.date(2026, 11, 15)
FIRST = AS_OF - 20 * ONE_DAY
PEOPLE = "abcde"
KEYS = (f"{APPLICATION}f 1", f"{APPLICATION}f 2", "uprn 1", "uprn 2")
Partition = set[frozenset[str]]


def _ago(days: int) -> dt.date:
    return AS_OF - days * ONE_DAY


def _spells(signs: Sequence[Sign], apart: Apart | None = None) -> list[Spell]:
    everybody = {sign.record_id: sign.record_id for sign in signs}
    return find_spells(find_presences(signs, everybody, AS_OF), AS_OF, apart or {})


def _one(spells: Sequence[Spell], person_id: str) -> Spell:
    (found,) = [spell for spell in spells if spell.person_id == person_id]
    return found


def test_a_source_that_states_days_gives_them_and_one_that_does_not_gives_none() -> None:
    spells = _spells([Sign("a", "uprn 1", _ago(9), _ago(3)), Sign("b", "uprn 1", None, None)])
    stated, shown = _one(spells, "a"), _one(spells, "b")
    assert (stated.start_date, stated.end_date, stated.is_open) == (_ago(9), _ago(3), False)
    assert (shown.start_date, shown.end_date, shown.first_date, shown.is_open) == (None, None, AS_OF, True)


def test_a_home_that_ended_is_shown_on_its_last_day_alone_where_no_first_is_stated() -> None:
    spell = _one(_spells([Sign("a", "uprn 1", None, _ago(3))]), "a")
    assert (spell.first_date, spell.last_date, spell.start_date, spell.end_date) == (_ago(3), _ago(3), None, _ago(3))


def test_who_stays_keeps_the_household_and_who_leaves_alone_has_another() -> None:
    signs = [Sign(who, "uprn 1", _ago(9), None) for who in "ab"]
    spells = _spells([*signs, Sign("c", "uprn 1", _ago(9), _ago(4)), Sign("c", "uprn 2", _ago(3), None)])
    here = {spell.label for spell in spells if spell.person_id in "ab"}
    before, after = (spell for spell in spells if spell.person_id == "c")
    assert here == {before.label}
    assert after.label not in here
    assert after.start_date == _ago(3)


def test_a_household_that_moves_together_stays_the_same() -> None:
    signs = [Sign(who, "uprn 1", _ago(9), _ago(4)) for who in "ab"]
    spells = _spells([*signs, *(Sign(who, "uprn 2", _ago(3), None) for who in "ab")])
    assert len({spell.label for spell in spells}) == 1
    assert len(spells) == 2


def test_an_institution_is_nobodys_home_on_any_day() -> None:
    many = [f"p{number}" for number in range(LARGEST_HOUSEHOLD + 1)]
    assert _spells([Sign(who, "uprn 9", _ago(5), None) for who in many]) == []


def test_two_sides_of_a_seal_are_never_of_one_household() -> None:
    apart = {"a": frozenset({("A1", "pre_adoptive")}), "b": frozenset({("A1", "adoptive")})}
    signs = [Sign(who, "uprn 1", _ago(9), None) for who in "abc"]
    labels = {spell.person_id: spell.label for spell in _spells(signs, apart)}
    assert labels["a"] != labels["b"]


DAYS = st.integers(0, 20).map(_ago)
SIGNS = st.builds(
    Sign, st.sampled_from(PEOPLE), st.sampled_from(KEYS), st.none() | DAYS, st.none() | DAYS, st.none()
)  # fmt: skip
SIDES = st.dictionaries(
    st.sampled_from(PEOPLE), st.sampled_from(["pre_adoptive", "adoptive"]).map(lambda side: frozenset({("A1", side)}))
)


@given(st.lists(SIGNS, max_size=9))
@settings(max_examples=300, deadline=None)
def test_spells_are_those_of_the_slow_twin(signs: list[Sign]) -> None:
    presences = find_presences(signs, {who: who for who in PEOPLE}, AS_OF)
    labels = _slow_labels(presences)
    spells = find_spells(presences, AS_OF)
    for day in labels:
        found = _on(spells, day)
        assert _partition(found) == _partition(labels[day])
    paired = {(_on(spells, day)[who], label) for day in labels for who, label in labels[day].items()}
    assert len({fast for fast, _ in paired}) == len(paired) == len({slow for _, slow in paired})


@given(st.lists(SIGNS, max_size=9), SIDES, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_order_of_arrival_does_not_matter(
    signs: list[Sign], apart: dict[str, frozenset[tuple[str, str]]], shuffler: random.Random
) -> None:
    shuffled = list(signs)
    shuffler.shuffle(shuffled)
    expected = _spells(signs, apart)
    assert _spells(shuffled, apart) == expected
    assert _spells(signs[::-1], apart) == expected


@given(st.lists(SIGNS, max_size=9), SIDES)
@settings(max_examples=200, deadline=None)
def test_nobody_is_in_two_households_on_a_day_and_no_stated_day_is_made_up(
    signs: list[Sign], apart: dict[str, frozenset[tuple[str, str]]]
) -> None:
    spells = _spells(signs, apart)
    by_person = {who: [spell for spell in spells if spell.person_id == who] for who in PEOPLE}
    for own in by_person.values():
        assert all(one.last_date < other.first_date for one, other in pairwise(own))
    starts = {sign.start_date for sign in signs}
    ends = {sign.end_date for sign in signs}
    for spell in spells:
        assert spell.first_date <= spell.last_date
        changes = starts | {end + ONE_DAY for end in ends if end}
        assert spell.start_date is None or spell.start_date in changes
        assert spell.end_date is None or spell.end_date in ends | {start - ONE_DAY for start in starts if start}
        for other in spells:
            if other.label == spell.label and {spell.person_id, other.person_id} <= apart.keys():
                assert apart[spell.person_id] == apart[other.person_id] or not _overlap(spell, other)


def _overlap(one: Spell, other: Spell) -> bool:
    return one.first_date <= other.last_date and other.first_date <= one.last_date


def _on(spells: Sequence[Spell], day: dt.date) -> dict[str, str]:
    return {spell.person_id: spell.label for spell in spells if spell.first_date <= day <= spell.last_date}


def _partition(labels: Mapping[str, str]) -> Partition:
    return {frozenset(who for who in labels if labels[who] == label) for label in labels.values()}


def _slow_labels(presences: Sequence[Presence]) -> dict[dt.date, dict[str, str]]:
    """Look at every day, grow sets of people until nothing grows, and let each day inherit labels from the last."""
    numbers = count()
    days = [FIRST + number * ONE_DAY for number in range((AS_OF - FIRST).days + 1)]
    found: dict[dt.date, dict[str, str]] = {}
    before: dict[str, str] = {}
    lived: dict[str, str] = {}
    for day in days:
        groups = sorted(sorted(group) for group in _slow_partition([p for p in presences if p.holds_on(day)]))
        gone = {who: label for who, label in lived.items() if label not in before.values()}
        found[day] = dict(assign_ids(before, groups, lambda: f"{next(numbers):06d}", gone).person_ids)
        lived = {**lived, **before}
        before = found[day]
    return found


def _slow_partition(held: Sequence[Presence]) -> Partition:
    def sharing(wanted: str) -> list[set[str]]:
        keys = sorted({presence.key for presence in held if presence.key.startswith(APPLICATION) == bool(wanted)})
        return [{presence.person_id for presence in held if presence.key == key} for key in keys]

    families = _closed(sharing(APPLICATION))
    homes = sharing("")
    told = [home for home in homes if sum(bool(home & family) for family in families) < 2]
    return {frozenset(group) for group in _closed([*families, *told])}


def _closed(sets: list[set[str]]) -> list[set[str]]:
    for left in sets:
        for right in sets:
            if left is not right and left & right:
                return _closed([one for one in sets if one is not left and one is not right] + [left | right])
    return sets

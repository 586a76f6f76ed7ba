"""Who lives together: who shares an application or a home, but not who merely shares a building."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.language.findings import TABLES
from braid.language.schema import Type
from braid.people.households import LARGEST_HOUSEHOLD, find_households
from braid.store.duckdb_engine import DuckDBEngine

BLANK = {Type.TEXT: "x", Type.INTEGER: 2026, Type.BOOLEAN: False}
Home = tuple[str, str, str | None, str | None, str, bool]
"""Person, surname, property, postcode, kind of stay, whether confidential."""


def _row(table: str, **values: object) -> dict[str, object]:
    return {**{c.name: BLANK[c.type] for c in TABLES[table].columns if c.required}, **values}


@contextmanager
def _engine(homes: list[Home], applications: list[tuple[str, str]]) -> Iterator[DuckDBEngine]:
    """Hold stays of today and open applications; a record bears the name of its person."""
    engine = DuckDBEngine()
    surnames = {person: surname for person, surname, *_ in homes}
    people = sorted({*surnames, *(person for person, _ in applications)})
    records = [_row("person_record", record_id=one, family_name=surnames.get(one)) for one in people]
    engine.load_rows(TABLES["person_record"], records)
    stays = [
        _row("stay", record_id=f"s{at}", person_record_id=who, uprn=uprn, postcode=post, kind=kind, confidential=hidden)
        for at, (who, _, uprn, post, kind, hidden) in enumerate(homes)
    ]
    engine.load_rows(TABLES["stay"], stays)
    episodes = [
        _row("episode", record_id=f"e{at}", person_record_id=who, episode_ref=ref, kind="main_duty", feed="housing")
        for at, (who, ref) in enumerate(applications)
    ]
    engine.load_rows(TABLES["episode"], episodes)
    try:
        yield engine
    finally:
        engine.close()


def _together(homes: list[Home], applications: list[tuple[str, str]], *, wide: bool = False) -> set[frozenset[str]]:
    everybody = {person: person for person in [*(home[0] for home in homes), *(who for who, _ in applications)]}
    with _engine(homes, applications) as engine:
        found = find_households(engine, everybody, over_shared_buildings=wide)
    return {frozenset(who for who in found if found[who] == home) for home in found.values()}


def _flat(person: str, surname: str, uprn: str | None = None, postcode: str | None = None) -> Home:
    return (person, surname, uprn, postcode, "unknown", False)


def test_a_property_joins_whoever_lives_there_whatever_their_name() -> None:
    assert _together([_flat("a", "Reed", "1"), _flat("b", "Holt", "1"), _flat("c", "Reed", "2")], []) == {
        frozenset("ab"),
        frozenset("c"),
    }


def test_a_building_where_two_households_applied_joins_nobody_but_those_on_one_application() -> None:
    building = [_flat(person, "Reed", "1", "QB1 1AA") for person in "abcde"]
    applied = [("a", "1"), ("b", "1"), ("c", "2"), ("d", "2")]
    assert _together(building, applied) == {frozenset("ab"), frozenset("cd")}
    assert _together(building, applied, wide=True) == {frozenset("abcde")}


def test_two_applications_with_a_person_in_common_are_one_household() -> None:
    building = [_flat(person, "Reed", "1") for person in "abcd"]
    assert _together(building, [("a", "1"), ("b", "1"), ("b", "2"), ("c", "2")]) == {frozenset("abcd")}


def test_a_confidential_stay_and_one_among_strangers_join_nobody() -> None:
    homes: list[Home] = [("a", "Reed", "1", None, "refuge", False), ("b", "Reed", "1", None, "unknown", True)]
    assert _together([*homes, _flat("c", "Reed", "1")], []) == {frozenset("c")}


PEOPLE = "abcdef"
HOMES = st.tuples(
    st.sampled_from(PEOPLE),
    st.just(""),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([None, "QB1 1AA", "QB2 2BB"]),
    st.sampled_from(["unknown", "ta_leased", "ta_hostel"]),
    st.booleans(),
)
APPLIED = st.tuples(st.sampled_from(PEOPLE), st.sampled_from("123"))


@given(st.lists(HOMES, max_size=8), st.lists(APPLIED, max_size=6), st.sampled_from(["Reed", "Holt"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_households_are_those_of_the_slow_twin(
    drawn: list[Home], applied: list[tuple[str, str]], other: str, wide: bool
) -> None:
    homes: list[Home] = [(who, other if who in "abc" else "Reed", *rest) for who, _, *rest in drawn]  # type: ignore[misc]
    assert _together(homes, applied, wide=wide) == _slow(homes, applied, wide=wide)


def _slow(homes: list[Home], applied: list[tuple[str, str]], *, wide: bool) -> set[frozenset[str]]:
    """Grow sets of people until nothing grows."""
    applications = [{who for who, ref in applied if ref == each} for each in {ref for _, ref in applied}]
    families = _closed(applications)
    open_homes = [home for home in homes if home[4] != "ta_hostel" and not home[5]]
    keys = [{home[0] for home in open_homes if home[2] == uprn} for uprn in ("1", "2")]
    keys += [
        {home[0] for home in open_homes if home[3] == postcode and home[1] == surname}
        for postcode in ("QB1 1AA", "QB2 2BB")
        for surname in ("Reed", "Holt")
    ]
    told = [key for key in keys if key and (wide or sum(bool(key & family) for family in families) < 2)]
    assert all(len(key) <= LARGEST_HOUSEHOLD for key in told)
    return {frozenset(home) for home in _closed([*applications, *told])}


def _closed(sets: list[set[str]]) -> list[set[str]]:
    for left in sets:
        for right in sets:
            if left is not right and left & right:
                return _closed([one for one in sets if one is not left and one is not right] + [left | right])
    return sets

"""The files of case types: the shipped ones load, and whatever is wrong with one is refused with rule and next step."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.care.case_types import CaseType, load_case_types, parse_case_type, shipped_case_types
from braid.language.rule_files import Fault, RulesInvalid, RulesUnreadable
from care.table import SHIPPED, shipped_table, shipped_text

Table = dict[str, Any]


def written(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return hex(value) if isinstance(value, int) and value > 10**9 else str(value)


def file_of(table: Table) -> str:
    return "\n".join(f"{written(key)} = {written(value)}" for key, value in table.items())


def faults_of(text: str) -> tuple[Fault, ...]:
    """Return the faults of a file, each of them whole; none where it is sound."""
    try:
        check_sane(parse_case_type(text, "mine.toml"))
    except RulesInvalid as refused:
        assert str(refused).startswith("mine.toml: ")
        for fault in refused.faults:
            assert fault.file == "mine.toml"
            assert fault.place.strip()
            assert fault.rule.strip()
            assert fault.next_step.strip()
        return refused.faults
    return ()


def check_sane(found: CaseType) -> None:
    """What any meeting may rely on."""
    asked = {(question.id, part) for question in found.questions.values() for part in question.about}
    assert any(not part.apart for part in found.parts.values())
    assert any(seat.must_attend for seat in found.agencies.values())
    assert any(one.needs_action for one in found.decisions.values())
    for seat in found.agencies.values():
        assert seat.sees <= asked
        assert set(seat.answers) <= asked
    assert {question for seat in found.agencies.values() for question, _ in seat.answers} == set(found.questions)
    assert {one.decision for one in found.follow_ups} <= set(found.decisions)
    items = [one.id for one in found.readiness]
    assert len(set(items)) == len(items)


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_file_loads_as_it_is_written(name: str) -> None:
    found, table = shipped_case_types()[name], shipped_table(name)
    check_sane(found)
    assert faults_of(file_of(table)) == ()
    assert parse_case_type(file_of(table), "again.toml") == found
    assert found.independent is table["independent"]
    for kind, rows in (("part", found.parts), ("question", found.questions), ("agency", found.agencies)):
        assert list(rows) == [row["id"] for row in table[kind]]
    for row in table["agency"]:
        seat = found.agencies[row["id"]]
        assert {f"{question}@{part}" for question, part in seat.sees} == set(row["sees"])
        assert seat.must_attend is row["must_attend"]
        assert list(seat.answers) == [
            (one.partition("@")[0], part)
            for one in row["answers"]
            for part in ([one.partition("@")[2]] if "@" in one else found.questions[one].about)
        ]


def test_all_shipped_files_are_known() -> None:
    assert tuple(shipped_case_types()) == SHIPPED


def test_nobody_at_the_shipped_tables_sees_more_of_the_accused_than_the_protocol_says() -> None:
    """Health, housing, education and adult social care are shown nothing about whoever is accused."""
    marac = shipped_case_types()["marac"]
    shown = {seat.id for seat in marac.agencies.values() if any(part == "accused" for _, part in seat.sees)}
    assert shown == {"police", "advocate", "childrens_social_care", "probation", "coordination"}
    assert [part.id for part in marac.parts.values() if part.apart] == ["accused"]
    assert marac.independent
    assert {part for _, part in marac.agencies["probation"].sees} == {"accused"}


def changed(table: Table, change: Callable[[Table], object]) -> str:
    copied = copy.deepcopy(table)
    change(copied)
    return file_of(copied)


def put(kind: str, key: str, value: Any, row: int = 0) -> Callable[[Table], object]:
    return lambda table: table[kind][row].update({key: value})


def twice(kind: str) -> Callable[[Table], object]:
    return lambda table: table[kind].append(table[kind][0])


def all_rows(kind: str, key: str, value: Any) -> Callable[[Table], object]:
    return lambda table: [row.update({key: value}) for row in table[kind]]


def top(key: str, value: Any) -> Callable[[Table], object]:
    return lambda table: table.update({key: value})


CORRUPTIONS: dict[str, tuple[Callable[[Table], object], str, str]] = {
    "unknown key at the top": (top("colour", "red"), "case type", "unknown key 'colour'"),
    "unknown key in a part": (put("part", "colour", "red"), "part 1", "unknown key 'colour'"),
    "unknown key in a seat": (put("agency", "may_see", ["risk@harmed"]), "agency 1", "unknown key 'may_see'"),
    "unknown purpose": (top("purpose", "curiosity"), "case type", "purpose = 'curiosity' is not known"),
    "unknown gateway": (top("gateways", ["because"]), "case type", "gateways holds 'because'"),
    "a gateway that is no text": (top("gateways", [10**9000]), "case type", "gateways holds what is no text"),
    "no gateway": (top("gateways", []), "case type", "'gateways' must be a list"),
    "one gateway twice": (
        top("gateways", ["crime_and_disorder_act_1998_s115"] * 2),
        "case type",
        "gateways names one thing twice",
    ),
    "an id with capitals": (top("id", "MARAC"), "case type", "'id' must be lower case"),
    "an id that leaves the folder": (top("id", "../marac"), "case type", "'id' must be lower case"),
    "an id that is too long": (top("id", "m" * 41), "case type", "'id' is longer than 40"),
    "a name that is too long": (top("short_name", "m" * 31), "case type", "'short_name' is longer"),
    "independent in words": (top("independent", "yes"), "case type", "'independent' must be true or false"),
    "no days": (top("returns_due", 0), "case type", "'returns_due' must be a whole number of working days"),
    "half a day": (top("minutes_due", 0.5), "case type", "'minutes_due' must be a whole number"),
    "a truth for a number": (top("minutes_due", True), "case type", "'minutes_due' must be a whole number"),
    "days without end": (top("review_after_days", 10**6000), "case type", "'review_after_days' must be a whole"),
    "no part": (top("part", []), "case type", "there is no part"),
    "no question": (top("question", []), "case type", "there is no question"),
    "no seat": (top("agency", []), "case type", "there is no agency"),
    "no decision": (top("decision", []), "case type", "there is no decision"),
    "a table for a list": (top("part", {"id": "harmed"}), "case type", "'part' must be a list of tables"),
    "a part twice": (twice("part"), "case type", "the part 'harmed' is there twice"),
    "a question twice": (twice("question"), "case type", "the question 'incidents' is there twice"),
    "a seat twice": (twice("agency"), "case type", "the agency 'police' is there twice"),
    "a decision twice": (twice("decision"), "case type", "the decision 'safety_plan' is there twice"),
    "an outcome twice": (twice("outcome"), "case type", "the outcome 'risk_lower' is there twice"),
    "a readiness item twice": (twice("readiness"), "case type", "the readiness item 'dash' is there twice"),
    "all parts apart": (all_rows("part", "apart", True), "case type", "every part is apart"),
    "nobody must attend": (all_rows("agency", "must_attend", False), "case type", "nobody must attend"),
    "nothing to do": (all_rows("decision", "needs_action", False), "case type", "no decision needs an action"),
    "a question about nobody": (put("question", "about", []), "question 1", "'about' must be a list"),
    "a question about an unknown part": (put("question", "about", ["judge"]), "question 1", "about holds 'judge'"),
    "an unknown sensitivity": (put("question", "sensitivity", "secret"), "question 1", "sensitivity = 'secret'"),
    "a question nobody is asked": (
        all_rows("agency", "answers", ["risk"]),
        "case type",
        "nobody is asked the question 'contact'",
    ),
    "an unknown question": (put("agency", "answers", ["gossip"]), "agency 1", "answers holds 'gossip'"),
    "an unknown kind of organisation": (put("agency", "organisations", ["club"]), "agency 1", "holds 'club'"),
    "a seat that nobody fills": (put("agency", "organisations", []), "agency 1", "'organisations' must be a list"),
    "sees a pair that is not asked": (put("agency", "sees", ["wishes@accused"]), "agency 1", "'wishes@accused'"),
    "sees a question of no part": (put("agency", "sees", ["wishes"]), "agency 1", "sees holds 'wishes'"),
    "sees everything": (put("agency", "sees", ["*"]), "agency 1", "sees holds '*'"),
    "sees all parts": (put("agency", "sees", ["risk@*"]), "agency 1", "sees holds 'risk@*'"),
    "sees a pair twice": (put("agency", "sees", ["risk@harmed"] * 2), "agency 1", "sees names one thing twice"),
    "must attend in words": (put("agency", "must_attend", "true"), "agency 1", "'must_attend' must be true"),
    "a follow-up of no decision": (put("follow_up", "decision", "prayer"), "follow_up 1", "decision = 'prayer'"),
    "a follow-up of no seat": (put("follow_up", "agency", "press"), "follow_up 1", "agency = 'press'"),
    "a follow-up some day": (put("follow_up", "working_days", 0), "follow_up 1", "'working_days' must be"),
    "readiness of no seat": (put("readiness", "agency", "press"), "readiness 1", "agency = 'press'"),
    "words that are too long": (put("decision", "words", "w" * 301), "decision 1", "'words' is longer than 300"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_what_is_wrong_is_refused_with_its_place_and_rule(name: str) -> None:
    change, place, rule = CORRUPTIONS[name]
    found = faults_of(changed(shipped_table("marac"), change))
    assert any(fault.place == place and rule in fault.rule for fault in found), [str(fault) for fault in found]


def fields_of(table: Table) -> Iterator[tuple[Table, str]]:
    """Yield every table of a file, the last row of each kind, with each of its keys."""
    for holder in (table, *(value[-1] for value in table.values() if isinstance(value, list) and value != [])):
        if isinstance(holder, dict):
            yield from ((holder, key) for key in list(holder))


OTHER_TYPES = (7, -7, 1.5, True, "", " \t", "no such code!", [], [1], [[]], [""], {}, {"a": 1}, dt.date(2026, 1, 1))
MAY_BE_ABSENT = (
    *("apart", "follow_up", "readiness", "needs_ready", "outcome", "required", "days_needed", "due_before", "reasons"),
)


def is_sound_all_the_same(key: str, old: Any, new: Any) -> bool:
    """Where another value is as good as the one that was there."""
    if isinstance(old, bool):
        return isinstance(new, bool)
    if isinstance(old, int):
        return new == 7 and not isinstance(new, bool)
    if key in ("version", "name", "short_name", "source", "words"):
        return new == "no such code!"
    return key in ("follow_up", "readiness", "outcome") and new == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_field_is_there_and_of_its_type(name: str) -> None:
    count = 0
    for place, (_, key) in enumerate(fields_of(shipped_table(name))):
        table = shipped_table(name)
        holder, _ = list(fields_of(table))[place]
        old = holder.pop(key)
        assert (faults_of(file_of(table)) == ()) is (key in MAY_BE_ABSENT), key
        for new in OTHER_TYPES:
            holder[key] = new
            assert (faults_of(file_of(table)) == ()) is is_sound_all_the_same(key, old, new), (key, new)
            count += 1
    assert count > 500


SCALARS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["harmed", "risk", "risk@harmed", "police", "safety_plan", "special", "*"])
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.just(10**30)
    | st.floats()
    | st.dates()
    | st.times()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
)


def places_of(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value inside a table."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*at, key)
        yield from places_of(one, (*at, key))


PLACES = {name: list(places_of(shipped_table(name))) for name in SHIPPED}


@given(st.data())
def test_no_value_anywhere_is_anything_but_sound_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SHIPPED))
    table = shipped_table(name)
    for _ in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(PLACES[name]))
        holder: Any = table
        try:
            for key in way[:-1]:
                holder = holder[key]
            holder[way[-1]] = data.draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    faults_of(file_of(table))


@given(st.sampled_from(SHIPPED), st.integers(0, 6000), st.integers(0, 40), st.text(max_size=6))
def test_no_text_is_anything_but_sound_or_refused(name: str, start: int, length: int, put_in: str) -> None:
    text = shipped_text(name)
    faults_of(text[:start] + put_in + text[start + length :])


@pytest.mark.parametrize(
    "text",
    ["id = ", "a = " + "[" * 5000, "a = " + "1" * 5000, "a = 1\na = 2", "a = 2026-02-30", 'a = "\\ud800"', "\x00"],
)
def test_what_is_no_toml_is_said_to_be_unreadable(text: str) -> None:
    with pytest.raises(RulesUnreadable, match=r"^mine\.toml: file: (not TOML|a number is too long)"):
        parse_case_type(text, "mine.toml")


def test_what_is_no_text_is_said_to_be_unreadable(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'id = "\xff\xfe"')
    with pytest.raises(RulesUnreadable, match=r"^mine\.toml: file: the file cannot be read as text; save it as UTF-8"):
        load_case_types(tmp_path)
    (tmp_path / "mine.toml").unlink()
    (tmp_path / "mine.toml").mkdir()
    with pytest.raises(RulesUnreadable, match="cannot be read as text"):
        load_case_types(tmp_path)


def test_a_place_replaces_a_shipped_file_of_the_same_id_and_adds_its_own(tmp_path: Path) -> None:
    assert load_case_types(tmp_path / "nowhere") == load_case_types(tmp_path) == shipped_case_types()
    own, new = shipped_table("marac"), shipped_table("marac")
    own["name"], new["id"] = "Our conference", "our_conference"
    (tmp_path / "any_name.toml").write_text(file_of(own), encoding="utf-8")
    (tmp_path / "another.toml").write_text(file_of(new), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no case type", encoding="utf-8")
    found = load_case_types(tmp_path)
    assert set(found) == {*SHIPPED, "our_conference"}
    assert found["marac"].name == "Our conference"
    assert {name: found[name] for name in SHIPPED if name != "marac"} == {
        name: one for name, one in shipped_case_types().items() if name != "marac"
    }
    (tmp_path / "another.toml").write_text(file_of(own), encoding="utf-8")
    with pytest.raises(RulesInvalid, match="'marac' is there twice; give each case type its own id"):
        load_case_types(tmp_path)
    (tmp_path / "another.toml").write_text(file_of({**own, "purpose": "curiosity"}), encoding="utf-8")
    with pytest.raises(RulesInvalid, match=r"^another\.toml: case type: purpose"):
        load_case_types(tmp_path)

"""Minutes: who reads what, who gets what, when they are corrected and sent; each against a slow obvious twin."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.care.case_types import shipped_case_types
from braid.care.cases import Case, Member, Right, Sight
from braid.care.meetings import MACHINE, Reader
from braid.care.minutes import (
    LONGEST_AMENDMENT,
    AgreedAction,
    Minuted,
    Said,
    check_about,
    check_amendment,
    check_send,
    check_sender,
    check_to_send,
    copy_for,
    mark_of,
    pieces_of,
    receivers_of,
    seen_by,
)
from braid.care.sides import EVERYBODY
from braid.language.steps import NotPossible
from care.table import shipped_table

NOW = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)
MARAC = shipped_case_types()["marac"]
ORGANISATIONS, SEATS = ("council", "hospital", "police"), ("housing", "health", "probation", "police", "education")
NAMES = st.sampled_from(ORGANISATIONS)
SAID = st.builds(
    Said,
    NAMES,
    st.sampled_from(SEATS),
    st.sampled_from(["one", "two"]),
    st.just("ann"),
    st.integers(0, 3).map(lambda hours: NOW + dt.timedelta(hours=hours)),
    st.sampled_from(["", EVERYBODY, *MARAC.parts]),
)
MANY = st.lists(SAID, max_size=4, unique=True).map(tuple)
ACTION = st.builds(
    AgreedAction,
    st.sampled_from(["call", "visit"]),
    st.just("team"),
    NAMES,
    st.just(NOW.date()),
    st.sampled_from(["", "therapy", "apart"]),
)
WHOLE = st.builds(
    Minuted,
    st.just("JC-7K3M-42"),
    st.booleans(),
    st.sampled_from(["", "A joint plan"]),
    st.just("Why so"),
    st.just("chair"),
    MANY,
    MANY,
    MANY,
    st.lists(ACTION, max_size=3).map(tuple),
    st.booleans(),
)
MEMBERS = st.lists(
    st.builds(
        Member,
        st.sampled_from(["ann", "bea", "cem", "dev"]),
        NAMES,
        st.sampled_from(SEATS),
        st.sampled_from([Right.VIEW, Right.EDIT]),
        st.sampled_from(list(Sight)),
    ),
    max_size=4,
    unique_by=lambda one: one.username,
)


def shown(seat: str) -> set[str]:
    """The parts of which a seat is shown anything, from the file's own words."""
    row = next(row for row in shipped_table("marac")["agency"] if row["id"] == seat)
    return {pair.partition("@")[2] for pair in row["sees"]}


@given(WHOLE, NAMES, st.sampled_from(SEATS), st.sampled_from(list(Sight)))
def test_a_reader_sees_what_is_theirs_and_what_their_seat_is_shown(
    whole: Minuted, organisation: str, seat: str, sight: Sight
) -> None:
    seen, is_whole, parts = seen_by(whole, Reader(organisation, seat, sight), MARAC), sight is Sight.WHOLE, shown(seat)
    others = parts - {"accused"}
    decides = is_whole and bool(parts & {"accused"} if whole.is_apart else others)
    assert (seen.reference, seen.is_put_off) == (whole.reference, whole.is_put_off)
    for name in ("decision", "reason", "decided_by", "dissents"):
        assert getattr(seen, name) == (getattr(whole, name) if decides else type(getattr(whole, name))()), name
    for name in ("notes", "amendments"):
        assert list(getattr(seen, name)) == [
            one
            for one in getattr(whole, name)
            if (one.organisation, one.agency) == (organisation, seat)
            or (is_whole and ({one.about} if one.about in MARAC.parts else set(MARAC.parts)) <= parts)
        ], name
    assert list(seen.actions) == [
        one
        for one in whole.actions
        if one.organisation == organisation
        or (is_whole and bool(parts & {"accused"} if one.strand == "apart" else others))
    ]


@given(WHOLE, MEMBERS, NAMES)
def test_an_organisation_gets_what_its_members_see_together(
    whole: Minuted, members: list[Member], organisation: str
) -> None:
    copy = copy_for(whole, organisation, members, MARAC)
    readers = [Reader(one.organisation, one.agency, one.sight) for one in members if one.organisation == organisation]
    assert (copy is None) is (not readers)
    if copy is None:
        return
    for field in fields(Minuted):
        parts = [getattr(seen_by(whole, reader, MARAC), field.name) for reader in readers]
        value = getattr(copy, field.name)
        if isinstance(value, tuple):
            assert set(value) == {one for part in parts for one in part}, field.name
            assert list(value) == [one for one in getattr(whole, field.name) if one in value], "in their order"
        else:
            assert value == max(parts), field.name
    assert organisation not in receivers_of(members, organisation)
    assert set(receivers_of(members, "council")) == {one.organisation for one in members} - {"council"}


@pytest.mark.parametrize("seat", MARAC.agencies)
@pytest.mark.parametrize("about", ["", "nobody", EVERYBODY, *MARAC.parts])
def test_words_say_whom_they_are_about_of_those_whom_the_seat_knows(seat: str, about: str) -> None:
    row = next(row for row in shipped_table("marac")["agency"] if row["id"] == seat)
    asked = {question["id"]: question["about"] for question in shipped_table("marac")["question"]}
    of_questions = {part for one in row["answers"] if "@" not in one for part in asked[one]}
    known = shown(seat) | of_questions | {one.partition("@")[2] for one in row["answers"] if "@" in one}
    if about == EVERYBODY or about in known:
        check_about(MARAC, seat, about)
    else:
        with pytest.raises(NotPossible):
            check_about(MARAC, seat, about)


@pytest.mark.parametrize("state", MACHINE.states)
@pytest.mark.parametrize("right", [Right.VIEW, Right.EDIT])
@pytest.mark.parametrize(
    "words", ["", "  ", "It was two weeks", "w" * LONGEST_AMENDMENT, "w" * (LONGEST_AMENDMENT + 1)]
)
def test_minutes_are_corrected_from_the_meeting_on_until_agreed(state: str, right: Right, words: str) -> None:
    member = Member("ann", "council", "housing", right)
    may = state == "held" and right is Right.EDIT and 0 < len(words.strip()) <= LONGEST_AMENDMENT
    if may:
        check_amendment(member, state, words)
    else:
        with pytest.raises(NotPossible):
            check_amendment(member, state, words)


@pytest.mark.parametrize("state", MACHINE.states)
@pytest.mark.parametrize("username", ["chair", "ann"])
def test_the_chair_alone_sends_what_is_agreed(state: str, username: str) -> None:
    if username == "chair" and state == "agreed":
        check_send(username, "chair", state)
    else:
        with pytest.raises(NotPossible):
            check_send(username, "chair", state)


@given(MEMBERS, st.sampled_from(["open", "closed", "merged"]))
def test_whoever_sends_works_on_the_whole_of_an_open_case_and_is_shown_it(members: list[Member], state: str) -> None:
    mine = [one for one in members if one.username == "ann"]
    works = any(one.right is Right.EDIT and one.sight is Sight.WHOLE for one in mine)
    may = state == "open" and works and all(shown(one.agency) == set(MARAC.parts) for one in mine)
    if may:
        check_sender(Case(state, tuple(members)), "ann", MARAC)
    else:
        with pytest.raises(NotPossible):
            check_sender(Case(state, tuple(members)), "ann", MARAC)


SETS = st.sets(st.sampled_from([*ORGANISATIONS, "nobody"]))


@given(SETS, SETS, SETS)
def test_nobody_is_sent_the_same_twice_or_what_is_not_theirs(wanted: set[str], known: set[str], gone: set[str]) -> None:
    if wanted <= known and wanted - gone:
        assert set(check_to_send(wanted, known, gone)) == wanted - gone
    else:
        with pytest.raises(NotPossible):
            check_to_send(wanted, known, gone)


@given(WHOLE)
def test_every_word_is_on_paper_once_and_what_is_empty_leaves_no_title(whole: Minuted) -> None:
    pieces = pieces_of(whole, {"housing": "Housing"})
    titles = [title for title, _ in pieces]
    assert len(titles) == len(set(titles)) and titles[0] == "Case JC-7K3M-42" and all(words for _, words in pieces)
    for title, rows in (("Not agreed to", whole.dissents), ("What was said", whole.notes), ("Actions", whole.actions)):
        words = dict(pieces).get(title, "")
        assert len([one for one in words.split("\n\n") if one]) == len(rows)
    assert ("Why so" in pieces[0][1]) is bool(whole.decision)


def test_a_copy_says_of_what_for_whom_and_until_when() -> None:
    assert mark_of("MT-1", "hospital", dt.date(2026, 11, 27)) == (
        "Minutes of MT-1, made for hospital, use until 2027-11-27"
    )
    assert replace(Minuted("x", False), reason="y").reason == "y"

"""Whom a case is about, parted and merged, in every small combination: nobody sees more by it, and nothing is lost."""

from dataclasses import fields
from itertools import chain, combinations, product

import pytest

from braid.care.case_changes import Subject, check_split, check_take_out, merge
from braid.care.cases import Case, Member, Right
from braid.care.unsettled import Unsettled
from care.table import acting, is_refused

LEAD = acting("lead", "council")
EDITOR = acting("editor", "council")
VIEWER = acting("viewer", "council")
STRANGER = acting("stranger", "hospital")
MEMBERS = (
    Member("lead", "council", "housing", is_lead=True),
    Member("editor", "council", "housing"),
    Member("viewer", "council", "housing", Right.VIEW),
)
STATES = ("open", "closed", "merged")
ANNE, BOB, ACCUSED = Subject("1"), Subject("2"), Subject("3", apart=True)
SETS = [list(some) for some in chain.from_iterable(combinations((ANNE, BOB, ACCUSED), size) for size in range(1, 4))]


@pytest.mark.parametrize("state", STATES)
def test_a_case_is_always_about_a_person(state: str) -> None:
    case = Case(state, MEMBERS)
    for subjects, key, by in product(SETS, "123", (LEAD, EDITOR, VIEWER, STRANGER)):
        left = [one for one in subjects if one.key != key]
        may = by in (LEAD, EDITOR) and state == "open" and len(left) < len(subjects)
        may = may and any(not one.apart for one in left)
        assert is_refused(check_take_out, by, case, subjects, key) is not may


@pytest.mark.parametrize("state", STATES)
def test_somebody_goes_and_somebody_stays(state: str) -> None:
    case = Case(state, MEMBERS)
    for subjects, parted, by in product(SETS, SETS, (LEAD, EDITOR, STRANGER)):
        keys = [one.key for one in parted]
        goes = all(one in subjects for one in parted) and any(not one.apart for one in parted)
        stays = any(not one.apart for one in subjects if one not in parted)
        may = by is LEAD and state == "open" and goes and stays
        assert is_refused(check_split, by, case, subjects, keys) is not may


def test_a_case_is_merged_by_whoever_leads_both_once_nothing_of_it_is_to_do() -> None:
    other = (Member("editor", "council", "housing", is_lead=True), Member("lead", "council", "housing"))
    for state, into, kind, leads_both, left in product(
        STATES,
        STATES,
        (True, False),
        (True, False),
        (Unsettled(), *(Unsettled(**{one.name: 1}) for one in fields(Unsettled))),
    ):
        this, that = Case(state, MEMBERS), Case(into, MEMBERS if leads_both else other)
        may = state == into == "open" and kind and leads_both and left == Unsettled()
        assert is_refused(merge, LEAD, this, that, kind, left) is not may
        if may:
            after = merge(LEAD, this, that, kind, left)
            assert (after.state, after.members) == ("merged", MEMBERS)
        assert is_refused(merge, EDITOR, this, that, kind, left)

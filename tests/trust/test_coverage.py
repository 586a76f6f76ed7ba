"""Which statements an agreement covers: those it names, or those that ship; while it and the party take part."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from braid.trust.agreements import Agreement, Party
from braid.trust.coverage import AS_THEY_SHIP, coverages, covered_at, is_covered

FROM, TO = dt.datetime(2026, 4, 1, tzinfo=dt.UTC), dt.datetime(2027, 4, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 15, tzinfo=dt.UTC)
ITEM = frozenset({"identity"})
PARTY = Party("north", "controller", "public_task", receives=ITEM, signed_at=FROM)
GIVER = Party("south", "controller", "public_task", provides=ITEM, signed_at=FROM)
AGREEMENT = Agreement(
    "a", "1", "A", "school_from_ta", (), "", ITEM, "south", (PARTY, GIVER), FROM, TO, dt.date(2027, 1, 1), 1, "", "",
    False, "",
)  # fmt: skip


def covered(agreement: Agreement) -> frozenset[str]:
    return covered_at([agreement], "school_from_ta", NOW)


def test_without_a_list_those_that_ship_are_covered_and_no_other() -> None:
    assert covered(AGREEMENT) == {AS_THEY_SHIP}
    assert is_covered("school_from_ta", True, covered(AGREEMENT))
    assert not is_covered("school_from_ta", False, covered(AGREEMENT)), "a place's own text of a shipped id"
    assert not is_covered("mine", False, covered(AGREEMENT))


def test_with_a_list_those_named_are_covered_whoever_wrote_them_and_no_other() -> None:
    named = covered(replace(AGREEMENT, statements=("mine",)))
    assert is_covered("mine", False, named)
    assert not is_covered("school_from_ta", True, named)


@pytest.mark.parametrize(
    "changed",
    [
        replace(AGREEMENT, purpose="court_readiness"),
        replace(AGREEMENT, suspended_at=FROM + dt.timedelta(days=1)),
        replace(AGREEMENT, valid_to=NOW),
        replace(AGREEMENT, parties=(replace(PARTY, signed_at=None), GIVER)),
        replace(AGREEMENT, parties=(replace(PARTY, left_at=NOW), GIVER)),
    ],
)
def test_what_does_not_hold_covers_nothing(changed: Agreement) -> None:
    assert covered(changed) == frozenset()


def test_only_who_receives_reaches() -> None:
    assert {each.receiver for each in coverages([AGREEMENT])} == {"north"}

"""`funds.toml`: what the law asks of each basis, and every fault the file may have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledger_driver import BODIES, FUNDS_TOML, example_funds

from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.place.money.accounts import BOOKS, book_of, chart_of
from braid.place.money.bases import BASES
from braid.place.money.funds import parse_funds

POOL = "[[fund]]" + FUNDS_TOML.split("[[fund]]")[1]
GRANT = "[[fund]]" + FUNDS_TOML.split("[[fund]]")[2]


def faults_of(text: str) -> str:
    with pytest.raises(RulesInvalid) as raised:
        parse_funds(text, BODIES)
    return "\n".join(map(str, raised.value.faults))


def test_a_sound_file_is_read():
    pool = next(fund for fund in example_funds() if fund.id == "pool")
    assert pool.basis is BASES["s75"]
    assert (pool.bodies, pool.years) == (("council", "icb"), (2024, 2025))
    assert (pool.contributed_in(2024), pool.budget_of(2024)) == (500_001, 450_001)
    assert pool.lines["weeks"].is_for_outcomes
    assert not pool.lines["beds"].is_for_outcomes


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('agreement = "S75-1"\n', "", "needs 'agreement' (NHS Act 2006 s.75; SI 2000/617 regs 4 and 7)"),
        ("functions = [", "functions = [] #", "'functions' must be a list with at least one entry"),
        ('aims = "Fewer days waited"\n', "", "needs 'aims'"),
        ('{ body = "icb"', '{ body = "police"', "'police' cannot be a partner of this basis"),
        ("icb = 43", "icb = 44", "the shares come to 101 per cent"),
        ("council = 57, icb = 43", "council = 57, police = 43", "the shares are not those of the contributing bodies"),
        ('underspend = "share"', 'underspend = "carry"', "does not go with Pooled fund under section 75"),
        ('host = "council"', 'host = "police"', "the host contributes nothing"),
        ("pence = 200000 }, { year = 2025", "pence = 300000 }, { year = 2025", "the budget of 2024 is more than what"),
        ('outcome = "wait"\n', "", "a line that pays for outcomes names none"),
        ('paid_for = "posts"', 'paid_for = "people"', "paid_for = 'people' is not known"),
        ("year = 2025, pence = 310000", "year = 2024, pence = 310000", "this body and year are there twice"),
        ("year = 2025, pence = 100000", "year = 2031, pence = 0", "2031 is no year of the fund"),
        ("approve_from_pence = 60000", "approve_from_pence = 0", "'approve_from_pence' must be a whole number"),
        ("to = 2026-03-31", "to = 2023-03-31", "'to' is before 'from'"),
        ('id = "pool"', 'id = "pool 1"', "'id' must be letters, digits and hyphens"),
        ('id = "pool"', 'id = "pool"\ncolour = "red"', "unknown key 'colour'"),
        ('id = "beds"', 'id = "weeks"', "line 'weeks' is there twice"),
    ],
)
def test_each_fault_is_told(old, new, fault):
    assert old in POOL
    assert fault in faults_of(POOL.replace(old, new, 1))


def test_a_grant_needs_conditions_and_two_funds_need_two_ids():
    assert "needs 'conditions' (The award and its conditions)" in faults_of(
        GRANT.replace('conditions = ["Spent on victims alone"]\n', "")
    )
    assert "'grant' is there twice" in faults_of(GRANT + GRANT)


def test_a_pool_of_section_75_needs_the_health_service():
    text = POOL.replace('body = "icb"', 'body = "mayor"').replace("icb = 43", "mayor = 43")
    assert "no contributing body is one of hospital, icb" in faults_of(text)


def test_money_of_two_bodies_is_not_aligned():
    text = POOL.replace('basis = "s75"', 'basis = "aligned"')
    assert "money of several bodies is pooled and not aligned" in faults_of(text)


def test_what_is_no_toml_is_unreadable():
    with pytest.raises(RulesUnreadable):
        parse_funds("[[fund]", BODIES)


def test_every_account_stands_in_one_book():
    for fund in example_funds():
        chart = chart_of(fund)
        assert len(set(chart)) == len(chart)
        assert {book_of(code) for code in chart} == BOOKS.keys()

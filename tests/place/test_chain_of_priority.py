"""The chain of a priority: every link that belongs is there, none that does not, and a gap is told as a gap."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.place.chain import CLOSERS, FOLLOWS, GAPS, HEADS, Chain, Gap, Link, build_chain, value_gap
from drawn import drawn

DAY = dt.date(2026, 11, 15)


def link(head: str, title: str, *about: str) -> Link:
    return Link(head, title, "1", DAY, "somewhere", "", frozenset(about))


PRIORITY = link("priority", "Heard when ready", "outcome:care_weeks", "statement:court_readiness")
WHOLE = {
    "outcome": [link("outcome", "Weeks of care", "outcome:care_weeks"), link("outcome", "Other", "outcome:other")],
    "money": [
        link("money", "Joint fund", "outcome:care_weeks", "commission:9"),
        link("money", "Else", "outcome:other"),
    ],
    "commission": [link("commission", "Experts", "commission:9"), link("commission", "Else", "commission:8")],
    "served": [link("served", "Experts", "commission:9"), link("served", "Else", "commission:8")],
    "waits": [link("waits", "Care proceedings", "statement:court_readiness"), link("waits", "Else", "statement:x")],
}


def titles(chain: Chain) -> dict[str, list[str]]:
    return {step.head: [link.title for link in step.links] for step in chain.steps}


def test_a_whole_chain_has_its_own_links_alone() -> None:
    chain = build_chain(PRIORITY, "Family Justice Board", WHOLE)
    assert titles(chain) == {
        "priority": ["Heard when ready"],
        "outcome": ["Weeks of care"],
        "money": ["Joint fund"],
        "commission": ["Experts"],
        "served": ["Experts"],
        "waits": ["Care proceedings"],
    }
    assert chain.is_whole and chain.broken_at == ""


@pytest.mark.parametrize("head", list(FOLLOWS))
def test_a_missing_link_is_told_as_a_gap(head: str) -> None:
    chain = build_chain(PRIORITY, "Family Justice Board", {**WHOLE, head: []})
    assert not chain.is_whole
    (step,) = [step for step in chain.steps if step.head == head]
    assert step.is_gap and step.gaps == (Gap(GAPS[head], CLOSERS[head]),)
    assert chain.broken_at in {HEADS[one] for one in (head, "money", "commission", "served")}


def test_an_outcome_without_a_value_is_a_gap_and_leads_on_all_the_same() -> None:
    """One of two outcomes with a value does not make good for the other."""
    gap = value_gap(
        "Weeks of care", "quarter", dt.date(2026, 10, 1), dt.date(2026, 12, 31), is_few=False, if_whole=True
    )
    lacking = replace(WHOLE["outcome"][0], lacks=gap)
    both = [lacking, link("outcome", "Heard in time", "outcome:care_weeks")]
    for outcomes in ([lacking], both):
        chain = build_chain(PRIORITY, "Family Justice Board", {**WHOLE, "outcome": outcomes})
        step = chain.steps[1]
        assert step.gaps == (gap,) and len(step.links) == len(outcomes)
        assert not chain.is_whole and chain.broken_at == "Outcome"
        assert not any(other.is_gap for other in chain.steps if other is not step)
    assert gap.words.startswith("No value yet of: Weeks of care.")
    assert gap.closes == (
        "Whoever runs Braid publishes it, from the partners' extracts. The first value is due with the run after"
        " 31 December 2026, where the extracts show everybody from 1 October 2026 on; else a quarter later."
    )


IDS = st.frozensets(st.sampled_from("abcd"), max_size=2)
ANY = st.fixed_dictionaries(
    {head: st.lists(IDS.map(lambda ids: Link("", "x", "", None, "", "", ids)), max_size=4) for head in FOLLOWS}
)


@drawn(80, 4000)
@given(IDS, ANY)
def test_no_link_is_there_that_shares_nothing_with_what_is_before_it(ids: frozenset[str], links: dict) -> None:
    chain = build_chain(Link("priority", "p", "", None, "", "", ids), "b", links)
    found = {step.head: step.links for step in chain.steps}
    before = {
        "outcome": ["priority"], "money": ["outcome"], "commission": ["outcome", "money"], "served": ["commission"],
        "waits": ["priority", "outcome"],
    }  # fmt: skip
    for head, earlier in before.items():
        known = {one for name in earlier for link in found[name] for one in link.about}
        assert list(found[head]) == [link for link in links[head] if link.about & known]

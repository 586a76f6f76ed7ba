"""Expected error of linking: whole shares of cells that are large enough, and nothing of the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.problems.priority.link_error import PAIRS, publish_link_errors
from braid.trust.link_error import LEAST_LINKS, LEAST_PEOPLE, ErrorShown, Share, publish_error

CELL = {
    "people": 40,
    "records": 400,
    "unnamed": 100,
    "links": 200,
    "false_links": 2.0,
    "false_variance": 1.0,
    "missed_links": 22.0,
    "missed_variance": 9.0,
}
NOTHING = ErrorShown(None, None, None)


def test_shares_are_of_the_links_and_of_the_true_ones_with_their_interval_outwards():
    shown = publish_error(CELL)
    assert shown == ErrorShown(Share(1, 0, 2), Share(10, 7, 13), 25)


@pytest.mark.parametrize("change", [{"people": LEAST_PEOPLE - 1}, {"links": LEAST_LINKS - 1}, {"false_links": 130.0}])
def test_a_cell_of_too_few_says_nothing(change):
    assert publish_error({**CELL, **change}) == NOTHING


def test_whether_any_or_all_records_lack_a_name_is_not_said():
    assert publish_error({**CELL, "unnamed": 0}).unnamed is None
    assert publish_error({**CELL, "unnamed": 7}).unnamed is None
    assert publish_error({**CELL, "unnamed": 400}).unnamed is None


@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 5), st.floats(0, 10**6), st.floats(0, 10**6))
def test_what_is_published_is_a_share_within_its_interval_and_never_a_count(links, chance, ratio, spread, other):
    sums = {
        **CELL,
        "links": links,
        "false_links": links * chance,
        "missed_links": links * ratio,
        "false_variance": spread,
        "missed_variance": other,
    }
    shown = publish_error(sums)
    for share in (shown.false, shown.missed):
        if share is not None:
            assert links >= LEAST_LINKS
            assert 0 <= share.low <= share.share <= share.high <= 100


def rows(characteristic: str, code: str, pair: tuple[str, str] = ("all", "all"), **change: float) -> dict:
    key = {"characteristic": characteristic, "group_code": code, "source_a": pair[0], "source_b": pair[1]}
    return {**key, **CELL, **change}


def test_districts_of_elsewhere_are_one_group_and_a_group_by_pair_is_never_published():
    found = publish_link_errors(
        [
            rows("district", "E1"),
            rows("district", "elsewhere", people=20),
            rows("district", "farther", people=20),
            rows("all", "all"),
            rows("all", "all", ("cin", "school")),
            rows("all", "all", ("cin", "victim_service"), people=1),
            rows("sex", "female", ("cin", "school")),
        ],
        {"E1": "North"},
    )
    shown = {each.name: dict(each.groups) for each in found}
    assert shown["District"]["Outside the place"].missed == Share(10, 8, 12), "40 people, of two districts"
    assert shown["District"]["North"] == publish_error(CELL)
    assert shown[PAIRS] == {"cin and school": publish_error(CELL)}
    assert shown["Sex"]["Female"] == NOTHING
    assert publish_link_errors([], {"E1": "North"}) == ()

"""How long people wait, as published: by thresholds on published counts alone, and never by provider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.cubes import HOW_LONG_BY_KIND, WAITS_BY_KIND_AND_DISTRICT, WHOLE_PLACE, Cell, publish
from braid.trust.disclosure import possible_counts, publishable_count, publishable_total
from braid.trust.durations import publish_durations
from trust.table_attacker import behind, plus, totals_behind

DISTRICTS = ["D1", "D2"]
COUNTS = st.integers(0, 300)
DAYS = st.none() | st.floats(0, 4000)


def counts_of(waiting: int, completed: int, in_district: int = 0) -> tuple[Cell, ...]:
    place = {"kind": "rtt", "district_code": None, "waiting": waiting, "completed": completed}
    part = {"kind": "rtt", "district_code": "D1", "waiting": min(waiting, in_district), "completed": 0}
    return publish(WAITS_BY_KIND_AND_DISTRICT, [place, part], DISTRICTS)


def shown_of(waiting: int, completed: int, **exact: float | None) -> dict[str, int | None]:
    (cell,) = publish_durations([{"kind": "rtt", **exact}], counts_of(waiting, completed))
    assert (cell.kind, cell.district) == ("rtt", WHOLE_PLACE)
    return dict(cell.values)


def test_each_figure_has_its_rule() -> None:
    exact = {"open_p92_days": 293.4, "completed_median_days": 92.6, "completed_p92_days": 316.0}
    names = [measure.name for measure in HOW_LONG_BY_KIND.measures]
    assert list(shown_of(2673, 641, **exact)) == names
    assert list(shown_of(2673, 641, **exact).values()) == [295, 95, 315, 54]
    assert list(shown_of(97, 97, **exact).values()) == [None, 95, None, 13]
    assert list(shown_of(98, 13, **exact).values()) == [295, 95, None, 87]
    assert list(shown_of(98, 12, **exact).values()) == [295, None, None, 130]
    assert list(shown_of(98, 7, **exact).values()) == [295, None, None, None]
    assert list(shown_of(98, 0).values()) == [None] * 4
    assert list(shown_of(0, 98, **exact).values()) == [None, 95, 315, 0]


@given(COUNTS, COUNTS, st.integers(0, 300), DAYS, DAYS, DAYS)
def test_nothing_is_said_of_a_count_that_is_not_published(
    waiting: int, completed: int, in_district: int, first: float | None, second: float | None, third: float | None
) -> None:
    """Other exact counts behind the same published ones give the same figures: they follow from those and from days."""
    row = {"kind": "rtt", "open_p92_days": first, "completed_median_days": second, "completed_p92_days": third}
    cells = counts_of(waiting, completed, in_district)
    published = publish_durations([row], cells)
    alike = [{**row, "waiting": n, "completed": n, "people_waiting": n} for n in possible_counts(None)]
    assert all(publish_durations([other], cells) == published for other in alike)
    base = cells[0].values
    for measure in HOW_LONG_BY_KIND.measures:
        shown = published[0].values[measure.name]
        if base[measure.base] is None or (measure.columns and base[measure.base] < 15):
            assert shown is None
        if shown is not None and measure.columns:
            assert shown % 5 == 0
            assert abs(shown - row[measure.columns[0]]) <= 2.5


def test_a_kind_that_no_service_measures_has_no_durations() -> None:
    cells = counts_of(500, 500)
    (cell,) = publish_durations([], cells)
    assert cell.values == {
        "p92_days": None,
        "completed_median_days": None,
        "completed_p92_days": None,
        "clearance_weeks": 13,
    }


def test_a_provider_beside_the_districts_would_give_a_hidden_part_away() -> None:
    """Why there is no cube by provider: the parts of decision 15, and one provider that has them all."""
    exact = [8, 8, 1]
    spans = [behind(publishable_count(part)) for part in exact]
    total = totals_behind(publishable_total, publishable_total(17, plus(spans)), plus(spans))
    assert total[1] - total[0] >= 4
    provider = possible_counts(publishable_count(17))
    both = (max(total[0], provider[0]), min(total[1], provider[1]))
    assert both == (17, 17)


def test_leaving_providers_out_where_they_would_tell_tells_too() -> None:
    """Of the totals that are published alike, those whose provider would be left out are few enough to name."""
    parts = (17, 31)
    alike = [total for total in range(17, 40) if publishable_total(total, parts) == publishable_total(17, parts)]

    def would_tell(total: int) -> bool:
        span = possible_counts(publishable_count(total))
        return len([other for other in alike if span[0] <= other <= span[1]]) < 5

    left_out = [total for total in alike if would_tell(total)]
    assert 0 < len(left_out) < 5


def test_no_count_no_cell_is_refused() -> None:
    with pytest.raises(KeyError):
        publish_durations([], [Cell("rtt", WHOLE_PLACE, {})])

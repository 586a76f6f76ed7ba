"""About how long a limit is: near to what the clock reckons, and the shortest is never longer than that."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.language.clock_model import ClockRule
from braid.language.clock_periods import limit_ends
from braid.language.clock_rules import CLOCK_RULES, get_versions, has_limit, shortest_days, usual_weeks
from braid.language.codes import WAIT_KINDS
from language.clock_cases import CALENDAR

DAYS = [dt.date(2025, 9, 1) + dt.timedelta(days) for days in range(0, 365, 3)]
IN_FORCE = [rule for rule in CLOCK_RULES if rule.holds_from and not rule.limit.before and rule.limit.unit != "hours"]


@pytest.mark.parametrize("rule", IN_FORCE, ids=lambda rule: rule.rule_id)
def test_no_limit_is_shorter_than_the_shortest(rule: ClockRule) -> None:
    lengths = [(limit_ends(day, rule.limit, CALENDAR, frozenset()) - day).days for day in DAYS]
    assert min(lengths) >= shortest_days(rule.kind)
    assert min(lengths) - 4 <= 7 * rule.limit.about_weeks <= max(lengths) + 1


def test_the_usual_length_is_that_of_the_newest_version_in_force() -> None:
    for kind in WAIT_KINDS:
        assert (usual_weeks(kind) is None) == (shortest_days(kind) is None) == (not has_limit(kind))
    assert usual_weeks("rtt") == 18 and usual_weeks("care_proceedings") == 26 and usual_weeks("in_year_admission") == 3
    assert (
        usual_weeks("custody_time_limit")
        == 26
        < max(rule.limit.about_weeks for rule in get_versions("custody_time_limit"))
    )
    assert usual_weeks("s213aa_notice") is None, "the law is made and not in force"

"""An action in every state: its team does it, the lead checks, sends back or cancels; nobody checks their own."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from braid.care.actions import (
    CANCELLATIONS,
    LONGEST_WORDS,
    MACHINE,
    RESULTS,
    Action,
    cancel,
    check_done,
    check_new,
    complete,
    send_back,
    silence_on,
    take_on,
)
from braid.language.calendars import LAST_DAY
from care.table import acting, is_refused, london

NOW = london("2026-11-27T10:00")
TODAY = dt.date(2026, 11, 27)
DAY = dt.timedelta(days=1)
NURSE, COLLEAGUE = acting("nurse", "hospital", "clinic"), acting("colleague", "hospital", "clinic")
OFFICER = acting("officer", "council", "housing")
OPEN = Action("clinic", TODAY)


@pytest.mark.parametrize("words", ["", " \n", "Ring", "x" * LONGEST_WORDS, "x" * (LONGEST_WORDS + 1)])
@pytest.mark.parametrize("team", ["", "clinic", "housing"])
@pytest.mark.parametrize("days", [-1, 0, 366, 367])
def test_no_action_without_words_a_team_at_the_table_and_a_date(words: str, team: str, days: int) -> None:
    may = 0 < len(words.strip()) <= LONGEST_WORDS and team == "clinic" and 0 <= days <= 366
    assert is_refused(check_new, Action(team, TODAY + days * DAY), words, {"clinic"}, NOW) is not may
    assert is_refused(check_new, Action("", TODAY), "Ring", {""}, NOW)


def test_no_action_beyond_the_known_days() -> None:
    late = london("2030-12-30T10:00")
    assert not is_refused(check_new, Action("clinic", LAST_DAY), "Ring", {"clinic"}, late)
    assert is_refused(check_new, Action("clinic", LAST_DAY + DAY), "Ring", {"clinic"}, late)


def test_today_is_the_day_in_the_uk() -> None:
    """At half past midnight in summer it is still the day before in UTC."""
    now = london("2026-07-02T00:30")
    assert not is_refused(check_new, Action("clinic", dt.date(2026, 7, 2)), "Ring", {"clinic"}, now)
    assert is_refused(check_new, Action("clinic", dt.date(2026, 7, 1)), "Ring", {"clinic"}, now)


@pytest.mark.parametrize(
    ("state", "by", "leads"), [*product(MACHINE.states, (NURSE, COLLEAGUE, OFFICER), (True, False))]
)
def test_who_may_take_which_step(state: str, by: object, leads: bool) -> None:
    one = Action("clinic", TODAY, "nurse", state)
    of_team = by is not OFFICER
    assert is_refused(take_on, by, one) is not (of_team and state == "open")
    for result in ("", "so so", *RESULTS):
        assert is_refused(complete, by, one, result) is not (of_team and state == "open" and result in RESULTS)
    assert is_refused(check_done, by, one, leads) is not (leads and state == "done" and by is not NURSE)
    assert is_refused(send_back, one, leads) is not (leads and state == "done")
    for reason in ("", "done", *CANCELLATIONS):
        assert is_refused(cancel, one, reason, leads) is not (leads and state == "open" and reason in CANCELLATIONS)
    assert (silence_on(one, NOW) is not None) is (state == "open")


@pytest.mark.parametrize("owner", ["", "nurse", "colleague"])
def test_whoever_did_it_does_not_check_it(owner: str) -> None:
    """Also where a colleague had taken it on: the lead professional does not do it in their name, and check it then."""
    done = complete(COLLEAGUE, Action("clinic", TODAY, owner), "done")
    assert (done.owner, done.state, done.result) == ("colleague", "done", "done")
    assert is_refused(check_done, COLLEAGUE, done, True)
    assert check_done(NURSE, done, True).state == "checked"


def test_what_is_sent_back_is_to_do_again_by_its_date() -> None:
    back = send_back(complete(NURSE, take_on(NURSE, OPEN), "no_effect"), True)
    assert (back.state, back.result, back.owner, back.due_on) == ("open", "", "nurse", TODAY)
    silence = silence_on(back, NOW + DAY)
    assert silence is not None
    assert silence.is_overdue

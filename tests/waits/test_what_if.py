"""What if, against cases by hand, against its own laws, and against a slow twin that walks day by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.language.calendars import Calendar
from braid.language.clock_model import Extension, Pause
from braid.language.clocks import reckon
from braid.language.codes import WAIT_KINDS
from braid.waits.changes import ChangesInvalid, Does, parse_changes, shipped_changes
from braid.waits.what_if import ChangeInvalid, Hold, Planned, Row, Running, Upshot, compare, postponed, side_by_side
from braid.waits.what_if_cohort import Waits, count_upshots

AS_OF = dt.date(2026, 11, 16)
CALENDAR = Calendar(terms=((dt.date(2026, 9, 1), dt.date(2026, 12, 18)), (dt.date(2027, 1, 4), dt.date(2027, 7, 20))))
CHANGES = shipped_changes()


def week(number: int) -> dt.date:
    return AS_OF + dt.timedelta(weeks=number)


def upshots(rows: list[Row]) -> dict[str, Upshot]:
    return {row.wait_id: row.upshot for row in rows}


HOUSEHOLD = (
    Running("ta", "temporary_accommodation", dt.date(2026, 9, 1)),
    Running("bnb", "bnb_family", dt.date(2026, 11, 2)),
    Running("home", "register", dt.date(2024, 1, 1)),
    Running("school", "in_year_admission", dt.date(2026, 11, 10)),
    Running("hip", "rtt", dt.date(2026, 8, 10)),
)
HOLDS = (Hold("ta", "home"), Hold("school", "ta"), Hold("school", "outcome_letter"))


def test_a_placement_that_ends_in_week_6_against_week_3() -> None:
    options = {
        f"week {n}": compare(HOUSEHOLD, HOLDS, [Planned(CHANGES["placement_ends"], week(n))], CALENDAR, AS_OF, week(6))
        for n in (3, 6)
    }
    beside = side_by_side(options)
    assert {name: row.upshot for name, row in beside["ta"].items()} == dict.fromkeys(options, Upshot.RESTARTED)
    assert {name: row.with_changes.start for name, row in beside["ta"].items()} == {
        "week 3": week(3),
        "week 6": week(6),
    }
    assert {row.upshot for row in beside["bnb"].values()} == {Upshot.ENDED}
    assert beside["bnb"]["week 6"].without.clock.clock == "past"
    assert {row.upshot for row in beside["home"].values()} == {Upshot.UNCHANGED}
    assert beside["home"]["week 3"].effects[0].does is Does.KEEPS
    assert {row.upshot for row in beside["hip"].values()} == {Upshot.UNCHANGED}
    assert beside["hip"]["week 3"].effects == ()


def test_another_council_begins_the_school_application_anew() -> None:
    rows = compare(HOUSEHOLD, HOLDS, [Planned(CHANGES["moves_council"], week(2))], CALENDAR, AS_OF, week(3))
    (school,) = [row for row in rows if row.wait_id == "school"]
    assert school.upshot is Upshot.RESTARTED
    assert (school.without.clock.due_date, school.with_changes.clock.due_date) == (
        dt.date(2026, 12, 1),
        dt.date(2027, 1, 4),
    )


def test_a_home_frees_what_waited_for_it() -> None:
    rows = compare(HOUSEHOLD, HOLDS, [Planned(CHANGES["home_let"], week(1))], CALENDAR, AS_OF, week(1))
    assert upshots(rows) == {
        "ta": Upshot.ENDED,
        "bnb": Upshot.ENDED,
        "home": Upshot.ENDED,
        "school": Upshot.UNCHANGED,  # the letter is still missing
        "hip": Upshot.UNCHANGED,
    }
    only = [hold for hold in HOLDS if hold.holder != "outcome_letter"]
    rows = compare(HOUSEHOLD, only, [Planned(CHANGES["home_let"], week(1))], CALENDAR, AS_OF, week(1))
    assert upshots(rows)["school"] is Upshot.FREED


def test_a_placement_outside_the_district_begins_the_notice_to_the_other_council() -> None:
    rows = compare(HOUSEHOLD, HOLDS, [Planned(CHANGES["moves_council"], week(2))], CALENDAR, AS_OF, week(5))
    (notice,) = [row for row in rows if row.kind == "out_of_area_notice"]
    assert (notice.upshot, notice.without, notice.effects[0].law) == (Upshot.BEGUN, None, "Housing Act 1996 s.208")
    assert notice.with_changes.clock.due_date == week(2) + dt.timedelta(days=13), "14 days beginning with the day"
    assert notice.with_changes.clock.clock == "past"
    alone = [wait for wait in HOUSEHOLD if wait.kind == "rtt"]
    rows = compare(alone, (), [Planned(CHANGES["moves_council"], week(2))], CALENDAR, AS_OF, week(5))
    assert [row.kind for row in rows] == ["rtt"], "no council places somebody who only waits for treatment"


def test_days_out_of_bed_and_breakfast_do_not_count() -> None:
    family = (Running("bnb", "bnb_family", dt.date(2026, 10, 12)),)
    away = Planned(CHANGES["bnb_left_for_a_while"], week(0), dt.date(2026, 11, 21))
    (row,) = compare(family, (), [away], CALENDAR, AS_OF, dt.date(2026, 11, 22))
    assert row.upshot is Upshot.PAUSED
    assert row.without.clock.due_date == dt.date(2026, 11, 22)
    assert row.with_changes.clock.due_date == dt.date(2026, 11, 27), "16 to 20 November do not count"
    assert upshots(compare(family, (), [away], CALENDAR, AS_OF, dt.date(2026, 11, 23))) == {"bnb": Upshot.SAVED}


def test_days_on_bail_do_not_count_for_the_custody_time_limit() -> None:
    held = (Running("custody", "custody_time_limit", dt.date(2026, 10, 1)),)
    bail = Planned(CHANGES["bail_granted"], week(1), week(3))
    (row,) = compare(held, (), [bail], CALENDAR, AS_OF, week(4))
    assert row.upshot is Upshot.PAUSED
    assert row.with_changes.clock.due_date > row.without.clock.due_date


@pytest.mark.parametrize(
    ("code", "begun", "ended"),
    [
        ("relief_duty_ends", {"main_duty_decision"}, {"homelessness_relief"}),
        ("draft_plan_sent", {"ehcp_comments"}, {"ehcp_refusal"}),
        ("application_issued", {"care_proceedings", "care_first_hearing", "care_allocation"}, {"pre_proceedings"}),
        ("plan_made_at_conference", {"core_group", "cpp_review"}, {"icpc"}),
    ],
)
def test_what_begins_and_what_ends(code: str, begun: set[str], ended: set[str]) -> None:
    waits = [Running(kind, kind, AS_OF) for kind in sorted(ended)]
    rows = compare(waits, (), [Planned(CHANGES[code], week(1))], CALENDAR, AS_OF, week(2))
    found = {upshot: {row.kind for row in rows if row.upshot is upshot} for upshot in Upshot}
    assert (found[Upshot.BEGUN], found[Upshot.ENDED]) == (begun, ended)
    assert all(row.with_changes.clock.due_date for row in rows if row.upshot is Upshot.BEGUN), "each has its clock"
    if any(effect.beside for effect in CHANGES[code].effects.values()):
        assert compare((), (), [Planned(CHANGES[code], week(1))], CALENDAR, AS_OF, week(2)) == [], "not out of nothing"


CHILD, ADULT = dt.date(2012, 5, 1), dt.date(1984, 5, 1)


@pytest.mark.parametrize(
    ("code", "running", "birth_date", "begun"),
    [
        ("application_issued", [], CHILD, {"care_proceedings", "care_first_hearing", "care_allocation"}),
        ("application_issued", ["cf_assessment"], None, {"care_proceedings", "care_first_hearing", "care_allocation"}),
        ("application_issued", ["rtt"], None, set()),
        ("application_issued", ["cf_assessment"], ADULT, set()),
        ("application_issued", ["care_proceedings"], CHILD, set()),
        ("application_issued", ["care_first_hearing"], CHILD, set()),
        (
            "application_issued",
            [],
            dt.date(2009, 11, 24),
            {"care_proceedings", "care_first_hearing", "care_allocation"},
        ),
        ("application_issued", [], dt.date(2009, 11, 23), set()),
        ("becomes_looked_after", [], CHILD, {"cla_review", "cla_initial_health", "pep"}),
        ("becomes_looked_after", ["temporary_accommodation"], ADULT, set()),
        ("becomes_looked_after", ["temporary_accommodation"], None, set()),
        ("becomes_looked_after", ["cla_review_later"], CHILD, set()),
        ("enquiry_begins", ["cf_assessment"], None, {"icpc"}),
        ("enquiry_begins", ["icpc"], CHILD, set()),
        ("enquiry_begins", [], ADULT, set()),
        ("school_place_asked_for", ["temporary_accommodation"], CHILD, {"in_year_admission"}),
        ("school_place_asked_for", ["in_year_admission"], CHILD, set()),
        ("school_place_asked_for", ["temporary_accommodation"], ADULT, set()),
        ("school_place_asked_for", [], dt.date(2023, 5, 1), set()),
        ("relief_duty_ends", ["homelessness_relief", "main_duty_decision"], None, set()),
    ],
)
def test_a_clock_begins_only_for_who_can_have_it(
    code: str, running: list[str], birth_date: dt.date | None, begun: set[str]
) -> None:
    waits, planned = [Running(kind, kind, AS_OF) for kind in running], [Planned(CHANGES[code], week(1))]
    rows = compare(waits, (), planned, CALENDAR, AS_OF, week(2), birth_date)
    assert {row.kind for row in rows if row.upshot is Upshot.BEGUN} == begun
    counted = count_upshots([Waits(waits, (), birth_date)], planned, CALENDAR, AS_OF, week(2))
    assert {kind for kind, upshot in counted if upshot is Upshot.BEGUN} == begun
    assert all(row.with_changes.clock.due_date for row in rows if row.upshot is Upshot.BEGUN), "each has its clock"


def test_a_change_planned_twice_begins_its_clocks_once() -> None:
    planned = [Planned(CHANGES["becomes_looked_after"], week(number)) for number in (1, 2)]
    rows = compare((), (), planned, CALENDAR, AS_OF, week(3), CHILD)
    assert sorted(row.kind for row in rows) == ["cla_initial_health", "cla_review", "pep"]


CASE = (Running("case", "care_proceedings", dt.date(2026, 6, 1)),)
"""26 weeks beginning with 1 June 2026 end on 29 November."""


def test_a_hearing_after_the_last_day_is_a_breach_that_can_be_seen_coming() -> None:
    early = Planned(CHANGES["hearing_adjourned"], week(0), dt.date(2026, 11, 29))
    late = replace(early, until=dt.date(2026, 11, 30))
    assert upshots(compare(CASE, (), [early], CALENDAR, AS_OF, week(1))) == {"case": Upshot.UNCHANGED}
    assert upshots(compare(CASE, (), [late], CALENDAR, AS_OF, week(1))) == {"case": Upshot.BREACHED}
    extended = Planned(CHANGES["extension_granted"], week(1), dt.date(2027, 1, 24))
    assert upshots(compare(CASE, (), [late, extended], CALENDAR, AS_OF, week(1))) == {"case": Upshot.UNCHANGED}


def test_an_extension_saves_what_would_be_past() -> None:
    extended = Planned(CHANGES["extension_granted"], week(1), dt.date(2027, 1, 24))
    assert upshots(compare(CASE, (), [extended], CALENDAR, AS_OF, week(5))) == {"case": Upshot.SAVED}


def test_a_wait_without_a_limit_is_never_breached() -> None:
    trial = (Running("trial", "crown_trial", dt.date(2020, 1, 1)),)
    adjourned = Planned(CHANGES["hearing_adjourned"], week(1), dt.date(2028, 1, 1))
    (row,) = compare(trial, (), [adjourned], CALENDAR, AS_OF, week(2))
    assert (row.upshot, row.with_changes.clock.clock) == (Upshot.UNCHANGED, "no_limit")
    assert row.with_changes.not_before == dt.date(2028, 1, 1)


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        (Planned(CHANGES["home_let"], week(-1)), "name a day from"),
        (Planned(CHANGES["home_let"], week(9)), "name a day from"),
        (Planned(CHANGES["home_let"], week(1), week(2)), "leave the second day out"),
        (Planned(CHANGES["hearing_adjourned"], week(1)), "say the day of the new hearing"),
        (Planned(CHANGES["hearing_adjourned"], week(1), week(1)), "must come after"),
    ],
)
def test_a_change_that_cannot_be_is_refused(planned: Planned, words: str) -> None:
    with pytest.raises(ChangeInvalid, match=words):
        compare(HOUSEHOLD, HOLDS, [planned], CALENDAR, AS_OF, week(4))


KINDS = sorted(WAIT_KINDS)
RUNNING = st.lists(st.tuples(st.sampled_from(KINDS), st.dates(dt.date(2024, 1, 1), AS_OF)), max_size=6).map(
    lambda pairs: [Running(f"w{number}", kind, start) for number, (kind, start) in enumerate(pairs)]
)
PLANNED = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 9), st.integers(1, 200)), max_size=4).map(
    lambda plans: [plan(*each) for each in plans]
)
NAMES = [f"w{number}" for number in range(6)] + ["outcome_letter"]
SOME_HOLDS = st.sets(st.builds(Hold, st.sampled_from(NAMES[:6]), st.sampled_from(NAMES)), max_size=6)


def plan(code: str, in_weeks: int, days: int) -> Planned:
    change = CHANGES[code]
    return Planned(change, week(in_weeks), week(in_weeks) + dt.timedelta(days=days) if change.until else None)


@given(RUNNING, SOME_HOLDS)
def test_without_changes_nothing_changes(waits, holds) -> None:
    rows = compare(waits, holds, [], CALENDAR, AS_OF, week(10))
    assert [(row.upshot, row.effects) for row in rows] == [(Upshot.UNCHANGED, ())] * len(waits)
    assert all(row.without == row.with_changes for row in rows)


BORN = st.none() | st.dates(dt.date(1960, 1, 1), AS_OF)


@given(RUNNING, SOME_HOLDS, PLANNED, BORN)
def test_it_is_what_a_walk_day_by_day_finds(waits, holds, planned, born) -> None:
    rows = compare(waits, holds, planned, CALENDAR, AS_OF, week(10), born)
    assert {row.wait_id: (row.upshot, ends(row)) for row in rows} == walk(waits, holds, planned, born)


@given(RUNNING, SOME_HOLDS, PLANNED, st.randoms())
def test_the_order_in_which_changes_are_named_is_none(waits, holds, planned, draw) -> None:
    shuffled = draw.sample(planned, len(planned))
    if len({(each.on, each.change.code) for each in planned}) == len(planned):
        assert compare(waits, holds, planned, CALENDAR, AS_OF, week(10)) == compare(
            waits, holds, shuffled, CALENDAR, AS_OF, week(10)
        )


def ends(row: Row) -> tuple[dt.date | None, str, frozenset[str]] | None:
    found = row.with_changes
    return (found.start, found.clock.clock, found.held_by) if found else None


def walk(waits, holds, planned, born):
    """The same by definition: a diary of days, on each of which the changes of the day are made in order of code."""
    state = {wait.wait_id: {"kind": wait.kind, "start": wait.start} for wait in waits}
    touched = {wait.wait_id: [] for wait in waits}
    was = {wait.wait_id: wait for wait in waits}
    brought = set()
    day = AS_OF
    while day <= week(10):
        for each in sorted((each for each in planned if each.on == day), key=lambda each: each.change.code):
            brought |= each.change.clears
            running = {known["kind"] for known in state.values() if not known.get("ended")}
            for wait_id, known in list(state.items()):
                effect = each.change.effects.get(known["kind"])
                if effect is None or known.get("ended") or effect.does is Does.BEGINS:
                    continue
                touched[wait_id].append(effect.does)
                match effect.does:
                    case Does.ENDS:
                        known["ended"] = True
                    case Does.RESTARTS:
                        state[wait_id] = {"kind": known["kind"], "start": day}
                        known = state[wait_id]
                    case Does.PAUSES:
                        known["paused"] = (*known.get("paused", ()), Pause(day, each.until - dt.timedelta(days=1)))
                    case Does.EXTENDS:
                        known["extended"] = (*known.get("extended", ()), Extension(each.until, day))
                    case Does.KEEPS if each.until:
                        known["until"] = each.until
            for effect in each.change.effects.values():
                if effect.does is Does.BEGINS and can_have(effect, running, born, day):
                    name = f"{each.change.code} {each.on} {effect.wait}"
                    state[name] = {"kind": effect.wait, "start": day}
                    touched[name] = [Does.BEGINS]
        day += dt.timedelta(days=1)
    gone = {wait_id for wait_id, known in state.items() if known.get("ended")} | brought
    found = {}
    for wait_id, known in state.items():
        if wait_id not in was:
            if not known.get("ended"):
                after = reckon(known["kind"], known["start"], week(10), CALENDAR)
                found[wait_id] = (Upshot.BEGUN, (known["start"], after.clock, frozenset()))
            continue
        before = reckon(known["kind"], was[wait_id].start, week(10), CALENDAR).clock
        held_before = {hold.holder for hold in holds if hold.held == wait_id}
        held_now = frozenset(held_before - gone)
        if known.get("ended"):
            found[wait_id] = (Upshot.ENDED, None)
            continue
        after = reckon(
            known["kind"],
            known["start"],
            week(10),
            CALENDAR,
            extensions=known.get("extended", ()),
            pauses=known.get("paused", ()),
        )
        late = after.clock == "past" or bool(after.due_date and known.get("until") and after.due_date < known["until"])
        if before == "within" and late:
            upshot = Upshot.BREACHED
        elif Does.RESTARTS in touched[wait_id]:
            upshot = Upshot.RESTARTED
        elif before == "past" and after.clock == "within":
            upshot = Upshot.SAVED
        elif Does.PAUSES in touched[wait_id]:
            upshot = Upshot.PAUSED
        elif held_before and not held_now:
            upshot = Upshot.FREED
        else:
            upshot = Upshot.UNCHANGED
        found[wait_id] = (upshot, (known["start"], after.clock, held_now))
    return found


def can_have(effect, running, born, day) -> bool:
    """The conditions by definition; a birthday comes on its day of the year, that of 29 February on 1 March."""
    if {effect.wait, *effect.unless} & running:
        return False
    if effect.aged and born:
        birthdays = sum((born.month, born.day) <= (day.month, day.day) if year == day.year else year > born.year
                        for year in range(born.year + 1, day.year + 1))  # fmt: skip
        return birthdays in range(*effect.aged)
    return not (effect.beside or effect.aged) or bool(effect.beside & running)


def test_postponed_moves_both_days() -> None:
    later = postponed(Planned(CHANGES["hearing_adjourned"], week(1), week(2)), 3)
    assert (later.on, later.until) == (week(4), week(5))


GOOD = """
[[change]]
code = "c"
name = "C"
[[change.effect]]
wait = "rtt"
does = "ends"
reason = "r"
law = "l"
certainty = "law"
"""


PAUSED = 'name = "C"\nuntil = "the day"\n[[change.effect]]\nwait = "rtt"\ndoes = "pauses"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('wait = "rtt"', 'wait = "xyz"', "no kind of wait"),
        ('does = "ends"', 'does = "stops"', "does = 'stops' is not known"),
        ('does = "ends"', 'does = "extends"', "needs a second day"),
        ('wait = "rtt"\ndoes = "ends"', 'wait = "bnb_family"\ndoes = "pauses"', "needs a second day"),
        ('name = "C"\n[[change.effect]]\nwait = "rtt"\ndoes = "ends"', PAUSED, "no law lets the clock of 'rtt' stand"),
        ('law = "l"', 'law = "l"\nbeside = ["rtt"]', "beside says where a wait begins"),
        ('does = "ends"', 'does = "begins"\nbeside = ["xyz"]', "'xyz' is no kind of wait"),
        ('does = "ends"', 'does = "begins"\nunless = ["xyz"]', "'xyz' is no kind of wait"),
        ('does = "ends"', 'does = "begins"\nunless = "xyz"', "'xyz' is no group"),
        ('does = "ends"', 'does = "begins"\naged = [18, 4]', "aged is no pair of ages"),
        ('does = "ends"', 'does = "begins"\naged = 18', "aged is no pair of ages"),
        ('law = "l"', 'law = "l"\naged = [0, 18]', "aged says where a wait begins"),
        ('certainty = "law"', 'certainty = "sure"', "use one of law, guidance, practice"),
        ('reason = "r"', "", "'reason' is missing"),
        ('name = "C"', 'name = "C"\nnames = 1', "unknown key 'names'"),
        ("[[change]]", "[[change]", "not TOML"),
    ],
)
def test_a_fault_of_a_changes_file_names_place_rule_and_next_step(old: str, new: str, words: str) -> None:
    assert list(parse_changes(GOOD, "f.toml")) == ["c"]
    with pytest.raises(ChangesInvalid, match=words):
        parse_changes(GOOD.replace(old, new, 1), "f.toml")
    with pytest.raises(ChangesInvalid, match="two changes have one code"):
        parse_changes(GOOD * 2, "f.toml")


def test_every_effect_says_why_and_on_what_it_rests() -> None:
    for change in CHANGES.values():
        for effect in change.effects.values():
            assert effect.reason.endswith(".") and effect.law, (change.code, effect.wait)


@settings(max_examples=400)
@given(
    st.lists(st.builds(Waits, RUNNING, SOME_HOLDS, BORN), max_size=4), PLANNED | PLANNED.map(lambda plans: plans[:1])
)
def test_a_cohort_is_counted_as_its_people_are_compared_one_by_one(people, planned) -> None:
    counted = count_upshots(people, planned, CALENDAR, AS_OF, week(10))
    rows = [
        row for waits, holds, born in people for row in compare(waits, holds, planned, CALENDAR, AS_OF, week(10), born)
    ]
    assert counted == Counter((row.kind, row.upshot) for row in rows)

"""Which waits of one person are one pathway, who stands where in it on the first day, and in which order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from braid.simulation.calibration import BandedCount, default_rules, open_by_kind
from braid.simulation.calibration.pose import Posed
from braid.simulation.engines import plain
from braid.simulation.faults import faults
from braid.simulation.model import Network, Present
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import OVERTAKEN, SERVICE_COLUMNS, STEP_COLUMNS, Record
from simulation.calibration.drawn_waits import AS_OF, posed_from, row

RULES = default_rules()
TA, REGISTER, SCHOOL = "temporary_accommodation", "register", "in_year_admission"


def before(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def posed(rows: list[dict[str, Any]], **more: Any) -> Posed:
    return posed_from(rows, RULES, **more)


def wait(person: str, kind: str, days: int, stopped: int | None = None, **more: Any) -> dict[str, Any]:
    stop = None if stopped is None else before(stopped)
    return row(f"{person} {kind} {days}", person, kind, before(days), stop, **more)


def present(found: Posed, pathway: str) -> list[Present]:
    return [group for group in found.network.present if group.pathway == pathway]


def test_who_waits_for_a_letting_in_temporary_accommodation_is_in_one_pathway_and_counted_once() -> None:
    found = posed([
        wait("both", TA, 70), wait("both", REGISTER, 140, priority="register_band:B"),
        wait("sheltered", TA, 21),
        wait("registered", REGISTER, 35, priority="register_band:A"),
    ])  # fmt: skip
    (both,) = present(found, "temporary_accommodation_until_letting")
    assert (both.count, both.begun, both.done, both.band) == (1, ("shelter",), (), "register_band_b")
    assert (both.least, both.joined_least, both.begun_least) == (10.0, 20.0, None), "its clock is that of its anchor"
    assert [group.least for group in present(found, "temporary_accommodation")] == [3.0]
    assert [(group.least, group.band) for group in present(found, "register")] == [(5.0, "register_band_a")]
    assert open_by_kind(found.network, RULES) == dict(found.open_waits) == {TA: 2, REGISTER: 2}
    assert found.network.service("temporary_accommodation").capacity.level == 2.0


def test_the_first_pathway_that_fits_takes_the_waits_and_a_child_waits_for_school_until_the_letting() -> None:
    found = posed([wait("child", TA, 70), wait("child", REGISTER, 84), wait("child", SCHOOL, 14)])
    (child,) = found.network.present
    assert (child.pathway, child.begun) == ("school_place_from_temporary_accommodation", ("shelter",))
    assert (child.least, child.joined_least, child.begun_least) == (2.0, 12.0, 10.0)
    assert open_by_kind(found.network, RULES) == {TA: 1, REGISTER: 1, SCHOOL: 1}


def test_what_ended_or_was_somebody_elses_is_not_paired() -> None:
    found = posed([wait("moved", TA, 70), wait("moved", REGISTER, 90, stopped=10), wait("other", REGISTER, 50)])
    assert {group.pathway for group in found.network.present} == {TA, REGISTER}


def test_of_several_waits_of_a_kind_the_longest_are_paired_first_and_none_is_lost() -> None:
    found = posed([wait("one", TA, 70), wait("one", TA, 7), wait("one", REGISTER, 30)])
    (pair,) = present(found, "temporary_accommodation_until_letting")
    assert pair.least == 10.0
    assert [group.least for group in present(found, TA)] == [1.0]


def test_a_step_that_has_ended_is_behind_them_and_what_follows_is_waited_for() -> None:
    found = posed([
        wait("asked", "ehcp_decision", 14), wait("asked", "ehcp_plan", 14),
        wait("decided", "ehcp_decision", 90, stopped=50), wait("decided", "ehcp_plan", 90),
        wait("long ago", "ehcp_plan", 400),
    ])  # fmt: skip
    groups = {group.least: group for group in present(found, "ehc_plan")}
    assert {weeks: group.done for weeks, group in groups.items()} == {
        2.0: (), 90 / 7: ("decision",), 400 / 7: ("decision",),
    }  # fmt: skip
    assert open_by_kind(found.network, RULES) == {"ehcp_decision": 1, "ehcp_plan": 3}


def test_what_should_be_behind_who_ended_and_is_not_stays_in_the_network() -> None:
    early = wait("early", "icpc", 200, stopped=181)
    found = posed([early, wait("odd", "ehcp_decision", 30), wait("odd", "ehcp_plan", 30, stopped=5)])
    assert [group.pathway for group in found.network.present] == ["ehcp_decision"]
    assert open_by_kind(found.network, RULES) == {"ehcp_decision": 1}


def test_a_wait_that_lacks_its_other_half_has_a_pathway_of_its_own() -> None:
    found = posed([wait("one", "ehcp_decision", 14)])
    assert [group.pathway for group in found.network.present] == ["ehcp_decision"]


def test_ended_waits_are_paired_too_so_that_those_who_come_are_counted_where_they_went() -> None:
    rows = [
        each
        for number in range(26)
        for each in (
            wait(f"p{number}", TA, 175 - 7 * number, stopped=max(170 - 7 * number, 0)),
            wait(f"p{number}", REGISTER, 176 - 7 * number, stopped=max(170 - 7 * number, 0)),
        )
        if 175 - 7 * number > 5
    ]
    rows += [wait("first", TA, 400, stopped=181), wait("first", REGISTER, 400, stopped=181)]
    found = posed(rows)
    assert found.network.pathway("temporary_accommodation_until_letting").arrivals.level == 25 / 26
    assert TA not in {one.id for one in found.network.pathways}, "nobody is, came or went in shelter alone"


def test_how_an_application_closed_says_whether_it_was_a_letting() -> None:
    rows = [wait(f"p{number}", REGISTER, 300, stopped=number) for number in range(20)]
    rows += [wait("sent by a landlord", REGISTER, 300, stopped=181, code="startdate"), wait("open", REGISTER, 300)]
    reasons = ["housing_register:Housed"] * 5 + ["housing_register:No longer wanted"] * 15
    ended = [
        {"person_record_id": f"p{number}", "episode_ref": f"p{number} {REGISTER} 300", "kind": REGISTER,
         "end_reason": reason}
        for number, reason in enumerate(reasons)
    ]  # fmt: skip
    found = posed(rows, ended=ended)
    assert found.network.service("lettings").capacity.level == 6 / 26
    assert "15 ends" in found.network.sources["pathway.register.letting.patience"]


def test_some_who_end_one_pathway_begin_the_next_and_are_not_counted_twice() -> None:
    rows = []
    for number in range(26):
        ended = 181 - 7 * number
        rows.append(wait(f"p{number}", "pre_proceedings", ended + 60, stopped=ended))
        if number % 2:
            rows.append(wait(f"p{number}", "care_proceedings", ended))
    rows += [wait(f"alone {number}", "care_proceedings", 100) for number in range(13)]
    found = posed(rows)
    (lead,) = found.network.pathway("pre_proceedings").steps[0].leads_to
    assert (lead.pathway, lead.share) == ("care_proceedings", 0.5)
    assert found.network.pathway("care_proceedings").arrivals.level == 0.5


def test_a_pathway_to_which_nobody_comes_any_more_is_left_out() -> None:
    found = posed([wait(f"p{n}", "icpc", 300, stopped=n) for n in range(181)] + [wait("one", TA, 7)])
    assert [one.id for one in found.network.pathways] == [TA]
    assert [one.id for one in found.network.services] == [TA]
    assert not any("icpc" in place for place in found.network.sources)
    assert list(faults(found.network)) == []


def test_a_day_that_is_a_mistake_of_the_source_does_not_stop_the_rest() -> None:
    found = posed([row("w", "p", "rtt", dt.date(1900, 1, 1)), wait("one", "rtt", 7)])
    assert [group.least for group in found.network.present] == [5000.0, 1.0]
    assert list(faults(found.network)) == []


def _first_week(network: Network) -> Record:
    record = plain.run(compile_network(network, Counting(bins=500)), seed_of(1, 0))
    assert record.counts[OVERTAKEN] == 0
    return record


def test_the_first_served_are_those_who_waited_longest_in_the_first_band() -> None:
    rows = [wait(f"urgent {days}", "rtt", days, priority="priority_type:2") for days in (7, 350, 70)]
    rows += [wait(f"routine {days}", "rtt", days, priority="priority_type:1") for days in (700, 140, 210, 280)]
    rows += [wait(f"done {number}", "rtt", 181 + 30, stopped=181 - number, code="rtt:30") for number in range(5 * 26)]
    found = posed(rows)
    assert found.network.service("hospital_treatment").capacity.level == 5.0
    network = Network(**{**vars(found.network), "weeks": 1})
    number = [step.id for pathway in network.pathways for step in pathway.steps].index("treatment")
    record = _first_week(network)
    started = np.flatnonzero(record.waits[0, number][:500]).tolist()
    assert started == [1, 10, 40, 50, 100], "the three urgent, then the two routine that waited longest"
    assert record.rows[0, number * len(STEP_COLUMNS)] == 7


def test_places_taken_are_held_on_the_first_day() -> None:
    found = posed([wait(f"p{number}", TA, 30 + number) for number in range(9)])
    record = _first_week(found.network)
    steps = sum(len(pathway.steps) for pathway in found.network.pathways)
    services = [one.id for one in found.network.services]
    busy = steps * len(STEP_COLUMNS) + services.index(TA) * len(SERVICE_COLUMNS)
    assert record.rows[0, busy] == 9


def test_a_kind_that_no_rule_names_is_told_and_not_lost_in_silence() -> None:
    found = posed([wait("one", "of_another_time", 7), wait("two", TA, 7)])
    assert found.left_out == {"of_another_time": 1}


def test_a_published_table_of_bands_stands_instead_of_rows() -> None:
    table = (BandedCount(0, 1, 40), BandedCount(1, 2, None), BandedCount(2, 3, None), BandedCount(104, None, 6))
    found = posed([wait("one", "rtt", 7), wait("two", TA, 7)], banded={"rtt": table})
    groups = [(group.count, group.least, group.most) for group in present(found, "rtt")]
    assert groups == [(40, 0, 1), (2, 1, 2), (3, 2, 3), (6, 104, 156.0)]
    assert "suppressed counts assumed" in found.network.sources["pathway.rtt.present"]
    assert len(present(found, TA)) == 1

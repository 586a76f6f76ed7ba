"""Does the example agree with what is published? Each published figure beside the one that a first year gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from braid.simulation.engines.choice import Chosen
from braid.simulation.model import YEAR
from braid.simulation.national.care import CASE
from braid.simulation.national.crown import PLEA, TRIAL
from braid.simulation.national.derivations import WEEKS_A_MONTH, WEEKS_A_QUARTER, WEEKS_A_YEAR, derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure
from braid.simulation.national.homelessness import HOMELESS, HOMELESS_LONG
from braid.simulation.national.housing import REGISTER
from braid.simulation.national.network import PARTS, network_of
from braid.simulation.national.parts import CHARGED, Part
from braid.simulation.national.plans import PLAN
from braid.simulation.national.treatment import ROUTINE, URGENT, treatment
from braid.simulation.national.victims import VICTIM
from braid.simulation.program import Counting
from braid.simulation.record import STEP_COLUMNS, Record
from braid.simulation.run import Runs, simulate
from braid.simulation.tables import TICKS

COUNTING = Counting(window_weeks=13, bins=522, check_weeks=13)
QUARTER = 13
SEED = 1
TREATMENT_SCALE, OTHER_SCALE = 0.02, 1.0
"""Treatment has many times the people of the others and no link with them: it is simulated apart, at a scale at which
 it takes as long as they do at their full size. Where work is as much as capacity, chance moves small lists far."""
Counts = npt.NDArray[np.float64]


Kind = Literal["put in", "fitted", "follows"]
"""How a figure came to agree: it, or its trend, was put in, which tests only that it was put in rightly; assumptions
were fitted to it; or neither, and it is a test of the model."""


@dataclass(frozen=True)
class Row:
    """A published figure, and what the first simulated year gives in its place."""

    figure: str
    """Id of the figure; of the first of those it is reckoned from."""
    title: str
    unit: str
    published: float
    simulated: float
    tolerance: float
    """How far the simulated figure may lie from the published one: as a share of it, or of a share in points."""
    kind: Kind

    @property
    def error(self) -> float:
        """How far off the simulated figure is, in the terms of the tolerance."""
        difference = self.simulated - self.published
        return difference if self.unit == "share" else difference / self.published

    @property
    def agrees(self) -> bool:
        """Whether the simulated figure lies within the tolerance."""
        return abs(self.error) <= self.tolerance


class Year:
    """Reads a replication of a year by names, at the whole country's size."""

    def __init__(self, runs: Runs, scale: float) -> None:
        self.network, self.reading, self.scale = runs.network, runs.reading, scale
        self.record: Record = runs.records[0]
        self.first_step = runs.program.first_step
        self.numbers = {one.id: number for number, one in enumerate(self.network.pathways)}

    def inside(self, pathways: Sequence[str], week: int) -> float:
        """Return who is in some pathways at the end of a week."""
        flows = (self.reading.flow(self.record, self.numbers[one], "inside")[week] for one in pathways)
        return float(sum(flows)) / self.scale

    def came(self, pathways: Sequence[str], column: str) -> float:
        """Return who arrived at, finished or left some pathways in the year."""
        flows = (self.reading.flow(self.record, self.numbers[one], column) for one in pathways)
        return float(sum(flow[-1] - flow[0] for flow in flows)) / self.scale

    def step(self, pathway: str, step: str) -> int:
        """Return the number of a step."""
        steps = [one.id for one in self.network.pathway(pathway).steps]
        return int(self.first_step[self.numbers[pathway]]) + steps.index(step)

    def of_step(self, pathway: str, step: str, column: str, week: int = YEAR) -> float:
        """Return a column of a step at the end of a week."""
        at = self.step(pathway, step) * len(STEP_COLUMNS) + STEP_COLUMNS.index(column)
        return float(self.record.rows[week, at]) / self.scale

    def ages(self, pathways: Sequence[str], week: int) -> Counts:
        """Return by week of clock who is open at the end of a quarter."""
        numbers = [self.numbers[one] for one in pathways]
        ages: Counts = self.record.clock_ages[week // QUARTER - 1, numbers].sum(axis=0) / self.scale
        return ages

    def clocks(self, pathways: Sequence[str]) -> Counts:
        """Return by week how long the clocks had run that stopped in the year."""
        numbers = [self.numbers[one] for one in pathways]
        clocks: Counts = self.record.clocks[:, numbers].sum(axis=(0, 1)) / self.scale
        return clocks

    def mean_clock(self, pathway: str) -> float:
        """Return the mean weeks of the clocks that stopped in the year."""
        stopped, ticks = self.record.clock_sums[:, self.numbers[pathway]].sum(axis=0)
        return float(ticks) / TICKS / float(stopped)

    def waits(self, pathway: str, step: str) -> Counts:
        """Return by week how long those had waited who started a step in the year."""
        waits: Counts = self.record.waits[:, self.step(pathway, step)].sum(axis=0) / self.scale
        return waits

    def mean_wait(self, pathway: str, step: str) -> float:
        """Return the mean weeks that those had waited who started a step in the year."""
        started, ticks = self.record.wait_sums[:, self.step(pathway, step), :2].sum(axis=0)
        return float(ticks) / TICKS / float(started)


@dataclass(frozen=True)
class FirstYear:
    """One replication of the first year: of treatment, and of everything else."""

    treatment: Year
    others: Year


def run_first_year(
    treatment_scale: float = TREATMENT_SCALE,
    other_scale: float = OTHER_SCALE,
    seed: int = SEED,
    engine: Chosen | None = None,
) -> FirstYear:
    """Return one replication of the first year of the example."""
    others = [part() for part in PARTS if part is not treatment]

    def year(parts: Sequence[Part], scale: float) -> Year:
        network = network_of(parts, scale, YEAR)
        return Year(simulate(network, 1, seed, counting=COUNTING, engine=engine), scale)

    return FirstYear(year([treatment()], treatment_scale), year(others, other_scale))


def compare_with_published(first: FirstYear) -> list[Row]:
    """Return each published figure that a first year has something to set beside."""
    others: tuple[Callable[[Year], Iterator[Row]], ...] = (_housing, _homelessness, _care, _crown, _victims, _plans)
    return [*_treatment(first.treatment), *(row for part in others for row in part(first.others))]


def quantile_of(by_week: Counts, share: float) -> float:
    """Return the weeks below which a share of people counted by whole week lie, evenly spread within a week."""
    up_to = np.cumsum(by_week) / by_week.sum()
    week = int(np.searchsorted(up_to, share))
    before = up_to[week - 1] if week else 0.0
    return week + float((share - before) / (up_to[week] - before))


def share_below(by_week: Counts, weeks: int) -> float:
    """Return the share of people counted by whole week that lie below some weeks."""
    return float(by_week[:weeks].sum() / by_week.sum())


def _treatment(year: Year) -> Iterator[Row]:
    both = (URGENT, ROUTINE)
    ages = year.ages(both, QUARTER)
    completed, left = year.came(both, "finished"), year.came(both, "left")
    admitted = sum(year.of_step(one, "theatre", "started") for one in both)
    starts = derived("rtt_starts") * WEEKS_A_MONTH
    yield Row("rtt_list_august", "Treatment list after nine weeks", "pathways", figure("rtt_list_august"),
              year.inside(both, 9), 0.01, "put in")  # fmt: skip
    yield Row("rtt_starts_june", "Treatment: starts a month, mean of June and August", "pathways", starts,
              year.came(both, "arrived") / YEAR * WEEKS_A_MONTH, 0.01, "put in")  # fmt: skip
    yield Row("rtt_non_admitted_june", "Treatment: completed a month, at June's share of starts", "pathways",
              derived("rtt_completions") * WEEKS_A_MONTH, completed / YEAR * WEEKS_A_MONTH, 0.01, "put in")  # fmt: skip
    yield Row("rtt_starts_june", "Treatment: leave uncounted a month", "pathways",
              derived("rtt_uncounted") * WEEKS_A_MONTH, left / YEAR * WEEKS_A_MONTH, 0.05, "fitted")  # fmt: skip
    yield Row("rtt_admitted_june", "Treatment: admitted share of completed", "share",
              derived("rtt_admitted_share"), admitted / completed, 0.01, "fitted")  # fmt: skip
    yield Row("rtt_within_18_weeks", "Treatment list after a quarter: within 18 weeks", "share",
              figure("rtt_within_18_weeks"), share_below(ages, 18), 0.015, "fitted")  # fmt: skip
    yield Row("rtt_median_weeks", "Treatment list after a quarter: median", "weeks", figure("rtt_median_weeks"),
              quantile_of(ages, 0.5), 0.03, "fitted")  # fmt: skip
    yield Row("rtt_p92_weeks", "Treatment list after a quarter: 92nd percentile", "weeks", figure("rtt_p92_weeks"),
              quantile_of(ages, 0.92), 0.07, "fitted")  # fmt: skip
    yield Row("rtt_over_52_weeks", "Treatment list after a quarter: over 52 weeks", "pathways",
              figure("rtt_over_52_weeks"), float(ages[YEAR:].sum()), 0.25, "follows")  # fmt: skip
    later = year.ages(both, YEAR)
    yield Row("rtt_median_weeks", "Treatment list after a year: median", "weeks", figure("rtt_median_weeks"),
              quantile_of(later, 0.5), 0.03, "follows")  # fmt: skip
    yield Row("rtt_p92_weeks", "Treatment list after a year: 92nd percentile", "weeks", figure("rtt_p92_weeks"),
              quantile_of(later, 0.92), 0.03, "follows")  # fmt: skip


TEMPORARY = (HOMELESS, HOMELESS_LONG)


def _housing(year: Year) -> Iterator[Row]:
    register = year.of_step(REGISTER, "letting", "started")
    homeless = sum(year.of_step(one, "letting", "started") for one in TEMPORARY)
    waits = sum((year.waits(one, "letting") for one in TEMPORARY), year.waits(REGISTER, "letting"))
    listed = year.of_step(REGISTER, "letting", "waiting")
    yield Row("register_households", "Housing register after a year, with the published growth", "households",
              figure("register_households") + figure("register_growth"), listed, 0.01, "follows")  # fmt: skip
    yield Row("lettings_a_year", "Social lettings a year", "lettings", figure("lettings_a_year"),
              (register + homeless) / YEAR * WEEKS_A_YEAR, 0.01, "put in")  # fmt: skip
    yield Row("lettings_from_temporary_accommodation", "Lettings from temporary accommodation", "share",
              figure("lettings_from_temporary_accommodation"), homeless / (register + homeless), 0.01,
              "put in")  # fmt: skip
    yield Row("lettings_within_a_year", "Lettings after less than a year on the register", "share",
              figure("lettings_within_a_year"), share_below(waits, YEAR), 0.02, "fitted")  # fmt: skip
    yield Row("lettings_after_five_years", "Lettings after five years or more", "share",
              figure("lettings_after_five_years"), 1 - share_below(waits, 5 * YEAR), 0.02, "follows")  # fmt: skip


def _homelessness(year: Year) -> Iterator[Row]:
    waiting = sum(year.of_step(one, "letting", "waiting") for one in TEMPORARY)
    growth = figure("temporary_accommodation_june") - figure("temporary_accommodation_june_2024")
    yield Row("temporary_accommodation_june", "Households in temporary accommodation after a year, with its growth",
              "households", figure("temporary_accommodation_june") + growth, waiting, 0.015, "put in")  # fmt: skip
    ages = year.record.ages[-1, [year.step(one, "letting") for one in TEMPORARY]].sum(axis=0).astype(float)
    half_year = share_below(ages, YEAR // 2)
    yield Row("families_under_six_months", "Of them after a year, under six months", "share",
              figure("families_under_six_months"), half_year, 0.02, "follows")  # fmt: skip
    yield Row("families_two_to_five_years", "Of them after a year, two to five years", "share",
              figure("families_two_to_five_years"), share_below(ages, 5 * YEAR) - share_below(ages, 2 * YEAR), 0.02,
              "follows")  # fmt: skip
    yield Row("families_over_five_years", "Of them after a year, five years or more", "share",
              figure("families_over_five_years"), 1 - share_below(ages, 5 * YEAR), 0.02, "fitted")  # fmt: skip


def _care(year: Year) -> Iterator[Row]:
    yield Row("care_starts", "Care proceedings concluded a year", "cases", figure("care_starts"),
              year.came((CASE,), "finished") / YEAR * WEEKS_A_YEAR, 0.03, "put in")  # fmt: skip
    yield Row("care_mean_weeks", "Care proceedings: mean weeks of those concluded", "weeks", figure("care_mean_weeks"),
              year.mean_clock(CASE), 0.04, "put in")  # fmt: skip
    yield Row("care_within_26_weeks", "Care proceedings: concluded within 26 weeks", "share",
              figure("care_within_26_weeks"), share_below(year.clocks((CASE,)), 26), 0.03, "follows")  # fmt: skip


def _crown(year: Year) -> Iterator[Row]:
    cases = (PLEA, TRIAL)

    def open_at(week: int) -> float:
        return year.inside(cases, week) + year.of_step(CHARGED, "trial", "waiting", week)

    finished = year.came(cases, "finished") + year.of_step(CHARGED, "trial", "done")
    disposals = figure("crown_receipts_quarter") - figure("crown_open_september") + figure("crown_open_june")
    days = (quantile_of(year.clocks(cases), 0.5) + assumed("crown_charge_to_receipt_weeks")) * 7
    trials, again = year.of_step(TRIAL, "trial", "started"), year.of_step(TRIAL, "trial", "done")
    yield Row("crown_open_june", "Crown Court: open cases on the first day", "cases", figure("crown_open_june"),
              open_at(0), 0.001, "put in")  # fmt: skip
    yield Row("crown_open_september", "Crown Court: open cases after a quarter", "cases",
              figure("crown_open_september"), open_at(QUARTER), 0.015, "put in")  # fmt: skip
    yield Row("crown_receipts_quarter", "Crown Court: concluded a quarter, receipts less growth", "cases",
              disposals, finished / YEAR * WEEKS_A_QUARTER, 0.02, "put in")  # fmt: skip
    yield Row("crown_ineffective_trials", "Crown Court: trials that were listed again", "share",
              figure("crown_ineffective_trials"), 1 - again / trials, 0.01, "put in")  # fmt: skip
    yield Row("crown_median_days", "Crown Court: median from charge to completion", "days",
              figure("crown_median_days"), days, 0.03, "fitted")  # fmt: skip
    yield Row("crown_over_a_year", "Crown Court: open over a year, after a quarter", "cases",
              figure("crown_over_a_year"), float(year.ages(cases, QUARTER)[YEAR:].sum()), 0.1, "fitted")  # fmt: skip


def _victims(year: Year) -> Iterator[Row]:
    months = year.mean_wait(VICTIM, "therapy") / WEEKS_A_MONTH
    waiting = sum(year.of_step(one, "therapy", "waiting") for one in (VICTIM, CHARGED))
    trials, left = (year.of_step(CHARGED, "trial", one) for one in ("done", "left"))
    yield Row("therapy_waiting", "Victims waiting for therapy after a year", "people", figure("therapy_waiting"),
              waiting, 0.05, "put in")  # fmt: skip
    yield Row("therapy_wait_months", "Victims: mean wait for therapy", "months", figure("therapy_wait_months"), months,
              0.04, "put in")  # fmt: skip
    yield Row("victims_leaving_after_charge", "Victims who leave after the charge", "share",
              figure("victims_leaving_after_charge"), left / (trials + left), 0.02, "put in")  # fmt: skip


def _plans(year: Year) -> Iterator[Row]:
    clocks = year.clocks((PLAN,))
    yield Row("ehc_plans_issued", "Education, health and care plans a year", "plans", figure("ehc_plans_issued"),
              year.came((PLAN,), "finished") / YEAR * WEEKS_A_YEAR, 0.02, "put in")  # fmt: skip
    yield Row("ehc_within_20_weeks", "Plans within 20 weeks", "share", figure("ehc_within_20_weeks"),
              share_below(clocks, 20), 0.02, "fitted")  # fmt: skip
    yield Row("ehc_over_52_weeks", "Plans after more than 52 weeks", "share", figure("ehc_over_52_weeks"),
              1 - share_below(clocks, YEAR), 0.01, "fitted")  # fmt: skip

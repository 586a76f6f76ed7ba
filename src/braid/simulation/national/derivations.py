"""What follows from published figures by arithmetic: rates a week, and what Little's law says of lists and waits.

Little's law (Little 1961): in the long run as many are in a system as come into it a week, times the weeks they stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from braid.simulation.durations import Fixed
from braid.simulation.loads import times_done
from braid.simulation.model import Repeat, Step
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure as published

WEEKS_A_YEAR = 365.25 / 7
WEEKS_A_MONTH = WEEKS_A_YEAR / 12
WEEKS_A_QUARTER = WEEKS_A_YEAR / 4
MOST_HEARINGS, MOST_FINAL_HEARINGS, MOST_TRIALS = 15, 3, 5


@dataclass(frozen=True)
class Derivation:
    """A number reckoned from others."""

    id: str
    value: float
    unit: str
    how: str
    """The arithmetic in words, with its numbers."""


@lru_cache(maxsize=1)
def derivations() -> Mapping[str, Derivation]:
    """Return everything that the example reckons from published figures and assumptions, by id."""
    each = (*_treatment(), *_register(), *_homelessness(), *_care(), *_crown(), *_victims(), *_plans())
    return {one.id: one for one in each}


def derived(wanted: str) -> float:
    """Return the value of a derivation. Raises `KeyError`."""
    return derivations()[wanted].value


def weeks_of_stay(inside: float, a_week: float) -> float:
    """Return the mean weeks of a stay by Little's law. Inside: people; a week: who come or go."""
    return inside / a_week


def patience_of(inside: float, leave_a_week: float) -> float:
    """Return the mean weeks until somebody gives up, where so many wait and so many of them give up a week."""
    return inside / leave_a_week


def patience_behind(inside: float, served_a_week: float, wait: float) -> float:
    """Return the patience at which a list has its length, if so many are served a week and each of them waited so long.

    First come, first served, with exponential patience of mean P: a week, served x exp(wait / P) join, and the list is
    served x P x (exp(wait / P) - 1). The list is longer the shorter P is; bisected.
    """
    low, high = wait / 50, wait * 1000
    for _ in range(200):
        middle = math.sqrt(low * high)
        is_too_long = served_a_week * middle * math.expm1(wait / middle) > inside
        low, high = (middle, high) if is_too_long else (low, middle)
    return math.sqrt(low * high)


def mean_times(repeat: Repeat) -> float:
    """Return how often a step is done that may be repeated."""
    return times_done(Step("step", (), Fixed("fixed", 0.0), repeat=repeat))


def _treatment() -> Iterator[Derivation]:
    starts = (published("rtt_starts_june") + published("rtt_starts_august")) / 2 / WEEKS_A_MONTH
    completed = published("rtt_admitted_june") + published("rtt_non_admitted_june")
    admitted = published("rtt_admitted_june") / completed
    completions = starts * completed / published("rtt_starts_june")
    growth = (published("rtt_list_august") - published("rtt_list_june")) / (2 * WEEKS_A_MONTH)
    theatre = assumed("rtt_theatre_share")
    first = completions * (1 - admitted) / (1 - theatre)
    yield Derivation("rtt_starts", starts, "a week", "mean of the starts of June and August 2025")
    yield Derivation("rtt_completions", completions, "a week", "starts x completions of June / starts of June")
    yield Derivation("rtt_admitted_share", admitted, "share", "admitted / all completions of June")
    yield Derivation("rtt_growth", growth, "a week", "list of August less list of June, over two months")
    yield Derivation(
        "rtt_uncounted",
        starts - completions - growth,
        "a week",
        "starts less completions less growth: who leaves the list without being counted as treated",
    )
    yield Derivation(
        "rtt_uncounted_june",
        published("rtt_starts_june") - completed - (published("rtt_list_june") - published("rtt_list_may")),
        "a month",
        "starts of June less its completions less what the list grew by in June",
    )
    yield Derivation(
        "rtt_stay", weeks_of_stay(published("rtt_list_august"), starts), "weeks", "list / starts (Little's law)"
    )
    yield Derivation(
        "rtt_patience_of_all",
        patience_of(published("rtt_list_august"), starts - completions - growth),
        "weeks",
        "list / uncounted leavers, if everybody on the list were as likely to leave",
    )
    yield Derivation(
        "rtt_first_appointments",
        first,
        "a week",
        "completions without admission / (1 - share who go on to theatre): the slots of the first appointment",
    )
    yield Derivation("rtt_admissions", completions * admitted, "a week", "completions x admitted share: theatre slots")


def _register() -> Iterator[Derivation]:
    lets = published("lettings_a_year") / WEEKS_A_YEAR
    homeless = lets * published("lettings_from_temporary_accommodation")
    register = lets - homeless
    urgent = lets * (published("lettings_within_a_year") - assumed("homeless_lets_within_a_year"))
    wait = assumed("register_preference_wait_years") * WEEKS_A_YEAR
    preference, others = (
        published("register_in_reasonable_preference"),
        published("register_households") - published("register_in_reasonable_preference"),
    )
    patience = patience_behind(preference, register - urgent, wait)
    growth = published("register_growth") / WEEKS_A_YEAR
    joins = (register - urgent) * math.exp(wait / patience)
    others_join = others / patience + growth
    yield Derivation("lettings", lets, "a week", "lettings of 2024/25 over the weeks of a year")
    yield Derivation("lettings_homeless", homeless, "a week", "lettings x share from temporary accommodation")
    yield Derivation("lettings_register", register, "a week", "the other lettings")
    yield Derivation(
        "register_naive_years",
        weeks_of_stay(published("register_households"), lets) / WEEKS_A_YEAR,
        "years",
        "register / lettings: what everybody would wait in one queue",
    )
    yield Derivation(
        "register_urgent",
        urgent,
        "a week",
        "lettings x (share within a year less those of homeless households): housed at once",
    )
    yield Derivation(
        "register_patience",
        patience,
        "weeks",
        "mean weeks until somebody leaves the register unhoused, so that the list in reasonable preference has its "
        "length where its lets come after the assumed wait (patience_behind)",
    )
    yield Derivation(
        "register_preference", joins, "a week", "joins in reasonable preference: lets x exp(wait / patience)"
    )
    yield Derivation("register_others", others_join, "a week", "joins without preference: list / patience, and growth")


def _homelessness() -> Iterator[Derivation]:
    duties = (published("main_duty_quarter_2_2024") + published("main_duty_quarter_4_2024")) / 2 / WEEKS_A_QUARTER
    inside = published("temporary_accommodation_june")
    growth = (inside - published("temporary_accommodation_june_2024")) / WEEKS_A_YEAR
    lets = published("lettings_a_year") * published("lettings_from_temporary_accommodation") / WEEKS_A_YEAR
    yield Derivation("homeless_duties", duties, "a week", "main duties of two quarters of 2024 over their weeks")
    yield Derivation("homeless_growth", growth, "a week", "households in June 2025 less June 2024, over a year")
    yield Derivation(
        "homeless_other_ends", duties - lets - growth, "a week", "duties less lets less growth: who leaves another way"
    )
    yield Derivation(
        "homeless_patience",
        patience_of(inside, duties - lets - growth),
        "weeks",
        "households in temporary accommodation / those who leave another way",
    )
    patience = patience_of(inside, duties - lets - growth)
    wait, five = assumed("homeless_long_wait_years") * WEEKS_A_YEAR, 5 * WEEKS_A_YEAR
    longest = inside * published("families_over_five_years")
    long = longest / (patience * (math.exp(-five / patience) - math.exp(-wait / patience)))
    long_inside = long * patience * -math.expm1(-wait / patience)
    long_lets = long * math.exp(-wait / patience)
    soon_lets = lets - long_lets
    yield Derivation(
        "homeless_long",
        long,
        "a week",
        "who will wait for a rare home: as many come a week as leave the published share inside after five years, "
        "where some leave another way and the others are housed after the assumed wait",
    )
    yield Derivation("homeless_long_inside", long_inside, "households", "of those inside, who wait for a rare home")
    yield Derivation("homeless_long_lets", long_lets, "a week", "who come for a rare home x exp(-wait / patience)")
    yield Derivation("homeless_soon", duties - long, "a week", "the other duties")
    yield Derivation("homeless_soon_inside", inside - long_inside, "households", "the others inside")
    yield Derivation("homeless_soon_lets", soon_lets, "a week", "the other lets from temporary accommodation")
    yield Derivation(
        "homeless_soon_wait",
        weeks_of_stay(inside - long_inside, soon_lets),
        "weeks",
        "the others inside / their lets (Little's law)",
    )
    yield Derivation(
        "temporary_accommodation_years",
        weeks_of_stay(published("temporary_accommodation_march"), lets) / WEEKS_A_YEAR,
        "years",
        "households / lets from temporary accommodation: the stay if a let were the only way out",
    )
    families = published("families_over_five_years_households") / published("families_over_five_years")
    yield Derivation(
        "family_share",
        families / (published("temporary_accommodation_june_2024") / 1.049),
        "share",
        "families (16,790 / 22.5 %) / all households of March 2024 (123,100 of June, up 4.9 % in the quarter)",
    )


def _care() -> Iterator[Derivation]:
    starts = published("care_starts") / WEEKS_A_YEAR
    hearings = mean_times(Repeat(assumed("care_adjourned_share"), MOST_HEARINGS))
    finals = assumed("care_final_share") * mean_times(
        Repeat(assumed("care_final_adjourned_share"), MOST_FINAL_HEARINGS)
    )
    yield Derivation("care_cases", starts, "a week", "public law cases started in 2023 over the weeks of a year")
    yield Derivation("care_open", starts * published("care_mean_weeks"), "cases", "starts x mean weeks (Little's law)")
    yield Derivation("care_hearings", hearings, "a case", "1 + adjourned share + its square and so on, at most 15 more")
    yield Derivation("care_finals", finals, "a case", "share with a final hearing x as above, at most 3 more")
    yield Derivation(
        "care_slots_a_case", 1 + hearings + finals, "a case", "case management, hearings and final hearings"
    )


def _crown() -> Iterator[Derivation]:
    receipts = published("crown_receipts_quarter") / WEEKS_A_QUARTER
    growth = (published("crown_open_september") - published("crown_open_june")) / WEEKS_A_QUARTER
    trials = mean_times(Repeat(published("crown_ineffective_trials"), MOST_TRIALS))
    for_trial = receipts * assumed("crown_trial_share")
    yield Derivation("crown_receipts", receipts, "a week", "receipts of a quarter over its weeks")
    yield Derivation("crown_growth", growth, "a week", "open cases of September less June 2025")
    yield Derivation(
        "crown_stay",
        weeks_of_stay(published("crown_open_june"), receipts),
        "weeks",
        "open cases / receipts (Little's law)",
    )
    yield Derivation("crown_trials_a_case", trials, "a case", "1 + ineffective share + its square and so on")
    yield Derivation("crown_for_trial", for_trial, "a week", "receipts x share listed for trial")
    yield Derivation(
        "crown_trial_slots", (for_trial - growth) * trials, "a week", "(cases for trial less growth) x trials a case"
    )


def _victims() -> Iterator[Derivation]:
    wait = published("therapy_wait_months") * WEEKS_A_MONTH
    patience = assumed("therapy_patience_weeks")
    served = published("therapy_waiting") / (patience * math.expm1(wait / patience))
    come = served * math.exp(wait / patience)
    charged = published("rape_suspects_charged_quarter") / WEEKS_A_QUARTER
    yield Derivation(
        "therapy_starts",
        served,
        "a week",
        "waiting / (patience x (exp(wait / patience) - 1)): first come, first served after the published mean wait",
    )
    yield Derivation("therapy_wait", wait, "weeks", "the published mean wait of months, in weeks")
    yield Derivation("victims", come, "a week", "starts of therapy x exp(wait / patience): with those who leave before")
    yield Derivation("victims_charged", charged, "a week", "suspects charged in a quarter over its weeks")


def _plans() -> Iterator[Derivation]:
    yield Derivation(
        "ehc_plans", published("ehc_plans_issued") / WEEKS_A_YEAR, "a week", "plans of 2024 over the weeks"
    )
    refused = published("ehc_requests") - published("ehc_plans_issued")
    yield Derivation(
        "ehc_not_issued", refused / WEEKS_A_YEAR, "a week", "requests less plans of 2024: what ends without a plan"
    )

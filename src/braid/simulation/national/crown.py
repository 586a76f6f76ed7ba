"""The Crown Court: cases with and without a trial. Trials that do not go ahead are listed again."""

from __future__ import annotations

import math
from collections.abc import Iterator

from braid.simulation.durations import Weibull
from braid.simulation.model import Band, Clock, Pathway, Present, Repeat, Service, Step, Weekly
from braid.simulation.national.derivations import MOST_TRIALS, derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure
from braid.simulation.national.parts import AT_ONCE, CHARGED, COURT, Part, lognormal_of, weeks_of
from braid.simulation.national.standing import in_queue, in_the_middle

PLEA, TRIAL = "crown_plea", "crown_trial_case"


def crown() -> Part:
    """Return Crown Court cases with and without a trial; trials that do not go ahead are listed again."""
    services = (
        Service("preparation", "time", title="Case preparation"),
        Service("sentence", "time", title="Sentence"),
        Service(
            COURT,
            "slots",
            Weekly(derived("crown_trial_slots")),
            "Crown Court trials",
            ageing_weeks=assumed("crown_custody_head_start_weeks"),
        ),
    )
    ready = Weibull("weibull", weeks_of("crown_preparation"), 2.0)
    plea = lognormal_of("crown_plea")
    sentence = Weibull("weibull", weeks_of("crown_sentence"), 2.0)
    receipts, for_trial = derived("crown_receipts"), derived("crown_for_trial")
    first = Step("preparation", ("preparation",), ready, title="preparation")
    pleas = Pathway(
        PLEA,
        (first, Step("sentence", ("sentence",), plea, ("preparation",), title="plea and sentence")),
        Weekly(receipts - for_trial),
        clock=Clock(26.0),
        unit="case",
        title="Crown Court cases without a trial",
    )
    trial = Step("trial", (COURT,), AT_ONCE, ("preparation",), repeat=ineffective_trials(), title="trial")
    own = for_trial - derived("victims_charged")
    custody = assumed("crown_custody_share") * for_trial / own
    trials = Pathway(
        TRIAL,
        (first, trial, Step("sentence", ("sentence",), sentence, ("trial",), title="sentence")),
        Weekly(own),
        bands=(Band("custody", custody, 0), Band("bail", 1 - custody, 1)),
        clock=Clock(26.0),
        unit="case",
        title="Crown Court cases for trial",
    )
    plea_present = (
        *in_the_middle(PLEA, "preparation", ready, receipts - for_trial, (), (0.0, 0.0)),
        *in_the_middle(PLEA, "sentence", plea, receipts - for_trial, ("preparation",), (ready.mean, ready.mean)),
    )
    trial_present = (
        *in_the_middle(TRIAL, "preparation", ready, trials.arrivals.level, (), (0.0, 0.0)),
        *in_the_middle(TRIAL, "sentence", sentence, derived("crown_trial_slots") / derived("crown_trials_a_case"),
                       ("preparation", "trial"), (ready.mean + 20.0, ready.mean + 70.0)),
    )  # fmt: skip
    waiting = figure("crown_open_june") - sum(one.count for one in (*plea_present, *trial_present))
    return services, (pleas, trials), (*plea_present, *trial_present, *_for_trial(waiting))


def ineffective_trials() -> Repeat:
    return Repeat(figure("crown_ineffective_trials"), MOST_TRIALS)


def trial_waits(waiting: float) -> dict[str, float]:
    """Return the weeks until trial of custody and bail cases, where so many cases wait for a trial.

    Slots go by date of joining, a custody case counting as so much older; so both waits differ by the head start, and
    their mean is what Little's law says.
    """
    mean = waiting / derived("crown_trial_slots")
    custody = assumed("crown_custody_share")
    bail = mean + custody * assumed("crown_custody_head_start_weeks")
    return {"custody": max(bail - assumed("crown_custody_head_start_weeks"), 1.0), "bail": bail}


def _for_trial(waiting: float) -> Iterator[Present]:
    """Yield who waits for a trial, for the first or a later time, of both bands."""
    waits = trial_waits(waiting)
    shares = {"custody": assumed("crown_custody_share"), "bail": 1 - assumed("crown_custody_share")}
    in_all = sum(shares[band] * waits[band] for band in shares)
    ready = weeks_of("crown_preparation")
    listed_before = 1 - 1 / derived("crown_trials_a_case")
    victims = {"custody": 0.0, "bail": derived("victims_charged") / derived("crown_for_trial") / shares["bail"]}
    for band, wait in waits.items():
        count = waiting * shares[band] * wait / in_all
        own = count * (1 - victims[band])
        yield in_queue(TRIAL, own * (1 - listed_before), ("preparation",), (0.0, wait), (ready, ready), band)
        before = (ready + wait, ready + 1.5 * wait)
        yield in_queue(TRIAL, own * listed_before, ("preparation",), (0.0, wait), before, band)
        done = ("advocacy", "therapy", "investigation")
        yield in_queue(CHARGED, count * victims[band], done, (0.0, wait), (40.0, 60.0))


def trial_patience() -> float:
    """Return the mean weeks until a victim leaves a case: as many leave while they wait for a trial as is published."""
    receipts = derived("crown_receipts") - derived("crown_for_trial")
    before = receipts * (weeks_of("crown_preparation") + lognormal_of("crown_plea").mean)
    wait = trial_waits(figure("crown_open_june") - before)["bail"] * derived("crown_trials_a_case")
    return patience_until(figure("victims_leaving_after_charge"), wait)


def patience_until(share: float, wait: float) -> float:
    """Return the mean weeks of an exponential patience that a share of people lose within a wait."""

    return -wait / math.log1p(-share)

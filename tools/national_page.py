"""Write docs/simulation/national.md: what is published, what is assumed, and how the national example agrees with it.

python tools/national_page.py           write the page
python tools/national_page.py --check   say by exit code whether the page is up to date
python tools/national_page.py --fit     fit the sitting time of the back-test anew, and print it; some minutes
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from braid.simulation.national import agreement, backtest
from braid.simulation.national.derivations import derivations, derived
from braid.simulation.national.figures import AREAS, TAKEN, assumed, care_points, published
from braid.simulation.run import Runs

REPOSITORY = Path(__file__).resolve().parents[1]
SEEDS = (1, 2, 3)
PAGE = REPOSITORY / "docs" / "simulation" / "national.md"

HEAD = """<!-- Written by tools/national_page.py from src/braid/simulation/national; do not edit. -->

# The national example

`national_network(scale)` is England as a network of waiting lists, and England and Wales where courts are concerned: a
place to begin with where a place has no figures of its own yet, and a test of the simulation. It begins on 30 June 2025
with the lists of that time. `national_network(0.01)` is one person in a hundred, quick enough for a first look.

It is an example. Where a figure is published it stands on it; where none is, it assumes, and says so below. It has no
seasons, no regions and no illness, knows services only by what they give, and foretells nothing about a real place.
"""

AGREES = """## Does it agree?

One replication of the first year, beside what is published. **Put in**: the figure or its trend was put in, and the row
tests only that it was put in rightly. **Fitted**: assumptions were chosen so that it agrees. **Follows**: neither, so
that it is a test of the model. Shares differ by points, all else by a share of the published figure.
"""

FAILS = """Where it is weak:

- Lets after five years or more on the register are far too few. A queue of one band serves whoever waits longest, so
  that those let in one band have all waited about as long; real registers weigh size, area and bids.
- The treatment list has too many over 52 weeks after a quarter, by about a seventh. Hospitals look at the longest waits
  one by one; a queue for theatre does not.
- Temporary accommodation needs two queues, of homes that are soon found and of rare ones, for a fifth of households to
  have been there over five years. That split is assumed; only the length of stay that it gives is published.
- The Crown Court, victims and school places rest on shares that were not found in any publication.
- Left alone, lists that grew in mid-2025 go on growing as they grew then, and those of services that have just as much
  capacity as work are moved by chance, at a small scale far. Scenarios beside each other share that chance.
"""

LITTLE = """## What Little's law says of the published figures

As many are in a system as come into it a week, times the weeks they stay. Before anything is simulated, that finds what
a model must have:
"""

BACK_TEST = """## Back-test: care proceedings 2011 to 2025

The mean duration of care proceedings halved from 2011 to 2016, doubled to 2022 and fell again. What does a model that
knows the pathway say of that time?

Fitted were: four assumptions on assessment and hearings, to the shares within 26 weeks of 2011, 2015 Q2, 2016 Q3 and
2016 (*shape*), and the sitting time of each stretch of years, to the mean weeks at its end (*capacity*). Cases come as
published, on straight lines between the periods whose number was found. All
else is predicted: the mean weeks at the points between (*held*), the share within 26 weeks at every point from 2017 on,
and how many cases were concluded. Quarters of 2020 and 2021 have the pandemic in them.

*Straight line*: mean weeks on the straight line between the points that fitted sitting time. *Lognormal*: the share of
a lognormal with the published mean, its spread fitted to the same four shares. *Exponential*: with the published mean.
*Corrected*: the model's share at that time, moved along the model's own curve from its mean to the published one.
"""


def render(first: agreement.FirstYear, care: Mapping[int, Runs]) -> str:
    """Return the page, from a replication of the first year and those of the back-test by their seeds."""
    parts = [HEAD, _agreement(first), _little(), _back_test(care), _published(), _derived(), _assumed()]
    return "\n".join(parts)


def _table(heads: str, rows: Iterable[Iterable[str]]) -> str:
    columns = heads.split("|")
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def _agreement(first: agreement.FirstYear) -> str:
    rows = agreement.compare_with_published(first)
    table = _table("figure|published|simulated|difference|tolerance|agrees|how", map(_agreement_row, rows))
    return "\n".join([AGREES, table, FAILS])


def _agreement_row(row: agreement.Row) -> list[str]:
    of = "points" if row.unit == "share" else "%"
    return [
        f"{row.title} ({row.unit})",
        _number(row.published, row.unit),
        _number(row.simulated, row.unit),
        f"{100 * row.error:+.1f} {of}",
        f"{100 * row.tolerance:g} {of}",
        "yes" if row.agrees else "**no**",
        row.kind,
    ]


def _little() -> str:
    june, starts = derived("rtt_uncounted_june"), published()["rtt_starts_june"].value
    of_list = 100 * june / published()["rtt_list_june"].value
    lines = [
        f"- **Treatment**: {june:,.0f} pathways left the list in June 2025 without being counted as treated, "
        f"{100 * june / starts:.0f} % of those that began and {of_list:.1f} % of the list. In a model in which nobody "
        f"leaves, the list must run away. It is {derived('rtt_stay'):.0f} weeks of starts; the median wait is 13.4.",
        f"- **Housing**: the register is {derived('register_naive_years'):.1f} years of lettings, yet 56 % of those "
        "new to social housing had waited under one. One queue is wrong: bands, and leaving the register, are "
        "essential.",
        f"- **Temporary accommodation**: its households are {derived('temporary_accommodation_years'):.1f} years of "
        "lets from it. Many leave another way.",
        f"- **Crown Court**: open cases are {derived('crown_stay'):.0f} weeks of receipts, where half of those "
        "concluded took under 26: the open ones are other cases, those that wait for a trial.",
    ]
    return "\n".join([LITTLE, *lines]) + "\n"


def _back_test(care: Mapping[int, Runs]) -> str:
    runs = care[backtest.SEED]
    found, volumes = backtest.predictions(runs), backtest.concluded_volumes(runs)
    means = _table("period|mean weeks|simulated|straight line|use|within 26 weeks|simulated|corrected|lognormal|"
                   "exponential|use", map(_point_row, found))  # fmt: skip
    counts = _table("period|concluded, published|simulated|difference", map(_count_row, volumes))
    errors = {seed: backtest.errors_of(backtest.predictions(one)) for seed, one in care.items()}
    return "\n".join([BACK_TEST, means, *_errors(errors), counts, *_verdict(found, volumes, errors)])


def _point_row(one: backtest.Predicted) -> list[str]:
    within = one.point.within
    shares = [one.within, one.corrected, one.lognormal, one.exponential]
    return [
        one.point.period,
        f"{one.point.mean_weeks:g}",
        f"{one.mean_weeks:.1f}",
        f"{one.straight:.1f}",
        one.point.use,
        "" if within is None else f"{100 * within:.0f} %",
        *("" if within is None else f"{100 * share:.0f} %" for share in shares),
        "" if within is None else ("shape" if one.point.shape else "held"),
    ]


def _count_row(one: backtest.Concluded) -> list[str]:
    disposed = one.volume.disposed or 0.0
    return [
        one.volume.period,
        f"{disposed:,.0f}",
        f"{one.simulated:,.0f}",
        f"{100 * (one.simulated / disposed - 1):+.0f} %",
    ]


def _errors(errors: Mapping[int, backtest.Errors]) -> Iterator[str]:
    yield (
        "Root mean square of the errors at points that fitted nothing, with three courses of luck, to each of which "
        "sitting time was fitted anew (the other tables are of the first):\n"
    )
    first = errors[backtest.SEED]
    yield _table("of|model, luck 1|2|3|simpler guess|another", (
        ["mean weeks", *(f"{one.mean_weeks:.1f}" for one in errors.values()),
         f"straight line {first.straight:.1f}", ""],
        ["share within 26 weeks, points", *_points(errors, "within"), *_guesses(first)],
        ["corrected for the mean", *_points(errors, "corrected"), *_guesses(first)],
        ["at the mean, rising or falling alike", *_points(errors, "at_mean"), *_guesses(first)],
    ))  # fmt: skip


def _points(errors: Mapping[int, backtest.Errors], name: str) -> list[str]:
    return [f"{100 * getattr(one, name):.1f}" for one in errors.values()]


def _guesses(errors: backtest.Errors) -> list[str]:
    return [f"lognormal {100 * errors.lognormal:.1f}", f"exponential {100 * errors.exponential:.1f}"]


def _low_to_high(errors: Mapping[int, backtest.Errors], name: str) -> str:
    low, high = (f"{100 * end(getattr(one, name) for one in errors.values()):.1f}" for end in (min, max))
    return low if low == high else f"{low} to {high}"


def _verdict(
    found: list[backtest.Predicted], volumes: list[backtest.Concluded], errors: Mapping[int, backtest.Errors]
) -> Iterator[str]:
    by_period = {one.point.period: one for one in found}
    rising, falling, peak, old = (by_period[one] for one in ("2021 Q2", "2023 Q2", "2022 Q1", "2016"))
    off = [100 * (one.simulated / (one.volume.disposed or 1.0) - 1) for one in volumes]
    first = errors[backtest.SEED]
    yield "What it says:\n"
    yield (
        "- **The shape holds.** A court with too little sitting time delays a case once for each of its hearings. That "
        "alone spreads durations about as they were spread, at means from 28 to 49 weeks that fitted nothing: within "
        f"{100 * first.within:.1f} points, where an exponential of the published mean is "
        f"{100 * first.exponential:.0f} off."
    )
    yield (
        "- **It knows rising from falling.** At 44 weeks, "
        f"{100 * (rising.point.within or 0):.0f} % were within 26 in {rising.point.period}, while waits rose, and "
        f"{100 * (falling.point.within or 0):.0f} % in {falling.point.period}, while they fell. No law of the mean "
        f"alone can say that; simulated, it is {100 * rising.within:.0f} and {100 * falling.within:.0f} %."
    )
    yield (
        "- **It beats a lognormal by that alone.** With its one spread fitted to the same four shares, a lognormal of "
        f"the published mean is {100 * first.lognormal:.1f} points off, the model "
        f"{_low_to_high(errors, 'within')}, and {_low_to_high(errors, 'corrected')} once it is corrected for its own "
        "mean being off. Where rising and falling are not told apart it is "
        f"{_low_to_high(errors, 'at_mean')}, no better. It has four assumptions for one spread; what it gains besides "
        "is that it says what more sitting time would do."
    )
    yield (
        "- **Mean weeks between the fitted points** are about as far off as a straight line. That tests little: "
        "sitting time was fitted to the same series. The peak of early 2022 lies between two fitted points and is "
        f"missed: {peak.mean_weeks:.0f} weeks for {peak.point.mean_weeks:.0f}."
    )
    yield (
        "- **Luck is not small.** At a load of one nothing draws a list back. With the sitting time of one course of "
        "luck and the arrivals of another, the mean of the whole country is weeks off after ten years, and sitting "
        "time has to be fitted anew. A real court answers to its list, and this one does not."
    )
    yield (
        f"- **Volumes are not met well**: {min(off):+.0f} to {max(off):+.0f} %. Published public law cases are more "
        "than care and supervision, and some end without a disposal that is counted; the model has neither."
    )
    yield (
        f"- **The median of 2016** was {old.point.median_weeks:.1f} weeks and is simulated as {old.median_weeks:.1f}: "
        "cases were brought to an end just before the 26th week. The model knows no deadline."
    )
    yield (
        "- That 2011 differs from 2016 by sitting time alone is the model's simplification. Experts and hearings "
        "became fewer then too, by law.\n"
    )


def _published() -> str:
    rows = (
        [
            one.id.replace("_", " "),
            _number(one.value, one.unit),
            one.unit,
            one.date,
            AREAS[one.area],
            f"{one.publisher}, *{one.title}*",
            TAKEN[one.taken] + (f": {one.source}" if one.source else ""),
        ]
        for one in published().values()
    )
    care = (
        [one.period, f"{one.mean_weeks:g}", "" if one.within is None else f"{100 * one.within:.0f} %",
         TAKEN[one.taken] + f": {one.source}"]
        for one in care_points()
    )  # fmt: skip
    table = _table("figure|value|unit|of|area|publication|how it was taken", rows)
    points = _table("period|mean weeks|within 26 weeks|how it was taken", care)
    text = "Care proceedings (Ministry of Justice, *Family court statistics quarterly* and what came before it):\n"
    return "\n".join(["## Published figures\n", table, text, points])


def _derived() -> str:
    rows = (
        [one.id.replace("_", " "), _number(one.value, one.unit), one.unit, one.how] for one in derivations().values()
    )
    return "\n".join(["## Reckoned from them\n", _table("number|value|unit|how", rows)])


def _assumed() -> str:
    rows = (
        [one.id.replace("_", " "), _number(one.value, one.unit), one.unit, one.reason] for one in assumed().values()
    )
    return "\n".join(["## Assumed\n", _table("assumption|value|unit|why", rows)])


def main() -> int:
    """Write the page, say whether it is up to date, or fit anew."""
    if "--fit" in sys.argv[1:]:
        for seed in SEEDS:
            print(f"[[fit]]\nseed = {seed}\nratios = {backtest.fit_sitting_ratios(seed)}\n", flush=True)
        return 0
    page = render(agreement.run_first_year(), {seed: backtest.run_back_test(seed) for seed in SEEDS})
    if "--check" in sys.argv[1:]:
        return int(page != PAGE.read_text(encoding="utf-8"))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

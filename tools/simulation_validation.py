"""Write docs/simulation/validation.md: what the simulation gives, beside what queueing theory says exactly.

python tools/simulation_validation.py              simulate everything anew, some ten minutes, and write the page
python tools/simulation_validation.py --ordinary   all but the figures of a hundred million events, in a minute
python tools/simulation_validation.py --check      say by exit code whether the page is what comes out

The models, their exact answers and what is measured of them stand in `tests/simulation/known_models.py`.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Container, Iterable
from functools import cache, reduce
from operator import add
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

from simulation.engine_agreement import Agreement, compare_engines  # noqa: E402
from simulation.known_models import (  # noqa: E402
    LARGE,
    MODELS,
    MOST_DEVIATION,
    NAME_SEEDS,
    SMALL,
    Checked,
    check,
    known_model,
)
from simulation.readings import Identities, Size  # noqa: E402

PAGE = REPOSITORY / "docs" / "simulation" / "validation.md"
FEW, MANY = range(100), range(1_200)
"""Seeds of the drawn networks that are run on both engines."""
TITLES = {SMALL: "A million events of each model", LARGE: "A hundred million events of each model"}
SMALL_FIGURES, LARGE_FIGURES = f"{SMALL.name} events", f"{LARGE.name} events"
FEW_NETWORKS, MANY_NETWORKS = f"{len(FEW):,} networks", f"{len(MANY):,} networks"
PARTS = (FEW_NETWORKS, MANY_NETWORKS, SMALL_FIGURES, LARGE_FIGURES)
"""Parts of the page, as they stand on it."""
QUICK = (FEW_NETWORKS, SMALL_FIGURES)
"""Those that an ordinary test writes anew."""

INTRODUCTION = f"""\
# How the simulation is validated

This page is written by `python tools/simulation_validation.py` from runs of the engine. Tests simulate the same again,
with the same seeds, and fail when a digit differs.

**Exact answers.** {{figures}} figures of {{models}} models are known exactly, each by the theorem beside it, derived
apart from the engines (`tests/simulation/closed_forms.py`). A figure is measured over independent replications, the
first fifth of each dropped where a model starts empty and is asked for its long run, and its standard error comes from
the spread between replications. `z` is how many standard errors the figure lies above the exact answer; beyond
{MOST_DEVIATION:g} a test fails. Of many figures some lie beyond by chance: where one does, as many replications again
are added, at most twice, since a bias only stands out more then and chance goes. The last column is the `z` against a
theory that is wrong by 1 %: what such an error would look like.

**Exact identities.** In every record: people arrived = finished + left + inside; joined a queue = started + left +
waiting; slots offered = used + lapsed; the length of each queue, summed over every tick, = what its people waited; a
last walk through everybody finds as many inside, waiting and in places as were counted; nobody is started before what
comes before is done, or out of turn within a priority; histograms hold as many as the sums beside them; where people's
time went adds up to the time their clocks ran.

**Two engines.** Networks drawn at random, with everything a network can have, run on the plain engine and on the
compiled one, every second with opposite luck. Their records must be the same to the last digit
(`tests/simulation/engine_agreement.py`).
"""


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return a table in Markdown."""
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def models() -> list[str]:
    """Return the table of the models and their theorems."""
    rows = ([name, inspect.getdoc(make) or "", known_model(name).theorem] for name, make in MODELS.items())
    return ["## Models", "", *table(("model", "what it is", "known by"), rows), ""]


@cache
def part(name: str) -> str:
    """Return a part of the page, simulated anew."""
    size, seeds = (LARGE, MANY) if name in (LARGE_FIGURES, MANY_NETWORKS) else (SMALL, FEW)
    lines = agreement(compare_engines(seeds)) if name in (FEW_NETWORKS, MANY_NETWORKS) else answers(size)
    return "\n".join([start(name), *lines, end(name)])


def agreement(found: Agreement) -> list[str]:
    """Return in a paragraph of how many networks the engines agree, and which identities were held there."""
    unlike = f"differ on {len(found.unlike)}" if found.unlike else "write the same record of each"
    return [
        f"{found.networks:,} drawn networks, {found.events:,} events: the engines {unlike}. {held(found.identities)}",
        "",
    ]


def answers(size: Size) -> list[str]:
    """Return what a size of simulation gives: figures beside their exact answers."""
    checked = {name: check(name, size) for name in MODELS}
    identities = reduce(add, (one.identities for one in checked.values()))
    return [f"## {TITLES[size]}", "", summary(checked, size), "", held(identities), "", *figures(checked)]


def summary(checked: dict[str, Checked], size: Size) -> str:
    """Return in a paragraph how far off the figures are together, and the seeds."""
    deviations = [z for name, one in checked.items() for z in one.deviations(known_model(name))]
    largest = max(deviations, key=abs)
    mean_square = math.fsum(z * z for z in deviations) / len(deviations)
    more = [name for name, one in checked.items() if one.replications > size.replications]
    added = f" Replications were added to: {'; '.join(more)}." if more else " No replications were added."
    return (
        f"{len(deviations)} figures, {size.replications} replications of some {size.events:,} events each; the seed of "
        f"a model is {size.seed * NAME_SEEDS} and its place in the table above, counted from 0. Largest z "
        f"{largest:+.2f}; mean square of z {mean_square:.2f}, 1 being chance alone.{added}"
    )


def held(identities: Identities) -> str:
    """Return in a sentence how many identities were held."""
    return (
        f"Exact identities: {identities.held:,} held against {identities.records:,} records of {identities.events:,} "
        f"events, {identities.broken} broken."
    )


def figures(checked: dict[str, Checked]) -> list[str]:
    """Return the table of the figures."""
    headings = ("model", "figure", "exact", "measured", "standard error", "z", "events", "z if 1 % off")
    rows = (row for name, one in checked.items() for row in figure_rows(name, one))
    return table(headings, rows)


def figure_rows(name: str, checked: Checked) -> Iterable[list[str]]:
    """Yield the rows of one model."""
    right, wrong = known_model(name), known_model(name, 1.01)
    each = zip(right.figures, checked.estimates, checked.deviations(right), checked.deviations(wrong), strict=True)
    for figure, estimate, z, z_if_off in each:
        yield [
            name,
            figure.name,
            f"{figure.exact:.6g}",
            f"{estimate.mean:.6g}",
            f"{estimate.error:.2g}",
            f"{z:+.2f}",
            f"{checked.identities.events:,}",
            f"{z_if_off:+.1f}",
        ]


def start(name: str) -> str:
    """Return the mark before a part."""
    return f"<!-- written by tools/simulation_validation.py, {name}: start -->"


def end(name: str) -> str:
    """Return the mark after a part."""
    return f"<!-- written by tools/simulation_validation.py, {name}: end -->"


def written(name: str) -> str:
    """Return a part as it stands on the page. Raises `ValueError` when the page has lost its marks."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    _before, first, rest = text.partition(start(name))
    inside, last, _after = rest.partition(end(name))
    if not first or not last:
        raise ValueError(f"{PAGE.name} has lost its marks; write it anew: python tools/simulation_validation.py")
    return first + inside + last


def new_page(anew: Container[str] = PARTS) -> str:
    """Return the page; parts that are not to be simulated anew as they stand."""
    count = sum(len(known_model(name).figures) for name in MODELS)
    introduction = INTRODUCTION.format(figures=count, models=len(MODELS))
    few, many, small, large = (part(name) if name in anew else written(name) for name in PARTS)
    return "\n".join([introduction, few, many, "", *models(), small, "", large, ""])


def main() -> int:
    """Write the page, or say whether it is up to date."""
    page = new_page(PARTS[:-1] if "--ordinary" in sys.argv[1:] else PARTS)
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or page != PAGE.read_text(encoding="utf-8"))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

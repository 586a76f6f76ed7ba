"""Writes docs/reference/figures.md from the published cubes; the tests diff it."""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.trust.cubes import CUBES, Cube, Measure, Rule  # noqa: E402
from braid.trust.disclosure import (  # noqa: E402
    FINE_BASE,
    FINE_SHARE,
    JOINED_TO,
    MEDIAN_BASE,
    MEDIAN_STEP_DAYS,
    PERCENTILE_BASE,
    ROUND_TO,
    SIZE_FROM,
    SIZE_STEP,
    SLACK,
    STEP_BASE,
    STEP_COUNT,
    STEP_SHARE,
    SUPPRESSED_FROM,
    SUPPRESSED_TO,
    TIME_SHARE_BASE,
    TIME_SHARE_STEP,
)

TARGET = REPOSITORY / "docs" / "reference" / "figures.md"
RULES = {
    Rule.COUNT: f"0 is shown; {SUPPRESSED_FROM} to {SUPPRESSED_TO} are not; all others to the nearest {ROUND_TO}.",
    Rule.SHARE: "Whole per cent of the published counts of part and rest; not where either is 0 or not shown.",
    Rule.MEDIAN: f"To the nearest {MEDIAN_STEP_DAYS} days; only where the published base is {MEDIAN_BASE} or more.",
    Rule.PERCENTILE: f"The same, where the published base is {PERCENTILE_BASE} or more.",
    Rule.SUM: f"The published count times the mean in whole units; only where that count is {MEDIAN_BASE} or more.",
    Rule.RATIO: "Whole weeks, of published counts alone; not where one is not shown, or the base is 0.",
    Rule.ADDITIONS: "Where the size of 91 days ago was published, that of now less that one, and what ended, by"
    " arithmetic; else a count, and not where anything about today's figures would follow from it.",
    Rule.SIZE: "As it was published on its day. Before the first publication to the nearest"
    f" {SIZE_STEP}, from {SIZE_FROM} on, and not where anything about today's figures would follow from it.",
    Rule.TIME_SHARE: f"Per cent to the nearest {TIME_SHARE_STEP}, from {TIME_SHARE_STEP} (or less) to"
    f" {100 - TIME_SHARE_STEP} (or more); where {TIME_SHARE_BASE} or more are published to wait for each, and"
    f" {MEDIAN_BASE - ROUND_TO // 2} or more people wait for both.",
    Rule.STEP_SHARE: f"Per cent to the nearest {STEP_SHARE}, to the nearest {FINE_SHARE} of people who are published as"
    f" {FINE_BASE} or more; not where 0 to {SUPPRESSED_TO} meet it or do not. This and the next three: of"
    f" people who are published as {STEP_BASE} or more. No base is published.",
    Rule.STEP_RATE: "To two digits.",
    Rule.STEP_DAYS: f"To the nearest {MEDIAN_STEP_DAYS} days.",
    Rule.STEP_COUNT: f"To the nearest {STEP_COUNT}.",
}
TOTALS = f"""A total is rounded from its own exact value. Where the published parts would leave less than {SLACK + 1}
neighbouring values of its range, the range is joined with the next one, and the total shown as that one. It is then off
by up to {ROUND_TO + 2}. Where four to seven parts are not shown, a total of up to {JOINED_TO} is not shown either.
Why: [decision 15](../decisions/0015-fixed-cubes.md), and of the past
[decision 25](../decisions/0025-the-past-is-what-was-shown.md).
"""


def render() -> str:
    """Return the page's text."""
    parts = ["<!-- Written by tools/figures_reference.py; do not edit. -->\n", "# Published figures\n"]
    parts.append("These tables are published and none other. They have no filters: every cell is always there.\n")
    parts.append(
        "\n".join(["| rule | what is published |", "|---|---|", *(f"| {r} | {w} |" for r, w in RULES.items())])
    )
    parts.append("\n" + TOTALS)
    parts.extend(_cube(cube) for cube in CUBES.values())
    return "\n".join(parts)


def _cube(cube: Cube) -> str:
    lines = [f"## {cube.title}\n", f"`{cube.id}`. {cube.population}\n", "| dimension | fixed by | total published |"]
    lines.append("|---|---|---|")
    lines += [f"| {d.title} | {d.fixed_by} | {'yes' if d.total else 'no'} |" for d in cube.dimensions]
    lines += ["", "| measure | name | unit | rule | base |", "|---|---|---|---|---|"]
    lines += [_measure(measure) for measure in cube.measures]
    return "\n".join(lines) + "\n"


def _measure(measure: Measure) -> str:
    base = f"`{measure.base}`" if measure.base else ""
    return f"| `{measure.name}` | {measure.title} | {measure.unit} | {measure.rule} | {base} |"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")

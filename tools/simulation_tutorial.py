"""Write docs/simulation/tutorial.md: its figures are those of its own files, simulated; the tests diff the page."""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.language.documents import read_document  # noqa: E402
from braid.simulation.answer import Answer, Question, answer  # noqa: E402
from braid.simulation.comparison import Difference  # noqa: E402
from braid.simulation.intervals import Interval  # noqa: E402
from braid.simulation.model import Network  # noqa: E402
from braid.simulation.scenarios import Scenario  # noqa: E402
from braid.simulation.targets import ReachQuestion, SensitivityQuestion, capacity_to_reach, find_swings  # noqa: E402

FOLDER = REPOSITORY / "docs" / "simulation"
PAGE = FOLDER / "tutorial.md"
REPLICATIONS, SEED, LEVEL = 20, 1, 0.95


def question() -> Question:
    """Return the question that the page asks."""
    town = read_document(FOLDER / "town.json", Network)
    scenario = read_document(FOLDER / "half-a-letting-more.json", Scenario)
    return Question("simulation_question", town, (scenario,), REPLICATIONS, SEED, LEVEL)


def page() -> str:
    """Return the text of the page."""
    asked = question()
    told = answer(asked)
    return TEXT.format(
        gains=_table(told.comparisons[0].gains()),
        losses=_table(told.comparisons[0].losses()),
        lettings=_words(_figure(told, "list.letting"), 0),
        where=_where(told),
        reach=_reach(asked.network),
        swings=_swings(asked.network),
        digest=told.told[0].digest[:16],
    )


def _figure(told: Answer, measure: str) -> Interval:
    return next(figure.value for figure in told.figures if figure.measure.id == measure)


def _words(found: Interval, digits: int = 1) -> str:
    assert found.mean is not None
    assert found.low is not None
    assert found.high is not None
    return f"{found.mean:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def _table(differences: list[Difference]) -> str:
    rows = ["| measure | now | then | difference |", "|---|---|---|---|"]
    for one in differences:
        times, unit = (100.0, " %") if one.measure.unit == "share" else (1.0, "")
        now, then = one.now.mean, one.then.mean
        assert now is not None
        assert then is not None
        found = (one.difference.mean, one.difference.low, one.difference.high)
        ends = _words(
            Interval(*(None if each is None else each * times for each in found), one.difference.replications)
        )
        rows.append(f"| {one.measure.title} | {now * times:.1f}{unit} | {then * times:.1f}{unit} | {ends}{unit} |")
    return "\n".join(rows)


def _where(told: Answer) -> str:
    rows = ["| pathway | step | weeks waiting | weeks in it |", "|---|---|---|---|"]
    for where in told.told[0].where:
        for step, waiting, doing in where.parts:
            rows.append(f"| {where.title} | {step} | {waiting:.1f} | {doing:.1f} |")
    return "\n".join(rows)


def _reach(network: Network) -> str:
    asked = read_document(FOLDER / "twenty-waiting.json", ReachQuestion)
    found = capacity_to_reach(network, asked, replications=REPLICATIONS, seed=SEED, level=LEVEL)
    return f"{found.add:g} more each week: {_words(found.then)} wait then, instead of {_words(found.now)}."


def _swings(network: Network) -> str:
    asked = read_document(FOLDER / "what-matters.json", SensitivityQuestion)
    rows = ["| uncertain figure | at | weeks | at | weeks |", "|---|---|---|---|---|"]
    for swing in find_swings(network, asked, replications=REPLICATIONS, seed=SEED, level=LEVEL):
        one = swing.uncertain
        name = f"{one.of} of `{one.about}`"
        rows.append(f"| {name} | x {one.low:g} | {_words(swing.at_low)} | x {one.high:g} | {_words(swing.at_high)} |")
    return "\n".join(rows)


TEXT = """# A first simulation

<!-- Made by `python tools/simulation_tutorial.py`: every figure is simulated from the files beside this page. -->

A town of 100,000 people, made up for this page: five services, three kinds of people, and who waits today, in
[`town.json`](town.json). Families hold temporary accommodation until a letting is found, and many of their children
then need a school near the new home, where other children wait for places too.

```sh
braid simulate docs/simulation/town.json
```

Twenty replications of three years take a second. Each is one course that events could take; of each figure you see
the mean and between which ends it lies. On the last day {lettings} households wait for a letting.

## What a decision would do

The council could let one more home every second week:

```sh
braid simulate docs/simulation/town.json --scenario docs/simulation/half-a-letting-more.json
```

Who gains:

{gains}

Who waits longer, or loses:

{losses}

That is the point of simulating all queues at once. Families who are housed sooner need school places sooner, in
queues where other children stand already. Nobody decided that these should wait longer; whoever decides the one ought
to see the other. Every other measure shows no difference for better or worse that could be told from chance.

The differences are of the same people with the same luck, with half a letting and without: the same child arrives on
the same day, and needs the same weeks. Intervals of differences are wide enough for all measures to hold together.

## Where the weeks go

Of those who came after the first day and concluded, on the way that decided when they did:

{where}

The accommodation itself takes nothing of it: it is held while the letting is waited for.

## How much would be enough

```sh
braid simulate docs/simulation/town.json --reach docs/simulation/twenty-waiting.json
```

So that no more than 20 households wait for a letting after two years: {reach}

## What is worth finding out

Nobody knows well how long families wait before they find a home themselves. Each uncertain figure is set to either
end, the others stay:

```sh
braid simulate docs/simulation/town.json --sensitivity docs/simulation/what-matters.json
```

Weeks to conclude for a family, difference from the mean:

{swings}

The first is the one to measure first.

## The same digits again

Nothing but whole numbers decides, so that the same question gives the same digits on every machine, with a C compiler
or without. What was counted as things are has a digest that begins with `{digest}`. Keep question and answer, and ask
again whenever somebody doubts a figure:

```sh
braid simulate docs/simulation/town.json --question-out question.json --out answer.json
braid simulate question.json --verify answer.json
```
"""


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

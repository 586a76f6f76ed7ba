"""Write the schema and the reference page of problem files from the vocabularies of `braid.problems`; the tests diff
both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.language.codes import CAUSE_GROUPS, CODE_LISTS, ORGANISATION_KINDS  # noqa: E402
from braid.language.readiness import READINESS_ITEMS, ReadinessItem  # noqa: E402
from braid.problems.conditions import SECRET_EPISODES, SECRET_STAYS, SECRET_WAITS  # noqa: E402
from braid.problems.load import shipped_statements  # noqa: E402
from braid.problems.model import PLANS, RUNNING_CLOCKS  # noqa: E402
from braid.problems.schema import (  # noqa: E402
    COHORT_WORDS,
    CONDITION_WORDS,
    FUND_WORDS,
    OUTCOME_WORDS,
    RULE_WORDS,
    TOP_WORDS,
    problem_schema,
)
from braid.problems.words import explain  # noqa: E402
from braid.trust.roles import PURPOSES  # noqa: E402
from braid.waits.blockers import BLAMELESS  # noqa: E402

FOLDER = REPOSITORY / "docs" / "reference"
INTRO = """<!-- Written by tools/problem_schema.py from the vocabularies; do not edit. -->

# Problem statements

A problem statement says whom it concerns, who sits at the table, which wait holds up which and whose move that is, what
would show that joining up worked, and whose money could pay. It is a TOML file in `problems/` of the place folder;
three ship. `braid problem new NAME` writes one to begin with, `braid problem check` says in words what it says and
names whatever breaks a rule. Editors can use the [schema](problem.schema.json); the
[tutorial](../tutorial-problem.md) writes a fourth. The codes of waits, stays, episodes and needs stand in the
[schema reference](schema.md).
"""
SECRETS = """
Whoever is in a cohort is known to meet its conditions. So these conditions may stand only in a statement whose
`purpose_code` is `victim_response`: {secrets}, and a trial waited for as victim. In any other statement, needs and
episodes that somebody told a service under protection do not count either.
"""
ITEMS = """
When the latest hearing of care proceedings failed, the court's own code says what was missing. Each code is a readiness
item with an owner, a next action and the evidence that clears it; a rule of the form `adjourned_hearing` names it in
the blockers that it finds. `[rule.item.CODE]` gives an item the place's own words. Nobody owns what nobody could
prevent: the groups {blameless} make no blocker.
"""


def render() -> str:
    """Return the text of the schema."""
    return json.dumps(problem_schema(), indent=1, ensure_ascii=False) + "\n"


def page() -> str:
    """Return the text of the reference page."""
    clocks = {code: CODE_LISTS["clock_status"][code] for code in RUNNING_CLOCKS}
    blameless = " and ".join(f"`{group}`" for group in BLAMELESS)
    parts = [
        INTRO,
        _section("Top of the file", ("key", "says"), _codes(TOP_WORDS)),
        _section("`purpose_code`", ("code", "is"), _codes(PURPOSES)),
        _section("`plan`", ("code", "is"), _codes(PLANS)),
        _section("`partners`, `owner_organisation`, `holder`", ("code", "is"), _codes(ORGANISATION_KINDS)),
        _section("`[cohort]`", ("key", "says"), _codes(COHORT_WORDS)),
        _section("A condition", ("key", "says"), _codes(CONDITION_WORDS)) + SECRETS.format(secrets=_secrets()),
        _section("`clock`", ("code", "is"), _codes(clocks)),
        _section("`[[rule]]`", ("key", "says"), _codes(RULE_WORDS)),
        _section("`[[outcome]]`", ("key", "says"), _codes(OUTCOME_WORDS)),
        _section("`[[fund]]`", ("key", "says"), _codes(FUND_WORDS)),
        "## Readiness items\n" + ITEMS.format(blameless=blameless),
        _table(
            ("code", "the hearing failed because", "cause group", "whose move", "next action", "cleared by"), _items()
        ),
        "## The three that ship, in words\n",
        "\n\n".join(f"```text\n{explain(statement)}\n```" for statement in shipped_statements()) + "\n",
    ]
    return "\n".join(parts)


def _secrets() -> str:
    named = (("wait", SECRET_WAITS), ("episode", SECRET_EPISODES), ("stay", SECRET_STAYS))
    return ", ".join(f"`{key}` {' or '.join(f'`{code}`' for code in codes)}" for key, codes in named)


def _items() -> list[tuple[str, ...]]:
    return [_item(item) for item in READINESS_ITEMS.values()]


def _item(item: ReadinessItem) -> tuple[str, ...]:
    owner = f"{ORGANISATION_KINDS[item.organisation]}: {item.role}"
    return (f"`{item.reason}`", item.words, CAUSE_GROUPS[item.group], owner, item.next_action, item.cleared_by)


def _codes(words: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [(f"`{key}`", text) for key, text in words.items()]


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return f"## {title}\n\n{_table(columns, rows)}"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


WRITTEN = {"problem.schema.json": render, "problems.md": page}

if __name__ == "__main__":
    for name, make in WRITTEN.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")

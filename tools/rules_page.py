"""Write `docs/reference/rules.md` from the files of the rules; a test diffs it."""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.extracts.rules.layouts import LAYOUTS  # noqa: E402
from braid.extracts.rules.model import Rule  # noqa: E402
from braid.extracts.rules.rule_files import load_absent, load_rules  # noqa: E402

PAGE = REPOSITORY / "docs" / "reference" / "rules.md"
HEAD = "<!-- Written by tools/rules_page.py from the files of the rules; do not edit. -->\n"
NAMES = {"cin": "Children in need census", "ssda903": "Looked-after children return"}
INTRO = """# Rules of returns

A publisher of a return says what a return should keep to, rule by rule, each with its own number. Braid checks the
children in need census and the looked-after children return so, in `braid read` and in every run
([68](../decisions/0068-rules-of-returns-one-a-file.md)).

A rule **refuses nothing**: a row that could be read stays read. What a rule finds is an issue with the rule's number,
the place in the file, the field and what to do, and never a person's value. An **error** is an issue of severity
`warning`, a **query**, which may be explained instead of corrected, one of severity `note`.

```sh
braid read census.xml                         # the year is the one in which the file's reference date lies
braid read 2026-*.csv                         # the modules of one return together; their newest date tells the year
braid read 2026-*.csv --as ssda903:2026       # or you say it
braid rules cin                               # the list
braid rules --explain cin:8925                # what one asks, with an example that breaks it and one that keeps to it
braid issues place --feed FEED --out FEED.csv # what a run found, ready to send back
```

Each rule is one file, `src/braid/extracts/rules/<standard>/<number>.toml`: number, severity, fields, years, message,
the condition as portable SQL over the return's tables, and the two examples, which the tests run. In a condition `r`
is the row that is looked at; `c`, `d`, `a` and `p` are the child, referral, assessment and protection plan it stands
in, and `h` the header of the looked-after child. `{start}` and `{end}` are 1 April and 31 March of the year,
`{end_less_45_working_days}` a day beside them, and a name in braces else a code list. A date that is none is empty,
and `D_text` what stands there.

Where a return of several modules lacks one, the rules that need it are not checked, and `braid read` says how many. A
slow test holds every rule against an independent oracle, row by row; differences and their reasons stand in
`tests/extracts/oracle/differences.toml`.
"""


def rules_page() -> str:
    """Return the page of all rules."""
    return "\n".join([HEAD + INTRO, *(_section(standard) for standard in LAYOUTS)])


def _section(standard: str) -> str:
    rules = load_rules(standard)
    absent = load_absent(standard)
    lines = [f"## {NAMES[standard]}\n", f"{len(rules)} rules. Source: {LAYOUTS[standard].source}.\n"]
    lines += [
        "| rule | severity | years | table | fields | what is wrong and what to do |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(rule) for rule in rules]
    if absent:
        lines += ["", f"Not checked: {sum(map(len, absent.values()))} rules of the same publisher.\n"]
        lines += [f"- {', '.join(codes)}: {why}." for why, codes in absent.items()]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    years = f"{rule.since or ''} to {rule.until if rule.until < 9999 else ''}".strip() if rule.since else "all"
    years = f"since {rule.since}" if rule.since and rule.until == 9999 else years
    fields = ", ".join(rule.fields)
    return f"| {rule.code} | {rule.severity} | {years} | {rule.table} | {fields} | {rule.message} |"


if __name__ == "__main__":
    PAGE.write_text(rules_page(), encoding="utf-8")

"""`braid rules [STANDARD]`: the rules that returns are checked against, and what each of them asks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import output, plain, print_json, print_table
from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.rules.model import Rule
from braid.extracts.rules.rule_files import load_absent, load_rules


def rules(
    standard: Annotated[str, typer.Argument(help="Only the rules of this standard: cin or ssda903.")] = "",
    explain: Annotated[
        str, typer.Option("--explain", help="One rule, as 8925 or cin:8925: what it asks, and an example.")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """List the rules of publishers that `braid read` and `braid run` check returns against, or explain one.

    Each bears the publisher's own number. A rule refuses nothing: what it finds is an issue of the row.

    Example: braid rules cin --explain 8925
    """
    if standard and standard not in LAYOUTS:
        raise typer.BadParameter(f"there are rules of {', '.join(LAYOUTS)}", param_hint="STANDARD")
    found = [rule for name in LAYOUTS if standard in ("", name) for rule in load_rules(name)]
    if explain:
        return _explain(_named(explain, found), as_json=as_json)
    if as_json:
        print_json({"rules": [_document(rule) for rule in found]})
        return 0
    rows = [[rule.name, rule.severity, _years(rule), ", ".join(rule.fields), rule.message] for rule in found]
    print_table("Rules", ["rule", "severity", "years", "fields", "what is wrong and what to do"], rows)
    left = sum(len(codes) for name in LAYOUTS if standard in ("", name) for codes in load_absent(name).values())
    output.print(
        plain(f"{len(found)} rules. {left} of the publishers' are not checked; docs/reference/rules.md says why.")
    )
    return 0


def _named(text: str, known: list[Rule]) -> list[Rule]:
    named = [rule for rule in known if text.lower() in (rule.name.lower(), rule.code.lower())]
    if not named:
        raise typer.BadParameter("no such rule; `braid rules` lists them", param_hint="--explain")
    return named


def _years(rule: Rule) -> str:
    if rule.until < 9999:
        return f"{rule.since or ''}-{rule.until}"
    return f"{rule.since}-" if rule.since else "all"


def _document(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "severity": rule.severity,
        "since": rule.since or None,
        "until": rule.until if rule.until < 9999 else None,
        "table": rule.table,
        "fields": list(rule.fields),
        "message": rule.message,
        "where": rule.where,
        "breaks": rule.breaks,
        "keeps": rule.keeps,
        "source": LAYOUTS[rule.standard].source,
    }


def _explain(named: list[Rule], *, as_json: bool) -> int:
    if as_json:
        print_json({"rules": [_document(rule) for rule in named]})
        return 0
    for rule in named:
        lines = [
            f"{rule.name}, {rule.severity}, years: {_years(rule)}. Looks at each row of {rule.table}.",
            f"It finds: {rule.message}.",
            f"Fields: {', '.join(rule.fields)}.",
            f"Breaks it: {_example(rule.breaks)}",
            f"Keeps to it: {_example(rule.keeps)}",
            f"As a condition: {' '.join(rule.where.split())}",
            f"Source: {LAYOUTS[rule.standard].source}.",
        ]
        output.print(plain("\n".join(lines)), markup=False)
    return 0


def _example(example: Any) -> str:
    rows = [
        f"{table} ({', '.join(f'{name} {value}' for name, value in row.items()) or 'empty'})"
        for table, own in example.items()
        for row in own
    ]
    return "; ".join(rows)

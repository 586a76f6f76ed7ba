"""`braid agreement`: what the data sharing agreements of a place say, and what they permit today."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.language.dates import LONDON
from braid.store.agreements import load_agreements
from braid.store.place_folder import Place, load_place
from braid.trust.agreement_rules import Problem, find_warnings
from braid.trust.agreement_terms import ARTICLE_6, GATEWAYS
from braid.trust.agreements import Agreement, sharings
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES

agreements = typer.Typer(help="What the data sharing agreements say, and what they permit.", no_args_is_help=True)
REFUSED = 5


@agreements.command("check")
def check(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Say in words what each agreement permits, and what is wrong; exit code 5 where one is refused.

    Example: braid agreement check place
    """
    place = load_place(folder)
    now = dt.datetime.now(dt.UTC)
    loaded = load_agreements(place)
    if as_json:
        print_json(
            {
                "agreements": [
                    _words(place, each) | {"warnings": _shown(find_warnings(each, now))} for each in loaded.valid
                ],
                "refused": {source: _shown(problems) for source, problems in loaded.problems.items()},
            }
        )
    else:
        for agreement in loaded.valid:
            _show(place, agreement, find_warnings(agreement, now))
        for source, problems in loaded.problems.items():
            output.print(plain(f"{source}: REFUSED, decides nothing"), markup=False)
            for problem in problems:
                output.print(plain(f"  {problem.clause}: {problem.message}"), markup=False)
        if not loaded.valid and not loaded.problems:
            errors.print("No agreements: nobody may receive anything. Next step: write one into agreements/*.toml")
    return REFUSED if loaded.problems else 0


@agreements.command("matrix")
def matrix(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Print who may receive what from whom for which purpose at this moment; exit code 5 where one is refused.

    Example: braid agreement matrix place
    """
    place = load_place(folder)
    loaded = load_agreements(place)
    now = dt.datetime.now(dt.UTC)
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    groups: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for flow in sharings(loaded.valid, kinds):
        if flow.is_live(now):
            groups[flow.purpose, flow.receiver, flow.provider or "the joined record"].add(flow.item)
    rows = [(*key, sorted(items)) for key, items in sorted(groups.items())]
    if as_json:
        columns = ("purpose", "receiver", "provider", "items")
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        title = "Who may receive what from whom, now"
        print_table(
            title, ["purpose", "receiver", "provider", "items"], [[*row[:3], ", ".join(row[3])] for row in rows]
        )
    for source in loaded.problems:
        errors.print(plain(f"{source} is refused and decides nothing; see braid agreement check"), markup=False)
    return REFUSED if loaded.problems else 0


def _words(place: Place, agreement: Agreement) -> dict[str, Any]:
    return {
        "id": agreement.id,
        "version": agreement.version,
        "title": agreement.title,
        "purpose": PURPOSES[agreement.purpose],
        "subjects": agreement.subjects,
        "statements": list(agreement.statements) or ["those that ship with Braid"],
        "host": place.organisation(agreement.host).name,
        "gateways": [GATEWAYS[code].law for code in agreement.gateways],
        "valid_from": agreement.valid_from.astimezone(LONDON).isoformat(),
        "valid_to": agreement.valid_to.astimezone(LONDON).isoformat(),
        "parties": [
            {
                "name": place.organisation(party.organisation).name,
                "basis": f"{ARTICLE_6[party.article_6].name} ({ARTICLE_6[party.article_6].law})",
                "provides": [ITEMS[code].name for code in sorted(party.provides)],
                "receives": [ITEMS[code].name for code in sorted(party.receives)],
                "signed_at": party.signed_at.astimezone(LONDON).isoformat() if party.signed_at else None,
            }
            for party in agreement.parties
        ],
    }


def _show(place: Place, agreement: Agreement, warnings: list[Problem]) -> None:
    words = _words(place, agreement)
    lines = [
        f"{words['title']} ({words['id']} {words['version']})",
        f"  for {words['purpose']}; {words['subjects']}; under {', '.join(words['gateways'])}",
        f"  it lets them reach whom these problem statements concern: {', '.join(words['statements'])}",
        f"  from {words['valid_from']} until before {words['valid_to']}; {words['host']} joins the extracts",
    ]
    for party in words["parties"]:
        lines.append(f"  {party['name']}: {party['basis']}; {'signed' if party['signed_at'] else 'NOT SIGNED'}")
        for verb in ("provides", "receives"):
            if party[verb]:
                lines.append(f"    {verb} {'; '.join(party[verb])}")
    lines += [f"  Warning: {problem.clause} {problem.message}" for problem in warnings]
    output.print(plain("\n".join(lines)), markup=False)


def _shown(problems: list[Problem] | tuple[Problem, ...]) -> list[dict[str, str]]:
    return [{"clause": problem.clause, "message": problem.message} for problem in problems]

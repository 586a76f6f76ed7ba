"""Write `docs/reference/board-states.md` from the rules of boards and the templates that ship; a test diffs it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.language.steps import Machine, draw  # noqa: E402
from braid.place.boards import actions, meetings  # noqa: E402
from braid.place.boards.board_templates import shipped_templates  # noqa: E402
from braid.place.boards.deciding import INTERESTS, VOTES  # noqa: E402
from braid.place.boards.links import LINK_KINDS  # noqa: E402
from braid.place.boards.quorum import ATTENDANCES  # noqa: E402
from braid.place.boards.risks import BANDS, IMPACTS, LIKELIHOODS, RESPONSES  # noqa: E402
from braid.place.boards.terms import PUBLICATIONS, RULES, Template  # noqa: E402
from braid.place.bodies import BODY_KINDS  # noqa: E402

TARGET = REPOSITORY / "docs" / "reference" / "board-states.md"
INTRO = """<!-- Written by tools/board_pages.py from the rules of boards; do not edit. -->

# Board states

What may follow what on a board, the lists to choose from, and the terms of reference that ship, each with its source.
What boards are for, and how a place writes its own: [boards](../place/boards.md).
"""


def render() -> str:
    """Return the text of the page."""
    lists = (
        ("Kinds of items", meetings.ITEM_KINDS),
        ("Attendance", ATTENDANCES),
        ("Why a meeting is called off", meetings.CANCELLATIONS),
        ("Kinds of interests", INTERESTS),
        ("Votes", VOTES),
        ("How a board decides", RULES),
        ("Publication", PUBLICATIONS),
        ("What a decision may be about", {code: one.name for code, one in LINK_KINDS.items()}),
        ("Likelihood of a risk", {str(code): name for code, name in LIKELIHOODS.items()}),
        ("Impact of a risk", {str(code): name for code, name in IMPACTS.items()}),
        ("Responses to a risk", RESPONSES),
        ("Bands of a risk", {code: f"{name}, from {begins} on" for code, (begins, name) in BANDS.items()}),
    )
    parts = [INTRO, "## Processes\n", _machine(meetings.MACHINE), _machine(actions.MACHINE), "## Lists\n"]
    for title, codes in lists:
        rows = [(f"`{code}`", words) for code, words in codes.items()]
        parts.append(f"### {title}\n\n{_table(('code', 'is'), rows)}")
    parts.append("## Templates\n")
    parts += [_template(one) for one in shipped_templates().values()]
    return "\n".join(parts)


def _machine(machine: Machine) -> str:
    rows = [
        (
            step.name,
            step.by,
            ", ".join(machine.states[one].name for one in step.sources),
            machine.states[step.target].name,
        )
        for step in machine.steps.values()
    ]
    table = _table(("step", "whose", "from", "to"), rows)
    return f"### {machine.title}\n\n{table}\n```mermaid\n{draw(machine)}\n```\n"


def _template(one: Template) -> str:
    terms = one.terms
    seats = [
        (
            seat.name,
            ", ".join(BODY_KINDS[kind] for kind in sorted(seat.kinds)),
            f"{seat.least}",
            f"{'votes' if seat.votes else ''}{', chairs' if seat.chairs else ''}",
            seat.source,
        )
        for seat in terms.seats
    ]
    quorum = terms.quorum
    named = ", ".join(f"{least} of “{terms.seat(seat).name}”" for seat, least in quorum.seats.items())
    share = f", one in {quorum.one_in} of all" if quorum.one_in else ""
    deciding = terms.deciding
    more = [
        f"else {RULES[deciding.fallback]}" if deciding.fallback else "",
        "nothing without the chair" if deciding.chair_in_majority else "",
        "the chair breaks a tie" if deciding.casting_vote else "",
    ]
    how = "; ".join([RULES[deciding.rule], *(words for words in more if words)])
    reserved = [
        (
            matter.name,
            RULES[matter.rule],
            ", ".join(terms.seat(seat).name for seat in matter.needs),
            "everybody" if matter.all_present else "",
            matter.source,
        )
        for matter in terms.reserved
    ]
    return "\n".join(
        [
            f"### {one.name} (`{one.id}`)\n",
            f"{terms.purpose} {terms.legal_basis}\n",
            f"- Quorum: {quorum.least}{share}; {named}. {quorum.source}",
            f"- Decides {how}. {deciding.source}",
            f"- {PUBLICATIONS[terms.publication]}. {terms.publication_source}",
            f"- Papers: {terms.papers_clear_days} clear working days. {terms.papers_source}\n",
            _table(("seat", "filled by", "at least", "", "source"), seats),
            _table(("reserved matter", "rule", "must agree", "there", "source"), reserved),
        ]
    )


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")

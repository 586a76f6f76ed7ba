"""Write `docs/reference/care-states.md` from the processes, lists and case types of care; a test diffs it."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.care import (  # noqa: E402
    actions,
    case_changes,
    cases,
    documents,
    links,
    meetings,
    moves,
    plans,
    readiness,
    referrals,
)
from braid.care.case_types import KINDS_AT_TABLE, Agency, CaseType, DecisionType, shipped_case_types  # noqa: E402
from braid.care.corrections import CORRECTIONS  # noqa: E402
from braid.care.model import SECOND_LEVEL_WORKING_DAYS  # noqa: E402
from braid.care.reminders import OF_MEETINGS, PLURALS, Kind  # noqa: E402
from braid.care.teams import CAPACITIES  # noqa: E402
from braid.care.windows import ACTS, CHECK, WINDOWS  # noqa: E402
from braid.language.codes import CODE_LISTS  # noqa: E402
from braid.language.steps import Machine, draw  # noqa: E402

TARGET = REPOSITORY / "docs" / "reference" / "care-states.md"
MACHINES = (
    referrals.MACHINE,
    cases.MACHINE,
    cases.OFFER_MACHINE,
    meetings.MACHINE,
    meetings.RETURN_MACHINE,
    meetings.ITEM_MACHINE,
    actions.MACHINE,
    readiness.MACHINE,
    moves.MACHINE,
    moves.AGREEMENT_MACHINE,
    moves.NOTICE_MACHINE,
    plans.MACHINE,
    plans.APPROVAL_MACHINE,
    links.MACHINE,
    documents.MACHINE,
)


def _silence() -> str:
    """What rises, and to whom: the kinds as reminders name them."""
    *kinds, last = (PLURALS[kind][0] for kind in Kind if kind not in OF_MEETINGS)
    return textwrap.fill(
        "**Silence rises by the clock alone.** Until it is due, whatever waits is the move of the team, seat or chair"
        f" that was asked: a {', '.join(kinds)} or {last}. From then on whoever leads them owns it too. At the end of"
        f" working day {SECOND_LEVEL_WORKING_DAYS} after that, so do whoever asked, whoever leads them, and the"
        " coordinators of the place. Nobody who owned it is dropped, and whoever owns it need not take part: who stands"
        " outside a case is told its kind and reference, and who is kept from somebody the case is about, nothing.",
        118,
    )


INTRO = f"""<!-- Written by tools/care_pages.py from the rules of care; do not edit. -->

# Care states

What may follow what in the joint response, the lists to choose from, and what each seat of a case type is asked and
shown. A step that is not here cannot be taken; whoever tries is told what may follow. Words:
[glossary](../glossary.md). Why so: [decision 26](../decisions/0026-care-rules-and-states.md).

{_silence()}
"""
CASE_TYPE_INTRO = """## Case types

A place adds its own as a TOML file in `case_types/`, which replaces a shipped one of its id. A seat is shown of others'
returns what is marked here, never more: only once the meeting has begun where it is independent, and only the lines
that somebody decided to share with its organisation. Everybody reads what their own seat returned.

What must be there usually takes so many working days, and is due so many working days before the hearing or meeting.
The court's reasons are HMCTS's codes for hearings cancelled for want of it.
"""
WINDOWS_INTRO = f"""## Windows after a sexual offence

Guidance for whoever refers; the examiner decides, and nobody is told that it is too late. To check before relying on
it: {CHECK[0].lower()}{CHECK[1:]}.
"""


def render() -> str:
    """Return the text of the page."""
    urgencies = [(f"`{code}`", one.name) for code, one in referrals.URGENCIES.items()]
    capacities = [
        (f"`{code}`", one.name, ", ".join(f"`{urgency}`" for urgency in referrals.URGENCIES if urgency in one.takes))
        for code, one in CAPACITIES.items()
    ]
    refusals = [
        (f"`{code}`", one.name, "the person" if one.by_person else "the service", f"`{one.effect}`")
        for code, one in referrals.REFUSALS.items()
    ]
    lists = (
        ("Effects of a refusal", referrals.EFFECTS),
        ("After `reassess`: what was assessed", referrals.ASSESSMENTS),
        ("After `not_eligible`: what has changed", referrals.CHANGES),
        ("Rights in a case", cases.RIGHTS),
        ("Sights of a case", cases.SIGHTS),
        ("What may come of a case of any kind", cases.OUTCOMES),
        ("Why nothing is returned", meetings.NO_RETURN),
        ("Attendance", meetings.ATTENDANCES),
        ("Why a meeting begins without somebody", meetings.EXCUSES),
        ("What came of an action", actions.RESULTS),
        ("Why an action is cancelled", actions.CANCELLATIONS),
        ("Why a readiness item is not needed", readiness.NOT_NEEDED),
        ("Why the day of a hearing or meeting does not hold any more", readiness.DAY_ENDS),
        ("Why something written down is corrected", CORRECTIONS),
        ("What becomes of a child's school with a move", moves.SCHOOLS),
        ("Who is asked whether bodies that work with a child may be told", moves.ASKED_OF),
        ("Why a notice of a move is not sent", moves.NOT_SENT),
        ("Why a notice that is marked as sent is opened again", moves.SENT_WRONGLY),
        ("Why somebody is taken out of whom a case is about", case_changes.TAKEN_OUT),
        ("Whose a goal is", plans.WHOSE),
        ("Why a plan is to be changed", plans.CHANGES),
        ("What came of a goal", plans.RESULTS),
        ("Why a plan is ended", plans.ENDINGS),
        ("For what somebody is given the view of their own plan", links.AIMS),
        ("How its code reaches them", links.HAND_OVERS),
        ("What the person says about their plan", links.STANCES),
        ("Kinds of documents", documents.KINDS),
        ("How long a document is kept", {code: words for code, (words, _) in documents.RETENTIONS.items()}),
        ("Why a document stays although its time is over", documents.HOLDS),
        ("Why a document is withdrawn", documents.WITHDRAWALS),
    )
    parts = [INTRO, "## Processes\n", *(_machine(machine) for machine in MACHINES), "## Lists\n"]
    parts.append(_section("### Urgency of a referral", ("code", "is"), urgencies))
    parts.append(_section("### Capacity of a team", ("code", "is", "takes"), capacities))
    parts.append(_section("### Reasons to refuse a referral", ("code", "is", "whose", "effect"), refusals))
    for title, codes in lists:
        parts.append(_section(f"### {title}", ("code", "is"), [(f"`{code}`", words) for code, words in codes.items()]))
    windows = [
        (one.name, ", ".join(ACTS[act].lower() for act in sorted(one.acts)), f"{one.hours}", one.source)
        for one in WINDOWS
    ]
    parts.append(WINDOWS_INTRO)
    parts.append(_table(("window", "after", "hours", "source"), windows))
    parts.append(CASE_TYPE_INTRO)
    parts.extend(_case_type(one) for one in shipped_case_types().values())
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
    drawing = f"```mermaid\n{draw(machine)}\n```\n"
    return "\n".join([_section(f"### {machine.title}", ("step", "whose", "from", "to"), rows), drawing])


def _asked(one: CaseType, seat: Agency) -> list[str]:
    """Return what a seat is asked: a question, and about which parts where it is not all of the question's."""
    found = []
    for question in dict.fromkeys(question for question, _ in seat.answers):
        about = tuple(part for asked, part in seat.answers if asked == question)
        whole = set(about) == set(one.questions[question].about)
        found.append(f"`{question}`" if whole else f"`{question}` ({_parts(one, about)})")
    return found


def _case_type(one: CaseType) -> str:
    when = "nobody sees what others returned until it begins" if one.independent else "returns are open as they come"
    facts = [
        f"### {one.name} (`{one.id}`)\n",
        f"{one.source}\n",
        f"Purpose: `{one.purpose}`. Law: {', '.join(f'`{code}`' for code in one.gateways)}. Before: {when}. Returns"
        f" {_days(one.returns_due)} before, minutes {_days(one.minutes_due)} after, looked at again after"
        f" {one.review_after_days} days.\n",
    ]
    seats = [
        (
            seat.name,
            ", ".join(KINDS_AT_TABLE[kind] for kind in seat.organisations),
            "must attend" if seat.must_attend else "",
            ", ".join(_asked(one, seat)),
        )
        for seat in one.agencies.values()
    ]
    questions = [
        (f"`{asked.id}`", asked.words, _parts(one, asked.about), CODE_LISTS["row_sensitivity"][asked.sensitivity])
        for asked in one.questions.values()
    ]
    decisions = [
        (
            decision.words,
            _needs(decision),
            "; ".join(
                f"{one.agencies[follow.agency].name}, {_days(follow.working_days)}: {follow.words}"
                for follow in one.follow_ups
                if follow.decision == decision.id
            ),
        )
        for decision in one.decisions.values()
    ]
    items = [
        (
            item.words,
            one.agencies[item.agency].name,
            f"{item.days_needed}",
            f"{item.due_before}",
            ", ".join(reason.removeprefix("fpl:") for reason in item.reasons),
        )
        for item in one.readiness
    ]
    parts = ", ".join(f"{part.name.lower()}{' (apart)' if part.apart else ''}" for part in one.parts.values())
    return "\n".join(
        [
            *facts,
            f"Parts: {parts}.\n",
            _table(("seat", "filled by", "", "is asked"), seats),
            _table(("question", "asks", "about", "class"), questions),
            _shown(one),
            _table(("decision", "", "then"), decisions),
            _table(("must be there", "whose", "usually takes", "due before", "court's reasons"), items),
            _table(("what may come of it", ""), [(f"`{code}`", words) for code, words in one.outcomes.items()]),
        ]
    )


def _needs(decision: DecisionType) -> str:
    wanted = [
        ("needs an action", decision.needs_action),
        ("needs a ready case", decision.needs_ready),
        ("its actions are apart", decision.apart),
    ]
    return ", ".join(words for words, is_needed in wanted if is_needed)


def _shown(one: CaseType) -> str:
    """The matrix: a row for each question and part, a column for each seat."""
    rows = [
        (
            f"`{asked.id}`, {one.parts[part].name.lower()}",
            *("●" if one.may_see(seat, asked.id, part) else "" for seat in one.agencies),
        )
        for asked in one.questions.values()
        for part in asked.about
    ]
    return _table(("is shown", *(seat.name for seat in one.agencies.values())), rows)


def _parts(one: CaseType, about: Iterable[str]) -> str:
    return ", ".join(one.parts[part].name.lower() for part in about)


def _days(count: int) -> str:
    return f"{count} working day{'s' if count > 1 else ''}"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return f"{title}\n\n{_table(columns, rows)}"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")

"""The placement board and the page of one household of it, as one viewer sees them.

Everything here is of proposals that the viewer sees: lists, sums, chains and who else would like a unit. What the plan
holds besides is not counted, so that no sum says that somebody is left out.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from braid.language.dates import london_date
from braid.language.documents import parse
from braid.problems.plans.answers import ACCEPTED, REASONS
from braid.problems.plans.placement_sheets import Choice, HouseholdSheet
from braid.web.access.joint import find_names, find_with_page
from braid.web.access.proposals import check_sees_plans, permitted_proposals
from braid.web.access.sight import NotThere, Sight, page_of
from braid.web.care.kept import name_of_user
from braid.web.models import District, Proposal, ProposalAnswer, ProposalChoice, ShownPlan
from braid.web.proposals.maps import Sketch, draw_sketch
from braid.web.proposals.sealing import open_sheet
from braid.web.proposals.words import (
    AIMS,
    CANNOT_MOVE,
    RULES,
    journey_words,
    kind_words,
    reason_lines,
    unit_words,
)
from braid.web.published import names_of_organisations
from braid.web.vault.keys import get_key_ring

KIND = "placements"
PAGE_SIZE = 25
FILTERS = {
    "open": "To be answered",
    "moves": "Moves",
    "accepted": "Accepted",
    "refused": "Refused",
    "all": "All",
}
STATES = {"open": "To be answered", "stays": "Stays", "accepted": "Accepted", "refused": "Refused"}


@dataclass(frozen=True)
class AnswerSeen:
    """What was answered, by whom and when; `unit` is empty where the choice is none of today's plan."""

    id: UUID
    is_accepted: bool
    is_proposed: bool
    unit: str
    reason: str
    words: str
    by: str
    at: dt.datetime
    is_mine: bool
    """Whether the viewer's organisation gave it, and may take it back."""


@dataclass(frozen=True)
class RowSeen:
    """One household in the list."""

    id: UUID
    reference: str
    name: str
    people: int
    children: int
    exam_years: int
    today: str
    days: str
    is_pressing: bool
    accepted_on: dt.date | None
    """Since when a unit is accepted into which it has not moved; null where none is, or it lives there."""
    proposal: str
    journeys: str
    cost: str
    state: str


@dataclass(frozen=True)
class AimSeen:
    """One aim before and after, over the proposals that the viewer sees."""

    name: str
    unit: str
    before: int
    after: int
    households: int
    """Over how many: of some it is not shown where they are."""


@dataclass(frozen=True)
class BoardSeen:
    """The board: a page of households, what the plan changes for all of them, and how the plan was made."""

    plan: ShownPlan | None
    rows: tuple[RowSeen, ...]
    counts: Mapping[str, int]
    aims: tuple[AimSeen, ...]
    page: int
    page_count: int
    wanted: str


@dataclass(frozen=True)
class ChoiceSeen:
    """A unit in words, beside the others."""

    token: str
    mark: str
    name: str
    words: str
    district: str
    cost: str
    available: dt.date | None
    journeys: tuple[tuple[str, str], ...]
    """Of each child at school: name, and how long and far the way is and how that is known."""
    broken: tuple[str, ...]
    liked_by: int
    """How many other households that the viewer sees could choose it."""


@dataclass(frozen=True)
class HouseholdSeen:
    """The page of one household."""

    row: Proposal
    sheet: HouseholdSheet
    people: tuple[tuple[str, str, bool], ...]
    """Id, name, and whether their page may be opened; of who has no name here none."""
    council: str
    is_mine: bool
    today: ChoiceSeen | None
    today_words: str
    """What kind of unit it has, also where it is not shown which."""
    today_broken: tuple[str, ...]
    accepted_on: dt.date | None
    """Since when a unit is accepted into which it has not moved; null where none is, or it lives there."""
    proposed: ChoiceSeen | None
    offered: tuple[ChoiceSeen, ...]
    reasons: tuple[tuple[str, list[str]], ...]
    steps: tuple[tuple[dt.date, str], ...]
    chain: tuple[RowSeen, ...]
    """Other households of its chain that the viewer sees, in the order in which they move."""
    waits_for_others: int
    cannot_move: str
    answer: AnswerSeen | None
    refusals: tuple[AnswerSeen, ...]
    sketch: Sketch | None
    state: str
    days: str
    version: str
    """Of what was answered so far: whoever answers what somebody else has answered since is told."""


def get_board(sight: Sight, wanted: str, page: object, size: int = PAGE_SIZE) -> BoardSeen:
    """Return the board, a page of so many households. Raises `NotPermitted`, `NotThere`."""
    check_sees_plans(sight, KIND)
    wanted = wanted if wanted in FILTERS else "open"
    plan = find_plan()
    everybody = list(Proposal.objects.filter(kind=KIND).defer("sealed", "wrapped").order_by("position"))
    standing = _standing(everybody)
    chosen = [row.pk for row in everybody if _is_wanted(standing[row.pk], wanted, row)]
    rows, paginator, number = page_of(_chosen(chosen), size, page or 1)
    shown = permitted_proposals(sight, rows)
    return BoardSeen(
        plan,
        tuple(_rows_seen(sight, shown, standing)),
        {name: sum(_is_wanted(standing[row.pk], name, row) for row in everybody) for name in FILTERS},
        _aims(everybody),
        number,
        paginator.num_pages,
        wanted,
    )


def find_plan() -> ShownPlan | None:
    """Return the plan that is shown, without its stock; `None` where none is."""
    return ShownPlan.objects.filter(kind=KIND).defer("sealed", "wrapped").first()


def _chosen(ids: Sequence[UUID]) -> QuerySet[Proposal]:
    return Proposal.objects.filter(pk__in=ids).order_by("position")


def _standing(rows: Collection[Proposal]) -> dict[UUID, str]:
    """Return by proposal how it stands: open, stays (nothing to answer), accepted, or refused."""
    answers = ProposalAnswer.objects.filter(kind=KIND, ended_at__isnull=True).order_by("answered_at")
    last = dict(answers.values_list("proposal", "answer"))
    return {row.pk: last.get(row.pk) or ("open" if row.is_change else "stays") for row in rows}


def _accepted(rows: Collection[Proposal]) -> dict[UUID, tuple[str, dt.datetime]]:
    """Return by proposal which choice is accepted, by its token, and since when."""
    standing = ProposalAnswer.objects.filter(proposal__in=rows, ended_at__isnull=True, answer=ACCEPTED)
    return {
        number: (token, at)
        for number, token, at in standing.values_list("proposal_id", "token", "answered_at")
        if number is not None
    }


def waits_to_move(sheet: HouseholdSheet, token: str) -> bool:
    """Whether a household does not live yet in the unit that was accepted for it, by its token.

    A new plan proposes what was accepted; where the household lives is what the run says, until it says otherwise.
    Where its unit of today is not shown, that is said of the proposed unit alone: it would tell which one is today's.
    """
    if sheet.is_today_shown:
        return sheet.today is None or sheet.today.token != token
    return sheet.is_move and sheet.proposed is not None and sheet.proposed.token == token


def _is_wanted(state: str, wanted: str, row: Proposal) -> bool:
    return {"all": True, "moves": row.is_change}.get(wanted, state == wanted)


def _aims(rows: Collection[Proposal]) -> tuple[AimSeen, ...]:
    found = []
    for name, (words, unit) in AIMS.items():
        pairs = [row.levels[name] for row in rows if name in row.levels]
        found.append(AimSeen(words, unit, sum(was for was, _ in pairs), sum(now for _, now in pairs), len(pairs)))
    return tuple(found)


def _open(rows: Collection[Proposal]) -> dict[UUID, HouseholdSheet]:
    """Return the sheets of proposals. Raises `VaultKeyNotAvailable`, `VaultSealBroken`."""
    ring = get_key_ring() if rows else None
    return {row.pk: parse(open_sheet(ring, row), HouseholdSheet, "sheet") for row in rows} if ring else {}


def _rows_seen(sight: Sight, rows: Sequence[Proposal], standing: Mapping[UUID, str]) -> list[RowSeen]:
    sheets = _open(rows)
    names = find_names(sight, [person_id for sheet in sheets.values() for person_id in sheet.people])
    seen = find_with_page(sight, names)
    first = {row.pk: _who_stands_for(sheets[row.pk], seen) for row in rows}
    accepted = _accepted(rows)
    return [
        _row_seen(row, sheets[row.pk], names.get(first[row.pk], ""), standing[row.pk], accepted.get(row.pk))
        for row in rows
    ]


def _accepted_on(sheet: HouseholdSheet, accepted: tuple[str, dt.datetime] | None) -> dt.date | None:
    return london_date(accepted[1]) if accepted and waits_to_move(sheet, accepted[0]) else None


def _who_stands_for(sheet: HouseholdSheet, seen: Collection[str]) -> str:
    """Return whose name stands for a household: an adult's where the viewer sees one, else a child's; or nobody's."""
    children = {child.person for child in sheet.children}
    return next((one for one in sorted(sheet.people, key=lambda one: one in children) if one in seen), "")


def _row_seen(
    row: Proposal, sheet: HouseholdSheet, name: str, state: str, accepted: tuple[str, dt.datetime] | None
) -> RowSeen:
    return RowSeen(
        id=row.pk,
        reference=sheet.reference,
        name=name,
        people=len(sheet.people),
        children=len(sheet.children),
        exam_years=sum(child.is_exam_year for child in sheet.children),
        today=_today_words(sheet),
        days=days_words(sheet),
        is_pressing=bool(sheet.today_broken) or (sheet.days_left is not None and sheet.days_left <= 7),
        accepted_on=_accepted_on(sheet, accepted),
        proposal=_proposal_words(sheet),
        journeys=_longest_words(sheet),
        cost=_cost_words(sheet),
        state=STATES[state],
    )


def _today_words(sheet: HouseholdSheet) -> str:
    if sheet.today is not None:
        return unit_words(sheet.today.unit)
    if sheet.today_type is None or sheet.today_bedrooms is None:
        return "Nowhere yet"
    return kind_words(sheet.today_type, sheet.today_bedrooms)


def days_words(sheet: HouseholdSheet) -> str:
    """Return how far into the six weeks a family is: day 36 of 42; nothing of anybody else."""
    if sheet.days_left is None:
        return ""
    past = ", past the limit" if sheet.days_left <= 0 else ""
    return f"Day {sheet.bed_and_breakfast_days} of {sheet.most_days} in bed and breakfast{past}"


def _proposal_words(sheet: HouseholdSheet) -> str:
    if sheet.stays_unseen:
        return "Stays where it is"
    if sheet.proposed is None:
        return "No lawful unit was found"
    return f"{'Move to' if sheet.is_move else 'Stay in'} {sheet.proposed.unit.id}: {unit_words(sheet.proposed.unit)}"


def _longest_words(sheet: HouseholdSheet) -> str:
    def longest(choice: Choice | None) -> int | None:
        return round(max((each.minutes for each in choice.journeys), default=0)) if choice and choice.journeys else None

    was, now = longest(sheet.today), longest(sheet.proposed)
    if now is None:
        return "" if was is None else f"{was} minutes today"
    return f"{now} minutes" if was in (None, now) else f"{was} to {now} minutes"


def _cost_words(sheet: HouseholdSheet) -> str:
    costs = [pounds(each.unit.night_pence) for each in (sheet.today, sheet.proposed) if each]
    return " to ".join(dict.fromkeys(costs))


def pounds(pence: float) -> str:
    """Return an amount of money in pounds and pence."""
    return f"£{pence / 100:,.2f}"


def get_proposal(sight: Sight, proposal_id: UUID) -> tuple[Proposal, HouseholdSheet]:
    """Return a proposal with its sheet.

    Raises `NotPermitted`, `NotThere`, `VaultKeyNotAvailable`, `VaultSealBroken`.
    """
    check_sees_plans(sight, KIND)
    row = Proposal.objects.filter(pk=proposal_id, kind=KIND).first()
    if row is None or not permitted_proposals(sight, [row]):
        raise NotThere
    return row, _open([row])[row.pk]


def get_household(sight: Sight, proposal_id: UUID) -> HouseholdSeen:
    """Return the page of one household. Raises `NotPermitted`, `NotThere`."""
    row, sheet = get_proposal(sight, proposal_id)
    names, pages = find_names(sight, sheet.people), find_with_page(sight, sheet.people)
    answers = _answers_of(sight, row, sheet)
    chain = _chain(row)
    standing = _standing([row, *chain])
    marks = {choice.token: mark for mark, choice in _marked(sheet)}
    liked = _liked(row, [choice.token for choice in sheet.choices])
    districts = dict(District.objects.values_list("code", "name"))
    seen = {choice.token: _choice_seen(choice, names, marks, liked, districts) for _, choice in _marked(sheet)}
    return HouseholdSeen(
        row=row,
        sheet=sheet,
        people=tuple((one, names[one], one in pages) for one in sheet.people if one in names),
        council=names_of_organisations().get(row.organisation, row.organisation),
        is_mine=row.organisation == sight.organisation,
        today=seen[sheet.today.token] if sheet.today else None,
        today_words=_today_words(sheet),
        today_broken=tuple(RULES[code] for code in sheet.today_broken if code in RULES),
        accepted_on=_accepted_on(sheet, _accepted([row]).get(row.pk)),
        proposed=seen[sheet.proposed.token] if sheet.proposed else None,
        offered=tuple(seen[each.token] for each in sheet.offered),
        reasons=tuple(reason_lines(sheet.reasons)),
        steps=tuple((step.on_date, _step_words(step.to_unit, is_stopgap=step.is_stopgap)) for step in sheet.steps),
        chain=tuple(_rows_seen(sight, permitted_proposals(sight, chain), standing)),
        waits_for_others=sheet.place_in_chain,
        cannot_move=CANNOT_MOVE.get(sheet.cannot_move, ""),
        answer=next((one for one in answers if one.is_accepted), None),
        refusals=tuple(one for one in answers if not one.is_accepted),
        sketch=_sketch(sheet),
        state=STATES[standing[row.pk]],
        days=days_words(sheet),
        version=" ".join(str(one.id) for one in answers),
    )


def _step_words(unit: str, *, is_stopgap: bool) -> str:
    return f"to {unit}" + (" for a while, so that others can move" if is_stopgap else "")


def _chain(row: Proposal) -> list[Proposal]:
    if row.chain is None:
        return []
    return list(Proposal.objects.filter(kind=KIND, chain=row.chain).exclude(pk=row.pk).order_by("position"))


def _liked(row: Proposal, tokens: Collection[str]) -> Counter[str]:
    others = ProposalChoice.objects.filter(token__in=tokens).exclude(proposal=row)
    return Counter(others.values_list("token", flat=True))


def _marked(sheet: HouseholdSheet) -> list[tuple[str, Choice]]:
    """Return the units of a sheet, each once, with the letter or number that marks it on the sketch."""
    found: dict[str, tuple[str, Choice]] = {}
    for mark, choice in (("A", sheet.today), ("B", sheet.proposed)):
        if choice:
            found.setdefault(choice.token, (mark, choice))
    for number, choice in enumerate(sheet.offered, 1):
        found.setdefault(choice.token, (str(number), choice))
    return list(found.values())


def _choice_seen(
    choice: Choice,
    names: Mapping[str, str],
    marks: Mapping[str, str],
    liked: Counter[str],
    districts: Mapping[str, str],
) -> ChoiceSeen:
    unit = choice.unit
    return ChoiceSeen(
        token=choice.token,
        mark=marks[choice.token],
        name=unit.id,
        words=unit_words(unit),
        district=districts.get(unit.district, unit.district),
        cost=pounds(unit.night_pence),
        available=unit.available_from_date,
        journeys=tuple((names.get(each.child, "A child"), journey_words(each)) for each in choice.journeys),
        broken=tuple(RULES[code] for code in choice.broken if code in RULES),
        liked_by=liked[choice.token],
    )


def _answers_of(sight: Sight, row: Proposal, sheet: HouseholdSheet) -> list[AnswerSeen]:
    units = {choice.token: choice.unit.id for choice in sheet.choices}
    rows = ProposalAnswer.objects.filter(proposal=row, ended_at__isnull=True).order_by("answered_at")
    return [
        AnswerSeen(
            id=one.pk,
            is_accepted=one.answer == ACCEPTED,
            is_proposed=one.is_proposed,
            unit=units.get(one.token, ""),
            reason=REASONS.get(one.reason, ""),
            words=one.words,
            by=name_of_user(one.answered_by),
            at=one.answered_at,
            is_mine=one.organisation == sight.organisation,
        )
        for one in rows
    ]


def _sketch(sheet: HouseholdSheet) -> Sketch | None:
    units = [(mark, "unit", choice.unit.point) for mark, choice in _marked(sheet)]
    schools = [(f"S{number}", "school", school.point) for number, school in enumerate(sheet.schools, 1)]
    return draw_sketch([*units, *schools])


def list_accepted_moves(sight: Sight) -> tuple[list[tuple[dt.date, str]], list[str]]:
    """Return day and reference of each accepted move that the viewer sees, and who moves. Raises `NotPermitted`.

    Of a unit that somebody chose instead of the one proposed no day was planned: it is not among them.
    """
    check_sees_plans(sight, KIND)
    accepted = ProposalAnswer.objects.filter(kind=KIND, ended_at__isnull=True, answer=ACCEPTED, is_proposed=True)
    rows = Proposal.objects.filter(kind=KIND, is_change=True, pk__in=accepted.values("proposal")).order_by("position")
    sheets = _open(permitted_proposals(sight, rows)).values()
    moves = [(step.on_date, sheet.reference) for sheet in sheets for step in sheet.steps[-1:]]
    return moves, sorted({person_id for sheet in sheets for person_id in sheet.people})

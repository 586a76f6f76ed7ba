"""Replays the moves of a plan of placements step by step and night by night. Shares nothing with what orders them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from braid.planning.contract import Broken
from braid.planning.placements.lawfulness import Case, is_lawful
from braid.planning.placements.model import MOST_SPARE_UNITS, MovePlan, Step


@dataclass
class Replay:
    """Who is where while the steps are made one after the other."""

    where: dict[str, str]
    """The unit of each household that has one."""
    holder: dict[str, str]
    """The household in each unit that is held."""
    left_on: dict[str, dt.date] = field(default_factory=dict)
    """When the last household left a unit."""
    moved: set[str] = field(default_factory=set)
    shared_nights: Counter[str] = field(default_factory=Counter)
    """Nights of the plan that each household has spent in bed and breakfast that it has left."""
    entered_on: dict[str, dt.date] = field(default_factory=dict)
    """When each household that has moved entered the unit that it is in."""


@dataclass(frozen=True)
class Moves:
    """What is checked: the moves, between where households are and where they are placed."""

    case: Case
    placed: Mapping[str, str]
    plan: MovePlan

    @property
    def start(self) -> Replay:
        """Who is where before the first step."""
        where = {each.id: each.current_unit for each in self.case.households.values() if each.current_unit}
        return Replay(where, {unit: household for household, unit in where.items()})

    def each_step(self) -> Iterator[tuple[Step, Replay]]:
        """Yield each step with who is where before it is made; then make it. Unknown names are passed by."""
        replay = self.start
        for step in self.plan.steps:
            if step.household in self.case.households and step.to_unit in self.case.units:
                yield step, replay
                _count_nights(self.case, step, replay)
                _make(step, replay)

    @property
    def end(self) -> Replay:
        """Who is where after the last step."""
        replay = self.start
        steps = list(self.each_step())
        return steps[-1][1] if steps else replay


def _count_nights(case: Case, step: Step, replay: Replay) -> None:
    begun = case.households[step.household].shared_unit if step.household not in replay.moved else None
    left = case.units.get(replay.where.get(step.household, begun or ""))
    if left is not None and left.type == "bed_and_breakfast":
        since = replay.entered_on.get(step.household, case.problem.on_date)
        replay.shared_nights[step.household] += max(0, (step.on_date - since).days)


def _make(step: Step, replay: Replay) -> None:
    left = replay.where.get(step.household)
    if left is not None and replay.holder.get(left) == step.household:
        del replay.holder[left]
        replay.left_on[left] = step.on_date
    replay.where[step.household] = step.to_unit
    replay.holder.setdefault(step.to_unit, step.household)
    replay.moved.add(step.household)
    replay.entered_on[step.household] = step.on_date


Rule = Callable[[Moves], Iterable[Broken]]


def knows_all_names(moves: Moves) -> Iterator[Broken]:
    """`move_unknown`: every household and unit of the moves is in the problem."""
    households, units = moves.case.households, moves.case.units
    named = [(step.household, step.to_unit) for step in moves.plan.steps]
    yield from (Broken("move_unknown", each) for each in named if each[0] not in households or each[1] not in units)
    yield from (Broken("move_unknown", (each,)) for each in moves.plan.spare_units if each not in units)
    yield from (
        Broken("move_unknown", (e.household,)) for e in moves.plan.not_possible if e.household not in households
    )


def goes_forward_in_time(moves: Moves) -> Iterator[Broken]:
    """`move_date`: no step is before the day of the plan, or before the step that stands above it."""
    last = moves.case.problem.on_date
    for step in moves.plan.steps:
        if step.on_date < last:
            yield Broken("move_date", (step.household,))
        last = max(last, step.on_date)


def keeps_nobody_waiting(moves: Moves) -> Iterator[Broken]:
    """`move_late`: no step is later than units, turn-round and capacity can have made it.

    By `within_days` every unit of a plan can be let. After that a step waits for those before it: each keeps a unit for
    its turn-round days, and as many as are made in a day fill one.
    """
    problem = moves.case.problem
    for position, step in enumerate(moves.plan.steps):
        full_days = position // problem.moves_per_day if problem.moves_per_day else 0
        latest_days = problem.within_days + position * problem.turn_round_days + full_days
        if (step.on_date - problem.on_date).days > latest_days:
            yield Broken("move_late", (step.household,))


def leaves_where_it_is(moves: Moves) -> Iterator[Broken]:
    """`move_from`: a household leaves the unit that it is in, for another: never a night without one."""
    for step, replay in moves.each_step():
        if replay.where.get(step.household) != step.from_unit:
            yield Broken("move_from", (step.household,))


def enters_what_is_empty(moves: Moves) -> Iterator[Broken]:
    """`move_held`: nobody enters a unit that is held: one household a unit in each night."""
    for step, replay in moves.each_step():
        if step.to_unit in replay.holder:
            yield Broken("move_held", (step.household, step.to_unit))


def leaves_time_between(moves: Moves) -> Iterator[Broken]:
    """`move_turn_round`: a unit stays empty for its turn-round days between two households."""
    between = dt.timedelta(days=moves.case.problem.turn_round_days)
    for step, replay in moves.each_step():
        left = replay.left_on.get(step.to_unit)
        if left is not None and step.on_date < left + between:
            yield Broken("move_turn_round", (step.household, step.to_unit))


def waits_until_available(moves: Moves) -> Iterator[Broken]:
    """`move_available`: nobody enters a unit before the day from which it can be let."""
    for step, _ in moves.each_step():
        first = moves.case.units[step.to_unit].available_from_date
        if first is not None and step.on_date < first:
            yield Broken("move_available", (step.household, step.to_unit))


def stops_lawfully(moves: Moves) -> Iterator[Broken]:
    """`move_lawful`: also for a while, nobody is put where they may not be placed."""
    for step, _ in moves.each_step():
        if not is_lawful(moves.case, moves.case.households[step.household], moves.case.units[step.to_unit]):
            yield Broken("move_lawful", (step.household, step.to_unit))


def asks_no_more_a_day(moves: Moves) -> Iterator[Broken]:
    """`move_capacity`: no day has more moves than can be made in one."""
    most = moves.case.problem.moves_per_day
    for day, times in Counter(step.on_date for step in moves.plan.steps).items():
        if most is not None and times > most:
            yield Broken("move_capacity", (day.isoformat(),))


def uses_two_spare_units(moves: Moves) -> Iterator[Broken]:
    """`move_spare`: stopgaps are in the spare units that the plan names, which are two at most and nobody's target."""
    used = {step.to_unit for step in moves.plan.steps if step.is_stopgap}
    named = set(moves.plan.spare_units)
    if used != named or len(moves.plan.spare_units) > min(MOST_SPARE_UNITS, len(named)):
        yield Broken("move_spare", tuple(sorted(used ^ named)))


def stops_once_on_the_way(moves: Moves) -> Iterator[Broken]:
    """`move_stopgap`: a stopgap is the first step of a household that the plan places elsewhere than it is.

    So there is one at most, nobody comes back to where they were, and who may stay is never asked to make room.
    """
    for step, replay in moves.each_step():
        was_in = moves.case.households[step.household].current_unit
        stays = moves.placed.get(step.household) in (None, was_in)
        is_needless = step.is_stopgap and (stays or step.household in replay.moved)
        if is_needless or step.to_unit == was_in:
            yield Broken("move_stopgap", (step.household,))


def says_who_is_past_six_weeks(moves: Moves) -> Iterator[Broken]:
    """`move_six_weeks`: families that leave bed and breakfast after their days are used up are named, no others.

    The days are counted on the day of leaving (SI 2003/3326 article 4); a chain may be unable to free a unit sooner.
    """
    nights = moves.end.shared_nights
    most = moves.case.problem.norms.bed_and_breakfast_days
    late = {
        each.id
        for each in moves.case.households.values()
        if each.is_family and nights[each.id] and each.bed_and_breakfast_days + nights[each.id] > most
    }
    named = Counter(moves.plan.past_six_weeks)
    for household in sorted(late | named.keys()):
        if named[household] != (household in late):
            yield Broken("move_six_weeks", (household,))


def goes_where_it_is_placed(moves: Moves) -> Iterator[Broken]:
    """`move_to`: a step that is no stopgap goes where the plan places the household; a stopgap does not."""
    for step, _ in moves.each_step():
        if (moves.placed.get(step.household) == step.to_unit) == step.is_stopgap:
            yield Broken("move_to", (step.household,))


def arrives(moves: Moves) -> Iterator[Broken]:
    """`move_missing`: in the end everybody is where they are placed, but those who are said not to be able to move."""
    end = moves.end.where
    excused = Counter(each.household for each in moves.plan.not_possible)
    for household, unit in moves.placed.items():
        if (end.get(household) != unit) != (excused[household] == 1):
            yield Broken("move_missing", (household,))
    for household in excused.keys() - moves.placed.keys():
        yield Broken("move_missing", (household,))


def excuses_truly(moves: Moves) -> Iterator[Broken]:
    """`move_excuse`: who cannot move has not moved, and waits for units that are really held, as it is said."""
    end = moves.end
    excused = {each.household for each in moves.plan.not_possible}
    for each in moves.plan.not_possible:
        waited = _waited_for(each.household, moves.placed, end.holder, excused)
        is_circle = bool(waited) and waited[-1] == each.household
        is_true = waited and (each.why == "circle_without_spare_unit") == is_circle and tuple(waited) == each.held_by
        if each.household in end.moved or not is_true:
            yield Broken("move_excuse", (each.household,))


def _waited_for(household: str, placed: Mapping[str, str], holder: Mapping[str, str], excused: set[str]) -> list[str]:
    """Return who holds the unit that a household waits for, who holds theirs, and on.

    It ends with the household itself where they wait in a circle, with somebody who stays, or before a repetition.
    """
    waited: list[str] = []
    at: str | None = household
    while at is not None and (at == household or at in excused):
        at = holder.get(placed.get(at, ""))
        if at is None or at in waited:
            break
        waited.append(at)
        if at == household:
            break
    return waited


def leaves_no_circle_that_could_open(moves: Moves) -> Iterator[Broken]:
    """`move_circle`: no circle is given up that a spare unit would open, one in use or one that still could be."""
    end, used = moves.end, moves.plan.spare_units
    targets = set(moves.placed.values())
    empty = [unit for unit in moves.case.units if unit not in end.holder and unit not in targets]
    spare = [unit for unit in empty if unit in used or len(used) < MOST_SPARE_UNITS]
    for each in moves.plan.not_possible:
        household = moves.case.households.get(each.household)
        if household is None or each.why != "circle_without_spare_unit":
            continue
        if any(is_lawful(moves.case, household, moves.case.units[unit]) for unit in spare):
            yield Broken("move_circle", (each.household,))


RULES: tuple[Rule, ...] = (
    knows_all_names,
    goes_forward_in_time,
    keeps_nobody_waiting,
    leaves_where_it_is,
    enters_what_is_empty,
    leaves_time_between,
    waits_until_available,
    stops_lawfully,
    asks_no_more_a_day,
    uses_two_spare_units,
    stops_once_on_the_way,
    says_who_is_past_six_weeks,
    goes_where_it_is_placed,
    arrives,
    excuses_truly,
    leaves_no_circle_that_could_open,
)
"""Every hard rule of moves."""


def check(case: Case, placed: Mapping[str, str], plan: MovePlan, rules: Sequence[Rule] = RULES) -> list[Broken]:
    """Return the rules that moves break. Never raises on moves of any content."""
    moves = Moves(case, placed, plan)
    return [each for rule in rules for each in rule(moves)]

"""Plans of placements in words: kinds of units, journeys and how they are known, aims, reasons."""

from collections.abc import Collection, Iterable, Mapping

from braid.planning.contract import Binding, Reason
from braid.planning.placements.model import SchoolJourney, Unit, UnitType
from braid.planning.placements.reasons import SAFETY, WHOLE_PLAN
from braid.planning.placements.shortlists import HELD, NOT_OFFERED, OFFERED, PROPOSED
from braid.problems.plans.why_not import BUDGET, MUST_STAY, TODAY, WORSE, Difference

UNIT_TYPES: Mapping[UnitType, str] = {
    "council": "Council's own",
    "leased": "Leased",
    "nightly": "Nightly paid",
    "bed_and_breakfast": "Bed and breakfast",
}
AIMS = {
    "unplaced": ("Households where they may not be", ""),
    "out_of_reach": ("Children out of reach of their school", ""),
    "exam_year": ("Children upset in an examination year", ""),
    "bed_and_breakfast": ("Families in bed and breakfast", ""),
    "out_of_area": ("Households outside their district", ""),
    "beyond_walking": ("Children beyond walking distance of their school", ""),
    "school_minutes": ("Time on ways to school, each school day", "minutes"),
    "move": ("Households that move", ""),
    "pound": ("Cost of a night", "£"),
}
"""Aims as a table of before and after says them; distance from home is left out where nobody's home is known."""
RULES = {
    "too_few_bedrooms": "It has fewer bedrooms than the household needs",
    "too_many_bedrooms": "It has more bedrooms than the household needs",
    "no_access": "Somebody needs wheelchair access, and it has none",
    "six_weeks": "The six weeks in bed and breakfast are used",
    "young_applicant": "Nobody of 16 or 17 is placed in bed and breakfast",
    "not_available": "It cannot be let in time",
    "refused": "It was refused for this household before",
    "accepted_elsewhere": "Another unit was accepted for this household",
    "nearer_school": "It is nearer to school",
    "back_in_home_district": "It is in the district that owes the duty",
    "by_the_whole_plan": "The plan as a whole: who else needs what",
}
ABOUT = {
    "unplaced": "Why no unit is proposed",
    "moved": "Why a move is proposed",
    "out_of_reach": "Why a school stays out of reach",
    "out_of_area": "Why it is in another district",
}
WHY_NOT = {
    TODAY: "It is where the household lives today",
    PROPOSED: "It is the unit that the plan proposes",
    OFFERED: "It is among the units that can be chosen instead, on the page of the household",
    HELD: "A household has it, in the plan or by what was decided since",
    NOT_OFFERED: "It is not offered. Of many units that is said alike, whatever stands behind it",
    MUST_STAY: "The household may not be asked to move, and lives where it may",
    BUDGET: "Its nights cost more than the budget leaves",
    WORSE: "For this household it counts more than the proposed unit by the aims of the plan, and more is worse",
    WHOLE_PLAN: "No rule speaks against it, and for this household alone it counts no more than what is proposed. The"
    " plan decided over all households together",
}
"""Why a unit is not the one proposed, besides the rules that it breaks. Of one that somebody has nothing else is said:
not who, not what it is, and not who lives there today."""
_CHILDREN = {
    "out_of_reach": "out of reach of school",
    "exam_year": "upset in an examination year",
    "beyond_walking": "beyond walking distance of school",
}
_EITHER = {
    "bed_and_breakfast": ("It is bed and breakfast", "It is not bed and breakfast"),
    "out_of_area": ("It is outside the district that owes the duty", "It is in the district that owes the duty"),
    "move": ("The household would have to move", "The household would not have to move"),
}
CANNOT_MOVE = {
    "circle_without_spare_unit": "Households would have to change places, and no unit is free for a while",
    "unit_stays_held": "Whoever lives in the unit has nowhere to go yet",
}


def unit_words(unit: Unit) -> str:
    """Return a unit's kind and rooms: Leased, 2 bedrooms, wheelchair access."""
    words = kind_words(unit.type, unit.bedrooms)
    return f"{words}, wheelchair access" if unit.is_accessible else words


def kind_words(kind: UnitType, bedrooms: int) -> str:
    """Return a kind of unit and how many bedrooms it has."""
    return f"{UNIT_TYPES[kind]}, {bedrooms} {'bedroom' if bedrooms == 1 else 'bedrooms'}"


def journey_words(journey: SchoolJourney) -> str:
    """Return how long and far a way to school is one way, and how that is known.

    "Within" is said of a routed way alone; of an estimate no more than that it is surely beyond.
    """
    far = f"{journey.km:.1f} km" + {"beyond": ", beyond walking distance", "within": ", within walking distance"}.get(
        journey.walking, ""
    )
    if journey.reckoned == "estimate":
        known = "surely beyond reach" if journey.reach == "beyond" else "whether within reach is not known"
        return f"about {round(journey.minutes)} minutes, {far}, by estimate; {known}"
    known = {"within": "within reach", "beyond": "beyond reach"}.get(journey.reach, "whether within reach is not known")
    return f"{round(journey.minutes)} minutes, {far}, {journey.reckoned}; {known}"


def reason_lines(reasons: Iterable[Reason]) -> list[tuple[str, list[str]]]:
    """Return why, as a heading and lines; what is about safety is one line on the page for everybody, and none here."""
    return [(ABOUT.get(one.about, one.about), _lines(one.bindings)) for one in reasons]


def _lines(bindings: Iterable[Binding]) -> list[str]:
    return [_line(one) for one in bindings if one.rule in RULES and one.rule != SAFETY]


def _line(binding: Binding) -> str:
    words = RULES[binding.rule]
    return f"{words} ({binding.times:,} units)" if binding.resource == "units" and binding.times > 1 else words


def why_not_words(code: str) -> str:
    """Return why a unit is not the one proposed: a rule that it breaks, or what else keeps it from being proposed."""
    return WHY_NOT.get(code) or RULES[code]


def difference_words(difference: Difference, names: Mapping[str, str], estimated: Collection[str] = ()) -> str:
    """Return by how much a unit is worse or better than the one proposed in one aim; children by name where known.

    `estimated` are children whose way is an estimate: what the plan counts of it is then not known for certain.
    """
    level, amount = difference.level, difference.amount
    more = "more" if amount > 0 else "less"
    if level in _CHILDREN:
        known = ", by estimate" if set(difference.children) & set(estimated) else ""
        return f"{_children_words(difference, names)} {'' if amount > 0 else 'not '}{_CHILDREN[level]}{known}"
    if level in _EITHER:
        return _EITHER[level][amount < 0]
    if level == "pound":
        return f"A night costs £{abs(amount):,.2f} {more}"
    words, unit = AIMS[level]
    return f"{words}: {abs(round(amount)):,} {unit} {more}"


def _children_words(difference: Difference, names: Mapping[str, str]) -> str:
    known = [names[child] for child in difference.children if child in names]
    others = len(difference.children) - len(known)
    unnamed = [f"{others} {'child' if others == 1 else 'children'}"] if others else []
    return f"{' and '.join([*known, *unnamed])}:"

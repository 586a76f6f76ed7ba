"""Plans of placements in words: kinds of units, journeys and how they are known, aims, reasons."""

from collections.abc import Iterable, Mapping

from braid.planning.contract import Binding, Reason
from braid.planning.placements.model import SchoolJourney, Unit, UnitType
from braid.planning.placements.reasons import SAFETY

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

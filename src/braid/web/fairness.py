"""The published rules of priority, each with its figures of fairness after disclosure control."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from braid.problems.priority.groups import NAMES, group_in_place, groups_of_place
from braid.problems.priority.load import places_in
from braid.trust.fairness import COLUMNS, Beside, CharacteristicShown, GroupShown, exact_counts, publish_groups
from braid.web.figures import get_district_choices
from braid.web.models import FairnessFigure, PriorityVersion, ProblemStatement
from braid.web.published import hold_published_set


@dataclass(frozen=True)
class GroupFigures:
    """A group in words and its published figures."""

    name: str
    figures: GroupShown


@dataclass(frozen=True)
class CharacteristicFigures:
    """The groups of a characteristic; `withheld` names columns left out so that no small count can be reckoned."""

    name: str
    groups: tuple[GroupFigures, ...]
    withheld: frozenset[str]


@dataclass(frozen=True)
class Rules:
    """The rules of a problem statement in words, and whom they never reached."""

    problem: str
    name: str
    holds_from: dt.date
    digest: str
    words: tuple[str, ...]
    text: str
    fairness: tuple[CharacteristicFigures, ...]


def get_rules() -> tuple[Rules, ...]:
    """Return the rules of the published run with their fairness, by name of the statement; none before the first."""
    hold_published_set()
    names = groups_of_place(dict(get_district_choices()))
    people = dict(ProblemStatement.objects.values_list("problem_id", "people"))
    rows: dict[str, list[dict]] = defaultdict(list)
    for row in FairnessFigure.objects.values("problem", "characteristic", "group_code", *COLUMNS):
        rows[row["problem"]].append(row)
    return tuple(
        Rules(
            version.problem,
            version.name,
            version.holds_from_date,
            version.digest,
            tuple(version.words),
            version.text,
            tuple(
                _characteristic(shown, names)
                for shown in publish_groups(
                    exact_counts(rows[version.problem], names, group_in_place),
                    Beside(people.get(version.problem), places_in(version.text)),
                )
            ),
        )
        for version in PriorityVersion.objects.order_by("name")
    )


def _characteristic(shown: CharacteristicShown, names: Mapping[str, Mapping[str, str]]) -> CharacteristicFigures:
    groups = names[shown.characteristic]
    figures = tuple(GroupFigures(groups[each.group], each) for each in shown.groups)
    return CharacteristicFigures(NAMES[shown.characteristic], figures, shown.withheld)

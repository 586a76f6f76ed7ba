"""The published rules of priority, each with its figures of fairness after disclosure control."""

import datetime as dt
from dataclasses import dataclass

from braid.problems.priority.groups import GROUPS, NAMES
from braid.trust.fairness import COLUMNS, GroupShown, publish_groups
from braid.web.figures import get_district_choices
from braid.web.models import FairnessFigure, PriorityVersion
from braid.web.published import hold_published_set

NOT_KNOWN = "Not known or withheld"


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
    districts = dict(get_district_choices())
    exact: dict[str, dict[tuple[str, str], dict[str, int]]] = {}
    for row in FairnessFigure.objects.values("problem", "characteristic", "group_code", *COLUMNS):
        counts = {column: row[column] for column in COLUMNS}
        exact.setdefault(row["problem"], {})[row["characteristic"], row["group_code"]] = counts
    return tuple(
        Rules(
            version.problem,
            version.name,
            version.holds_from_date,
            version.digest,
            tuple(version.words),
            version.text,
            _fairness(exact.get(version.problem, {}), districts),
        )
        for version in PriorityVersion.objects.order_by("name")
    )


def _fairness(
    exact: dict[tuple[str, str], dict[str, int]], districts: dict[str, str]
) -> tuple[CharacteristicFigures, ...]:
    """Return what may be published, with every group of the language, also where nobody is in it."""
    nobody = dict.fromkeys(COLUMNS, 0)
    names = {name: groups or {**districts, "unknown": NOT_KNOWN} for name, groups in GROUPS.items()}
    counts = {name: {code: exact.get((name, code), nobody) for code in groups} for name, groups in names.items()}
    return tuple(
        CharacteristicFigures(
            NAMES[shown.characteristic],
            tuple(GroupFigures(names[shown.characteristic][each.group], each) for each in shown.groups),
            shown.withheld,
        )
        for shown in publish_groups(counts)
    )

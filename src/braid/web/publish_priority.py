"""Publishing priority: the rules, whom they place and why, and the exact figures of fairness.

Ids of reasons go in, never a place in the order: that says how many come before, hidden people among them. Of changes
go in those of the person's own facts and of the rules, not that two records were joined or that others moved.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from braid.language.findings import LINK_ERROR
from braid.language.priority_findings import (
    PRIORITY_FAIRNESS,
    PRIORITY_RANK,
    PRIORITY_REASON,
    PRIORITY_RULE,
)
from braid.language.rule_files import RulesInvalid
from braid.problems.load import load_statements
from braid.problems.priority.load import parse_rules
from braid.problems.priority.rests import conditions_of, rests_on
from braid.problems.priority.words import explain
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.trust.link_error import SUMS
from braid.web.copying import copy_rows, rows_if_there
from braid.web.rank_history import read_changes, read_earlier
from braid.web.refusals import NotPublishable

VERSION_COLUMNS = "problem purpose name holds_from_date digest words text bands points rests_on".split()
RANK_COLUMNS = "problem purpose person_id band_position points longest_since_date reasons changes earlier".split()
ERROR_COLUMNS = [*LINK_ERROR.key, *SUMS]
FAIRNESS_COLUMNS = "problem characteristic group_code reached never_reached in_doubt".split()

Row = Mapping[str, Any]
Key = tuple[str, str]


def load_priority(cursor: Any, run: Run, place: Place, waiting: set[str]) -> None:
    """Load the rules, the ranks of those who wait, fairness and linking. A run from before has none of them.

    Raises `NotPublishable` where the place states the problem of rules no more, or otherwise.
    """
    copy_rows(cursor, "priorityversion", VERSION_COLUMNS, _versions(run, place))
    copy_rows(cursor, "personrank", RANK_COLUMNS, _ranks(run, place, waiting))
    copy_rows(cursor, "fairnessfigure", FAIRNESS_COLUMNS, rows_if_there(run, PRIORITY_FAIRNESS.name, FAIRNESS_COLUMNS))
    errors = rows_if_there(run, LINK_ERROR.name, ERROR_COLUMNS)
    copy_rows(cursor, "linkerrorfigure", ERROR_COLUMNS, (row for row in errors if "all" in _margins(row)))


def _margins(row: Row) -> tuple[str, str]:
    """By what a row sums: only sums over all people or all standards are published, and no group by pair."""
    return row["characteristic"], row["source_a"]


def _versions(run: Run, place: Place) -> Iterator[Row]:
    """Yield the rules as the run kept them, in the words of the statements as they stand now."""
    statements = {statement.problem_id: statement for statement in load_statements(place.folder)}
    for row in rows_if_there(run, PRIORITY_RULE.name, PRIORITY_RULE.names):
        try:
            rules = parse_rules(row["text"], "the rules of the run", statements)
        except RulesInvalid as invalid:
            raise NotPublishable(f"{invalid}; run the chain again before publishing") from invalid
        yield {
            **row,
            "purpose": rules.purpose_code,
            "name": statements[rules.problem].name,
            "words": Jsonb(explain(rules, place.district_names())),
            "bands": Jsonb([[band.band_id, band.name] for band in rules.bands]),
            "rests_on": Jsonb({**rests_on(rules), "cohort": conditions_of(statements[rules.problem].cohort)}),
            "points": Jsonb([[entry.points_id, entry.points, entry.reason] for entry in rules.points]),
        }


def _ranks(run: Run, place: Place, waiting: set[str]) -> Iterator[Row]:
    reasons: dict[Key, list[str]] = {}
    for row in rows_if_there(run, PRIORITY_REASON.name, PRIORITY_REASON.names):
        if row["person_id"] in waiting:
            reasons.setdefault((row["problem"], row["person_id"]), []).append(row["reason_id"])
    changes, earlier = read_changes(run, waiting), read_earlier(run, place, waiting)
    for row in rows_if_there(run, PRIORITY_RANK.name, PRIORITY_RANK.names):
        key = row["problem"], row["person_id"]
        if row["person_id"] in waiting:
            yield {
                **row,
                "reasons": Jsonb(sorted(reasons[key])),
                "changes": Jsonb(changes.get(key, {})),
                "earlier": Jsonb(earlier.get(key, [])),
            }

"""The words of blockers that still hold, where the extract that shows them came again with a new date."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from braid.language.findings import BLOCKER
from braid.store.engine import Engine
from braid.waits.blocker_words import KEY, words_table
from braid.waits.delta.changes import EARLIER
from braid.waits.delta.kept import TOUCHED_ROWS
from braid.waits.rules import AdjournedHearing, BlockerRule, HolderWait, MissingEvidence

_NEW_WORDS = ("reason", "evidence")


def create_kept_blocker(engine: Engine, rules: Sequence[BlockerRule]) -> None:
    """Create the view `blocker` of the rows that hold and those of the touched people. `person_wait` has been moved.

    What an adjourned hearing shows is dated by the hearing; all else by the extract of the wait that holds, or of the
    held one where no wait does.
    """
    engine.load_arrow("blocker_rule", _numbers(rules))
    engine.create("kept_blocker", f"select t.* from {EARLIER}blocker t where {_UNTOUCHED}")
    engine.create("kept_seen", _SEEN)
    keys = engine.rows(f"select distinct {', '.join(KEY)} from kept_seen")
    engine.load_arrow("kept_words", words_table(rules, keys))
    engine.view("blocker", _BLOCKER)


_UNTOUCHED = "not exists (select 1 from touched_person x where x.person_id = t.person_id)"


def _numbers(rules: Sequence[BlockerRule]) -> pa.Table:
    """Return the rules whose words name the date of an extract, by number, and what day else they name."""
    dated = [(number, rule) for number, rule in enumerate(rules) if not isinstance(rule.form, AdjournedHearing)]
    return pa.table(
        {
            "problem": pa.array([rule.problem for _, rule in dated], pa.string()),
            "rule_id": pa.array([rule.rule_id for _, rule in dated], pa.string()),
            "rule": pa.array([number for number, _ in dated], pa.int32()),
            "day_is": pa.array([_day(rule) for _, rule in dated], pa.string()),
        }
    )


def _day(rule: BlockerRule) -> str:
    if isinstance(rule.form, HolderWait):
        return "start"
    return "due" if isinstance(rule.form, MissingEvidence) else "seen"


_SEEN = """
select b.blocker_id, r.rule, b.holder_kind, b.holder_person_id is not null as is_other,
  case r.day_is when 'start' then w.start_date when 'due' then w.due_date else w.as_of_date end as day,
  w.as_of_date as seen, '' as item
from kept_blocker b
join blocker_rule r on r.problem = b.problem and r.rule_id = b.rule_id
join person_wait w on w.wait_id = coalesce(b.holder_wait_id, b.held_wait_id)
where w.as_of_date <> b.evidence_date"""

_COLUMNS = ", ".join(
    "coalesce(s.seen, b.evidence_date) as evidence_date"
    if name == "evidence_date"
    else f"coalesce(w.{name}, b.{name}) as {name}"
    if name in _NEW_WORDS
    else f"b.{name}"
    for name in BLOCKER.names
)

_BLOCKER = f"""
select {_COLUMNS} from kept_blocker b
left join kept_seen s on s.blocker_id = b.blocker_id
left join kept_words w on {" and ".join(f"w.{name} = s.{name}" for name in KEY)}
union all select {", ".join(BLOCKER.names)} from {TOUCHED_ROWS}blocker"""

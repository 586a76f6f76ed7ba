"""Evaluating blocker rules: one portable query a rule finds who is held by what, and the rule's words say why.

No name and no identifier of a person enters the words; days and the partner's extract date do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from braid.language.clock_words import day_in_words
from braid.language.codes import CAUSE_GROUPS, WAIT_KINDS
from braid.language.findings import BLOCKER
from braid.language.records import record_id
from braid.store.engine import Engine
from braid.waits.model import SENSITIVITIES, STRICTEST, case_reference_sql, quoted, rank_sql
from braid.waits.person_waits import VICTIM_CASES
from braid.waits.rules import (
    AdjournedHearing,
    BlockerRule,
    HolderWait,
    MissingEvidence,
    NoFutureHearing,
    Standing,
    Whose,
    Words,
)

FAILED = ("adjourned", "vacated")
HELD = ("attended", "completed", "late")
NOT_SITTING = (*FAILED, "cancelled_by_person", "cancelled_by_service", "entered_in_error")


def create_blocker(engine: Engine, rules: Iterable[BlockerRule], as_of: dt.date) -> None:
    """Create `blocker`: for every running wait on `as_of`, what holds it by each of `rules`.

    Reads person_wait, wait, episode, event and person_link.
    """
    _prepare(engine, as_of)
    rows = [row for rule in rules for row in _evaluate(engine, rule, as_of)]
    engine.load_rows(BLOCKER, sorted(rows, key=lambda row: str(row["blocker_id"])))


def _prepare(engine: Engine, as_of: dt.date) -> None:
    engine.create("victim_case", VICTIM_CASES)
    engine.create("running_wait", _RUNNING)
    engine.create("family_respondent", _respondents(as_of))
    engine.create("hearing_day", _hearing_days())
    engine.create("failed_hearing", _failed_hearings(as_of))


_AS_VICTIM = f"""sensitivity_rank = {STRICTEST} and exists (
  select 1 from victim_case v where v.person_id = w.person_id and v.case_ref = {case_reference_sql("w.case_ref")})"""

_RUNNING = f"""
select w.wait_id, w.person_id, w.kind, w.case_ref as episode_ref, w.organisation_id, w.start_date, w.due_date, w.clock,
  w.as_of_date, w.sensitivity_rank,
  case when w.kind <> 'crown_trial' then '' when {_AS_VICTIM} then '{Standing.VICTIM}'
    else '{Standing.DEFENDANT}' end as standing
from (
  select p.*, {rank_sql("p.sensitivity")} as sensitivity_rank,
    coalesce(own.episode_ref, {case_reference_sql("referral.episode_ref")}) as case_ref
  from person_wait p left join wait own on own.record_id = p.case_record_id
  left join episode referral on referral.record_id = p.case_record_id
  where p.stop_date is null) w"""


def _respondents(as_of: dt.date) -> str:
    return f"""
    select distinct l.person_id, e.organisation_id, e.episode_ref
    from episode e join person_link l on l.person_record_id = e.person_record_id
    where e.kind = 'family_case' and e.role = 'respondent' and e.episode_ref is not null
      and (e.end_date is null or e.end_date > date '{as_of}')"""


def _hearing_days() -> str:
    return """
    select distinct organisation_id, episode_ref, coalesce(start_date, planned_date) as day,
      coalesce(end_date, start_date, planned_date) as last_day, coalesce(status, 'booked') as status, cause_group,
      status_reason as item
    from event
    where kind = 'hearing' and episode_ref is not null and coalesce(start_date, planned_date) is not null
      and coalesce(status, 'booked') <> 'entered_in_error'"""


def _failed_hearings(as_of: dt.date) -> str:
    return f"""
    with latest as (
      select organisation_id, episode_ref, max(day) as day,
        max(case when status in ({quoted(HELD)}) then day end) as held_day
      from hearing_day where day <= date '{as_of}' group by organisation_id, episode_ref)
    select organisation_id, episode_ref, day, cause_group, item from (
      select h.organisation_id, h.episode_ref, h.day, h.cause_group, h.item,
        row_number() over (partition by h.organisation_id, h.episode_ref
          order by case when h.cause_group in ({quoted(BLAMELESS)}) then 1 else 0 end, h.cause_group,
            case when h.item is null then 1 else 0 end, h.item) as place
      from hearing_day h join latest t
        on t.organisation_id = h.organisation_id and t.episode_ref = h.episode_ref and t.day = h.day
      where h.status in ({quoted(FAILED)}) and h.cause_group is not null
        and (t.held_day is null or t.held_day < t.day)) ranked
    where place = 1"""


BLAMELESS = ("external", "not_a_failure")
"""Cause groups that nobody could have prevented: never a blocker with an owner."""


def _evaluate(engine: Engine, rule: BlockerRule, as_of: dt.date) -> Iterator[dict[str, Any]]:
    form = rule.form
    if isinstance(form, HolderWait):
        sql = _same_person(rule, form) if form.whose is Whose.SAME_PERSON else _respondent(rule, form)
        return (_held_by_wait(rule, form.words, row) for row in engine.rows(sql))
    if isinstance(form, MissingEvidence):
        return (_held_by_evidence(rule, form, row) for row in engine.rows(_past(rule)))
    if isinstance(form, NoFutureHearing):
        return (_held_by_capacity(rule, form, row) for row in engine.rows(_without_hearing(rule, as_of)))
    adjourned = form
    return (_held_by_hearing(rule, adjourned, row) for row in engine.rows(_adjourned(rule, adjourned)))


_HELD_COLUMNS = "h.wait_id as held_wait_id, h.person_id, h.sensitivity_rank as held_rank, h.as_of_date as held_as_of"
_HOLDER_COLUMNS = """o.wait_id as holder_wait_id, o.person_id as holder_person_id, o.kind as holder_kind,
 o.start_date as holder_start, o.sensitivity_rank as holder_rank, o.as_of_date as holder_as_of"""


def _held(rule: BlockerRule) -> str:
    standing = f" and h.standing = '{rule.held_standing}'" if rule.held_standing else ""
    return f"h.kind = {quoted((rule.held,))}{standing}"


def _holder(form: HolderWait) -> str:
    standing = f" and o.standing = '{form.standing}'" if form.standing else ""
    return f"o.kind in ({quoted(form.kinds)}){standing}"


def _same_person(rule: BlockerRule, form: HolderWait) -> str:
    return f"""
    select {_HELD_COLUMNS}, {_HOLDER_COLUMNS}
    from running_wait h join running_wait o on o.person_id = h.person_id and o.wait_id <> h.wait_id
    where {_held(rule)} and {_holder(form)}"""


def _respondent(rule: BlockerRule, form: HolderWait) -> str:
    return f"""
    select {_HELD_COLUMNS}, {_HOLDER_COLUMNS}
    from running_wait h
    join family_respondent r on r.organisation_id = h.organisation_id and r.episode_ref = h.episode_ref
    join running_wait o on o.person_id = r.person_id and o.person_id <> h.person_id
    where {_held(rule)} and {_holder(form)}"""


def _past(rule: BlockerRule) -> str:
    return f"select {_HELD_COLUMNS}, h.due_date from running_wait h where {_held(rule)} and h.clock = 'past'"


def _without_hearing(rule: BlockerRule, as_of: dt.date) -> str:
    return f"""
    select {_HELD_COLUMNS} from running_wait h
    where {_held(rule)} and not exists (
      select 1 from hearing_day d
      where {case_reference_sql("d.episode_ref")} = {case_reference_sql("h.episode_ref")}
        and d.organisation_id = h.organisation_id
        and d.last_day >= date '{as_of}' and d.status not in ({quoted(NOT_SITTING)}))"""


def _adjourned(rule: BlockerRule, form: AdjournedHearing) -> str:
    return f"""
    select {_HELD_COLUMNS}, f.day, f.cause_group, f.item
    from running_wait h
    join failed_hearing f on f.organisation_id = h.organisation_id and f.episode_ref = h.episode_ref
    where {_held(rule)} and f.cause_group in ({quoted(tuple(form.words_by_cause))})"""


def _held_by_wait(rule: BlockerRule, words: Words, row: dict[str, Any]) -> dict[str, Any]:
    kind = WAIT_KINDS[row["holder_kind"]]
    since, seen = day_in_words(row["holder_start"]), day_in_words(row["holder_as_of"])
    other = row["holder_person_id"] if row["holder_person_id"] != row["person_id"] else None
    whose = "A respondent in the same case: " if other else ""
    evidence = f"{whose}{kind.name}, waiting since {since} (extract of {seen})."
    rank = max(row["held_rank"], row["holder_rank"])
    return _blocker(rule, words, row, "wait", kind.code, evidence, row["holder_as_of"], rank) | {
        "blocker_id": record_id("braid", "blocker", rule.rule_id, row["held_wait_id"], row["holder_wait_id"]),
        "holder_wait_id": row["holder_wait_id"],
        "holder_person_id": other,
        "reason": words.reason.replace("{holder}", kind.name.lower()),
    }


def _held_by_evidence(rule: BlockerRule, form: MissingEvidence, row: dict[str, Any]) -> dict[str, Any]:
    due, seen = day_in_words(row["due_date"]), day_in_words(row["held_as_of"])
    evidence = f"No {form.evidence.replace('_', ' ')} by {due}, the last day inside the limit (extract of {seen})."
    return _blocker(rule, form.words, row, "evidence", form.evidence, evidence, row["held_as_of"], row["held_rank"])


def _held_by_capacity(rule: BlockerRule, form: NoFutureHearing, row: dict[str, Any]) -> dict[str, Any]:
    seen = day_in_words(row["held_as_of"])
    evidence = f"The court's extract of {seen} lists no sitting day still to come in the case."
    return _blocker(rule, form.words, row, "capacity", "hearing", evidence, row["held_as_of"], row["held_rank"])


def _held_by_hearing(rule: BlockerRule, form: AdjournedHearing, row: dict[str, Any]) -> dict[str, Any]:
    cause, item = row["cause_group"], row["item"] if row["item"] in form.words_by_item else None
    words = form.words_by_item[item] if item else form.words_by_cause[cause]
    recorded = CAUSE_GROUPS[cause].lower() + (f", code {item.partition(':')[2]}" if item else "")
    cleared = f" It is cleared by {words.cleared_by}." if words.cleared_by else ""
    evidence = (
        f"The hearing of {day_in_words(row['day'])} did not go ahead; cause recorded: {recorded}."
        f" None has been completed since.{cleared}"
    )
    found = _blocker(rule, words, row, "evidence", cause, evidence, row["day"], row["held_rank"])
    return found | {"readiness_item": item}


def _blocker(
    rule: BlockerRule,
    words: Words,
    row: dict[str, Any],
    holder_type: str,
    holder_kind: str,
    evidence: str,
    evidence_date: dt.date,
    rank: int,
) -> dict[str, Any]:
    return {
        "blocker_id": record_id("braid", "blocker", rule.rule_id, row["held_wait_id"], holder_kind),
        "person_id": row["person_id"],
        "problem": rule.problem,
        "purpose": rule.purpose or rule.problem,
        "rule_id": rule.rule_id,
        "held_wait_id": row["held_wait_id"],
        "holder_type": holder_type,
        "holder_kind": holder_kind,
        "reason": words.reason,
        "evidence": evidence,
        "evidence_date": evidence_date,
        "owner_organisation": words.owner_organisation,
        "owner_role": words.owner_role,
        "next_action": words.next_action,
        "sensitivity": SENSITIVITIES[rank],
    }

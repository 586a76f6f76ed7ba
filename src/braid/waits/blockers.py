"""Evaluating blocker rules: one portable query a rule finds who is held by what; `blocker_words` says why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from braid.language.findings import BLOCKER
from braid.store.engine import Engine
from braid.waits.blocker_words import KEY, words_table
from braid.waits.model import STRICTEST, case_reference_sql, code_sql, quoted, rank_sql
from braid.waits.person_waits import VICTIM_CASES
from braid.waits.rules import (
    AdjournedHearing,
    BlockerRule,
    HolderWait,
    MissingEvidence,
    NoFutureHearing,
    Standing,
    Whose,
)

FAILED = ("adjourned", "vacated")
HELD = ("attended", "completed", "late")
NOT_SITTING = (*FAILED, "cancelled_by_person", "cancelled_by_service", "entered_in_error")


def create_blocker(engine: Engine, rules: Iterable[BlockerRule], as_of: dt.date) -> None:
    """Create `blocker`: for every running wait on `as_of`, what holds it by each of `rules`.

    Reads person_wait, wait, episode, event and person_link, and leaves `running_wait` for whoever asks of waits later.
    Words are made once for each rule, kind and day that occur together: a million blockers share far fewer of them.
    """
    stated = tuple(rules)
    _prepare(engine, as_of)
    if not stated:
        engine.load_rows(BLOCKER, [])
        return
    engine.create("blocker_found", " union all ".join(_found(rule, n, as_of) for n, rule in enumerate(stated)))
    keys = engine.rows(f"select distinct {', '.join(KEY)} from blocker_found")
    engine.load_arrow("blocker_words", words_table(stated, keys))
    engine.create("blocker", _BLOCKER)


TOLD_APART = ("crown_trial",)
"""Kinds of wait of which `running_wait` says as whom somebody waits."""


def create_running_wait(engine: Engine, kinds: tuple[str, ...] = ()) -> None:
    """Create `running_wait`, of these kinds alone where any are named: every wait that runs, and as whom.

    Reads person_wait, wait, episode and person_link.
    """
    engine.create("victim_case", VICTIM_CASES)
    of_kinds = f" and p.kind in ({quoted(kinds)})" if kinds else ""
    engine.create("running_wait", _RUNNING.format(of_kinds=of_kinds))


def _prepare(engine: Engine, as_of: dt.date) -> None:
    create_running_wait(engine)
    engine.create("family_respondent", _respondents(as_of))
    engine.create("hearing_day", _hearing_days())
    engine.create("failed_hearing", _failed_hearings(as_of))


_AS_VICTIM = f"""sensitivity_rank = {STRICTEST} and exists (
  select 1 from victim_case v where v.person_id = w.person_id and v.case_ref = {case_reference_sql("w.case_ref")})"""

_RUNNING = f"""
select w.wait_id, w.person_id, w.kind, w.case_ref as episode_ref, w.organisation_id, w.start_date, w.due_date, w.clock,
  w.as_of_date, w.feed, w.sensitivity_rank,
  case when w.kind <> 'crown_trial' then '' when {_AS_VICTIM} then '{Standing.VICTIM}'
    else '{Standing.DEFENDANT}' end as standing
from (
  select p.*, {rank_sql("p.sensitivity")} as sensitivity_rank,
    coalesce(own.episode_ref, {case_reference_sql("referral.episode_ref")}) as case_ref
  from person_wait p left join wait own on own.record_id = p.case_record_id
  left join episode referral on referral.record_id = p.case_record_id
  where p.stop_date is null{{of_kinds}}) w"""


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


def _found(rule: BlockerRule, number: int, as_of: dt.date) -> str:
    """Return the query of what one rule finds; a rule goes by its number, since its id is a place's own text."""
    form = rule.form
    if isinstance(form, HolderWait):
        return _by_wait(rule, number, form)
    if isinstance(form, MissingEvidence):
        columns = _columns(number, "evidence", quoted((form.evidence,)), "h.due_date")
        return f"select {columns} from running_wait h where {_held(rule)} and h.clock = 'past'"
    if isinstance(form, NoFutureHearing):
        return _without_hearing(rule, number, as_of)
    return _adjourned(rule, number, form)


def _columns(
    number: int,
    holder_type: str,
    holder_kind: str,
    day: str,
    seen: str = "h.as_of_date",
    item: str = "''",
    feed: str = "h.feed",
) -> str:
    """Return what is found of a wait `h` held by something that is no wait."""
    return f"""{number} as rule, h.wait_id as held_wait_id, h.person_id, '{holder_type}' as holder_type,
      {holder_kind} as holder_kind, cast(null as varchar) as holder_wait_id, cast(null as varchar) as holder_person_id,
      false as is_other, {day} as day, {seen} as seen, {item} as item, {feed} as feed,
      h.sensitivity_rank"""


def _held(rule: BlockerRule) -> str:
    standing = f" and h.standing = '{rule.held_standing}'" if rule.held_standing else ""
    return f"h.kind = {quoted((rule.held,))}{standing}"


def _by_wait(rule: BlockerRule, number: int, form: HolderWait) -> str:
    standing = f" and o.standing = '{form.standing}'" if form.standing else ""
    return f"""
    select {number} as rule, h.wait_id as held_wait_id, h.person_id, 'wait' as holder_type, o.kind as holder_kind,
      o.wait_id as holder_wait_id, case when o.person_id <> h.person_id then o.person_id end as holder_person_id,
      o.person_id <> h.person_id as is_other, o.start_date as day, o.as_of_date as seen, '' as item, o.feed,
      greatest(h.sensitivity_rank, o.sensitivity_rank) as sensitivity_rank
    from running_wait h {_SAME_PERSON if form.whose is Whose.SAME_PERSON else _RESPONDENT}
    where {_held(rule)} and o.kind in ({quoted(form.kinds)}){standing}"""


_SAME_PERSON = "join running_wait o on o.person_id = h.person_id and o.wait_id <> h.wait_id"
_RESPONDENT = """
    join family_respondent r on r.organisation_id = h.organisation_id and r.episode_ref = h.episode_ref
    join running_wait o on o.person_id = r.person_id and o.person_id <> h.person_id"""


def _without_hearing(rule: BlockerRule, number: int, as_of: dt.date) -> str:
    return f"""
    select {_columns(number, "capacity", "'hearing'", "h.as_of_date")} from running_wait h
    where {_held(rule)} and not exists (
      select 1 from hearing_day d
      where {case_reference_sql("d.episode_ref")} = {case_reference_sql("h.episode_ref")}
        and d.organisation_id = h.organisation_id
        and d.last_day >= date '{as_of}' and d.status not in ({quoted(NOT_SITTING)}))"""


_NO_FEED = "cast(null as varchar)"


def _adjourned(rule: BlockerRule, number: int, form: AdjournedHearing) -> str:
    return f"""
    select {_columns(number, "evidence", "f.cause_group", "f.day", "f.day", "coalesce(f.item, '')", _NO_FEED)}
    from running_wait h
    join failed_hearing f on f.organisation_id = h.organisation_id and f.episode_ref = h.episode_ref
    where {_held(rule)} and f.cause_group in ({quoted(tuple(form.words_by_cause))})"""


_BLOCKER = f"""
select substring(br_hash(concat('blocker|', w.problem, '|', w.rule_id, '|', f.held_wait_id, '|',
    coalesce(f.holder_wait_id, f.holder_kind))), 1, 20) as blocker_id,
  f.person_id, w.problem, w.purpose, w.rule_id, f.held_wait_id, f.holder_type, f.holder_kind, w.readiness_item,
  f.holder_wait_id, f.holder_person_id,
  w.reason, w.evidence, f.seen as evidence_date, f.feed as evidence_feed,
  w.owner_organisation, w.owner_role, w.next_action,
  {code_sql("f.sensitivity_rank")} as sensitivity
from blocker_found f join blocker_words w on {" and ".join(f"w.{name} = f.{name}" for name in KEY)}"""

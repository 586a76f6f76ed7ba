"""The sweep: what is over its time by the schedule is removed, holds apart, and written down as counts.

A plan counts and removes nothing. Sweeping twice removes nothing the second time. Runs as the owner of the tables.
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from braid.language.dates import LONDON, london_date
from braid.trust.retention import RetentionRule, load_schedule
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    CareAction,
    CaseSubject,
    Dissent,
    Draft,
    GoalReview,
    JointCase,
    MinutesAmendment,
    OutboxMessage,
    OwnWords,
    PlanApproval,
    PlanGoal,
    Referral,
    RetentionSweep,
    ReturnLine,
    RightsItem,
    SearchMade,
)
from braid.web.rights.effects import held_people
from braid.web.rights.sealed_lines import EMPTY as NO_LINES
from braid.web.watch import known_asker

SWEEP_EVERY = dt.timedelta(days=1)
"""How often the worker sweeps."""
_NO_WORDS = {"key_id": "", "wrapped": b"", "sealed": b""}


@dataclass(frozen=True)
class Found:
    """What one rule finds: how many go, how many a hold keeps, and the day before which they ended."""

    rule: RetentionRule
    before: dt.date
    goes: int
    held: int


@dataclass(frozen=True)
class _Sweep:
    """How one rule finds what is over its time: the rows, of whom a row is, and what removing does to them."""

    rows: Callable[[dt.datetime], QuerySet]
    people: Callable[[object], Collection[str]]
    remove: Callable[[QuerySet], object]


def _messages(before: dt.datetime) -> QuerySet:
    return OutboxMessage.objects.filter(state__in=("refused", "failed"), ended_at__lt=before).exclude(sealed=b"")


def _gathered(before: dt.datetime) -> QuerySet:
    return RightsItem.objects.filter(request__ended_at__lt=before).exclude(sealed=b"").select_related("request")


def _notes(before: dt.datetime) -> QuerySet:
    return Referral.objects.filter(ended_at__lt=before).exclude(note="")


GONE = "Removed: the time for which it is kept is over."
"""What stands in the place of words that were removed, where there have to be some."""
_CASE_WORDS: tuple[tuple[type[Model], str, str], ...] = (
    (CareAction, "case", "words"),
    (AgendaItem, "case", "reason"),
    (AgencyNote, "item__case", "words"),
    (MinutesAmendment, "item__case", "words"),
    (Dissent, "item__case", "words"),
    (ReturnLine, "source__item__case", "words"),
    (PlanGoal, "plan__case", "words"),
    (PlanApproval, "plan__case", "words"),
    (GoalReview, "review__plan__case", "words"),
    (OwnWords, "view__case", "words"),
)
"""Where words of a joint case rest: the table, the way to the case, and the column."""


def _cases(before: dt.datetime) -> QuerySet:
    """Return the cases that closed before then and still have words, by one look at each table."""
    closed = JointCase.objects.filter(closed_at__lt=before).exclude(state="open")
    left = Q()
    for model, way, column in _CASE_WORDS:
        there = model.objects.filter(**{way: OuterRef("pk")}).exclude(**{f"{column}__in": ("", GONE)})
        left |= Q(Exists(there))
    return closed.filter(left)


def _people_of_case(case: object) -> Collection[str]:
    return set(CaseSubject.objects.filter(case=case).exclude(person_id="").values_list("person_id", flat=True))


def _remove_case_words(cases: QuerySet) -> None:
    going = list(cases.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("select set_config('braid.swept_words', %s, true)", [GONE])
    for model, way, column in _CASE_WORDS:
        rows = model.objects.filter(**{f"{way}__in": going}).exclude(**{f"{column}__in": ("", GONE)})
        rows.update(**{column: GONE})
    with connection.cursor() as cursor:
        cursor.execute("select set_config('braid.swept_words', '', true)")


SWEEPS = {
    "message_words": _Sweep(_messages, lambda row: row.subject_ids, lambda rows: rows.update(**_NO_WORDS)),
    "gathered_words": _Sweep(
        _gathered, lambda row: [row.request.subject_id, *row.about], lambda rows: rows.update(**NO_LINES)
    ),
    "referral_notes": _Sweep(_notes, lambda row: [row.person_id], lambda rows: rows.update(note="")),
    "case_words": _Sweep(_cases, _people_of_case, _remove_case_words),
    "searches": _Sweep(
        lambda before: SearchMade.objects.filter(made_at__lt=before), lambda _row: (), lambda rows: rows.delete()
    ),
    "drafts": _Sweep(
        lambda before: Draft.objects.filter(saved_at__lt=before), lambda _row: (), lambda rows: rows.delete()
    ),
}
"""By the code of a rule."""


def plan(now: dt.datetime) -> list[Found]:
    """Return what a sweep would remove now, rule by rule; nothing is removed."""
    with known_asker():
        held = held_people()
        return [_find(rule, now, held)[0] for rule in load_schedule() if rule.is_swept]


def sweep(now: dt.datetime, by: str = "") -> list[Found]:
    """Remove what is over its time, and keep the counts of each rule; return them."""
    with known_asker():
        return [_sweep(rule, now, by) for rule in load_schedule() if rule.is_swept]


def sweep_when_due(now: dt.datetime | None = None) -> int:
    """Sweep once a day; return how much was removed."""
    at = now or timezone.now()
    with known_asker():
        if RetentionSweep.objects.filter(swept_at__gt=at - SWEEP_EVERY).exists():
            return 0
    return sum(found.goes for found in sweep(at))


@transaction.atomic
def _sweep(rule: RetentionRule, now: dt.datetime, by: str) -> Found:
    found, going = _find(rule, now, held_people())
    SWEEPS[rule.code].remove(going)
    RetentionSweep.objects.append_one(
        RetentionSweep(rule=rule.code, before_on=found.before, removed=found.goes, held=found.held, swept_by=by)
    )
    return found


def _find(rule: RetentionRule, now: dt.datetime, held: frozenset[str]) -> tuple[Found, QuerySet]:
    """Return what a rule finds, and the rows that go: those of nobody of whom a hold is in force."""
    each, before = SWEEPS[rule.code], rule.before(london_date(now))
    rows = each.rows(dt.datetime.combine(before, dt.time(), LONDON))
    kept = [row.pk for row in rows if held and not held.isdisjoint(each.people(row))]
    going = rows.exclude(pk__in=kept)
    return Found(rule, before, going.count(), len(kept)), going.select_related(None)

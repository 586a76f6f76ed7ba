"""The ledger of joint funds: a journal that is added to and never changed, in periods that are closed for good.

About money and nobody. What is written here holds however it is written: triggers refuse to change or remove a row, an
entry that does not sum to zero in each book of each fund, and a line in a closed period, to the owner of the tables as
to the pages.
"""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.place.money.entries import KINDS
from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row

BOOK_SQL = (
    "case split_part(l.account, ':', 1) when 'budget' then 'budget' when 'appropriated' then 'budget'"
    " when 'committed' then 'commitment' when 'reserved' then 'commitment' else 'money' end"
)
"""The book of an account, as `braid.place.money.accounts.BOOK_OF` has it."""
BALANCED = f"""
    if (select count(*) from braid_ledgerline l where l.entry_id = wanted)
        is distinct from (select e.lines::bigint from braid_ledgerentry e where e.id = wanted)
    then raise exception 'an entry of the ledger has the lines that it says it has'; end if;
    if exists (select 1 from braid_ledgerline l where l.entry_id = wanted
        group by l.fund_id, {BOOK_SQL} having sum(l.pence) <> 0)
    then raise exception 'an entry of the ledger sums to zero in each book of each fund'; end if;
    return null;
"""
LINE_IN_OPEN_PERIOD = """
    select e.month into entry_month from braid_ledgerentry e where e.id = new.entry_id;
    select f.closed_to into closed from braid_ledgerfund f where f.fund_id = new.fund_id for share;
    if entry_month is null or closed is null or entry_month <= closed
    then raise exception 'the period of the ledger is closed, or there is no such entry or fund'; end if;
    return new;
"""
APPROVED_IN_OPEN_PERIOD = """
    select e.month, e.posted_by into entry_month, poster from braid_ledgerentry e
        where e.id = new.entry_id and e.needs_approval;
    if entry_month is null then raise exception 'no such entry of the ledger waits for approval'; end if;
    if new.state = 'approved' and new.decided_by = poster
    then raise exception 'whoever posts an entry of the ledger does not approve it'; end if;
    for closed in select f.closed_to from braid_ledgerfund f where f.fund_id in
        (select l.fund_id from braid_ledgerline l where l.entry_id = new.entry_id) order by f.fund_id for share
    loop
        if entry_month <= closed then raise exception 'the period of the ledger is closed'; end if;
    end loop;
    return new;
"""
NEXT_PERIOD = """
    select f.closed_to into closed from braid_ledgerfund f where f.fund_id = new.fund_id for update;
    if closed is null or new.month <> (closed + interval '1 month')::date
    then raise exception 'periods of the ledger are closed one after another'; end if;
    if exists (select 1 from braid_ledgerentry e join braid_ledgerline l on l.entry_id = e.id
        where l.fund_id = new.fund_id and e.month = new.month and e.needs_approval
            and not exists (select 1 from braid_ledgerdecision d where d.entry_id = e.id))
    then raise exception 'entries of the period wait for approval'; end if;
    update braid_ledgerfund set closed_to = new.month where fund_id = new.fund_id;
    return new;
"""
ONWARD_ALONE = """
    if pg_trigger_depth() < 2 or new.fund_id <> old.fund_id or new.opened_by <> old.opened_by
        or new.opened_at <> old.opened_at or new.closed_to <> (old.closed_to + interval '1 month')::date
    then raise exception 'a period of the ledger is closed by its row, and never opened again'; end if;
    return new;
"""


def _before_insert(name: str, func: str, declare: list[tuple[str, str]]) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, when=pgtrigger.Before, operation=pgtrigger.Insert, func=func, declare=declare)


def _at_the_end(name: str, wanted: str) -> pgtrigger.Trigger:
    """Return a trigger that looks at an entry when its transaction ends, with all its lines."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[("wanted", f"uuid := {wanted}")],
        func=BALANCED,
    )


class LedgerFund(Row):
    """A fund whose books are open, and the last period that is closed: at first the month before it begins."""

    objects = Appending()
    fund_id = models.CharField(max_length=60, primary_key=True)
    closed_to = models.DateField()
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="onward_alone", when=pgtrigger.Before, operation=pgtrigger.Update, func=ONWARD_ALONE
            ),
            append_only("funds of the ledger")[1],
        ]


class LedgerPeriod(Row):
    """A period that was closed, by whom and when."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    fund = models.ForeignKey(LedgerFund, on_delete=models.PROTECT, related_name="periods")
    month = models.DateField()
    closed_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["fund", "month"], name="period_closed_once")]
        triggers: ClassVar = [
            *append_only("periods of the ledger"),
            _before_insert("next_period", NEXT_PERIOD, [("closed", "date")]),
        ]


class LedgerEntry(Row):
    """An entry of the journal, as `braid.place.money.entries.Entry` has it; its lines stand beside it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20)
    fund = models.ForeignKey(LedgerFund, on_delete=models.PROTECT, related_name="entries")
    month = models.DateField()
    occurred_date = models.DateField()
    amount_pence = models.BigIntegerField()
    lines = models.PositiveSmallIntegerField()
    """How many lines it has: none is added later."""
    line = models.CharField(max_length=60, blank=True)
    body = models.CharField(max_length=60, blank=True)
    commitment = models.UUIDField(null=True, db_index=True)
    """The entry of the commitment that it makes, draws on, releases or undoes."""
    reverses = models.UUIDField(null=True, db_index=True)
    reference = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=400, blank=True)
    override = models.CharField(max_length=30, blank=True)
    late_for = models.DateField(null=True)
    needs_approval = models.BooleanField()
    posted_by = models.CharField(max_length=150)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fund", "reference"], condition=~Q(reference=""), name="entry_reference_once"
            ),
            models.CheckConstraint(name="entry_has_a_kind", condition=Q(kind__in=sorted(KINDS))),
            models.CheckConstraint(name="entry_in_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(name="entry_has_lines", condition=Q(lines__gte=2)),
        ]
        indexes: ClassVar = [models.Index(fields=["fund", "month"], name="entry_by_month")]
        triggers: ClassVar = [*append_only("entries of the ledger"), _at_the_end("balanced", "new.id")]


class LedgerLine(Row):
    """One line of an entry: so many pence on an account of a fund, debits positive."""

    objects = Appending()
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="postings")
    fund = models.ForeignKey(LedgerFund, on_delete=models.PROTECT)
    account = models.CharField(max_length=80)
    pence = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["fund", "account"], name="line_by_account")]
        triggers: ClassVar = [
            *append_only("lines of the ledger"),
            _before_insert("open_period", LINE_IN_OPEN_PERIOD, [("entry_month", "date"), ("closed", "date")]),
            _at_the_end("balanced", "new.entry_id"),
        ]


class LedgerDecision(Row):
    """What a second person decided on an entry that asks for one."""

    objects = Appending()
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, primary_key=True, related_name="decision")
    state = models.CharField(max_length=10)
    decided_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="decision_has_a_state", condition=Q(state__in=("approved", "refused")))
        ]
        triggers: ClassVar = [
            *append_only("decisions on entries of the ledger"),
            _before_insert(
                "open_period",
                APPROVED_IN_OPEN_PERIOD,
                [("entry_month", "date"), ("closed", "date"), ("poster", "varchar")],
            ),
        ]

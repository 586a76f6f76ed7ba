"""Reading the record, for whoever accounts for it: entries, the log's state, who looked at somebody. Ids, no names.

Each read is an entry itself, in the transaction that reads. Somebody who is kept from a person reads of them what they
did themselves and nothing else: as if there were no such person, of whom they may have asked too.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from braid.language.person_ids import is_person_id
from braid.trust.audit import KINDS, Entry, is_code
from braid.trust.own_view import LEFT_OUT, Secrets, share_out
from braid.trust.roles import PURPOSES, ROLES
from braid.trust.snooping import Finding, find_snooping
from braid.web.access.context import asking_as
from braid.web.access.projections import (
    Account,
    AccountLine,
    EntriesPage,
    EntrySeen,
    LogSeen,
    WitnessSeen,
)
from braid.web.access.sight import NotPermitted, NotThere, page_of
from braid.web.audit_log import LogState, find_state
from braid.web.models import AgreementInForce, AuditEntry, Hidden, User, WitnessSignature
from braid.web.published import find_published_run
from braid.web.reasons import REFERENCE
from braid.web.recording import Asker, Facts, record

PAGE_SIZE = 50
REPORT_DAYS = 28
"""How far back the reports on looks reach: long enough to know a usual day, short enough to read."""
FIELDS = {
    "username": "username",
    "person_id": "person_id",
    "purpose": "purpose",
    "reference": "reference",
    "kind": "kind",
    "decision": "decision",
    "since": "recorded_at__date__gte",
    "until": "recorded_at__date__lte",
}


def check_accounts(role_code: str) -> None:
    """Raise `NotPermitted` for a role that does not account for the record."""
    role = ROLES.get(role_code)
    if role is None or not role.sees_audit:
        raise NotPermitted


@contextmanager
def _reading(reader: Asker) -> Iterator[QuerySet[AuditEntry]]:
    """Give the entries that the reader may read, in their transaction. Raises `NotPermitted`."""
    check_accounts(reader.role)
    with asking_as(reader.username, ""):
        hidden = Q(person_id__in=Hidden.objects.values("person_id"))
        yield AuditEntry.objects.exclude(hidden & ~Q(username=reader.username))


def record_read(reader: Asker, rows: int, person_id: str = "", **details: str | int) -> None:
    """Write down that the record was read: about whom, how many rows, and codes; in the transaction that reads."""
    record("audit_read", reader, (person_id,), Facts(row_count=rows, details={"what": reader.page, **details}))


def get_entries(reader: Asker, wanted: Mapping[str, Any], page: object = 1) -> EntriesPage:
    """Return a page of the record, newest first, narrowed by the keys of `FIELDS`.

    Raises `NotPermitted` for a role that does not account for it, `NotThere` for a page that does not exist.
    """
    with _reading(reader) as entries:
        narrowed = {FIELDS[key]: value for key, value in wanted.items() if value}
        found = entries.filter(**narrowed).order_by("-recorded_at", "-pk")
        rows, paginator, number = page_of(found, PAGE_SIZE, page)
        record_read(reader, len(rows), str(wanted.get("person_id") or ""), **_filters(wanted), number=number)
        return EntriesPage(tuple(map(_entry_seen, rows)), paginator.count, number, paginator.num_pages)


def _filters(wanted: Mapping[str, Any]) -> dict[str, str]:
    """Return by what the entries were narrowed, as codes: a name that is nobody's, and what is no reference, came from
    whoever asked and is not kept."""
    kept = {key: str(value) for key, value in wanted.items() if value and key in FIELDS and key != "person_id"}
    if "username" in kept and not User.objects.filter(username=kept["username"]).exists():
        kept["username"] = "nobody"
    if "reference" in kept and not REFERENCE.fullmatch(kept["reference"]):
        kept["reference"] = "none"
    return {key: value if is_code(value) else "not a code" for key, value in kept.items()}


def _entry_seen(row: AuditEntry) -> EntrySeen:
    return EntrySeen(
        recorded_at=row.recorded_at,
        kind_name=KINDS.get(row.kind, row.kind),
        username=row.username,
        organisation=row.organisation,
        role_name=_role_name(row.role),
        purpose_name=PURPOSES.get(row.purpose, row.purpose),
        agreement=f"{row.agreement_id} {row.agreement_version}".strip(),
        relation=row.relation.replace("_", " "),
        reference=row.reference,
        person_id=row.person_id,
        item_classes=row.item_classes,
        decision=f"{row.decision}: {row.reason.replace('_', ' ')}" if row.reason else row.decision,
        page=row.page,
    )


def _role_name(code: str) -> str:
    return ROLES[code].name if code in ROLES else code


def get_log(reader: Asker) -> LogSeen:
    """Return the newest checkpoint, who witnessed which and when, and how much waits for its place."""
    with _reading(reader):
        state = find_state(connection)
        record_read(reader, 1)
        return _log_seen(state)


def _log_seen(state: LogState) -> LogSeen:
    newest: dict[str, WitnessSignature] = {}
    for row in WitnessSignature.objects.select_related("checkpoint").order_by("seen_at"):
        newest[row.witness] = row
    return LogSeen(
        size=state.size,
        checkpoint_size=state.checkpoint.size if state.checkpoint else None,
        signed_at=state.signed_at,
        note=state.note,
        waiting=state.waiting,
        lag_seconds=(timezone.now() - state.oldest_at).total_seconds() if state.oldest_at else 0.0,
        witnesses=tuple(
            WitnessSeen(name, row.checkpoint.size, row.seen_at, state.size - row.checkpoint.size)
            for name, row in sorted(newest.items())
        ),
    )


def get_account(reader: Asker, person_id: str) -> Account:
    """Return who looked at a person: what is handed out, and for whoever answers, how many entries are left out.

    Raises `NotThere` for what cannot be the id of a person.
    """
    check_accounts(reader.role)
    if not is_person_id(person_id):
        raise NotThere
    with _reading(reader) as entries:
        rows = _entries(entries.filter(person_id=person_id).order_by("recorded_at", "pk"))
        handed, left = share_out(rows, person_id, get_secrets())
        record_read(reader, len(handed) + len(left), person_id)
        return _account(person_id, handed, left)


def _account(person_id: str, handed: Iterable[Entry], left: Iterable[tuple[str, Entry]]) -> Account:
    run = find_published_run()
    kinds = dict(run.kinds) if run else {}
    return Account(
        person_id=person_id,
        lines=tuple(
            AccountLine(
                recorded_at=entry.recorded_at,
                username=entry.username,
                organisation=entry.organisation,
                organisation_kind=kinds.get(entry.organisation, ""),
                role_name=_role_name(entry.role),
                purpose_name=PURPOSES[entry.purpose],
                what=KINDS[entry.kind],
            )
            for entry in handed
        ),
        left_out=tuple((LEFT_OUT[code], count) for code, count in sorted(Counter(code for code, _ in left).items())),
    )


def get_secrets() -> Secrets:
    """Return the organisations that are the police, and the agreements in force that are for law enforcement."""
    run = find_published_run()
    kinds = run.kinds if run else {}
    agreements = AgreementInForce.objects.filter(terms__law_enforcement=True).values_list("agreement_id", flat=True)
    return Secrets(frozenset(name for name, kind in kinds.items() if kind == "police"), frozenset(agreements))


def get_findings(reader: Asker, days: int = REPORT_DAYS) -> tuple[Finding, ...]:
    """Return what the rules on looks point out over the last `days` days, newest first."""
    since = timezone.now() - dt.timedelta(days=days)
    with _reading(reader) as entries:
        rows = entries.filter(recorded_at__gte=since, kind__in=("look", "refused")).order_by("recorded_at", "pk")
        findings = find_snooping(_entries(rows))
        record_read(reader, len(findings))
        return findings


def _entries(rows: QuerySet[AuditEntry]) -> Iterable[Entry]:
    names = [each.name for each in fields(Entry)]
    return (Entry(*values) for values in rows.values_list(*names).iterator(chunk_size=5000))

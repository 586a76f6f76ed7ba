"""What a restriction and an erasure do, beside the pages, as the owner of the tables.

A restriction hides the person from everybody but whoever accounts for looks, at once, by row security; and keeps their
records out of every table of the next run, so that nothing joins, lists or plans them. It is taken back by a day in the
same list. An erasure blanks the keys and words of what is about the person alone, takes them out of the published set,
and writes their records on the list that keeps tomorrow's extract from bringing them back. Nothing of the record of
looks is changed: its entries hold an id that leads to nobody any more. A hold beats it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping

import pyarrow.parquet as pq
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from braid.language.dates import london_date
from braid.language.findings import PERSON_LINK
from braid.language.records import PERSON_RECORD
from braid.people import withdrawals
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.restricted import append_restricted, change_restricted, read_restricted
from braid.trust.subject_rights import may_erase
from braid.trust.subject_rights_terms import ERASURE
from braid.web.acting import Actor, write_entry
from braid.web.care.document_bytes import EMPTY
from braid.web.models import (
    CaseDocument,
    DocumentSubject,
    DocumentVersion,
    LegalHold,
    LinkPair,
    OutboxMessage,
    Person,
    Referral,
    RightsItem,
    RightsRequest,
    RightsStep,
    SafeContact,
    SafeContactDigest,
)
from braid.web.recording import Facts, record
from braid.web.rights.sealed_lines import EMPTY as NO_LINES
from braid.web.vault.erasing import erase_person

PAGE = "rights request"
APPLIED, ON_HOLD = "applied", "hold"
_NO_WORDS = {"key_id": "", "wrapped": b"", "sealed": b""}
Key = tuple[str, str]


def waiting_effects() -> Collection[RightsRequest]:
    """Return the requests that wait for Braid: approved erasures, and restrictions that begin or ended."""
    rows = RightsRequest.objects.filter(kind__in=("erasure", "restriction"))
    return [
        *rows.filter(kind="erasure", state="approved"),
        *rows.filter(kind="restriction", state__in=("in_force", "ending")).exclude(held_because=APPLIED),
        *rows.filter(kind="restriction", state="ended", held_because=APPLIED),
    ]


def apply_effect(place: Place, row: RightsRequest) -> int:
    """Do what a request of that kind comes to; return 1 where something was done. Inside `known_asker`."""
    if row.kind == "erasure":
        return erase(place, row)
    return _end_restriction(place, row) if row.state == "ended" else _restrict(place, row)


def has_hold(person_id: str) -> bool:
    """Whether a hold on a person is in force."""
    return LegalHold.objects.filter(person_id=person_id, lifted_at=None).exists()


def held_people() -> frozenset[str]:
    """Return the ids of everybody of whom a hold is in force."""
    return frozenset(LegalHold.objects.filter(lifted_at=None).values_list("person_id", flat=True))


def find_keys(place: Place, person_id: str) -> list[Key]:
    """Return feed and partner's key of every record of a person in the visible run."""
    run = Lake(place.lake_folder).current()
    if run is None or not run.table(PERSON_LINK.name).is_file():
        return []
    links = pq.read_table(run.table(PERSON_LINK.name), filters=[("person_id", "==", person_id)]).to_pylist()
    records = [link["person_record_id"] for link in links]
    if not records:
        return []
    columns = ["feed", "partner_record_id"]
    rows = pq.read_table(run.table(PERSON_RECORD.name), columns=columns, filters=[("record_id", "in", records)])
    return sorted({(row["feed"], row["partner_record_id"]) for row in rows.to_pylist()})


def _restrict(place: Place, row: RightsRequest) -> int:
    there = withdrawals.parse_stopped(read_restricted(place, withdrawals.STOPPED_FILE, withdrawals.STOPPED_COLUMNS))
    for key in find_keys(place, row.subject_id):
        if there.get(key) != row.reference:
            said = {"since_date": _today(), "ended_date": ""}
            _append(place, withdrawals.STOPPED_FILE, withdrawals.STOPPED_COLUMNS, key, row, said)
    RightsRequest.objects.filter(pk=row.pk).update(held_because=APPLIED)
    return 1


def _end_restriction(place: Place, row: RightsRequest) -> int:
    def change(line: dict[str, str]) -> dict[str, str]:
        ends = line["reference"] == row.reference and not line["ended_date"]
        return {**line, "ended_date": _today()} if ends else line

    change_restricted(place, withdrawals.STOPPED_FILE, withdrawals.STOPPED_COLUMNS, change)
    RightsRequest.objects.filter(pk=row.pk).update(held_because="")
    return 1


def erase(place: Place, row: RightsRequest) -> int:
    """Erase what is held of a person, unless a hold is in force; return 1 where it was done.

    The list comes first: whatever is cut off after it is done again from the beginning, and brings nobody back.
    """
    if not may_erase(row.state, has_hold(row.subject_id)):
        if row.held_because != ON_HOLD:
            RightsRequest.objects.filter(pk=row.pk, state="approved").update(held_because=ON_HOLD)
        return 0
    there = withdrawals.parse_withdrawn(read_restricted(place, withdrawals.WITHDRAWN_FILE, withdrawals.COLUMNS))
    for key in find_keys(place, row.subject_id):
        if there.get(key) != "erasure":
            said = {"cause": "erasure", "decided_date": _today()}
            _append(place, withdrawals.WITHDRAWN_FILE, withdrawals.COLUMNS, key, row, said)
    return _erase_rows(row)


@transaction.atomic
def _erase_rows(row: RightsRequest) -> int:
    locked = RightsRequest.objects.select_for_update().get(pk=row.pk)
    if not may_erase(locked.state, has_hold(row.subject_id)):
        return 0
    counts = erase_person_rows(row.subject_id, timezone.now())
    after = ERASURE.after(locked.state, "erase")
    RightsRequest.objects.filter(pk=row.pk).update(state=after, ended_at=timezone.now(), held_because="")
    RightsStep.objects.append_one(RightsStep(request=row, step="erase"))
    details = {"what": "rights request erase", "request": row.reference, **counts}
    asker = Actor(row.second_by, "", "ig_lead", row.reference, PAGE)
    record("changed", asker, (row.subject_id,), Facts(channel="command", details=details))
    return 1


def erase_person_rows(person_id: str, now: dt.datetime) -> dict[str, int]:
    """Erase what PostgreSQL and the vault hold of a person; return counts. What is about others too stays theirs."""
    counts: Counter[str] = Counter()
    counts["vault"] = int(erase_person(person_id))
    counts["documents"] = _erase_documents(person_id, now)
    alone = OutboxMessage.objects.filter(subject_ids=[person_id])
    alone.filter(state="queued").update(state="cancelled", ended_at=now, **_NO_WORDS)
    counts["messages"] = alone.exclude(sealed=b"").update(**_NO_WORDS)
    counts["notes"] = Referral.objects.filter(person_id=person_id).exclude(note="").update(note="")
    items = RightsItem.objects.filter(request__subject_id=person_id).exclude(sealed=b"")
    counts["gathered"] = items.update(**NO_LINES)
    SafeContactDigest.objects.filter(person_id=person_id).delete()
    counts["contacts"] = SafeContact.objects.filter(person_id=person_id).exclude(sealed=b"").update(**_NO_WORDS)
    pairs = LinkPair.objects.filter(Q(person_a=person_id) | Q(person_b=person_id)).exclude(sheet={})
    counts["pairs"] = pairs.update(is_shown=False, sheet={})  # its sheet shows name and day of birth to reviewers
    counts["published"] = Person.objects.filter(pk=person_id).delete()[0]
    return dict(counts)


def _erase_documents(person_id: str, now: dt.datetime) -> int:
    """Erase the documents that are about nobody else; return how many."""
    mine = set(DocumentSubject.objects.filter(subject__person_id=person_id).values_list("document_id", flat=True))
    others = DocumentSubject.objects.filter(document__in=mine).exclude(subject__person_id=person_id)
    alone = mine - set(others.values_list("document_id", flat=True))
    DocumentVersion.objects.filter(document__in=alone).update(**EMPTY)
    return CaseDocument.objects.filter(pk__in=alone, state="held").update(
        state="withdrawn", ended_because="person_asked", ended_at=now, title="", given_by="", held_because=""
    )


def _append(
    place: Place, name: str, columns: Collection[str], key: Key, row: RightsRequest, said: Mapping[str, str]
) -> None:
    """Add a record to a list of the place; the entry comes first, and says no key."""
    feed, partner_record_id = key
    line = {**said, "feed": feed, "partner_record_id": partner_record_id, "reference": row.reference}
    actor = Actor(row.second_by or row.handled_by, "", "ig_lead", row.reference, PAGE)

    def before(number: int) -> None:
        facts = Facts(channel="command", details={"what": f"{row.kind} listed", "feed": feed, "line": number})
        write_entry("changed", actor, facts, (row.subject_id,))

    append_restricted(place, name, list(columns), line, before=before)


def _today() -> str:
    return london_date(timezone.now()).isoformat()

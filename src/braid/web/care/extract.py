"""Joint work as one more partner's extract: what the web app decided leaves it as a file, and the next run reads it.

A file says of whom by a record that a partner sent of them, and holds no name, no words and no worker. Of somebody who
is apart in a case it holds nothing, nor of whom a case was about by mistake. Whom no partner sends a record of any more
is left out until one does.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from django.db import transaction

from braid.extracts.standards.joint_work import COLUMNS, FILE
from braid.language.dates import london_date
from braid.language.findings import PERSON_LINK
from braid.language.records import PERSON_RECORD
from braid.store.lake import Run
from braid.store.own_extract import put_extract
from braid.store.place_folder import Feed, Place, PlaceInvalid
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.acting import Actor
from braid.web.models import AgendaItem, CaseSubject, Referral
from braid.web.recording import Facts, record
from braid.web.watch import known_asker

STANDARD = "joint_work"
WRITER = Actor("", "", "", "", "joint work")
Anchors = Mapping[str, tuple[str, str]]
"""For each person the feed and key of one record of theirs."""
IN_ERROR = "opened_in_error"
"""The outcome of a case that should never have been: nobody was of it."""


@dataclass(frozen=True)
class Written:
    """An extract of joint work: where it is, its rows, and of how many no record is known."""

    path: Path
    rows: int
    left_out: int


def find_feed(place: Place) -> Feed:
    """Return the feed of the place under which its own joint work is read. Raises `PlaceInvalid` where it has none."""
    found = [feed for feed in place.feeds if feed.standard == STANDARD]
    if len(found) != 1:
        raise PlaceInvalid(
            f"place.toml: one feed with standard = {STANDARD!r} is needed to write joint work; add it, with the"
            " organisation that runs Braid"
        )
    return found[0]


def write_extract(place: Place, run: Run, today: dt.date) -> Written:
    """Write the extract of today, in place of an earlier one of today. It is there whole or not at all.

    `run` is the run that is published: its links say which record is whom. Raises `PlaceInvalid`.
    """
    feed = find_feed(place)
    anchors = read_anchors(run)
    with known_asker(), transaction.atomic():
        every = list(_rows())
        known = [(row, anchors[person]) for person, row in every if person in anchors]
        facts = Facts(row_count=len(known), details={"what": "joint work written", "feed": feed.id})
        record("exported", WRITER, facts=facts)
    rows = sorted([row[0], row[1], feed_of, key, *row[2:]] for row, (feed_of, key) in known)
    folder = place.folder / "extracts" / feed.id / today.isoformat()
    return Written(put_extract(folder, FILE, COLUMNS, rows), len(rows), len(every) - len(rows))


def read_anchors(run: Run) -> Anchors:
    """Return one record of each person: of those that partners sent, the same one from run to run."""
    links = pq.read_table(run.table(PERSON_LINK.name), columns=["person_record_id", "person_id"]).to_pylist()
    records = pq.read_table(run.table(PERSON_RECORD.name), columns=["record_id", "feed", "partner_record_id"])
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in records.to_pylist()}
    found: dict[str, tuple[str, str]] = {}
    for link in sorted(links, key=lambda row: str(row["person_record_id"]), reverse=True):
        if link["person_record_id"] in keys:
            found[link["person_id"]] = keys[link["person_record_id"]]
    return found


def _rows() -> Iterator[tuple[str, list[str]]]:
    """Yield a person with a row about them, the two columns of the record left out."""
    yield from _referrals()
    subjects: dict[object, list[str]] = {}
    rows = CaseSubject.objects.filter(in_error=False).exclude(person_id="")
    for subject in rows.exclude(case__outcome=IN_ERROR).select_related("case").order_by("pk"):
        row = subject.case
        ended = subject.ended_at or row.closed_at
        kind = "risk_conference" if row.case_type == "marac" else "joint_case"
        about = (row.case_type, _day(subject.added_at), _day(ended), "closed" if ended else "open", row.outcome)
        yield subject.person_id, [row.reference, f"case-{subject.pk}", kind, *about, _sensitivity(row.purpose)]
        if subject.ended_at is None:
            subjects.setdefault(row.pk, []).append(subject.person_id)
    for item in AgendaItem.objects.filter(decided_at__isnull=False).select_related("case").order_by("pk"):
        for number, person in enumerate(subjects.get(item.case_id, [])):
            what = ("decision", item.case.case_type, _day(item.decided_at), "", "closed", item.decision)
            part = f"decision-{item.pk}-{number}"
            yield person, [item.case.reference, part, *what, _sensitivity(item.case.purpose)]


def _referrals() -> Iterator[tuple[str, list[str]]]:
    for row in Referral.objects.order_by("reference"):
        secret = _sensitivity(row.purpose)
        state = "closed" if row.ended_at else "open"
        sent = ("referral", row.service, _day(row.sent_at), _day(row.ended_at), state, "")
        yield row.person_id, [row.reference, "sent", *sent, secret]
        if row.answered_at is not None and row.state != "pending":
            result = row.refusal or row.state
            answer = ("answer", row.service, _day(row.answered_at), "", state, result)
            yield row.person_id, [row.reference, "answer", *answer, secret]


def _day(moment: dt.datetime | None) -> str:
    return london_date(moment).isoformat() if moment else ""


def _sensitivity(purpose: str) -> str:
    return "safe_address" if purpose == VICTIM_RESPONSE else "special"

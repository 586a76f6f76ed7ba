"""What must not come back with an older state of a place: who was erased or restricted since, and sessions.

The lists of `restricted/` outlive the state that is put back: they name records, and the lake that came back says whose
they are. So whoever is on them is erased from the database again, or taken out of what is shown until the next run
leaves them out by itself. Import once Django is set up, as the owner of the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from braid.language.findings import PERSON_LINK
from braid.language.records import PERSON_RECORD
from braid.people import withdrawals
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.restricted import read_restricted
from braid.web.acting import Actor
from braid.web.models import Person, SignedSession
from braid.web.recording import Facts, record
from braid.web.rights.effects import erase_person_rows
from braid.web.watch import known_asker

BY_NOBODY = Actor("", "", "", "", "restore")
"""The entry's asker: a restore is of the machine, and its list says by which request."""
Key = tuple[str, str]


@transaction.atomic
def take_back(place: Place) -> Counter[str]:
    """Erase again whom the list says erased, hide whom it says restricted, end every session; return how many of each.

    A hold does not keep anybody here: what is on the list was erased when none was in force. Raises `PlaceInvalid`
    where a list cannot be read.
    """
    withdrawn = withdrawals.parse_withdrawn(read_restricted(place, withdrawals.WITHDRAWN_FILE, withdrawals.COLUMNS))
    stopped = withdrawals.parse_stopped(read_restricted(place, withdrawals.STOPPED_FILE, withdrawals.STOPPED_COLUMNS))
    counts = Counter({"erased": 0, "hidden": 0, "sessions": 0})
    with known_asker():
        for person_id in find_people(place, {key for key, cause in withdrawn.items() if cause == "erasure"}):
            if any(erase_person_rows(person_id, timezone.now()).values()):
                facts = Facts(channel="command", details={"what": "erased again after restore"})
                record("changed", BY_NOBODY, (person_id,), facts)
                counts["erased"] += 1
        shown = Person.objects.filter(pk__in=find_people(place, stopped.keys()))
        counts["hidden"] = shown.count()
        shown.delete()
        counts["sessions"] = SignedSession.objects.all().delete()[0]
    return counts


def find_people(place: Place, keys: Collection[Key]) -> list[str]:
    """Return the ids of the people to whom the visible run links any of these records, by feed and partner's key."""
    run = Lake(place.lake_folder).current()
    if not keys or run is None or not run.table(PERSON_LINK.name).is_file():
        return []
    named = [("partner_record_id", "in", sorted({key for _, key in keys}))]
    columns = ["feed", "partner_record_id", "record_id"]
    rows = pq.read_table(run.table(PERSON_RECORD.name), columns=columns, filters=named).to_pylist()
    wanted = {row["record_id"] for row in rows if (row["feed"], row["partner_record_id"]) in keys}
    if not wanted:
        return []
    linked = [("person_record_id", "in", sorted(wanted))]
    return sorted(set(pq.read_table(run.table(PERSON_LINK.name), filters=linked)["person_id"].to_pylist()))

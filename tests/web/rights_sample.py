"""A request for access about somebody as it lies with a second person, with an item, steps and a hold."""

import datetime as dt
import uuid

from braid.trust.subject_rights import Line
from braid.web.models import LegalHold, RightsItem, RightsPause, RightsRequest, RightsStep
from braid.web.rights.sealed_lines import seal_lines
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker

LINES = (
    Line("Name", "Olu Outside"),
    Line("Address lines", "", "L", "location"),
    Line("It says", "WORDS-THAT-ARE-WITHHELD"),
)


def put_request(person_id: str, handled_by: str = "somebody else", state: str = "review") -> str:
    """Put one of each into the tables as their owner; return the id of the request."""
    day = dt.date(2026, 11, 2)
    with known_asker():
        row = RightsRequest.objects.create(
            reference=uuid.uuid4().hex[:20],
            subject_id=person_id,
            asker="self",
            received_on=day,
            shown_on=day,
            channel="bundle",
            state=state,
            handled_by=handled_by,
        )
        item = RightsItem(
            request=row, position=1, kind="record", title="A record", line_count=3, locked_count=1, kept=[0]
        )
        for column, value in seal_lines(open_key_ring(), item.pk, LINES).items():
            setattr(item, column, value)
        item.ground, item.decided_by = "third_party", handled_by
        item.save(force_insert=True)
        RightsPause.objects.create(request=row, first_on=day, last_on=day, entered_by=handled_by)
        RightsStep.objects.create(request=row, step="gather")
        LegalHold.objects.create(person_id=person_id, reason="complaint", reference="IG-2026-17", placed_by=handled_by)
    return str(row.pk)

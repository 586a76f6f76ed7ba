"""The pages that lead on from a joint case, for one who takes part in it: each only where it is there for them."""

from braid.care import documents
from braid.care.cases import Sight as SightOfCase
from braid.care.response import sees_apart, sees_response
from braid.trust.roles import SCHOOL_FROM_TA, VICTIM_RESPONSE
from braid.web.care.cases import CaseSeen
from braid.web.models import JointCase


def pages_of(row: JointCase, seen: CaseSeen) -> tuple[tuple[str, str], ...]:
    """Return the names of addresses that take the id of a case, each with the words of its link."""
    found = [("readiness", "Readiness")] if seen.case_type.readiness else []
    is_whole, agency = seen.mine.sight is SightOfCase.WHOLE, seen.mine.agency
    if row.purpose == SCHOOL_FROM_TA and is_whole:
        found.append(("moves", "Planned moves and their notices"))
    if documents.sees_side(seen.case_type, agency, documents.HARMED):
        found.append(("documents", "Documents"))
    if row.purpose == VICTIM_RESPONSE and is_whole:
        if sees_response(seen.case_type, agency):
            found.append(("response", "Response as one plan"))
            found.append(("appointments", "Appointments as one plan"))
        if sees_apart(seen.case_type, agency):
            found.append(("response_apart", "The side of who is accused"))
            found.append(("appointments_apart", "Where who is accused will be"))
    if documents.sees_side(seen.case_type, agency, documents.APART):
        found.append(("documents_apart", "Documents of that side"))
    return tuple(found)

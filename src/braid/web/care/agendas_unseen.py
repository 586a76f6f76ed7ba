"""Cases on an agenda in which the chair takes no part, or no more: after the chair was taken over, or an exclusion.

The chair sees nothing of them and cannot decide on them. Their seats are asked for returns all the same, and with the
end of the meeting they are put off, so that they come to the next one and rise like what was put off by hand.
"""

from braid.care import meetings
from braid.web.access.sight import Sight
from braid.web.care.kept import case_type_of, record_step
from braid.web.models import Meeting
from braid.web.owner_functions import ask


def ask_returns(meeting: Meeting) -> None:
    """Ask the seats of these cases for their returns, by the chair of a meeting that has not begun."""
    kind = case_type_of(meeting.case_type)
    due_at = meetings.returns_due_at(meeting.starts_at, kind)
    ask("braid_ask_unseen", meeting.pk, due_at, sorted(kind.agencies))


def count_left(meeting: Meeting) -> int:
    """Return how many of them are still to be discussed; of cases about somebody kept from the chair, none."""
    found: int = ask("braid_left_unseen", meeting.pk)
    return found


def put_off(sight: Sight, meeting: Meeting) -> None:
    """Put off what is left of them, by the chair of a meeting that ends. How many is for the record alone."""
    count: int = ask("braid_put_off_unseen", meeting.pk)
    if count:
        record_step(sight, "cases that the chair does not see: put off", [], meeting=meeting.reference, cases=count)

"""The one way to people: pages and API get them here and nowhere else, filtered, masked, and with the look recorded.

A row is filtered by `braid.trust.decide` in the query itself, so that a hidden row is absent: it is not counted, sorted
by, or hinted at. Every look at a person is written in the transaction that reads them. A protected person's location
is in the vault, encrypted, and `braid.web.access.vault` gives one field of it at a time.
"""

from braid.web.access.entries import get_account, get_entries, get_findings, get_log, record_read
from braid.web.access.listing import list_people
from braid.web.access.people import SORTS, get_people
from braid.web.access.person import get_person
from braid.web.access.ranks import get_ranking
from braid.web.access.sight import NotPermitted, NotThere
from braid.web.access.what_if import get_what_if
from braid.web.access.what_if_cohort import count_cohort_what_if, get_cohort_what_if

__all__ = [
    "SORTS",
    "NotPermitted",
    "NotThere",
    "count_cohort_what_if",
    "get_account",
    "get_cohort_what_if",
    "get_entries",
    "get_findings",
    "get_log",
    "get_people",
    "get_person",
    "get_ranking",
    "get_what_if",
    "list_people",
    "record_read",
]

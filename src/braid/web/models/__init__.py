"""What the web app keeps: the published set, the users, the record of every look."""

from braid.web.models.accounts import ApiToken, User
from braid.web.models.audit import Look
from braid.web.models.base import Row
from braid.web.models.published import (
    BacklogMeasure,
    Blocker,
    Cohort,
    District,
    Involvement,
    Person,
    PersonIdentity,
    PersonWait,
    PublishedRun,
)

__all__ = [
    "ApiToken",
    "BacklogMeasure",
    "Blocker",
    "Cohort",
    "District",
    "Involvement",
    "Look",
    "Person",
    "PersonIdentity",
    "PersonWait",
    "PublishedRun",
    "Row",
    "User",
]

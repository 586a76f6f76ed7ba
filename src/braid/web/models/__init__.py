"""What the web app keeps: the published set, the users, what decisions rest on, the record of every look."""

from braid.web.models.accounts import ApiToken, User
from braid.web.models.audit import Look
from braid.web.models.base import Row
from braid.web.models.policy import (
    Admitted,
    AgreementInForce,
    Barred,
    BreakGlass,
    Flow,
    Hidden,
    RoleRight,
    Suspension,
)
from braid.web.models.published import (
    BacklogMeasure,
    Blocker,
    Cohort,
    Contact,
    District,
    Involvement,
    Person,
    PersonDistrict,
    PersonIdentity,
    PersonWait,
    Protection,
    PublishedRun,
    Reach,
)
from braid.web.models.second_factor import SecondFactor
from braid.web.models.tasks import SafetyTask

__all__ = [
    "Admitted",
    "AgreementInForce",
    "ApiToken",
    "BacklogMeasure",
    "Barred",
    "Blocker",
    "BreakGlass",
    "Cohort",
    "Contact",
    "District",
    "Flow",
    "Hidden",
    "Involvement",
    "Look",
    "Person",
    "PersonDistrict",
    "PersonIdentity",
    "PersonWait",
    "Protection",
    "PublishedRun",
    "Reach",
    "RoleRight",
    "Row",
    "SafetyTask",
    "SecondFactor",
    "Suspension",
    "User",
]

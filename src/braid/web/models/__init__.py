"""What the web app keeps: the published set, the users, what decisions rest on, the record of every look."""

from braid.web.models.accounts import ApiToken, User
from braid.web.models.audit import Look
from braid.web.models.base import Row
from braid.web.models.overlay import (
    Alert,
    ExclusionEntry,
    Home,
    OverlayChange,
    PersonAlias,
    RestrictionEntry,
    Tie,
)
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

__all__ = [
    "Admitted",
    "AgreementInForce",
    "Alert",
    "ApiToken",
    "BacklogMeasure",
    "Barred",
    "Blocker",
    "BreakGlass",
    "Cohort",
    "Contact",
    "District",
    "ExclusionEntry",
    "Flow",
    "Hidden",
    "Home",
    "Involvement",
    "Look",
    "OverlayChange",
    "Person",
    "PersonAlias",
    "PersonDistrict",
    "PersonIdentity",
    "PersonWait",
    "Protection",
    "PublishedRun",
    "Reach",
    "RestrictionEntry",
    "RoleRight",
    "Row",
    "Suspension",
    "Tie",
    "User",
]

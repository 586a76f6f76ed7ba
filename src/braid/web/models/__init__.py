"""What the web app keeps: the published set, the users, what decisions rest on, the record of what was done."""

from braid.web.models.accounts import ApiToken, User
from braid.web.models.audit import AuditCheckpoint, AuditEntry, AuditLeaf, AuditNode, WitnessSignature
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

__all__ = [
    "Admitted",
    "AgreementInForce",
    "ApiToken",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditLeaf",
    "AuditNode",
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
    "Person",
    "PersonDistrict",
    "PersonIdentity",
    "PersonWait",
    "Protection",
    "PublishedRun",
    "Reach",
    "RoleRight",
    "Row",
    "Suspension",
    "User",
    "WitnessSignature",
]

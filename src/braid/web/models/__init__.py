"""What the web app keeps: the published set, the users, what decisions rest on, the record of what was done."""

from braid.web.models.accounts import ApiToken, User
from braid.web.models.audit import AuditCheckpoint, AuditEntry, AuditLeaf, AuditNode, WitnessSignature
from braid.web.models.base import Row
from braid.web.models.disclosures import ShareDecision
from braid.web.models.outbound import ContactRelease, OutboxMessage, OutboxRecipient, SafeContact
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
    Within,
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
    "Alert",
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
    "ContactRelease",
    "District",
    "ExclusionEntry",
    "Flow",
    "Hidden",
    "Home",
    "Involvement",
    "OutboxMessage",
    "OutboxRecipient",
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
    "SafeContact",
    "SafetyTask",
    "SecondFactor",
    "ShareDecision",
    "Suspension",
    "Tie",
    "User",
    "Within",
    "WitnessSignature",
]

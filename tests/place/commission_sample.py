"""Terms of a joint commission of two lots, as tests need them. Everybody in them is made up."""

import datetime as dt
from dataclasses import replace

from braid.place.commissions.terms import Known, Lot, OutcomePrice, Provider, Share, Terms

FROM, TO = dt.date(2026, 4, 1), dt.date(2027, 3, 31)
KNOWN = Known(
    {"authority", "icb", "police"},
    {"E06000001", "E06000002"},
    {"victim_response": "victim_response", "court_readiness": "court_readiness"},
    {"harbour": ("lanternhouse", ("advocacy", "therapy")), "health": ("icb", ("therapy",))},
)


def therapy_lot(**more: object) -> Lot:
    """A mixed lot: a third block, a fifth of the rest once begun, outcomes for what is left."""
    values: dict = {
        "id": "therapy",
        "name": "Therapy",
        "service": "therapy",
        "volume": 200,
        "capacity": 60,
        "value_pence": 30_000_001,
        "model": "mixed",
        "shares": (Share("block", 3_333), Share("attachment", 1_667), Share("outcome", 5_000)),
        "providers": (Provider("icb", "health", "prime"), Provider("lanternhouse", "harbour", "sub")),
        "window_from": FROM,
        "window_to": TO,
        "attachment_pence": 30_000,
        "prices": (OutcomePrice("safer", 60_000, 20_000), OutcomePrice("waits", 40_000, 0)),
    }
    return Lot(**values | more)


def advocacy_lot(**more: object) -> Lot:
    """A lot that is paid per session."""
    values: dict = {
        "id": "advocacy",
        "name": "Advocacy",
        "service": "advocacy",
        "volume": 300,
        "capacity": 80,
        "value_pence": 20_000_000,
        "model": "session",
        "shares": (Share("session", 10_000),),
        "providers": (Provider("lanternhouse", "harbour", "prime"),),
        "window_from": FROM,
        "window_to": dt.date(2026, 12, 31),
        "session_pence": 4_500,
    }
    return Lot(**values | more)


def sample_terms(**more: object) -> Terms:
    """Sound terms."""
    values: dict = {
        "title": "Therapy and advocacy after abuse",
        "bodies": ("authority", "icb", "police"),
        "lead": "authority",
        "legal_basis": "nhs_s75",
        "problem": "People harmed by abuse wait for therapy and drop out of the process.",
        "statement": "victim_response",
        "outcomes": ("safer", "waits"),
        "fund": "victims_pool",
        "value_pence": 50_000_001,
        "from_date": FROM,
        "to_date": TO,
        "lots": (therapy_lot(), advocacy_lot()),
    }
    return Terms(**values | more)


def with_lot(lot: Lot) -> Terms:
    """Sound terms but for one lot in place of the first."""
    return replace(sample_terms(), lots=(lot, advocacy_lot()))

"""Referrals to the risk assessment conference: `marac_referrals.csv` and `marac_children.csv`, in the forms' own words.

Every row is secret. The forms give the victim's address as services know it, never a refuge's.
"""

from __future__ import annotations

from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, spoil, uk
from braid.example.model import HEAD, PARTNER
from braid.example.records_further import RiskReferral

REFERRALS = [
    "MARAC reference", "Victim reference", "Date of referral", "Referring agency", "Referrer name", "Victim consents",
    "Repeat within 12 months", "MARAC date", "DASH ticks", "Criterion", "Victim forename", "Victim surname",
    "Victim aliases", "Victim date of birth", "Victim sex", "Victim ethnicity", "Victim NHS number", "Victim address",
    "Victim postcode", "Victim telephone", "Safe to contact", "Safe contact times", "GP practice",
    "Perpetrator reference", "Perpetrator forename", "Perpetrator surname", "Perpetrator date of birth",
    "Perpetrator sex", "Relationship to victim", "Perpetrator address", "Perpetrator postcode",
]  # fmt: skip
CHILDREN = [
    "MARAC reference", "Victim reference", "Child reference", "Child forename", "Child surname", "Child date of birth",
    "Victim is child's", "School",
]  # fmt: skip
_PARENTS = (HEAD, PARTNER)


def write_marac(desk: Desk, folder: Path) -> None:
    """Write the referrals that this cut holds, and the children named in them."""
    shown = [r for r in desk.world.risk_referrals if desk.shows(("marac", r.number), r.referred)]
    rows = [_referral(desk, referral) for referral in shown]
    rows = spoil(rows, desk.spoils(len(rows)), REFERRALS.index("Date of referral"), REFERRALS.index("Victim reference"))
    desk.write_csv(folder / "marac_referrals.csv", REFERRALS, rows)
    children = [_child(desk, referral, child) for referral in shown for child in referral.children]
    desk.write_csv(folder / "marac_children.csv", CHILDREN, children)


def _victim(desk: Desk, referral: RiskReferral) -> str:
    return desk.key(referral.victim, "MV", referral.number)


def _referral(desk: Desk, referral: RiskReferral) -> list[object]:
    key = _victim(desk, referral)
    who = desk.describe(referral.victim, key, referral.referred)
    return [
        referral.reference,
        key,
        uk(referral.referred),
        referral.agency,
        "A. Referrer",
        "Yes",
        "Yes" if referral.is_repeat else "No",
        uk(referral.meeting),
        referral.ticks,
        referral.criterion,
        who.given,
        who.family,
        who.former_family,
        uk(who.birth),
        "b) Female" if who.female else "a) Male",
        desk.code(ethnicity_code("dfe", who.ethnicity), key),
        desk.nhs_number(referral.victim, key),
        who.line,
        who.postcode,
        f"07700 {900000 + referral.victim % 1000}",
        "Text only",
        "Mornings",
        "N/K",
        *_perpetrator(desk, referral),
    ]


def _perpetrator(desk: Desk, referral: RiskReferral) -> list[object]:
    if referral.perpetrator is None:
        return [""] * 8
    key = desk.key(referral.perpetrator, "MP")
    del desk.keys[key]
    desk.keys[f"perpetrator/{key}"] = referral.perpetrator
    who = desk.describe(referral.perpetrator, key, referral.referred)
    sex = "b) Female" if who.female else "a) Male"
    return [key, who.given, who.family, uk(who.birth), sex, "Partner or former partner", "N/K", "N/K"]


def _child(desk: Desk, referral: RiskReferral, child: int) -> list[object]:
    key = desk.key(child, "MC")
    del desk.keys[key]
    desk.keys[f"child/{key}"] = child
    who = desk.describe(child, key, referral.referred)
    victim = _victim(desk, referral)
    return [referral.reference, victim, key, who.given, who.family, uk(who.birth), find_kin(desk, referral.victim), ""]


def find_kin(desk: Desk, victim: int) -> str:
    """Return what the victim is to the children of the home."""
    if int(desk.world.people.role[victim]) not in _PARENTS:
        return "other"
    return "mother" if desk.world.people.female[victim] else "father"

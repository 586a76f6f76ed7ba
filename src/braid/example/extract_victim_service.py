"""The victim service's case system: `referrals.csv`.

Like many a real partner it sends the refuge's postcode in rows it marks `SafeAddress` Y: later stages must protect it.
"""

from __future__ import annotations

from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, spoil, uk
from braid.example.records import Referral
from braid.example.streams import words

COLUMNS = words(
    "ReferralID ClientRef FirstName Surname AKA DOB Sex Ethnicity NHSNumber SafeAddress AddressLine1 Postcode Telephone"
    " SafeContact HarmType DASHScore ReferralSource ReferralDate Service FirstContactDate SupportStartDate ClosedDate"
    " ClosureReason PoliceURN RefugeRef"
)


def write_victim_service(desk: Desk, folder: Path) -> None:
    """Write the referrals this cut holds; a referral ends when it is closed."""
    rows = [
        _row(desk, referral)
        for referral in desk.world.referrals
        if desk.shows(referral.number, referral.referred, referral.closed, referral.withdrawn)
    ]
    rows = spoil(rows, desk.spoils(len(rows)), COLUMNS.index("ReferralDate"), COLUMNS.index("ClientRef"))
    desk.write_csv(folder / "referrals.csv", COLUMNS, rows)


def _row(desk: Desk, referral: Referral) -> list[object]:
    key = desk.key(referral.person, "V", referral.number)
    who = desk.describe(referral.person, key, referral.referred)
    line, postcode, refuge = _address(desk, referral, who.line, who.postcode)
    closed = desk.known(referral.closed)
    return [
        f"VR{referral.number:07d}",
        key,
        who.given,
        who.family,
        who.former_family,
        uk(who.birth),
        "F" if who.female else "M",
        desk.code(ethnicity_code("nhs", who.ethnicity), key),
        desk.nhs_number(referral.person, key),
        "Y" if referral.safe or refuge else "N",
        line,
        postcode,
        f"07700 {900000 + referral.person % 1000}",
        "Y" if referral.number % 3 else "Text only",
        "Domestic abuse" if referral.harm == "domestic_abuse" else "Sexual violence",
        referral.score or "",
        referral.source,
        uk(referral.referred),
        referral.service,
        uk(desk.known(referral.contact)),
        uk(desk.known(referral.support)),
        uk(closed),
        referral.closure if closed else "",
        referral.urn if referral.urn and _is_charged(desk, referral) else "",
        refuge,
    ]


def _is_charged(desk: Desk, referral: Referral) -> bool:
    """Return whether the police reference was known by the cut: the case had reached the Crown Court."""
    number = int(referral.urn[-6:]) - 1
    return desk.world.crown_cases[number].opened <= desk.cut


def _address(desk: Desk, referral: Referral, line: str, postcode: str) -> tuple[str, str, str]:
    """Return line, postcode and refuge reference: the refuge's own while the client lives there."""
    geography = desk.world.geography
    if referral.refuge < 0 or not desk.world.in_refuge(referral.person, desk.cut):
        return line, postcode, ""
    refuge = geography.refuges[referral.refuge]
    return refuge.name, geography.postcode_of(refuge.address), refuge.reference

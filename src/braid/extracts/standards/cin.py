"""Children in need census (XML): one child a block, each with referrals, and in each the work that followed.

Every block of the seven kinds counts as a row of the part that bears its name. A pupil number with a wrong check letter
is kept and flagged. Names of elements drift (GenderCurrent became Sex); both are read whatever the year says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.fields import Fields, RowRefused
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.cin_details import WAITS, Block, read_details
from braid.extracts.xml_files import XmlPieces, find_root, local_name, look_over_xml

PARTS = (
    "Child", "CINdetails", "Assessments", "CINPlanDates", "Section47", "ChildProtectionPlans", "PreProceedingsandFGDM",
)  # fmt: skip
KNOWN = frozenset(
    [
        "Message",
        "Header",
        "CollectionDetails",
        "Collection",
        "Year",
        "ReferenceDate",
        "Source",
        "SourceLevel",
        "LEA",
        "SoftwareCode",
        "Release",
        "SerialNo",
        "DateTime",
        "Content",
        "CBDSLevels",
        "CBDSLevel",
        "Children",
        "ChildIdentifiers",
        "LAchildID",
        "UPN",
        "FormerUPN",
        "UPNunknown",
        "PersonBirthDate",
        "ExpectedPersonBirthDate",
        "GenderCurrent",
        "Sex",
        "PersonDeathDate",
        "ChildCharacteristics",
        "Ethnicity",
        "Disabilities",
        "Disability",
        "CINreferralDate",
        "ReferralSource",
        "PrimaryNeedCode",
        "CINclosureDate",
        "ReasonForClosure",
        "DateOfInitialCPC",
        "ReferralNFA",
        "AssessmentActualStartDate",
        "AssessmentInternalReviewDate",
        "AssessmentAuthorisationDate",
        "FactorsIdentifiedAtAssessment",
        "AssessmentFactors",
        "CINPlanStartDate",
        "CINPlanEndDate",
        "S47ActualStartDate",
        "InitialCPCtarget",
        "ICPCnotRequired",
        "CPPstartDate",
        "CPPendDate",
        "InitialCategoryOfAbuse",
        "LatestCategoryOfAbuse",
        "NumberOfPreviousCPP",
        "Reviews",
        "CPPreviewDate",
        "PPStartDate",
        "LBPSentDate",
        "FGDMMeetingOffer",
        "FGDMMeetingFac",
        "InitialPPMeetingDate",
        "ReviewMeetingsCount",
        "StepDecisionDate",
        "PPOutcome",
        "CourtAppDate",
        "LetterInitCPDate",
    ]
) | frozenset(PARTS)
DISABILITIES = frozenset(["NONE", "MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA"])
UPN_UNKNOWN = frozenset(f"UN{digit}" for digit in range(1, 8))
ROW_LIMIT = 100_000


def read_cin(path: Path, reading: Reading) -> None:
    """Read a census file; raise `UnreadableFile` where it is none."""
    stated: dict[str, str] = {}
    text_file = look_over_xml(path, reading)
    if find_root(text_file)[1] != "Message":
        raise _no_census()
    pieces = XmlPieces(text_file, "{*}Child")
    for element, is_child in pieces:
        _read_piece(element, is_child, reading, stated)
        reading.piece_done()
    _read_piece(pieces.root, False, reading, stated)
    if stated.get("Collection", "") not in ("", "CIN"):
        raise _no_census()
    _check_year(stated, reading)


def _read_piece(element: Any, is_child: bool, reading: Reading, stated: dict[str, str]) -> None:
    """Read a child, or what stands between children, where every block is misplaced."""
    for name in ("Collection", "Year", "ReferenceDate"):
        if name not in stated:
            found = next(element.iter("{*}" + name), None)
            if found is not None:
                stated[name] = (found.text or "").strip()
    _count_unknown(element, reading, is_child)
    seen: set[Any] = set()
    if is_child:
        for child in _blocks(element, "Child"):
            _read_child(child, reading, seen)
    _reject_misplaced(element, reading, seen)


def _no_census() -> UnreadableFile:
    needed = "the file is no CIN census: a Message with Collection CIN is needed: check what was sent"
    return UnreadableFile("wrong_standard", needed)


def _check_year(stated: dict[str, str], reading: Reading) -> None:
    year, reference = stated.get("Year", ""), stated.get("ReferenceDate", "")
    if year and year != str(reading.source.collection_year):
        reading.note("year_differs", "Year", None, "the file states another collection year than it was read as")
    if year and reference and not reference.startswith(year):
        reading.note("reference_date_differs", "ReferenceDate", None, "ReferenceDate lies outside the stated Year")


def _count_unknown(root: Any, reading: Reading, is_child: bool) -> None:
    """Count elements that no rule reads by name, and stray text between elements, which some systems write.

    The text behind a child comes with the emptied child, since it may not be there yet.
    """
    for element in root.iter():
        name = local_name(element)
        if name and name not in KNOWN:
            reading.unmapped[name] += 1
        tail = "" if is_child and element is root else element.tail
        if (tail or "").strip() or (len(element) and (element.text or "").strip()):
            reading.unmapped["text between elements"] += 1
            reading.note("stray_text", name or None, f"line {element.sourceline}", "text between elements was ignored")


def _blocks(parent: Any, name: str) -> Iterator[Any]:
    return (element for element in parent.iter("{*}" + name) if local_name(element) == name)


def _read_child(child: Any, reading: Reading, seen: set[Any]) -> None:
    """Read a child and all blocks in it; where the child is refused, so is every block in it."""
    seen.add(child)
    block = Block(child, reading)
    reading.row_in("Child")
    try:
        key = _emit_child(block)
    except RowRefused as refused:
        _refuse(reading, "Child", child, refused)
        for part in PARTS[1:]:
            for element in _blocks(child, part):
                seen.add(element)
                reading.row_in(part)
                _refuse(reading, part, element, RowRefused("parent_refused"))
        return
    reading.row_read("Child")
    for details in child.iterchildren("{*}CINdetails"):
        _read_block(details, "CINdetails", key, reading, seen)


def _read_block(details: Any, part: str, key: str, reading: Reading, seen: set[Any]) -> None:
    try:
        read_details(details, key, reading, seen)
    except RowRefused as refused:
        _refuse(reading, part, details, refused)
        for inner in PARTS[2:]:
            for element in _blocks(details, inner):
                seen.add(element)
                reading.row_in(inner)
                _refuse(reading, inner, element, RowRefused("parent_refused"))
    else:
        reading.row_read(part)


def _reject_misplaced(root: Any, reading: Reading, seen: set[Any]) -> None:
    for part in PARTS[1:]:
        for element in _blocks(root, part):
            if element not in seen:
                reading.row_in(part)
                _refuse(reading, part, element, RowRefused("block_misplaced"))


def _refuse(reading: Reading, part: str, element: Any, refused: RowRefused) -> None:
    whole = etree.tostring(element, encoding="unicode", with_tail=False)[:ROW_LIMIT]
    reading.row_rejected(part, f"line {element.sourceline}", refused.rule, refused.message, whole, refused.fld)


def _emit_child(block: Block) -> str:
    row = block.fields("ChildIdentifiers", "ChildCharacteristics")
    key = row.key("LAchildID")
    row.reading.emit(
        "identifier", (key, "la_child", key), block.ref, "special", None,
        person_record_id=row.reading.person_record_id(key), scheme="la_child", value=key, check_result="none",
    )  # fmt: skip
    row.identifier("UPN", "upn", key, sensitivity="special")
    row.identifier("FormerUPN", "former_upn", key, sensitivity="special")
    if row.code("UPNunknown", "upn_unknown", UPN_UNKNOWN):
        row.reading.note("upn_unknown", "UPNunknown", row.position, "the file says why there is no pupil number")
    birth_date, expected = row.date("PersonBirthDate"), row.date("ExpectedPersonBirthDate")
    sex = row.sex("Sex" if row.text("Sex") else "GenderCurrent", "dfe")
    ethnicity = row.ethnicity("Ethnicity", "dfe")
    disability = _disabilities(block, row)
    death = row.end_date("PersonDeathDate", birth_date)
    row.reading.emit(
        "person_record", (key,), block.ref, "special", row.quality,
        partner_record_id=key, birth_date=birth_date, birth_date_precision="day" if birth_date else None,
        birth_expected_date=expected, death_date=death, sex=sex, disability=disability, role="child", **ethnicity,
    )  # fmt: skip
    return key


def _disabilities(block: Block, row: Fields) -> str | None:
    codes = []
    for text in block.texts("Disability"):
        if text.upper() in DISABILITIES:
            codes.append(text.upper())
        else:
            row.unknown_code("Disability")
    return ";".join(dict.fromkeys(codes)) or None


CONNECTORS = (Connector("cin", 2017, 2030, read_cin, "Children in need census, XML", waits=WAITS, is_document=True),)

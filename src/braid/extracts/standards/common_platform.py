"""Criminal cases of the Common Platform as JSON: search results, whole hearings and hearing summaries.

Field names follow ministryofjustice/laa-court-data-adaptor. A defendant waits for trial from the first day that the
Crown Court sits in the case until proceedings are concluded. Sitting days are moments in UTC and are days in
Europe/London. Victims and witnesses are not in these files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braid.extracts.json_files import open_json_or_lines
from braid.extracts.json_nodes import Node, count_unmapped, refuse_shape
from braid.extracts.model import Connector, Reading
from braid.extracts.standards.common_platform_hearings import Sitting, read_hearing
from braid.language.identifiers import find_postcode

SEXES = {
    **dict.fromkeys(("male", "m"), "male"),
    **dict.fromkeys(("female", "f"), "female"),
    **dict.fromkeys(("not_specified", "not_known", "unknown"), "unknown"),
    "other": "other",
}
ETHNICITIES = {
    "w1": "white_british",
    "w2": "white_irish",
    "w3": "gypsy_traveller",
    "w4": "roma",
    "w9": "white_other",
    "m1": "mixed_caribbean",
    "m2": "mixed_african",
    "m3": "mixed_asian",
    "m9": "mixed_other",
    "a1": "asian_indian",
    "a2": "asian_pakistani",
    "a3": "asian_bangladeshi",
    "a4": "asian_chinese",
    "a9": "asian_other",
    "b1": "black_caribbean",
    "b2": "black_african",
    "b9": "black_other",
    "o1": "asian_chinese",
    "o2": "arab",
    "o9": "other",
    "ns": "not_stated",
}
"""Self-defined ethnicity of the criminal justice system (18+1 and the older 16+1 codes)."""
_SHAPES = "search result, hearing or hearing summary"
NAMES = {
    "defendant": ("defendantId", "defendantFirstName", "defendantMiddleName", "defendantLastName", "defendantDOB"),
    "person": ("id", "firstName", "middleName", "lastName", "dateOfBirth"),
}


@dataclass(frozen=True)
class CriminalCase:
    """A criminal case: its node, the reference that is the key of its episodes, and its state."""

    node: Node
    reference: str
    reference_node: Node
    status: str | None


def read_common_platform(path: Path, reading: Reading) -> None:
    """Read a search result, a hearing with its cases, or a hearing summary, or several of them.

    Several are a list of them, or one on each line. Raises `UnreadableFile` for anything else.
    """
    root = open_json_or_lines(path, reading)
    if not any(map(_find_reader, root.look() if root.is_list else [root])):
        refuse_shape(f"a Common Platform {_SHAPES}")
    if root.is_list:
        _read_several(root)
    elif read := _find_reader(root):
        read(root)
    count_unmapped(root)


def _find_reader(root: Node) -> Callable[[Node], object] | None:
    """Return what reads a document, by what it holds; `None` where it is none of this standard."""
    if not root.is_object:
        return None
    hearing = root.value.get("hearing", root.value)
    if root.child("cases").is_list:
        return _read_search_result
    if isinstance(hearing, dict) and "prosecutionCases" in hearing:
        return lambda node: _read_whole_hearing(node.child("hearing") if "hearing" in node.value else node)
    if "hearingId" in root.value or "hearingDays" in root.value:
        return lambda node: read_hearing(node, None, set())
    return None


@dataclass
class _Pages:
    """The pages of a search that a file holds: how many results they state, and how many cases stand in them."""

    stated: float = 0
    cases: int = 0
    last: Node | None = None

    def add(self, page: Node) -> None:
        """Take in a page."""
        total = page.number("totalResults")
        self.cases += len(page.child("cases").value)
        if total is not None:
            self.stated, self.last = max(self.stated, total), page

    def check(self) -> None:
        """Say where cases are missing or too many."""
        if self.last and self.stated != self.cases:
            node = self.last.child("totalResults")
            node.warn("page_incomplete", "differs from the number of cases here; read every page")


def _read_several(root: Node) -> None:
    """Read each document of a list or of a file of lines; refuse what is none."""
    pages = _Pages()
    for node in root.each(part="documents"):
        reading, read = node.document.reading, _find_reader(node)
        reading.row_in("documents")
        if read is None:
            message = f"This is no {_SHAPES}. Ask the sender to leave it out."
            node.reject("documents", "document_unknown", message)
            continue
        if read is _read_search_result:
            pages.add(node)
            _read_cases(node)
        else:
            read(node)
        reading.row_read("documents")
    pages.check()


def _read_search_result(root: Node) -> None:
    pages = _Pages()
    pages.add(root)
    pages.check()
    _read_cases(root)


def _read_cases(root: Node) -> None:
    reading = root.document.reading
    for node in root.each("cases"):
        case = _open_case(node, "prosecutionCaseReference")
        if case is None:
            continue
        known = {key for row in node.items("defendantSummary") if (key := row.text("defendantId"))}
        sittings = [read_hearing(row, case.reference, known) for row in node.items("hearingSummary")]
        for row in node.items("defendantSummary"):
            _read_defendant(case, row, row, "defendant", [one for found in sittings for one in found])
        reading.row_read("cases")


def _read_whole_hearing(hearing: Node) -> None:
    reading = hearing.document.reading
    before = _count_hearings(reading)
    for number, node in enumerate(hearing.items("prosecutionCases")):
        identifier = node.section("prosecutionCaseIdentifier")
        reference = "caseURN" if identifier.text("caseURN") else "prosecutionAuthorityReference"
        case = _open_case(node, reference, identifier)
        if case is None:
            continue
        defendants = node.items("defendants")
        known = {key for row in defendants if (key := row.text("id"))}
        sittings = read_hearing(hearing, case.reference, known, is_counted=number == 0)
        for row in defendants:
            person = row.section("personDefendant").section("personDetails") if row.is_object else row
            _read_defendant(case, row, person, "person", sittings)
        reading.row_read("cases")
    if _count_hearings(reading) == before:
        read_hearing(hearing, None, set())


def _count_hearings(reading: Reading) -> int:
    return reading.parts["hearings"].rows_in if "hearings" in reading.parts else 0


def _open_case(node: Node, key: str, holder: Node | None = None) -> CriminalCase | None:
    """Count a case and return it; `None` after refusing one without a reference."""
    node.document.reading.row_in("cases")
    holder = holder or node
    reference_node = holder.child(key) if node.is_object else node
    reference = reference_node.as_text() if node.is_object else None
    if reference is None:
        message = "A case needs its reference. Ask the sender to export it with the case URN."
        node.reject("cases", "case_without_reference", message)
        return None
    return CriminalCase(node, reference, reference_node, node.text("caseStatus"))


def _read_defendant(case: CriminalCase, row: Node, person: Node, shape: str, sittings: list[Sitting]) -> None:
    reading = row.document.reading
    reading.row_in("defendants")
    key = row.text(NAMES[shape][0]) if row.is_object else None
    if key is None:
        message = "A defendant needs an id. Ask the sender to export the case again."
        row.reject("defendants", "defendant_empty", message)
        return
    identity = _emit_person(row, person, key, shape)
    _emit_identifiers(case, row, person, identity, shape)
    _emit_stay(person, identity)
    concluded = bool(row.flag("proceedingsConcluded"))
    own = [sitting for sitting in sittings if sitting.concerns(identity)]
    last_day = _last_day(own, reading.source.as_of_date) if concluded else None
    _emit_episode(case, row, identity, last_day)
    _emit_wait(case, row, identity, own, last_day, concluded)
    reading.row_read("defendants")


def _emit_person(row: Node, person: Node, key: str, shape: str) -> str:
    _, first, middle, last, born_key = NAMES[shape]
    given = " ".join(name for name in (person.text(first), person.text(middle)) if name)
    born = person.date(born_key)
    if not given and person.text(last) is None:
        row.warn("defendant_without_name", "has no name; a legal entity or an empty defendant")
    ethnicity = person.section("ethnicity")
    code = ethnicity.text("selfDefinedEthnicityCode")
    return row.document.emit(
        "person_record",
        (key,),
        row,
        sensitivity="criminal",
        partner_record_id=key,
        given_name=given or None,
        family_name=person.text(last),
        other_names=_aliases(row),
        birth_date=born,
        birth_date_precision="day" if born else None,
        sex=person.code("gender", SEXES),
        ethnicity=ethnicity.code("selfDefinedEthnicityCode", ETHNICITIES),
        ethnicity_source=f"sde:{code}" if code else None,
        language_code=person.text("interpreterLanguageNeeds"),
        interpreter_needed=True if person.text("interpreterLanguageNeeds") else None,
        telephone=person.section("contact").text("mobile"),
        role="defendant",
    )


def _aliases(row: Node) -> str | None:
    names = []
    for alias in row.items("aliases"):
        parts = [alias.text(key) for key in ("firstName", "middleName", "lastName")]
        names.append(" ".join(part for part in parts if part))
    return "; ".join(name for name in names if name) or None


def _emit_identifiers(case: CriminalCase, row: Node, person: Node, identity: str, shape: str) -> None:
    summary = shape == "defendant"
    asn = row.child("defendantASN") if summary else row.section("personDefendant").child("arrestSummonsNumber")
    nino = row.child("defendantNINO") if summary else person.child("nationalInsuranceNumber")
    for scheme, node in (("asn", asn), ("nino", nino), ("case_urn", case.reference_node)):
        row.document.emit_identifier(identity, scheme, node, sensitivity="criminal")


def _emit_stay(person: Node, identity: str) -> None:
    address = person.section("address")
    lines = [line for line in (address.text(f"address{number}") for number in range(1, 6)) if line]
    written = address.text("postcode")
    postcode = find_postcode(written)
    if written and postcode is None:
        address.child("postcode").warn(
            "postcode_form", "has not the form of a postcode, so the stay is read without it"
        )
    if lines or postcode:
        values: dict[str, Any] = {"address_lines": ", ".join(lines) or None, "postcode": postcode, "kind": "unknown"}
        values |= {"person_record_id": identity, "confidential": False, "sensitivity": "criminal"}
        person.document.emit("stay", (identity, "defendant"), address, **values)


def _emit_episode(case: CriminalCase, row: Node, identity: str, end_date: str | None) -> None:
    offences = row.items("offenceSummary") or row.items("offences")
    charged = [day for offence in offences if (day := offence.date("chargeDate"))]
    row.document.emit(
        "episode",
        (case.reference, identity),
        row,
        sensitivity="criminal",
        person_record_id=identity,
        episode_ref=case.reference,
        kind="criminal_case",
        status=case.status,
        start_date=min(charged, default=None),
        start_reason="common_platform:chargeDate" if charged else None,
        end_date=end_date,
        role="defendant",
    )


def _emit_wait(
    case: CriminalCase, row: Node, identity: str, sittings: list[Sitting], last_day: str | None, concluded: bool
) -> None:
    first_day = min((sitting.day for sitting in sittings if sitting.is_crown), default=None)
    if first_day is None:
        return
    if concluded and last_day is None:
        row.warn("closed_without_date", "has concluded on a day that no hearing shows, so no wait is read")
        return
    row.document.emit(
        "wait",
        (case.reference, identity),
        row,
        sensitivity="criminal",
        person_record_id=identity,
        episode_ref=case.reference,
        kind="crown_trial",
        start_date=first_day,
        start_event="first_crown_sitting_day",
        stop_date=last_day,
        stop_event="proceedingsConcluded" if last_day else None,
    )


def _last_day(sittings: list[Sitting], as_of_date: str | None) -> str | None:
    """Return the last sitting day up to the extract's date; without one, the last at all."""
    days = [sitting.day for sitting in sittings]
    past = [day for day in days if as_of_date is None or day <= as_of_date]
    return max(past or days, default=None)


CONNECTORS = (
    Connector(
        "common_platform",
        2019,
        2035,
        read_common_platform,
        "Common Platform criminal cases as JSON: search results or hearings",
        waits=("crown_trial",),
        is_piecewise=True,
    ),
)

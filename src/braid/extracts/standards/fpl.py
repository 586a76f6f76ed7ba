"""Family public law cases as CCD writes them: children, respondents, others, applications, risks and hearings.

Field names follow hmcts/fpl-ccd-configuration. Care proceedings are one clock for each child of the case (Children Act
1989 section 32: 26 weeks, extended by the court). A party whose details are hidden keeps them: their stay is
confidential, and a flag that cannot be read counts as set.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from braid.extracts.json_files import open_json_or_lines
from braid.extracts.json_nodes import Node, count_unmapped, refuse_shape
from braid.extracts.model import Connector, Reading
from braid.extracts.standards.fpl_case import FamilyCase, find_case, read_orders
from braid.extracts.standards.fpl_hearings import read_hearings
from braid.extracts.standards.fpl_parties import read_parties

_MARKS = ("children1", "respondents1", "hearingDetails", "familyManCaseNumber", "caseLocalAuthority", "dateSubmitted")
RISKS = {
    "neglect": "neglect",
    "sexualabuse": "sexual_abuse",
    "sexual_abuse": "sexual_abuse",
    "physicalharm": "physical_abuse",
    "physical_harm": "physical_abuse",
    "emotionalharm": "emotional_abuse",
    "emotional_harm": "emotional_abuse",
}
PARENTING_FACTORS = {
    "alcoholdrugabuse": "substance_alcohol",
    "alcohol_drug_abuse": "substance_alcohol",
    "domesticviolence": "domestic_abuse",
    "domestic_violence": "domestic_abuse",
    "domestic_abuse": "domestic_abuse",
    "anythingelse": "other",
    "anything_else": "other",
}


def read_fpl(path: Path, reading: Reading) -> None:
    """Read cases, an array of them or one on each line, or one case with or without its `caseData` wrapper.

    Raises `UnreadableFile` for anything else.
    """
    root = open_json_or_lines(path, reading)
    for node in _case_nodes(root):
        reading.row_in("cases")
        case = find_case(node)
        if case is None:
            message = "A case needs its case data as an object. Ask the sender to export it again."
            node.reject("cases", "case_without_data", message)
            continue
        _read_case(case)
        reading.row_read("cases")
    count_unmapped(root)


def _case_nodes(root: Node) -> Iterable[Node]:
    nodes = root.look() if root.is_list else [root]
    if root.value != [] and not any(_is_case(node) for node in nodes):
        refuse_shape("family public law cases: an array of {id, state, caseData}, or one case")
    return root.each(part="cases") if root.is_list else [root]


def _is_case(node: Node) -> bool:
    return node.is_object and ("caseData" in node.value or any(mark in node.value for mark in _MARKS))


def _read_case(case: FamilyCase) -> None:
    legal_basis = read_orders(case.data)
    children = read_parties(case, legal_basis)
    _read_needs(case, children, "risks", RISKS, "person")
    _read_needs(case, children, "factorsParenting", PARENTING_FACTORS, "parent")
    _count_court_services(case.data)
    read_hearings(case, children)


def _read_needs(case: FamilyCase, children: list[str], key: str, codes: dict[str, str], whose: str) -> None:
    part = {"risks": "risks", "factorsParenting": "parenting_factors"}[key]
    for node, source_code in _stated(case.data, key):
        case.reading.row_in(part)
        need = codes.get(source_code.lower())
        if need is None:
            node.unknown_code()
        for child in children if need else ():
            case.document.emit(
                "need",
                (case.key, child, whose, source_code),
                node,
                sensitivity="special",
                person_record_id=child,
                whose=whose,
                code=need,
                source_code=f"fpl:{source_code}",
                source_type="disclosed",
            )
        case.reading.row_read(part)


def _stated(data: Node, key: str) -> list[tuple[Node, str]]:
    """Return the codes that a section states: a list of codes, or an object of codes with Yes or No."""
    if isinstance(data.child(key).value, list):
        found = [(node, node.as_text()) for node in data.items(key)]
        return [(node, code) for node, code in found if code]
    section = data.section(key)
    said = [name for name, value in (section.value or {}).items() if value in ("Yes", "YES", True)]
    for name in said:
        section.child(name).use()
    return [(section.child(name), name) for name in said]


def _count_court_services(data: Node) -> None:
    """Count what the court has to book for the case; no record of the common language holds it yet."""
    reading = data.document.reading
    for _ in data.items("courtServicesNeeded"):
        reading.row_in("court_services")
        reading.row_read("court_services")


CONNECTORS = (
    Connector(
        "fpl",
        2019,
        2035,
        read_fpl,
        "Family public law cases as JSON: an array of {id, state, caseData}, one on each line, or one case",
        waits=("care_proceedings", "care_first_hearing"),
        is_piecewise=True,
    ),
)

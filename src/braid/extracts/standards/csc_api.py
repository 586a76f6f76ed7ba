"""Daily feed of children's social care: the payload of the Department for Education's API, as councils build it.

The payload says what the children in need census and the looked-after return say, and becomes the same records with
the same keys: what is read of a node is read by the census' and the return's own readers, under their names of fields.
It has no reviews, so it starts no clock of reviews; and no outcome of a request for a plan of education, health and
care, so that the clock of the plan stops to be known once the request was decided and no plan began.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from braid.extracts.fields import Fields, RowRefused
from braid.extracts.fold_state import Sent, State, fold
from braid.extracts.folds import Node, Shape, as_row, nodes_below, text_of
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.cin_details import ENQUIRY_END, Case, emit_referral, open_case, read_block
from braid.extracts.standards.csc_nodes import NodeBlock, PayloadFields, ReadingOf, read_day
from braid.extracts.standards.csc_shape import CHILD, EPISODE
from braid.extracts.standards.ssda903_episodes import STANDARD as RETURN
from braid.extracts.standards.ssda903_episodes import EpisodeRow, emit_run, find_runs, read_episode
from braid.extracts.walked import read_row, walked, with_lists

UPN_UNKNOWN = frozenset(f"UN{number}" for number in range(1, 11))
LEAVING = with_lists(walked(RETURN).part("oc3"), {"ACCOM": walked(RETURN).lists["accommodation_letter"]})
"""The feed sends the letter of a home, with or without whether it is suitable."""
DISABILITIES = walked("cin").lists["disabilities"].codes
CENSUS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "child_and_family_assessments": (
        "Assessments",
        {
            "start_date": "AssessmentActualStartDate",
            "authorisation_date": "AssessmentAuthorisationDate",
            "factors": "AssessmentFactors",
        },
    ),
    "child_in_need_plans": ("CINPlanDates", {"start_date": "CINPlanStartDate", "end_date": "CINPlanEndDate"}),
    "section_47_assessments": (
        "Section47",
        {
            "start_date": "S47ActualStartDate",
            "icpc_required_flag": "ICPCnotRequired",
            "icpc_date": "DateOfInitialCPC",
            "end_date": ENQUIRY_END,
        },
    ),
}
"""The part of the census that a node of a referral is read as, and the census' names of its fields."""
REFERRAL = {
    "referral_date": "CINreferralDate",
    "referral_source": "ReferralSource",
    "referral_no_further_action_flag": "ReferralNFA",
    "closure_date": "CINclosureDate",
    "closure_reason": "ReasonForClosure",
}
PLACEMENT = {
    "start_date": "DECOM",
    "start_reason": "RNE",
    "placement_type": "PLACE",
    "postcode": "PL_POST",
    "end_date": "DEC",
    "end_reason": "REC",
    "change_reason": "REASON_PLACE_CHANGE",
}
ADOPTION = {"initial_decision_date": "DATE_INT", "matched_date": "DATE_MATCH", "placed_date": "DATE_PLACED"}
LEAVER = {"activity": "ACTIV", "accommodation": "ACCOM"}
WAITS = ("cin_decision", "cf_assessment", "icpc", "ehcp_decision", "ehcp_plan")
T = TypeVar("T")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def read_csc_api(path: Path, reading: Reading) -> None:
    """Read one file: its payloads laid over each other. Raises `UnreadableFile` where it is none of this standard."""
    state = fold([Sent("", path.name, reading.file_sha256, path)], CHILD)
    unreadable = state.brought[0].unreadable
    if unreadable:
        raise UnreadableFile(*unreadable)
    emit_state(state, lambda _: reading)


def emit_state(state: State, reading_of: ReadingOf) -> None:
    """Add the records of a state and count its rows, each to the reading of the file that said it last.

    A node that a later file replaced or purged was read; one that lacks what its record needs is rejected.
    """
    for sent, brought in zip(state.files, state.brought, strict=True):
        reading = reading_of(sent.sha256)
        for part, count in brought.rows.items():
            reading.parts[part].rows_in += count
        for refused in brought.refused:
            reading.row_rejected(refused.part, refused.pointer, refused.rule, refused.message, refused.row, refused.fld)
        if brought.purged:
            reading.note("purged", None, None, f"{brought.purged} nodes were taken back, with everything below them")
    for child in state.each():
        _emit_child(child, reading_of)
        _count_unmapped(child, reading_of)
    for sha in dict.fromkeys(sent.sha256 for sent in state.files):
        for counted in reading_of(sha).parts.values():
            counted.rows_read = counted.rows_in - counted.rows_rejected


def _emit_child(child: Node, reading_of: ReadingOf) -> None:
    block = NodeBlock(child, reading_of)
    key = text_of(child["f"]["la_child_id"])
    block.reading.emit(
        "identifier", (key, "la_child", key), block.ref, "special", None,
        person_record_id=block.reading.person_record_id(key), scheme="la_child", value=key, check_result="none",
    )  # fmt: skip
    block.fields().identifier("mis_child_id", "local", key, sensitivity="special")
    details = child["o"].get("child_details")
    _emit_person(key, NodeBlock(details, reading_of) if details else NodeBlock({**child, "f": {}}, reading_of))
    if "health_and_wellbeing" in child["o"]:
        _emit_wellbeing(key, NodeBlock(child["o"]["health_and_wellbeing"], reading_of))
    for node in _sorted(child, "education_health_care_plans"):
        block = NodeBlock(node, reading_of)
        _read("education_health_care_plans", block, partial(_emit_plan_of_care, block.fields(), key))
    placements: list[tuple[EpisodeRow, Reading]] = []
    for node in _sorted(child, EPISODE.part):
        _emit_episode(key, node, reading_of, placements)
    readings = {id(row): reading for row, reading in placements}
    for run in find_runs([row for row, _ in placements]):
        emit_run(readings[id(run[0])], run)


def _sorted(node: Node, name: str) -> list[Node]:
    held = node["l"].get(name, {})
    return [held[key] for key in sorted(held)]


def _read(part: str, block: NodeBlock, read: Callable[[], T]) -> T | None:
    """Return what reading a node gives; one that lacks what its record needs is refused, and gives nothing."""
    try:
        return read()
    except RowRefused as refused:
        fld = block.said(refused.fld) if refused.fld else None
        _refuse(part, block, RowRefused(refused.rule, fld))
        return None


def _refuse(part: str, block: NodeBlock, refused: RowRefused) -> None:
    row = as_row(block.node["f"])
    block.reading.row_rejected(part, block.ref, refused.rule, refused.message, row, refused.fld)


def _emit_person(key: str, block: NodeBlock) -> None:
    row = block.fields()
    row.identifier("unique_pupil_number", "upn", key, sensitivity="special")
    row.identifier("former_unique_pupil_number", "former_upn", key, sensitivity="special")
    if row.code("unique_pupil_number_unknown_reason", "upn_unknown", UPN_UNKNOWN):
        why = "the file says why there is no pupil number"
        row.reading.note("upn_unknown", "unique_pupil_number_unknown_reason", row.position, why)
    birth_date, expected = row.date("date_of_birth"), row.date("expected_date_of_birth")
    sex, ethnicity = row.sex("sex", "dfe"), row.ethnicity("ethnicity", "dfe")
    disability = _disabilities(block, row)
    row.reading.emit(
        "person_record", (key,), block.ref, "special", row.quality,
        partner_record_id=key, given_name=row.text("first_name"), family_name=row.text("surname"),
        birth_date=birth_date, birth_date_precision="day" if birth_date else None,
        birth_expected_date=expected, sex=sex, disability=disability, role="child", **ethnicity,
    )  # fmt: skip
    postcode = row.postcode("postcode")
    if postcode:
        _emit(row, "stay", ("home", postcode), key, kind="unknown", postcode=postcode, confidential=False)
    if row.flag("uasc_flag"):
        ceased = row.text("uasc_end_date")
        said = {"CHILD": key, **({"DUC": ceased} if ceased else {})}
        _read_return("uasc", PayloadFields(row.reading, row.position, said, {"DUC": "uasc_end_date"}))


def _disabilities(block: NodeBlock, row: Fields) -> str | None:
    found = [text.upper() for text in block.texts("disabilities")]
    for _ in [code for code in found if code not in DISABILITIES]:
        row.unknown_code("disabilities")
    return ";".join(dict.fromkeys(code for code in found if code in DISABILITIES)) or None


def _emit_wellbeing(key: str, block: NodeBlock) -> None:
    """Add the scores of the questionnaire on strengths and difficulties, each by its day."""
    scores = block.node["f"].get("sdq_assessments")
    for one in scores if isinstance(scores, list) else []:
        cells = {name: read_day(text_of(value)) for name, value in one.items()} if isinstance(one, dict) else {}
        row = PayloadFields(block.reading, block.ref, cells, {})
        day, score = row.date("date"), row.number("score", 0, 40)
        if day and score is not None:
            _emit(row, "outcome", ("SDQ", day.isoformat()), key, headline=3,
                         measure=f"{RETURN}:SDQ_SCORE", result=str(score), result_date=day)  # fmt: skip


def _emit(row: Fields, record_type: str, key: tuple[str, ...], child: str, **values: object) -> None:
    """Add a record about a child of the feed; all of its rows are special category."""
    row.reading.emit(
        record_type, (child, *key), row.position, "special", row.quality,
        person_record_id=row.reading.person_record_id(child), **values,
    )  # fmt: skip


def _read_return(part: str, fields: Fields) -> None:
    """Add what a part of the looked-after return makes of a row."""
    read_row(walked(RETURN).part(part), fields)


def _emit_plan_of_care(row: PayloadFields, key: str) -> None:
    """Add a request for a plan of education, health and care: the clocks of the decision and of the plan, and the plan.

    Whether a decision was yes is not sent: no plan is called outstanding once the request was decided.
    """
    ref = row.key("education_health_care_plan_id")
    asked = row.required_date("request_received_date")
    decided = row.end_date("request_outcome_date", asked)
    assessed = row.end_date("assessment_outcome_date", asked)
    begun = row.end_date("plan_start_date", asked)
    _emit(row, "event", ("ehc", ref), key, episode_ref=ref, kind="referral", subkind="ehc:request",
                 start_date=asked, status="completed")  # fmt: skip
    for kind, stop, name in (("ehcp_decision", decided or assessed or begun, "request_outcome_date"),
                             ("ehcp_plan", begun, "plan_start_date")):  # fmt: skip
        if stop or not (decided or assessed):
            _emit(row, "wait", ("ehc", ref, kind), key, episode_ref=ref, kind=kind, start_date=asked,
                         start_event="request_received_date", stop_date=stop,
                         stop_event=name if stop else None)  # fmt: skip
    if begun:
        _emit(row, "episode", ("ehc", ref), key, episode_ref=ref, kind="ehcp", start_date=begun)


def _emit_episode(key: str, node: Node, reading_of: ReadingOf, placements: list[tuple[EpisodeRow, Reading]]) -> None:
    """Add a referral and what followed it. Placements, adoption and leaving care stand by themselves."""
    _read(EPISODE.part, NodeBlock(node, reading_of, REFERRAL), partial(_emit_referral, key, node, reading_of))
    for placement in _sorted(node, "child_looked_after_placements"):
        block = NodeBlock(placement, reading_of, PLACEMENT)
        row = _read("child_looked_after_placements", block, partial(read_episode, block.fields(CHILD=key)))
        if row:
            placements.append((row, block.reading))
    if "adoption" in node["o"]:
        fields = NodeBlock(node["o"]["adoption"], reading_of, ADOPTION).fields(CHILD=key)
        _read_return("ad1", fields)
        _read_return("placed_for_adoption", fields)
    if "care_leavers" in node["o"]:
        fields = NodeBlock(node["o"]["care_leavers"], reading_of, LEAVER).fields(CHILD=key)
        read_row(LEAVING, fields)
        _emit_contact(fields, key)


def _emit_contact(row: Fields, key: str) -> None:
    day = row.date("contact_date")
    if day:
        _emit(row, "event", ("care_leaver", day.isoformat()), key, kind="contact",
                     subkind="csc_api:care_leaver", start_date=day, status="completed")  # fmt: skip


def _emit_referral(key: str, node: Node, reading_of: ReadingOf) -> None:
    row = NodeBlock(node, reading_of, REFERRAL).fields()
    try:
        case = open_case(row, key)
    except RowRefused:
        for part in ("care_worker_details", *CENSUS, "child_protection_plans"):
            for inner in _sorted(node, part):
                _refuse(part, NodeBlock(inner, reading_of), RowRefused("parent_refused"))
        raise
    starts: list[dt.date | None] = []
    for part, (census_part, names) in CENSUS.items():
        for inner in _sorted(node, part):
            block = NodeBlock(inner, reading_of, names)
            starts.append(_read(part, block, partial(read_block, census_part, block, case)))
    for inner in _sorted(node, "child_protection_plans"):
        block = NodeBlock(inner, reading_of)
        starts.append(_read("child_protection_plans", block, partial(_emit_protection_plan, block.fields(), case)))
    for inner in _sorted(node, "care_worker_details"):
        block = NodeBlock(inner, reading_of)
        _read("care_worker_details", block, partial(_emit_worker, block.fields(), case))
    emit_referral(row, case, [day for day in starts if day])


def _emit_protection_plan(row: Fields, case: Case) -> dt.date:
    """Add a protection plan. Its reviews are not sent, so that nobody can say that one is outstanding."""
    start = row.required_date("start_date")
    end = row.end_date("end_date", start)
    day = start.isoformat()
    case.emit(row, "episode", ("cpp", day), episode_ref=f"{case.ref}/cpp/{day}", kind="cpp",
              parent_episode_ref=case.ref, start_date=start, end_date=end,
              status="closed" if end else "open")  # fmt: skip
    return start


def _emit_worker(row: Fields, case: Case) -> None:
    """Add a worker's time with the child. It is no work that a referral led to, so it decides none."""
    start = row.required_date("start_date")
    end = row.end_date("end_date", start)
    worker, day = row.key("worker_id"), start.isoformat()
    _emit(row, "episode", ("worker", worker, day), case.child, kind="cin", service="social worker",
                 worker=worker, episode_ref=f"{case.child}/worker/{day}", parent_episode_ref=case.ref,
                 start_date=start, end_date=end)  # fmt: skip


def _count_unmapped(child: Node, reading_of: ReadingOf) -> None:
    """Count the fields of a child's nodes that nobody reads, by part and name."""
    for shape, node in nodes_below(child, CHILD):
        strange = _strange(shape, node)
        if strange:
            reading_of(node["at"][0]).unmapped.update(strange)


def _strange(shape: Shape, node: Node) -> Counter[str]:
    names = (name for name, value in node["f"].items() if name not in shape.fields and value not in (None, "", [], {}))
    return Counter(f"{shape.part}.{name if _PLAIN_KEY.fullmatch(name) else '(other)'}" for name in names)


CONNECTORS = (
    Connector(
        "csc_api",
        2025,
        2030,
        read_csc_api,
        "Daily feed of children's social care, payload of the API, JSON",
        waits=WAITS,
    ),
)

"""Hearing requests of a court in the fields of HMCTS's hearing management, and the diary that the court keeps itself.

Field names of requests are those of the common platform's hearing service (`hmcts/hmc-cft-hearing-service`). A request
is cut to what listing reads before anything of it is kept, also where it is refused: names, contacts, notes and
whatever nobody named stay behind in the partner's file. A request with a fault is refused whole, since one that is read
by half would be listed wrongly. `diary.json` holds judges and their sittings, rooms, kinds of hearings and prices.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from braid.extracts.json_files import open_json
from braid.extracts.json_nodes import Node, count_unmapped, refuse_shape
from braid.extracts.json_shapes import (
    DATE,
    FLAG,
    MOMENT,
    SESSION,
    ByCode,
    Every,
    Kept,
    Parts,
    Shape,
    code,
    keep,
    one_of,
    share,
    whole,
)
from braid.extracts.model import Connector, Reading

LONGEST_MINUTES = 100 * 360
LARGEST = 1_000_000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PRICES = ("unlisted", "late", "wait", "judge_change", "spread", "move", "unlisted_after_sessions")
KEY_REPEATED = "key_repeated"
_MARKS = ("requestDetails", "hearingDetails", "caseDetails")
_REFERENCE = code()


def _object(needed: str = "", dropped: str = "", **kept: Shape) -> Parts:
    return Parts(kept, frozenset(needed.split()), frozenset(dropped.split()))


REQUEST = _object(
    needed="requestDetails caseDetails hearingDetails",
    requestDetails=_object(
        needed="hearingRequestID",
        dropped="timestamp versionNumber hearingGroupRequestId partiesNotified cancellationReasonCodes",
        hearingRequestID=_REFERENCE,
        status=_REFERENCE,
    ),
    caseDetails=_object(
        needed="caseRef caseManagementLocationCode caseSLAStartDate",
        dropped="hmctsServiceCode caseDeepLink hmctsInternalCaseName publicCaseName caseAdditionalSecurityFlag"
        " caseInterpreterRequiredFlag caseCategories caserestrictedFlag caseRestrictedFlag",
        caseRef=_REFERENCE,
        externalCaseReference=_REFERENCE,
        caseManagementLocationCode=_REFERENCE,
        caseSLAStartDate=DATE,
    ),
    hearingDetails=_object(
        needed="hearingType duration",
        dropped="nonStandardHearingDurationReasons numberOfPhysicalAttendees hearingInWelshFlag hearingLocations"
        " listingComments listingAutoChangeReasonCode hearingRequester privateHearingRequiredFlag leadJudgeContractType"
        " hearingIsPaperFlag hearingChannels multiDayHearing amendReasonCodes amendReasonCode",
        autolistFlag=FLAG,
        hearingType=_REFERENCE,
        hearingWindow=_object(dropped="dateRangeEnd", dateRangeStart=DATE, firstDateTimeMustBe=MOMENT),
        duration=whole(1, LONGEST_MINUTES),
        hearingPriorityType=_REFERENCE,
        facilitiesRequired=Every(_REFERENCE),
        hearingIsLinkedFlag=FLAG,
        panelRequirements=_object(
            dropped="roleType authorisationTypes authorisationSubType panelSpecialisms",
            panelPreferences=Every(
                _object(
                    needed="memberID memberType requirementType",
                    memberID=_REFERENCE,
                    memberType=one_of(("JUDGE", "PANEL_MEMBER")),
                    requirementType=one_of(("MUSTINC", "OPTINC", "EXCLUDE")),
                )
            ),
        ),
    ),
    partyDetails=Every(
        _object(
            needed="partyID",
            dropped="partyName partyType partyChannelSubType",
            partyID=_REFERENCE,
            partyRole=_REFERENCE,
            organisationDetails=_object(dropped="name organisationType", cftOrganisationID=_REFERENCE),
            individualDetails=_object(
                dropped="title firstName lastName preferredHearingChannel interpreterLanguage vulnerableFlag"
                " vulnerabilityDetails hearingChannelEmail hearingChannelPhone relatedParties custodyStatus"
                " otherReasonableAdjustmentDetails",
                reasonableAdjustments=Every(_REFERENCE),
            ),
            unavailabilityRanges=Every(
                _object(
                    needed="unavailableFromDate unavailableToDate",
                    unavailableFromDate=DATE,
                    unavailableToDate=DATE,
                    unavailabilityType=one_of(("AM", "PM", "All Day")),
                )
            ),
            unavailabilityDOW=Every(
                _object(
                    needed="DOW", DOW=one_of(WEEKDAYS), DOWUnavailabilityType=one_of(("AM", "PM", "All Day"))
                )
            ),
        )
    ),
    hearingResponse=_object(
        dropped="listAssistTransactionID receivedDateTime responseVersion hearingCancellationReason serviceStatus",
        listingStatus=_REFERENCE,
        partiesNotified=MOMENT,
        hearingDaySchedule=Every(
            _object(
                dropped="hearingEndDateTime listAssistSessionID hearingVenueId panelMemberIds attendees"
                " listAssistSessionId",
                hearingStartDateTime=MOMENT,
                hearingJudgeId=_REFERENCE,
                hearingRoomId=_REFERENCE,
            )
        ),
    ),
)  # fmt: skip
"""What listing reads of a request, and what it knows and leaves: names, contacts, notes."""

_ABSENCES = Every(_object(needed="first last", first=SESSION, last=SESSION))
DIARY = _object(
    needed="court",
    court=_object(
        needed="kind first_date last_date judges types",
        kind=one_of(("listing",)),
        first_date=DATE,
        last_date=DATE,
        judges=Every(_object(needed="id", id=_REFERENCE, closed=_ABSENCES)),
        rooms=Every(_object(needed="id", id=_REFERENCE, features=Every(_REFERENCE), closed=_ABSENCES)),
        people=Every(_object(needed="id role", id=_REFERENCE, role=_REFERENCE, absences=_ABSENCES)),
        types=Every(
            _object(
                needed="id",
                id=_REFERENCE,
                is_final=FLAG,
                starts_in_morning=FLAG,
                judge_change_weight=whole(0, LARGEST),
                list_at_quantile=share(),
            )
        ),
        closed_dates=Every(DATE),
        session_units=whole(1, 100),
        prices=Parts(dict.fromkeys(PRICES, whole(0, LARGEST))),
    ),
    gap_sessions=ByCode(whole(0, LARGEST)),
    features=ByCode(_REFERENCE),
    applicant_roles=Every(_REFERENCE),
)
"""What a court decides itself: a listing problem without hearings, with gaps and what codes ask of a room."""


def read_hearing_management(path: Path, reading: Reading) -> None:
    """Read an array of hearing requests, or a court's diary. Raises `UnreadableFile` where it is neither."""
    root = open_json(path, reading)
    if root.is_object and "court" in root.value:
        _read_diary(root)
    else:
        _read_requests(root)
    count_unmapped(root)


def _read_diary(root: Node) -> None:
    root.document.reading.row_in("diary")
    kept = keep(root, DIARY)
    court = kept.value.get("court", {})
    if not kept.faults:
        root.document.emit(
            "court_diary", ("diary",), root,
            first_date=court["first_date"], last_date=court["last_date"], judges=len(court["judges"]),
            diary=_text(kept.value),
        )  # fmt: skip
    _settle(root, "diary", kept)


def _read_requests(root: Node) -> None:
    nodes = root.look() if root.is_list else [root]
    if root.value != [] and not any(node.is_object and node.value.keys() & set(_MARKS) for node in nodes):
        refuse_shape("hearing requests (an array of requests with caseDetails and hearingDetails) or a court's diary")
    seen: set[str] = set()
    for node in root.each() if root.is_list else [root]:
        root.document.reading.row_in("requests")
        kept = keep(node, REQUEST)
        if not kept.faults:
            _emit_request(node, kept.value, seen)
        else:
            _settle(node, "requests", kept)


def _emit_request(node: Node, request: Mapping[str, Any], seen: set[str]) -> None:
    details, case = request["requestDetails"], request["caseDetails"]
    reference = details["hearingRequestID"]
    if reference in seen:
        place = node.child("requestDetails").child("hearingRequestID")
        message = f"{place.path} is there twice. Keep the latest version of the request alone."
        _reject(node, "requests", KEY_REPEATED, message, request)
        return
    seen.add(reference)
    node.document.emit(
        "hearing_request", (reference,), node, sensitivity="special",
        request_ref=reference, case_ref=case["caseRef"], court_case_ref=case.get("externalCaseReference"),
        status=details.get("status"), request=_text(request),
    )  # fmt: skip
    node.document.reading.row_read("requests")


def _settle(node: Node, part: str, kept: Kept) -> None:
    """Count a row as read, or refuse it: the first fault refuses it, and all of them are told."""
    reading = node.document.reading
    if not kept.faults:
        reading.row_read(part)
        return
    first, *others = kept.faults
    _reject(node, part, first.rule, first.message, kept.value, first.node)
    for fault in others:
        reading.warn(fault.rule, fault.node.path or None, fault.node.pointer or "/", fault.message)


def _reject(node: Node, part: str, rule: str, message: str, kept: Any, place: Node | None = None) -> None:
    """Refuse a row. What is kept of it is what its shape lets through, never the row as it stands."""
    node.use()
    row = _text({} if kept is None else kept)
    node.document.reading.row_rejected(part, node.pointer or "/", rule, message, row, (place or node).path or None)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


CONNECTORS = (
    Connector(
        "hearing_management",
        2021,
        2035,
        read_hearing_management,
        "Hearing requests and listed hearings of a court, and the court's own diary, JSON",
        is_piecewise=True,
    ),
)

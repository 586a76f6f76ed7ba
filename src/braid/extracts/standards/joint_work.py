"""What was decided in Braid's own web app, as the extract that it writes of itself: referrals, joint cases, decisions.

It says of whom by a record that a partner sent (`PersonFeed`, `PersonKey`), never by a name: linking has nothing to
decide, and whoever that record is in the next run is whom the work is about.
"""

from __future__ import annotations

from pathlib import Path

from braid.extracts.fields import Fields, RowRefused
from braid.extracts.model import Connector, Reading
from braid.extracts.sheets import read_sheets
from braid.language.records import record_id

FILE = "joint_work.csv"
COLUMNS = (
    "WorkRef",
    "Part",
    "PersonFeed",
    "PersonKey",
    "Kind",
    "Service",
    "StartDate",
    "EndDate",
    "State",
    "Result",
    "Sensitivity",
)
"""`Part` tells rows of one piece of work apart; `Kind` is one of `KINDS`, `State` one of `STATES`."""
REQUIRED = ("WorkRef", "Part", "PersonFeed", "PersonKey", "Kind", "StartDate")
KINDS = ("referral", "answer", "joint_case", "risk_conference", "decision")
STATES = ("open", "closed")
SENSITIVITIES = ("special", "safe_address")


def read_joint_work(path: Path, reading: Reading) -> None:
    """Read a file of joint work; raise `UnreadableFile` where it is none."""
    read_sheets(path, reading, "work", (REQUIRED, COLUMNS), _read_work)


def _read_work(row: Fields) -> None:
    reference, part, kind = row.key("WorkRef"), row.key("Part"), row.key("Kind")
    if kind not in KINDS:
        raise RowRefused("code_unknown", "Kind")
    person = record_id(row.key("PersonFeed"), "person_record", row.key("PersonKey"))
    start = row.required_date("StartDate")
    # What cannot be read counts as the most sensitive there is.
    said = row.text("Sensitivity") or ""
    sensitivity = said if said in SENSITIVITIES else "safe_address"
    about = {"person_record_id": person, "episode_ref": reference}
    if kind in ("joint_case", "risk_conference"):
        end = row.end_date("EndDate", start)
        row.reading.emit(
            "episode", (reference, part), row.position, sensitivity, row.quality,
            kind="marac" if kind == "risk_conference" else "joint_case", start_date=start, end_date=end,
            status="open" if row.text("State") != "closed" else "closed", service=_coded(row, "Service", "joint_work"),
            end_reason=_coded(row, "Result", "joint_work") if end else None, **about,
        )  # fmt: skip
        return
    row.reading.emit(
        "event", (reference, part), row.position, sensitivity, row.quality,
        kind="referral" if kind == "referral" else "decision", start_date=start, status="completed",
        subkind=_coded(row, "Service" if kind == "referral" else "Result", "joint_work"), **about,
    )  # fmt: skip


def _coded(row: Fields, name: str, system: str) -> str | None:
    text = row.text(name)
    return f"{system}:{text}" if text else None


CONNECTORS = (
    Connector(
        "joint_work", 2026, 2035, read_joint_work, "Referrals, joint cases and decisions of Braid's own web app, CSV"
    ),
)

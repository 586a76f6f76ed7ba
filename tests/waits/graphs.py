"""Small graphs for tests: waits and what holds them, written as pairs, in the tables that the stage reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from braid.language.codes import WAIT_KINDS
from braid.language.findings import TABLES
from braid.store.duckdb_engine import DuckDBEngine
from waits.place import AS_OF, TinyPlace

Row = dict[str, Any]


class TinyGraph:
    """Rows of person_wait and blocker, with the wait records that name cases."""

    def __init__(self) -> None:
        self.waits: list[Row] = []
        self.blockers: list[Row] = []
        self.place = TinyPlace()

    def wait(self, name: str, person: str, days: int = 70, *, over: int = 0, kind: str = "rtt", **more: Any) -> str:
        """Add a running wait; `case` names its case."""
        values = {
            "wait_id": name,
            "person_id": person,
            "kind": kind,
            "backlog": WAIT_KINDS[kind].backlog,
            "organisation_id": "hospital",
            "start_date": AS_OF - dt.timedelta(days=days),
            "stop_date": None,
            "elapsed_days": days,
            "due_date": AS_OF - dt.timedelta(days=over) if over else None,
            "days_left": -over if over else None,
            "clock": "past" if over else "no_limit",
            "sensitivity": "normal",
            "case_record_id": f"record of {name}",
            **more,
        }
        case = values.pop("case", None)
        filled = {
            "start_event": "field",
            "rule_id": "rule",
            "rule_version": "1",
            "explanation": "",
            "as_of_date": AS_OF,
        }
        self.waits.append({**dict.fromkeys(TABLES["person_wait"].names), **filled, **values})
        record = {"kind": kind, "start_event": "field", "start_date": values["start_date"], "episode_ref": case}
        self.place.add("wait", person_record_id=f"record of {person}", **record)
        self.place.rows["wait"][-1]["record_id"] = values["case_record_id"]
        return name

    def hold(self, held: str, holder: str | tuple[str, str], owner: str = "council", **more: Any) -> str:
        """Add a blocker: `holder` is a wait, or a pair of type and kind that is missing. Returns its id."""
        of = {wait["wait_id"]: wait for wait in self.waits}
        is_wait = isinstance(holder, str)
        whose = of[holder]["person_id"] if isinstance(holder, str) else None
        values = {
            "blocker_id": f"blocker{len(self.blockers):03d}",
            "person_id": of[held]["person_id"],
            "problem": "school_from_ta",
            "rule_id": "rule",
            "held_wait_id": held,
            "holder_type": "wait" if is_wait else holder[0],
            "holder_kind": of[holder]["kind"] if isinstance(holder, str) else holder[1],
            "holder_wait_id": holder if is_wait else None,
            "holder_person_id": whose if whose != of[held]["person_id"] else None,
            "reason": "Because.",
            "evidence": "The extract.",
            "evidence_date": AS_OF,
            "owner_organisation": owner,
            "owner_role": "Manager",
            "next_action": "Ring.",
            "sensitivity": "normal",
            **more,
        }
        self.blockers.append(values)
        return str(values["blocker_id"])

    def load(self) -> DuckDBEngine:
        """Return an engine that holds the rows."""
        engine = self.place.load()
        engine.load_rows(TABLES["person_wait"], self.waits)
        engine.load_rows(TABLES["blocker"], self.blockers)
        return engine

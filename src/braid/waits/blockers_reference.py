"""Blocker rules worked out slowly and obviously, row by row. The tests hold the queries against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from braid.waits.blockers import BLAMELESS, FAILED, HELD, NOT_SITTING
from braid.waits.model import case_reference
from braid.waits.reference import Row, Tables
from braid.waits.rules import BlockerRule, HolderWait, MissingEvidence, NoFutureHearing, Standing, Whose

Found = tuple[str, str, str, str | None]
"""Rule, held wait, what holds it, and the holder's wait, or the readiness item that a failed hearing lacked."""


def blockers(tables: Tables, waits: Sequence[Row], rules: Iterable[BlockerRule], as_of: dt.date) -> list[Found]:
    """Return what each of `rules` finds among `waits` (rows of `person_wait`), in order."""
    running = [_with_case(wait, tables) for wait in waits if wait["stop_date"] is None]
    place = _Place(tables, running, as_of)
    return sorted(found for rule in rules for found in place.find(rule))


def _with_case(wait: Row, tables: Tables) -> Row:
    """Return the wait with the case that its record names: as it stands there, or, of a referral, as it is compared."""
    for row in tables["wait"]:
        if row["record_id"] == wait["case_record_id"]:
            return {**wait, "episode_ref": row["episode_ref"]}
    (referral,) = (row for row in tables["episode"] if row["record_id"] == wait["case_record_id"])
    return {**wait, "episode_ref": case_reference(referral["episode_ref"])}


class _Place:
    def __init__(self, tables: Tables, running: list[Row], as_of: dt.date) -> None:
        person_of = {link["person_record_id"]: link["person_id"] for link in tables["person_link"]}
        self.as_of = as_of
        self.running = running
        self.episodes = [
            {**row, "person_id": person_of[row["person_record_id"]]}
            for row in tables["episode"]
            if row["person_record_id"] in person_of and row["episode_ref"] is not None
        ]
        self.hearings = [
            {**row, "day": row["start_date"] or row["planned_date"], "status": row["status"] or "booked"}
            for row in tables["event"]
            if row["kind"] == "hearing" and row["episode_ref"] is not None and row["status"] != "entered_in_error"
        ]

    def find(self, rule: BlockerRule) -> set[Found]:
        found: set[Found] = set()
        for held in self.running:
            if held["kind"] == rule.held and self._stands(held, rule.held_standing):
                found |= {(rule.rule_id, held["wait_id"], kind, wait) for kind, wait in self._holders(held, rule)}
        return found

    def _holders(self, held: Row, rule: BlockerRule) -> set[tuple[str, str | None]]:
        form = rule.form
        if isinstance(form, HolderWait):
            return {(wait["kind"], wait["wait_id"]) for wait in self._holding(held, form)}
        if isinstance(form, MissingEvidence):
            return {(form.evidence, None)} if held["clock"] == "past" else set()
        if isinstance(form, NoFutureHearing):
            return set() if self._will_sit(held) else {("hearing", None)}
        failed = self._failure(held)
        if failed is None or failed[0] not in form.words_by_cause:
            return set()
        cause, item = failed
        return {(cause, item if item in form.words_by_item else None)}

    def _holding(self, held: Row, form: HolderWait) -> Iterable[Row]:
        for wait in self.running:
            if wait["kind"] not in form.kinds or not self._stands(wait, form.standing):
                continue
            same = wait["person_id"] == held["person_id"]
            if form.whose is Whose.SAME_PERSON and same and wait["wait_id"] != held["wait_id"]:
                yield wait
            if form.whose is Whose.RESPONDENT and not same and self._responds(wait["person_id"], held):
                yield wait

    def _stands(self, wait: Row, standing: Standing | None) -> bool:
        if standing is None:
            return True
        if wait["kind"] != "crown_trial":
            return False
        is_victim = wait["sensitivity"] == "safe_address" and any(
            row["kind"] == "criminal_case"
            and row["role"] == "victim"
            and row["person_id"] == wait["person_id"]
            and wait["episode_ref"] is not None
            and case_reference(row["episode_ref"]) == case_reference(wait["episode_ref"])
            for row in self.episodes
        )
        return is_victim is (standing is Standing.VICTIM)

    def _responds(self, person: str, held: Row) -> bool:
        return any(
            row["kind"] == "family_case"
            and row["role"] == "respondent"
            and row["person_id"] == person
            and (row["organisation_id"], row["episode_ref"]) == (held["organisation_id"], held["episode_ref"])
            and (row["end_date"] is None or row["end_date"] > self.as_of)
            for row in self.episodes
        )

    def _will_sit(self, held: Row) -> bool:
        return held["episode_ref"] is not None and any(
            row["organisation_id"] == held["organisation_id"]
            and case_reference(row["episode_ref"]) == case_reference(held["episode_ref"])
            and row["day"] is not None
            and (row["end_date"] or row["day"]) >= self.as_of
            and row["status"] not in NOT_SITTING
            for row in self.hearings
        )

    def _failure(self, held: Row) -> tuple[str, str | None] | None:
        """Return cause group and code of why the latest hearing failed, the first in order; `None` where it did not."""
        case = (held["organisation_id"], held["episode_ref"])
        entries: list[dict[str, Any]] = [
            row
            for row in self.hearings
            if (row["organisation_id"], row["episode_ref"]) == case and row["day"] and row["day"] <= self.as_of
        ]
        latest = max((row["day"] for row in entries), default=None)
        on_latest = [row for row in entries if row["day"] == latest]
        if any(row["status"] in HELD for row in on_latest):
            return None
        causes = {
            (row["cause_group"], row["status_reason"])
            for row in on_latest
            if row["status"] in FAILED and row["cause_group"] not in (None, *BLAMELESS)
        }
        return min(causes, key=lambda cause: (cause[0], cause[1] is None, cause[1] or ""), default=None)

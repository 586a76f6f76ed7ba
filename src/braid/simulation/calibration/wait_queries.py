"""The queries of a run's waits, as portable SQL: who runs, who ended in the window, how, and in which band."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from braid.simulation.calibration.counts import RUNS, Waits, Window
from braid.simulation.calibration.rules import Rules

ALIKE = "band, started, ended, has_left"
"""What waits are alike in: their band, days from beginning and end to the as-of date, and whether they left."""


@dataclass(frozen=True)
class WaitQueries:
    """Writes queries of the waits of a run; `windows` by kind of wait."""

    as_of: dt.date
    rules: Rules
    windows: Mapping[str, Window]

    def told(self, kinds: Sequence[str]) -> str:
        """Return the query of the waits whose end has a code that the rules name: `wait_id`.

        For some kinds these left, for others they were served (`KindRules`).
        """
        each = [
            f"select w.record_id as wait_id from wait w {_EPISODE if self.rules.kind(kind).end_in == 'episode' else ''}"
            f" where w.kind = '{kind}' and {self._code(kind)} in ({_listed(self._codes(kind))})"
            for kind in kinds
            if self._codes(kind)
        ]
        return " union all ".join(each) or "select wait_id from person_wait where 1 = 0"

    def _codes(self, kind: str) -> tuple[str, ...]:
        return self.rules.kind(kind).served or self.rules.kind(kind).left

    def _code(self, kind: str) -> str:
        is_of_episode = self.rules.kind(kind).end_in == "episode"
        return "coalesce(e.end_reason, w.stop_event)" if is_of_episode else "w.stop_event"

    def waits(self, kinds: Sequence[str], where: str = "") -> str:
        """Return the query of the waits of some kinds: those that run, and those that ended in the window.

        `where` joins the people who are asked about. Days are counted back from the as-of date; `ended` is empty, and
        `has_left` 0, of those that run. Reads the table `simulated_told`.
        """
        what = f"p.wait_id, p.person_id, p.kind, {self._band(kinds)} as band, {self._days('p.start_date')} as started"
        stopped = f"greatest({self._days('p.stop_date')}, 0) as ended, {self._left(kinds)} as has_left"
        return f"""
        select {what}, cast(null as integer) as ended, 0 as has_left
        from person_wait p {where.format("s1")} {"and" if "where" in where else "where"} {self.runs(kinds)}
        union all
        select {what}, {stopped}
        from person_wait p left join simulated_told t on t.wait_id = p.wait_id {where.format("s2")}
        {"and" if "where" in where else "where"} ({self.ended(kinds)})"""

    def runs(self, kinds: Sequence[str]) -> str:
        """Return the condition that a wait of `person_wait p` is of these kinds and runs."""
        return f"p.stop_date is null and p.kind in ({_listed(kinds)})"

    def ended(self, kinds: Sequence[str]) -> str:
        """Return the condition that a wait of `person_wait p` is of these kinds and ended in the kind's window."""
        since = [f"(p.kind = '{kind}' and p.stop_date >= date '{self.windows[kind].first_date}')" for kind in kinds]
        return " or ".join(since) or "1 = 0"

    def _days(self, column: str) -> str:
        return f"br_days({column}, date '{self.as_of}')"

    def _band(self, kinds: Sequence[str]) -> str:
        """Say which of its kind's bands a wait is in; the last one where its priority is none of them."""
        cases = []
        for kind in kinds:
            bands = self.rules.kind(kind).bands
            each = [
                f"when p.kind = '{kind}' and p.priority = {_text(code)} then {place}"
                for place, code in enumerate(bands)
            ]
            cases += [*each, f"when p.kind = '{kind}' then {len(bands) - 1}"] if bands else []
        return f"case {' '.join(cases)} else 0 end" if cases else "0"

    def _left(self, kinds: Sequence[str]) -> str:
        """Say whether a wait that ended did so by leaving, from whether its code is among the told."""
        cases = [
            f"when p.kind = '{kind}' then case when t.wait_id is null then {is_left} else {1 - is_left} end"
            for kind in kinds
            if self._codes(kind)
            for is_left in [1 if self.rules.kind(kind).served else 0]
        ]
        return f"case {' '.join(cases)} else 0 end" if cases else "0"


_EPISODE = """
left join (select person_record_id, episode_ref, kind, min(end_reason) as end_reason from episode
  where end_reason is not null group by person_record_id, episode_ref, kind) e
  on e.person_record_id = w.person_record_id and e.episode_ref = w.episode_ref and e.kind = w.kind"""


def _text(code: str) -> str:
    quoted = code.replace("'", "''")
    return f"'{quoted}'"


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(_text(code) for code in codes) or "''"


def waits_of(kind: str, table: Any) -> Waits:
    """Return the waits of a kind from an Arrow table with the columns of `ALIKE` and `waits`."""
    columns = {name: table.column(name) for name in ("band", "started", "has_left", "waits")}
    arrays = {name: column.to_numpy().astype(np.int64) for name, column in columns.items()}
    ended = table.column("ended").fill_null(RUNS).to_numpy().astype(np.int64)
    return Waits(kind, arrays["band"], arrays["started"], ended, arrays["has_left"].astype(bool), arrays["waits"])

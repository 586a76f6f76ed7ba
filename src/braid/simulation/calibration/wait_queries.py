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
        """Return the query of the waits whose end has a code that the rules name, as a digest of their id: `wait`.

        For some kinds these left, for others they were served (`KindRules`).
        """
        each = []
        for end_in, code, joins in _CODES:
            chosen = [one for one in map(self.rules.kind, kinds) if one.end_in == end_in and (one.served or one.left)]
            named = [f"(w.kind = '{one.kind}' and {code} in ({_listed(one.served or one.left)}))" for one in chosen]
            if named:
                each.append(f"""
                select br_digest(w.record_id) as wait from wait w {joins}
                where w.stop_date is not null and ({" or ".join(named)})""")
        return " union all ".join(each) or "select br_digest(wait_id) as wait from person_wait where 1 = 0"

    def waits(self, kinds: Sequence[str]) -> str:
        """Return the query of the waits of some kinds: those that run, and those that ended in the window.

        Days are counted back from the as-of date; `ended` is empty, and `has_left` 0, of those that run. Reads the
        table `simulated_told`. Of those that run no id is read, which spares most of the work.
        """
        what = f"p.kind, {self._band(kinds)} as band, {self._days('p.start_date')} as started"
        stopped = f"greatest({self._days('p.stop_date')}, 0) as ended, {self._left(kinds)} as has_left"
        return f"""
        select {what}, cast(null as integer) as ended, 0 as has_left from person_wait p where {self._runs(kinds)}
        union all
        select {what}, {stopped} from person_wait p left join simulated_told t on t.wait = br_digest(p.case_record_id)
        where {self._ended(kinds)}"""

    def waits_of_people(self, kinds: Sequence[str]) -> str:
        """Return the same with digests of the id of each wait and of its person: `wait` and `person`."""
        return f"""
        select br_digest(p.wait_id) as wait, br_digest(p.person_id) as person, p.kind, {self._band(kinds)} as band,
          {self._days("p.start_date")} as started,
          case when p.stop_date is not null then greatest({self._days("p.stop_date")}, 0) end as ended,
          case when p.stop_date is not null then {self._left(kinds)} else 0 end as has_left
        from person_wait p left join simulated_told t on t.wait = br_digest(p.case_record_id)
        where ({self._runs(kinds)}) or {self._ended(kinds)}"""

    def _runs(self, kinds: Sequence[str]) -> str:
        """Return the condition that a wait of `person_wait p` is of these kinds and runs."""
        return f"p.stop_date is null and p.kind in ({_listed(kinds)})"

    def _ended(self, kinds: Sequence[str]) -> str:
        """Return the condition that a wait of `person_wait p` is of these kinds and ended in the kind's window."""
        by_day: dict[dt.date, list[str]] = {}
        for kind in kinds:
            by_day.setdefault(self.windows[kind].first_date, []).append(kind)
        since = [f"(p.stop_date >= date '{day}' and p.kind in ({_listed(each)}))" for day, each in by_day.items()]
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
            f"when p.kind = '{kind}' then case when t.wait is null then {is_left} else {1 - is_left} end"
            for kind in kinds
            if self.rules.kind(kind).served or self.rules.kind(kind).left
            for is_left in [int(bool(self.rules.kind(kind).served))]
        ]
        return f"case {' '.join(cases)} else 0 end" if cases else "0"


_EPISODE = """
left join (select person_record_id, episode_ref, kind, min(end_reason) as end_reason from episode
  where end_reason is not null group by person_record_id, episode_ref, kind) e
  on e.person_record_id = w.person_record_id and e.episode_ref = w.episode_ref and e.kind = w.kind"""
_CODES = (("wait", "w.stop_event", ""), ("episode", "coalesce(e.end_reason, w.stop_event)", _EPISODE))
"""Where it is written how a wait ended."""


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

"""From the tables of a run to counts: waits alike, and who stands where in a pathway, without anybody's id.

Waits that ended before a kind's window are not counted: of them only those are known whose case is kept for another
reason. Waits of one person are paired inside the engine, by digests of ids, and only of people who wait for two kinds
that may be paired.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from braid.simulation.calibration.counts import WEEK_DAYS, Counts, Standing, Waits, Window, join_waits
from braid.simulation.calibration.pairing import count_led, count_paired
from braid.simulation.calibration.rules import LeadRules, Rules, paired_kinds
from braid.simulation.calibration.wait_queries import ALIKE, WaitQueries, waits_of
from braid.store.engine import Engine

TABLES = ("person_wait", "wait", "episode")
"""The tables of a run that are counted."""
Row = Mapping[str, Any]

_SEEN = """
select kind, feed, min(stop_date) as known_since_date, sum(case when stop_date is null then 1 else 0 end) as open_waits
from person_wait group by kind, feed order by kind, feed"""
_SEVERAL = "select person from simulated_paired group by person having min(kind) <> max(kind)"
_WAITS_FOR_SEVERAL = "select p.* from simulated_paired p join simulated_several s on s.person = p.person"
_WAITS_FOR_ONE = f"""
select kind, {ALIKE} from simulated_paired p left join simulated_several s on s.person = p.person
where s.person is null"""


def count_waits(engine: Engine, as_of: dt.date, rules: Rules) -> Counts:
    """Return the counts of a run. Reads the tables of `TABLES`, and makes tables named `simulated_…`."""
    seen = engine.rows(_SEEN)
    windows = _windows(seen, as_of, rules)
    sent = {row["kind"] for row in seen}
    asked = [one.kind for one in rules.kinds if one.kind in sent]
    paired = [kind for kind in asked if kind in paired_kinds(rules)]
    queries = WaitQueries(as_of, rules, windows)
    engine.create("simulated_told", queries.told(asked))
    source = queries.waits([kind for kind in asked if kind not in paired])
    waits: dict[tuple[str, str], Waits] = {}
    standing: list[Standing] = []
    led: dict[LeadRules, int] = {}
    if paired:
        engine.create("simulated_paired", queries.waits_of_people(paired))
        engine.create("simulated_several", _SEVERAL)
        engine.create("simulated_wait", _WAITS_FOR_SEVERAL)
        found = count_paired(engine, rules, sent)
        waits, standing = found.waits, found.standing
        led = {lead: count_led(engine, rules, lead) for lead in rules.leads}
        source = f"{source} union all {_WAITS_FOR_ONE} union all select kind, {ALIKE} from {found.left_over}"
    alone = _count_alone(engine, source)
    for kind, more in alone.items():
        place = (rules.alone(kind).id, rules.alone(kind).anchor.id)
        waits[place] = join_waits(kind, [waits[place], more]) if place in waits else more
    return Counts(as_of, windows, _open_waits(seen), waits, alone, tuple(standing), led)


def _count_alone(engine: Engine, source: str) -> dict[str, Waits]:
    """Count waits that are paired with none, by kind."""
    counted = engine.arrow(f"select kind, {ALIKE}, count(*) as waits from ({source}) w group by kind, {ALIKE}")
    kinds = counted.column("kind")
    return {kind: waits_of(kind, counted.filter(pc.equal(kinds, kind))) for kind in sorted(kinds.unique().to_pylist())}


def _open_waits(seen: Sequence[Row]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in seen:
        found[row["kind"]] += int(row["open_waits"])
    return dict(+found)


def _windows(seen: Sequence[Row], as_of: dt.date, rules: Rules) -> dict[str, Window]:
    """Return the window of each kind of wait, from the earliest end that a feed which sends the kind shows of any.

    The first end of a kind of which few end says little of how far back its feed reaches.
    """
    since: dict[str | None, dt.date] = {}
    for row in seen:
        if row["known_since_date"] is not None:
            since[row["feed"]] = min(row["known_since_date"], since.get(row["feed"], as_of))
    named = [row["kind"] for row in seen] + [one.kind for one in rules.kinds]
    kinds: dict[str, list[dt.date]] = {kind: [] for kind in named}
    for row in seen:
        kinds[row["kind"]] += [since[row["feed"]]] if row["feed"] in since else []
    return {kind: _window(min(days, default=None), as_of, rules) for kind, days in kinds.items()}


def _window(known_since: dt.date | None, as_of: dt.date, rules: Rules) -> Window:
    longest = as_of - dt.timedelta(days=WEEK_DAYS * rules.window_weeks - 1)
    if known_since is None:
        return Window(longest, 0)
    weeks = ((as_of - max(known_since, longest)).days + 1) // WEEK_DAYS
    return Window(as_of - dt.timedelta(days=WEEK_DAYS * weeks - 1), weeks)

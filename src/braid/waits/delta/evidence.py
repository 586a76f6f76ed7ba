"""The words of blockers that still hold, where the extract that shows them came again with a new date."""

from __future__ import annotations

import pyarrow as pa

from braid.language.findings import BLOCKER
from braid.store.engine import Engine
from braid.waits.blocker_words import extract_in_words
from braid.waits.delta.changes import EARLIER
from braid.waits.delta.kept import TOUCHED_ROWS


def create_kept_blocker(engine: Engine) -> None:
    """Create the view `blocker` of the rows that still hold, and of those of the touched people."""
    moves = engine.rows("select feed, from_date, to_date from feed_move where from_date <> to_date")
    words = {
        "feed": pa.array([move["feed"] for move in moves], pa.string()),
        "from_date": pa.array([move["from_date"] for move in moves], pa.date32()),
        "to_date": pa.array([move["to_date"] for move in moves], pa.date32()),
        "from_words": pa.array([extract_in_words(move["from_date"]) for move in moves], pa.string()),
        "to_words": pa.array([extract_in_words(move["to_date"]) for move in moves], pa.string()),
    }
    engine.load_arrow("evidence_move", pa.table(words))
    engine.view("blocker", _BLOCKER)


_MOVED = {
    "evidence_date": "coalesce(m.to_date, t.evidence_date)",
    "evidence": "case when m.feed is null then t.evidence else replace(t.evidence, m.from_words, m.to_words) end",
}
_COLUMNS = ", ".join(f"{_MOVED.get(name, f't.{name}')} as {name}" for name in BLOCKER.names)

_BLOCKER = f"""
select {_COLUMNS} from {EARLIER}blocker t
left join evidence_move m on m.feed = t.evidence_feed and m.from_date = t.evidence_date
where not exists (select 1 from touched_person x where x.person_id = t.person_id)
union all select {", ".join(BLOCKER.names)} from {TOUCHED_ROWS}blocker"""

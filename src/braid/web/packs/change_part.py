"""What changed since the last pack: the same figure then and now, and what came and went."""

from collections import Counter
from collections.abc import Sequence

from braid.place.drawings import Bar, draw_bars
from braid.place.packs import VERDICTS, MadePack, PackFigure, compare_packs
from braid.store.exports import PackSection, PackTable
from braid.web.models import BoardPack
from braid.web.packs.scope import PackPart
from braid.web.templating import day_words

TITLE, NOTHING = "What changed since the last pack", "\N{EN DASH}"
FIRST = "This is the first pack that was kept for this board: there is none to compare it with."
TOLD = ("better", "worse", "changed", "new", "gone")
"""Verdicts that a table tells row by row; what is as before, or was not published, is counted."""


def make_changes(row: BoardPack | None, then: MadePack | None, figures: Sequence[PackFigure]) -> PackPart:
    """Return each figure that is otherwise than in the last pack, and how many are as before."""
    if row is None or then is None:
        return PackPart((PackSection(TITLE, lines=(FIRST,)),))
    changes = compare_packs(then.figures, figures)
    counts = Counter(one.verdict for one in changes)
    bars = [Bar(words, float(counts[code]), str(counts[code])) for code, words in VERDICTS.items() if counts[code]]
    rows = tuple(
        (one.title, one.then or NOTHING, one.now or NOTHING, VERDICTS[one.verdict])
        for code in TOLD
        for one in changes
        if one.verdict == code
    )
    columns = ("Figure", f"Pack of {day_words(row.of_date)}", "This pack", "Change")
    tables = (PackTable("Figures that are otherwise than in the last pack", columns, rows),) if rows else ()
    about = f"Compared with the pack of {day_words(row.of_date)}. A figure is better or worse only by what it is for."
    pictures = (draw_bars("Figures by how they changed", bars),) if bars else ()
    section = PackSection(TITLE, pictures, (about,), tables=tables)
    return PackPart((section,), inputs=((f"last pack, of {row.of_date.isoformat()}", row.fingerprint),))

"""The pack for a session of two boards: pictures, the common agenda, what is not known, both boards side by side."""

import datetime as dt

from braid.place.common_agenda import KINDS, AgendaPoint, Known, Side, compare_boards, derive_agenda, gaps
from braid.store.exports import Export, Form, Pack, PackSection, PackTable, Purpose, export_pack
from braid.web.figures_table import USE_DAYS
from braid.web.models import BoardOverlap, PublishedRun
from braid.web.packs.digests import digest_of
from braid.web.together.pictures import draw_common


def make_pack(one: Side, other: Side, known: Known, run: PublishedRun) -> Pack:
    """Return the pack of two boards, of what is published on the day."""
    agenda = derive_agenda(one, other, known)
    sections = (
        PackSection("In common", draw_common(one, other, known), _lead(agenda)),
        PackSection("Common agenda", tables=(_agenda(agenda),)),
        PackSection("Side by side", tables=(_lines(one, other, known),)),
        PackSection("What is not known", points=gaps(one, other, known) or ("Nothing that was looked for.",)),
    )
    return Pack(
        f"{one.name} and {other.name}",
        f"Session of two boards. Figures of {known.day:%-d %B %Y}.",
        sections,
        (("run", digest_of(run.run_id)), ("lists of boards", _lists())),
    )


def _lead(agenda: tuple[AgendaPoint, ...]) -> tuple[str, ...]:
    found = [f"{sum(1 for point in agenda if point.kind == kind)}: {name.lower()}" for kind, name in KINDS.items()]
    kept = [words for words in found if not words.startswith("0")]
    return (f"Points of the common agenda. {'; '.join(kept)}." if kept else "Nothing was found in common.",)


def _agenda(agenda: tuple[AgendaPoint, ...]) -> PackTable:
    rows = tuple((KINDS[point.kind], point.title, point.figure, point.why, point.source) for point in agenda)
    return PackTable("What the boards can only do together", ("Kind", "Point", "Figure", "Why", "Source"), rows)


def _lines(one: Side, other: Side, known: Known) -> PackTable:
    lines = compare_boards(one, other, known)
    rows = tuple((line.head, "; ".join(line.first), "; ".join(line.second)) for line in lines)
    return PackTable("The boards side by side", ("", one.name, other.name), rows)


def _lists() -> str:
    """Return a digest of what is published of lists, so that the same figures give the same pack."""
    return digest_of(sorted(BoardOverlap.objects.values_list("boards", "low", "high")))


def export_together(pack: Pack, run_id: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the pack as a file of that form, with its manifest."""
    return export_pack(pack, form, Purpose(made_for, run_id, today, today + dt.timedelta(USE_DAYS)))

"""The agenda of the meeting that a pack is for, and of each paper its heading, summary and recommendation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from braid.place.boards.meetings import ITEM_KINDS
from braid.store.exports import PackSection, PackTable
from braid.web.models import BoardItem, MeetingPaper
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope

AGENDA = "Agenda"
MARK = "Confidential: "


@dataclass(frozen=True)
class Papered:
    """An item of the agenda with the newest edition of its paper. `number` counts what stands in this pack alone."""

    number: int
    row: BoardItem
    paper: MeetingPaper | None

    @property
    def title(self) -> str:
        """The title, marked where it is confidential."""
        return f"{MARK if self.row.confidential else ''}{self.row.title}"


def make_agenda(scope: Scope) -> PackPart:
    """Return the agenda of the meeting; nothing where the pack is for no meeting."""
    found = _items(scope)
    if not found:
        return PackPart()
    rows = tuple(
        (f"{one.number}. {one.title}", ITEM_KINDS[one.row.kind], one.row.asks, f"{one.row.minutes} minutes")
        for one in found
    )
    table = PackTable("Items of the agenda, in their order", ("Item", "Kind", "What it asks", "Time"), rows)
    return PackPart((PackSection(AGENDA, tables=(table,)),), inputs=(("agenda and papers", _digest(found)),))


def make_papers(scope: Scope) -> PackPart:
    """Return a section for each item with a paper."""
    return PackPart(tuple(_papers(_items(scope))))


def _papers(found: Sequence[Papered]) -> Iterator[PackSection]:
    for one in found:
        if one.paper is not None:
            heading = f"{MARK if one.row.confidential else ''}{one.paper.heading}"
            lines = (
                *_paragraphs("Summary", one.paper.summary),
                *_paragraphs("Recommendation", one.paper.recommendation),
            )
            yield PackSection(f"Paper {one.number}: {heading}", lines=lines)


def _paragraphs(head: str, text: str) -> Iterator[str]:
    """Yield the paragraphs of a text, the first with its head."""
    paragraphs = [" ".join(one.split()) for one in text.splitlines() if one.strip()]
    for at, words in enumerate(paragraphs):
        yield words if at else f"{head}: {words}"


def _items(scope: Scope) -> list[Papered]:
    if scope.meeting is None:
        return []
    rows = BoardItem.objects.filter(meeting=scope.meeting, taken_off_at=None, **scope.open()).order_by("position", "pk")
    editions = MeetingPaper.objects.filter(written_at__lte=scope.moment).order_by("-edition")
    listed = [(row, list(row.papers.all())) for row in rows.prefetch_related(Prefetch("papers", editions))]
    return [Papered(number, row, papers[0] if papers else None) for number, (row, papers) in enumerate(listed, 1)]


def _digest(found: Sequence[Papered]) -> str:
    return digest_of([[one.row.pk, one.row.version, one.paper.edition if one.paper else 0] for one in found])

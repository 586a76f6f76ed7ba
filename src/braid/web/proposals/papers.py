"""Print versions of boards: asked for, read by the outbound guard, handed out to whoever asked, and on record.

What is on a board may lie about once it is printed. So a paper is a thing of its own: the words that stand on it rest
sealed until the guard has read them for locations of protected people, as it reads whatever leaves. Each time that it
is handed out is an export on record. It is of one moment: after `HELD_FOR` it is asked for anew.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from braid.language.dates import london_date
from braid.language.documents import Part, parse, write
from braid.outbound.channels import LONGEST_HOLD
from braid.web.access.proposals import check_sees_plans, people_of, permitted_proposals
from braid.web.access.sight import NotThere, Sight
from braid.web.care.kept import name_of_user, now_of_database
from braid.web.models import BoardPaper, Proposal
from braid.web.proposals.sealing import open_paper, seal_paper
from braid.web.published import name_of_organisation
from braid.web.recording import Facts, record
from braid.web.vault.keys import get_key_ring

HELD_FOR = LONGEST_HOLD
"""How long a paper may be handed out after the guard has read it: as long as a message may wait to leave."""
BOARDS = {"placements": "Placement board", "listing": "Listing board"}
"""By kind of plan, the board that prints it."""


@dataclass(frozen=True)
class PaperTable(Part):
    """Rows of words under headings, as many words a row as there are headings."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PaperPart(Part):
    """A heading with lines, a list and a table; each of them may be empty."""

    title: str
    lines: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    table: PaperTable | None = None


@dataclass(frozen=True)
class PaperContent(Part):
    """What stands on a paper, in words alone."""

    title: str
    lead: tuple[str, ...]
    parts: tuple[PaperPart, ...]

    def words(self) -> Iterator[str]:
        """Yield everything that a reader could read on it."""
        yield from (self.title, *self.lead)
        for part in self.parts:
            yield from (part.title, *part.lines, *part.points)
            if part.table is not None:
                cells = (cell for row in part.table.rows for cell in row)
                yield from (part.table.caption, *part.table.headings, *cells)


@dataclass(frozen=True)
class PaperSeen:
    """A paper as whoever asked for it sees it: what stands on it once the guard has let it go."""

    id: UUID
    kind: str
    state: str
    content: PaperContent | None
    made_for: str
    made_on: dt.date
    is_over: bool
    """Whether its time is over, so that it is asked for anew."""


def ask_paper(sight: Sight, kind: str, content: PaperContent, rows: Collection[Proposal]) -> UUID:
    """Keep what is to be printed of proposals that the viewer sees, for the guard; return the paper's id.

    Raises `NotPermitted`, `NotThere` where there is nothing to print, `VaultKeyNotAvailable`.
    """
    check_sees_plans(sight, kind)
    permitted = permitted_proposals(sight, rows)
    people = sorted({person_id for ids in people_of(permitted).values() for person_id in ids})
    if not people:
        raise NotThere
    made, text = uuid4(), write(content).encode("utf-8")
    paper = BoardPaper(
        id=made,
        kind=kind,
        purpose=sight.viewer.purpose,
        organisation=sight.organisation,
        reference=sight.viewer.reference,
        made_by=sight.viewer.username,
        asked_at=now_of_database(),
        proposals=[str(row.pk) for row in permitted],
        people=people,
        sha256=hashlib.sha256(text).hexdigest(),
        **seal_paper(get_key_ring(), made, text),
    )
    BoardPaper.objects.append_one(paper)
    return made


def hand_out_paper(sight: Sight, paper_id: UUID) -> PaperSeen:
    """Return a paper of the viewer's own, and record the export where it is handed out. Raises `NotThere`.

    Raises `VaultKeyNotAvailable`, `VaultSealBroken`.
    """
    row = BoardPaper.objects.filter(pk=paper_id, made_by=sight.viewer.username).first()
    if row is None:
        raise NotThere
    check_sees_plans(sight, row.kind)
    wanted = list(Proposal.objects.filter(pk__in=row.proposals).defer("sealed", "wrapped"))
    if len(permitted_proposals(sight, wanted)) < len(row.proposals):
        raise NotThere
    is_over = row.checked_at is not None and sight.now - row.checked_at > HELD_FOR
    content = None
    if row.state == "passed" and not is_over:
        content = parse(open_paper(get_key_ring(), row), PaperContent, "paper")
        _record_export(sight, row)
    return PaperSeen(
        id=row.pk,
        kind=row.kind,
        state=row.state,
        content=content,
        made_for=f"{name_of_user(row.made_by)}, {name_of_organisation(row.organisation)}",
        made_on=london_date(row.asked_at),
        is_over=is_over,
    )


def _record_export(sight: Sight, row: BoardPaper) -> None:
    details = {"what": row.kind, "form": "paper", "paper": str(row.pk), "file": row.sha256}
    facts = Facts(organisation=sight.organisation, agreement_ids=sight.agreements, reason="released", details=details)
    record("exported", sight.viewer, list(row.people), facts)

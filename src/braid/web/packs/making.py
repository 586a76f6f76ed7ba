"""Makes a pack: each part of what is published or decided, and what changed since the last. For inside `asking_as`."""

import datetime as dt
from collections.abc import Sequence

from braid.language.dates import london_date
from braid.language.documents import parse
from braid.place.boards.terms import Board
from braid.place.packs import MadePack
from braid.store.exports import Pack
from braid.web.models import BoardMeeting, BoardPack
from braid.web.packs.change_part import make_changes
from braid.web.packs.commission_part import make_commissions
from braid.web.packs.digests import digest_of, digests_of_files
from braid.web.packs.money_part import make_money
from braid.web.packs.outcome_part import make_outcomes
from braid.web.packs.paper_part import make_agenda, make_papers
from braid.web.packs.portfolio_part import make_portfolio
from braid.web.packs.risk_part import make_risks
from braid.web.packs.scope import MakePart, PackPart, Scope, open_scope
from braid.web.packs.waiting_part import make_waits
from braid.web.packs.work_part import make_priorities, make_work
from braid.web.published import find_published_run
from braid.web.templating import day_words

KIND = "board pack 1"
PARTS: Sequence[MakePart] = (
    make_agenda,
    make_priorities,
    make_outcomes,
    make_waits,
    make_money,
    make_commissions,
    make_portfolio,
    make_risks,
    make_work,
    make_papers,
)
"""In the order in which they stand, after what changed."""
MARKING = "Confidential: for members of the board alone"


def make_pack(
    board: Board, meeting: BoardMeeting | None, moment: dt.datetime, is_confidential: bool, is_past: bool = False
) -> MadePack:
    """Return the pack of a board. The same inputs give the same pack: nothing says when in the day it was made."""
    scope = open_scope(board, meeting, moment, is_confidential, is_past)
    parts = [make(scope) for make in PARTS]
    figures = tuple(figure for part in parts for figure in part.figures)
    last = find_last(scope)
    then = read_pack(last) if last is not None else None
    changes = make_changes(last, then, figures)
    sections = tuple(section for part in (changes, *parts) for section in part.sections)
    pack = Pack(
        f"{'Confidential: ' if is_confidential else ''}Board pack of {board.name}",
        _subtitle(scope),
        sections,
        _inputs(scope, [*parts, changes]),
        MARKING if is_confidential else "",
    )
    return MadePack(KIND, pack, figures)


def _subtitle(scope: Scope) -> str:
    run, meeting = find_published_run(), scope.meeting
    said = [f"For the meeting of {day_words(london_date(meeting.starts_at))}."] if meeting else []
    said.append(f"As of {day_words(scope.day)}.")
    if run is not None and run.as_of_date is not None:
        said.append(f"Figures of waits and outcomes are those of the run of {day_words(run.as_of_date)}.")
    if scope.is_past:
        said.append("Made for a day that was over: figures of which only today's are known are left out.")
    if scope.is_confidential:
        said.append(f"{MARKING}.")
    return " ".join(said)


def _inputs(scope: Scope, parts: Sequence[PackPart]) -> tuple[tuple[str, str], ...]:
    run = find_published_run()
    of_run = ((f"run {run.run_id}", digest_of([run.run_id, run.place_name, run.as_of_date])),) if run else ()
    of_meeting = ((f"meeting {scope.meeting.pk}", digest_of([scope.meeting.starts_at])),) if scope.meeting else ()
    return (*of_run, *digests_of_files(), *of_meeting, *(one for part in parts for one in part.inputs))


def find_last(scope: Scope) -> BoardPack | None:
    """Return the pack that one is compared with: of an earlier day and another meeting, as confidential as it is.

    A pack for members is compared with a public one where there is none other.
    """
    rows = BoardPack.objects.filter(board_id=scope.board.id, of_date__lt=scope.day)
    if scope.meeting is not None:
        rows = rows.exclude(meeting=scope.meeting)
    rows = rows if scope.is_confidential else rows.filter(is_confidential=False)
    order = ("-is_confidential", "-of_date", "-made_at", "pk")
    return rows.order_by(*order).first()


def read_pack(row: BoardPack) -> MadePack:
    """Return a pack as it was kept."""
    return parse(row.document, MadePack, "board pack")

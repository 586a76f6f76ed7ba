"""Two small boards of the sample place, who sits on them, and meetings in every state, entered as pages enter them."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from board_texts import BOARDS_TOML
from sample_run import PLACE_TOML

from braid.language.dates import london_date
from braid.place.boards.risks import Level
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.boards import chasing, deciding, keeping, priorities, risks
from braid.web.boards.deciding import DecisionWords
from braid.web.boards.files import get_board
from braid.web.boards.keeping import ItemWords, PaperWords
from braid.web.boards.priorities import PriorityWords
from braid.web.boards.risks import Rating
from braid.web.care.kept import now_of_database
from braid.web.models import BoardItem, BoardMeeting, BoardSeatHolder, MeetingPaper
from braid.web.watch import known_asker

NORTH, SOUTH = Member("council", "northmere-council"), Member("council", "southwick-council")
COURT, GUEST = Member("court", "vale-family-court"), Member("guest", "harbour")
EVERYBODY = (NORTH, SOUTH, COURT, GUEST)
VOTING = (NORTH, SOUTH, COURT)
OWN = Member(COMMISSIONER, "vale-authority")
CHAIR, PREPARES, GIVES = "test-board_member", "test-commissioner", "test-ig_lead"
PAPER = PaperWords("Heading of the paper", "Summary of it", "Do it", "All of it", "Do nothing")
WORDS = ItemWords("decision", "Something to decide", "Decide it", 20, "", confidential=False)
DAY = dt.timedelta(days=1)
LONG_AGO = dt.timedelta(days=100)


def write_boards_place(folder: Path) -> Path:
    """Write a place folder with the sample's organisations and two boards; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    (folder / "boards.toml").write_text(BOARDS_TOML, encoding="utf-8")
    return folder


def seat(username: str, member: Member, board_id: str = "justice", begins: int = -90, ends: int | None = None) -> str:
    """Give somebody a seat from a day until another, counted from today, as the owner; return its id."""
    with known_asker():
        today = london_date(now_of_database())
        row = BoardSeatHolder.objects.create(
            username=username, board_id=board_id, seat=member.seat, body=member.body, chairs=member == NORTH,
            from_date=today + begins * DAY, until_date=None if ends is None else today + ends * DAY, given_by=GIVES,
        )  # fmt: skip
    return str(row.pk)


def seat_usual() -> None:
    """Give the usual seats of the justice board: its chair and its commissioner."""
    seat(CHAIR, NORTH)
    seat(PREPARES, OWN)


@dataclass(frozen=True)
class Acts:
    """Who acts on a board, at which time: by default now."""

    username: str = PREPARES
    role: str = "commissioner"
    board_id: str = "justice"

    @property
    def board(self) -> Board:
        """The board."""
        return get_board(self.board_id)

    @property
    def asker(self) -> Viewer:
        """Who asks, as functions take it."""
        return Viewer(self.username, self.role, "", "", "boards")

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Let the database know who asks."""
        with asking_as(self.username, ""):
            yield


COMMISSIONING, CHAIRING = Acts(), Acts(CHAIR, "board_member")


def now() -> dt.datetime:
    """Return the database's clock."""
    with known_asker():
        return now_of_database()


def version_of_meeting(meeting_id: UUID) -> int:
    """Return the version of a meeting, as the owner."""
    with known_asker():
        return BoardMeeting.objects.get(pk=meeting_id).version


def version_of_item(item_id: UUID) -> int:
    """Return the version of an item, as the owner."""
    with known_asker():
        return BoardItem.objects.get(pk=item_id).version


def planned(*items: ItemWords, acts: Acts = COMMISSIONING, starts_in_days: int = 30) -> tuple[UUID, list[UUID]]:
    """Plan a meeting with items, each of which has a paper where it is for decision; return their ids."""
    at = now()
    with acts.asking():
        meeting = keeping.plan_meeting(acts.asker, acts.board, at + starts_in_days * DAY, 90, at)
        ids = []
        for words in items or (WORDS,):
            seen = BoardMeeting.objects.get(pk=meeting).version
            ids.append(keeping.put_item(acts.asker, acts.board, meeting, seen, words, at))
            if words.kind == "decision":
                keeping.write_paper(acts.asker, acts.board, ids[-1], 0, PAPER, at)
    return meeting, ids


def sent(*items: ItemWords, acts: Acts = COMMISSIONING) -> tuple[UUID, list[UUID]]:
    """Plan a meeting that begins now, papers out as it was planned long ago; return its ids."""
    meeting, ids = planned(*items, acts=acts)
    at = now()
    with known_asker():
        BoardMeeting.objects.filter(pk=meeting).update(starts_at=at, planned_at=at - LONG_AGO)
    with acts.asking():
        seen = BoardMeeting.objects.get(pk=meeting).version
        keeping.send_papers(acts.asker, acts.board, meeting, seen, "They are as urgent as a test", at - 2 * DAY)
    return meeting, ids


def held(
    *items: ItemWords, there: tuple[Member, ...] = EVERYBODY, acts: Acts = COMMISSIONING
) -> tuple[UUID, list[UUID]]:
    """Hold a meeting with whoever is there; return its ids."""
    meeting, ids = sent(*items, acts=acts)
    attendance = {one: "present" if one in there else "apologies" for one in EVERYBODY}
    seen = version_of_meeting(meeting)
    with acts.asking():
        deciding.hold(acts.asker, acts.board, meeting, seen, attendance, now())
    return meeting, ids


def decided(
    item_id: UUID,
    title: str = "It is decided",
    vote: str = "for",
    supersedes: UUID | None = None,
    acts: Acts = COMMISSIONING,
    voting: tuple[Member, ...] = VOTING,
) -> UUID:
    """Decide on an item; return the id of the decision."""
    at, seen = now(), version_of_item(item_id)
    words = DecisionWords(
        title, "What is decided", "", "Why it is", "", NORTH.body, london_date(at) + 90 * DAY, supersedes
    )
    with acts.asking():
        return deciding.decide(acts.asker, acts.board, item_id, seen, words, dict.fromkeys(voting, vote), {}, at)


def asked(item_id: UUID, decision: UUID | None = None, body: str = NORTH.body, days: int = 20) -> UUID:
    """Ask for an action; return its id."""
    at, acts = now(), COMMISSIONING
    with acts.asking():
        day = london_date(at) + days * DAY
        return chasing.ask_action(acts.asker, acts.board, item_id, "Do something", body, day, decision, at)


def rated(before: tuple[int, int] = (4, 4), after: tuple[int, int] = (2, 3)) -> Rating:
    """Return a rating."""
    return Rating(Level(*before), Level(*after), "treat", "Something is done", london_date(now()) + 60 * DAY)


def risked(rating: Rating | None = None, acts: Acts = COMMISSIONING) -> UUID:
    """Write a risk down; return its id."""
    with acts.asking():
        return risks.add_risk(
            acts.asker, acts.board, "A cause", "An event", "An effect", NORTH.body, rating or rated(), now()
        )


def prioritised(decision: UUID, title: str = "What comes first", acts: Acts = COMMISSIONING) -> UUID:
    """Make a priority by a decision; return its id."""
    day = london_date(now())
    words = PriorityWords(1, title, "Because", ("court_readiness",), (), "By counting", day, day + 365 * DAY)
    with acts.asking():
        return priorities.set_priority(acts.asker, acts.board, decision, None, words, now())


def put_boards(numbers: range) -> dict[str, str]:
    """Put a held meeting, a decision, an action, a risk and a priority for each number; return ids for addresses."""
    for number in numbers:
        words = ItemWords("decision", f"Item {number}", "Decide it", 5, "", confidential=False)
        meeting, (item,) = held(words)
        decision = decided(item, title=f"Decision {number}")
        with COMMISSIONING.asking():
            acts, at = COMMISSIONING, now()
            deciding.link_decision(acts.asker, acts.board, decision, "statement", "court_readiness", at)
            deciding.write_discussion(acts.asker, acts.board, item, version_of_item(item), "It was said", at)
        action = asked(item, decision)
        risk = risked()
        if number < 8:
            prioritised(decision, f"Priority {number}")
    return {
        "board_id": "justice",
        "board_meeting_id": str(meeting),
        "board_item_id": str(item),
        "decision_id": str(decision),
        "action_id": str(action),
        "risk_id": str(risk),
    }


def editions_of(item_id: UUID) -> list[int]:
    """Return the editions of an item's paper, as the owner."""
    with known_asker():
        return list(MeetingPaper.objects.filter(item=item_id).order_by("edition").values_list("edition", flat=True))

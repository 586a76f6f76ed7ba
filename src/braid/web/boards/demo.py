"""A fictional history for the boards of a demo, entered through the functions that pages use, as of its own days.

Three boards, each with a meeting that was held, what it decided and asked for, a priority, risks, and a meeting to
come.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from braid.language.dates import LONDON, london_date
from braid.place.boards.quorum import is_quorate
from braid.place.boards.risks import Level
from braid.place.boards.terms import COMMISSIONER, Board, Member
from braid.store.place_folder import Place
from braid.web.access.projections import Viewer
from braid.web.boards import chasing, deciding, keeping, priorities, risks, seats
from braid.web.boards.deciding import DecisionWords
from braid.web.boards.files import boards
from braid.web.boards.keeping import ItemWords, PaperWords
from braid.web.boards.priorities import PriorityWords
from braid.web.boards.risks import Rating
from braid.web.care.kept import now_of_database
from braid.web.models import BoardItem, BoardMeeting, BoardSeatHolder, User

CHAIR, PREPARES, GIVES = "demo-board-member", "demo-commissioner", "demo-ig-lead"
HELD_DAYS, AHEAD_DAYS, YEAR = -35, 21, 365
HOUR, SATURDAY = dt.time(10), 5


@dataclass(frozen=True)
class Story:
    """What happened on one board."""

    statement: str
    title: str
    asks: str
    summary: str
    recommendation: str
    options: str
    discussion: str
    decision: str
    reasons: str
    conditions: str
    dissent: str
    priority: str
    why: str
    measures: str
    outcomes: tuple[str, ...]
    """Of the example place; none where the board named none, which leaves a gap in its chain."""
    done: str
    overdue: str
    risk: tuple[str, str, str, str]
    second_risk: tuple[str, str, str, str]
    next_title: str
    next_asks: str
    next_summary: str
    confidential: str


STORIES = {
    "local_family_justice_board": Story(
        statement="court_readiness",
        title="Hearings that are vacated because something is missing",
        asks="Agree that each hearing has a readiness list, and who looks at it each week.",
        summary="Final hearings are vacated late because a statement, an assessment or a report is not there. Nobody"
        " sees it before the week of the hearing.",
        recommendation="Use one readiness list for each case from the first hearing on, looked at every week by court,"
        " councils and Cafcass together.",
        options="Keep to each body's own list: cheaper, and what is missing still shows in the last week. A fixed date"
        " for all evidence: it would move hearings that are ready.",
        discussion="Each council said how it records what is due. Cafcass asked that reports be expected by their own"
        " date and not by the average. The board went through the paper and had no other questions.",
        decision="One readiness list for each case in care proceedings, from the first hearing on, looked at each week"
        " by court, councils and Cafcass. What will be late is said while there is time to list another case.",
        reasons="A vacated session that is known of in time goes to a family that is ready; one that is not is lost.",
        conditions="The judge decides on listing, as before.",
        dissent="Wishes that the weekly look rests with the court alone, and agrees for this year.",
        priority="Care cases are heard when they are ready",
        why="Children wait for a decision about where they live. Some of the wait is for papers alone.",
        outcomes=(),
        measures="Sessions vacated with less than ten working days' notice; weeks from issue to final order.",
        done="Name who looks at the readiness lists each week, for each body.",
        overdue="Say for each kind of report how long it usually takes, from the last year's cases.",
        risk=("too few assessors are under contract", "reports come later than they are expected",
              "hearings are vacated although every body keeps its list", "Ask two further assessors for the area"),
        second_risk=("three councils record differently", "the lists cannot be compared",
                     "nobody sees where time is lost", "One form for all three from January"),
        next_title="What the first weeks of readiness lists show",
        next_asks="Say what is to change in the lists.",
        next_summary="How many lists were complete in time, by body, and what was missing where they were not.",
        confidential="Cover for a vacant post in the court's listing office",
    ),
    "health_and_wellbeing_board": Story(
        statement="school_from_ta",
        title="Children in temporary accommodation without a school place nearby",
        asks="Make it a priority of the strategy, and say who brings what.",
        summary="Families are placed at short notice and then wait for a school place, and some wait for health care"
        " at the same time. Each service sees its own queue.",
        recommendation="Make the settled school place of a child in temporary accommodation a priority of the joint"
        " strategy for two years, with one figure for all services.",
        options="Leave it to the councils' housing plans: the health part would not be seen. A target for schools"
        " alone: it would be met by moving children who are nearer.",
        discussion="The director of public health set out how the waits lie on top of each other. Healthwatch asked"
        " that parents are asked what helped. The board agreed that a place within reach counts, not any place.",
        decision="For two years the settled school place of children in temporary accommodation is a priority of the"
        " joint health and wellbeing strategy. Council and integrated care board each name who answers for it.",
        reasons="The same families wait in several queues; what frees most is a settled address near a school.",
        conditions="No child moves school twice in a year because of it.",
        dissent="",
        priority="A settled school place for children in temporary accommodation",
        why="A child who moves again and again loses school, friends and appointments.",
        outcomes=("attendance_in_temporary",),
        measures="Children in temporary accommodation without a school place after four weeks.",
        done="Bring the figures of health waits of the same families to the board, in bands.",
        overdue="Ask parents in temporary accommodation what helped and what did not, and report to the board.",
        risk=("homes come free far from schools", "places are settled where no school has room",
              "children travel further than guidance allows", "Offer homes with the journey to school beside them"),
        second_risk=("two councils place in each other's area", "nobody plans the school places",
                     "children wait although there is room elsewhere", "Notices to the receiving council in time"),
        next_title="What families said",
        next_asks="Say what follows for the strategy.",
        next_summary="Answers of families to four questions, as Healthwatch gathered them.",
        confidential="A provider whose contract is under review",
    ),
    "community_safety_partnership": Story(
        statement="victim_response",
        title="One response to people harmed by abuse",
        asks="Agree that each victim has one plan of appointments, made by the advocate.",
        summary="People who were harmed are asked by several services, each on its own, and go to many appointments."
        " Some meet the other party in a corridor.",
        recommendation="The advocate makes one plan of appointments with each victim; services keep to it.",
        options="A single point of entry alone: it shortens the way in and not what follows. Each service asks for"
        " itself: as now.",
        discussion="The police set out how often the same account is taken. The voluntary organisations asked that no"
        " service books over the plan. Fire and rescue asked for the home safety visit to be part of it.",
        decision="Each victim who wants it has one plan of appointments, made with the advocate. Every service of the"
        " partnership keeps to it and says so in its own procedure.",
        reasons="Fewer journeys and fewer accounts of the same harm, and nobody is asked where the other party is.",
        conditions="A victim may leave the plan at any time and loses no service by it.",
        dissent="Agrees, and asks that the cost to courts is looked at in half a year.",
        priority="One response to people harmed by abuse",
        why="What is asked of a victim is decided by six services, none of which sees the whole.",
        outcomes=("support_within_week",),
        measures="Appointments for each victim in the first twelve weeks; weeks until therapy begins.",
        done="Put the plan of appointments into the procedure of each service.",
        overdue="Say how many advocates the plan needs, and for how many weeks each victim.",
        risk=("advocates leave faster than they are found", "plans are not made in time",
              "victims fall back to many appointments", "A second year of funding before the first ends"),
        second_risk=("services store the plan in their own files", "it is read by whoever may not",
                     "somebody is found who must not be", "The plan stays where the advocate keeps it"),
        next_title="Advocates: how many, and from which money",
        next_asks="Choose one of three numbers, and say who pays.",
        next_summary="Three numbers of advocates with what each would do to the weeks until therapy begins.",
        confidential="Lessons from a review that is not published yet",
    ),
}  # fmt: skip
"""By template. Everything in them is made up."""


def enter_boards(place: Place) -> int:
    """Enter the history of each board of a fictional place that has a story; return how many: none where some is there.

    Called as the owner of the tables, once the demo's users are made.
    """
    if not place.is_example or BoardSeatHolder.objects.exists() or BoardMeeting.objects.exists():
        return 0
    if User.objects.filter(username__in=(CHAIR, PREPARES, GIVES)).count() < 3:
        return 0
    found = [board for board in boards().values() if board.template in STORIES]
    with transaction.atomic():
        for number, board in enumerate(found):
            _enter(board, STORIES[board.template], now_of_database(), number)
    return len(found)


def _enter(board: Board, story: Story, now: dt.datetime, number: int) -> None:
    held = _at(now, HELD_DAYS + 3 * number)
    _give_seats(board, held - dt.timedelta(days=60))
    meeting_id, item_id = _prepare_held(board, story, held)
    decision_id = _hold(board, story, meeting_id, item_id, held)
    _ask(board, story, item_id, decision_id, held)
    _agree(board, meeting_id, held)
    _watch(board, story, held)
    _prepare_next(board, story, now, number)


def _at(now: dt.datetime, days: int) -> dt.datetime:
    """Return the hour of meetings so many days from now, or on the Monday after where that is a weekend."""
    day = london_date(now) + dt.timedelta(days=days)
    later = 7 - day.weekday() if day.weekday() >= SATURDAY else 0
    return dt.datetime.combine(day + dt.timedelta(days=later), HOUR, LONDON)


def _asker(username: str, role: str) -> Viewer:
    return Viewer(username, role, "", "", "boards")


PREPARING = _asker(PREPARES, "commissioner")


def _give_seats(board: Board, when: dt.datetime) -> None:
    giving, day = _asker(GIVES, "ig_lead"), london_date(when)
    own = Member(COMMISSIONER, board.chair.body)
    seats.give_seat(giving, board, CHAIR, board.chair, day, None, when)
    seats.give_seat(giving, board, PREPARES, own, day, None, when)


def _prepare_held(board: Board, story: Story, held: dt.datetime) -> tuple[UUID, UUID]:
    planned = held - dt.timedelta(days=45)
    meeting_id = keeping.plan_meeting(PREPARING, board, held, 120, planned)
    item_id = _put(board, meeting_id, "decision", story.title, story.asks, 40, planned)
    _put(board, meeting_id, "information", "Figures of the quarter", "", 15, planned)
    _write(board, item_id, story, planned)
    sent = held - dt.timedelta(days=14)
    keeping.send_papers(PREPARING, board, meeting_id, _version(meeting_id), "", sent)
    return meeting_id, item_id


def _put(
    board: Board,
    meeting_id: UUID,
    kind: str,
    title: str,
    asks: str,
    minutes: int,
    when: dt.datetime,
    confidential: bool = False,
) -> UUID:
    words = ItemWords(kind, title, asks, minutes, "", confidential)
    return keeping.put_item(PREPARING, board, meeting_id, _version(meeting_id), words, when)


def _write(board: Board, item_id: UUID, story: Story, when: dt.datetime) -> None:
    words = PaperWords(story.title, story.summary, story.recommendation, story.why, story.options)
    keeping.write_paper(PREPARING, board, item_id, 0, words, when)


def _version(meeting_id: UUID) -> int:
    return int(BoardMeeting.objects.values_list("version", flat=True).get(pk=meeting_id))


def _item_version(item_id: UUID) -> int:
    return int(BoardItem.objects.values_list("version", flat=True).get(pk=item_id))


def _hold(board: Board, story: Story, meeting_id: UUID, item_id: UUID, held: dt.datetime) -> UUID:
    """Everybody comes, but one whom the quorum does not need."""
    spare = next((one for one in reversed(board.members) if is_quorate(board, set(board.members) - {one})), None)
    attendance = {one: "apologies" if one == spare else "present" for one in board.members}
    deciding.hold(PREPARING, board, meeting_id, _version(meeting_id), attendance, held)
    item = BoardItem.objects.select_related("meeting").get(pk=item_id)
    voting = [one for one in board.voting if one in deciding.present_on(item)]
    dissents = {voting[-1]: story.dissent} if story.dissent else {}
    review = london_date(held) + dt.timedelta(days=180)
    words = DecisionWords(
        story.title, story.decision, story.conditions, story.reasons, story.options, board.chair.body, review, None
    )
    votes = dict.fromkeys(voting, "for")
    decision_id = deciding.decide(
        PREPARING, board, item_id, _item_version(item_id), words, votes, dissents, held + dt.timedelta(minutes=40)
    )
    deciding.link_decision(PREPARING, board, decision_id, "statement", story.statement, held)
    day = london_date(held)
    priority = PriorityWords(
        1,
        story.priority,
        story.why,
        (story.statement,),
        story.outcomes,
        story.measures,
        day,
        day + dt.timedelta(days=2 * YEAR),
    )
    priorities.set_priority(PREPARING, board, decision_id, None, priority, held)
    return decision_id


def _ask(board: Board, story: Story, item_id: UUID, decision_id: UUID, held: dt.datetime) -> None:
    """One action that is done and confirmed by somebody else, one on which there is silence, one that is to come."""
    bodies = list(dict.fromkeys(one.body for one in board.voting))
    day = london_date(held)
    done = chasing.ask_action(
        PREPARING, board, item_id, story.done, board.chair.body, day + dt.timedelta(days=14), decision_id, held
    )
    chasing.ask_action(
        PREPARING, board, item_id, story.overdue, bodies[-1], day + dt.timedelta(days=21), decision_id, held
    )
    chasing.ask_action(
        PREPARING, board, item_id, f"Report to the board what came of “{story.priority}”.", board.chair.body,
        day + dt.timedelta(days=150), decision_id, held,
    )  # fmt: skip
    chairing, later = _asker(CHAIR, "board_member"), held + dt.timedelta(days=12)
    chasing.step_action(chairing, board, done, 1, "report", "It is done by each body that was asked.", None, later)
    chasing.step_action(PREPARING, board, done, 2, "confirm", "Seen, for all of them.", None, later)


def _agree(board: Board, meeting_id: UUID, held: dt.datetime) -> None:
    story = STORIES[board.template]
    items = BoardItem.objects.filter(meeting_id=meeting_id).order_by("position")
    texts = (story.discussion, "The figures were noted.")
    for item, text in zip(items, texts, strict=True):
        deciding.write_discussion(PREPARING, board, item.pk, item.version, text, held)
    agreed = held + dt.timedelta(days=10)
    deciding.agree_minutes(_asker(CHAIR, "board_member"), board, meeting_id, _version(meeting_id), agreed)


def _watch(board: Board, story: Story, held: dt.datetime) -> None:
    day, owner = london_date(held), board.chair.body
    for (cause, event, effect, done), before, after in (
        (story.risk, Level(4, 4), Level(3, 3)),
        (story.second_risk, Level(3, 4), Level(2, 4)),
    ):
        first = Rating(before, before, "treat", "To be planned.", day + dt.timedelta(days=14))
        risk = risks.add_risk(PREPARING, board, cause, event, effect, owner, first, held)
        later = held + dt.timedelta(days=12)
        again = Rating(before, after, "treat", done, day + dt.timedelta(days=90))
        risks.rate_risk(PREPARING, board, risk, 1, again, later)


def _prepare_next(board: Board, story: Story, now: dt.datetime, number: int) -> None:
    """The next meeting: its papers are out on the first board, and being written on the others."""
    meeting_id = keeping.plan_meeting(PREPARING, board, _at(now, AHEAD_DAYS + 2 * number), 90, now)
    item_id = _put(board, meeting_id, "decision", story.next_title, story.next_asks, 40, now)
    _put(board, meeting_id, "discussion", story.confidential, "Discuss it in confidence.", 20, now, confidential=True)
    paper = PaperWords(story.next_title, story.next_summary, story.next_asks, "", "")
    keeping.write_paper(PREPARING, board, item_id, 0, paper, now)
    if number == 0:
        keeping.send_papers(PREPARING, board, meeting_id, _version(meeting_id), "", now)

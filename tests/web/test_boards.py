"""Boards on pages: a whole meeting, what each seat may see and do, what two at once come to, and what never changes."""

import datetime as dt
import io
import re
import tomllib
import uuid
from itertools import product

import pytest
from board_sample import (
    CHAIR,
    CHAIRING,
    COMMISSIONING,
    COURT,
    DAY,
    EVERYBODY,
    GIVES,
    GUEST,
    LONG_AGO,
    NORTH,
    PAPER,
    PREPARES,
    SOUTH,
    VOTING,
    WORDS,
    Acts,
    asked,
    decided,
    editions_of,
    held,
    now,
    planned,
    prioritised,
    put_boards,
    rated,
    risked,
    seat,
    seat_usual,
    sent,
    version_of_item,
    version_of_meeting,
    write_boards_place,
)
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from page_forms import fill_form
from published_sample import ENTRIES, as_pages
from pypdf import PdfReader
from simulation_sample import put_questions
from test_web_access_matrix import all_routes

from braid.care.words import find_whereabouts
from braid.example.write import write_example
from braid.example.write_outcomes import OUTCOMES
from braid.language.dates import LONDON, london_date
from braid.language.steps import NotPossible
from braid.problems.load import SHIPPED
from braid.store.place_folder import load_place
from braid.web.access.context import asking_as
from braid.web.access.sight import NotThere
from braid.web.boards import chasing, deciding, keeping, priorities, risks, seats
from braid.web.boards.demo import STORIES, enter_boards
from braid.web.boards.keeping import ItemWords
from braid.web.boards.linked import find_linked
from braid.web.boards.pictures import CELL_HEIGHT, CELL_WIDTH, draw_risks, list_risks
from braid.web.care.kept import ChangedMeanwhile
from braid.web.demo_users import create_demo_users, new_demo_passwords
from braid.web.models import (
    BoardAction,
    BoardAttendance,
    BoardDecision,
    BoardItem,
    BoardMeeting,
    BoardPriority,
    BoardRisk,
    BoardSeatHolder,
    MeetingPaper,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
GOVERNING = ("analyst", "board_member", "commissioner", "finance_officer", "ig_lead")
CONFIDENTIAL = ItemWords("decision", "Said in confidence", "Decide it", 20, "", confidential=True)


@pytest.fixture(autouse=True)
def boards_place(tmp_path_factory, monkeypatch):
    folder = write_boards_place(tmp_path_factory.mktemp("boards"))
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return folder


@pytest.fixture
def seated(published):
    seat_usual()


@pytest.fixture
def commissioner(seated, client_of):
    return client_of("commissioner")


@pytest.fixture
def chair(seated, client_of):
    return client_of("board_member")


def text_of(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return response.content.decode()


def send(client, address, kind, values=None, status=302, version=None):
    """Fill in the page's own form of a kind and send it; return the answer."""
    form = fill_form(text_of(client, address), {"kind": kind}, values or {})
    form |= {name: "" for name, value in (values or {}).items() if value == ""}
    if version is not None:
        form["version"] = str(version)
    response = client.post(address, form)
    found = re.findall(r"error-(?:message|summary__list).*?</(?:p|ul)>", response.content.decode(), re.S)
    assert response.status_code == status, (response.status_code, found)
    return response


def only_meeting():
    with known_asker():
        return BoardMeeting.objects.get()


def item_address(item, what):
    return f"{what} {item}"


def test_a_whole_meeting_from_the_plan_to_the_agreed_minutes(commissioner, chair):
    board = "/boards/justice/"
    at = now() + dt.timedelta(minutes=10)
    local = at.astimezone(LONDON)
    send(
        commissioner,
        board,
        "plan",
        {"plan-date": f"{local:%Y-%m-%d}", "plan-time": f"{local:%H:%M}", "plan-length": "60"},
    )
    meeting = only_meeting()
    page = f"{board}meetings/{meeting.pk}/"
    send(
        commissioner,
        page,
        "item",
        {"item-title": "Lettings", "item-kind": "decision", "item-minutes": "30", "item-matter": ""},
    )
    with known_asker():
        item = BoardItem.objects.get()
    refused = send(commissioner, page, "send", status=400).content.decode()
    assert "Nobody decides without a paper. Write one for: Lettings" in refused
    paper = f"{board}papers/{item.pk}/"
    send(commissioner, paper, "paper", {"paper-heading": "More lettings", "paper-recommendation": "Let six more"})
    assert "Let six more" in text_of(chair, paper)
    late = send(commissioner, page, "send", {"send-urgency": ""}, status=400).content.decode()
    assert "5 clear working days" in late
    send(commissioner, page, "send", {"send-urgency": "The court asked for it yesterday"})
    assert "Papers went out late" in text_of(chair, page)
    send(commissioner, page, "hold", {f"hold-m{number}": "present" for number in range(4)})
    assert "There is a quorum" in text_of(chair, page)
    review = london_date(now()) + 90 * DAY
    send(
        commissioner, page, f"decide {item.pk}",
        {f"decide-{item.pk}-title": "Six lettings a month", f"decide-{item.pk}-review_date": review.isoformat(),
         f"decide-{item.pk}-vote1": "against", f"decide-{item.pk}-dissent1": "Six are too few",
         f"decide-{item.pk}-conditions": "While money lasts"},
    )  # fmt: skip
    with known_asker():
        decision = BoardDecision.objects.get()
    assert decision.carried and decision.why.startswith("2 for, 1 against, 0 abstained")
    shown = text_of(chair, f"/boards/decisions/{decision.pk}/")
    for words in ("Six lettings a month", "While money lasts", "Six are too few", "Southwick Down Council, Councils"):
        assert words in shown
    due = london_date(now()) + 10 * DAY
    send(
        commissioner,
        page,
        f"action {item.pk}",
        {f"action-{item.pk}-due_date": due.isoformat(), f"action-{item.pk}-decision": str(decision.pk)},
    )
    with known_asker():
        action = BoardAction.objects.get()
    assert action.decision_id == decision.pk
    report = {"step-step": "report", "step-words": "Six were let", "step-due_date": ""}
    send(
        chair,
        f"/boards/actions/{action.pk}/",
        "step",
        report,
    )
    send(commissioner, f"/boards/actions/{action.pk}/", "step", {"step-step": "confirm", "step-words": "Seen"})
    assert "Six were let" in text_of(chair, f"/boards/actions/{action.pk}/")
    refused = chair.post(page, {"kind": "agree", "version": str(version_of_meeting(meeting.pk))})
    assert refused.status_code == 400 and "Nothing is written down of: Lettings" in refused.content.decode()
    send(commissioner, page, f"discuss {item.pk}", {f"discuss-{item.pk}-words": "It was talked over"})
    send(chair, page, "agree")
    assert only_meeting().state == "agreed" and only_meeting().agreed_by == CHAIR
    after = text_of(commissioner, page)
    assert "Minutes agreed" in after and "Write the minutes" not in after and "Write down a decision" not in after
    assert "Ask for an action" in after, "what follows is asked for after the minutes too"
    what = {entry.details["what"] for entry in ENTRIES.filter(kind="changed")}
    assert {
        "board meeting planned", "board item put on", "board paper written", "board papers sent out",
        "board meeting quorate", "board decision taken", "board action asked", "board action: report",
        "board action: confirm", "board minutes written", "board minutes agreed",
    } <= what  # fmt: skip


def test_the_list_counts_what_stands_what_is_open_and_what_is_overdue(commissioner, chair):
    _, (item,) = held()
    decision = decided(item)
    late, other = asked(item, decision), asked(item)
    coming, _ = planned()
    with known_asker():
        BoardAction.objects.filter(pk=late).update(due_date=london_date(now()) - DAY)
    page = text_of(chair, "/boards/")
    row = re.search(r"Sample Justice Board.*?</tr>", page, re.S)[0]
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    assert "1 overdue" in plain and str(coming) in row
    cells = re.findall(r'data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.S)
    found = {name: re.sub(r"<[^>]+>", " ", cell).split() for name, cell in cells}
    assert found["Decisions that stand"] == ["1"] and found["Open actions"] == ["2", "1", "overdue"]
    assert found["Minutes to agree"] == ["1"]
    listed = text_of(chair, "/boards/actions/")
    assert listed.count("/boards/actions/") == 2 and listed.index(str(late)) < listed.index(str(other))
    assert "Overdue" in listed
    asking = CHAIRING
    with asking.asking():
        chasing.step_action(asking.asker, asking.board, late, 1, "drop", "Not needed any more", None, now())
    assert str(late) not in text_of(chair, "/boards/actions/")
    assert str(late) in text_of(chair, "/boards/actions/?show=all")


def test_a_board_shows_its_terms_with_the_source_of_each(chair):
    page = text_of(chair, "/boards/justice/")
    for words in (
        "To try boards", "With 2 of its voting members", "1 of “Court”", "Money of the councils", "Local choice",
        "5 clear working days", "Northmere Council, Councils", "Commissioner of the board",
    ):  # fmt: skip
        assert words in page
    assert text_of(chair, "/boards/nowhere/", status=404)


def test_without_a_quorum_it_is_discussed_and_nothing_is_decided(commissioner):
    meeting, (item,) = held(there=(NORTH, SOUTH, GUEST))
    assert only_meeting().state == "inquorate"
    page = text_of(commissioner, f"/boards/justice/meetings/{meeting}/")
    assert "No quorum: missing 1 more of the seat “Court”" in page and "Write down a decision" not in page
    send(commissioner, f"/boards/justice/meetings/{meeting}/", f"discuss {item}")
    with pytest.raises(NotPossible, match="decides nothing"):
        decided(item, voting=(NORTH, SOUTH))


def test_attendance_is_corrected_until_something_rests_on_it(seated):
    meeting, (item,) = held(there=(NORTH, SOUTH))
    acts = COMMISSIONING

    def hold(*there):
        attendance = {one: "present" if one in there else "absent" for one in EVERYBODY}
        seen = version_of_meeting(meeting)
        with acts.asking(), transaction.atomic():
            return deciding.hold(acts.asker, acts.board, meeting, seen, attendance, now())

    assert hold(NORTH, COURT) == "quorate" and hold(NORTH) == "inquorate" and hold(*EVERYBODY) == "quorate"
    assert hold(NORTH, SOUTH, COURT) == "quorate"
    with known_asker():
        assert BoardAttendance.objects.count() == len(EVERYBODY)
    decided(item)
    with pytest.raises(NotPossible, match="stays as it is"):
        hold(NORTH)


def test_whoever_withdraws_has_no_vote_and_without_them_the_item_may_have_no_quorum(commissioner):
    meeting, (first, second) = held(WORDS, ItemWords("decision", "Another", "Decide", 10, "", confidential=False))
    acts = COMMISSIONING
    with acts.asking():
        args = (acts.asker, acts.board, first)
        deciding.declare_interest(*args, SOUTH, "pecuniary", "It owns the site", True, now())
        with pytest.raises(NotPossible, match="already"), transaction.atomic():
            deciding.declare_interest(*args, SOUTH, "other", "Again", False, now())
        with pytest.raises(NotPossible, match="withdraws from the item"):
            deciding.declare_interest(*args, NORTH, "pecuniary", "Shares", False, now())
    with pytest.raises(NotPossible, match="Enter a vote for each"):
        decided(first)
    decided(first, voting=(NORTH, COURT))
    with acts.asking():
        deciding.declare_interest(acts.asker, acts.board, second, COURT, "other", "Its own building", True, now())
    page = text_of(commissioner, f"/boards/justice/meetings/{meeting}/")
    assert "Not to be decided here" in page and f"decide {second}" not in page
    with pytest.raises(NotPossible, match="no quorum for this"):
        decided(second, voting=(NORTH, SOUTH))


def test_a_decision_is_superseded_and_both_stay_readable(commissioner, chair):
    _, (item,) = held()
    first = decided(item, title="Three a month")
    _, (later,) = held()
    second = decided(later, title="Six a month", supersedes=first)
    assert "Its place was taken by" in text_of(chair, f"/boards/decisions/{first}/")
    assert "It takes the place of" in text_of(chair, f"/boards/decisions/{second}/")
    _, (third,) = held()
    with pytest.raises(NotPossible, match="does not stand any more"):
        decided(third, supersedes=first)
    not_carried = decided(third, title="Nine a month", vote="against", supersedes=second)
    with known_asker():
        assert BoardDecision.objects.get(pk=not_carried).supersedes_id is None, "what is lost takes nobody's place"
    assert "Not carried" in text_of(chair, f"/boards/decisions/{not_carried}/")


def test_a_reserved_matter_is_not_carried_against_the_seat_that_must_agree(seated):
    _, (item,) = held(ItemWords("decision", "Money", "Spend it", 10, "money", confidential=False))
    acts, seen = COMMISSIONING, version_of_item(item)
    words = deciding.DecisionWords(
        "Spend", "Spend it all", "", "Why not", "", NORTH.body, london_date(now()) + 9 * DAY, None
    )
    with acts.asking():
        votes = {NORTH: "for", SOUTH: "against", COURT: "for"}
        made = deciding.decide(acts.asker, acts.board, item, seen, words, votes, {}, now())
        row = deciding.get_decision(made)
    assert not row.carried and "needs the agreement of: Councils" in row.why


@pytest.mark.parametrize(
    "change",
    [
        "update braid_boarddecision set title = 'Other'",
        "delete from braid_boarddecision",
        "truncate braid_boarddecision cascade",
        "update braid_boardvote set vote = 'for'",
        "update braid_meetingpaper set body = 'Other'",
        "update braid_decisionlink set reference = 'x'",
        "delete from braid_boardinterest",
        "update braid_boardpriority set title = 'Other'",
        "update braid_boardriskrating set impact_after = 1",
        "update braid_boardactionstep set words = 'Other'",
    ],
)
def test_what_was_decided_and_written_is_changed_by_nobody_not_even_the_owner(change, seated):
    _, (item,) = held()
    acts = COMMISSIONING
    with acts.asking():
        deciding.declare_interest(acts.asker, acts.board, item, NORTH, "other", "Its own", False, now())
    decision = decided(item)
    action = asked(item, decision)
    with acts.asking():
        deciding.link_decision(acts.asker, acts.board, decision, "fund", "pooled", now())
        chasing.step_action(acts.asker, acts.board, action, 1, "report", "Done", None, now())
    risked()
    prioritised(decision)
    with known_asker(), pytest.raises(DatabaseError, match=r"Cannot|never removed"), transaction.atomic():
        connection.cursor().execute(f"set constraints all immediate; {change}")


def test_of_two_who_write_at_once_the_second_is_told_and_nothing_is_lost(commissioner):
    meeting, (item,) = planned()
    page = f"/boards/justice/meetings/{meeting}/"
    sent_first = fill_form(
        text_of(commissioner, page),
        {"kind": f"change {item}"},
        {f"change-{item}-position": "1", f"change-{item}-minutes": "10"},
    )
    send(
        commissioner,
        page,
        f"change {item}",
        {f"change-{item}-position": "1", f"change-{item}-title": "First", f"change-{item}-minutes": "10"},
    )
    late = commissioner.post(page, {**sent_first, f"change-{item}-title": "Second, <kept>"})
    body = late.content.decode()
    assert late.status_code == 409 and "Somebody else changed this" in body
    assert "Second, &lt;kept&gt;" in body and "First" in body
    paper = f"/boards/justice/papers/{item}/"
    form = fill_form(text_of(commissioner, paper), {"kind": "paper"}, {})
    assert commissioner.post(paper, form).status_code == 302
    again = commissioner.post(paper, {**form, "paper-body": "Second text"})
    assert again.status_code == 409 and "Second text" in again.content.decode()
    assert editions_of(item) == [1, 2]


def test_two_decisions_at_once_on_one_item_are_one(seated):
    _, (item,) = held()
    seen = version_of_item(item)
    acts = COMMISSIONING
    words = deciding.DecisionWords("A", "B", "", "C", "", NORTH.body, london_date(now()) + 9 * DAY, None)
    with acts.asking():
        args = (acts.asker, acts.board, item, seen, words, dict.fromkeys(VOTING, "for"), {}, now())
        deciding.decide(*args)
        with pytest.raises(ChangedMeanwhile), transaction.atomic():
            deciding.decide(*args)
    with known_asker():
        assert BoardDecision.objects.count() == 1


@pytest.mark.parametrize("words", ["Call 07700 900123", "Ask a@b.example", "They live at 17 Willow Court", "QB9 9ZZ"])
def test_words_that_lead_to_somebody_are_refused_wherever_they_are_written(words, commissioner):
    meeting, (item,) = planned()
    page = f"/boards/justice/meetings/{meeting}/"
    for address, kind, field in (
        (page, "item", "item-asks"),
        (page, f"change {item}", f"change-{item}-asks"),
        (f"/boards/justice/papers/{item}/", "paper", "paper-body"),
    ):
        values = {field: words, f"change-{item}-position": "1", "item-minutes": "10", f"change-{item}-minutes": "10"}
        answer = send(commissioner, address, kind, values, status=400).content.decode()
        assert "where somebody is" in answer and "error-summary" in answer
    held_meeting, (other,) = held()
    send(
        commissioner,
        f"/boards/justice/meetings/{held_meeting}/",
        f"discuss {other}",
        {f"discuss-{other}-words": words},
        status=400,
    )


SEES = {
    # table: of a public and of a confidential item, what somebody sees who governs and does not sit
    "boardseatholder": "all", "boardmeeting": "all", "boardattendance": "all", "boardrisk": "all",
    "boardriskrating": "all",
    **dict.fromkeys(
        ("boarditem", "meetingpaper", "boardinterest", "boarddecision", "boardvote", "decisionlink", "boardaction",
         "boardactionstep", "boardpriority", "boardpriorityend"), "public"),
}  # fmt: skip


def put_both() -> None:
    """Put a whole meeting on a public and on a confidential item."""
    _, items = held(WORDS, CONFIDENTIAL)
    acts = COMMISSIONING
    for item in items:
        with acts.asking():
            deciding.declare_interest(acts.asker, acts.board, item, NORTH, "other", "Its own", False, now())
        decision = decided(item)
        action = asked(item, decision)
        priority = prioritised(decision)
        with acts.asking():
            deciding.link_decision(acts.asker, acts.board, decision, "fund", "pooled", now())
            chasing.step_action(acts.asker, acts.board, action, 1, "report", "Done", None, now())
            priorities.end_priority(acts.asker, acts.board, priority, decision, now())
    risked()


def rows_of(username: str, table: str) -> int:
    with as_pages(), asking_as(username, ""), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from braid_{table}")
        return int(cursor.fetchone()[0])


def count_of(table: str) -> int:
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from braid_{table}")
        return int(cursor.fetchone()[0])


def test_each_row_is_there_for_whom_the_rule_says_by_role_and_by_seat(published, user_of):
    seat_usual()
    seat("test-analyst", SOUTH, ends=-1)
    seat("test-finance_officer", SOUTH, begins=1)
    seat("test-ig_lead", SOUTH, board_id="safety")
    put_both()
    tried = 0
    for role, table in product((*GOVERNING, "practitioner"), SEES):
        total, shown = count_of(table), rows_of(f"test-{role}", table)
        assert total >= (2 if SEES[table] == "public" else 1), f"{table}: both kinds are there"
        sits = role in ("board_member", "commissioner")
        expected = 0 if role == "practitioner" else total
        if role != "practitioner" and SEES[table] == "public" and not sits:
            expected = total // 2
            if table == "boardvote":
                expected = len(VOTING)
        assert shown == expected, (role, table, shown, total)
        tried += 1
    assert tried == 6 * len(SEES)


def test_a_seat_opens_from_its_first_day_until_its_last_and_not_once_it_is_taken_back(published):
    seat_usual()
    put_both()
    total = count_of("boarditem")
    for begins, ends, expected in ((0, 0, total), (-5, -1, total - 1), (1, None, total - 1), (-5, None, total)):
        holder = seat("test-analyst", SOUTH, begins=begins, ends=ends)
        assert rows_of("test-analyst", "boarditem") == expected, (begins, ends)
        with known_asker():
            BoardSeatHolder.objects.filter(pk=holder).update(ended_at=now(), ended_by=GIVES)
        assert rows_of("test-analyst", "boarditem") == total - 1


def test_a_closed_account_sees_nothing_whatever_it_holds(published, user_of):
    seat_usual()
    put_both()
    user = user_of("board_member")
    user.is_active = False
    user.save()
    assert {rows_of(CHAIR, table) for table in SEES} == {0}


def tries(username: str, statement: str, values: list) -> bool:
    """Whether the policies let a bare statement of the pages' role through for somebody."""
    try:
        with PagesUndone(), asking_as(username, ""), connection.cursor() as cursor:
            cursor.execute(statement, values)
            done = cursor.rowcount > 0
            raise Undone(done)
    except Undone as undone:
        return undone.done
    except DatabaseError as error:
        assert "row-level security" in str(error) or "permission denied" in str(error), error
        return False


class Undone(Exception):
    def __init__(self, done: bool) -> None:
        super().__init__()
        self.done = done


class PagesUndone:
    def __enter__(self):
        self.pages = as_pages()
        self.pages.__enter__()

    def __exit__(self, *error):
        connection.needs_rollback = False
        return self.pages.__exit__(None, None, None)


INSERT_DECISION = (
    "insert into braid_boarddecision (id, reference, board_id, item_id, confidential, title, words, conditions,"
    " reasons, options_rejected, owner_body, review_date, carried, rule, why, written_by, decided_at)"
    " values (gen_random_uuid(), left(gen_random_uuid()::text, 20), %s, %s, %s, 't', 'w', '', 'r', '', 'b', now(),"
    " true, 'majority', 'y', %s, now())"
)


def test_the_database_takes_a_decision_from_the_boards_commissioner_at_a_quorate_meeting_alone(published):
    seat_usual()
    seat("test-ig_lead", SOUTH)
    states = {}
    _, (states["planned"],) = planned()
    _, (states["papers_out"],) = sent()
    _, (states["quorate"],) = held()
    _, (states["inquorate"],) = held(there=(NORTH,))
    _, (to_note,) = held(ItemWords("information", "To note", "", 5, "", confidential=False))
    _, (secret,) = held(CONFIDENTIAL)
    for (state, item), username in product(states.items(), (PREPARES, CHAIR, "test-ig_lead", "test-analyst")):
        found = tries(username, INSERT_DECISION, ["justice", item, False, username])
        assert found == (state == "quorate" and username == PREPARES), (state, username)
    item = states["quorate"]
    for values, expected in (
        (["safety", item, False, PREPARES], False),
        (["justice", item, True, PREPARES], False),
        (["justice", item, False, CHAIR], False),
        (["justice", to_note, False, PREPARES], False),
        (["justice", secret, False, PREPARES], False),
        (["justice", secret, True, PREPARES], True),
        (["justice", item, False, PREPARES], True),
    ):
        assert tries(PREPARES, INSERT_DECISION, values) == expected, values


def test_the_database_lets_the_chair_alone_agree_minutes_and_nobody_touch_them_after(published):
    seat_usual()
    meeting, _ = held()
    agree = "update braid_boardmeeting set state = 'agreed', agreed_at = now(), agreed_by = %s where id = %s"
    for username, by in product((CHAIR, PREPARES, "test-analyst"), (CHAIR, PREPARES)):
        assert tries(username, agree, [by, meeting]) == (username == by == CHAIR), (username, by)
    assert not tries(CHAIR, "update braid_boardmeeting set state = 'cancelled' where id = %s", [meeting])
    with known_asker():
        BoardMeeting.objects.filter(pk=meeting).update(state="agreed", agreed_at=now(), agreed_by=CHAIR)
    for username in (CHAIR, PREPARES):
        assert not tries(username, "update braid_boardmeeting set version = 9 where id = %s", [meeting])
        assert not tries(username, "update braid_boarditem set discussion = 'x' where meeting_id = %s", [meeting])
        assert not tries(
            username, "update braid_boardattendance set attendance = 'absent' where meeting_id = %s", [meeting]
        )


def test_the_database_gives_a_seat_by_who_accounts_alone_and_to_nobody_themselves(published):
    seat_usual()
    insert = (
        "insert into braid_boardseatholder (id, username, board_id, seat, body, chairs, from_date, given_by, given_at)"
        " values (gen_random_uuid(), %s, 'justice', 'council', 'southwick-council', false, now(), %s, now())"
    )
    for giver, holder in product((GIVES, CHAIR, PREPARES, "test-analyst"), (GIVES, CHAIR, PREPARES)):
        assert tries(giver, insert, [holder, giver]) == (giver == GIVES and holder != GIVES), (giver, holder)
    assert not tries(GIVES, insert, [CHAIR, PREPARES]), "in nobody else's name"
    end = "update braid_boardseatholder set ended_at = now(), ended_by = %s where username = %s"
    assert tries(GIVES, end, [GIVES, CHAIR]) and not tries(PREPARES, end, [PREPARES, CHAIR])
    assert not tries(GIVES, "update braid_boardseatholder set board_id = 'safety' where username = %s", [CHAIR])


def test_the_database_closes_no_action_by_whoever_reported_it(published):
    seat_usual()
    seat("test-analyst", SOUTH)
    _, (item,) = held()
    action = asked(item)
    with known_asker():
        BoardAction.objects.filter(pk=action).update(state="reported", reported_by=PREPARES)
    close = "update braid_boardaction set state = 'closed' where id = %s"
    assert [tries(one, close, [action]) for one in (CHAIR, PREPARES, "test-analyst", "test-finance_officer")] == [
        True, False, False, False,
    ]  # fmt: skip
    drop = "update braid_boardaction set state = 'dropped' where id = %s"
    assert [tries(one, drop, [action]) for one in (CHAIR, PREPARES, "test-analyst")] == [True, False, False]


def test_what_is_confidential_is_absent_from_every_page_for_who_does_not_sit(published, client_of):
    seat_usual()
    put_both()
    with known_asker():
        meeting = BoardMeeting.objects.get()
        item = BoardItem.objects.get(confidential=True)
        decision = BoardDecision.objects.get(confidential=True)
        action = BoardAction.objects.get(item=item)
    stranger, member = client_of("analyst"), client_of("board_member")
    page = f"/boards/justice/meetings/{meeting.pk}/"
    assert CONFIDENTIAL.title in text_of(member, page)
    for address in ("/boards/", "/boards/justice/", page, "/boards/actions/?show=all", f"{page}minutes.csv"):
        shown = text_of(stranger, address)
        assert CONFIDENTIAL.title not in shown and str(decision.pk) not in shown and str(action.pk) not in shown
    for address in (
        f"/boards/justice/papers/{item.pk}/", f"/boards/decisions/{decision.pk}/", f"/boards/actions/{action.pk}/",
    ):  # fmt: skip
        text_of(member, address)
        text_of(stranger, address, status=404)


def test_whoever_may_not_write_is_offered_nothing_and_refused(published, client_of):
    seat_usual()
    meeting, (item,) = held()
    page = f"/boards/justice/meetings/{meeting}/"
    for role in ("analyst", "finance_officer", "ig_lead", "board_member"):
        client = client_of(role)
        shown = text_of(client, page)
        assert f"decide {item}" not in shown and 'value="hold"' not in shown
        assert ("Agree the minutes" in shown) == (role == "board_member")
        for kind in ("item", "hold", "send", f"decide {item}", f"discuss {item}", "nonsense"):
            answer = client.post(page, {"kind": kind, "version": "1"})
            assert answer.status_code == 400 and "There is no such step" in answer.content.decode()
    acts = Acts("test-finance_officer", "finance_officer")
    with acts.asking(), pytest.raises(NotPossible, match="commissioner of this board"):
        keeping.plan_meeting(acts.asker, acts.board, now() + DAY, 60, now())
    other = Acts(PREPARES, "commissioner", "safety")
    with other.asking(), pytest.raises(NotPossible, match="commissioner of this board"):
        keeping.plan_meeting(other.asker, other.board, now() + DAY, 60, now())


def test_seats_are_given_and_taken_back_on_the_page_by_who_accounts(published, client_of):
    lead = client_of("ig_lead")
    today = london_date(now()).isoformat()
    page = "/boards/justice/"
    form = fill_form(
        text_of(lead, page),
        {"kind": "seat"},
        {"seat-username": CHAIR, "seat-from_date": today, "seat-until_date": "", "seat-member": "0"},
    )
    assert lead.post(page, form).status_code == 302
    with known_asker():
        row = BoardSeatHolder.objects.get()
    assert row.chairs and (row.seat, row.body) == ("council", "northmere-council")
    refused = lead.post(page, {**form, "seat-username": PREPARES, "seat-member": "9"})
    assert refused.status_code == 400 and "Choose a seat" in refused.content.decode()
    assert f'value="{GIVES}"' not in text_of(lead, page), "nobody is offered a seat by themselves"
    wrong = lead.post(page, {**form, "seat-username": "test-analyst", "seat-member": "commissioner northmere-council"})
    assert wrong.status_code == 400 and "role does not let it hold this seat" in wrong.content.decode()
    assert lead.post(page, {"kind": "seat_end", "holder": str(row.pk)}).status_code == 302
    again = lead.post(page, {"kind": "seat_end", "holder": str(row.pk)})
    assert again.status_code == 400 and "taken back already" in again.content.decode()
    assert "Nobody with an account" in text_of(lead, page)


def test_what_a_decision_is_about_is_found_or_said_not_to_be(seated, client_of):
    _, (item,) = held()
    decision = decided(item)
    question = put_questions(range(1))
    acts = COMMISSIONING
    client = client_of("commissioner")
    page = f"/boards/decisions/{decision}/"
    for kind, reference in (
        ("statement", "court_readiness"), ("simulation", question), ("statement", "no_such_statement"),
        ("outcome", "some-outcome"), ("commission", str(uuid.uuid4())), ("decision", str(uuid.uuid4())),
    ):  # fmt: skip
        send(client, page, "link", {"link-link_kind": kind, "link-reference": reference})
    shown = text_of(client, page)
    assert 'href="/problems/court_readiness/"' in shown and f'href="/simulations/{question}/"' in shown
    assert shown.count("(not found)") == 4
    for kind, reference, words in (
        ("statement", "court_readiness", "linked already"), ("decision", str(decision), "this decision itself"),
        ("simulation", "not a number", "Enter the number"),
    ):  # fmt: skip
        answer = send(client, page, "link", {"link-link_kind": kind, "link-reference": reference}, status=400)
        assert words in answer.content.decode()
    later = decided(item, title="And this as well")
    with acts.asking():
        deciding.link_decision(acts.asker, acts.board, later, "decision", str(decision), now())
        linked = find_linked([("decision", str(decision))])
    assert linked[0].found is not None and linked[0].found.address == page
    assert "And this as well" in text_of(client, page), "what rests on it stands on its page"


def test_priorities_change_by_decision_alone_and_the_page_keeps_those_of_before(commissioner, seated):
    _, (item,) = held()
    lost = decided(item, title="Lost", vote="against")
    with pytest.raises(NotPossible, match="carried and stands"):
        prioritised(lost)
    decision = decided(item)
    first = prioritised(decision)
    day = london_date(now())
    acts = COMMISSIONING
    words = priorities.PriorityWords(1, "In its place", "Why", ("school_from_ta",), (), "", day, day + DAY)
    with acts.asking():
        second = priorities.set_priority(acts.asker, acts.board, decision, first, words, now())
        with pytest.raises(NotPossible, match="stands no more"):
            priorities.set_priority(acts.asker, acts.board, decision, first, words, now())
        standing = [row.pk for row in priorities.standing_priorities("justice")]
    assert standing == [second]
    page = text_of(commissioner, "/boards/justice/")
    assert "replaced by “In its place”" in page
    with acts.asking():
        priorities.end_priority(acts.asker, acts.board, second, decision, now())
        assert priorities.standing_priorities("justice") == []
    assert "Priorities of before" in text_of(commissioner, "/boards/justice/")
    with known_asker():
        assert BoardPriority.objects.count() == 2


def test_of_two_who_end_a_priority_at_once_the_second_is_told(commissioner, seated, monkeypatch):
    _, (item,) = held()
    decision = decided(item)
    priority = prioritised(decision)
    with COMMISSIONING.asking():
        row = BoardPriority.objects.get(pk=priority)
        priorities.end_priority(COMMISSIONING.asker, COMMISSIONING.board, priority, decision, now())
        monkeypatch.setattr(priorities, "_standing", lambda *_: row)  # as the second saw it
        with pytest.raises(ChangedMeanwhile), transaction.atomic():
            priorities.end_priority(COMMISSIONING.asker, COMMISSIONING.board, priority, decision, now())


def test_the_picture_of_risks_has_each_in_the_cell_that_the_table_says(commissioner):
    levels = [
        ((5, 5), (3, 4)),
        ((3, 3), (1, 1)),
        ((4, 2), (4, 2)),
        ((3, 4), (3, 4)),
        ((5, 4), (3, 4)),
        ((3, 5), (3, 4)),
    ]
    for before, after in levels:
        risked(rated(before, after))
    with asking_as(PREPARES, ""):
        found = list_risks("justice")
        grid = draw_risks(found)
    assert len(grid.cells) == 25 and len(grid.marks) == len(levels)
    assert [one.after.score for one in found] == sorted((one.after.score for one in found), reverse=True)
    places = set()
    for risk, mark in zip(found, grid.marks, strict=True):
        assert mark.number == risk.number and mark.moves == (risk.before != risk.after)
        assert mark.x // CELL_WIDTH + 1 == risk.after.impact and 5 - mark.y // CELL_HEIGHT == risk.after.likelihood
        assert mark.from_x // CELL_WIDTH + 1 == risk.before.impact
        places.add((mark.x, mark.y))
    assert len(places) == len(levels), "no mark hides another"
    page = text_of(commissioner, "/boards/justice/")
    assert page.count("<rect") == 25 and "Very high" in page


def test_a_risk_is_rated_again_and_closed_and_every_rating_stays(commissioner):
    risk = risked()
    page = f"/boards/justice/risks/{risk}/"
    later = (london_date(now()) + 60 * DAY).isoformat()
    values = {
        "rate-likelihood_before": "4",
        "rate-impact_before": "4",
        "rate-likelihood_after": "5",
        "rate-impact_after": "1",
    }
    values |= {"rate-response": "treat", "rate-review_date": later}
    refused = send(commissioner, page, "rate", values, status=400)
    assert "not rated higher after" in refused.content.decode()
    send(commissioner, page, "rate", {**values, "rate-likelihood_after": "1"})
    assert text_of(commissioner, page).count("4 \N{MULTIPLICATION SIGN} 4") == 2
    stale = send(commissioner, page, "rate", {**values, "rate-likelihood_after": "1"}, status=409, version=1)
    assert "Somebody else changed this" in stale.content.decode()
    send(commissioner, page, "close", {"close-because": "It cannot happen any more"})
    assert "Rate it again" not in text_of(commissioner, page)
    assert "Closed risks" in text_of(commissioner, "/boards/justice/")
    acts = COMMISSIONING
    with acts.asking(), pytest.raises(NotPossible, match="closed"):
        risks.rate_risk(acts.asker, acts.board, risk, 3, rated(), now())
    with known_asker():
        assert BoardRisk.objects.get().ratings.count() == 2


def test_an_action_moves_and_drops_by_the_chair_alone_with_every_step_kept(chair, commissioner, seated):
    _, (item,) = held()
    action = asked(item, body=SOUTH.body)
    page = f"/boards/actions/{action}/"
    assert 'value="move"' in text_of(chair, page) and 'value="move"' not in text_of(commissioner, page)
    day = london_date(now()) + 40 * DAY
    refused = send(chair, page, "step", {"step-step": "move", "step-words": "Ill", "step-due_date": ""}, status=400)
    assert "Enter the new day" in refused.content.decode()
    send(chair, page, "step", {"step-step": "move", "step-words": "Nobody could", "step-due_date": day.isoformat()})
    assert 'value="report"' not in text_of(chair, page), "Northmere's seat does not report for Southwick"
    send(commissioner, page, "step", {"step-step": "report", "step-words": "Done"})
    assert 'value="confirm"' not in text_of(commissioner, page)
    send(chair, page, "step", {"step-step": "send_back", "step-words": "Half of it", "step-due_date": ""})
    send(chair, page, "step", {"step-step": "drop", "step-words": "Not needed", "step-due_date": ""})
    shown = text_of(chair, page)
    for words in ("Nobody could", "Done", "Half of it", "Not needed", "Dropped"):
        assert words in shown
    assert "Take a step with it" not in shown


def test_papers_are_kept_in_editions_and_what_changed_after_they_went_out_is_said(commissioner, chair):
    _, (item,) = sent()
    paper = f"/boards/justice/papers/{item}/"
    send(commissioner, paper, "paper", {"paper-heading": "Second edition"})
    shown = text_of(chair, paper)
    assert "Changed after the papers had gone out" in shown and PAPER.heading in shown and "Edition 1" in shown
    with known_asker():
        assert MeetingPaper.objects.count() == 2


def sent_in_time():
    """Plan a meeting whose papers went out in time, with the last day for papers gone by since; return its ids."""
    meeting, items = planned()
    acts, at = COMMISSIONING, now()
    with acts.asking():
        seen = BoardMeeting.objects.get(pk=meeting).version
        keeping.send_papers(acts.asker, acts.board, meeting, seen, "", at)
    with known_asker():
        BoardMeeting.objects.filter(pk=meeting).update(
            starts_at=at + DAY, planned_at=at - LONG_AGO, papers_out_at=at - 20 * DAY
        )
    return meeting, items


def test_no_decision_is_put_beside_papers_that_are_out_once_they_were_due(commissioner):
    """A harmless agenda that went out in time is no cover for a decision that nobody could read before."""
    meeting, (item,) = sent_in_time()
    page = f"/boards/justice/meetings/{meeting}/"
    values = {"item-title": "Slipped in", "item-kind": "decision", "item-asks": "Decide it", "item-minutes": "10"}
    refused = send(commissioner, page, "item", values, status=400).content.decode()
    assert "those of a decision were due by" in refused
    send(commissioner, page, "item", values | {"item-kind": "discussion"})
    with known_asker():
        talk = BoardItem.objects.get(title="Slipped in")
    acts, words = COMMISSIONING, ItemWords("decision", "Slipped in", "Decide it", 20, "", confidential=False)
    with acts.asking(), pytest.raises(NotPossible, match="later meeting"):
        keeping.change_item(acts.asker, acts.board, talk.pk, talk.version, 2, words, now())
    send(commissioner, f"/boards/justice/papers/{item}/", "paper", {"paper-heading": "Second edition"})


def test_an_item_without_a_paper_is_not_decided_on(seated):
    """Put on before the last day for papers, after they had gone out, and never given a paper."""
    meeting, _ = planned()
    acts, at = COMMISSIONING, now()
    words = ItemWords("decision", "Without a paper", "Decide it", 20, "", confidential=False)
    with acts.asking():
        keeping.send_papers(acts.asker, acts.board, meeting, version_of_meeting(meeting), "", at)
        item = keeping.put_item(acts.asker, acts.board, meeting, version_of_meeting(meeting), words, at)
    with known_asker():
        BoardMeeting.objects.filter(pk=meeting).update(starts_at=at, planned_at=at - LONG_AGO)
    there = dict.fromkeys(EVERYBODY, "present")
    with acts.asking():
        deciding.hold(acts.asker, acts.board, meeting, version_of_meeting(meeting), there, now())
    with pytest.raises(NotPossible, match="Nobody decides without a paper"):
        decided(item)


def test_items_are_taken_off_and_meetings_called_off(commissioner):
    meeting, (item,) = planned()
    page = f"/boards/justice/meetings/{meeting}/"
    form = fill_form(text_of(commissioner, page), {"kind": f"take_off {item}"}, {})
    assert commissioner.post(page, form).status_code == 302
    assert "Nothing is on it" in text_of(commissioner, page)
    send(commissioner, page, "cancel", {"cancel-reason": "too_few"})
    shown = text_of(commissioner, page)
    assert "Too few can come" in shown and "Put an item on the agenda" not in shown
    text_of(commissioner, f"{page}minutes.pdf", status=404)


def test_minutes_leave_as_a_tagged_file_that_says_what_was_decided(commissioner, chair):
    meeting, (item,) = held()
    decision = decided(item)
    asked(item, decision)
    acts = COMMISSIONING
    with acts.asking():
        deciding.write_discussion(acts.asker, acts.board, item, version_of_item(item), "It was said at length", now())
    page = f"/boards/justice/meetings/{meeting}/minutes"
    csv = chair.get(f"{page}.csv").content.decode()
    for words in (
        "It was said at length",
        "It is decided",
        "3 for, 0 against",
        "Do something",
        "Southwick Down Council",
    ):
        assert words in csv
    answer = chair.get(f"{page}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in reader.trailer["/Root"]
    text = " ".join("".join(page.extract_text() for page in reader.pages).split())
    assert "Sample Justice Board: minutes" in text and "Not agreed yet" in text
    assert ENTRIES.filter(kind="exported").count() == 2
    text_of(chair, f"{page}.docx", status=404)


def test_minutes_mark_what_is_confidential_for_whoever_hands_them_on(chair):
    meeting, _ = held(WORDS, CONFIDENTIAL)
    csv = chair.get(f"/boards/justice/meetings/{meeting}/minutes.csv").content.decode()
    assert "Confidential, for members of the board alone: Said in confidence" in csv
    assert "board alone: Something to decide" not in csv


def test_what_is_not_there_says_so_whoever_asks(chair):
    nobodys = uuid.uuid4()
    for address in (
        f"/boards/justice/meetings/{nobodys}/", f"/boards/justice/papers/{nobodys}/", f"/boards/decisions/{nobodys}/",
        f"/boards/actions/{nobodys}/", f"/boards/justice/risks/{nobodys}/", "/boards/nowhere/",
    ):  # fmt: skip
        text_of(chair, address, status=404)
    meeting, _ = planned()
    text_of(chair, f"/boards/safety/meetings/{meeting}/", status=404)
    with COMMISSIONING.asking(), pytest.raises(NotThere):
        seats.end_seat(Acts(GIVES, "ig_lead").asker, COMMISSIONING.board, nobodys, now())


def test_a_place_without_boards_says_where_they_stand(published, client_of, monkeypatch):
    monkeypatch.delenv("BRAID_PLACE")
    assert "boards.toml" in text_of(client_of("board_member"), "/boards/")


def statements_of(client, ids) -> dict[str, int]:
    """How often each page asks the database; each is asked once before."""
    found = {}
    for route in sorted(route for route in all_routes() if route.startswith("/boards/") and ".<str" not in route):
        address = re.sub(r"<\w+:(\w+)>", lambda name: ids[name[1]], route)
        text_of(client, address)
        with CaptureQueriesContext(connection) as captured:
            text_of(client, address)
        found[route] = len(captured)
    return found


def test_no_page_of_boards_asks_more_often_where_there_is_more_to_show(published, client_of):
    seat_usual()
    client = client_of("commissioner")
    with_one = statements_of(client, put_boards(range(1)))
    with_many = statements_of(client, put_boards(range(1, 7)))
    assert len(with_one) == 9
    assert with_many == with_one
    assert max(with_one.values()) <= 56
    page = text_of(client, "/boards/justice/")
    assert all(f"Decision {number}" in page and f"Priority {number}" in page for number in range(7))


def test_a_demo_has_boards_with_a_history_entered_once(published, boards_place, tmp_path, monkeypatch):
    write_example(tmp_path / "example", 2_000, 3)
    place = load_place(tmp_path / "example")
    monkeypatch.setenv("BRAID_PLACE", str(place.folder))
    with known_asker():
        assert enter_boards(place) == 0, "nobody of a demo is there"
        create_demo_users(new_demo_passwords(), place)
        assert BoardMeeting.objects.count() == 6 and BoardDecision.objects.filter(carried=True).count() == 3
        assert enter_boards(place) == 0, "once"
        assert all(row.starts_at.weekday() < 5 for row in BoardMeeting.objects.all()), "nobody meets at a weekend"
        assert BoardMeeting.objects.filter(state="agreed", agreed_by="demo-board-member").count() == 3
        assert {row.statements[0] for row in BoardPriority.objects.all()} == set(SHIPPED)
        late = BoardAction.objects.filter(state="open", due_date__lt=london_date(now())).count()
        assert late == 3 and BoardAction.objects.filter(state="closed").count() == 3
        assert BoardItem.objects.filter(confidential=True).count() == 3
    for story in STORIES.values():
        assert set(story.outcomes) <= {one["id"] for one in tomllib.loads(OUTCOMES)["outcome"]}
        texts = [part for value in vars(story).values() for part in ([value] if isinstance(value, str) else value)]
        assert len(texts) > 20 and not [text for text in texts if find_whereabouts(text)]


class WholeMeeting(RuleBasedStateMachine):
    """Steps in any order by anybody, against a plain account of what may follow: nothing else ever does."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.meeting, (self.item,) = sent(WORDS)
        self.state, self.present, self.decided, self.written = "papers_out", frozenset(), 0, False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def tried(self, acts: Acts, step) -> bool:
        try:
            with acts.asking(), transaction.atomic():
                step(acts.asker, acts.board)
        except NotPossible:
            return False
        return True

    def quorate(self) -> bool:
        return len(self.present & set(VOTING)) >= 2 and COURT in self.present

    @rule(there=st.sets(st.sampled_from(EVERYBODY)), acts=st.sampled_from((COMMISSIONING, CHAIRING)))
    def hold(self, there, acts) -> None:
        attendance = {one: "remote" if one in there else "absent" for one in EVERYBODY}
        seen = version_of_meeting(self.meeting)
        done = self.tried(acts, lambda asker, board: deciding.hold(asker, board, self.meeting, seen, attendance, now()))
        held_before = self.state in ("papers_out", "quorate", "inquorate")
        assert done == (acts is COMMISSIONING and held_before and not self.decided)
        if done:
            self.present = frozenset(there)
            self.state = "quorate" if self.quorate() else "inquorate"

    @rule(vote=st.sampled_from(("for", "against", "abstains")))
    def decide(self, vote) -> None:
        words = deciding.DecisionWords("A", "B", "", "C", "", NORTH.body, london_date(now()) + 9 * DAY, None)
        voting = tuple(one for one in VOTING if one in self.present)
        seen = version_of_item(self.item)
        votes = dict.fromkeys(voting, vote)
        done = self.tried(
            COMMISSIONING,
            lambda asker, board: deciding.decide(asker, board, self.item, seen, words, votes, {}, now()),
        )
        assert done == (self.state == "quorate")
        self.decided += done

    @rule()
    def write_minutes(self) -> None:
        seen = version_of_item(self.item)
        done = self.tried(
            COMMISSIONING,
            lambda asker, board: deciding.write_discussion(asker, board, self.item, seen, "It was said", now()),
        )
        assert done == (self.state in ("quorate", "inquorate"))
        self.written |= done

    @rule(acts=st.sampled_from((COMMISSIONING, CHAIRING)))
    def agree(self, acts) -> None:
        seen = version_of_meeting(self.meeting)
        done = self.tried(acts, lambda asker, board: deciding.agree_minutes(asker, board, self.meeting, seen, now()))
        assert done == (acts is CHAIRING and self.state in ("quorate", "inquorate") and self.written)
        if done:
            self.state = "agreed"

    @rule()
    def change_the_agenda(self) -> None:
        seen = version_of_meeting(self.meeting)
        done = self.tried(
            COMMISSIONING, lambda asker, board: keeping.put_item(asker, board, self.meeting, seen, WORDS, now())
        )
        assert done == (self.state == "papers_out")
        if done:
            with known_asker():
                last = BoardItem.objects.filter(meeting=self.meeting).order_by("-position").first()
                BoardItem.objects.filter(pk=last.pk).update(taken_off_at=now())

    @invariant()
    def the_database_says_the_same(self) -> None:
        with known_asker():
            row = BoardMeeting.objects.get(pk=self.meeting)
            assert row.state == self.state and BoardDecision.objects.filter(item=self.item).count() == self.decided
        assert not self.decided or self.state in ("quorate", "agreed")


def test_no_order_of_steps_decides_without_a_quorum_or_changes_agreed_minutes(seated):
    run_state_machine_as_test(
        WholeMeeting, settings=settings(max_examples=15, stateful_step_count=12, deadline=None, database=None)
    )

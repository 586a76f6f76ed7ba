"""Boards: their terms of reference, meetings, decisions, actions, priorities and risks."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.forms import Form as DjangoForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.language.dates import london_date
from braid.language.steps import is_possible
from braid.place.boards.acting import Acting
from braid.place.boards.actions import MACHINE as ACTIONS
from braid.place.boards.deciding import INTERESTS, VOTES
from braid.place.boards.meetings import CANCELLATIONS, HELD, TO_COME, papers_due_date
from braid.place.boards.meetings import MACHINE as MEETINGS
from braid.place.boards.quorum import ATTENDANCES, needed_for_quorum
from braid.place.boards.risks import BANDS, RESPONSES
from braid.place.boards.terms import PUBLICATIONS, RULES, Board
from braid.place.forecasts import VERDICTS as SIGHTINGS
from braid.store.exports import COLOURS
from braid.trust.roles import ROLES
from braid.web.access.projections import Viewer
from braid.web.boards import chasing, deciding, forms, keeping, priorities, risks, seats, seen
from braid.web.boards.entering import acting_on, get_item, get_meeting
from braid.web.boards.files import bodies_of, get_board, member_words, seat_words
from braid.web.boards.linked import linked_decisions
from braid.web.boards.minutes import export_minutes
from braid.web.boards.pictures import draw_risks, level_after, level_before, list_risks
from braid.web.care.kept import now_of_database
from braid.web.forecasts import attaching
from braid.web.forecasts import seen as forecasts
from braid.web.forecasts.forms import ForecastForm
from braid.web.models import MeetingPaper, User
from braid.web.served_place import body_words
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.files import OfRun, hand_out
from braid.web.views.guards import as_asker, governs, only

NO_STEP = "There is no such step. Look at the page again"
Steps = Mapping[str, Callable[[], object]]
Forms = Mapping[str, DjangoForm]


def _take(request: HttpRequest, known: Forms, steps: Steps) -> tuple[str, int]:
    """Take the step that was posted, once its form holds; return what is in the way, and the status that says so."""
    kind = request.POST.get("kind", "")
    if kind not in steps:
        return NO_STEP, 400
    form = known.get(kind)
    if form is not None and not form.is_valid():
        return "", 400
    return attempt(steps[kind])


def _bound(request: HttpRequest, kind: str) -> Any:
    """Return what was posted for the form of a kind; none for every other form of the page."""
    return request.POST if request.method == "POST" and request.POST.get("kind") == kind else None


@require_safe
@only(governs)
@as_asker("boards")
def board_list(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show every board of the place: what is next, what stands and what is overdue."""
    return render(request, "boards/list.html", {"lines": seen.list_boards(now_of_database()), "asker": asker.username})


@require_safe
@only(governs)
@as_asker("boards")
def board_actions(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show the actions of all boards, those due first."""
    show = "all" if request.GET.get("show") == "all" else "open"
    return render(request, "boards/actions.html", {"actions": seen.list_actions(now_of_database(), show), "show": show})


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("boards")
def board(request: HttpRequest, asker: Viewer, board_id: str) -> HttpResponse:
    """Show a board: its terms, members, priorities, meetings, decisions, actions and risks."""
    shown, now = get_board(board_id), now_of_database()
    acting = acting_on(asker, shown, now)
    known = _forms_of_board(request, asker, shown, acting)
    fault, status = "", 200
    if request.method == "POST":
        fault, status = _take(request, known, _steps_of_board(request, asker, shown, known, now))
        if status == 302:
            return redirect(f"{reverse('board', args=[shown.id])}?done={request.POST['kind']}")
    open_risks = list_risks(shown.id)
    context = {
        "board": shown,
        "chair": member_words(shown, shown.chair),
        "seats": seen.list_seats(shown, now),
        "needed": needed_for_quorum(shown),
        "quorum_seats": [(seat_words(shown, one), least) for one, least in shown.terms.quorum.seats.items()],
        "reserved": [(one, [seat_words(shown, seat) for seat in one.needs]) for one in shown.terms.reserved],
        "rules": RULES,
        "publications": PUBLICATIONS,
        "priorities": seen.seen_priorities(priorities.standing_priorities(shown.id)),
        "past_priorities": seen.list_past_priorities(shown.id),
        "meetings": seen.list_meetings(shown),
        "decisions": seen.list_decisions(shown),
        "actions": seen.list_actions(now, board_id=shown.id),
        "risks": open_risks,
        "closed_risks": list_risks(shown.id, closed=True),
        "grid": draw_risks(open_risks),
        "bands": BANDS,
        "acting": acting,
        "may_give": seats.may_give(asker),
        "asker": asker.username,
        "today": london_date(now),
        "forms": known,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "boards/board.html", context, status=status_of(request, status))


def _forms_of_board(request: HttpRequest, asker: Viewer, shown: Board, acting: Acting) -> dict[str, DjangoForm]:
    """Return the forms that whoever asks is offered on the page of a board."""
    found: dict[str, DjangoForm] = {}
    if acting.prepares:
        decisions = seen.standing_choices(shown)
        standing = [(str(one.pk), one.title) for one in priorities.standing_priorities(shown.id)]
        found["plan"] = forms.PlanForm(_bound(request, "plan"), prefix="plan")
        found["risk"] = forms.RiskForm(_bound(request, "risk"), prefix="risk", board=shown)
        if decisions:
            found["priority"] = forms.PriorityForm(
                _bound(request, "priority"), prefix="priority", decisions=decisions, standing=standing,
                statements=seen.statement_choices(),
            )  # fmt: skip
        if decisions and standing:
            found["priority_end"] = forms.PriorityEndForm(
                _bound(request, "priority_end"), prefix="priority_end", decisions=decisions, standing=standing
            )
    if seats.may_give(asker):
        found["seat"] = forms.SeatForm(
            _bound(request, "seat"), prefix="seat", board=shown, users=_users_for_seats(asker), bodies=bodies_of(shown)
        )
    return found


def _users_for_seats(asker: Viewer) -> list[tuple[str, str]]:
    roles = [code for code, role in ROLES.items() if role.governs]
    rows = User.objects.filter(is_active=True, role__in=roles).exclude(username=asker.username)
    return [(name, f"{shown} ({ROLES[role].name})") for name, shown, role in _named(rows)]


def _named(rows: Any) -> Any:
    return rows.order_by("display_name", "username").values_list("username", "display_name", "role")


def _steps_of_board(request: HttpRequest, asker: Viewer, shown: Board, known: Forms, now: dt.datetime) -> Steps:
    def plan() -> None:
        form = known["plan"]
        keeping.plan_meeting(asker, shown, form.starts_at, form.cleaned_data["length"], now)

    def risk() -> None:
        form = known["risk"]
        given = form.cleaned_data
        words = (given["cause"], given["event"], given["effect"], given["owner_body"])
        risks.add_risk(asker, shown, *words, form.rating, now)

    def priority() -> None:
        form = known["priority"]
        replaced = form.cleaned_data.get("replaces")
        decision = uuid_of(form.cleaned_data["decision"])
        priorities.set_priority(asker, shown, decision, uuid_of(replaced) if replaced else None, form.words, now)

    def priority_end() -> None:
        given = known["priority_end"].cleaned_data
        priorities.end_priority(asker, shown, uuid_of(given["priority"]), uuid_of(given["decision"]), now)

    def seat() -> None:
        form = known["seat"]
        given = form.cleaned_data
        seats.give_seat(asker, shown, given["username"], form.member, given["from_date"], given["until_date"], now)

    def seat_end() -> None:
        seats.end_seat(asker, shown, uuid_of(request.POST.get("holder", "")), now)

    taken = {"plan": plan, "risk": risk, "priority": priority, "priority_end": priority_end, "seat": seat}
    return {"seat_end": seat_end, **{kind: step for kind, step in taken.items() if kind in known}}


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("boards")
def board_meeting(request: HttpRequest, asker: Viewer, board_id: str, board_meeting_id: UUID) -> HttpResponse:
    """Show a meeting: its agenda and papers, who is there, what is decided and asked, and its minutes."""
    shown, now = get_board(board_id), now_of_database()
    meeting = get_meeting(shown, board_meeting_id)
    acting = acting_on(asker, shown, now)
    attendance = deciding.attendance_of(meeting)
    items = seen.list_items(shown, meeting, attendance, now)
    known = _forms_of_meeting(request, shown, meeting, acting, attendance, items)
    fault, status = "", 200
    if request.method == "POST":
        fault, status = _take(request, known, _steps_of_meeting(request, asker, shown, meeting, known, now))
        if status == 302:
            here = reverse("board_meeting", args=[shown.id, meeting.pk])
            return redirect(f"{here}?done={request.POST['kind'].split()[0]}")
        meeting = get_meeting(shown, board_meeting_id)
        items = seen.list_items(shown, meeting, attendance, now)
    context = {
        "board": shown,
        "meeting": meeting,
        "state_name": MEETINGS.states[meeting.state].name,
        "cancelled_name": CANCELLATIONS.get(meeting.cancelled_because, ""),
        "due_date": papers_due_date(shown, meeting.starts_at),
        "items": items,
        "minutes_in_all": sum(one.row.minutes for one in items),
        "attendance": [(member_words(shown, one), ATTENDANCES[code]) for one, code in _ordered(shown, attendance)],
        "quorum": seen.quorum_of(shown, attendance),
        "interest_kinds": INTERESTS,
        "is_held": meeting.state in HELD,
        "is_to_come": meeting.state in TO_COME,
        "has_minutes": meeting.state in (*HELD, "agreed"),
        "acting": acting,
        "forms": known,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "boards/meeting.html", context, status=status_of(request, status))


def _ordered(shown: Board, attendance: dict[Any, str]) -> list[tuple[Any, str]]:
    return [(one, attendance[one]) for one in shown.members if one in attendance]


def _forms_of_meeting(
    request: HttpRequest, shown: Board, meeting: Any, acting: Acting, attendance: dict[Any, str], items: list[Any]
) -> dict[str, DjangoForm]:
    """Return the forms that whoever asks is offered: by the state of the meeting, and for each item by its number."""
    found: dict[str, DjangoForm] = {}
    if not acting.prepares:
        return found

    def add(kind: str, make: Callable[..., DjangoForm], **more: Any) -> None:
        found[kind] = make(_bound(request, kind), prefix=kind.replace(" ", "-"), **more)

    if meeting.state in TO_COME:
        add("item", forms.ItemForm, board=shown)
        add("cancel", forms.CancelForm)
        for one in items:
            add(f"change {one.row.pk}", forms.ItemForm, board=shown, is_new=False, initial=_initial_of(one.row))
    if meeting.state == "planned":
        add("send", forms.SendForm)
    decided = any(one.decisions for one in items)
    if deciding.may_be_held(meeting) and not decided:
        add("hold", forms.AttendanceForm, board=shown, known=attendance)
    standing = seen.standing_choices(shown) if meeting.state in HELD else []
    for one in items if meeting.state in HELD else []:
        add(f"discuss {one.row.pk}", forms.DiscussionForm, initial={"words": one.row.discussion})
        if not one.decisions:
            add(f"interest {one.row.pk}", forms.InterestForm, board=shown, there=deciding.present_of(attendance))
        if one.row.kind == "decision" and meeting.state == "quorate" and not one.missing:
            add(f"decide {one.row.pk}", forms.DecisionForm, board=shown, voting=one.voting, standing=standing)
    if meeting.state in (*HELD, "agreed"):
        for one in items:
            carried = [(str(row.pk), f"{row.reference}: {row.title}") for row in one.decisions if row.carried]
            add(f"action {one.row.pk}", forms.ActionForm, board=shown, decisions=carried)
    return found


def _initial_of(row: Any) -> dict[str, Any]:
    names = ("title", "kind", "asks", "minutes", "matter", "position")
    return {**{name: getattr(row, name) for name in names}, "confidential": "yes" if row.confidential else "no"}


def _steps_of_meeting(
    request: HttpRequest, asker: Viewer, shown: Board, meeting: Any, known: Forms, now: dt.datetime
) -> Steps:
    """Return the steps of the page; of each item, by the number that its form bears."""
    seen_version = version_of(request)
    kind, _, item_text = request.POST.get("kind", "").partition(" ")
    form = known.get(request.POST.get("kind", ""))

    def of_item(step: Callable[[UUID], object]) -> Callable[[], object]:
        return lambda: step(uuid_of(item_text))

    def change_item(item_id: UUID) -> None:
        keeping.change_item(asker, shown, item_id, seen_version, form.cleaned_data["position"], form.words, now)

    def discuss(item_id: UUID) -> None:
        deciding.write_discussion(asker, shown, item_id, seen_version, form.cleaned_data["words"], now)

    def interest(item_id: UUID) -> None:
        given = form.cleaned_data
        withdraws = given["withdraws"] == "yes"
        deciding.declare_interest(asker, shown, item_id, form.member, given["kind"], given["words"], withdraws, now)

    def decide(item_id: UUID) -> None:
        deciding.decide(asker, shown, item_id, seen_version, _decision_of(form), form.votes, form.dissents, now)

    def action(item_id: UUID) -> None:
        given = form.cleaned_data
        decision = uuid_of(given["decision"]) if given.get("decision") else None
        chasing.ask_action(asker, shown, item_id, given["words"], given["body"], given["due_date"], decision, now)

    def item() -> None:
        keeping.put_item(asker, shown, meeting.pk, seen_version, form.words, now)

    def send() -> None:
        keeping.send_papers(asker, shown, meeting.pk, seen_version, form.cleaned_data["urgency"], now)

    def hold() -> None:
        deciding.hold(asker, shown, meeting.pk, seen_version, form.attendance, now)

    def cancel() -> None:
        keeping.cancel_meeting(asker, shown, meeting.pk, seen_version, form.cleaned_data["reason"], now)

    whole = {"item": item, "send": send, "hold": hold, "cancel": cancel}
    items = {"change": change_item, "discuss": discuss, "interest": interest, "decide": decide, "action": action}
    found: dict[str, Callable[[], object]] = {
        "agree": lambda: deciding.agree_minutes(asker, shown, meeting.pk, seen_version, now)
    }
    if kind == "take_off":
        found[f"take_off {item_text}"] = of_item(
            lambda item_id: keeping.take_item_off(asker, shown, item_id, seen_version, now)
        )
    found |= {name: step for name, step in whole.items() if name in known}
    found |= {f"{name} {item_text}": of_item(step) for name, step in items.items() if f"{name} {item_text}" in known}
    return found


def _decision_of(form: Any) -> deciding.DecisionWords:
    words = form.decision
    if words.supersedes is None:
        return words
    return deciding.DecisionWords(**{**vars(words), "supersedes": uuid_of(words.supersedes)})


@require_safe
@only(governs)
@as_asker("boards")
def board_minutes_file(
    request: HttpRequest, _asker: Viewer, board_id: str, board_meeting_id: UUID, form: str
) -> HttpResponse:
    """Hand out the minutes of a meeting as a file, as far as whoever asks may see it."""
    shown, now = get_board(board_id), now_of_database()
    meeting = get_meeting(shown, board_meeting_id)
    if meeting.state not in (*HELD, "agreed"):
        raise Http404
    attendance = deciding.attendance_of(meeting)
    items = seen.list_items(shown, meeting, attendance, now)
    make = partial(export_minutes, shown, meeting, attendance, seen.quorum_of(shown, attendance), items)
    run = OfRun(f"meeting {meeting.pk}", london_date(meeting.starts_at))
    return hand_out(request, run, form, "board-minutes", make)


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("boards")
def board_paper(request: HttpRequest, asker: Viewer, board_id: str, board_item_id: UUID) -> HttpResponse:
    """Show the paper of an item with its earlier editions, and let the commissioner write the next."""
    shown, now = get_board(board_id), now_of_database()
    item = get_item(shown, board_item_id)
    editions = list(MeetingPaper.objects.filter(item=item).order_by("-edition"))
    may_write = acting_on(asker, shown, now).prepares and item.meeting.state in TO_COME
    form = forms.PaperForm(_bound(request, "paper"), prefix="paper", initial=_initial_of_paper(editions))
    known: dict[str, DjangoForm] = {"paper": form} if may_write else {}
    if may_write and item.kind == "decision":
        known |= _forecast_form(request)
    fault, status = "", 200
    if request.method == "POST":
        steps = {
            "paper": partial(_write_paper, request, asker, shown, item.pk, form, now),
            "forecast": partial(_attach, asker, shown, attaching.attach_to_item, item.pk, known.get("forecast"), now),
        }
        fault, status = _take(request, known, {kind: step for kind, step in steps.items() if kind in known})
        if status == 302:
            return redirect(f"{reverse('board_paper', args=[shown.id, item.pk])}?done={request.POST['kind']}")
        editions = list(MeetingPaper.objects.filter(item=item).order_by("-edition"))
    context = {
        "board": shown,
        "item": item,
        "meeting": item.meeting,
        "paper": editions[0] if editions else None,
        "earlier": editions[1:],
        "is_late": _is_late(editions, item.meeting),
        "may_write": may_write,
        "form": form,
        "forecast_form": known.get("forecast"),
        "forecasts": forecasts.see_of_item(item),
        "colours": COLOURS,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "boards/paper.html", context, status=status_of(request, status))


def _forecast_form(request: HttpRequest) -> dict[str, DjangoForm]:
    """Return the form that chooses a scenario; none where there is none that whoever asks may read."""
    choices = attaching.scenario_choices()
    bound = _bound(request, "forecast")
    return {"forecast": ForecastForm(bound, prefix="forecast", scenarios=choices)} if choices else {}


def _attach(asker: Viewer, shown: Board, attach: Callable[..., None], about: UUID, form: Any, now: dt.datetime) -> None:
    question, scenario = attaching.read_choice(form.cleaned_data["scenario"])
    attach(asker, shown, about, question, scenario, now)


def _is_late(editions: list[MeetingPaper], meeting: Any) -> bool:
    """Whether the paper was changed after the papers had gone out."""
    return bool(editions) and meeting.papers_out_at is not None and editions[0].written_at > meeting.papers_out_at


def _initial_of_paper(editions: list[MeetingPaper]) -> dict[str, str]:
    names = ("heading", "summary", "recommendation", "body", "options")
    return {name: getattr(editions[0], name) for name in names} if editions else {}


def _write_paper(request: HttpRequest, asker: Viewer, shown: Board, item_id: UUID, form: Any, now: dt.datetime) -> None:
    keeping.write_paper(asker, shown, item_id, version_of(request), form.words, now)


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("boards")
def board_decision(request: HttpRequest, asker: Viewer, decision_id: UUID) -> HttpResponse:
    """Show a decision: its votes, reasons and links, and what became of it."""
    row, now = deciding.get_decision(decision_id), now_of_database()
    shown = get_board(row.board_id)
    acting = acting_on(asker, shown, now)
    known: dict[str, DjangoForm] = {}
    if acting.prepares:
        known["link"] = forms.LinkForm(_bound(request, "link"), prefix="link")
        known |= _forecast_form(request)
    fault, status = "", 200
    if request.method == "POST":
        steps = {
            "link": partial(_link, asker, shown, row.pk, known.get("link"), now),
            "forecast": partial(
                _attach, asker, shown, attaching.attach_to_decision, row.pk, known.get("forecast"), now
            ),
        }
        fault, status = _take(request, known, {kind: step for kind, step in steps.items() if kind in known})
        if status == 302:
            return redirect(f"{reverse('board_decision', args=[row.pk])}?done={request.POST['kind']}")
    seen_forecasts = forecasts.see_of_decision(row)
    context = {
        "board": shown,
        "decision": seen.see_decision(shown, row, linked_decisions("decision", str(row.pk)), now),
        "votes": VOTES,
        "rules": RULES,
        "forecasts": seen_forecasts,
        "others": forecasts.decisions_since(row, now) if seen_forecasts else [],
        "sighting_words": SIGHTINGS,
        "colours": COLOURS,
        "forms": known,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "boards/decision.html", context, status=status_of(request, status))


def _link(asker: Viewer, shown: Board, decision_id: UUID, form: Any, now: dt.datetime) -> None:
    given = form.cleaned_data
    deciding.link_decision(asker, shown, decision_id, given["link_kind"], given["reference"], now)


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("boards")
def board_action(request: HttpRequest, asker: Viewer, action_id: UUID) -> HttpResponse:
    """Show an action with every step that was taken with it, and offer whoever asks the next."""
    row, now = chasing.get_action(action_id), now_of_database()
    shown = get_board(row.board_id)
    acting = acting_on(asker, shown, now)
    offered = [
        step for step in ACTIONS.steps_from(row.state) if is_possible(partial(chasing.check_step, acting, row, step))
    ]
    form = forms.ActionStepForm(_bound(request, "step"), prefix="step", steps=offered) if offered else None
    fault, status = "", 200
    if request.method == "POST":
        step = partial(_step_action, request, asker, shown, row.pk, form, now)
        fault, status = _take(request, {"step": form} if form else {}, {"step": step} if form else {})
        if status == 302:
            return redirect(f"{reverse('board_action', args=[row.pk])}?done=step")
        row = chasing.get_action(action_id)
    context = {
        "board": shown,
        "action": seen.seen_actions([row], now)[0],
        "steps": [(ACTIONS.steps[one.step].name, one) for one in row.steps.order_by("taken_at", "pk")],
        "form": form,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "boards/action.html", context, status=status_of(request, status))


def _step_action(
    request: HttpRequest, asker: Viewer, shown: Board, action_id: UUID, form: Any, now: dt.datetime
) -> None:
    given = form.cleaned_data
    due = given.get("due_date")
    chasing.step_action(asker, shown, action_id, version_of(request), given["step"], given["words"], due, now)


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("boards")
def board_risk(request: HttpRequest, asker: Viewer, board_id: str, risk_id: UUID) -> HttpResponse:
    """Show a risk with all its ratings, and let the commissioner rate it again or close it."""
    shown, now = get_board(board_id), now_of_database()
    row = risks.get_risk(shown, risk_id)
    known: dict[str, DjangoForm] = {}
    if acting_on(asker, shown, now).prepares and row.closed_at is None:
        known["rate"] = forms.RatingForm(_bound(request, "rate"), prefix="rate")
        known["close"] = forms.CloseForm(_bound(request, "close"), prefix="close")
    fault, status = "", 200
    if request.method == "POST":
        fault, status = _take(request, known, _steps_of_risk(request, asker, shown, row.pk, known, now))
        if status == 302:
            return redirect(f"{reverse('board_risk', args=[shown.id, row.pk])}?done={request.POST['kind']}")
        row = risks.get_risk(shown, risk_id)
    ratings = row.ratings.order_by("-number")
    context = {
        "board": shown,
        "risk": row,
        "owner_name": body_words(row.owner_body),
        "ratings": [(one, level_before(one), level_after(one)) for one in ratings],
        "bands": BANDS,
        "responses": RESPONSES,
        "today": london_date(now),
        "forms": known,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "boards/risk.html", context, status=status_of(request, status))


def _steps_of_risk(
    request: HttpRequest, asker: Viewer, shown: Board, risk_id: UUID, known: Forms, now: dt.datetime
) -> Steps:
    def rate() -> None:
        risks.rate_risk(asker, shown, risk_id, version_of(request), known["rate"].rating, now)

    def close() -> None:
        risks.close_risk(asker, shown, risk_id, version_of(request), known["close"].cleaned_data["because"], now)

    return {"rate": rate, "close": close} if known else {}

"""The pages of meetings: plan one, gather returns, hold it, decide case by case, and what was agreed."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.meetings import ATTENDANCES, EXCUSES, MACHINE, Decision
from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care import agendas, chasing, drafts, following, meetings, reviews
from braid.web.care.forms import (
    AgendaForm,
    AttendanceForm,
    CancelMeetingForm,
    DecideForm,
    DissentForm,
    LeaveAgendaForm,
    MeetingForm,
    MoveMeetingForm,
    NewcomersForm,
    NoReturnForm,
    NoteForm,
    ReturnForm,
    SlotForm,
)
from braid.web.care.kept import case_type_of
from braid.web.care.meetings import ItemSeen, MeetingSeen
from braid.web.care.newcomers import list_newcomers, share_with_newcomers
from braid.web.care.shares import table_of, withheld_of
from braid.web.models import AgendaItem, Draft
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, role_of, sees_people, with_reason

EVERY_SECONDS = 15
"""How long a page that follows a meeting waits before it looks again."""


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("meetings")
def meeting_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the meetings one chairs or has a case at; a coordinator plans one."""
    fault = ""
    with looking(viewer) as sight:
        form = MeetingForm(request.POST if request.method == "POST" else None, purpose=viewer.purpose)
        if request.method == "POST" and form.is_valid():
            planned = []
            given = form.cleaned_data
            fault, _ = attempt(
                lambda: planned.append(meetings.plan_meeting(sight, given["case_type"], given["starts_at"]))
            )
            if not fault:
                return redirect("meeting", planned[0].pk)
        rows = [(row, case_type_of(row.case_type).name) for row in meetings.list_meetings()]
    context = {
        "meetings": rows,
        "form": form,
        "fault": fault,
        "may_plan": role_of(request).coordinates,
        "reason": reason_words(viewer),
    }
    return render(request, "care/meetings.html", context, status=400 if fault or form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("meeting")
def meeting(request: HttpRequest, viewer: Viewer, meeting_id: UUID) -> HttpResponse:
    """Show a meeting: its agenda as far as one takes part, who attends, what was decided; the chair takes its steps."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = meetings.get_meeting(sight, meeting_id)
        row = meetings.get_row(meeting_id)
        agenda = AgendaForm(request.POST if kind == "agenda" else None, cases=meetings.cases_to_list(row))
        there = AttendanceForm(
            request.POST if kind == "attendance" else None, case_type=seen.case_type, initial=_attended(seen)
        )
        slot = SlotForm(request.POST if kind == "length" else None)
        when = MoveMeetingForm(request.POST if kind == "reschedule" else None)
        cancel = CancelMeetingForm(request.POST if kind == "cancel" else None, prefix="cancel")
        form = {
            "agenda": agenda, "attendance": there, "length": slot, "reschedule": when, "cancel": cancel,
        }.get(kind)  # fmt: skip
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_meeting_step, sight, request, meeting_id, kind, form))
            if not fault:
                return redirect(f"{reverse('meeting', args=[meeting_id])}?done={kind or 'step'}")
            seen = meetings.get_meeting(sight, meeting_id)
        is_packed = seen.is_chair and row.state in ("planned", "gathering")
        carried = reviews.cases_to_carry(row) if is_packed else []
        chased = chasing.list_chased(meeting_id, seen.is_chair)
        lapsed = agendas.list_lapsed(row) if is_packed and done_of(request) in ("reschedule", "length") else []
    context = {
        "meeting": seen,
        "slot": slot,
        "is_packed": is_packed,
        "carried": len(carried),
        "chased": chased,
        "lapsed": lapsed,
        "agenda": agenda,
        "when": when,
        "cancel": cancel,
        "attendance": there,
        "attendance_words": ATTENDANCES,
        "excuse_words": EXCUSES,
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/meeting.html", context, status=status_of(request, status))


def _attended(seen: MeetingSeen) -> dict[str, str]:
    known = {f"at_{agency}": row.attendance for agency, row in seen.attendances.items()}
    return known | {f"why_{agency}": row.excused_because for agency, row in seen.attendances.items()}


def _meeting_step(sight: Sight, request: HttpRequest, meeting_id: UUID, kind: str, form: object) -> None:
    if kind == "agenda":
        agendas.put_case(sight, meeting_id, version_of(request), uuid_of(form.cleaned_data["case"]))
    elif kind == "attendance":
        meetings.write_attendance(sight, meeting_id, version_of(request), form.given())
    elif kind == "reschedule":
        meetings.move_meeting(sight, meeting_id, version_of(request), form.cleaned_data["starts_at"])
    elif kind == "cancel":
        reason = form.cleaned_data["reason"]
        meetings.take_meeting_step(sight, meeting_id, version_of(request), "cancel", reason)
    elif kind == "take_chair":
        meetings.take_chair(sight, meeting_id, version_of(request))
    elif kind == "length":
        agendas.give_length(sight, meeting_id, version_of(request), form.cleaned_data["minutes"])
    else:
        meetings.take_meeting_step(sight, meeting_id, version_of(request), request.POST.get("step", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("agenda item")
def agenda_item(request: HttpRequest, viewer: Viewer, item_id: UUID) -> HttpResponse:
    """Show a case on an agenda to who takes part: returns, notes, decision, dissent, actions; give one's own."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        row = meetings.get_item(item_id)
        if row.state == "taken_off":
            raise NotThere
        seen = meetings.see_item(sight, row)
        kept = drafts.find_drafts(sight, item_id)
        forms = _item_forms(request, sight, row, seen, kind, kept)
        form = forms.get(kind)
        if request.method == "POST" and "draft" in request.POST:
            fault, status = attempt(partial(_draft, sight, request, item_id, kind, form))
            if not fault:
                return redirect(f"{reverse('agenda_item', args=[item_id])}?done=draft")
        elif request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_item_step, sight, request, item_id, kind, form))
            if not fault and kind == "take_off":
                return redirect(f"{reverse('meeting', args=[row.meeting_id])}?done={kind}")
            if not fault:
                return redirect(f"{reverse('agenda_item', args=[item_id])}?done={kind}")
            seen = meetings.see_item(sight, meetings.get_item(item_id))
    context = {
        "item": seen,
        "type": case_type_of(row.meeting.case_type),
        "is_chair": row.meeting.chair == viewer.username,
        "my_return": next((one for one in seen.returns if one.is_mine), None),
        "forms": forms,
        "drafts": kept,
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/item.html", context, status=status_of(request, status))


def _draft(sight: Sight, request: HttpRequest, item_id: UUID, kind: str, form: object) -> None:
    """Keep what was typed as it is, or drop what was kept: a draft need not be whole."""
    if request.POST["draft"] == "drop":
        drafts.drop_draft(sight, item_id, kind)
        return
    typed = {name: request.POST.get(form.add_prefix(name), "") for name in form.fields} if form else {}
    drafts.save_draft(sight, item_id, kind, typed)


def _item_forms(
    request: HttpRequest, sight: Sight, row: AgendaItem, seen: ItemSeen, kind: str, kept: Mapping[str, Draft]
) -> dict[str, object]:
    case_type, member = case_type_of(row.meeting.case_type), seen.member
    table = table_of(sight, row.case)
    receivers = {pair: table.receivers_of(*pair, member.organisation) for pair in case_type.asked(member.agency)}
    laws = table.all_laws({one for of_line in receivers.values() for one in of_line})
    seat = {"case_type": case_type, "agency": member.agency}

    def data(name: str) -> object:
        return request.POST if name == kind else None

    def begun(name: str) -> dict[str, str]:
        return kept[name].fields if name in kept else {}

    return {
        "return": ReturnForm(
            data("return"),
            **seat,
            receivers=receivers,
            gateways=laws,
            initial=_given_before(seen) | begun("return"),
        ),
        "share": NewcomersForm(data("share"), prefix="share", receivers=list_newcomers(sight, row), gateways=laws),
        "no_return": NoReturnForm(data("no_return"), prefix="no"),
        "note": NoteForm(data("note"), prefix="note", **seat, initial=begun("note")),
        "dissent": DissentForm(data("dissent"), prefix="dissent", initial=begun("dissent")),
        "decide": DecideForm(data("decide"), prefix="decide", case_type=case_type, item=seen, initial=begun("decide")),
        "put_off": LeaveAgendaForm(data("put_off"), prefix="put_off"),
        "take_off": LeaveAgendaForm(data("take_off"), prefix="take_off"),
    }


def _given_before(seen: ItemSeen) -> dict[str, str]:
    """What one's agency answered before, and from whom each answer is withheld: to be changed and not typed again.

    What was withheld stays so until somebody says otherwise.
    """
    mine = {line.id: line for line in seen.lines if line.is_mine and line.is_current}
    found = {".".join(line.key): line.words for line in mine.values()}
    for line_id, receiver, why in withheld_of(mine):
        found[f"{'.'.join(mine[line_id].key)}.not_{receiver}"] = why
    return found


def _item_step(sight: Sight, request: HttpRequest, item_id: UUID, kind: str, form: object) -> None:
    seen = version_of(request)
    given = form.cleaned_data if form else {}
    if kind == "return":
        answers = form.answers()
        for one in answers:
            check_words(one.words)
        meetings.give_return(sight, item_id, seen, answers, form.grounds())
    elif kind == "share":
        share_with_newcomers(sight, item_id, form.wanted(), form.grounds())
    elif kind == "no_return":
        meetings.say_no_return(sight, item_id, seen, request.POST.get("step", ""), given["reason"])
    elif kind == "note":
        check_words(given["words"])
        meetings.write_note(sight, item_id, given["words"], given["about"])
    elif kind == "dissent":
        check_words(given["words"])
        meetings.dissent(sight, item_id, given["words"])
    elif kind == "decide":
        unready = given.get("unready", "")
        for words in (given["reason"], unready, *(one.words for one in form.wanted())):
            check_words(words)
        decision = Decision(given["decision"], given["reason"])
        meetings.decide(sight, item_id, seen, decision, form.wanted(), unready)
    elif kind in ("put_off", "take_off"):
        meetings.leave_agenda(sight, item_id, seen, kind, given["reason"])
    else:
        raise NotPossible("There is no such step. Look at the case again")
    if kind in drafts.FORMS:
        drafts.drop_draft(sight, item_id, kind)


@require_safe
@only(sees_people)
@with_reason("following")
def follow(request: HttpRequest, viewer: Viewer, meeting_id: UUID) -> HttpResponse:
    """Show what others do at a meeting as they do it; on request the page looks again by itself."""
    with looking(viewer):
        row = meetings.get_row(meeting_id)
        again = request.GET.get("again") == "yes" and row.state not in ("agreed", "cancelled")
        context = {
            "meeting": row,
            "state_name": MACHINE.states[row.state].name,
            "changes": following.list_changes(row),
            "again": EVERY_SECONDS if again else 0,
            "now": timezone.now(),
            "reason": reason_words(viewer),
        }
    answer = render(request, "care/follow.html", context)
    if again:
        answer["Refresh"] = str(EVERY_SECONDS)
    return answer

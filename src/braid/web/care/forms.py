"""The forms of joint work. What a field offers comes from the rules; what was typed comes back where it was refused."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms

from braid.care import meetings
from braid.care.actions import CANCELLATIONS, LONGEST_WORDS, RESULTS
from braid.care.case_types import Agency, CaseType
from braid.care.cases import RIGHTS, SIGHTS, STANDING_IN, Right, outcomes_of
from braid.care.meetings import ATTENDANCES, EXCUSES, LONGEST_REASON, NO_RETURN
from braid.care.minutes import LONGEST_AMENDMENT
from braid.care.readiness import LONGEST_BECAUSE
from braid.care.referrals import ASSESSMENTS, CHANGES, EFFECTS, REFUSALS, URGENCIES
from braid.care.response import has_sides
from braid.care.services import SERVICES
from braid.care.sides import abouts_of
from braid.care.teams import CAPACITIES, capacity_of
from braid.care.teams import Team as TeamNoun
from braid.language.dates import LONDON
from braid.place.commissions.states import BANDS
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import DETRIMENTS, NECESSITIES, WEIGHINGS
from braid.trust.disclosure_decisions import REFUSALS as NOT_SHARED
from braid.web.access.search import LONGEST_SEARCH
from braid.web.care.fields import CHOOSE
from braid.web.care.fields import choice as _choice
from braid.web.care.fields import day as _day
from braid.web.care.fields import words as _words
from braid.web.care.meetings import ActionWanted, AnswerGiven, ItemSeen
from braid.web.care.referrals import LONGEST_NOTE
from braid.web.care.shares import Grounds
from braid.web.case_type_files import case_types
from braid.web.models import JointCase, Team
from braid.web.organisation_names import organisation_words

ACTIONS_AT_ONCE = 3


def _hour(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, help_text=help_text, error_messages={"invalid": "Enter an hour from 0 to 23"}
    )


class ReferForm(forms.Form):
    """To which team somebody is referred, for what, how soon, and what the team must know."""

    team = _choice("Team", (), "Choose a team")
    service = _choice("Service", (), "Choose a service")
    urgency = _choice("How soon", [(code, one.name) for code, one in URGENCIES.items()], "Say how soon")
    note = _words("What the team must know", "", LONGEST_NOTE, required=False)
    since = _choice(
        "If it was refused before: what was done or has changed since",
        [*ASSESSMENTS.items(), *CHANGES.items()],
        "Choose from the list",
        required=False,
    )
    need_band = _choice(
        "Where the service is commissioned: how much they need",
        [(code, name) for code, name in BANDS.items() if code],
        "Choose from the list",
        required=False,
        help_text="Said by whoever refers, and never by the provider: refusals and scores are shown by it",
    )

    def __init__(self, *args: object, teams: Iterable[Team], purpose: str, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        rows = list(teams)
        self.fields["team"].choices = [CHOOSE, *((row.pk, _team_words(row, today)) for row in rows)]
        offered = {service for row in rows for service in row.services}
        self.fields["service"].choices = [
            CHOOSE,
            *((code, one.name) for code, one in SERVICES.items() if purpose in one.purposes and code in offered),
        ]


def _team_words(row: Team, today: dt.date) -> str:
    noun = TeamNoun(
        row.pk, row.name, row.organisation, frozenset(), frozenset(), frozenset(), row.capacity, row.capacity_until
    )
    capacity = capacity_of(noun, today)
    said = "" if capacity is CAPACITIES["open"] else f": {capacity.name.lower()}"
    until = f" until {row.capacity_until:%-d %B %Y}" if said and row.capacity_until else ""
    return f"{row.name} ({organisation_words(row.organisation)}){said}{until}"


class RefuseForm(forms.Form):
    """Why a team refuses, and from when it may be sent again."""

    refusal = _choice(
        "Why",
        [(code, f"{one.name}: {EFFECTS[one.effect].split(':')[0].lower()}") for code, one in REFUSALS.items()],
        "Choose why it is refused",
    )
    parked_until = _day("If it is parked: the day from which it may be sent again", "", required=False)


class LookAgainForm(forms.Form):
    """By which day a team looks at a referral again that it accepted."""

    look_again_on = _day("Look at it again by", "Enter the day by which you look at it again")


class CapacityForm(forms.Form):
    """What a team says of its capacity."""

    capacity = _choice("Capacity", [(code, one.name) for code, one in CAPACITIES.items()], "Choose one")
    until = _day("Until, where it is known", "", required=False)


class OpenCaseForm(forms.Form):
    """Which kind of joint case is opened, in which seat, and in which part the person is."""

    case_type = _choice("Kind of joint case", (), "Choose a kind")
    agency = _choice("Your seat", (), "Choose in which seat you take part")
    part = _choice("The person is", (), "Choose the person's part")
    another = _choice(
        "Beside a case of this kind that is open", [("yes", "Open another about them")], "Choose one", required=False
    )

    def __init__(self, *args: object, purpose: str, kind: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["another"]  # asked once it is known that there is one
        types = {code: one for code, one in case_types().items() if one.purpose == purpose}
        self.fields["case_type"].choices = [CHOOSE, *((code, one.name) for code, one in types.items())]
        seats = {
            seat.id: f"{seat.name} ({one.short_name})"
            for one in types.values()
            for seat in one.agencies.values()
            if one.may_fill(seat.id, kind)
        }
        parts = {
            part.id: f"{part.name} ({one.short_name})"
            for one in types.values()
            for part in one.parts.values()
            if not part.apart
        }
        self.fields["agency"].choices = [CHOOSE, *seats.items()]
        self.fields["part"].choices = [CHOOSE, *parts.items()]


class SubjectForm(forms.Form):
    """Whom a case is about too: a person by id, or somebody apart by name."""

    part = _choice("In which part", (), "Choose the part")
    person_id = forms.CharField(label="Person id, as the address of their page ends", required=False, max_length=64)
    name_apart = forms.CharField(label="Name, of somebody apart alone", required=False, max_length=100)

    def __init__(self, *args: object, case_type: CaseType, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.id, one.name + (" (apart)" if one.apart else "")) for one in case_type.parts.values()]
        self.fields["part"].choices = [CHOOSE, *names]


class ColleagueForm(forms.Form):
    """A colleague who is brought in."""

    username = forms.CharField(
        label="How they sign in", max_length=150, error_messages={"required": "Enter how they sign in"}
    )
    right = _choice(
        "They may",
        [(code, name) for code, name in RIGHTS.items() if code is not Right.HAND_OVER],
        "Choose what they may do",
    )
    sight = _choice("They see", SIGHTS.items(), "Choose what they see")


class OfferForm(forms.Form):
    """An offer of a case to a team."""

    team = _choice("Team", (), "Choose a team")
    agency = _choice("Their seat", (), "Choose their seat")
    right = _choice("They may", RIGHTS.items(), "Choose what they may do")
    sight = _choice("They see", SIGHTS.items(), "Choose what they see")

    def __init__(self, *args: object, teams: Iterable[Team], agencies: Mapping[str, Agency], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        named = ((row.pk, f"{row.name} ({organisation_words(row.organisation)})") for row in teams)
        self.fields["team"].choices = [CHOOSE, *named]
        self.fields["agency"].choices = [CHOOSE, *((seat.id, seat.name) for seat in agencies.values())]


class MergeForm(forms.Form):
    """Into which case another is merged."""

    into = forms.CharField(
        label="Reference of the other case",
        max_length=20,
        help_text="You lead both. Whom this one is about is added to the other; its members are not",
        error_messages={"required": "Enter the reference of the other case"},
    )


class StandInForm(forms.Form):
    """Why somebody stands in for a lead professional."""

    why = _choice("Why", STANDING_IN.items(), "Choose why you stand in")


STAYS_APART = "Whatever is still to do on a side that you are not shown stays with the team that owns it"


class CloseForm(forms.Form):
    """Why a case is closed."""

    outcome = _choice("What came of it", (), "Choose what came of it")

    def __init__(self, *args: object, case_type: CaseType, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [CHOOSE, *outcomes_of(case_type).items()]
        if has_sides(case_type):
            self.fields["outcome"].help_text = STAYS_APART


class ActionForm(forms.Form):
    """An action: what, whose, until when."""

    words = _words("What is to be done", "Say what is to be done", LONGEST_WORDS)
    team = _choice("Whose", (), "Choose one team that owns it")
    due_on = _day("By which day", "Enter the day by which it is done")

    def __init__(self, *args: object, teams: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.given_teams = teams
        self.fields["team"].choices = [CHOOSE, *teams.items()]


class ActionStepForm(forms.Form):
    """What came of an action, or why it is cancelled."""

    code = _choice("What came of it, or why", [*RESULTS.items(), *CANCELLATIONS.items()], "Choose one", required=False)


class _WhenForm(forms.Form):
    """When a meeting begins: typed in UK time, given as an instant."""

    starts_at = forms.DateTimeField(
        label="Begins",
        help_text="UK time, for example 2026-12-08 10:00",
        input_formats=["%Y-%m-%d %H:%M"],
        error_messages={"required": "Enter day and time", "invalid": "Enter day and time as 2026-12-08 10:00"},
    )

    def clean_starts_at(self) -> dt.datetime:
        """Return the moment; what was typed is UK time."""
        value: dt.datetime = self.cleaned_data["starts_at"]
        return value.replace(tzinfo=LONDON)


class MoveMeetingForm(_WhenForm):
    """To when a meeting is moved."""


class CancelMeetingForm(forms.Form):
    """Why a meeting is called off."""

    reason = _choice("Why", meetings.CANCELLATIONS.items(), "Choose why the meeting is called off")


class LeaveAgendaForm(forms.Form):
    """Why a case is put off, or taken off an agenda."""

    reason = _choice("Why", meetings.LEAVINGS.items(), "Choose from the list why")


class MeetingForm(_WhenForm):
    """Which kind of meeting is planned, and when."""

    case_type = _choice("Kind of meeting", (), "Choose a kind")
    field_order = ("case_type", "starts_at")

    def __init__(self, *args: object, purpose: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        types = [(code, one.name) for code, one in case_types().items() if one.purpose == purpose]
        self.fields["case_type"].choices = [CHOOSE, *types]


class AgendaForm(forms.Form):
    """Which case goes on the agenda."""

    case = _choice("Case", (), "Choose a case")

    def __init__(self, *args: object, cases: Iterable[JointCase], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"].choices = [CHOOSE, *((str(row.pk), row.reference) for row in cases)]


class SlotForm(forms.Form):
    """How many minutes something takes."""

    minutes = forms.IntegerField(
        label="Minutes", error_messages={"required": "Enter the minutes", "invalid": "Enter the minutes as a number"}
    )


class AmendForm(forms.Form):
    """What is to be corrected of the minutes of a case, and whom that is about: what the seat knows is asked later."""

    about = forms.CharField(max_length=40, error_messages={"required": "Choose whom it is about"})
    words = _words("What is to be corrected", "Say what is to be corrected", LONGEST_AMENDMENT)


def _laws(gateways: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, f"{GATEWAYS[code].name} ({GATEWAYS[code].law})") for code in gateways if code in GATEWAYS]


_NECESSITIES = [(code, one.name) for code, one in NECESSITIES.items()]
_WEIGHINGS = [(code, one.name) for code, one in WEIGHINGS.items()]
_WITHHELD = [(code, one.name) for code, one in (*NOT_SHARED.items(), *DETRIMENTS.items())]
_CHILD = "Detriment to the child, where the law is a duty to share"


class SendMinutesForm(forms.Form):
    """To whom agreed minutes go, under which law, and why that is necessary."""

    receiver = forms.ChoiceField(label="To whom", required=False)
    gateway = _choice("Law under which they are shared", (), "Choose a law")
    necessity = _choice("Why it is necessary", _NECESSITIES, "Choose why")
    weighing = _choice(_CHILD, _WEIGHINGS, "Choose what came of it", False)

    def __init__(self, *args: object, receivers: Iterable[str], gateways: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        everybody = ("", "Every organisation that takes part and has not got them")
        self.fields["receiver"].choices = [everybody, *((one, organisation_words(one)) for one in receivers)]
        self.fields["gateway"].choices = [CHOOSE, *_laws(gateways)]


class FindForm(forms.Form):
    """What is searched for."""

    words = forms.CharField(
        label="Name or reference",
        max_length=LONGEST_SEARCH,
        error_messages={
            "required": "Enter a name or a reference",
            "max_length": f"Shorten it to {LONGEST_SEARCH} characters",
        },
    )


class ReminderForm(forms.Form):
    """A daily digest or none, and hours in which no mail comes."""

    digest = forms.BooleanField(label="Send me a digest each working morning", required=False)
    quiet_from = _hour("No mail from this hour", "0 to 23, UK time; empty for none")
    quiet_to = _hour("until this hour", "0 to 23; earlier than the first hour where it is over midnight")


class AttendanceForm(forms.Form):
    """How each seat attends, or why the meeting goes on without it."""

    def __init__(self, *args: object, case_type: CaseType, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for seat in case_type.agencies.values():
            must = " (must attend)" if seat.must_attend else ""
            self.fields[f"at_{seat.id}"] = _choice(f"{seat.name}{must}", ATTENDANCES.items(), "Choose one", False)
            if seat.must_attend:
                self.fields[f"why_{seat.id}"] = _choice(
                    f"{seat.name}: if not there, why the meeting goes on", EXCUSES.items(), "Choose one", False
                )

    def given(self) -> dict[str, tuple[str, str]]:
        """Return attendance and excuse of each seat."""
        data = self.cleaned_data
        seats = [name.removeprefix("at_") for name in data if name.startswith("at_")]
        return {seat: (data[f"at_{seat}"], data.get(f"why_{seat}", "")) for seat in seats}


class GroundsForm(forms.Form):
    """Under which law something is shared, why it is necessary, and what came of weighing the detriment to a child."""

    gateway = _choice("Law under which it is shared", (), "Choose a law")
    necessity = _choice("Why it is necessary", _NECESSITIES, "Choose why")
    weighing = _choice(_CHILD, _WEIGHINGS, "Choose what came of it", False)

    def __init__(self, *args: object, gateways: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gateway"].choices = [CHOOSE, *_laws(gateways)]

    def grounds(self) -> Grounds:
        """Return the grounds."""
        return Grounds(*(self.cleaned_data[name] for name in ("gateway", "necessity", "weighing")))


class NewcomersForm(GroundsForm):
    """With which of those that joined later a return is shared, on which grounds."""

    receiver = forms.ChoiceField(label="With whom", required=False)
    field_order = ("receiver", "gateway", "necessity", "weighing")

    def __init__(self, *args: object, receivers: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.wanted_from = tuple(receivers)
        self.fields["receiver"].choices = [("", "All of them"), *((one, one) for one in self.wanted_from)]

    def wanted(self) -> tuple[str, ...]:
        """Return the organisations that were chosen."""
        chosen = self.cleaned_data["receiver"]
        return (chosen,) if chosen else self.wanted_from


@dataclass(frozen=True)
class LineFields:
    """The fields of one answer: its words, and what is decided on it alone, where a seat is shown it at all."""

    words: forms.BoundField
    own: tuple[forms.BoundField, ...]

    @property
    def is_own(self) -> bool:
        """Whether anything is decided on it alone, or is wrong there."""
        return any(field.value() or field.errors for field in self.own)


class ReturnForm(GroundsForm):
    """What one agency answers, and on which grounds it is shared: of the whole return, and of an answer alone.

    `receivers` are the organisations that are shown an answer, by question and part: each answer is withheld from one
    of them by itself, or all of the return is.
    """

    def __init__(
        self, *args: object, case_type: CaseType, agency: str,
        receivers: Mapping[tuple[str, str], Sequence[str]], gateways: Sequence[str], **kwargs: object,
    ) -> None:  # fmt: skip
        super().__init__(*args, gateways=gateways, **kwargs)
        grounds = {name: self.fields.pop(name) for name in ("gateway", "necessity", "weighing")}
        self._pairs, self._receivers = case_type.asked(agency), receivers
        for question, part in self._pairs:
            words = case_type.questions[question].words
            self.fields[f"{question}.{part}"] = _words(f"{case_type.parts[part].name}: {words}", "", 2000, False)
            for name, field in _own_fields(f"{question}.{part}", receivers.get((question, part), ()), gateways):
                self.fields[name] = field
        self.fields |= grounds
        for one in sorted({one for of_line in receivers.values() for one in of_line}):
            self.fields[f"not_{one}"] = _choice(
                f"All of it withheld from {organisation_words(one)}: why", _WITHHELD, "Choose why", False
            )

    def lines(self) -> list[LineFields]:
        """Return the answers as a page lays them out: words first, and what is decided on them alone folded away."""
        names = [f"{question}.{part}" for question, part in self._pairs]
        return [
            LineFields(self[name], tuple(self[field] for field in self.fields if field.startswith(f"{name}.")))
            for name in names
        ]

    def of_all(self) -> list[forms.BoundField]:
        """Return the fields about the whole return."""
        return [self[name] for name in self.fields if "." not in name]

    def answers(self) -> list[AnswerGiven]:
        """Return what was answered, each with its grounds and from whom it is withheld."""
        return [self._answer(*pair) for pair in self._pairs if self.cleaned_data[".".join(pair)].strip()]

    def _answer(self, question: str, part: str) -> AnswerGiven:
        data, name = self.cleaned_data, f"{question}.{part}"
        chosen = {key: data.get(f"{name}.{key}") or data[key] for key in ("gateway", "necessity", "weighing")}
        receivers = self._receivers.get((question, part), ())
        withheld = {one: data[f"{name}.not_{one}"] or data[f"not_{one}"] for one in receivers}
        withheld = {one: why for one, why in withheld.items() if why}
        return AnswerGiven(question, part, data[name], withheld, Grounds(**chosen))


def _own_fields(name: str, receivers: Iterable[str], gateways: Iterable[str]) -> list[tuple[str, forms.ChoiceField]]:
    """Return the fields of what is decided on one answer alone; none where no other seat is shown it."""
    found = [
        (f"{name}.not_{one}", _choice(f"Withheld from {organisation_words(one)}: why", _WITHHELD, "Choose why", False))
        for one in receivers
    ]
    if not found:
        return []
    return [
        *found,
        (f"{name}.gateway", _choice("Another law for this answer", _laws(gateways), "Choose a law", False)),
        (f"{name}.necessity", _choice("Another reason for this answer", _NECESSITIES, "Choose why", False)),
        (f"{name}.weighing", _choice(_CHILD, _WEIGHINGS, "Choose what came of it", False)),
    ]


class NoReturnForm(forms.Form):
    """Why nothing is returned."""

    reason = _choice("Why nothing is returned", NO_RETURN.items(), "Choose why", required=False)


class DecideForm(forms.Form):
    """What is decided, why, and who does what."""

    decision = _choice("Decision", (), "Choose what is decided")
    reason = _words("Why", "Say why", LONGEST_REASON)

    def __init__(self, *args: object, case_type: CaseType, item: ItemSeen, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [CHOOSE, *((one.id, one.words) for one in case_type.decisions.values())]
        if any(one.needs_ready for one in case_type.decisions.values()):
            self.fields["unready"] = _words(
                "If it goes ahead although it is not ready: why all the same", "", LONGEST_BECAUSE, required=False
            )
        for number in range(1, ACTIONS_AT_ONCE + 1):
            self.fields[f"words_{number}"] = forms.CharField(
                label=f"Action {number}", required=False, max_length=LONGEST_WORDS
            )
            self.fields[f"team_{number}"] = _choice(f"Action {number}: whose", item.teams.items(), "Choose", False)
            self.fields[f"due_{number}"] = _day(f"Action {number}: by which day", "", required=False)

    def clean(self) -> dict[str, object]:
        """Hold each action that was begun to its words, its owner and its day."""
        data = self.cleaned_data
        for number in range(1, ACTIONS_AT_ONCE + 1):
            names = {"words": "what is to be done", "team": "whose it is", "due": "by which day it is done"}
            begun = [name for name in names if data.get(f"{name}_{number}")]
            for name, words in names.items():
                if begun and not data.get(f"{name}_{number}") and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", f"Action {number}: say {words}")
        return data

    def wanted(self) -> list[ActionWanted]:
        """Return the actions."""
        data = self.cleaned_data
        numbers = [number for number in range(1, ACTIONS_AT_ONCE + 1) if data[f"words_{number}"]]
        return [ActionWanted(data[f"words_{n}"], data[f"team_{n}"], data[f"due_{n}"]) for n in numbers]


class _AboutForm(forms.Form):
    """Words of a seat, and whom they are about: who reads them rests on that."""

    def __init__(self, *args: object, case_type: CaseType, agency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [CHOOSE, *abouts_of(case_type, agency)]


class NoteForm(_AboutForm):
    """What was said, about whom."""

    about = _choice("About whom", (), "Choose whom it is about: who reads it rests on that")
    words = _words("What your agency said", "Enter what was said", 2000)


class DissentForm(forms.Form):
    """Why an organisation does not agree."""

    words = _words("Why your organisation does not agree", "Say why", 2000)

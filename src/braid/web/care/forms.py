"""The forms of joint work. What a field offers comes from the rules; what was typed comes back where it was refused."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django import forms

from braid.care.actions import CANCELLATIONS, LONGEST_WORDS, RESULTS
from braid.care.case_types import Agency, CaseType
from braid.care.cases import RIGHTS, SIGHTS, STANDING_IN, Right, outcomes_of
from braid.care.meetings import ATTENDANCES, EXCUSES, LONGEST_REASON, NO_RETURN
from braid.care.minutes import LONGEST_AMENDMENT
from braid.care.readiness import LONGEST_BECAUSE
from braid.care.referrals import ASSESSMENTS, CHANGES, EFFECTS, REFUSALS, URGENCIES
from braid.care.services import SERVICES
from braid.care.teams import CAPACITIES, capacity_of
from braid.care.teams import Team as TeamNoun
from braid.language.dates import LONDON
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import NECESSITIES, WEIGHINGS
from braid.trust.disclosure_decisions import REFUSALS as NOT_SHARED
from braid.web.access.search import LONGEST_SEARCH
from braid.web.care.fields import CHOOSE
from braid.web.care.fields import choice as _choice
from braid.web.care.fields import day as _day
from braid.web.care.fields import words as _words
from braid.web.care.meetings import ActionWanted, AnswerGiven, ItemSeen
from braid.web.care.referrals import LONGEST_NOTE
from braid.web.case_type_files import case_types
from braid.web.models import JointCase, Team

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
    return f"{row.name} ({row.organisation}){said}{until}"


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

    def __init__(self, *args: object, purpose: str, kind: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
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
        self.fields["team"].choices = [CHOOSE, *((row.pk, f"{row.name} ({row.organisation})") for row in teams)]
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


class CloseForm(forms.Form):
    """Why a case is closed."""

    outcome = _choice("What came of it", (), "Choose what came of it")

    def __init__(self, *args: object, case_type: CaseType, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [CHOOSE, *outcomes_of(case_type).items()]


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


class MeetingForm(forms.Form):
    """Which kind of meeting is planned, and when."""

    case_type = _choice("Kind of meeting", (), "Choose a kind")
    starts_at = forms.DateTimeField(
        label="Begins",
        help_text="UK time, for example 2026-12-08 10:00",
        input_formats=["%Y-%m-%d %H:%M"],
        error_messages={"required": "Enter day and time", "invalid": "Enter day and time as 2026-12-08 10:00"},
    )

    def __init__(self, *args: object, purpose: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        types = [(code, one.name) for code, one in case_types().items() if one.purpose == purpose]
        self.fields["case_type"].choices = [CHOOSE, *types]

    def clean_starts_at(self) -> dt.datetime:
        """Return the moment; what was typed is UK time."""
        value: dt.datetime = self.cleaned_data["starts_at"]
        return value.replace(tzinfo=LONDON)


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
    """What is to be corrected of the minutes of a case."""

    words = _words("What is to be corrected", "Say what is to be corrected", LONGEST_AMENDMENT)


class SendMinutesForm(forms.Form):
    """To whom agreed minutes go, under which law, and why that is necessary."""

    receiver = forms.ChoiceField(label="To whom", required=False)
    gateway = _choice("Law under which they are shared", (), "Choose a law")
    necessity = _choice("Why it is necessary", [(code, one.name) for code, one in NECESSITIES.items()], "Choose why")
    weighing = _choice(
        "Detriment to the child, where the law is a duty to share",
        [(code, one.name) for code, one in WEIGHINGS.items()],
        "Choose what came of it",
        False,
    )

    def __init__(self, *args: object, receivers: Iterable[str], gateways: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        everybody = ("", "Every organisation that takes part and has not got them")
        self.fields["receiver"].choices = [everybody, *((one, one) for one in receivers)]
        laws = [(code, f"{GATEWAYS[code].name} ({GATEWAYS[code].law})") for code in gateways if code in GATEWAYS]
        self.fields["gateway"].choices = [CHOOSE, *laws]


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


class ReturnForm(forms.Form):
    """What one agency answers, under which law it is shared, and from whom it is withheld and why."""

    def __init__(
        self, *args: object, case_type: CaseType, agency: str, receivers: Iterable[str], gateways: Iterable[str],
        **kwargs: object,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._pairs = [
            (question, part) for question in case_type.agencies[agency].answers
            for part in case_type.questions[question].about
        ]  # fmt: skip
        for question, part in self._pairs:
            words = case_type.questions[question].words
            self.fields[f"{question}.{part}"] = _words(f"{case_type.parts[part].name}: {words}", "", 2000, False)
        laws = [(code, f"{GATEWAYS[code].name} ({GATEWAYS[code].law})") for code in gateways if code in GATEWAYS]
        self.fields["gateway"] = _choice("Law under which it is shared", laws, "Choose a law")
        self.fields["necessity"] = _choice(
            "Why it is necessary", [(code, one.name) for code, one in NECESSITIES.items()], "Choose why"
        )
        self.fields["weighing"] = _choice(
            "Detriment to the child, where the law is a duty to share",
            [(code, one.name) for code, one in WEIGHINGS.items()],
            "Choose what came of it",
            False,
        )
        self._receivers = list(receivers)
        for receiver in self._receivers:
            self.fields[f"not_{receiver}"] = _choice(
                f"Withheld from {receiver}: why",
                [(code, one.name) for code, one in NOT_SHARED.items()],
                "Choose why",
                False,
                "Leave empty to share what their seat may see",
            )

    def answers(self) -> list[AnswerGiven]:
        """Return what was answered, each with from whom it is withheld."""
        data = self.cleaned_data
        withheld = {one: data[f"not_{one}"] for one in self._receivers if data[f"not_{one}"]}
        return [AnswerGiven(q, p, data[f"{q}.{p}"], withheld) for q, p in self._pairs if data[f"{q}.{p}"].strip()]


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


class NoteForm(forms.Form):
    """What was said."""

    words = _words("What your agency said", "Enter what was said", 2000)


class DissentForm(forms.Form):
    """Why an organisation does not agree."""

    words = _words("Why your organisation does not agree", "Say why", 2000)

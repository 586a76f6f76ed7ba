"""The forms of readiness, of a planned move with its notices, and of the response to whoever was harmed."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from django import forms

from braid.care import moves, readiness, response
from braid.care.actions import LONGEST_WORDS
from braid.care.corrections import CORRECTIONS, NOT_AT_ALL
from braid.care.moves import Mover
from braid.care.notice_drafts import FUNCTIONS
from braid.care.readiness import Given
from braid.care.windows import ACTS
from braid.language.dates import LONDON
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import NECESSITIES, WEIGHINGS
from braid.web.care.fields import CHOOSE, choice, day, words
from braid.web.care.moves import MoveGiven
from braid.web.care.notices import Sending
from braid.web.outbound.disclosures import Grounds

CHANNELS = {"email": "E-mail, to the mailbox that the place names", "letter": "Letter"}


def forms_for(
    make: Callable[[object, str], forms.Form], keys: Iterable[str], data: object, touched: str
) -> dict[str, forms.Form]:
    """Return a form for each key, every one with ids of its own on the page; what was posted is in the one touched."""
    return {key: make(data if key == touched else None, f"id_{key}_%s") for key in keys}


class ItemForm(forms.Form):
    """What comes with a step of a readiness item; which of it is needed is said by the step."""

    evidence = words("If it is done: what shows it", "", readiness.LONGEST_EVIDENCE, required=False)
    expected_on = day("If it will be late: the day on which it is expected", "", required=False)
    reason = choice("If it is not needed: why", readiness.NOT_NEEDED.items(), "Choose why", required=False)

    def given(self) -> Given:
        """Return what was given."""
        data = self.cleaned_data
        return Given(data["evidence"], data["reason"], data["expected_on"])


class DayForm(forms.Form):
    """The day for which a case is got ready."""

    what = choice("For a", readiness.DAYS_FOR.items(), "Say whether it is a hearing or a meeting")
    day = day("On which day", "Enter the day")


class DayEndForm(forms.Form):
    """Why the day for which a case is got ready does not hold any more."""

    because = choice(
        "Why it does not hold",
        [(code, text) for code, text in readiness.DAY_ENDS.items() if code != "moved"],
        "Choose why it does not hold",
    )


class MoveForm(forms.Form):
    """A planned move: when, who, what becomes of each child's school, and whether it leads out of the district."""

    planned_on = day("Day of the move", "Enter the day of the move")
    leaves = choice(
        "Is the home in another council's district",
        [("yes", "Yes"), ("no", "No")],
        "Say whether the home is in another council's district",
    )
    application = forms.CharField(
        label="Reference of the homelessness application", required=False, max_length=40, help_text="The council's own"
    )

    def __init__(
        self, *args: object, people: Mapping[str, str], districts: Mapping[str, str], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        if districts:
            named = [("", "Not said"), *districts.items()]
            for name, label in (("from_district", "From district"), ("to_district", "To district")):
                self.fields[name] = forms.ChoiceField(label=label, required=False, choices=named)
        self._people = dict(enumerate(people))
        for number, (_, name) in enumerate(people.items()):
            self.fields[f"moves_{number}"] = choice(
                f"{name}: moves",
                [("adult", "Yes, an adult"), *((code, f"Yes, a child: {text}") for code, text in _schools())],
                "Choose one",
                required=False,
                help_text="Leave empty for who does not move",
            )
            self.fields[f"exam_{number}"] = choice(
                f"{name}: in a year of examinations", [("yes", "Yes"), ("no", "No")], "Choose one", required=False
            )
        themself = [
            (str(number), f"{name}, who applied, is 16 or 17 and lives independently of their parents")
            for number, name in enumerate(people.values())
        ]
        self.fields["asked"] = choice(
            "Who is asked whether bodies that work with a child may be told",
            [("parent", "The parent"), *themself],
            "Choose who is asked",
            required=False,
            help_text="Of whoever applied themself at 16 or 17, they are. Leave empty where no child moves",
        )

    def clean(self) -> dict[str, object]:
        """Ask who agrees, where a child moves: nobody is taken for it unasked."""
        data: dict[str, object] = super().clean() or {}
        children = {str(number) for number in self._people if data.get(f"moves_{number}") not in (None, "", "adult")}
        asked = data.get("asked", "")
        if children and not asked and "asked" not in self.errors:
            self.add_error("asked", "Choose who is asked")
        elif asked not in ("", "parent", *children):
            self.add_error("asked", "Whoever applied themself at 16 or 17 moves as a child. Say what becomes of school")
        return data

    def given(self) -> MoveGiven:
        """Return what was entered."""
        data = self.cleaned_data
        movers = tuple(
            Mover(
                person_id,
                "" if data[f"moves_{number}"] == "adult" else data[f"moves_{number}"],
                data[f"exam_{number}"] == "yes",
                data["asked"] == str(number),
            )
            for number, person_id in self._people.items()
            if data[f"moves_{number}"]
        )
        where = (data.get("from_district", ""), data.get("to_district", ""))
        return MoveGiven(data["planned_on"], data["leaves"] == "yes", movers, data["application"], *where)


def _schools() -> list[tuple[str, str]]:
    return [(code, text[0].lower() + text[1:]) for code, text in moves.SCHOOLS.items()]


class FactForm(forms.Form):
    """The day on which something of a move happened."""

    day = day("On which day, where one is asked for", "", required=False)


class FactCorrectionForm(forms.Form):
    """Which day of a move is wrong, what is right, and why."""

    fact = choice("What is corrected", (), "Choose what is corrected")
    day = day("The right day; empty where it did not happen here", "", required=False)
    reason = choice("Why", CORRECTIONS.items(), "Choose why it is corrected")

    def __init__(self, *args: object, facts: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fact"].choices = [CHOOSE, *facts.items()]


class SentCorrectionForm(forms.Form):
    """Why a notice that is marked as sent is opened again."""

    reason = choice("Why", moves.SENT_WRONGLY.items(), "Choose why it is opened again")


class BodyForm(forms.Form):
    """Another body that works with a child of a move."""

    child = choice("Of which child", (), "Choose the child")
    body = choice("Who is to be told", moves.NOTICES["s213aa"].bodies.items(), "Choose who is to be told")

    def __init__(self, *args: object, children: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._ids = {str(number): person_id for number, person_id in enumerate(children)}
        named = [(str(number), name) for number, name in enumerate(children.values())]
        self.fields["child"].choices = [CHOOSE, *named]

    def child_id(self) -> str:
        """Return the id of the child that was chosen."""
        return self._ids[self.cleaned_data["child"]]


class NoticeStepForm(forms.Form):
    """On which day a notice was sent, or why it is not."""

    day = day("If it was sent: on which day", "", required=False)
    reason = choice("If it is not sent: why", moves.NOT_SENT.items(), "Choose why", required=False)


class SendForm(forms.Form):
    """What a notice needs to leave: who receives it, how, under which law, and what the draft leaves blank."""

    receiver = choice("Who receives it", (), "Choose who receives it")
    channel = choice("How it goes", CHANNELS.items(), "Choose how it goes")
    gateway = choice("Law under which it is shared", (), "Choose a law")
    necessity = choice("Why it is necessary", [(code, one.name) for code, one in NECESSITIES.items()], "Choose why")
    weighing = choice(
        "Detriment to the child, where the law is a duty to share",
        [(code, one.name) for code, one in WEIGHINGS.items()],
        "Choose what came of it",
        required=False,
    )

    def __init__(
        self, *args: object, kind: str, receivers: Mapping[str, str], gateways: Iterable[str], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        laws = [(code, f"{GATEWAYS[code].name} ({GATEWAYS[code].law})") for code in gateways if code in GATEWAYS]
        self.fields["receiver"].choices = [CHOOSE, *receivers.items()]
        self.fields["gateway"].choices = [CHOOSE, *laws]
        if kind == "s208":
            self.fields["function"] = choice(
                "Function discharged", FUNCTIONS.items(), "Choose under which section it was made available"
            )
            self.fields["address"] = words(
                "Address of the accommodation",
                "Enter the address: section 208 asks for it",
                300,
                help_text="It goes into the message alone, which rests sealed. It is kept nowhere else",
            )

    def sending(self) -> Sending:
        """Return what was entered."""
        data = self.cleaned_data
        grounds = Grounds(data["gateway"], data["necessity"], data["weighing"])
        return Sending(
            data["receiver"], data["channel"], grounds, data.get("function", ""), data.get("address", "").strip()
        )


class StrandForm(forms.Form):
    """An action of a strand: what, whose, until when."""

    words = words("What is to be done", "Say what is to be done", LONGEST_WORDS)
    team = choice("Whose", (), "Choose one team that owns it")
    due_on = day("By which day", "Enter the day by which it is done")

    def __init__(self, *args: object, teams: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [CHOOSE, *teams.items()]


ENHANCED = {
    "yes": "Yes: the most serious crime, persistently targeted, or vulnerable or intimidated",
    "no": "No: it was asked, and none of these applies",
    "unknown": "Not known yet: the shorter time counts until it is",
}
ENHANCED_OF: dict[bool | None, str] = {True: "yes", False: "no", None: "unknown"}


class EventForm(forms.Form):
    """What starts a clock or a window, and when it was."""

    kind = choice("What it was", (), "Choose what it was")
    at = forms.DateTimeField(
        label="When it was",
        help_text="UK time, for example 2026-11-28 22:30",
        input_formats=["%Y-%m-%d %H:%M"],
        error_messages={"required": "Enter day and time", "invalid": "Enter day and time as 2026-11-28 22:30"},
    )
    enhanced = choice(
        "Enhanced rights under the Victims' Code",
        ENHANCED.items(),
        "Say whether enhanced rights apply",
        required=False,
        help_text="Asked of a report and of a decision. Domestic abuse and sexual offences are among the most serious"
        " crimes",
    )

    def __init__(self, *args: object, sees_incident: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, text) for code, text in response.EVENTS.items() if sees_incident or code != response.INCIDENT]
        self.fields["kind"].choices = [CHOOSE, *kinds]
        if sees_incident:
            for code, text in ACTS.items():
                self.fields[f"act_{code}"] = choice(
                    f"For an examination: {text[0].lower()}{text[1:]}",
                    [("yes", "Yes")],
                    "Choose Yes or leave it empty",
                    required=False,
                )

    def clean_at(self) -> dt.datetime:
        """Return the moment; what was typed is UK time."""
        value: dt.datetime = self.cleaned_data["at"]
        return value.replace(tzinfo=LONDON)

    def clean(self) -> dict[str, object]:
        """Ask of what starts a clock of the Victims' Code whether enhanced rights apply: nothing is No unasked."""
        data: dict[str, object] = super().clean() or {}
        starts_clock = data.get("kind") in response.OF_THE_CODE
        if starts_clock and not data.get("enhanced") and "enhanced" not in self.errors:
            self.add_error("enhanced", "Say whether enhanced rights apply, or that it is not known yet")
        return data

    def event(self) -> response.Event:
        """Return what was entered."""
        data = self.cleaned_data
        return response.Event(data["kind"], data["at"], _acts_of(data), _enhanced_of(data))


def _acts_of(data: Mapping[str, object]) -> frozenset[str]:
    return frozenset(code for code in ACTS if data.get(f"act_{code}") == "yes")


def _enhanced_of(data: Mapping[str, object]) -> bool | None:
    return {"yes": True, "no": False}.get(str(data["enhanced"]))


class EventCorrectionForm(forms.Form):
    """What is right of something that started a clock, as it stands to begin with, and why it is corrected."""

    reason = choice("Why it is corrected", CORRECTIONS.items(), "Choose why it is corrected")

    def __init__(self, *args: object, right: response.Event, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._right = right
        at = right.at.astimezone(LONDON)
        self.fields["at"] = forms.DateTimeField(
            label="When it was",
            help_text="UK time. Leave what is right; where it did not happen here, nothing of it counts",
            input_formats=["%Y-%m-%d %H:%M"],
            initial=f"{at:%Y-%m-%d %H:%M}",
            error_messages={"required": "Enter day and time", "invalid": "Enter day and time as 2026-11-28 22:30"},
        )
        if right.kind in response.OF_THE_CODE:
            self.fields["enhanced"] = choice(
                "Enhanced rights under the Victims' Code", ENHANCED.items(), "Say whether enhanced rights apply"
            )
            self.fields["enhanced"].initial = ENHANCED_OF[right.is_enhanced]
            self.fields["ended_on"] = day("On which day it was done; empty where it is not yet", "", required=False)
            self.fields["ended_on"].initial = right.ended_on
        else:
            for code, text in ACTS.items():
                field = choice(
                    f"For an examination: {text[0].lower()}{text[1:]}", [("yes", "Yes")], "Choose Yes", required=False
                )
                field.initial = "yes" if code in right.acts else ""
                self.fields[f"act_{code}"] = field

    def right(self) -> response.Event | None:
        """Return what is right, or nothing where it did not happen here."""
        data = self.cleaned_data
        if data["reason"] in NOT_AT_ALL:
            return None
        at, kept = data["at"].replace(tzinfo=LONDON), self._right.at.astimezone(LONDON)
        if at == kept.replace(second=0, microsecond=0):
            at = self._right.at  # to the minute it is what stands there
        enhanced = _enhanced_of(data) if "enhanced" in data else self._right.is_enhanced
        return response.Event(self._right.kind, at, _acts_of(data), enhanced, data.get("ended_on"))


class EndForm(forms.Form):
    """On which day what a clock asks for was done."""

    day = day("On which day it was done", "Enter the day on which it was done")

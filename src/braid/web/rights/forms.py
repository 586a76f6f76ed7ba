"""The forms of requests about somebody's data, and of holds. They take ids, days and codes, never a name."""

from collections.abc import Mapping, Sequence

from django import forms

from braid.language.person_ids import PERSON_ID_WORDS, is_person_id
from braid.trust.subject_rights_terms import (
    ASKERS,
    CLOSINGS,
    ERASURES,
    EXTENSIONS,
    GROUNDS,
    HARM_FINDINGS,
    HOLDS,
    LETTERS,
    RESTRICTIONS,
    SENDINGS_BACK,
    THIRD_PARTY_FINDINGS,
)
from braid.web.overlay.forms import CHOOSE, NO_DATE
from braid.web.reasons import REFERENCE, REFERENCE_HELP, tidy_reference
from braid.web.rights.keeping import CHANNELS
from braid.web.rights.letters import LONGEST_LETTER
from braid.web.rights.other_requests import LONGEST_WORDS

Options = Mapping[str, str]


def names_of(terms: Mapping[str, object]) -> dict[str, str]:
    """Return the names of terms by code, each with its law."""
    return {code: f"{term.name} ({term.law})" for code, term in terms.items()}  # type: ignore[attr-defined]


def choice(label: str, options: Options, missing: str, *, required: bool = True) -> forms.ChoiceField:
    """Return a list to choose one of, none chosen at first."""
    messages = {"required": missing, "invalid_choice": missing}
    return forms.ChoiceField(
        label=label, choices=[CHOOSE, *options.items()], error_messages=messages, required=required
    )


class _PersonId(forms.CharField):
    """The id of a person, whoever that is and whether there is one."""

    def clean(self, value: object) -> str:
        """Return the id; refuse what is none."""
        text: str = super().clean(value)
        if text and not is_person_id(text):
            raise forms.ValidationError(f"Enter an id: {PERSON_ID_WORDS}")
        return text


def _person(label: str, help_text: str, *, required: bool = True) -> _PersonId:
    messages = {"required": f"Enter the {label.lower()}"}
    return _PersonId(label=label, help_text=help_text, required=required, error_messages=messages)


def _day(label: str, *, required: bool = True) -> forms.DateField:
    messages = {"required": f"Enter the day: {label.lower()}", **NO_DATE}
    return forms.DateField(label=label, help_text="For example 2026-11-27", required=required, error_messages=messages)


class AskedForm(forms.Form):
    """Somebody asks what is held about a person."""

    subject_id = _person("Person id", "Of whom what is held is asked, as the record shows it")
    asker = choice("Who asks", {code: term.name for code, term in ASKERS.items()}, "Choose who asks")
    asker_person_id = _person(
        "Person id of the parent", "Where somebody with parental responsibility asks", required=False
    )
    received_on = _day("It came on")
    shown_on = _day("It was shown who asks on, if it was", required=False)
    channel = choice("What is told goes", CHANNELS, "Choose how what is told reaches them")


class WishForm(forms.Form):
    """Somebody asks that a record be corrected, not be used, or be erased."""

    kind = choice(
        "What is asked",
        {
            "rectification": "A record is wrong",
            "restriction": "What is held is not to be used",
            "erasure": "What is held is to be erased",
        },
        "Choose what is asked",
    )
    subject_id = _person("Person id", "As the record shows it")
    asker = choice("Who asks", {code: term.name for code, term in ASKERS.items()}, "Choose who asks")
    asker_person_id = _person(
        "Person id of the parent", "Where somebody with parental responsibility asks", required=False
    )
    received_on = _day("It came on")
    shown_on = _day("It was shown who asks on, if it was", required=False)
    basis = choice(
        "Ground of a restriction or an erasure",
        names_of({**RESTRICTIONS, **ERASURES}),
        "Choose the ground in law",
        required=False,
    )
    source = forms.ChoiceField(label="Whose record is wrong", required=False)
    words = forms.CharField(
        label="What is wrong, in their words",
        required=False,
        max_length=LONGEST_WORDS,
        help_text="It rests sealed, and goes to the organisation whose record it is. Leave out where anybody lives",
    )

    def __init__(self, *given: object, organisations: Sequence[str] = (), **named: object) -> None:
        """Offer the organisations of the place."""
        super().__init__(*given, **named)
        self.fields["source"].choices = [CHOOSE, *((one, one) for one in organisations)]


class ShownForm(forms.Form):
    """The day on which it was shown who asks."""

    shown_on = _day("It was shown who asks on")


class ExtendForm(forms.Form):
    """Why two more months are needed."""

    because = choice("Why more time is needed", EXTENSIONS, "Choose why more time is needed")


class LetterForm(forms.Form):
    """A letter to whoever asked: what it tells, and its words."""

    about = choice("What the letter tells", LETTERS, "Choose what the letter tells")
    words = forms.CharField(
        label="The letter",
        max_length=LONGEST_LETTER,
        help_text="It rests sealed beside the request, and is posted by you. Leave out where anybody lives",
        error_messages={"required": "Enter the words of the letter"},
    )


class CloseForm(forms.Form):
    """Why a request ends without an answer to what was asked."""

    reason = choice("Why it ends", names_of(CLOSINGS), "Choose why it ends")


class GroundForm(forms.Form):
    """Why the lines that are not kept are withheld."""

    ground = choice("Why the rest is withheld", names_of(GROUNDS), "Choose why the rest is withheld", required=False)


class ApproveForm(forms.Form):
    """What the second human found."""

    third_party = choice("Other people in it", THIRD_PARTY_FINDINGS, "Say what you found of other people in it")
    harm = choice("Serious harm", HARM_FINDINGS, "Say what you found of serious harm")


class BackForm(forms.Form):
    """Why it goes back to whoever handles it."""

    reason = choice("Why it goes back", SENDINGS_BACK, "Choose why it goes back")


class HoldForm(forms.Form):
    """A hold: nothing of somebody is erased."""

    person_id = _person("Person id", "As the record shows it")
    reason = choice("Why it is held", names_of(HOLDS), "Choose why it is held")
    reference = forms.CharField(
        label="Reference", help_text=REFERENCE_HELP, max_length=60, error_messages={"required": "Enter the reference"}
    )

    def clean_reference(self) -> str:
        """Return the reference tidied; refuse what is none."""
        text = tidy_reference(self.cleaned_data["reference"])
        if not REFERENCE.fullmatch(text):
            raise forms.ValidationError(f"A reference has {REFERENCE_HELP}")
        return text

"""The forms of the overlay, of emergency access and of suspensions. They take ids and user names, never a name."""

import datetime as dt
import re
from typing import Any

from django import forms

from braid.language.dates import LONDON
from braid.language.person_ids import PERSON_ID_WORDS, is_person_id
from braid.trust.break_glass import FINDINGS, REASONS, REFERENCE_KINDS, listable_items
from braid.trust.items import needs_approval
from braid.trust.overlay import CONFLICT_REASONS, EXCLUSION_REASONS, RESTRICTION_REASONS
from braid.trust.roles import PURPOSES, Role
from braid.web.reasons import REFERENCE, REFERENCE_HELP, tidy_reference

USERNAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")
CHOOSE = ("", "Choose one")
NO_DATE = {"invalid": "Enter a date as year-month-day, for example 2027-03-31"}
SUSPENSION_REASONS = {
    "breach": "Personal data breach",
    "terms_not_kept": "A party does not keep to the terms",
    "party_asked": "A party asks for it",
    "law_changed": "The law or the basis changed",
    "review_overdue": "The review of the agreement is overdue",
}


def _choice(label: str, options: dict[str, str], missing: str) -> forms.ChoiceField:
    messages = {"required": missing, "invalid_choice": missing}
    return forms.ChoiceField(label=label, choices=[CHOOSE, *options.items()], error_messages=messages)


def _username(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.RegexField(
        USERNAME,
        label=label,
        help_text=help_text,
        max_length=64,
        required=required,
        error_messages={
            "required": f"Enter the {label.lower()}",
            "invalid": "Enter a user name: letters, digits, hyphens, colons, dots and underscores, at most 64",
            "max_length": "Enter a user name of at most 64 characters",
        },
    )


class _PersonId(forms.CharField):
    """The id of a person, whoever that is and whether there is one. Another number in its place is refused."""

    def __init__(self, label: str, help_text: str = "As the pages and the audit trail show it", **options: Any) -> None:
        messages = {"required": f"Enter the {label.lower()}"}
        super().__init__(label=label, help_text=help_text, error_messages=messages, **options)

    def clean(self, value: object) -> str:
        """Return the id; refuse what is none."""
        text: str = super().clean(value)
        if text and not is_person_id(text):
            raise forms.ValidationError(f"Enter an id: {PERSON_ID_WORDS}")
        return text


class _Reference(forms.CharField):
    """A reference that somebody else can check, tidied."""

    def __init__(self, label: str = "Reference", **options: object) -> None:
        messages = {"required": "Enter the reference"}
        super().__init__(label=label, help_text=REFERENCE_HELP, max_length=60, error_messages=messages, **options)

    def clean(self, value: object) -> str:
        """Return the reference tidied; refuse what is none."""
        text = tidy_reference(super().clean(value))
        if text and not REFERENCE.fullmatch(text):
            raise forms.ValidationError(f"A reference has {REFERENCE_HELP}")
        return text


class _Until(forms.DateField):
    """The day at whose beginning, in UK time, an entry asks to be decided on."""

    def __init__(self, **options: object) -> None:
        options = {"label": "Ask again on", "help_text": "For example 2027-03-31", **options}
        super().__init__(error_messages={"required": "Enter the date on which to ask again", **NO_DATE}, **options)

    def clean(self, value: object) -> dt.datetime | None:
        """Return the first moment of the day, or `None`."""
        day = super().clean(value)
        return dt.datetime.combine(day, dt.time(), LONDON) if day else None


class ConflictForm(forms.Form):
    """Somebody says that they know a person."""

    subject_id = _PersonId("Person id", "If you know it", required=False)
    reference = _Reference("Or a reference that leads to the person", required=False)
    reason = _choice(
        "How you know them", {code: EXCLUSION_REASONS[code] for code in CONFLICT_REASONS}, "Choose how you know them"
    )

    def clean(self) -> dict:
        """Need an id or a reference."""
        given = self.cleaned_data
        broken = {"subject_id", "reference"} & set(self.errors)
        if not broken and not (given["subject_id"] or given["reference"]):
            self.add_error("subject_id", "Enter a person id, or a reference that leads to the person")
        return given


class ExclusionForm(forms.Form):
    """One party kept from one subject."""

    prefix = "exclusion"
    subject_id = _PersonId("Subject: person id")
    barred_username = _username(
        "Who is barred: user name", "How they sign in; leave empty to bar a person", required=False
    )
    barred_person_id = _PersonId(
        "Or: person id of who is barred", "As a recipient of letters and requests for access", required=False
    )
    reason = _choice("Reason", EXCLUSION_REASONS, "Choose a reason")
    reference = _Reference(required=False)
    until = _Until(required=False)

    def clean(self) -> dict:
        """Need one party and not two."""
        given = self.cleaned_data
        broken = {"barred_username", "barred_person_id"} & set(self.errors)
        if not broken and bool(given["barred_username"]) == bool(given["barred_person_id"]):
            self.add_error("barred_username", "Enter either a user name or a person id to bar")
        return given


class RestrictionForm(forms.Form):
    """Only named users see the subject."""

    prefix = "restriction"
    subject_id = _PersonId("Subject: person id")
    admitted = forms.CharField(
        label="Who is admitted: user names",
        help_text="Separated by spaces; empty admits nobody",
        required=False,
        max_length=1000,
    )
    reason = _choice("Reason", RESTRICTION_REASONS, "Choose a reason")
    reference = _Reference(required=False)
    until = _Until(required=False)

    def clean_admitted(self) -> frozenset[str]:
        """Return the user names."""
        return frozenset(self.cleaned_data["admitted"].replace(",", " ").split())


class AskAgainForm(forms.Form):
    """When an entry asks again."""

    until = _Until()


class AccessForm(forms.Form):
    """Access in an emergency to one person."""

    person_id = _PersonId("Person id")
    purpose = forms.ChoiceField(label="Purpose")
    reason = _choice("What is the emergency?", REASONS, "Choose what the emergency is")
    reference_kind = _choice("Kind of reference", REFERENCE_KINDS, "Choose the kind of reference")
    reference = _Reference()
    colleague = _username("User name of a colleague who knows of it", "How they sign in. They are told")
    items = forms.MultipleChoiceField(
        label="What you need beyond the waits",
        help_text="Only what you cannot do without",
        required=False,
        error_messages={"invalid_choice": "Choose from the list what you need"},
    )

    def __init__(self, *args: object, role: Role, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [(code, PURPOSES[code]) for code in PURPOSES if code in role.purposes]
        self.fields["items"].choices = [
            (code, f"{item.name} (once a second person approved)" if needs_approval(item) else item.name)
            for code, item in listable_items(role).items()
        ]
        self.fields["purpose"].error_messages |= {"required": "Choose a purpose", "invalid_choice": "Choose a purpose"}

    def clean_items(self) -> tuple[str, ...]:
        """Return the codes of the items."""
        return tuple(self.cleaned_data["items"])


class ReviewForm(forms.Form):
    """What a review found."""

    finding = _choice("Finding", FINDINGS, "Choose a finding")


class SuspendForm(forms.Form):
    """Why an agreement is suspended."""

    reason = _choice("Reason", SUSPENSION_REASONS, "Choose a reason")

"""The forms: the reason for looking, the filters of the list, the filters of the record."""

import re
from collections.abc import Iterable

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.language.person_ids import PERSON_ID_WORDS, is_person_id
from braid.trust.audit import KINDS
from braid.trust.decide import Outcome
from braid.trust.roles import PURPOSES, Role
from braid.web.access import SORTS
from braid.web.reasons import REFERENCE, REFERENCE_HELP, tidy_reference

Choices = list[tuple[str, str]]
ANY = ("", "All")
CODE = re.compile(r"[0-9]{6}")
NOT_OFFERED = {"invalid_choice": "Choose one from the list"}
NO_DATE = {"invalid": "Enter a date as year-month-day, for example 2026-11-05"}


class SignInForm(AuthenticationForm):
    """Username and password."""

    error_messages = {
        "invalid_login": "Enter a correct username and password",
        "inactive": "Enter a correct username and password",
    }


class ConfirmForm(forms.Form):
    """Password and one-time code; the code alone where an identity provider keeps the password."""

    password = forms.CharField(strip=False, max_length=200, error_messages={"required": "Enter your password"})
    code = forms.CharField(max_length=20, error_messages={"required": "Enter the code that your authenticator shows"})

    def __init__(self, *args: object, has_password: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["password"]

    def password_given(self) -> str | None:
        """Return the password; `None` where the account has none."""
        return self.cleaned_data.get("password")

    def clean_code(self) -> str:
        """Return the code without spaces; refuse what is not six digits."""
        code = "".join(self.cleaned_data["code"].split())
        if not CODE.fullmatch(code):
            raise forms.ValidationError("Enter the code as six digits")
        return code

    def refuse(self, words: str = "") -> None:
        """Say that it is not confirmed, and not which of the two was wrong."""
        self.add_error("code", words or "Enter your correct password and a new code")


class ReasonForm(forms.Form):
    """Why somebody looks: a purpose of their role and a reference."""

    purpose = forms.ChoiceField(error_messages={"required": "Choose a purpose", "invalid_choice": "Choose a purpose"})
    reference = forms.CharField(
        max_length=60, error_messages={"required": "Enter the reference of a case, an incident or a meeting"}
    )

    def __init__(self, *args: object, role: Role, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [(code, PURPOSES[code]) for code in PURPOSES if code in role.purposes]

    def clean_reference(self) -> str:
        """Return the reference tidied; refuse what is no reference."""
        reference = tidy_reference(self.cleaned_data["reference"])
        if not REFERENCE.fullmatch(reference):
            raise forms.ValidationError(f"A reference has {REFERENCE_HELP}")
        return reference


class PeopleForm(forms.Form):
    """The filters of the list; only those that the role may use."""

    problem = forms.ChoiceField(required=False, label="Problem statement", error_messages=NOT_OFFERED)
    district = forms.ChoiceField(required=False, label="District", error_messages=NOT_OFFERED)
    backlog = forms.ChoiceField(required=False, label="Waiting in", error_messages=NOT_OFFERED)
    kind = forms.ChoiceField(required=False, label="Kind of wait", error_messages=NOT_OFFERED)
    sort = forms.ChoiceField(required=False, label="Sort by", choices=list(SORTS.items()), error_messages=NOT_OFFERED)

    def __init__(
        self,
        *args: object,
        role: Role,
        districts: Iterable[tuple[str, str]],
        problems: Iterable[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["problem"].choices = [ANY, *problems]
        self.fields["backlog"].choices = [ANY, *_backlogs(role)]
        self.fields["kind"].choices = [ANY, *_kinds(role)]
        if role.sees_location:
            self.fields["district"].choices = [ANY, *districts]
        else:
            self.fields["district"].choices = [("", "Not shown to your role")]

    @property
    def offered(self) -> list[forms.BoundField]:
        """The fields to show: a filter with nothing to choose is left out."""
        return [field for field in self if len(field.field.choices) > 1]


class AuditForm(forms.Form):
    """The filters of the record."""

    username = forms.CharField(required=False, max_length=150, label="Username")
    person_id = forms.CharField(required=False, max_length=64, label="Person id")
    purpose = forms.ChoiceField(
        required=False, label="Purpose", choices=[ANY, *PURPOSES.items()], error_messages=NOT_OFFERED
    )
    reference = forms.CharField(required=False, max_length=40, label="Reference")
    kind = forms.ChoiceField(required=False, label="Kind", choices=[ANY, *KINDS.items()], error_messages=NOT_OFFERED)
    decision = forms.ChoiceField(
        required=False,
        label="Decision",
        choices=[ANY, *((outcome.value, outcome.value.replace("_", " ")) for outcome in Outcome)],
        error_messages=NOT_OFFERED,
    )
    since = forms.DateField(
        required=False, label="From date", help_text="For example 2026-11-05", error_messages=NO_DATE
    )
    until = forms.DateField(required=False, label="To date", help_text="For example 2026-11-30", error_messages=NO_DATE)

    def clean_person_id(self) -> str:
        """Return the id without spaces around it; refuse what is none."""
        person_id: str = self.cleaned_data["person_id"]
        if person_id and not is_person_id(person_id):
            raise forms.ValidationError(f"Enter an id: {PERSON_ID_WORDS}")
        return person_id

    def clean_reference(self) -> str:
        """Return the reference as it is kept."""
        return tidy_reference(self.cleaned_data["reference"])


def _backlogs(role: Role) -> Choices:
    return [(code, backlog.name) for code, backlog in BACKLOGS.items() if code in role.backlogs]


def _kinds(role: Role) -> Choices:
    return [
        (code, kind.name)
        for code, kind in WAIT_KINDS.items()
        if kind.backlog in role.backlogs and kind.sensitivity in role.row_sensitivities
    ]

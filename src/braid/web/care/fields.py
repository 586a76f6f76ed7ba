"""Fields of the forms of joint work: a choice from a list, words that many read, and a day."""

from collections.abc import Iterable

from django import forms

CHOOSE = ("", "Choose one")
NO_WHERE = "Write nothing of where anybody lives or stays, and no number or address to reach them by"
Choices = Iterable[tuple[str, str]]


def choice(label: str, choices: Choices, missing: str, required: bool = True, help_text: str = "") -> forms.ChoiceField:
    """Return a choice from a list; `missing` is said where none, or none of the list, was chosen."""
    return forms.ChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        choices=[CHOOSE, *choices],
        error_messages={"required": missing, "invalid_choice": missing},
    )


def words(label: str, missing: str, most: int, required: bool = True, help_text: str = NO_WHERE) -> forms.CharField:
    """Return words of at most so many characters; the hint says what not to write."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        widget=forms.Textarea,
        error_messages={"required": missing, "max_length": f"Shorten it to {most} characters"},
    )


def day(label: str, missing: str, required: bool = True) -> forms.DateField:
    """Return a day, typed as year-month-day."""
    return forms.DateField(
        label=label,
        required=required,
        help_text="For example 2026-12-31",
        error_messages={"required": missing, "invalid": "Enter a date as year-month-day"},
    )

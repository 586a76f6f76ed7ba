"""The form in which somebody tries other figures of a queue: its own published ones at first."""

from collections.abc import Mapping

from django import forms

from braid.trust.durations import COMPLETED_WEEKS
from braid.waits.reckoning import Asked
from braid.waits.theory import RELIEF_WEEKS
from braid.web.backlogs import Backlog

MOST_WAITS, MOST_WEEKS, LEAST_WEEKS = 10_000_000, 520, 0.1
DIGITS = 3


class NumberField(forms.FloatField):
    """A number as people write it: 1,200 or 12.5."""

    def to_python(self, value: object) -> float | None:
        """Return the number to three digits; commas and spaces say nothing."""
        found = super().to_python("".join(value.replace(",", "").split()) if isinstance(value, str) else value)
        return None if found is None else round(found, DIGITS)


def _number(label: str, asked: str, least: float, most: int, *, required: bool = True) -> NumberField:
    """A field of a rate, a size or a time; `asked` is what to enter, in every error."""
    words = f"Enter {asked} as a number from {least:g} to {most:,}"
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
    return NumberField(label=label, required=required, min_value=least, max_value=most, error_messages=errors)


class QueueForm(forms.Form):
    """A queue of which theory is asked: its own figures at first, then whatever somebody tries."""

    size = _number("Waiting now", "how many wait", 0, MOST_WAITS)
    demand = _number("Demand each week", "the demand each week", 0, MOST_WAITS)
    capacity = _number("Capacity each week", "the capacity each week", 0, MOST_WAITS)
    target = _number("Target in weeks", "the target in weeks", LEAST_WEEKS, MOST_WEEKS, required=False)
    weeks = _number("Weeks to get there", "the weeks to get there", 1, MOST_WEEKS)

    @property
    def asked(self) -> Asked:
        """What was entered, once it is valid."""
        return Asked(**self.cleaned_data)


def open_form(backlog: Backlog, entered: Mapping[str, str]) -> QueueForm:
    """Return the form as it was filled in, or with the queue's own published figures where nothing was entered."""
    if any(name in entered for name in QueueForm.base_fields):
        return QueueForm(entered)
    own = {name: _written(number) for name, number in _own(backlog).items()}
    is_whole = all(own[name] or not field.required for name, field in QueueForm.base_fields.items())
    return QueueForm(own) if is_whole else QueueForm(initial=own)


def is_own(backlog: Backlog, form: QueueForm) -> bool:
    """Whether the form holds the queue's own published figures, all of them."""
    return form.is_valid() and all(form.cleaned_data[name] == number for name, number in _own(backlog).items())


def missing_words(backlog: Backlog) -> list[str]:
    """Return which of the queue's own figures are not published, each with its reason."""
    own = _own(backlog)
    found = {
        "size": "how many wait (too few)",
        "demand": "demand (too few began, or their number would say something of a district's figures)"
        if backlog.is_known
        else "demand (not all that began in 13 weeks are in the extracts)",
        "capacity": "capacity (too few ended)"
        if backlog.is_known
        else "capacity (not all that ended in 13 weeks are in the extracts)",
    }
    return [words for name, words in found.items() if own[name] is None]


def _own(backlog: Backlog) -> dict[str, float | None]:
    completed = backlog.figures.completed if backlog.is_known else None
    limit = None if backlog.limit_weeks is None else max(LEAST_WEEKS, round(backlog.limit_weeks, 1))
    return {
        "size": backlog.figures.waiting,
        "demand": _a_week(backlog.additions),
        "capacity": _a_week(completed),
        "target": limit,
        "weeks": RELIEF_WEEKS,
    }


def _written(number: float | None) -> str:
    return "" if number is None else f"{number:.1f}".removesuffix(".0")


def _a_week(count: int | None) -> float | None:
    return None if count is None else round(count / COMPLETED_WEEKS, 1)

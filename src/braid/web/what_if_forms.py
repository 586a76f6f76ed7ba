"""The form of a planned change: which one, when, and on which day to look at it; two options side by side."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from django import forms

from braid.language.calendars import Calendar
from braid.language.codes import WAIT_KINDS
from braid.trust.roles import Role
from braid.waits.changes import Change, shipped_changes
from braid.waits.what_if import ChangeInvalid, Planned, compare
from braid.web.forms import NOT_OFFERED

WEEK = re.compile(r"(?:week )?([0-9]{1,3})", re.IGNORECASE)
MOST_WEEKS, LOOKED_AT_WEEKS = 104, 12
"""How far ahead a day may be named, and when it is looked at where no day is."""
WHEN_HELP = "A day, for example 2027-01-18, or a week from the day of the extracts, for example week 6"
OPTIONS = ("a", "b")
_WHEN_ERRORS = {"required": "Enter a day or a week"}


class NotADay(ValueError):
    """What was entered is neither a day nor a week, or lies outside of what may be named. The message says which."""


def read_when(text: str, as_of: dt.date) -> dt.date:
    """Return the day that a text names: year-month-day, or a number of weeks from `as_of`. Raises `NotADay`."""
    week = WEEK.fullmatch(text.strip())
    try:
        day = as_of + dt.timedelta(weeks=int(week[1])) if week else dt.date.fromisoformat(text.strip())
    except ValueError:
        raise NotADay(f"Enter {WHEN_HELP[0].lower()}{WHEN_HELP[1:]}") from None
    if not as_of <= day <= as_of + dt.timedelta(weeks=MOST_WEEKS):
        raise NotADay(f"Enter a day from {as_of.isoformat()} on, within {MOST_WEEKS} weeks")
    return day


def changes_for(role: Role) -> dict[str, Change]:
    """Return the changes that say something of a kind of wait that the role may see."""
    kinds = {
        code
        for code, kind in WAIT_KINDS.items()
        if kind.backlog in role.backlogs and kind.sensitivity in role.row_sensitivities
    }
    return {code: change for code, change in shipped_changes().items() if kinds & change.effects.keys()}


class WhatIfForm(forms.Form):
    """One option or two. The second takes the change of the first where it names none."""

    change_a = forms.ChoiceField(
        label="Change", error_messages={**NOT_OFFERED, "required": "Choose a change"}, choices=()
    )
    when_a = forms.CharField(label="When", max_length=20, error_messages=_WHEN_ERRORS)
    until_a = forms.CharField(label="Second day", max_length=20, required=False)
    change_b = forms.ChoiceField(label="Change", required=False, error_messages=NOT_OFFERED, choices=())
    when_b = forms.CharField(label="When", max_length=20, required=False)
    until_b = forms.CharField(label="Second day", max_length=20, required=False)
    look = forms.CharField(label="Day to look at", max_length=20, required=False)

    def __init__(self, *args: object, role: Role, as_of: dt.date, calendar: Calendar, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.as_of, self.calendar, self.changes = as_of, calendar, changes_for(role)
        offered = [(code, change.name) for code, change in self.changes.items()]
        self.fields["change_a"].choices = [("", "Choose a change"), *offered]
        self.fields["change_b"].choices = [("", "The same change, or none"), *offered]

    @property
    def second_days(self) -> list[tuple[str, str]]:
        """The changes that need a second day, each with what it is."""
        return [(change.name, change.until) for change in self.changes.values() if change.until]

    @property
    def options(self) -> Mapping[str, tuple[Planned, ...]]:
        """The options of a form that is valid, by name in words."""
        return {_name(planned, self.as_of): (planned,) for planned in self.cleaned_data["planned"]}

    @property
    def looked_at(self) -> dt.date:
        """The day on which a form that is valid looks."""
        day: dt.date = self.cleaned_data["looked_at"]
        return day

    def clean(self) -> dict[str, object]:
        """Read the options and the day to look at, and let the rules of planned changes say what cannot be."""
        data = super().clean()
        planned = [found for name in OPTIONS if (found := self._planned(name, data)) is not None]
        looked_at = self._day("look", data)
        if self.errors:
            return data
        days = [each.on for each in planned]
        looked_at = looked_at or max([self.as_of + dt.timedelta(weeks=LOOKED_AT_WEEKS), *days])
        for name, each in zip(OPTIONS, planned, strict=False):
            try:
                compare((), (), [each], self.calendar, self.as_of, looked_at)
            except ChangeInvalid:
                self._refuse(name, each, looked_at)
        return {**data, "planned": planned, "looked_at": looked_at}

    def _planned(self, name: str, data: Mapping[str, str]) -> Planned | None:
        code = data.get(f"change_{name}") or (data.get("change_a") if data.get(f"when_{name}") else None)
        change = self.changes.get(code or "")
        on, until = self._day(f"when_{name}", data), self._day(f"until_{name}", data)
        if change is None or on is None:
            if change is not None and not self.has_error(f"when_{name}"):
                self.add_error(f"when_{name}", "Enter a day or a week")
            return None
        if change.until and until is None and not self.has_error(f"until_{name}"):
            self.add_error(f"until_{name}", f"Enter {change.until}, as a day or a week")
        return Planned(change, on, until if change.until else None)

    def _day(self, name: str, data: Mapping[str, str]) -> dt.date | None:
        try:
            return read_when(data[name], self.as_of) if data.get(name) else None
        except NotADay as error:
            if not self.has_error(name):
                self.add_error(name, str(error))
            return None

    def _refuse(self, name: str, planned: Planned, looked_at: dt.date) -> None:
        if planned.on > looked_at:
            self.add_error("look", "Enter a day on or after the day of each change")
        else:
            self.add_error(f"until_{name}", "Enter a second day that comes after the first")


def _name(planned: Planned, as_of: dt.date) -> str:
    """Return an option in words; a day that is whole weeks away is called by its week too."""
    weeks, rest = divmod((planned.on - as_of).days, 7)
    day = f"{planned.on.day} {planned.on:%B %Y}"
    when = f"week {weeks}, {day}" if not rest else day
    until = f", until {planned.until.day} {planned.until:%B %Y}" if planned.until else ""
    return f"{planned.change.name} ({when}{until})"


def fields_of(form: WhatIfForm, name: str) -> Iterable[forms.BoundField]:
    """Return the fields of one option."""
    return [form[f"{field}_{name}"] for field in ("change", "when", "until")]

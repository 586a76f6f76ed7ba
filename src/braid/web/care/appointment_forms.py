"""The forms of appointments: what is needed, times that services have, own times, wishes; where the other will be."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from braid.care.appointment_sheet import (
    LONGEST_WORDS,
    MOST_TRAVEL_MINUTES,
    OTHER,
    OWN_KINDS,
    REFUSALS,
    SERVICES,
    Building,
    Known,
    Need,
    Offer,
    Own,
    minute_of,
    new_id,
)
from braid.web.care.fields import choice, day

NAMES = [(code, name) for code, (name, _) in SERVICES.items()]
SEXES = {"female": "A woman", "male": "A man"}
TIME = {
    "required": "Enter a time, for example 09:30",
    "invalid": "Enter a time as hours and minutes, for example 09:30",
}


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(label=label, help_text="For example 09:30", error_messages=TIME)


def _number(label: str, most: int, missing: str, initial: int | None = None) -> forms.IntegerField:
    messages = {"required": missing, "invalid": missing, "min_value": missing, "max_value": missing}
    return forms.IntegerField(label=label, min_value=0, max_value=most, initial=initial, error_messages=messages)


def _service() -> forms.ChoiceField:
    return choice("Service", NAMES, "Choose a service from the list")


class _Span(forms.Form):
    """A day, from when until when."""

    def add_span(self) -> None:
        self.fields["date"] = day("Day", "Say on which day")
        self.fields["starts"] = _time("From")
        self.fields["ends"] = _time("Until")

    def span(self) -> tuple[dt.date, int, int]:
        """Return the day, and both times in minutes after midnight."""
        given = self.cleaned_data
        return given["date"], minute_of(given["starts"]), minute_of(given["ends"])


class _InBuilding(_Span):
    """A building beside a day and its times."""

    def add_building(self, buildings: Mapping[str, str]) -> None:
        self.fields["building"] = choice("Building", buildings.items(), "Choose the building from the list")
        self.fields["words"] = forms.CharField(
            label="Its name, where it is another building",
            required=False,
            max_length=LONGEST_WORDS,
            help_text="A name that the public knows, and no address. Take one from the list wherever it is there",
        )

    def building(self) -> Building:
        """Return the building chosen."""
        partner = self.cleaned_data["building"]
        return Building(partner, self.cleaned_data["words"].strip() if partner == OTHER else "")


class NeedForm(forms.Form):
    """An appointment that is needed."""

    def __init__(self, *args: Any, needs: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = _service()
        self.fields["minutes"] = _number("How many minutes it takes", 480, "Say how many minutes it takes", 60)
        self.fields["from_date"] = day("Not before", "Say from which day it can be")
        self.fields["by_date"] = day("At the latest", "Say by which day it is to be")
        self.fields["after"] = choice("After", needs, "Choose what comes before from the list", required=False)
        self.fields["days"] = _number("Days between the two", 60, "Say how many days, 0 for the same day", 0)

    def need(self) -> Need:
        """Return what was entered."""
        given = self.cleaned_data
        after = given["after"] or None
        return Need(
            new_id(),
            given["service"],
            given["minutes"],
            given["from_date"],
            given["by_date"],
            after,
            given["days"] if after else 0,
        )


class OfferForm(_InBuilding):
    """A time at which somebody of a service could see them."""

    def __init__(self, *args: Any, buildings: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = _service()
        self.fields["who"] = forms.CharField(
            label="Who would see them",
            max_length=LONGEST_WORDS,
            help_text="A role or a name at work",
            error_messages={"required": "Say who would see them"},
        )
        self.fields["sex"] = choice("They are", SEXES.items(), "Say whether they are a woman or a man")
        self.add_building(buildings)
        self.add_span()

    def offer(self, organisation: str) -> Offer:
        """Return what was entered, as offered by an organisation."""
        given = self.cleaned_data
        who, building = given["who"].strip(), self.building()
        return Offer(new_id(), given["service"], who, given["sex"], building, *self.span(), organisation)


class OwnTimeForm(_Span):
    """A time that they need for something else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = choice("What they need it for", OWN_KINDS.items(), "Choose what they need it for")
        self.add_span()

    def own(self) -> Own:
        """Return what was entered."""
        return Own(new_id(), *self.span(), self.cleaned_data["kind"])


class WishForm(forms.Form):
    """By whom they ask to be seen at a service."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = _service()
        self.fields["sex"] = choice(
            "They ask to be seen by", SEXES.items(), "Choose from the list", required=False,
            help_text="Leave it empty where they do not mind",
        )  # fmt: skip


class RefuseForm(forms.Form):
    """Why a proposal is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = choice("Why", REFUSALS.items(), "Say why: choose a reason from the list")


class ChooseForm(forms.Form):
    """Which of the times that are offered an appointment is to have."""

    def __init__(
        self, *args: Any, needs: Iterable[tuple[str, str]], offers: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["need"] = choice("Which appointment", needs, "Choose the appointment from the list")
        self.fields["offer"] = choice("In which of the times that services have", offers, "Choose a time from the list")
        self.fields["starts"] = _time("It begins at")


class TravelForm(forms.Form):
    """How long they need from one building to another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = f"Say how many minutes they need, at most {MOST_TRAVEL_MINUTES}"
        self.fields["minutes"] = _number("Minutes from one building to another", MOST_TRAVEL_MINUTES, missing)


class KnownForm(_InBuilding):
    """When whoever is accused is known to be in a building."""

    def __init__(self, *args: Any, buildings: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_building(buildings)
        self.add_span()

    def known(self) -> Known:
        """Return what was entered."""
        return Known(new_id(), self.building(), *self.span())

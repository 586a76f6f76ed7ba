"""What a joint case holds of the appointments of whoever was harmed: needed, offered, wished, agreed, refused.

Nothing is decided here but by people: planning proposes, somebody agrees with them or refuses with a reason, and what
was agreed or refused is given to the next plan and shown as such. Where whoever is accused is known to be is a sheet of
its own, on the other side.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from braid.language.documents import Part
from braid.language.steps import NotPossible
from braid.planning.appointments.model import STEP_MINUTES, Sex

OPENS_MINUTE, CLOSES_MINUTE = 8 * 60, 20 * 60
HORIZON_DAYS = 60
TRAVEL_MINUTES, MOST_TRAVEL_MINUTES = 30, 240
"""Between two buildings, where nobody said otherwise; appointments of one day keep that apart."""
MOST_NEEDS, MOST_OFFERS, MOST_OWN_TIMES, MOST_KNOWN = 12, 120, 120, 60
MOST_CHOICES = 6
"""Times that are chosen by hand in one case in a day."""
LONGEST_WORDS = 60
SERVICES: Mapping[str, tuple[str, int]] = {
    "advocacy": ("Advocate", 3),
    "forensic_examination": ("Forensic examination", 5),
    "police": ("Police interview", 4),
    "health": ("Health", 3),
    "housing": ("Housing", 3),
    "legal": ("Legal advice", 2),
    "therapy": ("Therapy", 2),
    "court_support": ("Visit to the court before a hearing", 1),
}
"""Services by code: what they are called, and how much an appointment of theirs matters beside the others."""
OWN_KINDS = {"school_run": "School run", "work": "Work", "other": "Something else"}
REFUSALS = {"time": "The time does not suit", "person": "Not this person", "place": "Not this building"}
"""Why a proposal is refused, and so what the next plan leaves out: the time, the person's times, the building's."""
OTHER = "other"
"""The building that is none of a partner's."""


@dataclass(frozen=True)
class Need(Part):
    """An appointment that is needed."""

    id: str
    service: str
    minutes: int
    from_date: dt.date
    by_date: dt.date
    after: str | None = None
    """The need that comes before it."""
    days_between: int = 0


@dataclass(frozen=True)
class Building(Part):
    """Where somebody is seen, or is known to be: at a partner, by its id, or elsewhere, in words."""

    partner: str
    words: str = ""

    def key(self) -> str:
        """Return what it is told apart by from others."""
        return f"{self.partner} {self.words.casefold().strip()}".strip()


@dataclass(frozen=True)
class Offer(Part):
    """A time at which somebody of a service could see them."""

    id: str
    service: str
    who: str
    sex: Sex
    building: Building
    date: dt.date
    from_minute: int
    until_minute: int
    organisation: str
    """Which organisation offered it."""


@dataclass(frozen=True)
class Own(Part):
    """A time that they need for something else."""

    id: str
    date: dt.date
    from_minute: int
    until_minute: int
    kind: Literal["school_run", "work", "other"]


@dataclass(frozen=True)
class Wish(Part):
    """By whom they ask to be seen at a service."""

    service: str
    sex: Sex


@dataclass(frozen=True)
class Booked(Part):
    """An appointment: proposed by the plan, or agreed with them."""

    need: str
    service: str
    who: str
    sex: Sex
    building: Building
    date: dt.date
    start_minute: int
    minutes: int
    is_agreed: bool = False

    @property
    def until_minute(self) -> int:
        """The first minute after it."""
        return self.start_minute + self.minutes

    def overlaps(self, date: dt.date, from_minute: int, until_minute: int) -> bool:
        """Whether it takes any minute of a time of a day."""
        return date == self.date and from_minute < self.until_minute and self.start_minute < until_minute


@dataclass(frozen=True)
class Refused(Part):
    """What was refused, and is left out from then on until it is taken back."""

    id: str
    kind: Literal["time", "person", "place"]
    booked: Booked
    by: str


@dataclass(frozen=True)
class Chosen(Part):
    """A time that somebody chose for a need from what is offered, instead of what would be proposed."""

    id: str
    booked: Booked
    by: str


@dataclass(frozen=True)
class Why(Part):
    """Why a need has no appointment, or a late one: causes by code with how many times each ruled out."""

    need: str
    about: str
    causes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Sheet(Part):
    """All that one case holds of the appointments of whoever was harmed."""

    needs: tuple[Need, ...] = ()
    offers: tuple[Offer, ...] = ()
    own_times: tuple[Own, ...] = ()
    wishes: tuple[Wish, ...] = ()
    refused: tuple[Refused, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    booked: tuple[Booked, ...] = ()
    why: tuple[Why, ...] = ()
    days_out: tuple[int, int] | None = None
    """Days on which they have to leave home: were each service's first time taken, and by the plan."""
    travel_minutes: int = TRAVEL_MINUTES
    """How long they need from one building to another."""
    choices_date: dt.date | None = None
    """The day of which `choices` are counted."""
    choices: int = 0
    is_planned: bool = False
    """Whether the proposals were made since anything was last changed."""


@dataclass(frozen=True)
class Known(Part):
    """When whoever is accused is known to be in a building."""

    id: str
    building: Building
    date: dt.date
    from_minute: int
    until_minute: int


@dataclass(frozen=True)
class Whereabouts(Part):
    """What is known of where whoever is accused will be: read by seats of their side alone."""

    known: tuple[Known, ...] = ()


def new_id() -> str:
    """Return an id for a part of a sheet: drawn at random, so that it tells nothing."""
    return secrets.token_hex(8)


def minute_of(time: dt.time) -> int:
    """Return a time of day in minutes after midnight."""
    return time.hour * 60 + time.minute


def time_of(minute: int) -> str:
    """Return minutes after midnight as people read them: 09:30."""
    return f"{minute // 60:02}:{minute % 60:02}"


def add_need(sheet: Sheet, need: Need, today: dt.date) -> Sheet:
    """Add what is needed. Raises `NotPossible`."""
    if need.service not in SERVICES:
        raise NotPossible("Choose a service from the list")
    if not 15 <= need.minutes <= 480 or need.minutes % STEP_MINUTES:
        raise NotPossible("Say how long it takes in quarters of an hour, at most eight hours")
    if need.by_date < need.from_date:
        raise NotPossible("The last day comes before the first. Correct one of them")
    if need.by_date < today or need.from_date > today + dt.timedelta(days=HORIZON_DAYS):
        raise NotPossible(f"It is to be within the next {HORIZON_DAYS} days. Enter it when it is nearer")
    if need.after is not None and need.after not in {one.id for one in sheet.needs}:
        raise NotPossible("What comes before it is none of the list. Look at the page again")
    if not 0 <= need.days_between <= HORIZON_DAYS:
        raise NotPossible(f"Days between the two are 0 to {HORIZON_DAYS}")
    _check_room(sheet.needs, MOST_NEEDS, "appointments")
    return _changed(replace(sheet, needs=(*sheet.needs, need)))


def add_offer(sheet: Sheet, offer: Offer, today: dt.date) -> Sheet:
    """Add a time that somebody of a service has. Raises `NotPossible`."""
    if offer.service not in SERVICES:
        raise NotPossible("Choose a service from the list")
    if not offer.who.strip() or len(offer.who) > LONGEST_WORDS:
        raise NotPossible(f"Say in up to {LONGEST_WORDS} characters who would see them: a role, or a name at work")
    check_building(offer.building)
    check_span(offer.date, offer.from_minute, offer.until_minute, today)
    if offer.from_minute < OPENS_MINUTE or offer.until_minute > CLOSES_MINUTE:
        raise NotPossible(f"Appointments are between {time_of(OPENS_MINUTE)} and {time_of(CLOSES_MINUTE)}")
    if (offer.from_minute - OPENS_MINUTE) % STEP_MINUTES or (offer.until_minute - OPENS_MINUTE) % STEP_MINUTES:
        raise NotPossible("Begin and end on a quarter of an hour")
    _check_room(sheet.offers, MOST_OFFERS, "times")
    return _changed(replace(sheet, offers=(*sheet.offers, offer)))


def add_own_time(sheet: Sheet, own: Own, today: dt.date) -> Sheet:
    """Add a time that they need for something else. Raises `NotPossible`."""
    if own.kind not in OWN_KINDS:
        raise NotPossible("Choose from the list what they need the time for")
    check_span(own.date, own.from_minute, own.until_minute, today)
    _check_room(sheet.own_times, MOST_OWN_TIMES, "times")
    return _changed(replace(sheet, own_times=(*sheet.own_times, own)))


def set_wish(sheet: Sheet, service: str, sex: Sex | None) -> Sheet:
    """Keep by whom they ask to be seen at a service; nothing where they do not mind. Raises `NotPossible`."""
    if service not in SERVICES:
        raise NotPossible("Choose a service from the list")
    others = tuple(one for one in sheet.wishes if one.service != service)
    kept = tuple(one for one in sheet.chosen if sex in (None, one.booked.sex) or one.booked.service != service)
    return _changed(replace(sheet, wishes=(*others, Wish(service, sex)) if sex else others, chosen=kept))


def set_travel(sheet: Sheet, minutes: int) -> Sheet:
    """Keep how long they need from one building to another. Raises `NotPossible`."""
    if not 0 <= minutes <= MOST_TRAVEL_MINUTES:
        raise NotPossible(f"They need between 0 and {MOST_TRAVEL_MINUTES} minutes from one building to another")
    return _changed(replace(sheet, travel_minutes=minutes))


def add_known(whereabouts: Whereabouts, known: Known, today: dt.date) -> Whereabouts:
    """Add when whoever is accused is known to be in a building. Raises `NotPossible`."""
    check_building(known.building)
    check_span(known.date, known.from_minute, known.until_minute, today)
    _check_room(whereabouts.known, MOST_KNOWN, "times")
    return replace(whereabouts, known=(*whereabouts.known, known))


def remove_known(whereabouts: Whereabouts, part_id: str) -> Whereabouts:
    """Take a time out by its id. Raises `NotPossible`."""
    kept = tuple(one for one in whereabouts.known if one.id != part_id)
    if len(kept) == len(whereabouts.known):
        raise NotPossible("It was taken out already. Look at the page again")
    return replace(whereabouts, known=kept)


def check_span(date: dt.date, from_minute: int, until_minute: int, today: dt.date) -> None:
    """Raise `NotPossible` unless a time of a day can be planned with."""
    if until_minute <= from_minute:
        raise NotPossible("The end comes before the beginning. Correct one of them")
    if not today <= date <= today + dt.timedelta(days=HORIZON_DAYS):
        raise NotPossible(f"Name a day from today on, within {HORIZON_DAYS} days")


def check_building(building: Building) -> None:
    """Raise `NotPossible` unless a building is a partner's, or is named."""
    if not building.partner:
        raise NotPossible("Choose the building from the list")
    if (building.partner == OTHER) != bool(building.words.strip()):
        raise NotPossible("Name the building where it is none of the list, and only then")
    if len(building.words) > LONGEST_WORDS:
        raise NotPossible(f"Name the building in up to {LONGEST_WORDS} characters")


def _check_room(rows: Collection[object], most: int, what: str) -> None:
    if len(rows) >= most:
        raise NotPossible(f"There are {most} {what} already. Take some out that are over")


def _changed(sheet: Sheet) -> Sheet:
    """Return a sheet whose proposals were made before the change: they go, what was agreed stays."""
    return replace(sheet, booked=agreed_of(sheet), why=(), days_out=None, is_planned=False)


def agreed_of(sheet: Sheet) -> tuple[Booked, ...]:
    """Return what was agreed with them."""
    return tuple(one for one in sheet.booked if one.is_agreed)


def remove(sheet: Sheet, what: str, part_id: str) -> Sheet:
    """Take a need, an offer, an own time or a refusal out by its id. Raises `NotPossible`."""
    if what == "need":
        if any(one.after == part_id for one in sheet.needs):
            raise NotPossible("Another appointment comes after it. Take that one out first")
        if any(one.need == part_id for one in agreed_of(sheet)):
            raise NotPossible("It is agreed with them. Take that back first")
    kept = replace(
        sheet,
        needs=tuple(one for one in sheet.needs if (what, part_id) != ("need", one.id)),
        offers=tuple(one for one in sheet.offers if (what, part_id) != ("offer", one.id)),
        own_times=tuple(one for one in sheet.own_times if (what, part_id) != ("own", one.id)),
        refused=tuple(one for one in sheet.refused if (what, part_id) != ("refused", one.id)),
        chosen=tuple(one for one in sheet.chosen if (what, part_id) != ("chosen", one.id)),
    )
    if kept == sheet:
        raise NotPossible("It was taken out already. Look at the page again")
    return _changed(replace(kept, chosen=tuple(one for one in kept.chosen if _is_offered(kept, one))))


def _is_offered(sheet: Sheet, chosen: Chosen) -> bool:
    """Whether what was chosen is still needed and offered."""
    is_needed = chosen.booked.need in {one.id for one in sheet.needs}
    return is_needed and any(_has_time(offer, chosen.booked) for offer in sheet.offers)


def _has_time(offer: Offer, booked: Booked) -> bool:
    """Whether an appointment lies whole in what somebody offered."""
    given, asked = ((one.service, one.who.strip(), one.sex, one.building.key(), one.date) for one in (offer, booked))
    return given == asked and offer.from_minute <= booked.start_minute and booked.until_minute <= offer.until_minute


def choose(sheet: Sheet, need: str, offer: str, start_minute: int, by: str, today: dt.date) -> Sheet:
    """Keep which of the times that are offered a need is to have; the next plan takes it or says that it cannot be.

    Raises `NotPossible`, also past `MOST_CHOICES` in a day: many tries would draw the hours of whoever is accused.
    """
    tries = sheet.choices if sheet.choices_date == today else 0
    if tries >= MOST_CHOICES:
        raise NotPossible(f"Times were chosen {MOST_CHOICES} times today. Plan with what is offered, or go on tomorrow")
    wanted = next((one for one in sheet.needs if one.id == need), None)
    found = next((one for one in sheet.offers if one.id == offer), None)
    if wanted is None or found is None or found.service != wanted.service:
        raise NotPossible("Choose a time that its service offers")
    if any(one.need == need for one in agreed_of(sheet)):
        raise NotPossible("It is agreed with them. Take that back first")
    if any(one.service == found.service and one.sex != found.sex for one in sheet.wishes):
        raise NotPossible("They asked to be seen by somebody else at this service. Choose another time")
    if (start_minute - OPENS_MINUTE) % STEP_MINUTES:
        raise NotPossible("Begin on a quarter of an hour")
    if found.date < wanted.from_date:
        raise NotPossible("It can only be later. Choose another day")
    who = Booked(need, found.service, found.who, found.sex, found.building, found.date, start_minute, wanted.minutes)
    if any(_forbids(one, who) for one in sheet.refused):
        raise NotPossible("That was refused. Take the refusal back first, or choose another time")
    if not _has_time(found, who):
        raise NotPossible(f"It takes {wanted.minutes} minutes, and has to lie in the time that is offered")
    others = tuple(one for one in sheet.chosen if one.booked.need != need)
    chosen = (*others, Chosen(new_id(), who, by))
    return _changed(replace(sheet, chosen=chosen, choices_date=today, choices=tries + 1))


def agree(sheet: Sheet, need: str) -> Sheet:
    """Keep that a proposal was agreed with them: it stays where it is in every plan. Raises `NotPossible`.

    That it was chosen is over with that: once called off, the next plan is free again.
    """
    if not any(one.need == need and not one.is_agreed for one in sheet.booked):
        raise NotPossible("There is no such proposal any more. Plan again and look")
    return replace(
        sheet,
        booked=tuple(replace(one, is_agreed=True) if one.need == need else one for one in sheet.booked),
        chosen=tuple(one for one in sheet.chosen if one.booked.need != need),
    )


def call_off(sheet: Sheet, need: str) -> Sheet:
    """Take back what was agreed: the next plan is free again. Raises `NotPossible`."""
    if not any(one.need == need and one.is_agreed for one in sheet.booked):
        raise NotPossible("It is not agreed any more. Look at the page again")
    return _changed(replace(sheet, booked=tuple(one for one in sheet.booked if one.need != need)))


def refuse(sheet: Sheet, need: str, kind: str, by: str) -> Sheet:
    """Keep why a proposal is refused; the next plan leaves that out. Raises `NotPossible`."""
    if kind not in REFUSALS:
        raise NotPossible("Say why: choose a reason from the list")
    found = next((one for one in sheet.booked if one.need == need and not one.is_agreed), None)
    if found is None:
        raise NotPossible("There is no such proposal any more. Plan again and look")
    refused = (*sheet.refused, Refused(new_id(), kind, found, by))  # type: ignore[arg-type]
    kept = tuple(one for one in sheet.chosen if one.booked.need != need and not _forbids(refused[-1], one.booked))
    return _changed(replace(sheet, refused=refused, chosen=kept))


def leaves_out(refused: Refused, given: Offer | Booked) -> bool:
    """Whether whoever was refused, or the building, is that of a time."""
    booked = refused.booked
    is_person = (booked.service, booked.who.strip()) == (given.service, given.who.strip())
    is_place = booked.building.key() == given.building.key()
    return {"person": is_person, "place": is_place}.get(refused.kind, False)


def _forbids(refused: Refused, given: Booked) -> bool:
    """Whether what was refused, the time or whom and where, is that of an appointment."""
    booked = refused.booked
    is_at = refused.kind == "time" and given.overlaps(booked.date, booked.start_minute, booked.until_minute)
    return is_at or leaves_out(refused, given)

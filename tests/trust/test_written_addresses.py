"""Addresses as people write them: how many of each way are found, over made-up addresses, and what is left alone."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from braid.trust.locations import Token, find_tokens, is_at_point

NAMES = """Larchwood|Willow|Rowan|Saint Agnes|Bellweather|Thornbury|Ferncliffe|Old Quarry|Queen's|Oak Tree|Pennyroyal
|Mount Pleasant|Upper Marsh|Kestrel|Hazelmere|Dunstan|Great Norwood|Fish and Eel|Wheatsheaf|Ashdown|Tanner's|Lowther
|Coldstream|Priory|Sycamore""".replace("\n", "").split("|")
COMMON = ["High Street", "Station Road", "Church Lane", "Park Avenue", "Victoria Road", "Mill Lane", "New Road"]
TYPES = {
    "Road": "Rd", "Street": "St", "Court": "Ct", "Close": "Cl", "Lane": "Ln", "Avenue": "Ave", "Drive": "Dr",
    "Place": "Pl", "Square": "Sq", "Terrace": "Terr", "Crescent": "Cres", "Gardens": "Gdns", "Park": "Pk",
    "Grove": "Gr", "Mews": "Mws", "House": "Hse", "Buildings": "Bldgs", "Way": "Wy", "Rise": "Rise",
}  # fmt: skip
PLACES = ["Southwick Down", "Exampleton", "Northmere", "Little Hallow", "Forest Gate"]
WORDS = {
    1: "one", 3: "three", 7: "seven", 12: "twelve", 17: "seventeen", 24: "twenty-four", 40: "forty", 58: "fifty eight",
    86: "eighty-six", 103: "one hundred and three",
}  # fmt: skip


@dataclass(frozen=True)
class Home:
    """A made-up address; `stored` is as a source wrote it."""

    flat: int
    number: int
    name: str
    kind: str
    place: str
    postcode: str
    stored: str

    @property
    def street(self) -> str:
        return f"{self.name} {self.kind}"

    @property
    def short(self) -> str:
        return f"{self.name} {TYPES[self.kind]}"


STORED: dict[str, Callable[[Home], str]] = {
    "with commas": lambda one: f"{one.number} {one.street}, {one.place}, {one.postcode}",
    "a flat": lambda one: f"Flat {one.flat}, {one.number} {one.street}, {one.place}, {one.postcode}",
    "without commas": lambda one: f"{one.number} {one.street} {one.place} {one.postcode}",
    "short, without commas": lambda one: f"{one.number} {one.short} {one.place}, {one.postcode}",
    "in capitals, on lines": lambda one: f"{one.number} {one.street}\n{one.place}\n{one.postcode}".upper(),
}


def homes() -> list[Home]:
    """Each name and kind once, in every way of storing it."""
    chance = random.Random(20261127)
    streets = [(name, kind) for name in NAMES for kind in TYPES] + [tuple(one.rsplit(" ", 1)) for one in COMMON * 10]
    made = []
    for name, kind in streets:
        numbers = [chance.choice([2, 5, 9]), chance.choice(list(WORDS))]
        postcode = f"QB{chance.randrange(60, 99)} {chance.randrange(1, 9)}{''.join(chance.choices('ABDEFGHJ', k=2))}"
        blank = Home(*numbers, name, kind, chance.choice(PLACES), postcode, "")
        made += [Home(**{**blank.__dict__, "stored": store(blank)}) for store in STORED.values()]
    return made


HOMES = homes()
WAYS: dict[str, Callable[[Home], str]] = {
    "as it is stored": lambda one: f"She is at {one.stored} now",
    "number and street": lambda one: f"She is at {one.number} {one.street} now",
    "short kind of street": lambda one: f"{one.number} {one.short}, {one.place}",
    "short, with a full stop": lambda one: f"Go to {one.number} {one.short}. It is blue",
    "number in words": lambda one: f"{WORDS[one.number]} {one.street}",
    "number in words, short street": lambda one: f"They moved to {WORDS[one.number].capitalize()} {one.short}",
    "number after the street": lambda one: f"{one.street} no. {one.number}",
    "number after, in words": lambda one: f"on {one.street}, number {WORDS[one.number]}, I think",
    "number, comma, street": lambda one: f"No {one.number}, {one.street}",
    "street and place": lambda one: f"They live on {one.street} in {one.place}",
    "short street and place": lambda one: f"They live on {one.short} in {one.place}",
    "place, then street": lambda one: f"In {one.place}. The street is {one.street}",
    "street and first half of postcode": lambda one: f"{one.street} ({one.postcode.split()[0]})",
    "number and first half of postcode": lambda one: f"number {one.number}, somewhere in {one.postcode.split()[0]}",
    "postcode alone, no space": lambda one: f"in {one.postcode.replace(' ', '').lower()}",
    "one word": lambda one: f"#{one.number}{one.street.replace(' ', '')}",
    "dashes and capitals": lambda one: f"{one.number}-{one.street.replace(' ', '-')}.PDF".upper(),
    "on two lines": lambda one: f"{one.number}\n{one.street}\n{one.place}",
    "in a link": lambda one: "https://maps.example/?q=" + quote(f"{one.number} {one.short} {one.place}"),
    "in base64, short": lambda one: base64.b64encode(f"at {one.number} {one.short}".encode()).decode(),
}
"""Ways that are promised."""
TELLING = {
    "street alone": lambda one: f"She moved to {one.street}",
    "short street alone": lambda one: f"on {one.short}.",
}
"""Promised of streets with a name of their own."""
BEYOND = {
    "number and name without the kind": lambda one: f"It is {one.number} {one.name}, {one.place}",
    "one slip in the street": lambda one: f"{one.number} {one.name[:2]}{one.name[3:]} {one.kind}",
    "two slips in the street": lambda one: f"{one.number} {one.name[:1]}{one.name[3:]} {one.kind}",
    "first letters alone": lambda one: f"{one.number} {one.name[0]} {one.kind[0]}, {one.place}",
    "a description": lambda one: f"the house behind the church in {one.place}",
}
"""Ways of which nothing is promised; printed with the others."""
HARMLESS = """
Your review is on Monday at 10.
The family court sits at 1 High Street, ZZ97 3EF.
Take the third road left.
There are 12 families waiting 99 days.
The willow by the court was felled.
Meet on the High Street at 12.
A place in a home was offered in Southwick Down.
Station Road was closed to traffic.
The crown court moved the hearing to 14 May.
12 people came from Exampleton.
A new school place is offered.
Queen Victoria Road works begin on 3 June.
Primary care is full.
Bring form 12, close the door, and lane 3 is free.
The church lane service is at 7.
Call on 17 days' notice.
Court House, 3 High Street, Hallowmere, ZZ97 3EF
An oak tree stands in the square.
The mill closed and the road was mended.
Mount pleasant memories with friends.
Rowan is 12 and close to his mother.
Ashdown wrote that the road to work is long.
Park your car at the station.
Fish and chips on Friday.
The green is shut; use the park avenue.
He has 40 hours of support.
Send it to the housing office, 1 Town Hall Square.
Great work this week, Dunstan.
In Northmere 86 homes were let.
Old quarry workings are fenced.
New road map for services.
It is 58 miles to Northmere.
Kestrel and hazel were seen.
The sycamore was felled.
Saint Agnes was a martyr.
Coldstream guards came.
Kind regards, K. Lowther
Flat 3 is free, and so is house 17.
The tanner was paid on the spot.
""".strip().splitlines()
PRICE = ["The priory gardens open at 9.", "The sycamore drive was cancelled."]
"""Harmless too, and refused where somebody around the message lives in a street of that very name."""


def _token(home: Home) -> Token:
    return Token("p1", "address", home.stored)


def _recall(way: Callable[[Home], str], over: list[Home]) -> tuple[int, list[str]]:
    missed = [f"{home.stored!r} as {way(home)!r}" for home in over if not find_tokens(way(home), [_token(home)])]
    return len(over) - len(missed), missed


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_recall_of_each_way_of_writing_an_address(step: int, capsys) -> None:
    """Prints the published table. What is promised is found in 99 of 100 at least, each way by itself."""
    some = HOMES[::step]
    telling = [home for home in some if home.street not in COMMON and home.name not in ("Queen's", "Upper Marsh")]
    rows, poor = [], {}
    for group, over in ((WAYS, some), (TELLING, telling), (BEYOND, some)):
        for name, way in group.items():
            found, missed = _recall(way, over)
            rows.append(f"{name:<36}{found:>6} of {len(over):>5}  {100 * found / len(over):6.2f} %")
            if group is not BEYOND and found < 0.99 * len(over):
                poor[name] = missed[:5]
    with capsys.disabled():
        print("\n" + "\n".join(rows))
    assert not poor


def test_harmless_sentences_are_left_alone(capsys) -> None:
    """Each sentence beside the whole world of made-up addresses: a telling name in it would be found."""
    tokens = [_token(home) for home in HOMES]
    refused = [text for text in HARMLESS + PRICE if find_tokens(text, tokens)]
    with capsys.disabled():
        total = len(HARMLESS + PRICE)
        print(f"\n{len(refused)} of {total} harmless sentences refused, each beside {len(tokens)} addresses")
    assert refused == PRICE


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("Flat 3, 17 Willow Court, Southwick Down, QB99 9ZZ", "17 Willow Ct, Southwick Down"),
        ("Flat 3, 17 Willow Court, Southwick Down, QB99 9ZZ", "Flat 3 at Willow Court"),
        ("Flat 3, 17 Willow Court, Southwick Down, QB99 9ZZ", "They live on Willow Court in Southwick Down"),
        ("Flat 3, 17 Willow Court, Southwick Down, QB99 9ZZ", "Wilow Court, Southwick Down"),
        ("12 Larchwood Road, Exampleton, ZZ99 1AB", "12 Larchwood Rd, Exampleton"),
        ("12 Larchwood Road, Exampleton, ZZ99 1AB", "twelve Larchwood Road"),
        ("12 Larchwood Road, Exampleton, ZZ99 1AB", "Larchwood Road no. 12"),
        ("12 Rowan Close Northmere, QB91 2AB", "12 Rowan Close"),
        ("12a Rowan Cl Northmere", "at 12 A, Rowan Close"),
        ("The Larches, Mill Lane, Exampleton, ZZ99 1AB", "The Larches in Exampleton"),
        ("The Larches, Mill Lane, Exampleton, ZZ99 1AB", "the house on Mill Ln, Exampleton"),
        ("17 Kingsway, Exampleton, ZZ99 1AB", "17 Kingsway"),
        ("17 Kingsway, Exampleton, ZZ99 1AB", "on Kingsway in Exampleton"),
        ("4 High Street, Southwick Down, QB99 9ZZ", "High St, QB99"),
        ("4 St. John's Road, Southwick Down, QB99 9ZZ", "Saint Johns Rd, Southwick Down"),
        ("12 Larchwood Road, Exampleton, ZZ99 1AB", "Larch\u200bwood R\u00f6ad"),
    ],
)
def test_ways_that_a_review_wrote(stored: str, text: str) -> None:
    assert find_tokens(text, [Token("p1", "address", stored)])


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("12 Larchwood Road, Exampleton, ZZ99 1AB", "14 Larchwood Road, ZZ96 1AB is let"),
        ("4 High Street, Southwick Down, QB99 9ZZ", "9 High Street, Southwick Down"),
        ("4 High Street, Southwick Down, QB99 9ZZ", "The shops on the High Street"),
        ("12 Larchwood Road, Exampleton, ZZ99 1AB", "He is from Exampleton"),
        ("17 Kingsway, Exampleton, ZZ99 1AB", "the Kingsway scheme"),
    ],
)
def test_another_house_and_a_name_of_most_towns_are_left_alone(stored: str, text: str) -> None:
    assert not find_tokens(text, [Token("p1", "address", stored)])


@pytest.mark.parametrize(
    ("kind", "stored", "text", "is_found"),
    [
        ("school", "Willow Court Primary School", "She goes to Willow Court Primary", True),
        ("school", "Willow Court Primary School", "at Willow Ct School", True),
        ("school", "St Agnes C of E Primary School", "She started at St. Agnes's this year", True),
        ("school", "Northmere High School", "Northmere High is near", True),
        ("school", "Northmere High School", "She lives in Northmere", False),
        ("school", "St Agnes Primary School", "Saint Agnes was a martyr", False),
        ("school", "The Park Primary School", "We met in the park", False),
        ("school", "Willow Court Primary School", "17 Willow Court, Southwick Down", False),
        ("gp", "Larchwood Medical Centre", "registered at the Larchwood surgery", False),
        ("gp", "Larchwood Medical Centre", "the Larchwood medical practice", True),
        ("gp", "Old Quarry Lane Surgery", "her doctor is at Old Quarry Ln", True),
    ],
)
def test_schools_and_practices_without_the_words_that_all_have(
    kind: str, stored: str, text: str, is_found: bool
) -> None:
    assert bool(find_tokens(text, [Token("p1", kind, stored)])) is is_found


def test_the_time_grows_with_the_text_and_no_faster() -> None:
    """Ten times the text takes at most some twenty times as long, also where it names the street again and again."""
    tokens = [_token(home) for home in HOMES[::50]]
    for sentence in ("12 9 of the High Street at no 4 ", "Nothing is said of anybody here. ", "larchwood 12 12 12 "):
        times = []
        for repeats in (300, 3000):
            began = time.perf_counter()
            find_tokens(sentence * repeats, tokens)
            times.append(time.perf_counter() - began)
        assert times[1] < 20 * times[0] + 0.5, sentence


@pytest.mark.parametrize(
    ("contact", "is_home"),
    [
        ("17 Willow Ct, Southwick Down, QB99 9ZZ", True),
        ("Flat 3, 17 Willow Court", True),
        ("5 Willow Court, Southwick Down, QB99 9ZZ", False),
        ("17 Willow Court, Exampleton, QB11 1AA", False),
        ("3 Mill Lane, Southwick Down, QB99 9ZZ", False),
    ],
)
def test_a_contact_point_tells_nothing_new_only_where_it_is_the_home_itself(contact: str, is_home: bool) -> None:
    token = Token("p1", "address", "Flat 3, 17 Willow Court, Southwick Down, QB99 9ZZ")
    assert is_at_point(token, contact) is is_home

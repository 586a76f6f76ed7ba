"""Homes in which registers go wrong in ways of their own: a date copied to a sister, a mother's number on her newborn,
forty people at one address, names closed up or half written, dates nobody knew, and words that are no names.

Another generator than that of `test_hostile_pairs`, with other names: each kind is drawn over many homes, none of two
people may be joined, and what one person's records leave no doubt about is found.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations, product

import pytest

from people.records import Linked, Written, nhs, upn

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")
HOMES = 15
WOMEN = (
    "Adaeze Bronwen Chiara Dilys Efua Farah Gwen Hadiza Ines Joanna Kamila Leila Morag Nadia Oona Petra Rhian".split()
)
MEN = (
    "Alun Babak Callum Dafydd Emeka Farid Gethin Hamish Iwan Jamal Kenji Lech Mateusz Niall Owain Pavel Rhodri".split()
)
SURNAMES = (
    "Abara Blythe Cadwell Drummond Eze Fairlie Gallo Haddad Idris Jarvie Kowal Lowther Mensah Nowak Okoro Pryce Quist"
    " Rahmani Sandhu Trevena Usman Vaughan Wycherley Yeboah Zielin"
).split()
"""Few, so that people of other homes bear the same."""
LIKE = (("Elin", "Erin"), ("Kara", "Kaya"), ("Mina", "Mona"), ("Lina", "Lena"), ("Anya", "Tanya"))
LIKE_OF_TWO_SEXES = (("Sean", "Jean"), ("Louis", "Louise"), ("Carl", "Carla"), ("Robin", "Robyn"), ("Pavel", "Pavla"))
SCHOOL, LIST, REGISTER = {"standard": "school"}, {"standard": "wlmds"}, {"standard": "housing_register"}
Pair = tuple[str, str]


@dataclass
class Town:
    """Records of many homes, and which pairs are two people's (`two`) or one person's (`one`), by kind."""

    draw: random.Random
    written: Written = field(default_factory=Written)
    two: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    one: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    serial: int = 0

    def next(self) -> int:
        self.serial += 1
        return self.serial

    def tell(self, kind: str, *people: Iterable[str]) -> None:
        """Say that the records of each of `people` are no other's."""
        for ours, theirs in combinations([list(records) for records in people], 2):
            self.two[kind] += product(ours, theirs)

    def find(self, kind: str, records: Iterable[str]) -> None:
        """Say that records are one person's, and leave no doubt of it."""
        self.one[kind] += combinations(records, 2)


class Home:
    """An address that no other home has, a surname that others bear too, and rows of registers."""

    def __init__(self, town: Town) -> None:
        self.town, self.draw = town, town.draw
        place = town.next()
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        self.postcode = f"QC{place % 8 + 1} {place // 8 % 9 + 1}{letters[place % 20]}{letters[place // 20 % 20]}"
        self.surname = town.draw.choice(SURNAMES)

    def born(self, first: int, last: int) -> dt.date:
        return dt.date(self.draw.randint(first, last), self.draw.randint(1, 12), self.draw.randint(2, 28))

    def upn(self) -> dict[str, str]:
        return {"upn": upn(self.town.next())}

    def nhs(self) -> dict[str, str]:
        return {"nhs": nhs(self.town.next())}

    def row(self, feed: str, given: str | None, born: dt.date | None, **more: object) -> str:
        """Write a row of this home and return its name; `surname` and `at` (a postcode) may be others."""
        name = f"{feed} {self.town.next()}"
        surname, at = more.pop("surname", self.surname), more.pop("at", self.postcode)
        where = {"postcode": at} if at else {}
        self.town.written.record(name, feed, given, surname, born.isoformat() if born else None, **where, **more)  # type: ignore[arg-type]
        return name


def date_copied_to_a_sister(home: Home) -> None:
    """The register has the elder's birth date for the younger as well."""
    (elder, younger), born = home.draw.sample(WOMEN, 2), home.born(2008, 2012)
    later = born.replace(year=born.year + home.draw.choice((1, 2, 3)))
    first = [home.row("school", elder, born, **SCHOOL, **home.upn()), home.row("register", elder, born, **REGISTER)]
    second = [home.row("school", younger, later, **SCHOOL, **home.upn())]
    second.append(home.row("register", younger, born, **REGISTER))
    home.town.tell("birth date copied to a sister", first, second)
    home.town.find("birth date copied to a sister", first)


def date_copied_to_a_sister_of_like_name(home: Home) -> None:
    """The same where one letter tells the two names apart; the application names both."""
    (elder, younger), born = home.draw.choice(LIKE), home.born(2008, 2012)
    later = born.replace(year=born.year + home.draw.choice((1, 2, 3)))
    rows = [home.row("register", given, born, **REGISTER) for given in (elder, younger)]
    home.town.written.tie(*rows, "sibling")
    first = [home.row("school", elder, born, **SCHOOL, **home.upn()), rows[0]]
    second = [home.row("school", younger, later, **SCHOOL, **home.upn()), rows[1]]
    home.town.tell("birth date copied to a sister of a like name", first, second)


def twins_of_two_sexes(home: Home) -> None:
    """A girl and a boy whose names one letter tells apart, in two schools' files."""
    names, born = home.draw.choice(LIKE_OF_TWO_SEXES), home.born(2009, 2018)
    people = [
        [home.row(feed, given, born, sex=sex, **SCHOOL) for feed in ("school", "other-school")]
        for given, sex in zip(names, ("male", "female"), strict=True)
    ]
    home.town.tell("twins of two sexes and like names", *people)
    for records in people:
        home.town.find("twins of two sexes and like names", records)


def mothers_number_on_her_child(home: Home) -> None:
    """A newborn is entered under the mother's number: named, or as a baby; her own rows are dated or not."""
    born = home.born(1985, 2003)
    day = home.draw.choice((home.born(2024, 2026), born.replace(year=2025)))
    number, given, child = home.nhs(), home.draw.choice(WOMEN), home.draw.choice(MEN + WOMEN)
    mother = [home.row("list", given, born, **LIST, **number), home.row("register", given, born, **REGISTER)]
    newborn = [
        home.row("birth-list", home.draw.choice((child, f"Baby of {given}", "Baby")), day, **LIST, **number),
        home.row("child-list", child, day, **LIST, **home.nhs()),
    ]
    home.town.tell("a mother's number on her newborn", mother, newborn)
    home.town.find("a mother's number on her newborn", mother)


def mothers_number_and_no_date(home: Home) -> None:
    """The same where her own row has no birth date: the number alone does not say whose row the baby's is."""
    number, given = home.nhs(), home.draw.choice(WOMEN)
    mother = [home.row("list", given, home.draw.choice((None, dt.date(1900, 1, 1))), **LIST, **number)]
    baby = home.draw.choice((f"Baby of {given}", "Newborn", "Twin One"))
    home.town.tell(
        "a mother's number on her baby, no date of hers",
        mother,
        [home.row("birth-list", baby, home.born(2024, 2026), **LIST, **number)],
    )


def hostel_of_forty(home: Home) -> None:
    """Forty people at one address that no source calls a refuge: families, and single men who share names and years."""
    kind = "an address of forty people"
    people: list[list[str]] = []
    for _ in range(12):
        surname, born = home.draw.choice(SURNAMES), home.born(1980, 2000)
        people.append([home.row("register", home.draw.choice(WOMEN), born, surname=surname, **REGISTER)])
        children = home.draw.sample(MEN, 2)
        day = home.born(2010, 2020)
        for given, at in zip(children, (day, home.draw.choice((day, home.born(2010, 2020)))), strict=True):
            child = {"surname": surname, "sex": "male"}
            people.append(
                [
                    home.row("register", given, at, **child, **REGISTER),
                    home.row("school", given, at, **child, **SCHOOL, **home.upn()),
                ]
            )
            people[-1].append(home.row("list", None, at, surname=None, sex="male", **LIST, **home.nhs()))
    for year in (1991, 1993, 1995, 1997):
        people.append([home.row("register", "Farid", dt.date(year, 1, 1), surname="Rahmani", sex="male", **REGISTER)])
    home.town.tell(kind, *people)


def refuge_of_forty(home: Home) -> None:
    """The same where the register says that it is a refuge: no score joins anybody there."""
    kind = "a refuge of forty people"
    for _ in range(40):
        surname, given = home.draw.choice(SURNAMES), home.draw.choice(WOMEN)
        born = home.born(1980, 2020).replace(month=1, day=30)  # nobody else's here: a neighbour alike would be guarded
        inside = home.row("refuge-register", given, born, surname=surname, confidential=True, **REGISTER)
        before = home.row("register", given, born, surname=surname, at=None, **REGISTER)
        home.town.two[kind].append((inside, before))


def half_of_a_double_name(home: Home) -> None:
    """Hill-Moss in one file, Hill in another, Moss in a third; her sister goes by the other half."""
    one, other = home.draw.sample(SURNAMES, 2)
    both = home.draw.choice((f"{one}-{other}", f"{one} {other}", f"{one}{other.lower()}"))
    people = []
    for given in home.draw.sample(WOMEN, 2):
        born, halves = home.born(2005, 2018), home.draw.sample((one, other), 2)
        records = [home.row("school", given, born, surname=both, **SCHOOL)]
        records += [
            home.row(feed, given, born, surname=half, **REGISTER)
            for feed, half in zip(("register", "other-register"), halves, strict=True)
        ]
        people.append(records)
        home.town.find("half of a double surname", records)
    home.town.tell("half of a double surname", *people)


def forenames_closed_up(home: Home) -> None:
    """Anna Maria, Anna-Maria and Annamaria; her cousin of the house is Anna alone, born in another year."""
    born = home.born(1960, 2015)
    first, second = home.draw.choice((("Anna", "Maria"), ("Mary", "Ann"), ("Abdul", "Karim"), ("Jean", "Luc")))
    written = (f"{first} {second}", f"{first}-{second}", f"{first}{second.lower()}")
    records = [
        home.row(feed, given, born, **REGISTER)
        for feed, given in zip(("register", "other-register", "third-register"), written, strict=True)
    ]
    cousin = [home.row("register", first, home.born(2016, 2024), **REGISTER)]
    home.town.find("forenames closed up", records)
    home.town.tell("forenames closed up", records, cousin)


def brothers_of_one_leading_name(home: Home) -> None:
    """Mohammed Amin and Mohammed Tariq: one first of January for both, or twins whom both applications name; a hospital
    writes Mohammed alone."""
    leading = home.draw.choice(("Mohammed", "Maria", "Abdul"))
    is_known = home.draw.random() < 0.5
    born = home.born(2005, 2018) if is_known else dt.date(home.draw.randint(1985, 2015), 1, 1)
    people = [
        [home.row(feed, f"{leading} {second}", born, sex="male", **REGISTER) for feed in ("register", "other-register")]
        for second in ("Amin", "Tariq")
    ]
    if is_known:
        for rows in zip(*people, strict=True):
            home.town.written.tie(*rows, "sibling")
    home.town.tell("brothers of one leading name", *people)
    for records in people:
        home.town.find("brothers of one leading name", records)
    patient = home.row("list", leading, born, sex="male", **LIST)
    home.town.two["a patient who is one of two brothers"] += product([patient], people[0] + people[1])


def brothers_without_dates(home: Home) -> None:
    """Two whom the border gave one birth date, the first of January."""
    day = dt.date(home.draw.randint(1985, 2010), 1, 1)
    people = [
        [home.row(feed, given, day, sex="male", **REGISTER) for feed in ("register", "other-register")]
        for given in home.draw.sample(MEN, 2)
    ]
    home.town.tell("brothers of the first of January", *people)
    for records in people:
        home.town.find("brothers of the first of January", records)


def namesakes_without_dates(home: Home) -> None:
    """Two strangers of one common name, at two addresses, both born on a first of January of one year."""
    day, other = dt.date(home.draw.randint(1985, 2000), 1, 1), Home(home.town)
    rows = [each.row("register", "Farid", day, surname="Haddad", sex="male", **REGISTER) for each in (home, other)]
    home.town.tell("namesakes of the first of January", rows[:1], rows[1:])


def brothers_on_one_list(home: Home) -> None:
    """Two at one school whose names one letter tells apart, or none; the list has no birth date for the one."""
    (given, other), day = home.draw.choice((*LIKE, ("Anya", "Anya"))), home.born(2008, 2018)
    one = home.row("school", given, None, **SCHOOL, **home.upn())
    two = home.row("school", other, day, **SCHOOL)
    home.town.tell("two of one list, one without a birth date", [one], [two])


def unknown_name_and_date(home: Home) -> None:
    """Somebody of the family of whom a file knows the surname and the address alone."""
    known = [home.row("register", home.draw.choice(WOMEN), home.born(1960, 2015), **REGISTER)]
    day = home.draw.choice((None, dt.date(1900, 1, 1)))
    unknown = home.row("referrals", home.draw.choice(("Unknown", "Not known", "Baby", None)), day, **REGISTER)
    home.town.tell("somebody without name and date", known, [unknown])


def babies_of_one_day(home: Home) -> None:
    """Twins who have no names yet, by a list of births with their numbers and a register without."""
    day, marks = home.born(2024, 2026), home.draw.choice((("Twin One", "Twin Two"), ("Baby", "Baby"), ("Unborn", None)))
    people = [
        [home.row("list", mark, day, sex="unknown", **LIST, **home.nhs()), home.row("register", mark, day, **REGISTER)]
        for mark in marks
    ]
    home.town.tell("twins who have no names yet", *people)


def babies_of_one_name(home: Home) -> None:
    """Babies of two families of one surname, born on one day."""
    day, other = home.born(2024, 2026), Home(home.town)
    rows = [
        each.row(feed, "Baby", day, surname="Usman", **LIST) for each, feed in ((home, "list"), (other, "other-list"))
    ]
    home.town.tell("babies of one day and surname at two addresses", rows[:1], rows[1:])


KINDS: tuple[Callable[[Home], None], ...] = (
    date_copied_to_a_sister,
    date_copied_to_a_sister_of_like_name,
    twins_of_two_sexes,
    mothers_number_on_her_child,
    mothers_number_and_no_date,
    half_of_a_double_name,
    forenames_closed_up,
    brothers_of_one_leading_name,
    brothers_without_dates,
    namesakes_without_dates,
    brothers_on_one_list,
    unknown_name_and_date,
    babies_of_one_day,
    babies_of_one_name,
)


def write_town(seed: int) -> Town:
    """Return a town of so many homes of each kind, a hostel and a refuge, and neighbours without any fault."""
    town = Town(random.Random(seed))
    for _ in range(HOMES):
        for write in KINDS:
            write(Home(town))
    hostel_of_forty(Home(town))
    refuge_of_forty(Home(town))
    for _ in range(200):
        home = Home(town)
        given, born = town.draw.choice(WOMEN + MEN), home.born(1940, 2020)
        rows = [home.row(feed, given, born, **REGISTER) for feed in ("register", "other-register")]
        town.find("neighbours", rows)
    return town


def count(found: Linked, pairs: dict[str, list[Pair]]) -> dict[str, tuple[int, int]]:
    """Return of each kind how many pairs were joined, and of how many."""
    return {kind: (sum(found.are_one(*pair) for pair in each), len(each)) for kind, each in pairs.items()}


@pytest.mark.parametrize("seed", [2, 17])
def test_no_two_people_of_a_home_are_joined_and_what_leaves_no_doubt_is(seed: int) -> None:
    town = write_town(seed)
    with town.written.linked() as found:
        two, one = count(found, town.two), count(found, town.one)
        assert {kind: joined for kind, (joined, _) in two.items() if joined} == {}
        assert all(pairs >= HOMES for _, pairs in two.values()) and len(two) == len(KINDS) + 3
        assert {kind: (joined, pairs) for kind, (joined, pairs) in one.items() if joined < pairs} == {}
        assert two_numbers(found, town) == []


def two_numbers(found: Linked, town: Town) -> list[tuple[str, set[str]]]:
    """Return the persons who hold two numbers of one scheme: every number here is one that its source vouches for."""
    names = {identity: name for name, identity in town.written.ids.items()}
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in town.written.place.tables["identifier"]:
        held[row["scheme"], found.person[names[row["person_record_id"]]]].add(row["value"])
    return [(scheme, values) for (scheme, _), values in sorted(held.items()) if len(values) > 1]

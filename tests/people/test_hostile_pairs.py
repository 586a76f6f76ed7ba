"""Two people who look like one, by the hundred: each kind drawn over many families, and none of them joined.

The table at the end is the whole of it: of each kind, how many pairs of records are two people's and how many of those
were joined; how many are one person's and how many of those were found. Numbers are as a place has them: a hospital's
list vouches for the NHS number, schools for the pupil number.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations, product

import pytest

from braid.people.seals import SealedRow
from people.little_place import BOYS, ENDS, GIRLS, PARTS
from people.records import Linked, Written, nhs, upn

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")
FAMILIES = 25
SCHOOL, LIST, HOUSING = {"standard": "school"}, {"standard": "wlmds"}, {"standard": "housing_register"}
LIKE_NAMES = (("Jade", "Jada"), ("Maya", "Mya"), ("Aiden", "Aidan"), ("Zara", "Zahra"), ("Ella", "Ellie"))
Pair = tuple[str, str]


@dataclass
class Families:
    """Records of many families, and which pairs of them are two people's, or one's, by kind."""

    written: Written = field(default_factory=Written)
    seals: list[SealedRow] = field(default_factory=list)
    two: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    one: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    serial: int = 0

    def number(self) -> int:
        """Return a number that no other has."""
        self.serial += 1
        return self.serial

    def apart(self, kind: str, *people: list[str]) -> None:
        """Say that records are of different people, and those of each are one's."""
        for ours, theirs in combinations(people, 2):
            self.two[kind] += product(ours, theirs)
        for records in people:
            self.one[kind] += combinations(records, 2)


class Family:
    """One family: a surname, a home, and records under names that no other has."""

    def __init__(self, families: Families, draw: random.Random) -> None:
        self.families, self.draw = families, draw
        self.place = families.number()
        self.surname = draw.choice(PARTS) + draw.choice(ENDS)
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        one, other = letters[self.place % 20], letters[self.place // 20 % 20]
        self.postcode = f"QB{self.place % 9 + 1} {self.place // 9 % 9 + 1}{one}{other}"

    def born(self, first: int, last: int) -> dt.date:
        """Return a day of the years from `first` to `last`."""
        return dt.date(self.draw.randint(first, last), self.draw.randint(1, 12), self.draw.randint(2, 28))

    def record(self, feed: str, given: str | None, born: dt.date, **more: object) -> str:
        """Write a record at home; return its name."""
        name = f"{feed} {self.families.number()}"
        surname = more.pop("surname", self.surname) if given else None
        home = {} if more.pop("is_away", False) else {"postcode": self.postcode}
        self.families.written.record(name, feed, given, surname, born.isoformat(), **home, **more)
        return name


def twins(family: Family, kind: str = "twins", *, numbers: bool = True) -> None:
    born = family.born(2010, 2020)
    people = []
    for given in family.draw.sample(GIRLS, 2):
        number = {"upn": upn(family.families.number())} if numbers else {}
        people.append(
            [
                family.record("school", given, born, **SCHOOL, **number),
                family.record("register", given, born, **HOUSING),
                family.record("other-school", given, born, **SCHOOL, **number),
            ]
        )
    family.families.apart(kind, *people)


def twins_without_numbers(family: Family) -> None:
    twins(family, "twins without numbers", numbers=False)


def patient_who_is_one_of_twins(family: Family) -> None:
    """The hospital's list holds no name, and its number is nobody else's: it fits both."""
    born = family.born(2010, 2020)
    first, second = ([family.record("register", given, born, **HOUSING)] for given in family.draw.sample(BOYS, 2))
    patient = family.record("list", None, born, **LIST, nhs=nhs(family.families.number()))
    family.families.two["patient who is one of twins"] += [
        (first[0], second[0]),
        (patient, first[0]),
        (patient, second[0]),
    ]


def twins_of_like_names(family: Family) -> None:
    """Names that one slip of the pen makes the same; one application names both."""
    born = family.born(2010, 2020)
    records = [family.record("register", given, born, **HOUSING) for given in family.draw.choice(LIKE_NAMES)]
    family.families.written.tie(*records, "sibling")
    family.families.apart("twins of like names, on one application", *([record] for record in records))


def father_and_son(family: Family) -> None:
    given, born = family.draw.choice(BOYS), family.born(1950, 1975)
    later = born.replace(year=born.year + family.draw.choice((20, 22, 30, 35)))
    people = [
        [family.record(feed, given, day, sex="male", **HOUSING) for feed in ("north", "south")] for day in (born, later)
    ]
    family.families.apart("father and son", *people)


def siblings_of_one_birthday(family: Family) -> None:
    """Children born on one day of two years, whose names begin alike."""
    born, names = family.born(2008, 2014), family.draw.choice(LIKE_NAMES)
    people = [
        [family.record(feed, given, day, **SCHOOL, upn=number) for feed in ("school", "other-school")]
        for given, day, number in (
            (names[0], born, upn(family.families.number())),
            (names[1], born.replace(year=born.year + 3), upn(family.families.number())),
        )
    ]
    family.families.apart("siblings of one birthday", *people)


def couple(family: Family) -> None:
    """Man and wife of one surname, birth date and initial."""
    born = family.born(1950, 1990)
    he = [family.record(feed, "John", born, sex="male", **HOUSING) for feed in ("north", "south")]
    she = [family.record(feed, "Jane", born, **HOUSING) for feed in ("north", "south")]
    family.families.apart("couple of one birth date", he, she)


def borrowed_number(family: Family) -> None:
    """Somebody seen under a friend's NHS number."""
    number, friend = nhs(family.families.number()), Family(family.families, family.draw)
    lender = [family.record(feed, "Ruth", family.born(1950, 1990), **LIST, nhs=number) for feed in ("list",)]
    borrower = [friend.record("other-list", "Amina", family.born(1950, 1990), **LIST, nhs=number)]
    family.families.apart("borrowed number", lender, borrower)


def copied_number(family: Family) -> None:
    """A sister's pupil number on a brother's record."""
    number, his = upn(family.families.number()), upn(family.families.number())
    sister = [family.record("school", "Grace", family.born(2008, 2012), **SCHOOL, upn=number)]
    born = family.born(2014, 2018)
    brother = [
        family.record("school", "Leo", born, **SCHOOL, sex="male", upn=his),
        family.record("other-school", "Leo", born, **SCHOOL, sex="male", upn=number),
    ]
    family.families.two["number copied from a sister"] += product(sister, brother)


def copied_from_twin(family: Family) -> None:
    """A twin's pupil number on the other's record."""
    born, numbers = family.born(2010, 2018), [upn(family.families.number()) for _ in range(2)]
    first, second = family.draw.sample(GIRLS, 2)
    ours = [family.record("school", first, born, **SCHOOL, upn=numbers[0])]
    theirs = [
        family.record("school", second, born, **SCHOOL, upn=numbers[1]),
        family.record("other-school", second, born, **SCHOOL, upn=numbers[0]),
    ]
    family.families.two["number copied from a twin"] += product(ours, theirs)


def victim_and_accused(family: Family) -> None:
    """Two of one home, of one name, in one case of the police."""
    urn, born = f"45QB{family.families.number():07d}", family.born(1960, 1995)
    victim = [
        family.record("victim-service", "Sam", born, standard="victim_service", case_urn=urn),
        family.record("register", "Sam", born, **HOUSING),
    ]
    accused = [
        family.record("crown-court", "Sam", born + dt.timedelta(days=800), standard="common_platform", case_urn=urn)
    ]
    family.families.two["victim and accused of one home"] += product(victim, accused)


def adoption(family: Family) -> None:
    """A child before and since an adoption, whom a former number and all but the surname and home lead across."""
    born, new = family.born(2010, 2018), Family(family.families, family.draw)
    number, seal = upn(family.families.number()), f"A{family.families.number()}"
    before = family.record("old-school", "Leo", born, **SCHOOL, upn=number)
    later = upn(family.families.number())
    since = new.record("school", "Leo", born, **SCHOOL, upn=later, former_upn=number)
    family.families.seals += [
        SealedRow(seal, "pre_adoptive", "old-school", before),
        SealedRow(seal, "adoptive", "school", since),
    ]
    family.families.two["sealed adoption"].append((before, since))


def mistyped_number(family: Family) -> None:
    """One woman on two lists, one of which holds a number that is somebody else's: a human must look."""
    born = family.born(1950, 1990)
    records = [
        family.record(feed, "Mary", born, **LIST, nhs=nhs(family.families.number())) for feed in ("list", "other-list")
    ]
    family.families.two["one person of two trusted numbers"].append((records[0], records[1]))


KINDS: tuple[Callable[[Family], None], ...] = (
    twins,
    twins_without_numbers,
    patient_who_is_one_of_twins,
    twins_of_like_names,
    father_and_son,
    siblings_of_one_birthday,
    couple,
    borrowed_number,
    copied_number,
    copied_from_twin,
    victim_and_accused,
    adoption,
    mistyped_number,
)


def write_families(seed: int) -> Families:
    """Return so many families of each kind."""
    families, draw = Families(), random.Random(seed)
    for _ in range(FAMILIES):
        for write in KINDS:
            write(Family(families, draw))
    return families


def count_joined(found: Linked, pairs: dict[str, list[Pair]]) -> dict[str, tuple[int, int]]:
    """Return of each kind how many pairs there are, and how many of them were joined."""
    return {kind: (len(held), sum(found.are_one(*pair) for pair in held)) for kind, held in pairs.items()}


def numbers_of(found: Linked, families: Families) -> dict[str, Counter[str]]:
    """Return how many persons hold two numbers of a scheme that sources vouch for."""
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    names = {identity: name for name, identity in families.written.ids.items()}
    for row in families.written.place.tables["identifier"]:
        if row["scheme"] in ("nhs", "upn"):
            held[found.person[names[row["person_record_id"]]], row["scheme"]].add(row["value"])
    return {
        scheme: Counter(len(values) for (_, each), values in held.items() if each == scheme)
        for scheme in ("nhs", "upn")
    }


@pytest.mark.parametrize("seed", [3, 11])
def test_no_two_people_are_joined_and_nobody_holds_two_trusted_numbers_unreviewed(seed: int) -> None:
    families = write_families(seed)
    with families.written.linked(seals=families.seals) as found:
        joined = count_joined(found, families.two)
        assert {kind: falsely for kind, (_, falsely) in joined.items()} == dict.fromkeys(joined, 0), joined
        assert all(pairs >= FAMILIES for pairs, _ in joined.values())
        one = count_joined(found, families.one)
        assert all(right == pairs for pairs, right in one.values()), one
        for counted in numbers_of(found, families).values():
            assert set(counted) == {1}, counted
        proposals = found.proposals()
        for pair in families.two["one person of two trusted numbers"]:
            assert proposals[frozenset(pair)] == "number", "what is refused for a number alone is for a human to see"
        copied = families.two["number copied from a twin"]
        assert sum(proposals.get(frozenset(pair)) == "shared_number" for pair in copied) >= FAMILIES
        sealed = {record for pair in families.two["sealed adoption"] for record in pair}
        assert not sealed & {record for pair in proposals for record in pair}

"""A little place with a known truth: households with twins, eight sources, and the slips that registers make."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from braid.language.findings import TABLES
from braid.language.identifiers import nhs_check_digit, upn_check_letter
from braid.language.records import record_id
from braid.store.duckdb_engine import DuckDBEngine


def _words(text: str) -> list[str]:
    return text.split()


BOYS = _words(
    "James Robert William Michael Thomas David Christopher Daniel Matthew Joshua Samuel Mohammed Ahmed"
    " Omar Yusuf Kwame Piotr Jakub Oliver Jack Harry Charlie George Noah Leo Arthur Ethan Isaac Luca Mason"
    " Ravi Arjun Tariq Bilal Kofi"
)
GIRLS = _words(
    "Elizabeth Catherine Margaret Sarah Victoria Jennifer Rebecca Charlotte Olivia Emily Amelia Isla"
    " Fatima Aisha Maryam Zainab Katarzyna Zofia Ama Abena Priya Anjali Grace Lily Freya Ella Mia Poppy"
    " Ruby Sophie Chloe Lucy Hannah Ellie"
)
SHORT = dict(
    zip(
        _words("James Robert William Michael Thomas David Elizabeth Catherine Margaret Victoria Mohammed"),
        _words("Jim Bob Bill Mike Tom Dave Liz Kate Maggie Vicky Muhammad"),
        strict=True,
    )
)
PARTS = _words(
    "Ash Black Brook Car Dal East Fern Gar Hart Ing Kel Lang Mar Nor Oak Pem Quin Rad Stan Thorn Wal Whit York Zan"
)
ENDS = _words("by combe den field ford ham hurst ley man mer more sey son ton well wick worth")
DISTRICTS = ("north", "south")


@dataclass
class Person:
    """One true person of the little place."""

    key: str
    given: str
    family: str
    born: dt.date
    sex: str
    postcode: str
    household: str
    nhs: str
    upn: str
    district: str


@dataclass
class LittlePlace:
    """Source tables as rows, and the truth: who each person record is."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    truth: dict[str, str] = field(default_factory=dict)
    feed_of: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def engine(self, memory_limit: str = "1GB") -> DuckDBEngine:
        """Return an engine with the source tables loaded."""
        engine = DuckDBEngine(memory_limit=memory_limit, threads=2)
        for name, rows in self.tables.items():
            engine.load_rows(TABLES[name], rows)
        return engine


def make_place(households: int, seed: int) -> LittlePlace:
    """Return a place of about three people a household."""
    return _Maker(households, seed).make()


class _Maker:
    def __init__(self, households: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.households = households
        self.place = LittlePlace()
        self.serial = 0

    def make(self) -> LittlePlace:
        surnames = [first + end for first in PARTS for end in ENDS]
        weights = [1 / (rank + 8) for rank in range(len(surnames))]
        self.random.shuffle(surnames)
        for number in range(self.households):
            self.household(number, self.random.choices(surnames, weights)[0])
        codes = sorted({person.postcode for person in self.place.people.values()})
        for code in codes:
            district = DISTRICTS[int(code[2]) % 2]
            self.place.tables["postcode"].append(
                {"postcode": code, "easting": 0, "northing": 0, "district_code": district}
            )
        return self.place

    def household(self, number: int, family: str) -> None:
        area = number // 14
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        code = f"QB{area % 9 + 1} {area // 9 % 9 + 1}{letters[area // 81 % 20]}{letters[area // 1620 % 20]}"
        adults = [self.person(number, family, code, 20, 60) for _ in range(self.random.choice((1, 2, 2)))]
        children: list[Person] = []
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            child = self.person(number, family, code, 1, 17)
            if children and self.random.random() < 0.08:
                child.born = children[-1].born
            children.append(child)
        self.sources(number, adults, children)

    def person(self, number: int, family: str, code: str, youngest: int, oldest: int) -> Person:
        self.serial += 1
        sex = self.random.choice(("female", "male"))
        given = self.random.choice(GIRLS if sex == "female" else BOYS)
        born = dt.date(2026, 11, 15) - dt.timedelta(days=self.random.randrange(youngest * 365, oldest * 365))
        upn = f"991{self.serial:09d}"
        person = Person(
            f"P{self.serial}",
            given,
            family,
            born,
            sex,
            code,
            f"H{number}",
            self.nhs(),
            upn_check_letter(upn) + upn,
            DISTRICTS[int(code[2]) % 2],
        )
        self.place.people[person.key] = person
        return person

    def nhs(self) -> str:
        while True:
            nine = f"999{self.random.randrange(10**6):06d}"
            digit = nhs_check_digit(nine)
            if digit is not None:
                return nine + digit

    def sources(self, number: int, adults: list[Person], children: list[Person]) -> None:
        for child in children:
            if child.born < dt.date(2021, 9, 1):
                self.record(child, f"{child.district}-schools", "school", upn=self.mostly(child.upn, 0.96))
            if self.random.random() < 0.15:
                self.record(
                    child,
                    f"{child.district}-cin",
                    "cin",
                    named=False,
                    upn=self.mostly(child.upn, 0.9),
                    la_child=child.key + child.district,
                    postcode=None,
                )
        members = [*adults, *children]
        if self.random.random() < 0.2:
            for member in members:
                self.record(
                    member, f"{member.district}-housing-register", "housing_register", case=("register", f"R{number}")
                )
        if self.random.random() < 0.1:
            for member in members:
                case = ("homelessness_relief", f"C{number}")
                self.record(member, f"{member.district}-homelessness", "hclic", case=case, kind="ta_hostel")
        for member in members:
            if self.random.random() < 0.3:
                self.record(member, "hospital-waiting-list", "wlmds", named=False, nhs=self.mostly(member.nhs, 0.95))
        for adult in adults:
            if self.random.random() < 0.03:
                self.record(adult, "crown-court", "common_platform", case=("criminal_case", f"T{adult.key}"))
            if self.random.random() < 0.04:
                self.record(
                    adult,
                    "victim-service",
                    "victim_service",
                    nhs=self.mostly(adult.nhs, 0.5),
                    confidential=self.random.random() < 0.4,
                )
        if children and self.random.random() < 0.04:
            for member in members:
                self.record(member, "family-court", "fpl", case=("family_case", f"F{number}"))

    def mostly(self, value: str, share: float) -> str | None:
        return value if self.random.random() < share else None

    def record(
        self,
        person: Person,
        feed: str,
        standard: str,
        *,
        named: bool = True,
        nhs: str | None = None,
        upn: str | None = None,
        la_child: str | None = None,
        case: tuple[str, str] | None = None,
        kind: str = "private_rent",
        confidential: bool = False,
        postcode: str | None = "own",
    ) -> None:
        self.serial += 1
        key = f"K{self.serial}"
        identity = record_id(feed, "person_record", key)
        council = f"{person.district}-council"
        line = {
            "feed": feed,
            "organisation_id": council,
            "standard": standard,
            "collection_year": 2026,
            "file_sha256": "0" * 64,
            "row_ref": key,
            "as_of_date": "2026-11-15",
            "sensitivity": "normal",
            "quality": None,
        }
        given, family = self.written(person) if named else (None, None)
        born, precision = self.written_birth(person.born)
        self.place.tables["person_record"].append(
            {
                **line,
                "record_id": identity,
                "partner_record_id": key,
                "given_name": given,
                "family_name": family,
                "birth_date": born,
                "birth_date_precision": precision,
                "sex": person.sex if self.random.random() < 0.97 else "unknown",
                "ethnicity": "white_british",
            }
        )
        for scheme, value in (("nhs", nhs), ("upn", upn), ("la_child", la_child)):
            if value:
                self.place.tables["identifier"].append(
                    {
                        **line,
                        "record_id": record_id(feed, "identifier", key, scheme),
                        "person_record_id": identity,
                        "scheme": scheme,
                        "value": value,
                        "check_result": "none" if scheme == "la_child" else "pass",
                    }
                )
        if case:
            self.place.tables["episode"].append(
                {
                    **line,
                    "record_id": record_id(feed, "episode", key),
                    "person_record_id": identity,
                    "episode_ref": case[1],
                    "kind": case[0],
                    "start_date": "2026-01-10",
                }
            )
        code = self.written_postcode(person.postcode) if postcode else None
        if code or confidential:
            self.place.tables["stay"].append(
                {
                    **line,
                    "record_id": record_id(feed, "stay", key),
                    "person_record_id": identity,
                    "kind": kind,
                    "postcode": None if confidential else code,
                    "start_date": "2025-01-10",
                    "confidential": confidential,
                }
            )
        self.place.truth[identity] = person.key
        self.place.feed_of[identity] = feed

    def written(self, person: Person) -> tuple[str, str]:
        given, family = person.given, person.family
        if self.random.random() < 0.04:
            given = SHORT.get(given, given)
        if self.random.random() < 0.03:
            given = self.slip(given)
        if self.random.random() < 0.03:
            family = self.slip(family)
        if self.random.random() < 0.005:
            given, family = family, given
        return (given.upper(), family.upper()) if self.random.random() < 0.2 else (given, family)

    def slip(self, text: str) -> str:
        place = self.random.randrange(1, len(text))
        return self.random.choice(
            (
                text[:place] + text[place + 1 :],
                text[:place] + "e" + text[place:],
                text[:place] + "n" + text[place + 1 :],
            )
        )

    def written_birth(self, born: dt.date) -> tuple[dt.date, str]:
        chance = self.random.random()
        if chance < 0.005 and born.day <= 12:
            return born.replace(day=born.month, month=born.day), "day"
        if chance < 0.010:
            return dt.date(born.year, 1, 1), "day"
        if chance < 0.020:
            return born + dt.timedelta(days=self.random.choice((-10, -1, 1, 10))), "day"
        return born, "day"

    def written_postcode(self, code: str) -> str | None:
        chance = self.random.random()
        if chance < 0.03:
            return None
        if chance < 0.12:
            outward, sector = self.random.randrange(1, 10), self.random.randrange(1, 10)
            return f"QB{outward} {sector}{self.random.choice('ABDEFGHJ')}{self.random.choice('LNPQRSTU')}"
        return code

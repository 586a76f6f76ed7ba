"""Censuses of fictional children with mistakes planted everywhere, drawn from a seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from braid.language.identifiers import upn_check_letter

Block = tuple[str, "str | list[Block]"]
YEAR = 2026
START, END = dt.date(YEAR - 1, 4, 1), dt.date(YEAR, 3, 31)


def write_census(path: Path, children: int, seed: int, *, odd_numbers: bool = False) -> Path:
    """Write a census of fictional children, a share of whose cells are wrong, missing or out of order.

    With `odd_numbers` the authority's own numbers of children are among them: missing, or of two children.
    """
    draw = _Draw(random.Random(seed), odd_numbers=odd_numbers)
    header: Block = ("Header", [
        ("CollectionDetails", [("Collection", "CIN"), ("Year", str(YEAR)), ("ReferenceDate", END.isoformat())]),
        ("Source", [("SourceLevel", "L"), ("LEA", "801")]),
    ])  # fmt: skip
    message: Block = ("Message", [header, ("Children", [draw.child(number) for number in range(children)])])
    path.write_text('<?xml version="1.0" encoding="utf-8"?>\n' + _xml(message, 0), encoding="utf-8")
    return path


def _xml(block: Block, depth: int) -> str:
    name, inside = block
    pad = " " * depth
    if isinstance(inside, str):
        return f"{pad}<{name}>{escape(inside)}</{name}>\n"
    return f"{pad}<{name}>\n" + "".join(_xml(each, depth + 1) for each in inside) + f"{pad}</{name}>\n"


class _Draw:
    """Draws blocks; `odd` says how often a cell is spoilt."""

    def __init__(self, rng: random.Random, odd: float = 0.08, *, odd_numbers: bool = False) -> None:
        self.rng = rng
        self.odd = odd
        self.odd_numbers = odd_numbers

    def number(self, number: int) -> list[Block]:
        if not self.odd_numbers:
            return [("LAchildID", f"C{number}" + self.one(("",), ("-1", "X" * 20)))]
        return self.some(("LAchildID", f"C{number if self.rng.random() > self.odd else number // 2}"))

    def one(self, good: Sequence[str], bad: Sequence[str] = ()) -> str:
        return self.rng.choice(bad if bad and self.rng.random() < self.odd else good)

    def some(self, *cells: tuple[str, str | None]) -> list[Block]:
        """Return the cells that hold something, some of them left out."""
        return [(name, text) for name, text in cells if text is not None and self.rng.random() > self.odd]

    def day(self, low: dt.date, high: dt.date) -> dt.date:
        return low + dt.timedelta(self.rng.randint(0, max((high - low).days, 0)))

    def after(self, start: dt.date, most: int) -> str:
        """Return a day up to `most` days after `start`, now and then shortly before it, or on it."""
        if self.rng.random() < self.odd:
            return (start - dt.timedelta(self.rng.randint(0, 9))).isoformat()
        return (start + dt.timedelta(self.rng.randint(0, most))).isoformat()

    def maybe(self, share: float, text: str) -> str | None:
        return text if self.rng.random() < share else None

    def upn(self, number: int) -> str:
        rest = f"{self.one(('801', '330', '886'), ('999', '043'))}{self.rng.randint(10**7, 10**8 - 1)}"
        rest += self.one(("0", "1", "7", "A", "M"), ("S", "O", "?"))
        letter = upn_check_letter(rest) if rest[-1] not in "SO?" else "A"
        number_text = (letter if self.rng.random() > self.odd else self.one("ABCDEFGH")) + rest
        if self.rng.random() < self.odd / 2:
            return number_text[:7] + "X" + number_text[8:]
        return f"A8012000{number % 7:04d}0" if self.rng.random() < self.odd / 4 else number_text

    def child(self, number: int) -> Block:
        unborn = self.rng.random() < 0.06
        born = self.day(dt.date(1999, 1, 1), dt.date(2026, 5, 1))
        expected = self.day(dt.date(2026, 1, 1), dt.date(2027, 2, 1)).isoformat()
        upn = self.maybe(0.7, self.upn(number))
        identifiers = self.number(number) + self.some(
            ("UPN", upn),
            ("FormerUPN", self.maybe(0.1, self.one(("H801200001001", "A80120000100A"), ("A8012",)))),
            ("UPNunknown", None if upn else self.one([f"UN{i}" for i in range(1, 8)], ("UN9",))),
            ("PersonBirthDate", None if unborn else born.isoformat()),
            ("ExpectedPersonBirthDate", expected if unborn else None),
            ("Sex", self.one(("U",) if unborn else ("M", "F", "M", "F", "M", "F", "U"), ("M", "1"))),
            ("PersonDeathDate", self.maybe(0.06, self.day(dt.date(2025, 2, 1), dt.date(2026, 5, 1)).isoformat())),
        )  # fmt: skip
        disabilities: list[Block] = [
            ("Disability", self.one(("NONE", "NONE", "NONE", "MOB", "LD", "AUT", "BEH"), ("XXX",)))
            for _ in range(self.rng.choice((0, 1, 1, 1, 2, 3)))
        ]
        characteristics: list[Block] = self.some(("Ethnicity", self.one(("WBRI", "MOTH", "NOBT"), ("WXYZ",))))
        inside: list[Block] = [("ChildIdentifiers", identifiers)]
        inside.append(("ChildCharacteristics", [*characteristics, ("Disabilities", disabilities)]))
        inside += [self.details() for _ in range(self.rng.choice((0, 1, 1, 1, 1, 1, 2, 2, 3)))]
        return "Child", inside

    def details(self) -> Block:
        referred = self.day(dt.date(2024, 12, 1), dt.date(2026, 4, 10))
        no_action = self.one(("0", "false", "false", "1", "true"), ("no way",))
        closed = self.maybe(0.5, self.after(referred, 260))
        reasons = ("RC1", "RC2", "RC8", "RC9")
        cells = self.some(
            ("CINreferralDate", referred.isoformat()),
            ("ReferralSource", self.one(("1A", "4", "6", "10"), ("11", "3G"))),
            ("PrimaryNeedCode", self.maybe(0.9, self.one(("N1", "N4", "N0"), ("N11",)))),
            ("CINclosureDate", closed),
            ("ReasonForClosure", self.one(reasons, ("RC0",)) if closed else self.maybe(0.05, "RC3")),
            ("DateOfInitialCPC", self.maybe(0.12, self.after(referred, 60))),
            ("ReferralNFA", no_action),
        )  # fmt: skip
        blocks: list[Block] = []
        if no_action in ("0", "false") or self.rng.random() < 0.2:
            blocks += [self.assessment(referred) for _ in range(self.rng.choice((0, 1, 1, 1, 2)))]
            blocks += [self.plan(referred) for _ in range(self.rng.choice((0, 0, 1, 1, 2)))]
            blocks += [self.enquiry(referred) for _ in range(self.rng.choice((0, 0, 1, 1, 2)))]
            blocks += [self.protection(referred) for _ in range(self.rng.choice((0, 0, 0, 1, 1, 2)))]
        return "CINdetails", [*cells, *blocks]

    def assessment(self, referred: dt.date) -> Block:
        start = dt.date.fromisoformat(self.after(referred, 40))
        factors: list[Block] = [
            ("AssessmentFactors", self.one(("1A", "2B", "3A", "21", "18A", "19A"), ("99Z",)))
            for _ in range(self.rng.choice((0, 1, 1, 2, 3)))
        ]
        cells = self.some(
            ("AssessmentActualStartDate", start.isoformat()),
            ("AssessmentInternalReviewDate", self.maybe(0.3, self.after(start, 20))),
            ("AssessmentAuthorisationDate", self.maybe(0.75, self.after(start, 60))),
        )
        return "Assessments", [*cells, *([("FactorsIdentifiedAtAssessment", factors)] if factors else [])]  # type: ignore[list-item]

    def plan(self, referred: dt.date) -> Block:
        start = dt.date.fromisoformat(self.after(referred, 120))
        end = self.maybe(0.6, start.isoformat() if self.rng.random() < 0.06 else self.after(start, 150))
        return "CINPlanDates", self.some(("CINPlanStartDate", start.isoformat()), ("CINPlanEndDate", end))

    def enquiry(self, referred: dt.date) -> Block:
        start = dt.date.fromisoformat(self.after(referred, 60))
        return "Section47", self.some(
            ("S47ActualStartDate", start.isoformat()),
            ("InitialCPCtarget", self.maybe(0.6, self.after(start, 21))),
            ("DateOfInitialCPC", self.maybe(0.5, self.after(start, 25))),
            ("ICPCnotRequired", self.one(("0", "false", "1", "true"))),
        )

    def protection(self, referred: dt.date) -> Block:
        start = dt.date.fromisoformat(self.after(referred, 120))
        end = self.maybe(0.5, start.isoformat() if self.rng.random() < 0.06 else self.after(start, 200))
        reviews: list[Block] = [
            ("Reviews", self.some(("CPPreviewDate", self.after(start, 120))))
            for _ in range(self.rng.choice((0, 1, 1, 2)))
        ]
        cells = self.some(
            ("CPPstartDate", start.isoformat()), ("CPPendDate", end),
            ("InitialCategoryOfAbuse", self.one(("NEG", "EMO"), ("ZZZ",))),
            ("LatestCategoryOfAbuse", self.one(("NEG", "PHY"), ("ZZZ",))),
            ("NumberOfPreviousCPP", self.one(("0", "1"), ("-1",))),
        )  # fmt: skip
        return "ChildProtectionPlans", [*cells, *reviews]

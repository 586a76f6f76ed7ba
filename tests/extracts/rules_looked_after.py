"""Returns of fictional looked-after children with mistakes planted everywhere, drawn from a seed."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import defaultdict
from pathlib import Path

from braid.language.identifiers import upn_check_letter

YEAR = 2026
START, END = dt.date(YEAR - 1, 4, 1), dt.date(YEAR, 3, 31)
COLUMNS = {
    "header": "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB",
    "episodes": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN",
    "reviews": "CHILD DOB REVIEW REVIEW_CODE",
    "uasc": "CHILD SEX DOB DUC",
    "oc2": "CHILD DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT"
    " SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
    "oc3": "CHILD DOB IN_TOUCH ACTIV ACCOM",
    "ad1": "CHILD DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR",
    "placed_for_adoption": "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
    "previous_permanence": "CHILD DOB PREV_PERM LA_PERM DATE_PERM",
    "missing": "CHILD DOB MISSING MIS_START MIS_END",
    "sw_episodes": "CHILD DOB SW_ID SW_DECOM SW_DEC SW_REASON",
}
"""The columns of each module, as the return has them."""


def write_return(folder: Path, children: int, seed: int) -> list[Path]:
    """Write the modules of a return, a share of whose cells are wrong, missing or out of order; return their paths."""
    draw = _Draw(random.Random(seed))
    for number in range(children):
        draw.child(f"K{number}")
    paths = []
    for module, names in COLUMNS.items():
        path = folder / f"{YEAR}-{module}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names.split(), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(draw.rows[module])
        paths.append(path)
    return paths


class _Draw:
    """Draws the rows of children; `odd` says how often a cell is spoilt."""

    def __init__(self, rng: random.Random, odd: float = 0.06) -> None:
        self.rng = rng
        self.odd = odd
        self.rows: dict[str, list[dict[str, str]]] = defaultdict(list)

    def add(self, module: str, **cells: str) -> None:
        kept = {name: cell for name, cell in cells.items() if name == "CHILD" or self.rng.random() > self.odd}
        self.rows[module].append(kept)
        if module != "header" and self.rng.random() < self.odd / 8:
            self.rows[module].append(dict(kept))

    def one(self, good: str, bad: str = "") -> str:
        return self.rng.choice((bad if bad and self.rng.random() < self.odd else good).split())

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def maybe(self, share: float, text: str) -> str:
        return text if self.chance(share) else ""

    def day(self, low: dt.date, high: dt.date) -> dt.date:
        return low + dt.timedelta(self.rng.randint(0, max((high - low).days, 0)))

    def text(self, day: dt.date) -> str:
        return "31/02/2025" if self.rng.random() < self.odd / 6 else f"{day:%d/%m/%Y}"

    def later(self, start: dt.date, most: int) -> dt.date:
        return start + dt.timedelta(self.rng.randint(-5, 0) if self.chance(self.odd) else self.rng.randint(0, most))

    def child(self, child: str) -> None:
        born = self.day(dt.date(2000, 1, 1), dt.date(2026, 1, 1))
        if self.chance(0.3):
            born = self.day(dt.date(2006, 6, 1), dt.date(2009, 6, 1))
        birth = self.text(born)
        sex = self.one("M F M F U", "1 2")
        if not self.chance(self.odd / 2):
            self.header(child, birth, sex)
        if not self.chance(self.odd):
            self.episodes(child)
        own = self.maybe(0.95, birth) or self.text(born + dt.timedelta(1))
        self.modules(child, own, sex)

    def header(self, child: str, birth: str, sex: str) -> None:
        mother = self.one("0 0 0 1") if self.chance(0.5) else ""
        rest = f"801{self.rng.randint(10**7, 10**8 - 1)}{self.one('0 1', 'A')}"
        upn = (upn_check_letter(rest) if self.chance(0.9) else "A") + rest
        self.add(
            "header", CHILD=child, SEX=sex, DOB=birth, ETHNIC=self.one("WBRI MOTH", "WXXX"),
            UPN=self.maybe(0.8, upn) or self.one("UN1 UN2 UN4", "UN9 H8012"), MOTHER=mother,
            MC_DOB=self.text(self.day(dt.date(2008, 1, 1), dt.date(2026, 6, 1))) if self.chance(0.12) else "",
        )  # fmt: skip

    def episodes(self, child: str) -> None:
        start = self.day(dt.date(2023, 1, 1), dt.date(2026, 4, 4))
        reason, need = "S", self.one("N1 N5")
        last: dict[str, str] = {}
        for _ in range(self.rng.choice((1, 1, 2, 3, 4))):
            end = self.later(start, 200)
            goes_on = self.chance(0.6)
            place = self.one("U1 U4 K2 K3 P1 R2 R5 S1 P3 T1 T3 T4 A3 A4 A5 A6 Z11", "Q9 Z1 H5")
            cells = {
                "LS": self.one("C2 V2 E1 L1 L2 L3 J1 V3 V4 C2 V2 V2 C2", "Q9"), "PLACE": place,
                "PLACE_PROVIDER": self.one("PR0 PR1 PR2 PR3 PR4 PR5", "PR9"),
                "PL_POST": self.one("M11AA OL12BB"), "URN": self.one("1234567 7654321"),
            }  # fmt: skip
            if last and self.chance(0.4):
                cells.update({name: last[name] for name in self.rng.sample(sorted(cells), 3)})
            open_still = end > END or self.chance(0.1)
            self.add(
                "episodes", CHILD=child, DECOM=self.text(start), RNE=self.one(reason, "Q9 S P"),
                CIN=need if self.chance(0.93) else self.one("N2 Q9"), DEC="" if open_still else self.text(end),
                REC="" if open_still else "X1" if goes_on else self.one("E2 E4A E11 E12 E45 E17 E15 E7 E5 E3", "Q9"),
                REASON_PLACE_CHANGE=self.maybe(0.2, self.one("CARPL CUSTOD", "Q9")),
                HOME_POST=self.maybe(0.8, "M11AB"), **cells,
            )  # fmt: skip
            last = cells
            start = end if goes_on and self.chance(0.85) else end + dt.timedelta(self.rng.randint(1, 60))
            reason = self.one("L P T B U") if goes_on else "S"

    def modules(self, child: str, birth: str, sex: str) -> None:
        year = (dt.date(2025, 3, 1), dt.date(2026, 4, 10))
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            self.add("reviews", CHILD=child, DOB=birth, REVIEW=self.text(self.day(*year)),
                     REVIEW_CODE=self.one("PN0 PN1 PN7", "PN9"))  # fmt: skip
        for _ in range(self.rng.choice((0, 0, 0, 1, 2, 3))):
            begun = self.day(*year)
            self.add("missing", CHILD=child, DOB=birth, MISSING=self.one("M A", "Q"), MIS_START=self.text(begun),
                     MIS_END=self.maybe(0.75, self.text(self.later(begun, 40))))  # fmt: skip
        if self.chance(0.5):
            flags = {name: self.maybe(0.8, self.one("0 1", "2")) for name in COLUMNS["oc2"].split()[4:]}
            score = self.maybe(0.5, self.one("0 12 40", "41 x"))
            self.add("oc2", CHILD=child, DOB=birth, SDQ_SCORE=score,
                     SDQ_REASON=self.maybe(0.1 if score else 0.6, self.one("SDQ1 SDQ5", "SDQ9")), **flags)  # fmt: skip
        if self.chance(0.25):
            self.add("oc3", CHILD=child, DOB=birth, IN_TOUCH=self.one("YES NO DIED RHOM", "QQ"),
                     ACTIV=self.one("F1 P1 G4 0", "QQ"), ACCOM=self.one("B1 U1 Y2 0", "QQ"))  # fmt: skip
        if self.chance(0.3):
            intended = self.day(*year)
            self.add("ad1", CHILD=child, DOB=birth, DATE_INT=self.text(intended),
                     DATE_MATCH=self.text(self.later(intended, 90)), FOSTER_CARE=self.one("0 1", "7"),
                     NB_ADOPTR=self.one("1 2", "7"), SEX_ADOPTR=self.one("M1 F1 MM FF MF", "QQ"),
                     LS_ADOPTR=self.one("L0 L11 L12 L2 L3 L4", "QQ"))  # fmt: skip
        if self.chance(0.3):
            placed = self.day(*year)
            ceased = self.chance(0.5)
            self.add("placed_for_adoption", CHILD=child, DOB=birth, DATE_PLACED=self.text(placed),
                     DATE_PLACED_CEASED=self.text(self.later(placed, 90)) if ceased else "",
                     REASON_PLACED_CEASED=self.one("RD1 RD4", "QQ") if ceased else "")  # fmt: skip
        if self.chance(0.6):
            self.add("previous_permanence", CHILD=child, DOB=birth, PREV_PERM=self.one("P1 P4 Z1 Z1", "QQ"),
                     LA_PERM=self.maybe(0.2, "801"), DATE_PERM=self.maybe(0.3, "01/06/2019"))  # fmt: skip
        if self.chance(0.1):
            self.add("uasc", CHILD=child, SEX=sex if self.chance(0.9) else "F", DOB=birth,
                     DUC=self.maybe(0.7, self.text(self.day(dt.date(2024, 1, 1), dt.date(2027, 1, 1)))))  # fmt: skip
        self.workers(child, birth)

    def workers(self, child: str, birth: str) -> None:
        begun = self.day(dt.date(2024, 9, 1), dt.date(2025, 12, 1))
        for number in range(self.rng.choice((0, 1, 2, 3))):
            end = self.later(begun, 150)
            self.add("sw_episodes", CHILD=child, DOB=birth, SW_ID=self.one(f"SW1{number} XX1{number}", "99"),
                     SW_DECOM=self.text(begun), SW_DEC=self.maybe(0.8, self.text(end)),
                     SW_REASON=self.one("FCONTA MANAGE", "QQ"))  # fmt: skip
            begun = begun if self.chance(self.odd) else end

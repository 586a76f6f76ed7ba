"""Crown Court cases moved from Xhibit, one row a defendant: `xhibit_cases.csv`. It holds open cases alone."""

from __future__ import annotations

from pathlib import Path

from braid.example.desk import Desk, iso
from braid.example.records import CrownCase
from braid.example.streams import words

COLUMNS = words(
    "case_urn xhibit_case_number court_name ou_code case_type case_sub_type mode_of_trial defendant_id"
    " defendant_first_name defendant_middle_name defendant_last_name defendant_date_of_birth"
    " defendant_arrest_summons_number committal_date sent_date"
)
_APPEAL_EVERY, _COMMITTED_EVERY = 6, 5


def write_xhibit(desk: Desk, folder: Path) -> None:
    """Write the cases that the Crown Court had and had not closed by the day of the cut."""
    rows = [
        _row(desk, case, number, person, key)
        for number, case in enumerate(desk.world.crown_cases)
        if desk.known(case.closed) is None and desk.shows(("xhibit", case.urn), case.opened, None)
        for person, key in case.defendants
    ]
    rows += [["", *row[1:]] for row in rows[: desk.spoils(len(rows))]]
    desk.write_csv(folder / "xhibit_cases.csv", COLUMNS, rows)


def find_case_type(number: int) -> str:
    """Return what is before the court: a trial (T) or, now and then, an appeal (A), before which is no trial."""
    return "A" if number % _APPEAL_EVERY == _APPEAL_EVERY - 1 else "T"


def is_committed(number: int) -> bool:
    """Whether the case came by a committal and was not sent, as older cases did."""
    return number % _COMMITTED_EVERY == _COMMITTED_EVERY - 1


def _row(desk: Desk, case: CrownCase, number: int, person: int, key: str) -> list[object]:
    own = f"X{key}"
    desk.keys[own] = person
    who = desk.describe(person, own, case.charged)
    kind, came = find_case_type(number), iso(case.magistrates)
    committed = is_committed(number)
    return [
        case.urn,
        f"{kind}{case.opened.year}{number + 1:04d}",
        "Hallowmere Crown Court",
        "B99QB00",
        kind,
        "Either way offence" if kind == "T" else "Appeal",
        "Either way",
        own,
        who.given,
        "",
        who.family,
        iso(who.birth),
        f"99QB{case.urn[-6:]}A",
        came if committed else "",
        "" if committed else came,
    ]

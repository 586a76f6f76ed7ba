"""Records that look like two of a family: apart, and nothing chains them; one number of two is for a human to see."""

from __future__ import annotations

import pytest

from braid.people.decisions import DIFFERENT, SAME
from people.little_place import ENDS, GIRLS, PARTS
from people.records import Written, decision, nhs, upn

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")
HOME = {"postcode": "QB1 1AA"}
BORN = "2015-03-04"


def twins(**more: object) -> Written:
    """Write two girls of one birth date and home, and a patient without a name who was born with them."""
    written = Written()
    written.record("amy", "housing", "Amy", "Thornwick", BORN, **HOME)
    written.record("ruth", "housing", "Ruth", "Thornwick", BORN, **HOME)
    written.record("patient", "list", None, None, BORN, standard="wlmds", nhs=nhs(1), **HOME, **more)
    return written


def test_a_patient_who_fits_both_of_two_twins_is_neither() -> None:
    with twins().linked() as found:
        assert len({found.person[name] for name in ("amy", "ruth", "patient")}) == 3


def test_a_patient_who_fits_one_child_is_that_child() -> None:
    written = twins()
    for row in written.place.tables["person_record"]:
        if row["record_id"] == written.ids["ruth"]:
            row["birth_date"] = "2012-07-08"
    with written.linked() as found:
        assert found.are_one("amy", "patient")


def test_two_humans_may_say_what_a_score_may_not() -> None:
    rows = [decision("amy", "ruth", ("housing", "housing"), SAME, "First Human")]
    with twins().linked(rows) as found:
        assert found.are_one("amy", "ruth")


@pytest.mark.parametrize(
    "names", [("Иван", "Олег", "Петренко"), ("محمد", "خالد", "الحسن"), ("伟", "敏", "王"), ("Ivan", "Oleg", "Petrenko")]
)
def test_twins_are_two_and_who_moved_is_one_in_whatever_script(names: tuple[str, str, str]) -> None:
    one, other, family = names
    written = with_others(Written())
    written.record("one", "north", one, family, BORN, **HOME)
    written.record("other", "south", other, family, BORN, **HOME)
    written.record("there", "north", one, family, "1980-05-14", postcode="QB2 1AA")
    written.record("moved", "south", one, family, "1980-05-14", postcode="QB3 1AA")
    with written.linked() as found:
        assert not found.are_one("one", "other") and found.are_one("there", "moved")


@pytest.mark.parametrize("later", ["1990-03-04", "1978-03-04", "1988-04-05"])
def test_a_son_who_bears_his_fathers_rare_name_is_another(later: str) -> None:
    """One figure of the year, or all of the date: names and home are the family's either way."""
    written = Written()
    for feed in ("north", "south"):
        written.record(f"father {feed}", feed, "Zebedee", "Thornwick", "1960-03-04", sex="male", **HOME)
        written.record(f"son {feed}", feed, "Zebedee", "Thornwick", later, sex="male", **HOME)
    with written.linked() as found:
        assert found.are_one("father north", "father south") and found.are_one("son north", "son south")
        assert not found.are_one("father north", "son south")


def test_one_figure_of_a_near_year_is_a_slip() -> None:
    written = with_others(Written())
    written.record("one", "north", "Zebedee", "Thornwick", "1960-03-04", sex="male", **HOME)
    written.record("other", "south", "Zebedee", "Thornwick", "1961-03-04", sex="male", **HOME)
    with written.linked() as found:
        assert found.are_one("one", "other")


def test_dates_at_which_calendars_begin_make_nobody_one_nor_two() -> None:
    written = with_others(Written())
    written.record("one", "north", "Zebedee", "Thornwick", "1960-03-04", sex="male", **HOME)
    written.record("undated", "south", "Zebedee", "Thornwick", "1900-01-01", sex="male", **HOME)
    written.record("stranger", "north", "Ann", "Hill", "1900-01-01", postcode="QB7 1AA")
    written.record("other", "south", "Ann", "Moss", "1900-01-01", postcode="QB8 1AA")
    with written.linked() as found:
        assert found.are_one("one", "undated")
        assert not found.are_one("stranger", "other")


def with_others(written: Written) -> Written:
    """Add some people, so that a name says more than where everybody bears it."""
    for number in range(60):
        born = f"{1940 + number}-0{number % 9 + 1}-1{number % 7}"
        name = f"{GIRLS[number % len(GIRLS)]}", f"{PARTS[number % len(PARTS)]}{ENDS[number % len(ENDS)]}"
        written.record(f"other {number}", "east", *name, born, postcode=f"QB{number % 9 + 1} {number // 9 + 1}ZZ")
    return written


def test_names_alone_join_nobody_however_rare() -> None:
    written = with_others(Written())
    written.record("one", "north", "Zebedee", "Thornwick", None, sex="male", **HOME)
    written.record("other", "south", "Zebedee", "Thornwick", "1960-03-04", sex="male")
    written.record("third", "south", "Zebedee", "Thornwick", None, sex="male", **HOME)
    with written.linked() as found:
        assert found.are_one("one", "third")
        assert not found.are_one("one", "other")


def copied() -> Written:
    """Write twins at two schools, one of which holds the number of the one for the other."""
    written = Written()
    written.record("amy", "north", "Amy", "Thornwick", BORN, standard="school", upn=upn(1), **HOME)
    written.record("ruth", "south", "Ruth", "Thornwick", BORN, standard="school", upn=upn(1), **HOME)
    return written


def test_a_number_that_twins_share_is_a_confusion_for_a_human() -> None:
    pair = frozenset(("amy", "ruth"))
    with copied().linked() as found:
        assert not found.are_one("amy", "ruth")
        assert found.proposals() == {pair: "shared_number"}
        queue = found.engine.rows("select cause from link_review where position > 0")
        assert [row["cause"] for row in queue] == ["shared_number"]
    with copied().linked([decision("amy", "ruth", ("north", "south"), SAME, "First Human")]) as found:
        assert found.are_one("amy", "ruth")
        assert found.proposals() == {}
    with copied().linked([decision("amy", "ruth", ("north", "south"), DIFFERENT, "First Human")]) as found:
        assert not found.are_one("amy", "ruth")
        assert found.proposals() == {}


Row = tuple[str, str | None, str | None, dict[str, object]]
"""Feed, forename, birth date, and what is otherwise."""
FAR = {"postcode": "QB9 9ZZ"}
GIRL = {"sex": "female"}
OTHER = {"surname": "Quinhurst"}
TWO: dict[str, tuple[Row, Row]] = {
    "twins of two sexes": (("north", "Sean", BORN, {}), ("south", "Jean", BORN, GIRL)),
    "brothers of one first of January": (
        ("north", "Kofi Amin", "2003-01-01", {}),
        ("south", "Kofi Tariq", "2003-01-01", {}),
    ),
    "namesakes of one first of January": (("north", "Kofi", "2003-01-01", {}), ("south", "Kofi", "2003-01-01", FAR)),
    "babies of one list": (("north", "Baby", BORN, {}), ("north", "Twin Two", BORN, {})),
    "babies of two homes": (("north", "Baby", BORN, {}), ("south", None, BORN, FAR)),
    "strangers of one forename and birth date": (
        ("north", "Kofi", BORN, {}),
        ("south", "Kofi", BORN, {**FAR, **OTHER}),
    ),
    "somebody of whom no more is known": (("north", "Kofi", BORN, {}), ("south", "Unknown", None, {})),
    "a brother without a birth date": (("north", "Kofi", BORN, {}), ("south", "Piotr", None, {})),
    "two of one list, one without a birth date": (("north", "Kofi", BORN, {}), ("north", "Kofi", None, {})),
    "a mother's number on her baby": (
        ("north", "Ama", None, {**GIRL, "nhs": nhs(1), "standard": "wlmds"}),
        ("south", "Baby of Ama", BORN, {**GIRL, "nhs": nhs(1), "standard": "wlmds"}),
    ),
}
ONE: dict[str, tuple[Row, Row]] = {
    "a slip in the name": (("north", "Sean", BORN, {}), ("south", "Seam", BORN, {})),
    "another surname at one home": (("north", "Kofi", BORN, {}), ("south", "Kofi", BORN, OTHER)),
    "a wrong sex": (("north", "Sean", BORN, {}), ("south", "Sean", BORN, GIRL)),
    "names in another order": (("north", "Kofi Amin", BORN, {}), ("south", "Amin Kofi", BORN, {})),
    "one first of January, one home": (("north", "Kofi", "2003-01-01", {}), ("south", "Kofi", "2003-01-01", {})),
    "a baby of two lists": (("north", "Baby", BORN, {}), ("south", "Newborn", BORN, {})),
    "no birth date, one home": (("north", "Kofi", BORN, {}), ("south", "Kofi", None, {})),
    "one list twice, to the letter": (("north", "Kofi", BORN, {}), ("north", "Kofi", BORN, {})),
    "a patient without a name": (
        ("north", None, None, {"nhs": nhs(2), "standard": "wlmds"}),
        ("south", None, BORN, {"nhs": nhs(2), "standard": "wlmds"}),
    ),
}


def test_what_a_family_has_in_common_makes_no_two_of_it_one_and_a_slip_parts_nobody() -> None:
    """Each kind in a home of its own, in one place with others."""
    written = with_others(Written())
    for number, (kind, rows) in enumerate({**TWO, **ONE}.items()):
        for end, (feed, given, born, more) in enumerate(rows):
            surname = more.get("surname", f"{PARTS[number]}wick") if given or "standard" not in more else None
            about = {"sex": "male", "postcode": f"QB1 {number % 9 + 1}{'ABD'[number // 9]}D", **more}
            written.record(f"{kind} {end}", feed, given, surname, born, **about)
    with written.linked() as found:
        joined = {kind: found.are_one(f"{kind} 0", f"{kind} 1") for kind in {**TWO, **ONE}}
    assert joined == {**dict.fromkeys(TWO, False), **dict.fromkeys(ONE, True)}


def test_brothers_of_one_leading_name_on_one_application_are_two() -> None:
    """What tells twins apart is the name after the first. Entered twice, once with it and once without, is one."""
    written = with_others(Written())
    for name, given, more in (
        ("amin", "Kofi Amin", HOME),
        ("tariq", "Kofi Tariq", HOME),
        ("long", "Sean Luc", FAR),
        ("short", "Sean", FAR),
    ):
        written.record(name, "north", given, "Thornwick", BORN, sex="male", **more)
    written.tie("amin", "tariq", "sibling")
    written.tie("long", "short", "sibling")
    with written.linked() as found:
        assert not found.are_one("amin", "tariq")
        assert found.are_one("long", "short")

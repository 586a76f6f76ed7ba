from __future__ import annotations

import pytest

from braid.people.names import fold, forename_groups, split_forenames, split_surname


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Zoë", "zoe"),
        ("O'NEIL", "oneil"),
        ("O\u2019Neil", "oneil"),
        ("Łukasz", "lukasz"),
        ("  Anne-Marie ", "anne marie"),
        ("", ""),
    ],
)
def test_folding_leaves_plain_letters(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_name_in_another_script_is_one_in_that_script() -> None:
    assert split_forenames("Іва́н ЮРІЙ") == ("іван", "юріи")
    assert split_surname("ΠΑΠΑΔΌΠΟΥΛΟΣ") == split_surname("Παπαδόπουλος") == ("παπαδοπουλοσ",)
    assert split_forenames("مُحَمَّد") == split_forenames("محمد") != ()
    assert split_surname("王 小明") == ("王小明",)
    assert split_forenames("Ivan (Іван)") == ("ivan",)
    assert split_forenames("12 ? — ★ \u060c \u0968") == split_surname("12 — ★") == ()


def test_titles_and_placeholders_are_no_forenames() -> None:
    assert split_forenames("Mrs Mary Jane") == ("mary", "jane")
    assert split_forenames("Baby") == ()


def test_known_as_names_follow_the_others() -> None:
    assert split_forenames("Margaret known as Peggy") == ("margaret", "peggy")
    assert split_forenames("Margaret (Peggy)") == ("margaret", "peggy")


def test_hyphenated_surname_has_its_parts() -> None:
    assert split_surname("Smith-Jones") == ("smithjones", "smith", "jones")
    assert split_surname("O'Neil") == ("oneil",)


def test_forms_of_one_name_share_a_group() -> None:
    assert set(forename_groups("bob")) & set(forename_groups("robert"))
    assert set(forename_groups("muhammad")) & set(forename_groups("mohammed"))
    assert not set(forename_groups("robert")) & set(forename_groups("william"))


def test_a_name_nobody_knows_is_its_own_group() -> None:
    assert forename_groups("qwertina") == ("qwertina",)

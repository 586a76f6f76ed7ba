"""The crosswalk says what connectors do: each crossing is tried on what reads the code, and what is lost is counted."""

from __future__ import annotations

from collections import defaultdict

import pytest

from braid.extracts import checks
from braid.extracts.crosswalk import EXACT, GROUP, LISTS, find_own_words, list_crossings
from braid.extracts.definition_files import load_definitions
from braid.extracts.walked import walked
from braid.language.codes import CODE_LISTS
from braid.language.source_words import WORDS


def test_every_crossing_is_of_a_list_and_code_that_there_is() -> None:
    found = list_crossings()
    assert {one.list_name for one in found} <= set(LISTS) <= set(CODE_LISTS)
    assert all(one.common in CODE_LISTS[one.list_name] for one in found if one.common)
    assert {one.standard for one in found} <= set(CODE_LISTS["standard"])
    keys = [(one.list_name, one.standard, one.field, one.code) for one in found]
    assert len(keys) == len(set(keys)), "a code of a field becomes one code of ours"


def test_what_the_reader_of_a_column_says_is_what_the_crosswalk_says() -> None:
    crossings = {(one.list_name, one.standard, one.field, one.code): one for one in list_crossings()}
    tried = 0
    for definition in load_definitions():
        for part in definition.parts:
            for column in part.columns.values():
                codes = column.cell.codes
                for code in dict.fromkeys(codes.codes.values()) if codes else ():
                    for list_name in LISTS:
                        crossing = crossings.get((list_name, definition.standard, column.name, code))
                        if crossing and crossing.common and codes and codes.find_common(code):
                            assert codes.find_common(str(column.cell.read(code)[0])) == crossing.common
                            tried += 1
    assert tried > 50


def test_ethnicity_is_as_the_check_reads_it_with_its_precision() -> None:
    for one in list_crossings():
        if one.list_name == "ethnicity" and one.standard == "cin":
            values, rule = checks.check_ethnicity("dfe", one.code)
            assert rule is None
            assert (values["ethnicity"], values["ethnicity_precision"]) == (one.common, one.precision)
    assert {one.code for one in list_crossings() if one.precision == GROUP and one.standard == "wlmds"} == {"C", "S"}


def test_what_is_lost_is_said_for_codes_that_become_one() -> None:
    found = [one for one in list_crossings() if (one.standard, one.field) == ("cin", "AssessmentFactors")]
    by_common = defaultdict(set)
    for code, common in walked("cin").lists["factors"].common.items():
        by_common[common].add(code)
    assert {one.code: one.shares for one in found} == {
        code: len(by_common[common]) for code, common in walked("cin").lists["factors"].common.items()
    }
    assert all(bool(one.lost) == (one.shares > 1) for one in found)
    (risk,) = {one.shares for one in list_crossings() if one.standard == "fpl" and one.common == "sexual_abuse"}
    assert risk == 1, "two spellings are one code"


def test_an_organisation_reads_its_own_words() -> None:
    assert find_own_words(["cin"], "need", "young_carer") == ("Young carer",)
    assert find_own_words(["ssda903", "cin"], "need", "income") == ("Low income",)
    assert find_own_words(["wlmds"], "need", "young_carer") == ()
    assert find_own_words(["wlmds"], "ethnicity", "white_other") == (), "right to the group alone is nobody's own word"
    assert "No judge was free" in find_own_words(["fpl"], "cause_group", "court_capacity")


@pytest.mark.parametrize("place", sorted(WORDS))
def test_words_are_of_codes_that_a_connector_reads(place: tuple[str, str]) -> None:
    standard, field = place
    read = {one.code for one in list_crossings() if (one.standard, one.field) == (standard, field)}
    assert read, "nobody reads this field, so nobody reads its words"
    assert set(WORDS[place]) <= read
    assert all(one.precision in (EXACT, GROUP) for one in list_crossings())

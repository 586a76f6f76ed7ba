"""The registry is complete and consistent: a column without a class or with an unknown code list cannot come in."""

from __future__ import annotations

import pytest

from braid.language.clock_rules import CLOCK_RULES, NO_LIMIT_REASONS
from braid.language.codes import (
    BACKLOGS,
    CAUSE_GROUPS,
    CODE_LISTS,
    ETHNICITIES,
    ETHNICITY_CROSSWALKS,
    ETHNICITY_GROUP_ONLY,
    ETHNICITY_GROUPS,
    HEARING_CANCELLATION_GROUPS,
    WAIT_KINDS,
    ethnicity_group,
)
from braid.language.findings import TABLES
from braid.language.records import LINEAGE, SOURCE_TABLES, record_id
from braid.language.schema import Sensitivity, Type

ALL_COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns]
LOCATES = ("address", "postcode", "uprn", "telephone", "place", "worker", "team", "location_ref", "area_code")


@pytest.mark.parametrize(("table", "column"), ALL_COLUMNS, ids=lambda value: getattr(value, "name", value))
def test_every_column_is_typed_classed_and_described(table: str, column) -> None:
    assert column.type in Type
    assert column.sensitivity in Sensitivity
    assert len(column.description) >= 3
    assert column.codes is None or column.codes in CODE_LISTS
    assert not column.description.endswith(".")


def test_every_key_is_a_column_and_names_are_unique() -> None:
    for table in TABLES.values():
        assert len(set(table.names)) == len(table.names)
        for name in table.key:
            assert table.column(name).name == name


def test_a_column_that_is_not_there_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match=r"'stay'.*'door_code'"):
        TABLES["stay"].column("door_code")


def test_every_source_record_carries_lineage() -> None:
    for table in SOURCE_TABLES:
        assert table.columns[: len(LINEAGE)] == LINEAGE


def test_whatever_could_locate_a_person_is_of_class_location() -> None:
    public = {"location", "postcode", "school", "organisation"}
    for table, column in ALL_COLUMNS:
        if table not in public and any(word in column.name.split("_") or column.name == word for word in LOCATES):
            if column.name in ("place",) and table != "event":
                continue
            assert column.sensitivity is Sensitivity.LOCATION, f"{table}.{column.name}"


def test_every_wait_kind_has_a_backlog_and_either_a_rule_or_a_reason_for_none() -> None:
    with_rule = {rule.kind for rule in CLOCK_RULES}
    for kind in WAIT_KINDS.values():
        assert kind.backlog in BACKLOGS
        assert kind.sensitivity in CODE_LISTS["row_sensitivity"]
        assert (kind.code in with_rule) != (kind.code in NO_LIMIT_REASONS), kind.code
    assert with_rule <= WAIT_KINDS.keys()


def test_five_backlogs_are_those_of_the_public_debate() -> None:
    named = {code for code, backlog in BACKLOGS.items() if backlog.article}
    assert named == {"social_housing", "hospital_treatment", "care_proceedings", "crown_court", "school_place"}


def test_crosswalks_end_in_the_common_list() -> None:
    for system, codes in ETHNICITY_CROSSWALKS.items():
        assert set(codes.values()) <= ETHNICITIES.keys()
        assert codes.keys() >= ETHNICITY_GROUP_ONLY[system]
    assert all(ethnicity_group(code) in ETHNICITY_GROUPS for code in (*ETHNICITIES, None))
    assert ethnicity_group("white_other") == "white"
    assert ethnicity_group("roma") == "white"
    assert ethnicity_group("arab") == "other"
    assert ethnicity_group("not_stated") == "unknown"


def test_all_46_reasons_for_a_cancelled_hearing_have_a_cause_group() -> None:
    assert set(HEARING_CANCELLATION_GROUPS.values()) <= CAUSE_GROUPS.keys()
    assert len(HEARING_CANCELLATION_GROUPS) == 46


def test_record_ids_depend_on_every_part_and_on_nothing_else() -> None:
    one = record_id("feed", "wait", "a", "b")
    assert one == record_id("feed", "wait", "a", "b")
    assert (
        len(
            {
                one,
                record_id("feed", "wait", "ab", ""),
                record_id("feed", "stay", "a", "b"),
                record_id("f", "wait", "a", "b"),
            }
        )
        == 4
    )

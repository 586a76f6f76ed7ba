"""The list of opt-outs: read whole or not at all, and no error says whose number is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.language.findings import PERSON_LINK
from braid.language.records import IDENTIFIER
from braid.people.opt_outs import OPT_OUT_LIST, OptOuts, OptOutsInvalid, find_opt_outs, match_opt_outs
from braid.store.duckdb_engine import DuckDBEngine

NUMBER, OTHER = "9990000018", "9990000026"
PERSON = "0123456789abcdef" * 2


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / OPT_OUT_LIST
    path.parent.mkdir()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_no_list_is_not_the_same_as_an_empty_one(tmp_path: Path) -> None:
    assert find_opt_outs(tmp_path) is None
    assert find_opt_outs(written(tmp_path, "nhs_number\n")) == OptOuts(frozenset(), frozenset())


def test_numbers_and_ids_are_read_with_spaces_and_a_mark_of_order(tmp_path: Path) -> None:
    text = f"\ufeffnhs_number,person_id\r\n999 000 0018,\r\n,{PERSON}\r\n{OTHER},{PERSON}\r\n"
    assert find_opt_outs(written(tmp_path, text)) == OptOuts(frozenset({NUMBER, OTHER}), frozenset({PERSON}))


@pytest.mark.parametrize(
    ("text", "where", "rule"),
    [
        ("", "line 1", "the columns are"),
        ("nhs_number,nhs_number\n", "line 1", "the columns are"),
        ("nhs_number,name\n", "line 1", "the columns are"),
        (f"nhs_number\n{NUMBER}\n9990000017\n", "line 3, nhs_number", "check digit"),
        (f"nhs_number\n{NUMBER}x\n", "line 2, nhs_number", "check digit"),
        (f"person_id\n{PERSON[:-1]}\n", "line 2, person_id", "32 hexadecimal"),
        (f"nhs_number,person_id\n{NUMBER}\n", "line 2", "as many fields"),
        (f"nhs_number\n{NUMBER},{PERSON}\n", "line 2", "as many fields"),
        (f"nhs_number,person_id\n{NUMBER},\n,\n", "line 3", "names nobody"),
        (b"nhs_number\n\xff\xfe\n", "opt_outs.csv", "UTF-8"),
        ('nhs_number\n"9990000018\n', "opt_outs.csv", "CSV"),
    ],
)
def test_a_bad_row_stops_the_list_with_file_line_and_rule_and_no_value(
    tmp_path: Path, text: str | bytes, where: str, rule: str
) -> None:
    with pytest.raises(OptOutsInvalid) as caught:
        find_opt_outs(written(tmp_path, text))
    message = str(caught.value)
    assert where in message and rule in message and "restricted/opt_outs.csv" in message
    assert not any(value in message for value in (NUMBER, "9990000017", PERSON[:-1]))


def test_whoever_has_a_record_with_the_number_is_matched_and_nobody_else() -> None:
    """Two persons may hold one number; a number that fails its check in an extract still counts."""
    engine = DuckDBEngine()
    links = {"r1": "a", "r2": "a", "r3": "b", "r4": "c", "r5": "d"}
    engine.load_rows(
        PERSON_LINK, [{"person_record_id": r, "person_id": p, "method": "single"} for r, p in links.items()]
    )
    held = [("r2", "nhs", NUMBER), ("r3", "nhs", NUMBER), ("r4", "local", NUMBER), ("r5", "nhs", OTHER)]
    lineage = {"feed": "f", "organisation_id": "o", "standard": "wlmds", "collection_year": 2026, "file_sha256": "0"}
    engine.load_rows(
        IDENTIFIER,
        [
            lineage
            | {"record_id": f"i{n}", "row_ref": str(n), "sensitivity": "normal", "check_result": "fail"}
            | {"person_record_id": record, "scheme": scheme, "value": value}
            for n, (record, scheme, value) in enumerate(held)
        ],
    )
    assert match_opt_outs(engine, OptOuts(frozenset({NUMBER}), frozenset({"d", "nobody"}))) == 3
    assert {row["person_id"] for row in engine.rows("select person_id from opted_out_person")} == {"a", "b", "d"}
    assert match_opt_outs(engine, None) == 0
    engine.close()

"""Controls of what is shown of partners' files: whose rows, which row, and what leaves of a refused one."""

from control import Control

SOURCES = "tests/web/test_sources.py"

CONTROLS = {
    "everybody in a row is asked for before it is shown": Control(
        "braid.web.access.sources:_is_open",
        "lambda decisions, person_id, backlog, organisation, sensitivity: True",
        f"{SOURCES}::test_a_row_is_shown_where_everybody_in_it_may_be_seen",
    ),
    "of several people in one line none but the one meant is shown": Control(
        "braid.extracts.source_elements:_is_about",
        "lambda element, key: None",
        "tests/extracts/test_source_rows.py"
        "::test_an_element_is_found_by_its_place_and_by_its_line_with_the_partners_key",
    ),
    "a refused row with the key of somebody protected stays": Control(
        "braid.extracts.reject_report:_values",
        "lambda row, keys_kept: row",
        "tests/extracts/test_reject_report.py::test_values_are_there_only_without_a_key_that_is_kept",
    ),
}

"""Controls of reading: what a partner purges or takes back is read no more, and no other file is let in."""

from control import Control

FOLDS = "tests/extracts/test_folds.py"
FEEDS = "tests/extracts/test_feed_of_changes.py"
TAKEN = "tests/extracts/test_retractions.py::test_the_query_takes_what_the_rule_takes"

CONTROLS = {
    "a purge takes a node and all below it": Control(
        "braid.extracts.folds:_purges", "lambda payload: False",
        f"{FOLDS}::test_a_purge_takes_the_node_and_all_below_it_from_every_earlier_file",
    ),
    "a purge that comes again is done again": Control(
        "braid.extracts.fold_state:find_purges", "lambda *a: None",
        f"{FOLDS}::test_the_same_file_again_later_may_only_take_away",
    ),
    "nothing is kept of whom nobody may hold": Control(
        "braid.extracts.fold_state:_leave_out", "lambda *a: None",
        f"{FOLDS}::test_nothing_is_kept_of_whom_nobody_may_hold",
    ),
    "a file that was taken back is not read": Control(
        "braid.extracts.run:kept_files", "lambda place, feed, as_of, taken: (*place.extract_files(feed, as_of), [])",
        f"{FEEDS}::test_a_file_taken_back_leaves_nothing_and_is_not_kept",
    ),
    "a row that was taken back leaves every table": Control(
        "braid.extracts.retractions:_keep_others", "lambda *a: None", TAKEN,
    ),
}  # fmt: skip

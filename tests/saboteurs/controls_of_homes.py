"""Controls of households on pages: who is told of nobody, who is told without a name, and to whom."""

from control import Control

HOMES = "tests/web/test_web_homes.py"
SQL = "sql:web/homes/homes.sql"
EVERY_ROW = "tests/web/test_row_security.py::test_the_policies_and_the_decision_agree_on_every_row"
QUIET = f"{HOMES}::test_nothing_is_told_of_who_once_lived_with_somebody_quiet"
PUBLISHING = "braid.web.homes.publishing"
LEAST = f"{HOMES}::test_what_is_published_is_the_least"

CONTROLS = {
    "whose location is withheld is in no household": Control(
        f"{PUBLISHING}:_read_withheld",
        "lambda run: was(run) - {row['person_id'] for row in load('braid.web.copying')"
        ".rows_of(run, 'person', ('person_id', 'location_withheld')) if row['location_withheld']}",
        QUIET,
    ),
    "neither side of a seal is in a household": Control(
        f"{PUBLISHING}:read_sides",
        "lambda run: {'pre_adoptive': set(), 'adoptive': set()}",
        QUIET,
    ),
    "whoever once lived with somebody quiet is quiet": Control(
        f"{PUBLISHING}:Known.cohabitants",
        "property(lambda self: {one: set() for pair in self.together for one in pair})",
        QUIET,
    ),
    "who came apart is quiet for a year": Control(
        f"{PUBLISHING}:QUIET_DAYS",
        "-1",
        f"{HOMES}::test_people_who_came_apart_less_than_a_year_ago_are_quiet_and_so_are_both_homes",
    ),
    "whom linking parted is quiet for a year": Control(
        f"{PUBLISHING}:_read_parted",
        "lambda run, as_of: set()",
        f"{HOMES}::test_nothing_is_told_of_a_home_of_somebody_whom_linking_parted_within_a_year",
    ),
    "only who waits is told of": Control(
        f"{PUBLISHING}:find_told",
        "lambda known, quiet, waiting: was(known, quiet, known.cohabitants.keys())",
        LEAST,
    ),
    "care and the end of a relationship are no cause": Control(
        f"{PUBLISHING}:TOLD_OF_LEAVING",
        "was | {'placed_in_care': 'placed_in_care', 'separated': 'separated'}",
        f"{HOMES}::test_neither_care_nor_the_end_of_a_relationship_is_a_cause_that_is_published",
    ),
    "only what a source of the place's waits says is told": Control(
        f"{PUBLISHING}:KINDS_TOLD",
        "was | {'respondent_in_case_with'}",
        LEAST,
    ),
    "a household is an item of its own": Control(SQL, "open_policy(was, 'seen', 'braid_homespell')", EVERY_ROW),
    "a relationship is seen with its source": Control(SQL, "open_policy(was, 'seen', 'braid_kinship')", EVERY_ROW),
    "who is kept from one of a household is told of none": Control(
        SQL,
        "without_policy(was, 'not_hidden', 'braid_homespell')",
        EVERY_ROW,
    ),
    "who once lived there counts as one of a household": Control(
        SQL,
        "swap(was, 'where c.other_id in (select k.person_id from braid_kept_away k)', 'where false')",
        f"{HOMES}::test_whoever_is_kept_from_one_of_a_household_is_told_of_none",
    ),
    "a role that reaches everybody is shown no household": Control(
        "braid.trust.decide:HOUSEHOLD",
        "'nothing'",
        "tests/trust/test_decide.py::test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice",
    ),
    "a look at a household is a look at each": Control(
        "braid.web.access.homes:record_look",
        "lambda *a: None",
        f"{HOMES}::test_a_look_at_a_household_is_a_look_at_each_who_is_named",
    ),
}

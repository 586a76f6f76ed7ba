"""Controls of priority: who may see a rank, what rules may ask, and what figures of fairness give away."""

from control import NOTHING, Control

WEB = "tests/web/test_web_priority.py"
RULES = "tests/problems/test_priority.py"
FAIRNESS = "tests/trust/test_fairness.py"
NO_GAP = f"{WEB}::test_somebody_kept_from_the_reader_leaves_no_gap_in_the_order"
OPEN = f"{FAIRNESS}::test_every_suppressed_count_keeps_five_values_by_trying_all_of_them"

CONTROLS = {
    "a rank needs the item of an agreement": Control(
        "braid.web.access.ranks:_visible_ranks",
        "lambda sight: __import__('braid.web.models').web.models.PersonRank.objects.filter("
        "purpose=sight.viewer.purpose)",
        f"{WEB}::test_without_the_item_in_an_agreement_there_is_nobody_in_the_order",
    ),
    "an order serves its own purpose": Control(
        "braid.web.access.ranks:PriorityVersion.objects.filter",
        "lambda **asked: was(**{k: v for k, v in asked.items() if k != 'purpose'})",
        f"{WEB}::test_an_order_serves_its_own_purpose_alone",
    ),
    "a file that somebody drops in reaches nobody": Control(
        "braid.web.publish:find_own_statements",
        "lambda run, place: []",
        "tests/web/test_web_coverage.py::test_an_own_statement_reaches_nobody_until_an_agreement_names_it",
    ),
    "every rank that is shown is a look": Control(
        "braid.web.access.ranks:record_look",
        NOTHING,
        f"{WEB}::test_every_person_of_a_page_is_a_look_that_is_recorded",
    ),
    "rules for another purpose ask nothing of harm": Control(
        "braid.problems.conditions:is_secret",
        "lambda condition: False",
        f"{RULES}::test_a_fault_names_its_place_its_rule_and_what_to_do",
    ),
    "no order by how long a victim waits": Control(
        "braid.problems.priority.load:VICTIM_RESPONSE",
        "'court_readiness'",
        f"{RULES}::test_how_long_somebody_waits_as_a_victim_orders_no_other_purpose",
    ),
    "tables that tell on each other are not both shown": Control(
        "braid.trust.fairness:narrowed",
        "lambda shown, beside: []",
        OPEN,
    ),
    "a share of few has no interval": Control(
        "braid.trust.fairness:publishable_share",
        "lambda part, rest: 5",
        f"{FAIRNESS}::test_a_share_of_nobody_of_everybody_or_of_few_is_not_shown",
    ),
    "a frozen rank follows from its rules": Control(
        "braid.problems.priority.freeze:_checks",
        "lambda document, rules: ()",
        f"{RULES}::test_what_was_changed_of_a_frozen_rank_is_found",
    ),
    "an order that somebody shortened is found": Control(
        "braid.web.frozen_check:_is_race",
        "lambda places: True",
        "tests/web/test_web_frozen.py::test_every_kept_rank_is_checked_and_whatever_was_done_to_one_shows",
    ),
    "the expected error of few is not told": Control(
        "braid.trust.link_error:LEAST_PEOPLE",
        "0",
        "tests/trust/test_link_error.py::test_a_cell_of_too_few_says_nothing",
    ),
    "backlogs of support count for support alone": Control(
        "braid.problems.cohorts:_waits_in_backlogs",
        "lambda condition, sees_secret: was(condition, sees_secret=True)",
        "tests/problems/test_cohorts.py::test_backlogs_of_support_count_for_support_alone",
    ),
}

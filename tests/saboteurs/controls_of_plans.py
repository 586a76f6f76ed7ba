"""Controls of plans on pages: placement board, listing board, and the appointments of a joint case."""

from control import NOTHING, Control

PROPOSALS, SHEETS = "sql:web/proposals/proposals.sql", "sql:web/care/appointments.sql"
BOARD, LISTING = "tests/web/test_placement_board.py", "tests/web/test_listing_board.py"
CASE, RULES = "tests/web/test_appointments.py", "tests/care/test_appointment_plan.py"
HIDDEN = f"{LISTING}::test_a_hidden_hearing_is_like_one_that_is_not_there"
COUNCIL = f"{LISTING}::test_a_council_that_receives_the_item_sees_no_list"
OTHERS = f"{LISTING}::test_policies_keep_pages_from_writing_for_others"
DECIDES = f"{BOARD}::test_the_database_takes_an_answer_from_whoever_decides_alone"
SIDES = f"{CASE}::test_the_database_gives_each_side_to_its_seats_alone"
CALLED = f"{CASE}::test_that_an_agreed_appointment_became_unsafe_calls_who_leads_the_case"

CONTROLS = {
    "placements are opened by their item": Control(
        PROPOSALS,
        "swap(was, \"braid_opens('placement') and \")",
        f"{BOARD}::test_an_agreement_without_the_item_opens_no_place_at_all",
    ),
    "court lists are opened by their item": Control(
        PROPOSALS,
        "swap(was, \" and braid_opens('hearings')\")",
        f"{LISTING}::test_without_an_agreement_there_is_nothing",
    ),
    "a household of somebody kept from one is not there": Control(
        PROPOSALS,
        "swap(was, 'select h.person_id from braid_hidden_people() as h (person_id)', 'select null')",
        f"{BOARD}::test_whoever_is_kept_from_one_of_a_household_finds_nothing_of_it",
    ),
    "where somebody protected could live is there for nobody": Control(
        PROPOSALS,
        "swap(was, \"n.person_id = p.person_id and q.kind = 'placements'\", 'false')",
        f"{BOARD}::test_a_proposal_about_somebody_protected_is_there_for_nobody",
    ),
    "a hidden proposal is in no query": Control(
        PROPOSALS,
        "swap(without_policy(was, 'not_hidden', 'braid_proposal'), 'and proposal_id not in (select"
        " braid_hidden_proposals())')",
        f"{BOARD}::test_whoever_is_kept_from_one_of_a_household_finds_nothing_of_it",
    ),
    "choices go with their proposal": Control(PROPOSALS, "open_policy(was, 'seen', 'braid_proposalchoice')", HIDDEN),
    "a whole list is its court's own": Control(
        PROPOSALS, "swap(was, \" and organisation in ('', (select braid_my_organisation()))\")", COUNCIL
    ),
    "a proposal is its organisation's own": Control(
        PROPOSALS,
        "swap(was, \"and (organisation = (select braid_my_organisation()) or (select braid_has_right('relation',"
        " 'place')))\")",
        COUNCIL,
    ),
    "an answer is one's own": Control(
        PROPOSALS, "swap(was, 'answered_by = braid_username() and organisation', 'organisation')", DECIDES
    ),
    "an answer is of the organisation that owes it": Control(
        PROPOSALS,
        "swap(was, 'answered_by = braid_username() and organisation = braid_my_organisation() and ended_at is null',"
        " 'answered_by = braid_username() and ended_at is null')",
        DECIDES,
    ),
    "an answer is to the plan that is shown": Control(
        PROPOSALS,
        "swap(was, 'and s.run_id = braid_proposalanswer.run_id and s.fingerprint ="
        " braid_proposalanswer.plan_fingerprint')",
        f"{BOARD}::test_an_answer_to_a_plan_that_is_shown_no_more_is_refused_by_the_database",
    ),
    "a change of a list goes with its answer": Control(
        PROPOSALS, "open_policy(was, 'made', 'braid_listingchange')", OTHERS
    ),
    "changes of a list are its court's own": Control(
        PROPOSALS, "open_policy(was, 'seen', 'braid_listingchange')", COUNCIL
    ),
    "the decision has the last word on a proposal": Control(
        "braid.web.access.proposals:decide_together",
        "lambda decisions: True",
        f"{LISTING}::test_a_proposal_that_the_policies_let_through_is_denied_all_the_same",
    ),
    "a list that breaks a rule is not shown": Control(
        "braid.planning.contract:Checked.passes",
        "property(lambda self: True)",
        f"{LISTING}::test_a_plan_that_breaks_a_rule_is_not_shown",
    ),
    "what one may not see stands still": Control(
        "braid.problems.plans.court_lists:hold_still",
        "lambda standing, seen: standing.problem",
        f"{LISTING}::test_what_one_may_not_see_stands_still_even_where_it_would_gain",
    ),
    "no reason names who attends a hidden hearing": Control(
        "braid.web.proposals.listing_hearing:_as_seen",
        "lambda court: court.standing.problem",
        f"{LISTING}::test_reasons_are_the_same_whoever_attends_what_one_may_not_see",
    ),
    "what one more judge-day buys depends on nobody who attends a hidden hearing": Control(
        "braid.problems.plans.court_lists:without_unseen_people",
        "lambda problem, seen: problem",
        f"{LISTING}::test_what_is_offered_is_the_same_whoever_attends_what_one_may_not_see",
    ),
    "no session of a hidden hearing is offered to whom somebody must attend": Control(
        "braid.web.proposals.listing_offers:_unseen_sessions",
        "lambda court: frozenset()",
        f"{LISTING}::test_every_place_that_is_offered_passes_the_checker",
    ),
    "sheets of proposals rest sealed": Control(
        "braid.web.vault.sealed_rows:seal_bytes",
        "lambda key, content, *context: content",
        f"{BOARD}::test_sheets_rest_sealed_and_open_under_a_new_key",
    ),
    "appointments are given to each side's seats": Control(
        SHEETS, "open_policy(was, 'seen', 'braid_appointmentsheet')", SIDES
    ),
    "appointments are begun by who may edit their side": Control(
        SHEETS, "open_policy(was, 'begun', 'braid_appointmentsheet')", SIDES
    ),
    "appointments are changed by who may edit their side": Control(
        SHEETS, "open_policy(was, 'changed', 'braid_appointmentsheet')", SIDES
    ),
    "to plan takes a seat that is shown whoever was harmed": Control(
        SHEETS, 'swap(was, " and s.sees_harmed;", ";")', SIDES
    ),
    "a proposed appointment near who is accused is gone": Control(
        "braid.web.care.appointments:without_unsafe",
        "lambda sheet, known: sheet",
        f"{CASE}::test_a_proposal_that_became_unsafe_is_gone_and_cannot_be_agreed",
    ),
    "presences are planned round": Control(
        "braid.planning.appointments.model:MARGIN_MINUTES",
        "-10_000",
        f"{RULES}::test_nobody_is_asked_into_a_building_within_an_hour_of_who_is_accused",
    ),
    "reasons are those of somebody who may not know": Control(
        "braid.web.care.appointments:seen_by",
        "lambda problem, plan, known: plan",
        f"{CASE}::test_where_who_is_accused_will_be_is_planned_round_and_stands_on_no_page_of_the_other_side",
    ),
    "an appointment that became unsafe calls somebody": Control(
        "braid.web.care.appointments:find_unsafe", "lambda sheet, known, today: frozenset()", CALLED
    ),
    "a seat that is shown who is accused alone is not called": Control(
        "sql:web/care/rising.sql",
        "swap(was, 'then c.id in (select s.case_id from braid_my_sides() s where s.sees_harmed)', 'then true')",
        CALLED,
    ),
    "looks at a hearing are recorded": Control(
        "braid.web.access.joint:record_look",
        NOTHING,
        f"{LISTING}::test_the_page_of_a_hearing_says_what_it_waits_for_and_why_it_is_not_earlier",
    ),
}

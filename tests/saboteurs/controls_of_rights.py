"""Controls of the rights of people in the data."""

from control import Control

POLICIES = "sql:web/rights/rights.sql"
RULES = "tests/trust/test_subject_rights.py"
TOLD = "tests/web/test_rights_told.py"
PAGES, EFFECTS = "tests/web/test_rights.py", "tests/web/test_rights_effects.py"
DATABASE = f"{PAGES}::test_the_database_refuses_what_the_pages_would_not_do"

CONTROLS = {
    "days on which the clock of a request stood still do not count": Control(
        "braid.trust.rights_clock:paused_days",
        "lambda pauses, begins, today: 0",
        f"{RULES}::test_a_running_pause_moves_the_last_day_on_with_each_day",
    ),
    "a month is a month and not thirty days": Control(
        "braid.trust.rights_clock:add_months",
        "lambda day, months: day + dt.timedelta(days=30 * months)",
        f"{RULES}::test_the_month_ends_on_the_day_of_the_same_number_or_the_last",
    ),
    "a letter says nowhere where somebody is": Control(
        "braid.web.rights.letters:find_whereabouts",
        "lambda text: ()",
        f"{TOLD}::test_a_letter_that_would_tell_where_somebody_is_or_nothing_is_not_kept",
    ),
    "a letter is no part of the pack, nor gathered away": Control(
        "braid.web.rights.gathering:LETTER",
        "'nothing'",
        f"{TOLD}::test_a_letter_is_kept_when_it_is_gathered_again_and_of_a_request_that_ended",
    ),
    "a hold keeps words of a closed case": Control(
        "braid.web.rights.sweeping:held_people",
        "lambda: frozenset()",
        f"{TOLD}::test_words_of_a_case_go_six_years_after_it_closed_agreed_minutes_among_them",
    ),
    "a mark is shown beside waits that are seen": Control(
        "braid.web.access.person:_disputed",
        "lambda person_id, waits: frozenset(wait.wait_id for wait in waits)",
        f"{TOLD}::test_nothing_is_marked_that_nobody_may_say_or_that_is_right",
    ),
    "what will be given is let go on its page alone": Control(
        "braid.web.rights.commands:ON_THE_PAGE",
        "frozenset()",
        f"{TOLD}::test_the_verbs_take_the_steps_of_the_pages_with_two_people",
    ),
    "a pack is searched for what was withheld": Control(
        "braid.web.rights.pack:searched_for",
        "lambda withheld: []",
        "tests/replays/test_replays_of_rights.py::"
        "test_the_pack_is_opened_again_and_refused_where_it_holds_what_was_withheld",
    ),
    "what was approved is what is made": Control(
        "braid.web.rights.pack:Told.digest",
        "property(lambda told: '0' * 64)",
        f"{PAGES}::test_what_is_decided_after_it_was_seen_is_not_let_go",
    ),
    "whoever decides does not let go": Control(
        "braid.web.rights.keeping:check_second",
        "lambda handled_by, second: None",
        f"{PAGES}::test_a_request_goes_from_the_letter_to_the_outbox_with_two_humans",
    ),
    "a location of somebody withheld is not gathered": Control(
        "braid.web.rights.lake_items:_line",
        "lambda column, value, standing: load('braid.trust.subject_rights').Line(column.description, str(value))",
        "tests/replays/test_replays_of_rights.py::test_no_location_of_anybody_is_laid_before_another_who_asks",
    ),
    "words are searched for locations as they are gathered": Control(
        "braid.web.rights.gathering:find_tokens",
        "lambda payload, tokens: []",
        f"{PAGES}::test_what_was_gathered_of_a_protected_person_holds_no_location",
    ),
    "what was gathered opens after a second factor": Control(
        "braid.web.rights.seen:is_confirmed",
        "lambda assurance, confirmed_at, now: True",
        f"{PAGES}::test_lines_open_after_the_second_factor_alone",
    ),
    "a request is hidden where anybody in it is": Control(
        POLICIES,
        "swap(was, 'where a.person_id in (select person_id from hidden)', 'where false')",
        f"{PAGES}::test_a_request_is_absent_for_who_is_kept_from_a_third_person_in_an_item",
    ),
    "an item is decided on by whoever handles it, while it is decided": Control(
        POLICIES,
        "swap(was, \"and r.state = 'deciding' and r.handled_by = braid_username()\", '')",
        DATABASE,
    ),
    "whoever approves a pack is named as themselves": Control(
        POLICIES,
        "swap(was, \"and (state not in ('approved', 'ended') or second_by = braid_username()) and second_by in ('',"
        " braid_username())\", '')",
        DATABASE,
    ),
    "a hold beats an erasure": Control(
        "braid.web.rights.effects:has_hold",
        "lambda person_id: False",
        f"{EFFECTS}::test_a_hold_beats_an_erasure_and_two_lift_it",
    ),
    "who is restricted is there for nobody but a lead": Control(
        "sql:web/row_security.sql",
        "swap(was, \"where r.kind = 'restriction' and\", 'where false and')",
        f"{EFFECTS}::test_a_restriction_hides_at_once_keeps_records_out_and_is_taken_back_by_two",
    ),
    "a sweep passes over who is held": Control(
        "braid.web.rights.sweeping:held_people",
        "lambda: frozenset()",
        f"{EFFECTS}::test_the_sweep_plans_removes_once_and_passes_over_who_is_held",
    ),
}

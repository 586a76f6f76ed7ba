"""Controls of the API: tokens of systems, cursors, keys, tags, problems, and what partners' machines are told."""

from control import NOTHING, Control

SQL = "sql:web/row_security.sql"
SYSTEMS = "sql:web/systems/systems.sql"
TOKENS = "tests/api/test_api_tokens.py"
LISTS = "tests/api/test_api_lists.py"
WRITES = "tests/api/test_api_writes.py"
PROBLEMS = "tests/api/test_api_problems.py"
DIRECTORY = "tests/api/test_api_directory.py"
WEBHOOKS = "tests/api/test_api_webhooks.py"

FHIR = "tests/api/test_fhir.py"

CONTROLS = {
    # FHIR
    "a read in FHIR ignores no parameter": Control(
        "braid.api.fhir.views:check_read", NOTHING,
        f"{FHIR}::test_what_is_not_known_is_refused_by_name_and_never_by_value",
    ),
    "an action about somebody apart is a task about nobody": Control(
        "braid.web.care.exchange:APART", "'none'",
        f"{FHIR}::test_actions_are_tasks_of_whom_the_case_is_about_and_of_nobody_where_somebody_is_apart",
    ),
    "a program is told no label of what is withheld": Control(
        "braid.web.access.exchange:LABELS", "frozenset()",
        f"{FHIR}::test_of_the_protected_no_place_is_told_and_the_label_only_to_who_may_know",
    ),
    "a confidential decision of a board is told to nobody": Control(
        "sql:web/systems/systems.sql",
        "swap(was, 'when (not new.confidential) execute', 'execute')",
        "tests/api/test_api_webhooks.py::test_what_a_board_decides_in_the_open_is_told_and_nothing_confidential",
    ),
    "who governs no more is told of no decision": Control(
        "braid.web.systems.telling:_may_see",
        "lambda subscription, binding, kind, subject_id: True",
        "tests/api/test_api_webhooks.py::test_who_governs_no_more_is_told_of_no_decision",
    ),
    # tokens
    "a revoked token shows nothing at the next statement": Control(
        SQL, "swap(was, 't.revoked_at is null', 'true')",
        f"{TOKENS}::test_a_revoked_token_shows_nothing_at_the_next_statement",
    ),
    "a token that is over shows nothing at the next statement": Control(
        SQL, "swap(was, 't.expires_at > statement_timestamp()', 'true')",
        f"{TOKENS}::test_a_token_that_is_over_shows_nothing_at_the_next_statement",
    ),
    "a system is shown nothing without its token": Control(
        SQL, "swap(was, 'return not is_system', 'return true')",
        f"{TOKENS}::test_a_system_is_shown_nothing_without_its_token_nor_by_anothers",
    ),
    "a system is shown nothing by the token of another": Control(
        SQL, "swap(was, 'and t.user_id = account', '')",
        f"{TOKENS}::test_a_system_is_shown_nothing_without_its_token_nor_by_anothers",
    ),
    "a token asks for its own purpose alone": Control(
        SQL, "swap(was, 'or t.purpose = braid_purpose()', 'or true')",
        f"{TOKENS}::test_one_token_opens_nothing_for_the_purpose_of_another",
    ),
    "a token is bound to its agreement": Control(
        SQL, "swap(was, \"or (select braid_token_agreement()) in ('', f.agreement_id)\", 'or true')",
        f"{TOKENS}::test_it_is_bound_to_its_agreement_and_another_one_of_its_organisation_opens_nothing_to_it",
    ),
    "an agreement that is not in force lets no token in": Control(
        "braid.api.edge:is_agreement_in_force", "lambda row: True",
        f"{TOKENS}::test_a_suspended_agreement_closes_at_the_next_request_and_says_so",
    ),
    "a token is sent from its networks": Control(
        "braid.api.edge:is_from", "lambda *a: True",
        f"{TOKENS}::test_from_another_network_it_opens_nothing_and_the_refusal_names_the_system",
    ),
    "a token waits its turn": Control(
        "braid.api.edge:take_turn", "lambda *a: 0", f"{TOKENS}::test_at_once_it_may_send_what_ten_seconds_hold",
    ),
    "no machine accounts for the record": Control(
        "braid.web.systems.tokens:may_be_system", "lambda role: True",
        f"{TOKENS}::test_a_token_that_would_open_more_is_not_made",
    ),
    "the lead hears of a new system": Control(
        "braid.web.systems.tokens:raise_task", NOTHING,
        f"{TOKENS}::test_making_and_revoking_are_in_the_record_and_a_new_system_leaves_a_task",
    ),
    "making a token is in the record": Control(
        "braid.web.systems.tokens:_record", NOTHING,
        f"{TOKENS}::test_making_and_revoking_are_in_the_record_and_a_new_system_leaves_a_task",
    ),
    "no page makes a token that is bound otherwise": Control(
        SYSTEMS, "open_policy(was, 'renewed', 'braid_apitoken')",
        f"{TOKENS}::test_the_database_lets_no_page_make_a_token_that_is_bound_otherwise",
    ),
    "a page reads the token that is shown to it alone": Control(
        SYSTEMS, "open_policy(was, 'seen', 'braid_apitoken')",
        f"{TOKENS}::test_a_page_reads_no_token_but_the_one_that_is_shown_to_it",
    ),
    "an entry names the token": Control(
        "braid.api.callers:digest_token", "lambda token_id: ''",
        f"{TOKENS}::test_a_system_looks_as_itself_and_the_record_names_token_and_agreement",
    ),
    # lists and writes
    "a cursor is of one caller and one list": Control(
        "braid.api.cursors:Cursors.__init__", "lambda self, *a, **k: setattr(self, '_bound', b'')",
        f"{LISTS}::test_a_cursor_is_of_one_caller_one_list_and_one_filter",
    ),
    "a cursor has one length": Control(
        "braid.api.cursors:PAD_TO", "1", f"{LISTS}::test_a_list_says_no_count_and_its_cursor_has_one_length",
    ),
    "a write is done once for each key": Control(
        "braid.api.writes:claim_key",
        "lambda token, key, digest: load('braid.web.systems.answers').Claim(key, None)",
        f"{WRITES}::test_a_person_is_referred_once_however_often_it_is_sent",
    ),
    "a key is for one request": Control(
        "braid.api.writes:digest_request", "lambda *a: 'x'",
        f"{WRITES}::test_the_same_key_for_something_else_is_refused_and_changes_nothing",
    ),
    "what a key came to is its token's alone": Control(
        SYSTEMS, "open_policy(was, 'own', 'braid_apianswer')",
        f"{WRITES}::test_of_key_body_and_answer_nothing_is_kept_that_says_who",
    ),
    "a write is against what was read": Control(
        "braid.api.referrals:check_version", NOTHING,
        f"{WRITES}::test_a_referral_is_answered_by_its_team_against_what_it_read",
    ),
    "a session does not write": Control(
        "braid.api.edge:WRITES", "frozenset()", f"{PROBLEMS}::test_a_session_reads_and_does_not_write",
    ),
    "a refusal from elsewhere says none of its own words": Control(
        "braid.api.edge:turn_into_problem", "lambda response: response",
        f"{PROBLEMS}::test_what_fails_says_nothing_of_why",
    ),
    "no name that a caller chose is repeated": Control(
        "braid.api.urls:_name_of", "lambda part: str(part['loc'][-1])",
        f"{PROBLEMS}::test_what_is_not_valid_is_named_by_our_words_alone",
    ),
    # the directory of services, for anybody
    "the directory is for anybody where the place says so alone": Control(
        "braid.store.place_folder:_is_directory_public", "lambda document: True",
        f"{DIRECTORY}::test_where_the_place_does_not_say_so_nothing_of_it_is_there",
    ),
    "a team is told to everybody where it is listed alone": Control(
        "braid.place.own_services:_of_teams",
        "lambda names, teams: was(names, [replace(one, is_listed=True) for one in teams])",
        f"{DIRECTORY}::test_the_places_own_services_and_open_commissions_stand_in_it_without_money_or_unlisted_teams",
    ),
    "a commission is told of while it is open alone": Control(
        "braid.web.directory.publishing:OPEN", "{}",
        f"{DIRECTORY}::test_the_places_own_services_and_open_commissions_stand_in_it_without_money_or_unlisted_teams",
    ),
    "a database that is not verified refuses a start": Control(
        "braid.web.operating.start_check:ALWAYS",
        "tuple(one for one in was if one.__name__ != 'server_not_verified')",
        "tests/web/test_start_check.py::test_each_rule_that_refuses_does_so_alone",
    ),
    # what partners' machines are told
    "a machine is told of what it may see alone": Control(
        "braid.web.systems.telling:_may_see", "lambda *a: True",
        f"{WEBHOOKS}::test_of_whom_a_system_may_not_see_it_is_told_nothing_and_counts_no_gap",
    ),
    "an event is signed with the secret of its subscription": Control(
        "braid.web.systems.telling:sign_event", "lambda body, key, at, secrets: was(body, key, at, [b'another'])",
        f"{WEBHOOKS}::test_what_happens_is_told_once_signed_and_says_nobodys_value",
    ),
    "an event leads into no network of ours": Control(
        "braid.outbound.egress:is_public", "lambda *a, **k: True",
        f"{WEBHOOKS}::test_a_name_that_leads_out_and_within_is_not_posted_to",
    ),
    "what could not be told leaves a task": Control(
        "braid.web.systems.telling:raise_task", NOTHING,
        f"{WEBHOOKS}::test_what_is_not_taken_is_tried_again_under_the_same_id_and_ends_with_a_task",
    ),
    "whoever is told is seen by whom it is theirs": Control(
        SYSTEMS, "open_policy(was, 'seen', 'braid_webhooksubscription')",
        f"{WEBHOOKS}::test_pages_see_counts_of_their_organisation_and_no_subject",
    ),
    "events of one purpose and organisation go nowhere else": Control(
        SYSTEMS, "swap(was, 's.purpose = why and s.organisation = any (whose)', 'true')",
        f"{WEBHOOKS}::test_it_is_told_of_its_own_purpose_and_organisation_alone",
    ),
}  # fmt: skip

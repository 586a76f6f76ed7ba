"""Controls of the pages: policies of the database, reasons, refusals, sessions, second factor, vault and overlay."""

from control import NOTHING, Control

ROWS = "tests/web/test_row_security.py"
EVERY_ROW = f"{ROWS}::test_the_policies_and_the_decision_agree_on_every_row"
PAST = f"{ROWS}::test_what_would_let_a_row_past_the_policies_is_found"
SQL = "sql:web/row_security.sql"
OVERLAY_SQL = "sql:web/overlay/overlay.sql"
SPREADS = "tests/web/test_web_overlay.py::test_the_database_spreads_as_the_pure_rule_says"
EMERGENCIES = "tests/web/test_web_emergencies.py"
OWN_REVIEW = f"{EMERGENCIES}::test_the_database_refuses_a_longer_window_another_name_and_an_own_review"
LIFTING = "braid.web.migrations.0004_overlay:Migration.operations"
PERMITS = "sql:web/vault/permits.sql"
VAULT = "tests/web/test_web_vault.py"
VAULT_ALONE = "tests/web/test_web_vault_policies.py"
AGREES = f"{VAULT}::test_the_policies_of_the_vault_and_the_decision_agree"
FACTOR = "tests/web/test_web_second_factor.py"
REFUSALS = "tests/web/test_web_refusals.py"
SAFETY = "tests/web/test_web_safety.py"
FLOOR = "tests/web/test_web_hidden_or_absent.py::test_what_says_no_about_somebody_is_held_until_the_floor"


def _unchecked(name: str) -> Control:
    return Control("braid.web.row_security:_CHECKS", f"tuple(each for each in was if each.__name__ != '{name}')", PAST)


CONTROLS = {
    # policies of the database
    "the database hides whoever is kept away": Control(
        SQL, "without_policy(was, 'not_hidden', 'braid_personwait')", EVERY_ROW,
    ),
    "the database hides whom they concern": Control(
        SQL, "without_policy(was, 'not_hidden', 'braid_reach')", EVERY_ROW,
    ),
    "the database hides who is restricted to others": Control(
        SQL, "swap(was, 'from braid_admitted a where not exists', 'from braid_admitted a where false and not exists')",
        EVERY_ROW,
    ),
    "the database opens what agreements open": Control(
        SQL, "swap(was, 'and f.live_from <= statement_timestamp() and statement_timestamp() < f.live_to', '')",
        f"{ROWS}::test_an_agreement_that_lapses_takes_the_rows_of_who_reaches_the_whole_place",
    ),
    "a suspension closes at the next statement": Control(
        SQL, "swap(was, 's.lifted_at is null', 'false')",
        f"{ROWS}::test_a_suspension_closes_at_the_next_statement_and_lifting_opens_again",
    ),
    "the database knows closed accounts": Control(SQL, "swap(was, 'and u.is_active', '')", EVERY_ROW),
    "the database opens a role's own rows": Control(SQL, "open_policy(was, 'seen', 'braid_personwait')", EVERY_ROW),
    "the database asks for a relationship": Control(
        SQL, "swap(was, \"(select braid_has_right('relation', 'place'))\\n\", '(select true)\\n')", EVERY_ROW,
    ),
    "the database ends emergency access": Control(
        SQL, "swap(was, 'and b.live_from <= statement_timestamp() and statement_timestamp() < b.live_to', '')",
        f"{EMERGENCIES}::test_the_policies_alone_open_a_grant_from_its_first_moment_to_its_last",
    ),
    "a person is there through a wait alone": Control(SQL, "open_policy(was, 'seen', 'braid_person')", EVERY_ROW),
    "a name is an item of its own": Control(SQL, "open_policy(was, 'seen', 'braid_personidentity')", EVERY_ROW),
    "a district is an item of its own": Control(SQL, "open_policy(was, 'seen', 'braid_persondistrict')", EVERY_ROW),
    "protection is the advocate's to know": Control(SQL, "open_policy(was, 'seen', 'braid_protection')", EVERY_ROW),
    "a service is an item of its own": Control(SQL, "open_policy(was, 'seen', 'braid_involvement')", EVERY_ROW),
    "whom to ask is an item of its own": Control(SQL, "open_policy(was, 'seen', 'braid_contact')", EVERY_ROW),
    "a problem statement is an item of its own": Control(SQL, "open_policy(was, 'seen', 'braid_cohort')", EVERY_ROW),
    "a blocker shows no wait that is hidden": Control(SQL, "open_policy(was, 'seen', 'braid_blocker')", EVERY_ROW),
    "emergency access is there for its user and the lead": Control(
        SQL, "open_policy(was, 'seen', 'braid_breakglass')", EVERY_ROW,
    ),
    "who is kept from whom is read by no page": Control(
        "braid.web.pages_role:NOT_FOR_PAGES", "()",
        f"{ROWS}::test_the_lists_of_who_is_kept_from_whom_are_read_by_no_page",
    ),
    "the pages change no entry": Control(
        "braid.web.pages_role:RIGHTS", "was | {load('braid.web.models').AuditEntry: 'select, insert, update, delete'}",
        "tests/web/test_web_pages_role.py::test_what_would_hide_or_widen_they_may_not",
    ),
    "a context ends with its look": Control(
        "braid.web.access.context:_tell_nobody", "lambda savepoint: None",
        f"{ROWS}::test_a_context_ends_with_its_look",
    ),
    "no statement about people without a context": Control(
        "braid.web.watch:ABOUT_PEOPLE", "re.compile('nothing at all')",
        f"{ROWS}::test_a_statement_about_people_outside_a_context_is_refused_before_the_database",
    ),
    "no page asks for a plan": Control(
        "braid.web.watch:PLAN_ASKED", "re.compile('(?!)')",
        "tests/web/test_web_oracles.py::test_a_plan_is_refused_before_the_database",
    ),
    "the catalogue is looked at": Control("braid.web.row_security:_CHECKS", "()", PAST),
    "row security is forced": _unchecked("_tables"),
    "every table has its policies": _unchecked("_policies"),
    "the role of the pages has no rights beyond": _unchecked("_roles"),
    "no table is granted to everybody": _unchecked("_grants"),
    "no view shows rows with its owner's rights": _unchecked("_views"),
    "no function has its owner's rights": _unchecked("_functions"),
    # the access layer
    "decide has the last word on a row": Control(
        "braid.web.access.decisions:Decisions._allows", "lambda *a, **k: True",
        "tests/web/test_web_decisions.py::test_a_person_none_of_whose_waits_is_allowed_is_not_there",
    ),
    "the location of the protected is left out": Control(
        "braid.web.publish:_load_people", "lambda *a: dict.fromkeys(was(*a), True)",
        "tests/web/test_web_publish.py::test_the_location_of_the_protected_is_left_out",
    ),
    "the row names only the kind of partner of the withheld": Control(
        "braid.web.publish:_provider", "lambda row, kind, located: str(row['organisation_id'])",
        "tests/web/test_web_publish.py::test_the_location_of_the_protected_is_left_out",
    ),
    "a reference is one that can be checked": Control(
        "braid.web.reasons:REFERENCE", "re.compile('(?s).*')", f"{SAFETY}::test_a_reference_that_is_none_opens_nothing",
    ),
    "a reason ends after half an hour": Control(
        "django.conf:settings.REASON_SECONDS", "10**9", f"{SAFETY}::test_a_reason_ends_after_half_an_hour",
    ),
    "a reason does not outlive the role": Control(
        "braid.web.reasons:find_fault", NOTHING, f"{SAFETY}::test_a_reason_does_not_outlive_the_role",
    ),
    # refusals and sessions
    "no is said at fixed moments": Control("braid.web.hold_back:wait_for_multiple", NOTHING, FLOOR),
    "no is said at fixed moments to forms too": Control("braid.web.hold_back:NAMED_IN_FORM", "frozenset()", FLOOR),
    "refusals are recorded": Control(
        "braid.web.middleware:record_refusal_of", NOTHING,
        f"{REFUSALS}::test_hidden_and_absent_leave_the_same_entry_but_for_the_id",
    ),
    "signing in is recorded": Control(
        "braid.web.views.signing:record_sign_in", NOTHING, f"{REFUSALS}::test_signing_in_out_and_wrongly",
    ),
    "signing in wrongly is recorded": Control(
        "braid.web.views.signing:record_wrong_sign_in", NOTHING, f"{REFUSALS}::test_signing_in_out_and_wrongly",
    ),
    "an account locks after five wrong sign-ins": Control(
        "braid.web.sign_in.attempts:FREE",
        "dict.fromkeys(was, 10**6)",
        f"{SAFETY}::test_wrong_sign_ins_lock_the_account",
    ),
    "sessions end": Control(
        "braid.web.middleware:logout", NOTHING, f"{SAFETY}::test_sessions_end"
    ),
    "no page is kept by a browser": Control(
        "braid.web.middleware:private_answers", "lambda get_response: get_response",
        f"{SAFETY}::test_pages_are_strict_private_and_without_inline_parts",
    ),
    "of a token the digest alone is kept": Control(
        "braid.web.accounts:digest_of", "lambda token: token",
        "tests/api/test_api_answers.py::test_only_the_digest_of_a_token_is_kept",
    ),
    "a token ends, with its time or with its user": Control(
        "braid.api.callers:find_token",
        "lambda token: (load('django.db').connection.cursor().execute(\"select set_config('braid.token_digest', %s,"
        " false)\", [load('braid.web.accounts').digest_of(token)]), load('braid.web.models').ApiToken.objects.filter("
        "digest=load('braid.web.accounts').digest_of(token)).first())[1]",
        "tests/api/test_api_answers.py::test_an_expired_token_and_one_of_somebody_who_left_open_nothing",
    ),
    # the second factor
    "a code is taken once": Control(
        "braid.web.second_factor:_keep", NOTHING,
        f"{FACTOR}::test_a_code_is_taken_once_and_an_older_one_never_after_it",
    ),
    "five misses lock": Control(
        "braid.web.second_factor:MOST_WRONG", "10**6",
        f"{FACTOR}::test_five_misses_lock_for_fifteen_minutes_to_the_second",
    ),
    "a lock lasts fifteen minutes": Control(
        "braid.web.second_factor:LOCKED_FOR", "dt.timedelta(0)",
        f"{FACTOR}::test_five_misses_lock_for_fifteen_minutes_to_the_second",
    ),
    "an old code is none": Control(
        "braid.web.second_factor:WINDOW_STEPS", "5", f"{FACTOR}::test_a_code_holds_for_its_step_and_the_ones_beside_it",
    ),
    "password and code must both be right": Control(
        "braid.web.models:User.check_password", "lambda self, password: True",
        f"{FACTOR}::test_both_must_be_right",
    ),
    "a confirmation ends with its factor": Control(
        "braid.web.views.vault:find_confirmation",
        "lambda session, user, action=None: (2, dt.datetime.fromtimestamp(session['confirmed_at'], dt.UTC))",
        f"{FACTOR}::test_a_factor_renewed_or_removed_ends_what_it_confirmed",
    ),
    "a secret rests sealed for its own account": Control(
        "braid.web.second_factor:_owner", "lambda factor: 'account'",
        f"{FACTOR}::test_a_secret_is_kept_sealed_for_its_own_account",
    ),
    "no page sets a secret": Control(
        "braid.web.pages_role:RIGHTS", "was | {load('braid.web.models').SecondFactor: 'select, insert, update'}",
        f"{VAULT}::test_the_role_of_the_pages_has_no_right_on_the_vault",
    ),
    # the vault
    "the vault asks who it is again": Control(
        "braid.trust.decide:needs_step_up", "lambda *a, **k: False",
        "tests/replays/test_replay_second_factor.py::test_replay_one_account_without_a_second_factor",
    ),
    "a ciphertext opens in its own place alone": Control(
        "braid.store.vault_keys:_bound", "lambda *a, **k: b''",
        "tests/store/test_vault_keys.py::test_it_opens_in_its_own_place_alone",
    ),
    "a key open to others is refused": Control(
        "braid.store.vault_keys:_FORBIDDEN_MODE", "0",
        "tests/store/test_vault_keys.py::test_a_file_open_to_others_is_refused",
    ),
    "the length of a ciphertext says little": Control(
        "braid.store.vault_keys:PAD_TO", "1",
        f"{VAULT}::test_an_injected_query_gets_ciphertext_of_one_field_and_leaves_its_row",
    ),
    "a read of the vault is recorded": Control(
        "braid.web.access.vault:record_vault_read", NOTHING,
        f"{VAULT}::test_a_read_leaves_one_row_and_a_refusal_none_of_a_read",
    ),
    "the guard's reads of the vault are recorded": Control(
        "braid.web.vault.tokens:record_vault_read", NOTHING,
        f"{VAULT}::test_the_guard_gets_what_must_not_leave_and_the_record_says_so",
    ),
    "the vault knows who is kept away": Control(
        PERMITS, "swap(was, 'where hidden.person_id = wanted_person', 'where false')",
        f"{VAULT_ALONE}::test_it_gives_nothing_of_whoever_is_kept_away",
    ),
    "the vault opens what agreements open": Control(
        PERMITS, "re.sub(r'and exists \\(select 1 from braid_my_flow.*?item = wanted_item\\)', '', was, flags=re.S)",
        f"{VAULT_ALONE}::test_it_gives_nothing_while_the_agreement_is_suspended",
    ),
    "the vault opens a role's own items": Control(
        PERMITS,
        "swap(was, \"where kind = 'vault' and value = wanted_item\", '')",
        f"{VAULT_ALONE}::test_an_agreement_that_names_its_items_opens_it_to_no_other_role",
    ),
    "the vault asks for a relationship": Control(
        PERMITS, "swap(was, 'and braid_shows(wanted_person, wanted_item)', '')", AGREES,
    ),
    "the database counts every read of the vault": Control(
        "sql:web/vault/vault.sql",
        "re.sub(r'insert into vault.call \\(.*?is_permitted\\);', '', was, flags=re.S)",
        f"{VAULT}::test_the_database_counts_every_call_too",
    ),
    "one statement gets one field": Control(
        "sql:web/vault/vault.sql", "swap(was, ',\\n    unique (backend, statement_at)', '')",
        f"{VAULT}::test_an_injected_query_for_two_fields_gets_none",
    ),
    "the catalogue of the vault is looked at": Control(
        "braid.web.row_security:_CHECKS", "tuple(each for each in was if each.__name__ != 'find_vault_faults')",
        f"{VAULT}::test_what_would_open_the_vault_to_pages_is_found",
    ),
    "what does not open leaves a task": Control(
        "braid.web.access.vault:raise_task", NOTHING,
        f"{VAULT}::test_what_does_not_open_is_withheld_and_leaves_one_task",
    ),
    "no second key where something is sealed": Control(
        "braid.web.vault.keys:_is_anything_sealed", "lambda: False",
        f"{VAULT}::test_a_key_is_made_once_and_never_where_something_is_sealed",
    ),
    # the overlay in the database
    "an entry takes effect with the next statement": Control(
        "braid.web.overlay.entries:renew_effects", NOTHING,
        "tests/web/test_web_overlay.py"
        "::test_an_exclusion_hides_a_person_with_the_next_statement_and_on_every_channel",
    ),
    "in the database an entry reaches the family": Control(
        OVERLAY_SQL, "swap(was, 'r.step = 1', 'false')", SPREADS,
    ),
    "in the database an entry reaches the household": Control(
        OVERLAY_SQL, "swap(was, 'r.step in (0, 2)', 'false')", SPREADS,
    ),
    "in the database an entry reaches merged ids": Control(
        OVERLAY_SQL, "swap(swap(was, 'where a.person_id = r.person_id', 'where false'),"
        " 'where a.other_id = r.person_id', 'where false')", SPREADS,
    ),
    "in the database restrictions admit whom all admit": Control(
        OVERLAY_SQL, "swap(was, 'using (person_id, entries)', 'using (person_id)')", SPREADS,
    ),
    "nothing lapses by itself": Control(
        OVERLAY_SQL, "swap(was, \"where e.subject_id <> '' and\", \"where e.subject_id <> '' and (e.until is null or"
        " e.until > now()) and\")",
        "tests/web/test_web_overlay.py::test_at_its_date_an_entry_asks_and_goes_on",
    ),
    "only a lead changes the overlay": Control(
        "braid.web.overlay.entries:check_lead", NOTHING,
        "tests/web/test_web_overlay.py::test_only_the_lead_changes_the_overlay",
    ),
    "nobody enters for others who is no lead": Control(
        OVERLAY_SQL, "open_policy(was, 'entered', 'braid_exclusionentry')",
        "tests/web/test_web_overlay.py"
        "::test_nobody_enters_for_others_who_is_no_lead_and_nobody_sees_what_bars_them",
    ),
    "nobody sees what bars them": Control(
        OVERLAY_SQL, "swap(was, 'barred_username <> braid_username()\\n', 'true\\n')",
        "tests/web/test_web_overlay.py"
        "::test_nobody_enters_for_others_who_is_no_lead_and_nobody_sees_what_bars_them",
    ),
    "only a lead restricts": Control(
        OVERLAY_SQL, "open_policy(was, 'entered', 'braid_restrictionentry')",
        "tests/web/test_web_overlay_policies.py::test_nobody_restricts_who_is_no_lead",
    ),
    "whom an entry bars does not lift it": Control(
        "braid.web.overlay.entries:check_proposer", NOTHING,
        "tests/web/test_web_overlay_policies.py::test_whom_an_entry_bars_does_not_propose_to_lift_it",
    ),
    "the database wants two people to lift": Control(
        LIFTING, "without(was, 'overlaychange', 'two_people_for_what_widens')",
        "tests/web/test_web_overlay.py::test_the_database_itself_refuses_one_person_for_both",
    ),
    "the database wants two people to lift a suspension": Control(
        LIFTING, "without(was, 'suspension', 'two_people_lift_a_suspension')",
        "tests/web/test_web_overlay_policies.py::test_the_database_wants_two_people_to_lift_a_suspension",
    ),
    "the database ends emergency access after four hours": Control(
        OVERLAY_SQL, "swap(was, \"interval '4 hours'\", \"interval '4000 hours'\")", OWN_REVIEW,
    ),
    "nobody asks in another's name": Control(
        OVERLAY_SQL,
        "swap(was, 'username = braid_username() and colleague', 'colleague')",
        "tests/web/test_web_overlay_policies.py::test_nobody_asks_for_emergency_access_in_anothers_name",
    ),
    "nobody is their own colleague": Control(OVERLAY_SQL, "swap(was, 'colleague <> username and ', '')", OWN_REVIEW),
    "nobody reviews their own access": Control(
        OVERLAY_SQL, "open_policy(was, 'reviewed', 'braid_breakglass')", OWN_REVIEW,
    ),
    "a suspension reaches the matrix of who sees what": Control(
        "braid.web.overlay.agreements:flows_not_suspended",
        "lambda: load('braid.web.models').Flow.objects.all()",
        "tests/web/test_web_trust_pages.py::test_the_matrix_follows_a_suspension",
    ),
    "a suspension reaches the partners one may write to": Control(
        "braid.web.flows:flows_not_suspended",
        "lambda: load('braid.web.models').Flow.objects.all()",
        "tests/web/test_web_outbox_policies.py::test_a_partner_of_a_suspended_agreement_is_not_offered",
    ),
    # what pages show and say
    "a page opens to its roles alone": Control(
        "braid.web.views.guards:role_of",
        "lambda request: load('braid.trust.roles').ROLES['advocate']",
        f"{REFUSALS}::test_a_page_that_the_role_may_not_open",
    ),
    "a restriction hides a person on every page": Control(
        SQL,
        "swap(was, \"m.username <> '' and m.username = braid_username()\", 'true')",
        f"{ROWS}::test_a_person_restricted_to_named_users_is_absent_for_all_others",
    ),
    "no page writes who is kept from whom": Control(
        "braid.web.pages_role:RIGHTS",
        "was | {load('braid.web.models').ExclusionEntry: 'select, insert, update, delete'}",
        "tests/web/test_web_overlay.py::test_no_page_writes_what_keeps_people_apart",
    ),
    "pages and command line list the same people": Control(
        "braid.web.access.listing:people_in_backlogs",
        "lambda *a, **k: was(*a, **{**k, 'least_backlogs': 1})",
        "tests/web/test_web_same_list.py::test_page_and_command_line_agree",
    ),
    "where a protected person is rests encrypted": Control(
        "braid.web.vault.sealing:seal",
        "lambda key, text, *context: text.encode()",
        f"{VAULT}::test_an_injected_query_gets_ciphertext_of_one_field_and_leaves_its_row",
    ),
    "the log says no value": Control(
        "braid.web.logs:WithoutValues.filter",
        "lambda self, record: True",
        "tests/web/test_web_logs.py::test_neither_an_id_nor_a_search_nor_the_text_of_an_error_is_in_the_log",
    ),
    # the record of the record
    "a reading of the record is in the record": Control(
        "braid.web.access.entries:record_read", NOTHING,
        "tests/web/test_web_audit_kinds.py::test_every_kind_is_written_by_some_action",
    ),
    "a change of an account is in the record": Control(
        "braid.web.accounts:record_account", NOTHING,
        "tests/web/test_web_audit_kinds.py::test_every_kind_is_written_by_some_action",
    ),
    "a file of figures is in the record": Control(
        "braid.web.views.files:record", NOTHING,
        "tests/web/test_web_audit_kinds.py::test_every_kind_is_written_by_some_action",
    ),
    "the record is read by whoever accounts for it": Control(
        "sql:web/record.sql", "open_policy(was, 'seen', 'braid_auditentry')",
        "tests/web/test_row_security.py::test_the_record_is_read_by_whoever_accounts_for_it_alone",
    ),
    "a call of the vault has its entry": Control(
        "braid.web.audit_check:_check_vault", NOTHING,
        "tests/web/test_web_vault.py"
        "::test_a_call_of_the_vault_without_an_entry_is_found_and_an_entry_without_a_call",
    ),
}  # fmt: skip

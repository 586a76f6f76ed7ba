"""Controls of the decision, agreements, figures, exports, the overlay's rule, emergencies, and the record."""

from control import NOTHING, Control

LATTICE = "tests/trust/test_decide.py::test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice"
FLOWS = "tests/trust/test_sharings.py::test_the_open_flows_are_those_of_the_naive_twin"
DISCLOSURE = "tests/trust/test_disclosure.py"
SIZES = "tests/trust/test_sizes.py"
EXPORTS = "tests/store/test_exports.py"
TAMPER = "tests/web/test_web_audit_tamper.py"
TAMPERED = f"{TAMPER}::test_every_change_of_the_past_is_seen_by_a_witness_and_which_without"
LOG = "tests/web/test_web_audit_log.py"
OVERLAY = "tests/trust/test_overlay.py"
EMERGENCIES = "tests/web/test_web_emergencies.py"
OWN_VIEW = "tests/trust/test_own_view.py::test_over_every_combination_nothing_handed_out_names_what_is_secret"
RECORD = "braid.web.migrations.0003_audit:Migration.operations"

CONTROLS = {
    # the decision
    "exclusion beats everything": Control(
        "braid.trust.decide:find_forbidding", "lambda actor, subject: None",
        "tests/trust/test_decide.py::test_a_forbid_wins_over_every_permit",
    ),
    "a restriction admits named users alone": Control(
        "braid.trust.decide:find_forbidding",
        "lambda actor, subject: was(actor, replace(subject, restricted_to=None))",
        LATTICE,
    ),
    "a sealed person is shown to nobody": Control(
        "braid.trust.decide:find_forbidding",
        "lambda actor, subject: was(actor, replace(subject, sealed=False))", LATTICE,
    ),
    "a closed account sees nothing": Control(
        "braid.trust.decide:find_forbidding",
        "lambda actor, subject: was(replace(actor, is_active=True), subject)", LATTICE,
    ),
    "a role has its own purposes alone": Control(
        "braid.trust.decide:ROLES",
        "{code: replace(role, purposes=frozenset(load('braid.trust.roles').PURPOSES)) for code, role in was.items()}",
        LATTICE,
    ),
    "no agreement, no rows": Control(
        "braid.trust.decide:find_sharing", "lambda actor, *a: next(iter(actor.sharings), None) or was(actor, *a)",
        LATTICE,
    ),
    "an agreement opens its own items alone": Control(
        "braid.trust.decide:find_sharing",
        "lambda actor, item, purpose, now: was(actor, item, purpose, now)"
        " or was(actor, replace(item, code='identity'), purpose, now)",
        LATTICE,
    ),
    "an agreement opens the rows of those who provide them": Control(
        "braid.trust.decide:find_sharing", "lambda actor, item, *a: was(actor, replace(item, provider=''), *a)",
        LATTICE,
    ),
    "rows that are secret are the advocate's alone": Control(
        "braid.trust.decide:_role_sees", "lambda *a: True", LATTICE,
    ),
    "a relationship is needed": Control("braid.trust.decide:find_relation", "lambda *a, **k: 'concerned'", LATTICE),
    "emergency access is for one human, one purpose and four hours": Control(
        "braid.trust.decide:_is_open", "lambda *a: True", LATTICE,
    ),
    "the protected have no location": Control(
        "braid.trust.decide:_by_class", "lambda *a: (load('braid.trust.decide').Outcome.ALLOW, '')",
        "tests/trust/test_decide.py::test_location_of_a_protected_person_is_shown_to_nobody",
    ),
    "the vault needs a second factor": Control(
        "braid.trust.decide:needs_step_up", "lambda item, assurance, at, now: was(item, 2, at or now, now)", LATTICE,
    ),
    "a confirmation ends after five minutes": Control(
        "braid.trust.step_up:CONFIRMED_FOR", "dt.timedelta(hours=1)",
        "tests/trust/test_step_up.py::test_it_opens_at_the_confirmation_and_closes_at_the_three_hundredth_second",
    ),
    "boards and governance see no person": Control(
        "braid.trust.roles:Role.sees_people",
        "property(lambda self: True)",
        "tests/trust/test_decide.py::test_board_and_governance_see_no_person",
    ),
    "support for victims is the advocate's to know": Control(
        "braid.trust.roles:ROLES",
        "was.update({code: replace(role, row_sensitivities=role.row_sensitivities | {'safe_address'})"
        " for code, role in was.items()}) or was",
        "tests/trust/test_decide.py::test_only_the_advocate_sees_support_for_victims",
    ),
    # agreements
    "an agreement ends before its end": Control(
        "braid.trust.agreements:Sharing.is_live", "lambda self, now: self.live_from <= now <= self.live_to",
        "tests/trust/test_sharings.py::test_the_first_half_past_one_of_october_is_not_the_second",
    ),
    "a party takes part from its signature on": Control(
        "braid.trust.agreements:interval_of",
        "lambda agreement, party: was(agreement, replace(party, signed_at=agreement.valid_from))", FLOWS,
    ),
    "a party that left takes no part": Control(
        "braid.trust.agreements:interval_of", "lambda agreement, party: was(agreement, replace(party, left_at=None))",
        FLOWS,
    ),
    "a suspended agreement decides nothing": Control(
        "braid.trust.agreements:interval_of",
        "lambda agreement, party: was(replace(agreement, suspended_at=None), party)", FLOWS,
    ),
    "rows of a kind of partner open when every partner provides them": Control(
        "braid.trust.agreements:_providers",
        "lambda agreement, item, kinds, senders: was(agreement, item, kinds,"
        " {item: {p.organisation for p in agreement.parties if item in p.provides and p.signed_at}})",
        "tests/trust/test_sharings.py"
        "::test_rows_of_a_kind_are_open_while_every_partner_who_holds_such_rows_provides_them",
    ),
    "no public task on a legitimate interest": Control(
        "braid.trust.agreement_rules:PUBLIC_KINDS", "frozenset()", "tests/trust/test_agreement_file.py",
    ),
    "criminal items need schedule 1": Control(
        "braid.trust.agreement_rules:CRIMINAL_ITEMS", "frozenset()", "tests/trust/test_agreement_file.py",
    ),
    "special category data need a condition of article 9": Control(
        "braid.trust.agreement_rules:SPECIAL", "frozenset()", "tests/trust/test_agreement_file.py",
    ),
    "an agreement runs three years at most": Control(
        "braid.trust.agreement_rules:LONGEST_YEARS", "300",
        "tests/trust/test_agreement_file.py::test_three_years_are_three_years_over_clock_changes",
    ),
    "a clause that nobody knows is refused": Control(
        "braid.trust.agreement_file:_Clause.__init__",
        "lambda self, name, row, keys, found: was(self, name, {k: row[k] for k in row if k in keys}, keys, found)",
        "tests/trust/test_agreement_file.py",
    ),
    "two versions that overlap decide nothing": Control(
        "braid.store.agreements:_clashes", "lambda read: []",
        "tests/store/test_agreements.py::test_a_version_twice_or_overlapping_decides_nothing",
    ),
    # figures and exports
    "totals leave room": Control(
        "braid.trust.disclosure:SLACK", "0", f"{DISCLOSURE}::test_no_hidden_cell_is_bounded_to_one_value",
    ),
    "small counts are suppressed": Control(
        "braid.trust.cubes:publishable_count", "lambda exact: exact", f"{DISCLOSURE}::test_the_cube_holds_together",
    ),
    "one to seven are suppressed": Control(
        "braid.trust.disclosure:SUPPRESSED_TO", "1",
        f"{DISCLOSURE}::test_counts_are_zero_suppressed_or_rounded_to_five",
    ),
    "published counts are rounded": Control(
        "braid.trust.disclosure:ROUND_TO", "1",
        f"{DISCLOSURE}::test_counts_are_zero_suppressed_or_rounded_to_five",
    ),
    "two publications do not tell of one person": Control(
        "braid.trust.disclosure:_above", "lambda shown, floor: shown",
        f"{DISCLOSURE}::test_no_pair_of_weeks_reveals_one_person",
    ),
    "medians need a base": Control(
        "braid.trust.disclosure:MEDIAN_BASE", "1",
        f"{DISCLOSURE}::test_medians_need_a_published_base_and_are_no_ones_own",
    ),
    "a median is no one's own": Control(
        "braid.trust.disclosure:MEDIAN_STEP_DAYS", "1",
        f"{DISCLOSURE}::test_medians_need_a_published_base_and_are_no_ones_own",
    ),
    "the past of a queue says nothing of today": Control(
        "braid.trust.sizes:_says_nothing_new", "lambda *a: True",
        f"{SIZES}::test_the_past_rules_no_number_of_today_out",
    ),
    "additions say nothing of today": Control(
        "braid.trust.sizes:_count_additions",
        "lambda exact, *a: load('braid.trust.disclosure').publishable_count(exact)",
        f"{SIZES}::test_the_past_rules_no_number_of_today_out",
    ),
    "the size of a small queue in the past is not published": Control(
        "braid.trust.disclosure:SIZE_FROM", "10",
        f"{SIZES}::test_a_past_size_is_to_the_nearest_ten_from_a_hundred_on",
    ),
    "a part of a time is shared by many": Control(
        "braid.trust.disclosure:TIME_SHARE_BASE", "0",
        f"{SIZES}::test_a_share_of_time_says_nothing_of_nobody_of_everybody_or_of_few",
    ),
    "what was shown of a day is not worked out again": Control(
        "braid.web.publish:keep_shown", "lambda run, as_of, is_first: was(run, as_of, is_first=True)",
        "tests/web/test_web_backlogs.py::test_what_the_first_publication_fills_in_is_never_filled_in_again",
    ),
    "a page of a queue shows no exact figure": Control(
        "braid.web.backlogs:publish_additions",
        "lambda rows, counts, *a: dict.fromkeys((cell.kind for cell in counts), None)"
        " | {row['kind']: row['additions'] for row in rows}",
        "tests/web/test_web_backlogs.py"
        "::test_other_exact_figures_that_are_published_alike_change_nothing_that_is_shown",
    ),
    "a page shows no exact figure": Control(
        "braid.trust.cubes:publishable_total",
        "lambda exact, parts: exact",
        "tests/web/test_web_safety.py::test_suppressed_figures_are_nowhere_exact",
    ),
    "a written workbook is opened again": Control(
        "braid.store.exports.workbook_check:refuse_if", NOTHING,
        f"{EXPORTS}::test_a_workbook_with_something_else_in_it_is_refused",
    ),
    "a workbook is held to a closed list of elements": Control(
        "braid.store.exports.workbook_check:_check_part", NOTHING,
        f"{EXPORTS}::test_a_part_with_something_else_in_it_is_refused",
    ),
    "what a writer adds does not leave": Control(
        "braid.store.exports.exporter:CHECKS", "dict.fromkeys(was, nothing)",
        f"{EXPORTS}::test_a_writer_that_adds_a_sheet_never_gets_its_file_out",
    ),
    "a written PDF is opened again": Control(
        "braid.store.exports.pdf_check:refuse_if", NOTHING,
        f"{EXPORTS}::test_a_copy_of_our_pdf_passes_and_one_with_something_else_in_it_does_not",
    ),
    "no cell is a formula": Control(
        "braid.store.exports.exporter:guarded", "lambda text: text",
        f"{EXPORTS}::test_no_cell_begins_like_a_formula_or_hides_a_letter",
    ),
    "many people leave with a second person alone": Control(
        "braid.store.exports.exporter:check_may_leave", NOTHING,
        f"{EXPORTS}::test_many_people_leave_with_a_second_person_alone",
    ),
    "nobody exports thousands of people": Control(
        "braid.store.exports.exporter:MOST_PERSON_ROWS", "10**9",
        f"{EXPORTS}::test_many_people_leave_with_a_second_person_alone",
    ),
    # the overlay's rule
    "an exclusion reaches the family": Control(
        "braid.trust.overlay:_Neighbourhood.reach", "lambda self, subject: {subject}",
        f"{OVERLAY}::test_worked_example_of_a_family",
    ),
    "an exclusion reaches merged and split ids": Control(
        "braid.trust.overlay:_Neighbourhood._with_ids", "lambda self, people: set(people)",
        f"{OVERLAY}::test_a_merge_and_a_split_keep_the_most_restrictive",
    ),
    "lifting takes another person": Control(
        "braid.trust.overlay_change:BY_ANOTHER", "frozenset()",
        f"{OVERLAY}::test_every_step_of_every_state_by_everybody",
    ),
    "what was decided stays decided": Control(
        "braid.trust.overlay_change:TRANSITIONS",
        "{(state, step): after for (_, step), after in was.items() for state in"
        " load('braid.trust.overlay_change').State}",
        f"{OVERLAY}::test_every_step_of_every_state_by_everybody",
    ),
    # emergencies
    "two overdue reviews end the right": Control(
        "braid.trust.break_glass:MOST_OVERDUE", "99",
        "tests/web/test_web_trust_pages.py::test_two_overdue_reviews_end_the_right_to_ask",
    ),
    "an alert escalates": Control(
        "braid.trust.break_glass:ACKNOWLEDGE_WITHIN", "dt.timedelta(hours=1000)",
        "tests/replays/test_replay_ignored_alert.py::test_an_alert_ignored_for_58_hours_is_red_and_has_a_second_owner",
    ),
    "a review is due the next working day": Control(
        "braid.trust.break_glass:REVIEW_WORKING_DAYS", "20",
        "tests/trust/test_break_glass.py::test_a_review_is_due_at_the_end_of_the_next_working_day",
    ),
    "a request needs a reason of the list": Control(
        "braid.trust.break_glass:REASONS",
        "{**was, 'curiosity': ''}",
        "tests/web/test_web_emergencies.py::test_a_request_that_breaks_a_rule_leaves_nothing",
    ),
    "an emergency is told at once": Control(
        "braid.web.overlay.emergencies:_raise_alerts", NOTHING,
        f"{EMERGENCIES}::test_guardian_record_owner_and_colleague_are_told_at_once",
    ),
    "emergency access ends after four hours": Control(
        "braid.web.overlay.emergencies:OPEN_FOR", "dt.timedelta(hours=9)",
        f"{EMERGENCIES}::test_a_grant_opens_one_person_for_four_hours_and_no_other_row",
    ),
    "an alert is answered by whom it tells": Control(
        "braid.web.overlay.emergencies:may_acknowledge", "lambda by, alert: True",
        f"{EMERGENCIES}::test_an_alert_is_acknowledged_once_and_by_whom_it_tells",
    ),
    "an emergency opens what it lists": Control(
        "braid.trust.decide:_opens", "lambda grant, item: True", LATTICE,
    ),
    "location waits for a second human": Control(
        "braid.trust.decide:needs_approval", "lambda item: False", LATTICE,
    ),
    # seals
    "who is sealed is published": Control(
        "braid.web.overlay.seals:read_sides", "lambda run: {'pre_adoptive': set(), 'adoptive': set()}",
        "tests/web/test_web_seals.py::test_the_policies_alone_keep_the_identity_from_the_pages",
    ),
    # whom a problem statement concerns
    "a statement for another purpose asks nothing about support": Control(
        "braid.problems.conditions:is_secret", "lambda condition: False",
        "tests/problems/test_faults.py::test_only_victim_response_may_ask_about_support_for_people_harmed",
    ),
    "what was told under protection counts for support alone": Control(
        "braid.problems.cohorts:condition_sql", "lambda *a, sees_secret: was(*a, sees_secret=True)",
        "tests/problems/test_cohorts.py::test_what_was_told_under_protection_counts_for_support_alone",
    ),
    # who looked: what is handed out
    "an account does not betray a victim": Control(
        "braid.trust.own_view:find_reason_to_leave_out", NOTHING,
        "tests/web/test_web_audit_pages.py::test_what_is_handed_out_does_not_betray_the_victim",
    ),
    "an account holds kinds that say nothing of protection": Control(
        "braid.trust.own_view:KINDS_TOLD", "frozenset(load('braid.trust.audit').KINDS)", OWN_VIEW,
    ),
    "an account holds no reason of protection": Control(
        "braid.trust.own_view:REASONS_OF_PROTECTION", "frozenset()",
        "tests/trust/test_own_view.py::test_each_reason_to_leave_out_by_its_example",
    ),
    # the record and its witnesses
    "every look is recorded": Control(
        "braid.web.access.people:record_look", NOTHING,
        "tests/web/test_web_safety.py::test_every_person_shown_leaves_one_row",
    ),
    "every look at one person is recorded": Control(
        "braid.web.access.person:record_look", NOTHING,
        "tests/web/test_web_audit_pages.py::test_a_look_says_under_what_it_was_permitted",
    ),
    "every look from the command line is recorded": Control(
        "braid.web.access.listing:record_look", NOTHING,
        "tests/web/test_web_decisions.py::test_everybody_listed_on_the_command_line_leaves_a_look",
    ),
    "the record takes codes alone": Control(
        "braid.web.recording:check_entry", NOTHING,
        "tests/web/test_web_audit_pages.py::test_the_record_takes_codes_alone",
    ),
    "a detail of an entry is a code": Control(
        "braid.trust.audit:_CODE", "re.compile('(?s).*')",
        "tests/trust/test_audit_entry.py::test_an_entry_holds_codes_and_counts_alone",
    ),
    "every column is hashed": Control(
        "braid.trust.audit:_LENGTHS", "[b''] * 512",
        "tests/trust/test_audit_entry.py::test_a_value_cannot_slip_into_the_next_column",
    ),
    "the database keeps the entries as they are": Control(
        RECORD, "without(was, 'auditentry', 'append_only')",
        "tests/web/test_web_safety.py::test_the_database_refuses_to_change_looks",
    ),
    "the database empties no entries": Control(
        RECORD,
        "without(was, 'auditentry', 'not_emptied')",
        "tests/web/test_web_safety.py::test_the_database_refuses_to_change_looks",
    ),
    "the database keeps the leaves as they are": Control(
        RECORD, "without(was, 'auditleaf', 'append_only')", f"{TAMPER}::test_the_database_refuses_to_change_the_log",
    ),
    "the database keeps the checkpoints as they are": Control(
        RECORD, "without(was, 'auditcheckpoint', 'append_only')",
        f"{TAMPER}::test_the_database_refuses_to_change_the_log",
    ),
    "a witness signs no fork": Control(
        "braid.trust.checkpoint:check_consistency", NOTHING,
        f"{TAMPER}::test_a_witness_signs_no_fork_and_no_rollback",
    ),
    "a witness signs no rollback": Control(
        "braid.store.witness_memory:check_next",
        "lambda memory, request, checkpoint: None if checkpoint.size < memory.size"
        " else was(memory, request, checkpoint)",
        f"{TAMPER}::test_a_witness_signs_no_fork_and_no_rollback",
    ),
    "the verifier asks the witnesses": Control("braid.web.audit_check:_check_memory", NOTHING, TAMPERED),
    "the verifier compares the tree": Control("braid.web.audit_check:_check_nodes", NOTHING, TAMPERED),
    "the verifier looks for what was put in afterwards": Control(
        "braid.web.audit_check:LATE", "dt.timedelta(days=9999)", TAMPERED,
    ),
    "the verifier checks who signed": Control(
        "braid.web.audit_check:_is_signed", "lambda *a: True",
        f"{TAMPER}::test_what_no_column_should_hold_is_a_finding_and_no_fault",
    ),
    "a log signs nothing that contradicts what it signed": Control(
        "braid.web.audit_log:get_root",
        "lambda cursor, size: bytes((cursor.execute('select root from braid_auditcheckpoint where size = %s"
        " order by id desc', [size]), cursor.fetchone())[1][0])",
        f"{LOG}::test_a_log_that_contradicts_what_was_signed_signs_no_more",
    ),
    "a late entry gets its place": Control(
        "braid.web.audit_log:LOOK_BACK", "0", f"{LOG}::test_an_entry_that_commits_late_gets_its_place",
    ),
    "a signature is of a witness of the place": Control(
        "braid.web.audit_log:find_cosigned_at", "lambda *a: 1",
        f"{LOG}::test_a_witness_goes_on_and_refuses_what_is_not_the_past",
    ),
}  # fmt: skip

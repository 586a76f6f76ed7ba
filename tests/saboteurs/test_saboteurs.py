"""Controls switched off one at a time: each must turn a test red, or the test guards nothing. The list is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
NOTHING = "lambda *a, **k: None"

SABOTEURS = {
    # control: (what is replaced, by what, a test that must turn red)
    "exclusion beats everything": (
        "braid.trust.decide:_forbidden", "lambda actor, subject: None",
        "tests/trust/test_decide.py::test_a_forbid_wins_over_every_permit",
    ),
    "no agreement, no rows": (
        "braid.trust.decide:find_sharing", "lambda actor, *a: next(iter(actor.sharings), None) or was(actor, *a)",
        "tests/trust/test_decide.py::test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice",
    ),
    "a relationship is needed": (
        "braid.trust.decide:find_relation", "lambda *a: 'concerned'",
        "tests/trust/test_decide.py::test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice",
    ),
    "the protected have no location": (
        "braid.trust.decide:_by_class", "lambda *a: (__import__('braid.trust.decide').trust.decide.Outcome.ALLOW, '')",
        "tests/trust/test_decide.py::test_location_of_a_protected_person_is_shown_to_nobody",
    ),
    "an agreement ends before its end": (
        "braid.trust.agreements:Sharing.is_live", "lambda self, now: self.live_from <= now <= self.live_to",
        "tests/trust/test_sharings.py::test_the_first_half_past_one_of_october_is_not_the_second",
    ),
    "no public task on a legitimate interest": (
        "braid.trust.agreement_rules:PUBLIC_KINDS", "frozenset()", "tests/trust/test_agreement_file.py",
    ),
    "criminal items need schedule 1": (
        "braid.trust.agreement_rules:CRIMINAL_ITEMS", "frozenset()", "tests/trust/test_agreement_file.py",
    ),
    "the row names only the kind of partner of the withheld": (
        "braid.web.publish:_provider", "lambda row, kind, located: str(row['organisation_id'])",
        "tests/web/test_web_publish.py::test_the_location_of_the_protected_is_left_out",
    ),
    "a context ends with its look": (
        "braid.web.access.context:_tell_database", "lambda u, p: was(u, p) if u else None",
        "tests/web/test_row_security.py::test_a_context_ends_with_its_look",
    ),
    "no statement about people without a context": (
        "braid.web.watch:ABOUT_PEOPLE", "re.compile('nothing at all')",
        "tests/web/test_row_security.py::test_a_statement_about_people_outside_a_context_is_refused_before_the_database",
    ),
    "the catalogue is looked at": (
        "braid.web.row_security:_CHECKS", "()",
        "tests/web/test_row_security.py::test_what_would_let_a_row_past_the_policies_is_found",
    ),
    "decide has the last word on a row": (
        "braid.web.access.decisions:Decisions._allows", "lambda *a: True",
        "tests/web/test_web_decisions.py::test_a_person_none_of_whose_waits_is_allowed_is_not_there",
    ),
    "every look from the command line is recorded": (
        "braid.web.access.listing:record_look", NOTHING,
        "tests/web/test_web_decisions.py::test_everybody_listed_on_the_command_line_leaves_a_look",
    ),
    "every look is recorded": (
        "braid.web.access.people:record_look", NOTHING,
        "tests/web/test_web_safety.py::test_every_person_shown_leaves_one_row",
    ),
    "a witness signs no fork": (
        "braid.trust.checkpoint:check_consistency", NOTHING,
        "tests/web/test_web_audit_tamper.py::test_a_witness_signs_no_fork_and_no_rollback",
    ),
    "the verifier asks the witnesses": (
        "braid.web.audit_check:_check_memory", NOTHING,
        "tests/web/test_web_audit_tamper.py::test_every_change_of_the_past_is_seen_by_a_witness_and_which_without",
    ),
    "a late entry gets its place": (
        "braid.web.audit_log:LOOK_BACK", "0",
        "tests/web/test_web_audit_log.py::test_an_entry_that_commits_late_gets_its_place",
    ),
    "an account does not betray a victim": (
        "braid.trust.own_view:find_reason_to_leave_out", NOTHING,
        "tests/web/test_web_audit_pages.py::test_what_is_handed_out_does_not_betray_the_victim",
    ),
    "the record takes codes alone": (
        "braid.web.recording:check_entry", NOTHING,
        "tests/web/test_web_audit_pages.py::test_the_record_takes_codes_alone",
    ),
    "totals leave room": (
        "braid.trust.disclosure:SLACK", "0",
        "tests/trust/test_disclosure.py::test_no_hidden_cell_is_bounded_to_one_value",
    ),
    "small counts are suppressed": (
        "braid.trust.cubes:publishable_count", "lambda exact: exact",
        "tests/trust/test_disclosure.py::test_the_cube_holds_together",
    ),
    "medians need a base": (
        "braid.trust.disclosure:MEDIAN_BASE", "1",
        "tests/trust/test_disclosure.py::test_medians_need_a_published_base_and_are_no_ones_own",
    ),
    "a written workbook is opened again": (
        "braid.store.exports.workbook_check:refuse_if", NOTHING,
        "tests/store/test_exports.py::test_a_workbook_with_something_else_in_it_is_refused",
    ),
    "many people leave with a second person alone": (
        "braid.store.exports.exporter:check_may_leave", NOTHING,
        "tests/store/test_exports.py::test_many_people_leave_with_a_second_person_alone",
    ),
    "an exclusion reaches the family": (
        "braid.trust.overlay:_Neighbourhood.reach", "lambda self, subject: {subject}",
        "tests/trust/test_overlay.py::test_worked_example_of_a_family",
    ),
    "lifting takes another person": (
        "braid.trust.overlay_change:BY_ANOTHER", "frozenset()",
        "tests/trust/test_overlay.py::test_every_step_of_every_state_by_everybody",
    ),
    "an entry takes effect with the next statement": (
        "braid.web.overlay.entries:renew_effects", NOTHING,
        "tests/web/test_web_overlay.py"
        "::test_an_exclusion_hides_a_person_with_the_next_statement_and_on_every_channel",
    ),
    "two overdue reviews end the right": (
        "braid.trust.break_glass:MOST_OVERDUE", "99",
        "tests/web/test_web_trust_pages.py::test_two_overdue_reviews_end_the_right_to_ask",
    ),
    "an alert escalates": (
        "braid.trust.break_glass:ACKNOWLEDGE_WITHIN", "dt.timedelta(hours=1000)",
        "tests/replays/test_replay_ignored_alert.py::test_an_alert_ignored_for_58_hours_is_red_and_has_a_second_owner",
    ),
    "an emergency is told at once": (
        "braid.web.overlay.emergencies:_raise_alerts", NOTHING,
        "tests/web/test_web_emergencies.py::test_guardian_record_owner_and_colleague_are_told_at_once",
    ),
    "the vault asks who it is again": (
        "braid.web.access.vault:needs_step_up", "lambda *a, **k: False",
        "tests/replays/test_replay_second_factor.py::test_replay_one_account_without_a_second_factor",
    ),
    "a ciphertext opens in its own place alone": (
        "braid.store.vault_keys:_bound", "lambda *a, **k: b''",
        "tests/store/test_vault_keys.py::test_it_opens_in_its_own_place_alone",
    ),
    "a read of the vault is recorded": (
        "braid.web.access.vault:record_vault_read", NOTHING,
        "tests/web/test_web_vault.py::test_a_read_leaves_one_row_and_a_refusal_none_of_a_read",
    ),
    "a code is taken once": (
        "braid.web.second_factor:_keep", NOTHING,
        "tests/web/test_web_second_factor.py::test_a_code_is_taken_once_and_an_older_one_never_after_it",
    ),
    "locations are searched for": (
        "braid.trust.guard:find_tokens", "lambda *a: []",
        "tests/trust/test_guard.py::test_a_refusal_leaves_a_task_and_a_fact_and_tells_no_value",
    ),
    "every doubt withholds": (
        "braid.trust.guard:_doubts", "lambda *a: set()", "tests/trust/test_guard.py::test_every_doubt_withholds",
    ),
    "what cannot be searched is withheld": (
        "braid.trust.guard:_can_search", "lambda part: True",
        "tests/trust/test_guard.py::test_what_cannot_be_searched_is_withheld_whoever_says_it_can",
    ),
    "who is sealed is published": (
        "braid.web.overlay.seals:read_sides", "lambda run: {'pre_adoptive': set(), 'adoptive': set()}",
        "tests/web/test_web_seals.py::test_the_policies_alone_keep_the_identity_from_the_pages",
    ),
    "an emergency opens what it lists": (
        "braid.trust.decide:_opens", "lambda grant, item: True",
        "tests/trust/test_decide.py::test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice",
    ),
    "location waits for a second human": (
        "braid.trust.decide:needs_approval", "lambda item: False",
        "tests/trust/test_decide.py::test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice",
    ),
    "an alert is answered by whom it tells": (
        "braid.web.overlay.emergencies:may_acknowledge", "lambda by, alert: True",
        "tests/web/test_web_emergencies.py::test_an_alert_is_acknowledged_once_and_by_whom_it_tells",
    ),
}  # fmt: skip


def run(node: str, sabotage: str = "") -> str:
    """Run a test with a control switched off; return green, red, or no answer: a set-up that breaks catches nothing."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    for ours in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(ours, None)
    paths = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "saboteurs")]
    environment |= {"BRAID_SABOTAGE": sabotage, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "pytest", "-p", "sabotage", "-p", "no:cacheprovider", "-q", "-x", node]
    command += ["-m", "not slow and not browser"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, check=False, text=True)
    closing = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    if done.returncode == 1 and re.search(r"\b[0-9]+ failed", closing):
        return "red"
    return "green" if done.returncode == 0 else f"no answer: {closing}"


@pytest.mark.slow
@pytest.mark.parametrize("control", SABOTEURS)
def test_a_control_that_is_switched_off_turns_its_test_red(control: str) -> None:
    where, replacement, node = SABOTEURS[control]
    answer = run(node, f"{where}={replacement}")
    print(f"{'caught' if answer == 'red' else 'NOT CAUGHT'}: {control} ({node.split('::')[-1]})")
    assert answer == "red"


@pytest.mark.slow
def test_without_a_saboteur_the_tests_are_green() -> None:
    for node in sorted({node for _, _, node in SABOTEURS.values() if "/trust/" in node or "/store/" in node}):
        assert run(node) == "green", node


def test_there_are_enough_saboteurs_and_their_tests_exist() -> None:
    assert len(SABOTEURS) >= 25
    for _, _, node in SABOTEURS.values():
        path, _, name = node.partition("::")
        assert f"def {name.split('[')[0]}" in (REPOSITORY / path).read_text(encoding="utf-8"), node

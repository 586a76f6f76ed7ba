"""Controls of linking: protected people, sealed adoptions, decisions by two, and how far protection reaches."""

from control import Control

PROTECTED = "tests/people/test_protected_links.py"
SEALS = "tests/people/test_seals.py"
RESOLVE = "tests/people/test_resolve.py"
SPREADS = "tests/people/test_protection.py::test_it_spreads_to_family_and_surname_and_withholding_to_the_postcode"

CONTROLS = {
    "a score joins no protected person": Control(
        "braid.people.resolve:_why_not", "lambda *a: '' if was(*a) == 'protected' else was(*a)",
        f"{PROTECTED}::test_a_score_proposes_and_does_not_join",
    ),
    "a safe address guards the record that holds it": Control(
        "braid.people.linkage:read_own", "lambda engine: frozenset()",
        f"{PROTECTED}::test_a_safe_record_without_a_safe_stay_is_guarded_of_itself",
    ),
    "whoever is protected is guarded as well": Control(
        "braid.people.guarded:find_touched", "lambda groups, own, others: was(groups, own, frozenset())",
        f"{PROTECTED}::test_protection_inherited_from_the_family_guards_as_well",
    ),
    "a confused number goes to a human": Control(
        "braid.people.linkage:find_doubts", "lambda *a: load('collections').defaultdict(str)",
        f"{PROTECTED}::test_a_copied_number_is_a_confusion_and_goes_to_a_human",
    ),
    "a number that others hold otherwise is a confusion": Control(
        "braid.people.evidence:_is_confused", "lambda *a: False",
        f"{PROTECTED}::test_a_copied_number_is_a_confusion_and_goes_to_a_human",
    ),
    "a number joins where names and births agree": Control(
        "braid.people.evidence:_forenames_fit", "lambda *a: True",
        "tests/people/test_evidence.py::test_a_nickname_fits_and_a_twin_does_not",
    ),
    "two humans join a protected person": Control(
        "braid.people.decisions:Decision.has_two_people", "property(lambda self: True)",
        f"{PROTECTED}::test_two_different_humans_join_a_protected_person",
    ),
    "nobody alone takes a record out of a guarded person": Control(
        "braid.people.guarded:_in_turn", "lambda decided: []",
        f"{SEALS}::test_nobody_alone_takes_a_record_out_of_a_sealed_person",
    ),
    "one human under two names is one": Control(
        "braid.people.decisions:fold_name", "lambda name: name",
        f"{PROTECTED}::test_two_different_humans_join_a_protected_person",
    ),
    "nobody approves their own decision": Control(
        "braid.people.review:fold_name", "lambda name: object()",
        "tests/people/test_review.py::test_nobody_approves_their_own_decision",
    ),
    "who fits two is nobody's": Control(
        "braid.people.resolve:find_ties", "lambda *a: set()",
        f"{RESOLVE}::test_a_record_that_fits_both_twins_is_left_for_review",
    ),
    "nobody holds two numbers of one register": Control(
        "braid.people.resolve:_can_join", "lambda *a: True", f"{RESOLVE}::test_two_nhs_numbers_are_never_one_person",
    ),
    "what a human parted stays two": Control(
        "braid.people.guarded:choose",
        "lambda *a: (replace(was(*a)[0], cannot_link=frozenset()), was(*a)[1])",
        f"{PROTECTED}::test_one_human_decides_where_nobody_is_protected",
    ),
    "the two identities of an adoption stay two": Control(
        "braid.people.run:find_seals", "lambda *a: load('braid.people.seals').Seals({})",
        f"{SEALS}::test_a_seal_keeps_apart_what_a_former_number_alone_would_join",
    ),
    "two humans open no seal": Control(
        "braid.people.resolve:_are_parted", "lambda *a: False",
        f"{SEALS}::test_two_humans_cannot_open_a_seal_by_any_way_round",
    ),
    "a seal holds for whoever has its number": Control(
        "braid.people.seals:_with_holders", "lambda engine, named: {key: set(held) for key, held in named.items()}",
        f"{SEALS}::test_a_record_that_nobody_listed_stands_on_the_side_of_its_number",
    ),
    "no household leads across a seal": Control(
        "braid.people.run:find_apart", "lambda *a: {}",
        f"{SEALS}::test_no_household_brings_birth_family_and_child_under_one_roof",
    ),
    "protection crosses a seal": Control(
        "braid.people.guarded:_over_seals", "lambda records, sides: records",
        f"{SEALS}::test_what_protects_one_side_protects_the_other_and_says_no_more",
    ),
    "an id that led across a seal ends": Control(
        "braid.people.run:find_ended_ids", "lambda *a, **k: frozenset()",
        f"{SEALS}::test_a_seal_ends_an_id_that_had_led_across",
    ),
    "a sealed record is in no proposal": Control(
        "braid.people.resolve:_Group.is_sealed",
        "property(lambda self: len(self.members) > 1 and was.fget(self))",
        f"{SEALS}::test_a_sealed_record_is_in_no_proposal",
    ),
    "no operation joins a seal": Control(
        "braid.people.resolve:_are_parted", "lambda *a: False",
        "tests/people/test_link_operations.py::test_no_operation_joins_a_seal_or_a_protected_person",
    ),
    "no tie of the overlay crosses a seal": Control(
        "braid.web.overlay.ties:_without_bridges", "lambda ties, sides: ties",
        "tests/web/test_web_overlay.py::test_no_tie_leads_from_an_adopted_child_to_the_first_identity_or_its_family",
    ),
    "protection spreads over a family": Control("braid.people.protection:read_ties", "lambda *a: []", SPREADS),
    "protection spreads over a surname": Control("braid.people.protection:_same_surname", "lambda *a: set()", SPREADS),
    "neighbours of the protected have no location": Control(
        "braid.people.protection:Protection", "lambda protected, withheld, *homes: was(protected, protected)", SPREADS,
    ),
    "protection spreads over a household": Control(
        "braid.people.protection:_with_household", "lambda people, households: set(people)",
        "tests/people/test_protection.py::test_it_spreads_over_a_household_and_an_edge_that_linking_refused",
    ),
    "protection spreads over doubtful fragments": Control(
        "braid.people.protection:persons_of", "lambda *a: set()",
        "tests/people/test_protection.py::test_it_spreads_over_a_household_and_an_edge_that_linking_refused",
    ),
    "the district of the protected is in no finding": Control(
        "braid.people.run:_by_person",
        "lambda *a: load('braid.people.protection').Protection(frozenset(), frozenset())",
        f"{PROTECTED}::test_a_score_proposes_and_does_not_join",
    ),
    "a list that few may read is read whole or refused": Control(
        "braid.people.opt_outs:check", "lambda *a: 'pass'",
        "tests/people/test_opt_outs.py"
        "::test_a_bad_row_stops_the_list_with_file_line_and_rule_and_no_value",
    ),
    "a number is found wrong by two humans": Control(
        "braid.people.wrong_numbers:fold_name", "lambda name: object()",
        "tests/people/test_hard_cases.py::test_one_human_alone_makes_no_number_wrong",
    ),
    "a number found wrong counts no more": Control(
        "braid.people.run:drop_wrong_numbers", "lambda records, wrong: wrong.held.clear() or records",
        "tests/people/test_hard_cases.py"
        "::test_a_number_that_two_humans_found_wrong_counts_no_more_and_does_again_once_it_is_another",
    ),
    "nobody is joined over a bridge": Control(
        "braid.people.resolve:_MeanWeight.against", "lambda *a: ''",
        f"{RESOLVE}::test_a_best_pair_against_all_others_is_a_bridge_and_a_human_may_cross_it",
    ),
    "two rows of a source that holds everybody once are two": Control(
        "braid.people.facts:find_trust", "lambda standards, said=None: was(standards)",
        "tests/people/test_hard_cases.py::test_two_rows_of_a_source_that_holds_everybody_once_are_two_people",
    ),
    "a release that was changed is followed by nobody": Control(
        "braid.people.release:fingerprint_of", "lambda release: 'f'",
        "tests/people/test_release.py::test_a_place_follows_what_was_taken_and_nothing_else",
    ),
    "pairs are drawn by a secret": Control(
        "braid.people.sampling:secrets.token_hex", "lambda nbytes=None: '5a' * 32",
        "tests/people/test_sampling.py::test_two_samples_have_two_secrets_and_no_word_of_a_plan_tells_its",
    ),
    "what nobody decided is no chance": Control(
        "braid.people.estimates:Cell.shares_open", "property(lambda self: (self.share, self.share))",
        "tests/people/test_estimates.py::test_undecided_pairs_open_both_ends_as_far_as_all_right_and_all_wrong",
    ),
    "no decision names a withdrawn record": Control(
        "braid.people.decisions:forget_record", "lambda row, withdrawn, stand_in: dict(row)",
        "tests/people/test_withdrawals.py"
        "::test_the_key_of_a_withdrawn_record_is_forgotten_and_what_was_decided_is_not",
    ),
    "no pair that was asked names a withdrawn record": Control(
        "braid.web.link_reviews.publishing:find_withdrawn", "lambda named: {}",
        "tests/web/test_link_reviews.py"
        "::test_the_id_of_a_withdrawn_record_leaves_the_pairs_that_were_asked_and_what_was_said_stays",
    ),
    "ids are drawn at random": Control(
        "braid.people.identity:uuid.uuid4",
        "lambda: load('uuid').UUID(int=7)",
        "tests/people/test_identity.py::test_drawn_ids_say_nothing_and_differ",
    ),
    "whoever is sealed is in no proposal": Control(
        "braid.people.resolve:_Group.is_sealed", "property(lambda self: False)",
        "tests/people/test_seals.py::test_a_record_that_reached_a_sealed_person_is_in_no_proposal_either",
    ),
}  # fmt: skip

"""Controls of datasets for analysts: what they take, whom they leave out, who stands out, and their pseudonyms."""

from control import NOTHING, Control

LOAD = "tests/analysis/test_load.py"
BUILD = "tests/analysis/test_build.py"
INTRUDER = "tests/analysis/test_intruder.py"
COLUMNS = f"{LOAD}::test_every_column_of_the_registry_is_refused_but_those_listed"
WRONG = f"{LOAD}::test_what_is_wrong_is_refused_with_its_rule"
TWIN = f"{BUILD}::test_the_naive_twin_builds_the_same_dataset"

CONTROLS = {
    "a dataset takes no location": Control(
        "braid.analysis.columns:KINDS", "was['person'].update(district_code='code') or was", COLUMNS,
    ),
    "a dataset does not say who is protected": Control(
        "braid.analysis.columns:KINDS", "was['person'].update(protected='code') or was", COLUMNS,
    ),
    "a dataset takes no name": Control(
        "braid.analysis.columns:KINDS", "was['person'].update(family_name='code') or was", COLUMNS,
    ),
    "a dataset takes findings alone": Control(
        "braid.analysis.load:check_column", NOTHING, f"{LOAD}::test_the_vault_and_what_partners_wrote_are_refused",
    ),
    "five are alike": Control("braid.analysis.load:LEAST_K", "1", WRONG),
    "a use states whether the opt-out applies": Control(
        "braid.analysis.load:_optout_applies", "lambda top: True", WRONG,
    ),
    "a use says why": Control("braid.analysis.load:LEAST_REASON", "0", WRONG),
    "support is for its own purpose": Control("braid.analysis.load:_check_trust", NOTHING, WRONG),
    "whoever stands out is left out": Control(
        "braid.analysis.likeness:_alike", "lambda k: was(1)",
        f"{INTRUDER}::test_whatever_is_said_of_somebody_is_said_of_five",
    ),
    "an intruder singles nobody out": Control(
        "braid.analysis.likeness:_alike", "lambda k: was(1)",
        f"{INTRUDER}::test_an_intruder_with_a_partners_extract_singles_nobody_out",
    ),
    "two rows of one person are no two people": Control(
        "braid.analysis.likeness:_UNITS", "{**was, 'row': swap(was['row'], 'person_id as holder_id',"
        " 'wait_id as holder_id')}",
        f"{BUILD}::test_rows_of_one_person_are_no_crowd",
    ),
    "a code that few have is another": Control(
        "braid.analysis.rungs:COMMON",
        "'nothing'",
        "tests/analysis/test_rungs.py::test_a_code_that_few_have_is_another",
    ),
    "the very old are one band": Control(
        "braid.analysis.rungs:OLDEST_BAND", "200", "tests/analysis/test_rungs.py::test_the_very_old_are_one_band"
    ),
    "no date has a day": Control(
        "braid.analysis.rungs:_whole",
        "lambda expression: was(re.sub(r'br_(?:year|month)', '', expression))",
        "tests/analysis/test_rungs.py::test_no_rung_of_a_date_writes_the_day",
    ),
    "the sealed are in no dataset": Control(
        "braid.analysis.selection:_without",
        "lambda query, *tables: was(query, *(each for each in tables if each != 'sealed_person'))",
        f"{BUILD}::test_sealed_people_are_in_no_dataset_and_in_no_count",
    ),
    "the sealed of a list stop a run that does not know them": Control(
        "braid.analysis.build:SEALED_LIST", "Path('nowhere')",
        f"{BUILD}::test_sealed_people_whom_the_run_does_not_know_stop_every_dataset",
    ),
    "who opted out is in no dataset it applies to": Control(
        "braid.analysis.selection:_opted_out", "lambda dataset: ()",
        f"{BUILD}::test_people_who_opted_out_by_the_truth_are_in_no_dataset_it_applies_to",
    ),
    "without a list of opt-outs nothing is built": Control(
        "braid.analysis.build:load_left_out",
        "lambda engine, folder, run, dataset: was(engine, folder, run, replace(dataset, optout_applies=False))",
        f"{BUILD}::test_a_run_without_a_list_of_opt_outs_stops_a_dataset_they_apply_to",
    ),
    "a run knows who opted out": Control(
        "braid.pipeline:match_opt_outs", "lambda engine, listed: was(engine, None)",
        f"{BUILD}::test_people_who_opted_out_by_the_truth_are_in_no_dataset_it_applies_to",
    ),
    "rows that are secret are in no other dataset": Control(
        "braid.analysis.selection:_existence", "lambda *a: 'true'",
        f"{BUILD}::test_rows_whose_existence_is_secret_come_for_victim_response_alone",
    ),
    "rows of who does not share are left out": Control(
        "braid.analysis.selection:_open_waits",
        "lambda dataset: re.sub(r'and s\\.organisation_id = w\\.organisation_id', '', was(dataset))"
        ".replace('select w.*', 'select distinct w.*')",
        f"{BUILD}::test_rows_of_an_organisation_that_does_not_share_are_left_out",
    ),
    "a blocker tells of no row that was left out": Control(
        "braid.analysis.selection:_open_blockers",
        "lambda dataset: swap(was(dataset), '(b.holder_wait_id is null or holder.wait_id is not null)', 'true')",
        f"{BUILD}::test_a_blocker_tells_of_no_wait_that_was_left_out",
    ),
    "no agreement, no dataset": Control(
        "braid.trust.agreements:Sharing.is_live", "lambda *a: True",
        f"{LOAD}::test_without_an_agreement_in_force_there_is_no_dataset",
    ),
    "every item of a dataset is agreed on": Control(
        "braid.analysis.permission:_missing", "lambda *a: []",
        f"{LOAD}::test_each_item_that_is_not_open_stops_the_dataset",
    ),
    "an agreement that applies the opt-out is not undone": Control(
        "braid.analysis.permission:_permissions",
        "lambda dataset, agreement, *a: was(dataset, replace(agreement, opt_out_applies=False), *a)",
        f"{LOAD}::test_an_agreement_that_applies_the_opt_out_is_not_undone_by_a_dataset",
    ),
    "a dataset does not outlive its agreement": Control(
        "braid.analysis.build:_manifest",
        "lambda run, dataset, permission, *a: was(run, dataset, replace(permission,"
        " live_to=dt.datetime.max.replace(tzinfo=dt.UTC)), *a)",
        f"{BUILD}::test_a_dataset_ends_with_its_agreement",
    ),
    "a pseudonym is no hash": Control(
        "braid.analysis.pseudonyms:make_pseudonym",
        "lambda key, kind, identity: load('hashlib').sha256(identity.encode()).hexdigest()[:32]",
        f"{INTRUDER}::test_no_guess_at_an_id_is_a_pseudonym",
    ),
    "each dataset has a key of its own": Control(
        "braid.analysis.pseudonyms:make_pseudonym", "lambda key, *a: was(replace(key, secret=bytes(32)), *a)",
        f"{INTRUDER}::test_two_datasets_do_not_join_by_pseudonym_and_by_values_only_into_crowds",
    ),
    "a key is for its user alone": Control(
        "braid.store.pseudonym_keys:stat.S_IMODE", "lambda mode: 0",
        "tests/store/test_pseudonym_keys.py::test_a_key_that_others_may_read_is_refused",
    ),
    "a rotated key is gone": Control(
        "braid.store.pseudonym_keys:secrets.token_bytes", "lambda nbytes=32: bytes(nbytes)",
        "tests/store/test_pseudonym_keys.py::test_a_rotated_or_deleted_key_is_nowhere_any_more",
    ),
    "a purpose or a dataset is no path": Control(
        "braid.store.pseudonym_keys:_path", "lambda folder, *names: folder / 'pseudonym_keys' / '.'.join(names)",
        "tests/store/test_pseudonym_keys.py::test_a_purpose_or_dataset_is_no_path",
    ),
    "a dataset goes when its time is over": Control(
        "braid.store.dataset_folder:BuiltDataset.is_expired", "lambda *a: False",
        "tests/store/test_dataset_folder.py"
        "::test_a_sweep_deletes_what_is_expired_at_the_second_and_what_does_not_say",
    ),
    "a dataset is whole or not at all": Control(
        "braid.store.dataset_folder:shutil.rmtree", NOTHING,
        "tests/store/test_dataset_folder.py::test_a_build_that_fails_leaves_nothing_and_keeps_what_was_there",
    ),
    "a manifest holds no exact count": Control(
        "braid.analysis.build:rounded", "str",
        f"{BUILD}::test_a_manifest_holds_no_exact_count",
    ),
    "no id of the run is in a dataset": Control(
        "braid.analysis.pseudonyms:make_pseudonym", "lambda key, kind, identity: identity",
        f"{BUILD}::test_no_id_of_the_run_is_in_a_dataset",
    ),
}  # fmt: skip

"""What a dataset may declare: every column that could lead to a person is refused, and every refusal says why."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from analysis.places import NOW, Ran, declared, not_suspended
from braid.analysis.columns import KINDS
from braid.analysis.load import SHIPPED, load_datasets, parse_dataset
from braid.analysis.model import Dataset, DatasetInvalid, DatasetRefused
from braid.analysis.permission import find_permission
from braid.language.findings import TABLES
from braid.language.schema import Sensitivity
from braid.store.agreements import load_agreements

SOUND = """
id = "sound"
name = "A sound dataset"
purpose = "school_from_ta"
backlogs = ["social_housing"]
unit = "person"
k = 5
retention_days = 30
optout_applies = true
optout_reason = "A made-up reason, long enough to stand here, with the law it would rest on"

[[table]]
name = "waits"
from = "person_wait"
pseudonyms = ["person", "wait"]
column = [{ name = "started", from = "start_date", ladder = ["quarter", "year"] }]
"""


def refusal(old: str, new: str) -> str:
    assert old in SOUND
    with pytest.raises((DatasetRefused, DatasetInvalid)) as caught:
        parse_dataset(SOUND.replace(old, new), "sound.toml")
    return f"{type(caught.value).__name__}: {caught.value}"


def test_the_sound_one_and_those_that_ship_are_read() -> None:
    assert parse_dataset(SOUND, "sound.toml").levels == 2
    assert [name for name, each in load_datasets().items() if isinstance(each, Dataset)] == list(SHIPPED)


@pytest.mark.parametrize(("table", "column"), [(t.name, c.name) for t in TABLES.values() for c in t.columns])
def test_every_column_of_the_registry_is_refused_but_those_listed(table: str, column: str) -> None:
    """All of them, one at a time."""
    text = SOUND.replace('from = "person_wait"', f'from = "{table}"').replace("start_date", column)
    if column in KINDS.get(table, {}):
        assert TABLES[table].column(column).sensitivity is not Sensitivity.LOCATION
        assert TABLES[table].column(column).sensitivity is not Sensitivity.EXISTENCE
        assert TABLES[table].column(column).sensitivity is not Sensitivity.IDENTITY or column == "birth_date"
        return
    with pytest.raises(DatasetRefused) as caught:
        parse_dataset(text, "sound.toml")
    assert "sound.toml: table 1: column 1" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ("district_code", "location class"),
        ("protected", "protected"),
        ("family_name", "identity class"),
        ("household_id", "identity class"),
    ],
)
def test_a_refused_class_is_named(column: str, rule: str) -> None:
    text = SOUND.replace('from = "person_wait"', 'from = "person"').replace('"person", "wait"', '"person"')
    with pytest.raises(DatasetRefused, match=rule):
        parse_dataset(text.replace("start_date", column), "sound.toml")


@pytest.mark.parametrize("table", ["vault.address", "stay", "person_record", "event"])
def test_the_vault_and_what_partners_wrote_are_refused(table: str) -> None:
    assert "DatasetRefused" in refusal('from = "person_wait"', f'from = "{table}"')


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("optout_applies = true", "", "DatasetRefused: sound.toml: optout_applies is missing"),
        ("optout_applies = true", 'optout_applies = "yes"', "DatasetRefused: sound.toml: optout_applies is missing"),
        ("A made-up reason, long enough to stand here, with the law it would rest on", "care", "optout_reason"),
        ("k = 5", "k = 4", "DatasetRefused: sound.toml: k is below 5"),
        ("k = 5", 'k = 5\nsurprise = "1"', "'surprise' is not known"),
        ('purpose = "school_from_ta"', 'purpose = "curiosity"', "purpose is none of"),
        ('backlogs = ["social_housing"]', 'backlogs = ["victim_support"]', "support after harm"),
        ('backlogs = ["social_housing"]', 'cohort = "victim_response"\nbacklogs = ["social_housing"]', "cohort"),
        ("k = 5", "k = 5\nexistence_rows = true", "support after harm"),
        ("k = 5", 'k = 5\ncohort = "court_readiness"', "DatasetRefused: sound.toml: cohort is neither"),
        ("k = 5", """k = 5\ncohort = "school_from_ta' or problem = 'victim_response\"""", "cohort is neither"),
        ('ladder = ["quarter", "year"]', 'ladder = ["year", "quarter"]', "from fine to coarse"),
        ('ladder = ["quarter", "year"]', 'ladder = ["day", "year"]', "is a list of month, quarter, year, none"),
        ('ladder = ["quarter", "year"]', 'ladder = ["code", "code"]', "is a list of month"),
        ('pseudonyms = ["person", "wait"]', 'pseudonyms = ["wait"]', 'name "person"'),
        ('pseudonyms = ["person", "wait"]', 'pseudonyms = ["person", "household"]', "is a list of person, wait"),
        ('unit = "person"', 'unit = "household"', "households have pseudonyms"),
        ('unit = "person"', 'unit = "row"', "without pseudonyms"),
        ("retention_days = 30", "retention_days = 0", "retention_days must be"),
        ("retention_days = 30", "", "retention_days must be"),
        ('id = "sound"', 'id = "other"', "is the file's name"),
        ('name = "started"', 'name = "started; drop table person"', "small letters"),
        ('[[table]]\nname = "waits"', '[[table]]\nname = "waits', "not TOML"),
    ],
)
def test_what_is_wrong_is_refused_with_its_rule(old: str, new: str, says: str) -> None:
    assert says in refusal(old, new)


def test_an_id_is_a_code_that_a_record_and_a_file_can_hold() -> None:
    for name in ("säule", "a.b", "a b", "../a"):
        with pytest.raises(DatasetInvalid, match="unaccented letters"):
            parse_dataset(SOUND.replace('id = "sound"', f'id = "{name}"'), f"{name}.toml")


def test_a_refused_dataset_of_a_place_leaves_the_others(tmp_path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "sound.toml").write_text(SOUND.replace("k = 5", "k = 2"), encoding="utf-8")
    found = load_datasets(tmp_path)
    assert isinstance(found["sound"], DatasetRefused)
    assert all(isinstance(found[name], Dataset) for name in SHIPPED)


def permit(ran: Ran, dataset: Dataset, receiver: str = "", now: dt.datetime = NOW):
    kinds = {organisation.id: organisation.kind for organisation in ran.place.organisations}
    return find_permission(dataset, load_agreements(ran.place).valid, kinds, receiver, now, not_suspended)


def test_without_an_agreement_in_force_there_is_no_dataset(ran: Ran) -> None:
    """At the second: the example's agreements end with 31 March 2029, in London."""
    dataset = declared(ran, "school_from_ta")
    end = dt.datetime(2029, 3, 31, 23, tzinfo=dt.UTC)
    assert permit(ran, dataset, now=end - dt.timedelta(seconds=1)).live_to == end
    with pytest.raises(DatasetRefused, match="no agreement for school_from_ta is in force"):
        permit(ran, dataset, now=end)
    with pytest.raises(DatasetRefused, match="lets arden-vale-police receive"):
        permit(ran, dataset, "arden-vale-police")


def test_the_receiver_is_the_host_or_whoever_is_named_and_receives_all(ran: Ran) -> None:
    assert permit(ran, declared(ran, "school_from_ta")).receiver == "arden-vale-ca"
    assert permit(ran, declared(ran, "school_from_ta"), "tarnwick-council").receiver == "tarnwick-council"
    assert permit(ran, declared(ran, "victim_response")).receiver == "lanternhouse"


def test_each_item_that_is_not_open_stops_the_dataset(ran: Ran) -> None:
    """Every item the dataset takes, one at a time taken from what the parties receive or provide."""
    dataset = declared(ran, "school_from_ta")
    agreements = [each for each in load_agreements(ran.place).valid if each.purpose == dataset.purpose]
    kinds = {organisation.id: organisation.kind for organisation in ran.place.organisations}
    items = ["identity", "blockers", *(f"waits.{backlog}" for backlog in dataset.backlogs)]
    for item, side in itertools.product(items, ("receives", "provides")):
        if side == "provides" and item in ("identity", "blockers"):
            continue
        cut = [
            replace(
                each,
                parties=tuple(replace(party, **{side: getattr(party, side) - {item}}) for party in each.parties),
            )
            for each in agreements
        ]
        with pytest.raises(DatasetRefused, match=item):
            find_permission(dataset, cut, kinds, "", NOW, not_suspended)


def test_an_agreement_that_applies_the_opt_out_is_not_undone_by_a_dataset(ran: Ran) -> None:
    dataset = replace(declared(ran, "school_from_ta"), optout_applies=False)
    kinds = {organisation.id: organisation.kind for organisation in ran.place.organisations}
    agreements = load_agreements(ran.place).valid
    assert find_permission(dataset, agreements, kinds, "", NOW, not_suspended)
    strict = [replace(each, opt_out_applies=True) for each in agreements]
    with pytest.raises(DatasetRefused, match="applies the national data opt-out"):
        find_permission(dataset, strict, kinds, "", NOW, not_suspended)

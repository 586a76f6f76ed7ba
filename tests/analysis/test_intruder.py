"""A motivated intruder who knows what one partner knows, or all of them do, tries to find its people in a dataset.

The same attack runs on the dataset as it would be without coarsening (dates and birth dates as they are, nobody left
out), so that the attacker is known to work.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.attacker import Attack, Known, attack, read_records
from analysis.places import NOW, Ran, build, declared, key_of, make_place, not_suspended, rows_of, table
from analysis.twin import chosen_rows, pseudonym
from braid.analysis.load import SHIPPED
from braid.analysis.model import Dataset
from braid.analysis.permission import find_permission
from braid.language.codes import WAIT_KINDS
from braid.store.agreements import load_agreements
from braid.store.dataset_folder import BuiltDataset

PERSONAL = ("school_from_ta", "victim_response", "court_readiness")


def everybody_who_waits(ran: Ran) -> Dataset:
    """A dataset of the whole place, so that a small place has people enough to attack."""
    dataset = declared(ran, "school_from_ta")
    backlogs = (*dataset.backlogs, "hospital_treatment", "childrens_social_care", "care_proceedings")
    return replace(dataset, dataset_id="everybody", cohort="", backlogs=backlogs)


def known_to(ran: Ran, kinds: tuple[str, ...]) -> dict[str, Known]:
    """What a partner whose clocks are `kinds` knows of each of its people: exact birth date, sex, and those clocks.

    Taken from the findings, so without the slips of the partner's own file: this intruder knows better than the real.
    """
    records = {row["record_id"]: row for row in table(ran, "person_record")}
    links = {row["person_record_id"]: row["person_id"] for row in table(ran, "person_link")}
    people = {row["person_id"]: row for row in table(ran, "person")}
    waits: dict[str, list] = defaultdict(list)
    for row in table(ran, "person_wait"):
        if row["kind"] in kinds:
            waits[row["person_id"]].append((row["kind"], row["start_date"], row["stop_date"]))
    found = {}
    for record_id, person_id in links.items():
        if person_id in waits and record_id in records:
            person = people[person_id]
            found[person_id] = Known(person_id, person["birth_date"], person["sex"], tuple(waits[person_id]))
    return found


PARTNERS = {
    "school": ("in_year_admission", "ehcp_decision", "ehcp_plan"),
    "housing": ("register", "temporary_accommodation", "bnb_family", "homelessness_relief", "homelessness_prevention"),
    "hospital": ("rtt",),
    "court": ("care_proceedings", "care_first_hearing"),
    "children's services": ("cf_assessment", "cin_decision", "cla_review", "cpp_review", "icpc", "pre_proceedings"),
}


def own_pseudonyms(ran: Ran, dataset: Dataset) -> dict[str, str]:
    secret = key_of(ran, dataset).secret
    return {row["person_id"]: pseudonym(secret, "person", row["person_id"]) for row in table(ran, "person")}


def naive_folder(ran: Ran, dataset: Dataset, folder: Path) -> Path:
    """The dataset as one would first write it: pseudonyms, and every value as it is."""
    kinds = {organisation.id: organisation.kind for organisation in ran.place.organisations}
    permission = find_permission(dataset, load_agreements(ran.place).valid, kinds, "", NOW, not_suspended)
    chosen, own = chosen_rows(ran, dataset, permission), own_pseudonyms(ran, dataset)
    people = [
        {"person": own[row["person_id"]], "age": row["birth_date"] and str(row["birth_date"]), "sex": row["sex"]}
        for row in chosen["person"]
    ]
    waits = [
        {
            "person": own[row["person_id"]],
            "kind": row["kind"],
            "started": str(row["start_date"]),
            "stopped": row["stop_date"] and str(row["stop_date"]),
            "backlog": row["backlog"],
        }
        for row in chosen["person_wait"]
    ]
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(people), folder / "people.parquet")
    pq.write_table(pa.Table.from_pylist(waits), folder / "waits.parquet")
    return folder


def run_attacks(ran: Ran, dataset: Dataset, folder: Path) -> dict[str, Attack]:
    """Every partner alone, then all together. They know which backlogs the dataset takes, and look for no other wait:
    one that looked for a hospital wait in a dataset without any would find nobody and seem harmless."""
    as_of = dt.date.fromisoformat(ran.run.manifest["as_of"])
    own, records = own_pseudonyms(ran, dataset), read_records(folder)
    taken = {
        name: tuple(kind for kind in kinds if WAIT_KINDS[kind].backlog in dataset.backlogs)
        for name, kinds in PARTNERS.items()
    }
    taken["all together"] = tuple(kind for kinds in taken.values() for kind in kinds)
    return {name: attack(known_to(ran, kinds), records, own, as_of) for name, kinds in taken.items()}


def check_attacks(ran: Ran, dataset: Dataset, tmp_path: Path, least: float) -> None:
    naive = run_attacks(ran, dataset, naive_folder(ran, dataset, tmp_path / "naive"))
    ours = run_attacks(ran, dataset, build(ran, dataset).folder)
    for name, before in naive.items():
        after = ours[name]
        print(
            f"{dataset.dataset_id}, {name}: naive {before.named} of {before.targets} named ({before.rate:.1%});"
            f" ours {after.named} of {after.targets}, smallest crowd {after.smallest},"
            f" a further backlog learnt of {after.attribute_learnt}"
        )
        assert after.named == after.singled_out == 0
        assert after.targets == 0 or after.smallest >= dataset.k
    assert naive["all together"].rate > least, "the attacker works"
    assert sum(each.targets for each in ours.values()) > 0


def test_an_intruder_with_a_partners_extract_singles_nobody_out(ran: Ran, tmp_path: Path) -> None:
    check_attacks(ran, everybody_who_waits(ran), tmp_path, least=0.9)


@pytest.mark.parametrize("name", SHIPPED)
def test_whatever_is_said_of_somebody_is_said_of_five(built: dict[str, BuiltDataset], ran: Ran, name: str) -> None:
    """Counted from the files alone: everything that the dataset says of a person, as a key; no key has fewer than 5."""
    one = built[name]
    assert find_alone(one, declared(ran, name)) == []


def find_alone(one: BuiltDataset, dataset: Dataset) -> list[str]:
    said: dict[str, list[str]] = defaultdict(list)
    for position, path in enumerate(sorted(one.folder.glob("*.parquet"))):
        for number, row in enumerate(rows_of(path)):
            values = [f"{name}={value}" for name, value in row.items() if name not in ("person", "wait", "household")]
            said[row.get("person", f"{position} {number}")].append(f"{path.stem}: {values}")
    texts = Counter(str(sorted(rows)) for rows in said.values())
    return [text for text, count in texts.items() if count < dataset.k]


def test_the_count_finds_whoever_is_alone(ran: Ran) -> None:
    """With k = 1, which no file may declare, people stand alone, and the count above sees them."""
    dataset = replace(everybody_who_waits(ran), dataset_id="alone", k=1)
    assert len(find_alone(build(ran, dataset), replace(dataset, k=5))) > 50


def test_no_guess_at_an_id_is_a_pseudonym(ran: Ran, built: dict[str, BuiltDataset]) -> None:
    """Every person id, household id, wait id and NHS number of the run, plain and hashed as one would first try."""
    guesses = {row["value"] for row in table(ran, "identifier")}
    guesses |= {row["nhs_number"] for row in nhs_numbers_of_the_range()}
    for row in table(ran, "person"):
        guesses |= {row["person_id"], row["household_id"] or ""}
    guesses |= {row["wait_id"] for row in table(ran, "person_wait")}
    tried = set()
    for guess in guesses:
        for text in (guess, f"person{guess}", f"braid pseudonym 1\x1fperson\x1f{guess}"):
            data = text.encode()
            tried |= {each(data).hexdigest()[:32] for each in (hashlib.sha256, hashlib.md5, hashlib.sha1)}
            tried |= {hashlib.blake2b(data, digest_size=16).hexdigest()}
    whole = build(ran, everybody_who_waits(ran))
    pseudonyms = set()
    for one in (*built.values(), whole):
        for path in one.folder.glob("*.parquet"):
            pseudonyms |= {row[kind] for row in rows_of(path) for kind in ("person", "wait") if row.get(kind)}
    assert len(pseudonyms) > 200 and len(tried) > 100_000
    assert not pseudonyms & tried


def nhs_numbers_of_the_range() -> list[dict[str, str]]:
    """One in fifty of the numbers that the example could have drawn from, their check digits reckoned here."""
    numbers = []
    for serial in range(0, 1_000_000, 50):
        nine = f"999{serial:06}"
        digit = (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
        numbers += [{"nhs_number": f"{nine}{digit}"}] if digit < 10 else []
    return numbers


def every_pseudonym(one: BuiltDataset) -> set[str]:
    """Of persons, households and waits together."""
    rows = [row for path in one.folder.glob("*.parquet") for row in rows_of(path)]
    return {row[kind] for row in rows for kind in ("person", "household", "wait") if row.get(kind)}


@pytest.mark.parametrize("purpose", ["court_readiness", "school_from_ta"])
def test_two_datasets_do_not_join_by_pseudonym_and_by_values_only_into_crowds(ran: Ran, purpose: str) -> None:
    """The same people in two datasets, of two purposes and of one: no pseudonym in common, of a person or of a wait,
    and whoever joins by all values is right by chance."""
    first = everybody_who_waits(ran)
    second = replace(first, dataset_id="everybody_again", purpose=purpose)
    assert (second.purpose == first.purpose) == (purpose == "school_from_ta")
    people = {each.dataset_id: build(ran, each) for each in (first, second)}
    own = {each.dataset_id: own_pseudonyms(ran, each) for each in (first, second)}
    records = {name: read_records(one.folder) for name, one in people.items()}
    pseudonyms = {name: every_pseudonym(one) for name, one in people.items()}
    assert min(map(len, pseudonyms.values())) > 500
    assert not pseudonyms["everybody"] & pseudonyms["everybody_again"]
    again = defaultdict(list)
    for record in records["everybody_again"]:
        again[(record.age, record.sex, tuple(sorted(map(repr, record.waits))))].append(record.pseudonym)
    crowds = [
        len(again[(record.age, record.sex, tuple(sorted(map(repr, record.waits))))]) for record in records["everybody"]
    ]
    rate = sum(1 / crowd for crowd in crowds if crowd) / len(crowds)
    print(f"right by chance: {rate:.1%} of {len(crowds)} records")
    assert min(crowd for crowd in crowds if crowd) >= first.k
    assert rate <= 1 / first.k
    assert own["everybody"].keys() == own["everybody_again"].keys()


@pytest.mark.slow
def test_an_intruder_on_twenty_thousand_people(tmp_path: Path) -> None:
    ran = make_place(tmp_path / "place", people=20_000, seed=1)
    check_attacks(ran, everybody_who_waits(ran), tmp_path, least=0.9)
    for name in PERSONAL:
        (tmp_path / name).mkdir()
        check_attacks(ran, declared(ran, name), tmp_path / name, least=0.5)
        assert find_alone(build(ran, name), declared(ran, name)) == []

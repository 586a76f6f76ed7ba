"""A finance system's journal: every row posted, there already or rejected; twice the same changes nothing. And the
demo."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from django.utils import timezone
from fund_sample import asker_of, write_funds
from published_sample import as_pages

from braid.example.write_funds import write_funds as write_example_funds
from braid.language.example_mark import EXAMPLE_MARK
from braid.place.money.unit_costs import parse_unit_costs
from braid.store.place_folder import load_place
from braid.web.access.context import asking_as
from braid.web.funds import keeping
from braid.web.funds.definitions import funds
from braid.web.funds.demo import FIRST, SECOND, enter_history
from braid.web.funds.importing import import_journal
from braid.web.funds.seen import closed_to, months_of_spend, open_commitments, position, waiting
from braid.web.models import LedgerEntry, User
from braid.web.row_security import write_role_rights
from braid.web.watch import known_asker

HEAD = "reference,date,fund,kind,line,body,amount,commitment,note,override\n"
JOURNAL = HEAD + (
    "C1,2024-05-01,pool,contribution,,icb,200.00,,Quarter,\n"
    "P1,2024-05-02,pool,commitment,beds,,100.00,,Beds,\n"
    "I1,2024-05-03,pool,actual,beds,,60.00,P1,First invoice,\n"
    "I2,2024-05-04,pool,actual,weeks,,5.00,,No budget,\n"
    "I3,2024-05-05,pool,actual,weeks,,5.00,,Paid,already_paid\n"
    "I4,2024-05-06,pool,actual,beds,,700.00,,Large,\n"
    "I5,2024-05-06,elsewhere,actual,beds,,7.00,,,\n"
    "R1,2024-05-07,pool,release,,,40.00,P1,,\n"
)


@pytest.fixture
def officer(db, tmp_path, monkeypatch):
    write_role_rights()
    User.objects.create(username="ann", role="finance_officer")
    monkeypatch.setenv("BRAID_PLACE", str(write_funds(tmp_path)))
    with asking_as("ann", ""):
        keeping.open_year(asker_of("ann"), funds()["pool"], 2024)
    return asker_of("ann")


def read(officer, text: str):
    with asking_as("ann", ""), as_pages():
        return import_journal(officer, text.encode(), funds())


def states(told) -> dict[str, str]:
    return {one.reference: one.state for one in told}


def entries() -> int:
    with known_asker():
        return LedgerEntry.objects.count()


def test_every_row_is_told_of_and_the_same_file_twice_changes_nothing(officer):
    first = read(officer, JOURNAL)
    assert states(first) == {
        **dict.fromkeys(("C1", "P1", "I1", "I3", "R1"), "posted"),
        "I2": "rejected",
        "I4": "awaiting",
        "I5": "rejected",
    }
    reasons = {one.reference: one.reason for one in first if one.reason}
    assert "not so much available" in reasons["I2"]
    assert "no such fund" in reasons["I5"]
    before = entries()
    again = read(officer, JOURNAL)
    assert entries() == before == 7
    there = dict.fromkeys(("C1", "P1", "I1", "I3", "I4", "R1"), "there already")
    assert states(again) == {**there, "I2": "rejected", "I5": "rejected"}
    with known_asker():
        assert open_commitments(funds()["pool"]) == []


def test_a_reference_with_other_content_is_rejected(officer):
    read(officer, JOURNAL)
    (told,) = read(officer, HEAD + "I1,2024-05-03,pool,actual,beds,,61.00,P1,First invoice,\n")
    assert (told.state, told.row) == ("rejected", 2)
    assert "with other content" in told.reason


def test_the_demo_has_a_year_that_is_closed_and_one_that_runs(db, tmp_path, monkeypatch):
    write_role_rights()
    for name in (FIRST, SECOND):
        User.objects.create(username=name, role="finance_officer")
    bodies = ("hallowmere-council", "council"), ("arden-vale-icb", "icb"), ("arden-vale-police", "police")
    toml = '[place]\nid = "here"\nname = "Here"\nas_of = 2026-11-15\n[[district]]\ncode = "E1"\nid = "n"\nname = "N"\n'
    toml += "".join(
        f'[[organisation]]\nid = "{one}"\nname = "{one}"\nkind = "{kind}"\n'
        for one, kind in (*bodies, ("lanternhouse", "voluntary"))
    )
    (tmp_path / "place.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / EXAMPLE_MARK).touch()
    write_example_funds(tmp_path)
    assert parse_unit_costs((tmp_path / "unit_costs.csv").read_text(encoding="utf-8"))
    monkeypatch.setenv("BRAID_PLACE", str(tmp_path))
    place = load_place(tmp_path)
    made = enter_history(place)
    assert made > 100
    assert enter_history(place) == 0, "nothing is entered twice"
    assert enter_history(replace(place, folder=tmp_path / "other")) == 0, "and nothing where the place is real"
    with known_asker():
        for fund in funds().values():
            assert closed_to(fund) == dt.date(2026, 10, 1)
            assert len(waiting(fund, {})) == 1
            last, now = position(fund, 2025), position(fund, 2026)
            assert last.total("available") == 0, "what was left lapsed and was shared"
            assert now.total("spent") > 0
            (_, first), *_, (_, newest) = months_of_spend(fund)
            assert newest["outcomes"] * sum(first.values()) > first["outcomes"] * sum(newest.values()), "a shift"


def test_a_row_of_a_day_to_come_or_with_a_number_of_a_person_is_rejected_as_on_the_page(officer):
    to_come = timezone.localdate() + dt.timedelta(days=1)
    told = read(
        officer,
        HEAD
        + f"T1,{to_come.isoformat()},pool,actual,beds,,1.00,,,\n"
        + "T2,2024-05-03,pool,actual,beds,,1.00,,Taxi to M1 1AE,\n"
        + "T3,2024-05-03,pool,actual,beds,,1.00,,For 943 476 5919,\n"
        + "T4,2024-05-03,pool,actual,beds,,1.00,,Taxi,\n",
    )
    assert [one.state for one in told] == ["rejected", "rejected", "rejected", "posted"]
    assert "still to come" in told[0].reason
    assert "number of a person" in told[1].reason and "943" not in told[2].reason

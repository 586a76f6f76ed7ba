"""What cohorts cost each payer: exact in the lake, published as sums over enough people; who pays and who saves."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fund_sample import write_funds

from braid.pipeline import open_run
from braid.place.money.unit_costs import load_unit_costs
from braid.store.lake import Run
from braid.trust.disclosure import MEDIAN_BASE
from braid.trust.sums import publish_sum
from braid.web.costs.publishing import TABLES, cohort_totals, show_costs
from braid.web.models import CohortCost
from braid.web.watch import known_asker

UNIT_COSTS = (
    "table,code,unit,payer,pence,price_year,valid_from,valid_to,source\n"
    "wait,rtt,week,icb,1450,2026,2020-01-01,,Made up\n"
    "wait,in_year_admission,week,council,4300,2026,2020-01-01,,Made up\n"
    "wait,temporary_accommodation,week,council,9100,2026,2020-01-01,,Made up\n"
    "stay,ta_bnb,day,council,6850,2026,2020-01-01,,Made up\n"
)


@pytest.fixture
def costed(published, sample, tmp_path, monkeypatch):
    """The run of the sample with unit costs beside funds of its own."""
    place, run = sample
    folder = write_funds(tmp_path)
    (folder / "unit_costs.csv").write_text(UNIT_COSTS, encoding="utf-8")
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    (place.folder / "unit_costs.csv").write_text(UNIT_COSTS, encoding="utf-8")
    try:
        yield place, run
    finally:
        (place.folder / "unit_costs.csv").unlink()


def exact(place, run: Run) -> dict[tuple[str, str], tuple[int, int]]:
    until = dt.date.fromisoformat(run.manifest["as_of"])
    with closing(open_run(run, names=TABLES)) as engine:
        totals = cohort_totals(engine, load_unit_costs(place), until - dt.timedelta(days=365), until)
    return {(one["problem"], one["payer"]): (one["people"], one["pence"]) for one in totals}


def test_what_is_published_rests_on_enough_people_and_is_nobodys_own(costed):
    place, run = costed
    assert show_costs(run, place) == show_costs(run, place) > 0
    totals = exact(place, run)
    with known_asker():
        rows = {(row.statement, row.payer): row for row in CohortCost.objects.all()}
    assert rows.keys() == totals.keys()
    assert any(row.pounds for row in rows.values())
    for key, row in rows.items():
        people, pence = totals[key]
        if row.pounds is None:
            continue
        assert row.people is not None
        assert row.people >= MEDIAN_BASE
        assert row.people % 5 == 0
        assert row.pounds == publish_sum(pence / 100, people)[1]
        assert len(str(row.pounds // row.people).rstrip("0")) <= 2


def test_without_unit_costs_nothing_is_shown_any_more(costed):
    place, run = costed
    show_costs(run, place)
    (place.folder / "unit_costs.csv").write_text(UNIT_COSTS.splitlines()[0] + "\n", encoding="utf-8")
    assert show_costs(run, place) == 0
    with known_asker():
        assert not CohortCost.objects.exists()


def test_the_page_shows_costs_and_answers_who_pays_and_who_saves(costed, client_of):
    place, run = costed
    show_costs(run, place)
    client = client_of("board_member")
    page = client.get("/costs/").content.decode()
    assert "By payer, over the year" in page
    assert "Made up" in page
    with known_asker():
        pounds = [row.pounds for row in CohortCost.objects.all() if row.pounds]
    assert f"£{pounds[0]:,}" in page
    asked = {"wait": "in_year_admission", "weeks": "3", "fund": "pool", "price": "1000.01"}
    answer = client.get("/costs/", asked)
    words = answer.content.decode()
    assert answer.status_code == 200, words
    assert "Who pays and who saves" in words
    assert client.get("/costs/figures.csv").status_code == 200
    assert client_of("advocate").get("/costs/").status_code == 403


def test_what_is_asked_wrongly_is_told(costed, client_of):
    answer = client_of("board_member").get("/costs/", {"wait": "rtt", "weeks": "0", "fund": "none", "price": "x"})
    assert answer.status_code == 400
    for said in ("whole weeks from 1 to 52", "Choose a fund", "at most two places"):
        assert said in answer.content.decode(), said

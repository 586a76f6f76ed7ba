"""The network of an example place: the first week is the run's own last day, and nobody's id is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from braid.example.write import write_example
from braid.language.documents import write
from braid.pipeline import run_chain
from braid.simulation.calibration import TABLES, Posed, banded, default_rules, open_by_kind, pose
from braid.simulation.engines import plain
from braid.simulation.faults import faults
from braid.simulation.model import Present
from braid.simulation.program import compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import INSIDE, OVERTAKEN, PATHWAY_COLUMNS, SERVICE_COLUMNS, STEP_COLUMNS
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import load_place
from braid.store.portable import compile_sql

RULES = default_rules()


class Heard(DuckDBEngine):
    """An engine that keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(memory_limit="512MB", threads=1)
        self.asked: list[str] = []

    def create(self, name: str, sql: str) -> None:
        self.asked.append(sql)
        super().create(name, sql)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        self.asked.append(sql)
        return super().rows(sql, parameters)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Heard, dt.date]]:
    folder = tmp_path_factory.mktemp("simulated")
    write_example(folder, people=3000, seed=2)
    run = run_chain(load_place(folder), None, tell=lambda _step, _detail: None).run
    opened = Heard()
    for name in TABLES:
        opened.load_parquet(name, run.table(name))
    yield opened, dt.date.fromisoformat(run.manifest["as_of"])
    opened.close()


@pytest.fixture(scope="module")
def posed(engine: tuple[Heard, dt.date]) -> Posed:
    return pose(engine[0], engine[1], 52, RULES, name="Example")


def _open_waits(engine: Heard) -> dict[str, int]:
    rows = engine.rows("select kind, count(*) as waits from person_wait where stop_date is null group by kind")
    return {row["kind"]: row["waits"] for row in rows}


def test_the_network_is_sound(posed: Posed) -> None:
    assert list(faults(posed.network)) == list(faults(banded(posed.network))) == []


def test_every_open_wait_is_in_the_network_once(engine: tuple[Heard, dt.date], posed: Posed) -> None:
    counted = _open_waits(engine[0])
    assert open_by_kind(posed.network, RULES) == counted == dict(posed.open_waits)
    assert posed.left_out == {}
    assert len(counted) > 12


def test_the_first_row_of_a_simulation_is_the_run_of_the_last_day(engine: tuple[Heard, dt.date], posed: Posed) -> None:
    network = posed.network
    record = plain.run(compile_network(network), seed_of(1, 0))
    row = record.rows[0].tolist()
    steps = [(pathway.id, step) for pathway in network.pathways for step in pathway.steps]
    first_service = len(steps) * len(STEP_COLUMNS)
    first_pathway = first_service + len(network.services) * len(SERVICE_COLUMNS)
    inside = {
        pathway.id: row[first_pathway + number * len(PATHWAY_COLUMNS) + PATHWAY_COLUMNS.index("inside")]
        for number, pathway in enumerate(network.pathways)
    }
    waiting = {(pathway, step.id): row[number * len(STEP_COLUMNS)] for number, (pathway, step) in enumerate(steps)}
    busy = {
        service.id: row[first_service + number * len(SERVICE_COLUMNS)]
        for number, service in enumerate(network.services)
    }
    for pathway in network.pathways:
        assert inside[pathway.id] == sum(group.count for group in network.present if group.pathway == pathway.id)
    for pathway_id, step in steps:
        is_slots = network.service(step.services[0]).gives == "slots"
        ready = [group for group in network.present if group.pathway == pathway_id and _is_ready(group, step)]
        assert waiting[pathway_id, step.id] == (sum(group.count for group in ready) if is_slots else 0), step.id
    counted = _open_waits(engine[0])
    assert busy["temporary_accommodation"] == counted["temporary_accommodation"]
    for kind in ("rtt", "crown_trial", "victim_support", "homelessness_relief"):
        pathways = [one.id for one in RULES.pathways if kind in {step.kind for step in one.steps}]
        assert sum(inside.get(pathway, 0) for pathway in pathways) == counted[kind], kind
    assert record.counts[OVERTAKEN] == 0
    assert record.counts[INSIDE] > 0


def _is_ready(group: Present, step: Any) -> bool:
    return step.id not in (*group.done, *group.begun) and set(step.after) <= set(group.done)


def test_the_order_of_a_queue_is_that_of_the_days_on_which_people_began_to_wait(
    engine: tuple[Heard, dt.date], posed: Posed
) -> None:
    opened, as_of = engine
    rows = opened.rows("select start_date, priority from person_wait where kind = 'rtt' and stop_date is null")
    urgent = sorted((as_of - row["start_date"]).days for row in rows if row["priority"] == "priority_type:2")
    groups = [
        round(7 * group.least)
        for group in posed.network.present
        if group.pathway == "rtt" and group.band == "priority_type_2"
        for _ in range(group.count)
    ]
    assert sorted(groups) == urgent
    assert len(urgent) > 20


def test_nobodys_id_and_no_record_is_in_the_network(engine: tuple[Heard, dt.date], posed: Posed) -> None:
    text = write(posed.network) + repr(posed.findings) + repr(posed.assumed)
    rows = engine[0].rows("select person_id, wait_id, case_record_id, organisation_id from person_wait")
    ids = {str(value) for row in rows for value in row.values()}
    assert len(ids) > 500
    assert [each for each in ids if each in text] == []
    assert min(group.count for group in banded(posed.network).present) >= 8


def test_every_figure_says_where_it_comes_from(posed: Posed) -> None:
    sources: Mapping[str, str] = posed.network.sources
    for service in posed.network.services:
        assert f"service.{service.id}.capacity" in sources
    for pathway in posed.network.pathways:
        assert f"pathway.{pathway.id}.arrivals" in sources
        for step in pathway.steps:
            assert f"pathway.{pathway.id}.{step.id}.duration" in sources
    assert all(source.startswith(("measured", "assumed")) for source in sources.values())
    assert {word.partition(": ")[0] for word in posed.assumed} == {
        place for place, source in sources.items() if "assumed" in source
    }


def test_limits_in_law_are_the_clocks_of_the_pathways(posed: Posed) -> None:
    clock = posed.network.pathway("care_proceedings").clock
    assert clock is not None
    assert (clock.weeks, clock.stop) == (26.0, "final_order")
    (treatment,) = posed.network.pathway("rtt").steps
    assert treatment.target_weeks == 18.0


def test_shares_of_bands_are_whole(posed: Posed) -> None:
    for pathway in posed.network.pathways:
        if pathway.bands:
            assert np.sum([band.share for band in pathway.bands]) == pytest.approx(1.0)


def test_the_same_run_gives_the_same_network(engine: tuple[Heard, dt.date], posed: Posed) -> None:
    assert pose(engine[0], engine[1], 52, RULES, name="Example") == posed


def test_what_is_asked_of_the_engine_is_portable(engine: tuple[Heard, dt.date], posed: Posed) -> None:
    assert len(engine[0].asked) > 20
    for sql in engine[0].asked:
        assert compile_sql(sql, "spark")

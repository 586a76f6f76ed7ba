"""A network that is written to a file: nobody is alone in it, and it is as sound as before."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from braid.language.documents import parse
from braid.simulation.calibration import banded, default_rules, network_text
from braid.simulation.calibration.banding import LEAST
from braid.simulation.calibration.pose import Posed
from braid.simulation.durations import Quantiles
from braid.simulation.engines import plain
from braid.simulation.faults import faults
from braid.simulation.model import Network, Pathway, Present, Profile, Weekly
from braid.simulation.program import compile_network
from braid.simulation.randomness import seed_of
from braid.trust.disclosure import SUPPRESSED_TO
from simulation.calibration.drawn_waits import AS_OF, posed_from, row

RARE_DAYS, RARE_ENDED_DAYS = 3_333, 2_777
TA, REGISTER = "temporary_accommodation", "register"


def before(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


@pytest.fixture(scope="module")
def posed() -> Posed:
    """A hospital list with one wait like no other, and a trial that one therapy waits for."""
    rng = np.random.default_rng(1)
    rows: list[dict[str, Any]] = [
        row(f"open {n}", f"open {n}", "rtt", before(int(days)), priority=f"priority_type:{1 + (n % 9 == 0)}")
        for n, days in enumerate(rng.integers(0, 400, 300))
    ]
    rows += [
        row(f"ended {n}", f"ended {n}", "rtt", before(int(days) + n % 180), before(n % 180), "rtt:35")
        for n, days in enumerate(rng.integers(1, 200, 90))
    ]
    rows.append(row("canary", "canary", "rtt", before(RARE_DAYS), priority="priority_type:3"))
    rows.append(row("gone canary", "gone", "rtt", before(RARE_ENDED_DAYS + 10), before(10), "rtt:35"))
    rows += [row("t", "harmed", "therapy", before(222)), row("c", "harmed", "crown_trial", before(333))]
    rows += [row(f"r{n}", f"home {n}", REGISTER, before(300 + n), priority="register_band:A") for n in range(20)]
    rows += [row(f"s{n}", f"home {n}", TA, before(100 + 3 * n)) for n in range(20)]
    return posed_from(rows, default_rules())


def people(network: Network, pathway: str) -> int:
    return sum(group.count for group in network.present if group.pathway == pathway)


def test_a_group_of_a_file_has_as_many_as_a_published_count(posed: Posed) -> None:
    assert LEAST == SUPPRESSED_TO + 1
    assert min(group.count for group in posed.network.present) == 1
    assert min(group.count for group in banded(posed.network).present) >= LEAST
    assert (
        min(group.count for group in banded(posed.network, weeks=1, least=40).present if group.pathway == "rtt") >= 40
    )


def test_nobody_is_lost_but_by_rounding_and_of_a_pathway_of_too_few_and_it_is_said(posed: Posed) -> None:
    found = banded(posed.network)
    for pathway in ("rtt", "temporary_accommodation_until_letting"):
        groups = [group for group in found.present if group.pathway == pathway]
        assert all(group.count % 5 == 0 for group in groups), "counts are rounded as every count that is published"
        assert abs(people(found, pathway) - people(posed.network, pathway)) <= 2 * len(groups)
    assert people(posed.network, "therapy_after_trial") == 1
    assert people(found, "therapy_after_trial") == 0
    assert "therapy_after_trial" not in {one.id for one in found.pathways}, "one there and nobody to come"
    assert "therapy_after_trial" in {one.id for one in posed.network.pathways}


def test_a_pathway_that_others_come_to_says_that_those_who_are_there_are_left_out() -> None:
    came = [row(f"w{n}", f"p{n}", "icpc", before(10 + n), before(n)) for n in range(60)]
    few = posed_from([*came, row("w", "p", "icpc", before(5))], default_rules())
    found = banded(few.network)
    assert (people(few.network, "icpc"), people(found, "icpc")) == (1, 0)
    assert found.sources["pathway.icpc.present"] == "left out: fewer than 8 people"


def test_the_canaries_are_not_in_the_file(posed: Posed) -> None:
    text, exact = network_text(posed), network_text(posed, is_exact=True)
    canary = str(RARE_DAYS / 7)[:7]
    assert canary in exact
    assert canary not in text
    longest = max(group.most or group.least for group in banded(posed.network).present)
    assert longest % 4 == 0
    document = json.loads(text)
    (last,) = [group for group in document["present"] if group["most"] == longest]
    assert last["count"] >= LEAST
    assert (last["band"], last["least"]) != ("priority_type_3", longest - 4), (
        "the one of that length and band is not alone"
    )
    assert last["least"] < 400 / 7
    for word in ("canary", "harmed", "gone"):
        assert word not in exact, word


def test_the_law_of_leaving_does_not_hold_the_day_of_the_longest(posed: Posed) -> None:
    day = (RARE_ENDED_DAYS + 0.5) / 7
    for network in (posed.network, banded(posed.network)):
        patience = network.pathway("rtt").steps[0].patience
        assert isinstance(patience, Quantiles)
        assert all(abs(weeks - day) > 0.1 for weeks in patience.weeks)
        assert list(patience.faults("patience")) == []


def test_rates_are_those_of_published_counts_and_sources_have_no_count(posed: Posed) -> None:
    found = banded(posed.network, rate_weeks=26)
    for pathway in found.pathways:
        count = pathway.arrivals.level * 26
        assert count == pytest.approx(4) or round(count) % 5 == 0
    assert found.service(TA).capacity.level == 20
    assert not any(";" in source for source in found.sources.values())
    assert sum(band.share for band in found.pathway("rtt").bands) == pytest.approx(1)
    assert all(round(band.share * 20, 6).is_integer() for band in found.pathway("rtt").bands)


def test_a_file_is_read_again_and_runs(posed: Posed) -> None:
    read = parse(network_text(posed), Network, "network.json")
    assert list(faults(read)) == list(faults(posed.network)) == []
    record = plain.run(compile_network(replace(read, weeks=4)), seed_of(1, 0))
    assert record.rows.shape[0] == 5


def test_spans_hold_whoever_is_in_them() -> None:
    groups = tuple(
        Present("p", 3, begun=("s",), least=weeks, joined_least=weeks + 5, joined_most=weeks + 5, begun_least=weeks / 2,
                begun_most=weeks / 2)
        for weeks in (1.0, 2.5, 9.0, 30.0)
    )  # fmt: skip
    network = Network("network", "n", AS_OF, 1, (), (), present=groups)
    (long, *rest) = banded(network).present
    assert [one.count for one in (long, *rest)] == [10], "twelve, rounded as every count that is published"
    assert (long.least, long.most) == (0.0, 32.0)
    assert (long.joined_least, long.joined_most) == (4.0, 36.0)
    assert (long.begun_least, long.begun_most) == (0.0, 16.0)


def test_who_few_stand_with_is_put_with_the_most_of_their_pathway() -> None:
    many = tuple(Present("p", 5, done=("first",), least=float(weeks)) for weeks in range(8))
    few = (Present("p", 2, least=30.0), Present("p", 1, done=("first", "second"), least=1.0))
    found = banded(Network("network", "n", AS_OF, 1, (), (), present=many + few)).present
    assert {group.done for group in found} == {("first",)}
    assert sum(group.count for group in found) == 40, "43 in three groups, each rounded"


@pytest.mark.parametrize("more", [{"weeks": 0}, {"least": 0}, {"rate_weeks": 0}])
def test_bands_of_nothing_are_refused(more: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="bands have weeks"):
        banded(Network("network", "n", AS_OF, 1, (), ()), **more)


def test_counts_by_week_of_the_year_do_not_come_back_from_a_profile() -> None:
    profile = Profile("arrivals", tuple(1.0 + (week % 3) / 2 for week in range(52)))
    pathway = Pathway("p", (), Weekly(0.6, "arrivals"))
    found = banded(Network("network", "n", AS_OF, 52, (), (pathway,), (profile,), (Present("p", 20),)))
    assert found.profiles == ()
    assert found.pathways[0].arrivals.profile is None

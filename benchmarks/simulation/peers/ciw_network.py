"""Ciw: networks of stations, declared. It has no steps that wait for several others, no step held until another is
done and nobody who is there on the first day, so N3 cannot be said in it; who is there comes as one batch at time 0.
"""

from __future__ import annotations

import time

import ciw
from stations import Outcome, Stations, Sums

NEVER = 1e12


def run_stations(stations: Stations, horizons: list[int], seed: int) -> Outcome:
    """Run stations to each of the horizons, in weeks, from the beginning each time: a run cannot be taken up again."""
    outcome = Outcome([], [])
    for weeks in horizons:
        network = ciw.create_network(**_arguments(stations))
        began = time.process_time()
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(weeks)
        outcome.seconds.append(time.process_time() - began)
        sums = _sums(stations, simulation)
        outcome.events.append(sums.events)
        outcome.answers = sums.answers(weeks)
    return outcome


def _sums(stations: Stations, simulation: ciw.Simulation) -> Sums:
    """Return arrivals, and the ends of service and of patience that were recorded."""
    sums = Sums(stations)
    records = simulation.get_all_records()
    sums.events = simulation.nodes[0].number_of_individuals - stations.present + len(records)
    for record in records:
        if record.record_type == "service":
            _count(sums, record)
    return sums


def _count(sums: Sums, record: ciw.data_record.DataRecord) -> None:
    sums.weeks_at[record.node - 1] += record.waiting_time + record.service_time
    if record.node == 1:
        priority = max(int(record.customer_class), 0)
        sums.waited[priority] += record.waiting_time
        sums.started[priority] += 1


def _arguments(stations: Stations) -> dict[str, object]:
    """Return what `create_network` takes. Class -1 are those who are there on the first day, of the first priority."""
    nowhere = [None] * (len(stations.places) - 1)
    classes = [str(priority) for priority in range(len(stations.arrivals))]
    arrivals = {
        each: [ciw.dists.Exponential(rate=rate), *nowhere]
        for each, rate in zip(classes, stations.arrivals, strict=True)
    }
    batches = {each: [ciw.dists.Deterministic(value=1) for _ in stations.places] for each in classes}
    if stations.present:
        arrivals["-1"] = [ciw.dists.Sequential([0.0, NEVER]), *nowhere]
        batches["-1"] = [ciw.dists.Deterministic(value=stations.present) for _ in stations.places]
    arguments: dict[str, object] = {
        "arrival_distributions": arrivals,
        "batching_distributions": batches,
        "service_distributions": {
            each: [ciw.dists.Exponential(rate=1 / mean) for mean in stations.means] for each in arrivals
        },
        "number_of_servers": list(stations.places),
        "routing": {each: [list(row) for row in stations.onward] for each in arrivals},
        "priority_classes": {each: max(int(each), 0) for each in arrivals},
    }
    if stations.patience is not None:
        patience = [ciw.dists.Exponential(rate=1 / stations.patience) for _ in stations.places]
        arguments["reneging_time_distributions"] = dict.fromkeys(arrivals, patience)
    return arguments

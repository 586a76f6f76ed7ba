"""One run of one engine in a process of its own; prints a line of JSON. Called by the benchmarks beside it."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import own_engines  # noqa: E402
import stations  # noqa: E402
from reference_networks import PEOPLE  # noqa: E402
from stations import Outcome, Unsayable  # noqa: E402

from braid.simulation.engines import compiled  # noqa: E402
from braid.simulation.randomness import seed_of  # noqa: E402

MODULES = {
    "simpy by hand": "simpy_by_hand",
    "simpy by hand, keyed": "simpy_by_hand",
    "simpy by its manual": "simpy_by_manual",
    "Ciw": "ciw_network",
    "salabim": "salabim_network",
    "cimba": "cimba_network",
}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine")
    parser.add_argument("network", choices=("n1", "n2", "n3", "list", "leaving_list"))
    parser.add_argument("--weeks", type=int, nargs="+", required=True, help="horizons, rising")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--waiting", type=int, default=0)
    options = parser.parse_args()
    try:
        outcome = run(options)
    except ModuleNotFoundError as error:
        print(json.dumps({"skipped": f"{error.name} is not installed"}))
        return
    except Unsayable as error:
        print(json.dumps({"skipped": str(error)}))
        return
    found = {"events": outcome.events, "seconds": outcome.seconds, "peak_mb": peak_mb(), "answers": outcome.answers}
    if outcome.rows is not None:
        found["rows"] = own_engines.fingerprint(outcome.rows)
    print(json.dumps(found))


def run(options: argparse.Namespace) -> Outcome:
    """Return what the engine found."""
    engine, name = options.engine, options.network
    if engine in own_engines.ENGINES:
        compiled.load()
        programs = [own_engines.program_of(name, weeks, options.people, options.waiting) for weeks in options.weeks]
        return own_engines.run_own(engine, name, programs, options.seed)
    peer = importlib.import_module(MODULES[engine])
    if name == "n3":
        return _run_program(peer, engine, options)
    return peer.run_stations(_stations(name, options.waiting), options.weeks, options.seed)


def _run_program(peer: ModuleType, engine: str, options: argparse.Namespace) -> Outcome:
    call: Callable[..., Outcome] | None = getattr(peer, "run_program", None)
    if call is None:
        raise Unsayable(f"{engine} has no N3: see the head of its module")
    program = own_engines.program_of("n3", options.weeks[-1], options.people)
    if MODULES[engine] == "simpy_by_hand":
        outcome = call(program, options.weeks, seed_of(options.seed, 0), is_keyed=engine.endswith("keyed"))
        outcome.rows = outcome.rows if engine.endswith("keyed") else None
        return outcome
    return call(program, options.weeks, options.seed)


def _stations(name: str, waiting: int) -> stations.Stations:
    known = {"n1": stations.N1, "n2": stations.N2}
    return known[name] if name in known else stations.long_list(waiting, is_patient=name == "list")


def peak_mb() -> float:
    """Return the most memory this process has had: a child's `ru_maxrss` would begin with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

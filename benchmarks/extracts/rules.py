"""How fast the rules of returns are checked, beside the independent oracle, in one run.

    python benchmarks/extracts/rules.py --children 2000 --oracle FOLDER    # FOLDER: an environment with the oracle
    python benchmarks/extracts/rules.py --children 400000                  # a large census: time and memory alone

The oracle's environment is made with the packages that `tests/extracts/oracle/compare.py` names. Both check a drawn
census and a drawn return of looked-after children, full of mistakes. Seconds are of the processor, all threads
together; of the oracle only those in which its rules run, of ours also those in which the file is read. Memory is the
peak of this process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

from braid.extracts.rules.check import check_files  # noqa: E402
from braid.pipeline import new_engine  # noqa: E402
from extracts.oracle.compare import run_oracle  # noqa: E402
from extracts.rules_census import YEAR, write_census  # noqa: E402
from extracts.rules_looked_after import write_return  # noqa: E402


def main() -> None:
    """Measure both returns and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=2000)
    parser.add_argument("--oracle", type=Path, help="an environment with the oracle's packages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        modules = folder / "modules"
        modules.mkdir()
        census = write_census(folder / "census.xml", arguments.children, 1)
        measure("cin", [census], census, arguments.oracle)
        measure("ssda903", sorted(write_return(modules, arguments.children, 1)), modules, arguments.oracle)


def measure(standard: str, files: Sequence[Path], what: Path, oracle: Path | None) -> None:
    """Print how long the rules take over the files of one return, and how long the oracle takes."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as name, closing(new_engine(Path(name))) as engine:
        rules = found = rows = 0
        for checked in check_files(files, standard, YEAR, engine, Path(name)):
            rules += 1
            found += checked.found.num_rows
        rows = sum(int(row["n"]) for table in ("CINdetails", "Episodes") if engine.has(table)
                   for row in engine.rows(f"select count(*) as n from {table}"))  # fmt: skip
    seconds = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = sum(path.stat().st_size for path in files) / 1e6
    print(
        f"{standard}: {size:.0f} MB, {rows} referrals or episodes, {rules} rules, {found} findings,"
        f" {seconds:.1f} s, {rules / seconds:.0f} rules a second, peak {memory} MB"
    )
    if oracle is not None:
        theirs = run_oracle(oracle / "bin" / "python", standard, what, YEAR)
        spent = theirs["seconds"]
        print(
            f"  oracle: {len(theirs['rules'])} rules, {spent:.1f} s, {len(theirs['rules']) / spent:.1f} rules a second"
        )


if __name__ == "__main__":
    main()

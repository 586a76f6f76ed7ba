"""How many true pairs share a key, how many pairs that costs, and what standardising and finding them cost.

    python benchmarks/linkage/candidate_keys.py place DIR  a run with truth/ (braid example, braid run)
    python benchmarks/linkage/candidate_keys.py labelled FOLDER  the published sets in FOLDER
    python benchmarks/linkage/candidate_keys.py write DIR --households 300000  little places side by side: a million
    python benchmarks/linkage/candidate_keys.py audit DIR  without truth: a sample compared with everybody

Recall is told of all true pairs, and of those of which both records have a name: a hospital row without one shares with
the same person's other rows often nothing but birth date and sex. CPU seconds are user and system time of this process.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from example_places import read_place  # noqa: E402
from labelled_records import SETS, read_labelled  # noqa: E402

from braid.language.findings import TABLES  # noqa: E402
from braid.people.facts import read_standards  # noqa: E402
from braid.people.link_engine import audit_candidates, find_candidates, load_model  # noqa: E402
from braid.people.run import add_missing_tables  # noqa: E402
from braid.people.standardise import standardise  # noqa: E402
from braid.store.arrow_types import to_arrow  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from people.little_place import LittlePlace, make_place  # noqa: E402

HOUSEHOLDS_AT_ONCE = 5_000


def main() -> None:
    """Run one of the four commands."""
    arguments = _parse()
    if arguments.command == "write":
        write_places(arguments.folder, arguments.households)
    elif arguments.command == "audit":
        engine, _ = read_place(arguments.folder)
        add_missing_tables(engine)
        print(audit_candidates(standardise(engine), load_model(), arguments.memory, standards=read_standards(engine)))
    elif arguments.command == "labelled":
        for name in SETS:
            print(name, end=" ")
            report(*read_labelled(arguments.folder, name), arguments.memory)
    else:
        report(*read_place(arguments.folder), arguments.memory)


def report(engine: DuckDBEngine, truth: Mapping[str, str], memory: str) -> None:
    """Print recall, pairs and cost of one place."""
    add_missing_tables(engine)
    marks = [time.process_time()]
    records = standardise(engine)
    marks.append(time.process_time())
    counts, pairs = find_candidates(records, memory)
    marks.append(time.process_time())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    engine.load_arrow("found_pair", pairs)
    ids = records.column("record_id")
    who = pa.array([truth.get(record_id) for record_id in ids.to_pylist()], pa.string())
    named = records.column("forename").is_valid()
    engine.load_arrow("who", pa.table([pa.array(range(len(ids))), who, named], names=["id", "person", "is_named"]))
    row = engine.rows(_RECALL)[0]
    print(
        f"{len(ids)} records; true pairs {row['true_pairs']}, found {_share(row['found'], row['true_pairs'])};"
        f" both named {row['named']}, found {_share(row['named_found'], row['named'])};"
        f" pairs {pairs.num_rows}, {_share(pairs.num_rows, row['true_pairs'])} for each true one"
    )
    seconds = [round(later - at, 1) for at, later in pairwise(marks)]
    print(f"  CPU s: standardise {seconds[0]}, keys and pairs {seconds[1]}; peak MB {peak}; {counts}")
    engine.close()


_RECALL = """
  select count(*) as true_pairs, count(f.left_id) as found, count_if(l.is_named and r.is_named) as named,
    count_if(l.is_named and r.is_named and f.left_id is not null) as named_found
  from who l join who r on r.person = l.person and r.id > l.id
  left join found_pair f on f.left_id = l.id and f.right_id = r.id
"""


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"


def write_places(folder: Path, households: int) -> None:
    """Write little places side by side, each with its own streets and numbers, as the run of a place folder."""
    run = folder / "lake" / "runs" / "many"
    run.mkdir(parents=True)
    (folder / "truth").mkdir()
    names = ("person_record", "identifier", "stay", "relationship", "episode", "postcode")
    schemas = {name: to_arrow(TABLES[name], []).schema for name in names}
    files = {name: pq.ParquetWriter(run / f"{name}.parquet", schemas[name]) for name in names}
    with (folder / "truth" / "people.csv").open("w", encoding="utf-8", newline="") as file:
        truth = csv.writer(file)
        truth.writerow(("feed", "partner_record_id", "true_person_id"))
        for number in range(-(-households // HOUSEHOLDS_AT_ONCE)):
            place = make_place(min(HOUSEHOLDS_AT_ONCE, households - number * HOUSEHOLDS_AT_ONCE), seed=number)
            _move(place, number)
            for name in names:
                files[name].write_table(to_arrow(TABLES[name], place.tables[name]))
            for row in place.tables["person_record"]:
                key = row["partner_record_id"]
                truth.writerow((row["feed"], key, f"{number} {place.truth[row['record_id'].split(' ', 1)[1]]}"))
    for writer in files.values():
        writer.close()
    (folder / "lake" / "current").write_text("many", encoding="utf-8")


def _move(place: LittlePlace, number: int) -> None:
    """Give the records of one of many places ids, numbers and streets that no other has."""
    area = chr(65 + number // 26) + chr(65 + number % 26)
    letters = random.Random(number).sample("0123456789", 10)
    for name, rows in place.tables.items():
        for row in rows:
            for column in ("record_id", "person_record_id", "partner_record_id", "episode_ref"):
                if row.get(column):
                    row[column] = f"{number} {row[column]}"
            if row.get("postcode"):
                row["postcode"] = area + row["postcode"][2:]
            if name == "identifier":
                row["value"] = f"{row['value']}{number:03d}{letters[0]}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("place", "labelled", "write", "audit"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        command.add_argument("--memory", default="1GB")
        command.add_argument("--households", type=int, default=300_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()

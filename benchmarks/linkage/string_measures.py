"""How far string measures of one name differ between two engines: DuckDB's, and those that Splink brings for Spark.

    python benchmarks/linkage/string_measures.py

Names are those of a little place and of the lists of forms, each beside others that begin alike, one drawn blindly, and
itself with two letters changed over or one mistyped. Of Jaro-Winkler it counts the pairs that differ, and those that
stand on the two sides of a level of the model; of Damerau-Levenshtein those that differ.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

import duckdb  # noqa: E402 - the path is set first
import pyarrow as pa  # noqa: E402
from pyspark.sql.types import DoubleType  # noqa: E402
from splink.internals.spark.jar_location import similarity_jar_location  # noqa: E402

from braid.store.spark_engine import SparkEngine  # noqa: E402
from people.little_place import make_place  # noqa: E402

LEVELS = (0.92, 0.88, 0.8)
CLASSES = {"jaro_winkler": "JaroWinklerSimilarity", "damerau_levenshtein": "LevDamerauDistance"}


def main() -> None:
    """Print one line of JSON."""
    pairs = draw_pairs(read_names(), random.Random(1))
    with closing(SparkEngine(settings={"spark.jars": similarity_jar_location()})) as spark:
        for name, kind in CLASSES.items():
            spark.session.udf.registerJavaFunction(name, f"uk.gov.moj.dash.linkage.{kind}", DoubleType())
        spark.load_arrow("pairs", pa.table({"a": [one for one, _ in pairs], "b": [other for _, other in pairs]}))
        query = "select a, b, jaro_winkler(a, b) as near, damerau_levenshtein(a, b) as edits from pairs"
        theirs = spark.session.sql(query).toArrow()
    crossed = ", ".join(f"count(*) filter ((near >= {level}) <> (ours >= {level}))" for level in LEVELS)
    counted = duckdb.connect().execute(
        "select count(*), count(*) filter (abs(near - ours) > 1e-9), max(abs(near - ours)),"
        f" count(*) filter (edits <> damerau_levenshtein(a, b)), {crossed}"
        " from (select *, jaro_winkler_similarity(a, b) as ours from theirs)"
    )
    assert theirs.num_rows == len(pairs)
    total, differ, largest, edits, *levels = counted.fetchall()[0]
    found = {
        "pairs": total,
        "jaro_winkler_differs": differ,
        "largest_difference": round(largest, 4),
        "on_two_sides_of": dict(zip(map(str, LEVELS), levels, strict=True)),
        "damerau_levenshtein_differs": edits,
    }
    print(json.dumps(found))


def read_names() -> list[str]:
    """Return names in small letters, in order."""
    records = make_place(2500, 3).tables["person_record"]
    written = {(row[column] or "").lower() for row in records for column in ("given_name", "family_name")}
    for kind in ("forenames", "surnames"):
        with (REPOSITORY / "src" / "braid" / "people" / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
            written |= {word for row in csv.reader(file) for field in row for word in field.lower().split()}
    return sorted(name for name in written if name.isalpha())


def draw_pairs(names: list[str], drawn: random.Random) -> list[tuple[str, str]]:
    """Return pairs of names, each once."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in names:
        alike[name[:2]].append(name)
    pairs: set[tuple[str, str]] = set()
    for name in names:
        beside = alike[name[:2]]
        pairs |= {(name, other) for other in [*drawn.sample(beside, min(25, len(beside))), drawn.choice(names)]}
        if len(name) > 3:
            place = drawn.randrange(len(name) - 1)
            swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
            pairs |= {(name, swapped), (name, f"{swapped[:1]}x{swapped[2:]}")}
    return sorted(pairs)


if __name__ == "__main__":
    main()

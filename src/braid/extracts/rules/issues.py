"""What rules found, as rows of the table of issues: rule by rule into one Parquet file, or the first of each file."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.model import Issue, Source
from braid.extracts.rules.check import Checked, check_files
from braid.language.records import ISSUE
from braid.store.arrow_types import file_schema
from braid.store.engine import Engine


@dataclass
class RulesRead:
    """What the rules of a return found in one file of it, for a report: the first issues, and how many by rule."""

    checked: int = 0
    issues: list[Issue] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    not_checked: dict[str, list[str]] = field(default_factory=dict)
    """Rules that could not be checked, with the tables that were not there."""

    def document(self) -> dict[str, object]:
        """Return what `braid read --json` says of the rules, apart from the issues."""
        return {"checked": self.checked, "found": dict(self.found), "not_checked": self.not_checked}


def write_rule_issues(
    files: Sequence[Path], hashes: Sequence[str], source: Source, engine: Engine, path: Path
) -> Counter[str]:
    """Check the files of a feed and write the issues to `path`, a Parquet file of the table of issues.

    Returns how many issues each rule made, by severity `warning` alone, as the summary of a feed counts them.
    """
    counts: Counter[str] = Counter()
    schema = file_schema(ISSUE)
    names = [each.name for each in files]
    with (
        tempfile.TemporaryDirectory(prefix=".rules-", dir=path.parent) as folder,
        pq.ParquetWriter(path, schema) as out,
    ):
        for checked in check_files(files, source.standard, source.collection_year, engine, Path(folder)):
            if checked.found.num_rows == 0:
                continue
            out.write_table(_issue_rows(checked, source.feed, names, hashes).cast(schema))
            if checked.rule.issue_severity != "note":
                counts[checked.rule.name] += checked.found.num_rows
    return counts


def read_rules(
    files: Sequence[Path], standard: str, year: int | None, engine: Engine, folder: Path, most: int
) -> list[RulesRead]:
    """Return what the rules found in each of the files, with no more than `most` issues of each file one by one."""
    reads = [RulesRead() for _ in files]
    for checked in check_files(files, standard, year, engine, folder):
        for read in reads:
            if checked.missing:
                read.not_checked[checked.rule.name] = list(checked.missing)
            else:
                read.checked += 1
        for finding in checked.findings():
            read = reads[finding.file]
            read.found[checked.rule.name] += 1
            if len(read.issues) < most:
                rule = checked.rule
                read.issues.append(
                    Issue(rule.issue_severity, rule.name, rule.fields[0], finding.position, rule.message)
                )
    return reads


def _issue_rows(checked: Checked, feed: str, names: Sequence[str], hashes: Sequence[str]) -> pa.Table:
    rule, count = checked.rule, checked.found.num_rows
    file = checked.found.column("file")

    def same(text: str) -> pa.Array:
        return pa.repeat(pa.scalar(text, pa.string()), count)

    return pa.table(
        {
            "feed": same(feed),
            "file_sha256": pa.array(hashes, pa.string()).take(file.combine_chunks()),
            "file_name": pa.array(names, pa.string()).take(file.combine_chunks()),
            "severity": same(rule.issue_severity),
            "rule": same(rule.name),
            "field": same(rule.fields[0]),
            "position": checked.found.column("position"),
            "message": same(rule.message),
        }
    )

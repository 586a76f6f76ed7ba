"""A place is simulated as its current run stands: sound, told where it is not, and nobody in what is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from braid.cli.simulate import simulate
from braid.pipeline import RunReport, open_run
from braid.store.place_folder import Place

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")


def test_a_run_is_simulated_and_its_file_holds_nobody(
    place: Place, report: RunReport, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = tmp_path / "question.json"
    assert simulate(place.folder, weeks=26, replications=2, keep=question, as_json=True) == 0
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["network"] == place.name
    assert len(document["figures"]) > 20
    assert "figures are assumed" in told.err
    assert "its list grows; --exact tells the figures" in told.err
    assert " a week" not in told.err, "counts of a few people are told by --exact alone"
    asked = json.loads(question.read_text(encoding="utf-8"))
    counts = [group["count"] for group in asked["network"]["present"]]
    assert counts
    assert all(count >= 8 and count % 5 == 0 for count in counts)
    assert not ID.search(question.read_text(encoding="utf-8"))


def test_exactly_it_begins_with_everybody_who_waits(place: Place, report: RunReport, tmp_path: Path) -> None:
    question = tmp_path / "question.json"
    assert simulate(place.folder, weeks=2, replications=1, keep=question, exact=True, as_json=True) == 0
    asked = json.loads(question.read_text(encoding="utf-8"))
    there = sum(group["count"] for group in asked["network"]["present"] if group["pathway"] == "rtt")
    engine = open_run(report.run, names=("person_wait",))
    (waits,) = engine.rows("select count(*) as waits from person_wait where kind = 'rtt' and stop_date is null")
    engine.close()
    assert there == waits["waits"] > 100

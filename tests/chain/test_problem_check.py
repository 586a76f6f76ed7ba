"""`braid problem check` in a place that was run: what an agreement covers, and how many more would be seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from braid.cli.problem import check
from braid.pipeline import RunReport
from braid.store.place_folder import Place

OWN = """
id = "waits_for_a_home"
name = "Waits for a home"
purpose = "People get a home."
purpose_code = "school_from_ta"
partners = ["council"]
waits = ["register"]
plan = "placements"
[cohort]
any_of = [{ wait = ["register"] }]
"""


def test_a_statement_that_no_agreement_names_says_how_many_more_would_be_seen(
    place: Place, report: RunReport, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(place.folder, tmp_path / "copy")
    (folder / "problems").mkdir()
    path = folder / "problems" / "own.toml"
    path.write_text(OWN, encoding="utf-8")

    def checked() -> dict:
        assert check(path, as_json=True) == 0
        (document,) = json.loads(capsys.readouterr().out)["statements"]
        return document

    alone = checked()
    assert alone["covered"] is False
    assert alone["could_be_seen"] >= 10
    assert alone["could_be_seen"] % 5 == 0
    assert check(path) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert f"would let about {alone['could_be_seen']} more people be seen" in words
    agreement = folder / "agreements" / "school-from-ta.toml"
    text = agreement.read_text(encoding="utf-8")
    agreement.write_text(text.replace('["school_from_ta"]', '["school_from_ta", "waits_for_a_home"]'), encoding="utf-8")
    named = checked()
    assert named["covered"] is True
    assert "could_be_seen" not in named
    shipped = path.read_text(encoding="utf-8").replace('id = "waits_for_a_home"', 'id = "court_readiness"')
    path.write_text(shipped.replace('purpose_code = "school_from_ta"', 'purpose_code = "court_readiness"'), "utf-8")
    assert checked()["covered"] is True, "the example names the ids that ship, whoever wrote them"

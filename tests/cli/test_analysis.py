"""`braid analysis` as a user types it: what it prints, what it refuses and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared import REPOSITORY


def braid(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "braid", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli-analysis") / "place"
    assert braid("example", str(folder), "--people", "1000", "--seed", "3").returncode == 0
    assert braid("run", str(folder)).returncode in (0, 1)
    return folder


def test_a_dataset_is_built_listed_and_kept_until_its_time(place: Path) -> None:
    made = braid("analysis", "build", "backlog_measures", str(place), "--json")
    assert made.returncode == 0, made.stderr
    manifest = json.loads(made.stdout)
    assert Path(manifest["folder"], "waits.parquet").is_file()
    assert manifest["tables"]["waits"]["rows"] > 50
    listed = json.loads(braid("analysis", "list", str(place), "--json").stdout)
    assert [row["id"] for row in listed["datasets"]][:3] == ["school_from_ta", "victim_response", "court_readiness"]
    assert [(row["dataset"], row["expired"]) for row in listed["built"]] == [("backlog_measures", False)]
    assert json.loads(braid("analysis", "sweep", str(place), "--json").stdout) == {"deleted": []}
    assert Path(manifest["folder"]).is_dir()


def test_keys_are_listed_by_id_rotated_and_deleted(place: Path) -> None:
    purpose = "court_readiness"
    first = json.loads(braid("analysis", "keys", "rotate", purpose, str(place)).stdout)
    second = json.loads(braid("analysis", "keys", "rotate", purpose, str(place)).stdout)
    assert first["key_id"] != second["key_id"]
    listed = json.loads(braid("analysis", "keys", "list", str(place), "--json").stdout)["keys"]
    assert {"purpose": purpose, "key_id": second["key_id"]} in listed
    assert json.loads(braid("analysis", "keys", "delete", purpose, str(place)).stdout)["deleted"]
    assert braid("analysis", "keys", "rotate", "curiosity", str(place)).returncode == 2


def test_a_dataset_that_takes_a_place_is_refused_with_exit_code_5(place: Path) -> None:
    shipped = REPOSITORY / "src" / "braid" / "analysis" / "datasets" / "school_from_ta.toml"
    text = shipped.read_text(encoding="utf-8").replace('id = "school_from_ta"', 'id = "places"')
    (place / "datasets").mkdir(exist_ok=True)
    (place / "datasets" / "places.toml").write_text(text.replace('from = "sex"', 'from = "district_code"'), "utf-8")
    refused = braid("analysis", "build", "places", str(place))
    assert refused.returncode == 5
    assert "location class" in refused.stderr and "Traceback" not in refused.stderr
    assert "REFUSED" in braid("analysis", "list", str(place)).stdout
    assert not (place / "analysis" / "places").exists()
    assert braid("analysis", "build", "no_such", str(place)).returncode == 2


def test_without_its_agreement_a_dataset_is_refused_with_exit_code_5(place: Path) -> None:
    agreement = place / "agreements" / "court-readiness.toml"
    text = agreement.read_text(encoding="utf-8")
    agreement.unlink()
    refused = braid("analysis", "build", "court_readiness", str(place))
    agreement.write_text(text, encoding="utf-8")
    assert refused.returncode == 5
    assert "no agreement for court_readiness is in force" in refused.stderr
    assert not (place / "analysis" / "court_readiness").exists()


def test_a_bad_list_of_opt_outs_stops_the_run_with_exit_code_3(place: Path) -> None:
    path = place / "restricted" / "opt_outs.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text("nhs_number\n9990000017\n", encoding="utf-8")
    stopped = braid("run", str(place))
    path.write_text(text, encoding="utf-8")
    assert stopped.returncode == 3
    assert "restricted/opt_outs.csv line 2, nhs_number" in stopped.stderr
    assert "9990000017" not in stopped.stderr

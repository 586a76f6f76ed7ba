"""`braid reference` and `braid example --geography` as a user types them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from braid.cli.app import main
from braid.store.place_folder import load_place
from braid.store.reference_data import attribution_lines
from extracts.reference import publishers

Braid = Callable[..., tuple[int, str, str]]


@pytest.fixture
def braid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Braid:
    """Type a command; return its exit code, standard output and standard error."""

    def typed(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["braid", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return typed


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "place.toml").write_text(publishers.place_toml(), encoding="utf-8")
    return folder


def test_a_folder_of_files_is_loaded_listed_and_written_for_the_chain(
    braid: Braid, tmp_path: Path, place: Path
) -> None:
    given = publishers.write_all(tmp_path / "given")
    (given / "dentists.csv").write_text("name,postcode\n", encoding="utf-8")
    code, said, told = braid("reference", "load", given, "--place", place, "--json")
    assert code == 0 and "dentists.csv: of no kind that is read" in told
    document = json.loads(said)
    assert len(document["loaded"]) == 9 and all(each["is_fresh"] for each in document["loaded"])
    assert "geography/postcodes.csv: 240 rows of this place" in document["geography"]
    assert "geography/areas.geojson: 24 outlines" in document["geography"]
    code, said, _ = braid("reference", "list", place, "--json")
    found = {each["kind"]: each for each in json.loads(said)["reference"]}
    assert code == 0 and found["postcodes"]["vintage"] == "2025-11" and len(found["postcodes"]["sha256"]) == 64
    assert found["postcodes"]["licence"] == "Open Government Licence v3.0" and found["postcodes"]["loaded_date"]
    code, said, told = braid("reference", "load", given, "--place", place)
    assert code == 0 and "the same file is loaded already" in told and "geography/" not in told
    code, said, _ = braid("reference", "list", place)
    assert "Ministry of Housing" in said and "2011, 2021" in said


def test_rejected_rows_and_refused_files_have_their_exit_codes(braid: Braid, tmp_path: Path, place: Path) -> None:
    rows = publishers.directory_rows()[:9]
    rows[3]["pcds"] = "none"
    given = publishers.write_csv(tmp_path / "ONSPD_NOV_2025_UK.csv", publishers.DIRECTORY, rows)
    code, said, told = braid("reference", "load", given, "--place", place)
    assert code == 1 and "the postcode has not the form of one: 1 row, line 5" in told and "none" not in told + said
    outlines = [{**one, "properties": {"code": "E01005000", "name": "A"}} for one in publishers.area_features()[:1]]
    unsaid = publishers.write_features(tmp_path / "outlines.geojson", outlines)
    code, _, told = braid("reference", "load", unsaid, "--place", place)
    assert code == 3 and "outlines.geojson" in told and "--areas 2021" in told and "areas_not_said" in told
    assert braid("reference", "load", unsaid, "--place", place, "--areas", "2021")[0] == 0
    assert braid("reference", "load", given, "--place", tmp_path)[0] == 2, "no place"
    assert braid("reference", "load", tmp_path / "absent.csv", "--place", place)[0] == 3


def test_a_place_without_reference_data_says_what_to_do(braid: Braid, place: Path) -> None:
    code, _, told = braid("reference", "list", place)
    assert code == 0 and "braid reference load" in " ".join(told.split())


def test_people_are_put_on_a_ground_with_its_attribution_kept(braid: Braid, tmp_path: Path) -> None:
    given = publishers.write_all(tmp_path / "given")
    code, said, _ = braid("example", tmp_path / "place", "--people", "500", "--geography", given, "--json")
    assert code == 0 and json.loads(said)["people"] == 500
    place = load_place(tmp_path / "place")
    assert place.has_fictional_people and place.name == "Fictional people on the ground of Six Towns"
    assert any("Royal Mail" in line for line in attribution_lines(place.folder))
    assert not list(tmp_path.glob(".braid-ground-*")), "nothing is left beside the place"


def test_a_ground_that_will_not_do_leaves_no_place(braid: Braid, tmp_path: Path) -> None:
    given = publishers.write_all(tmp_path / "given")
    (given / "ONSPD_NOV_2025_UK.csv").unlink()
    code, _, told = braid("example", tmp_path / "place", "--people", "500", "--geography", given)
    assert code == 3 and "postcode directory" in told and not (tmp_path / "place").exists()
    publishers.write_directory(given)
    code, _, told = braid("example", tmp_path / "place", "--people", "60000", "--geography", given)
    assert code == 3 and "too few postcodes" in told and not any((tmp_path / "place").iterdir())
    code, _, told = braid("example", tmp_path / "place", "--geography", tmp_path / "absent")
    assert code == 2 and "no such folder" in told

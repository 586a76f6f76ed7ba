"""The folder of agreements: a bad file decides nothing, is reported, and leaves the others standing."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.example.write_agreements import write_agreements
from braid.store.agreements import load_agreements
from braid.store.place_folder import Organisation, Place

COUNCILS = [f"{name}-council" for name in ("hallowmere", "quillbeck", "tarnwick", "osmerby", "fenhallow")]
OTHERS = {
    "arden-vale-ca": "authority",
    "arden-vale-icb": "icb",
    "family-court": "court",
    "crown-court": "court",
    "arden-vale-police": "police",
    "lanternhouse": "voluntary",
    "arden-vale-probation": "probation",
    "arden-vale-cafcass": "cafcass",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    write_agreements(tmp_path / "agreements")
    kinds = dict.fromkeys(COUNCILS, "council") | OTHERS
    organisations = tuple(Organisation(name, name, kind) for name, kind in kinds.items())
    return Place(tmp_path, "p", "P", None, organisations, (), ())


def test_the_example_is_read_whole(place: Place) -> None:
    loaded = load_agreements(place)
    assert (len(loaded.valid), dict(loaded.problems)) == (5, {})


@pytest.mark.parametrize("content", [b"[agreement", b"\xff\xfe", b"", b"x = " + b"[" * 5000, b"x = " + b"1" * 5000])
def test_a_file_that_cannot_be_read_leaves_the_others(place: Place, content: bytes) -> None:
    (place.folder / "agreements" / "bad.toml").write_bytes(content)
    loaded = load_agreements(place)
    assert len(loaded.valid) == 5
    assert set(loaded.problems) == {"agreements/bad.toml"}


def test_a_version_twice_or_overlapping_decides_nothing(place: Place) -> None:
    folder = place.folder / "agreements"
    text = (folder / "school-from-ta.toml").read_text(encoding="utf-8")
    for version in ("1.0", "2.0"):
        (folder / "copy.toml").write_text(text.replace('"1.0"', f'"{version}"', 1), encoding="utf-8")
        loaded = load_agreements(place)
        assert set(loaded.problems) == {"agreements/copy.toml", "agreements/school-from-ta.toml"}
        assert "school-from-ta" not in {agreement.id for agreement in loaded.valid}


def test_a_place_without_the_folder_has_no_agreements(tmp_path: Path) -> None:
    assert load_agreements(Place(tmp_path, "p", "P", None, (), (), ())).valid == ()

"""Bodies and the ground they serve: what the file may say, and every fault it may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.example.write import write_example
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.place.bodies import BODY_KINDS, Ground, ground_of, load_bodies, parse_bodies
from braid.store.place_folder import Place, load_place

PLACE_TOML = """[place]
id = "here"
name = "Here"
[[district]]
code = "E1"
id = "north"
name = "North"
council = "north-council"
[[district]]
code = "E2"
id = "south"
name = "South"
council = "south-council"
[[organisation]]
id = "north-council"
name = "North Council"
kind = "council"
[[organisation]]
id = "health"
name = "Health"
kind = "icb"
"""
GROUND = Ground({"E1": "North", "E2": "South"}, {"A1": "E1", "A2": "E1", "B1": "E2"})
SOUND = """[[body]]
id = "health"
districts = ["E2"]
areas = ["A2"]

[[body]]
id = "schools"
name = "Schools"
kind = "school_trust"
areas = ["A1"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    return load_place(tmp_path)


def test_a_sound_file_says_which_ground_each_serves(place: Place) -> None:
    bodies = {body.id: body for body in parse_bodies(SOUND, place, GROUND)}
    assert bodies["health"].areas == {"A2", "B1"}
    assert bodies["health"].districts == {"E2"}
    assert (bodies["health"].name, bodies["health"].kind) == ("Health", "icb")
    assert bodies["schools"].areas == {"A1"}
    assert bodies["north-council"].areas == {"A1", "A2"}


def test_without_a_file_a_council_serves_its_district_and_others_the_place(place: Place) -> None:
    bodies = {body.id: body for body in load_bodies(place)}
    assert bodies["north-council"].districts == {"E1"}
    assert bodies["health"].districts == {"E1", "E2"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('districts = ["E2"]\nareas = ["A2"]\n', ""), "serves no ground"),
        (('"A2"', '"A9"'), "not known"),
        (('"E2"', '"E9"'), "not known"),
        (('kind = "school_trust"', 'kind = "club"'), "not known"),
        (('name = "Schools"\n', ""), "'name' must be a text"),
        (('"schools"', '"health"'), "twice"),
        (('"schools"', '"our schools"'), "letters, digits and hyphens"),
        (("areas =", "ground ="), "unknown key"),
    ],
)
def test_a_fault_is_told_with_place_rule_and_next_step(place: Place, change: tuple[str, str], words: str) -> None:
    assert change[0] in SOUND
    with pytest.raises(RulesInvalid) as raised:
        parse_bodies(SOUND.replace(*change), place, GROUND)
    assert any(words in str(fault) for fault in raised.value.faults)


def test_what_is_no_toml_says_so(place: Place) -> None:
    with pytest.raises(RulesUnreadable):
        parse_bodies("body = [", place, GROUND)


def test_bounds_of_the_example_do_not_line_up(tmp_path: Path) -> None:
    write_example(tmp_path, 2_000, 3)
    place = load_place(tmp_path)
    ground = ground_of(place)
    bodies = {body.id: body for body in load_bodies(place)}
    assert {body.kind for body in bodies.values()} <= set(BODY_KINDS)
    courts = bodies["family-court"].areas | bodies["fenside-family-court"].areas
    assert courts == set(ground.area_districts)
    assert not bodies["family-court"].areas & bodies["fenside-family-court"].areas
    split = {ground.area_districts[area] for area in bodies["family-court"].areas}
    assert split & {ground.area_districts[area] for area in bodies["fenside-family-court"].areas}

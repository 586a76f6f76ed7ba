"""Templates that ship, and `boards.toml`: what they may say, and every fault they may have."""

from __future__ import annotations

import re

import pytest

from braid.example.write_boards import BOARDS
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.place.boards.board_file import parse_boards
from braid.place.boards.board_templates import SHIPPED, parse_template, shipped_templates, template_text
from braid.place.boards.quorum import is_quorate
from braid.place.boards.terms import Member
from braid.place.bodies import Body

KINDS = {
    "north": "council",
    "south": "council",
    "court": "court",
    "cafcass": "cafcass",
    "health": "icb",
    "watch": "voluntary",
    "mayor": "authority",
}
BODIES = {one: Body(one, one.title(), kind, frozenset(), frozenset()) for one, kind in KINDS.items()}
SOUND = """[[board]]
id = "justice"
name = "Justice Board"
template = "local_family_justice_board"
review_date = 2027-03-31
chair = "north"
[[board.seat]]
id = "court"
bodies = ["court"]
[[board.seat]]
id = "cafcass"
bodies = ["cafcass"]
[[board.seat]]
id = "childrens_services"
bodies = ["north", "south"]
"""
OWN = """[[board]]
id = "own"
name = "Own board"
purpose = "To try"
legal_basis = "None"
publication = "public"
publication_source = "Local choice"
papers_clear_days = 3
papers_source = "Local choice"
review_date = 2027-03-31
[[board.seat]]
id = "chair"
name = "Chair"
kinds = ["council"]
least = 1
votes = true
chairs = true
source = "Local choice"
bodies = ["north"]
[[board.seat]]
id = "other"
name = "Other"
kinds = ["icb", "court"]
least = 1
votes = true
source = "Local choice"
bodies = ["health", "court"]
[board.quorum]
least = 2
seats = { chair = 1 }
source = "Local choice"
[board.deciding]
rule = "consensus"
fallback = "two_thirds"
source = "Local choice"
[[board.reserved]]
id = "money"
name = "Money"
rule = "unanimous"
needs = ["chair"]
source = "Local choice"
"""


def test_every_template_that_ships_says_the_source_of_every_seat_and_rule() -> None:
    assert set(shipped_templates()) == set(SHIPPED)
    for template in shipped_templates().values():
        terms = template.terms
        sources = [one.source for one in (*terms.seats, *terms.reserved, terms.quorum, terms.deciding)]
        sources += [terms.publication_source, terms.papers_source]
        for source in sources:
            assert re.search(r"Act \d{4}|S\.I\. \d{4}|[Ll]ocal choice|Policy framework", source), source


@pytest.mark.parametrize(
    ("template", "seat", "law"),
    [
        ("health_and_wellbeing_board", "councillor", "section 194(2)(a)"),
        ("health_and_wellbeing_board", "healthwatch", "section 194(2)(e)"),
        ("health_and_wellbeing_board", "icb", "section 194(2)(f)"),
        ("community_safety_partnership", "probation", "section 5(1)(aa)"),
        ("community_safety_partnership", "victims", "section 58(2)(c)"),
        ("combined_authority", "constituent", "section 103(2)"),
    ],
)
def test_a_seat_that_the_law_asks_for_must_be_filled(template: str, seat: str, law: str) -> None:
    found = shipped_templates()[template].terms.seat(seat)
    assert law in found.source and found.least >= 1 and found.votes


def test_the_combined_authority_decides_as_its_order_says() -> None:
    """S.I. 2017/126, Schedule 1, paragraph 4: three with the mayor and two councils; the mayor in the majority."""
    terms = shipped_templates()["combined_authority"].terms
    assert (terms.quorum.least, dict(terms.quorum.seats)) == (3, {"mayor": 1, "constituent": 2})
    assert terms.deciding.chair_in_majority and not terms.deciding.casting_vote
    matter = terms.matter("spatial_strategy")
    assert matter.rule == "unanimous" and matter.all_present


def test_the_boards_of_the_example_place_are_sound() -> None:
    """The bodies that they name stand in place.toml and bodies.toml of the example; here by name and kind."""
    kinds = {
        "family-court": "court",
        "fenside-family-court": "court",
        "arden-vale-cafcass": "cafcass",
        "hallowmere-council": "council",
        "quillbeck-council": "council",
        "tarnwick-council": "council",
        "arden-vale-icb": "icb",
        "hallowmere-healthwatch": "voluntary",
        "beacon-schools": "school_trust",
        "arden-vale-police": "police",
        "arden-vale-probation": "probation",
        "arden-vale-fire": "fire",
        "lanternhouse": "voluntary",
    }
    bodies = {one: Body(one, one, kind, frozenset(), frozenset()) for one, kind in kinds.items()}
    boards = parse_boards(BOARDS, bodies)
    assert [one.template for one in boards] == list(SHIPPED[:3])
    assert all(is_quorate(one, one.members) and one.chair in one.voting for one in boards)


def test_a_board_by_template_has_its_terms_and_its_own_bodies() -> None:
    (board,) = parse_boards(SOUND, BODIES)
    assert board.chair == Member("childrens_services", "north")
    assert board.voting == (
        Member("court", "court"),
        Member("cafcass", "cafcass"),
        Member("childrens_services", "north"),
        Member("childrens_services", "south"),
    )
    assert board.terms.purpose == shipped_templates()["local_family_justice_board"].terms.purpose


def test_a_board_may_say_more_than_its_template() -> None:
    more = """[[board.seat]]
id = "mayor"
name = "Mayor"
kinds = ["authority"]
least = 1
votes = true
source = "Local choice"
bodies = ["mayor"]
[board.quorum]
least = 4
seats = { mayor = 1 }
source = "Local choice"
[board.deciding]
rule = "majority"
source = "Local choice"
"""
    (board,) = parse_boards(SOUND + more, BODIES)
    assert Member("mayor", "mayor") in board.voting and board.terms.quorum.least == 4
    assert board.terms.deciding.rule == "majority"


def test_a_board_from_scratch_has_the_terms_it_says() -> None:
    (board,) = parse_boards(OWN, BODIES)
    assert board.template == "" and board.terms.papers_clear_days == 3
    assert board.terms.deciding.fallback == "two_thirds" and board.terms.matter("money").needs == ("chair",)
    assert board.chair == Member("chair", "north")


def test_a_seat_known_to_be_empty_is_said_to_be_so() -> None:
    text = SOUND.replace('bodies = ["cafcass"]\n', "").replace(
        'chair = "north"', 'chair = "north"\nvacant = ["cafcass"]'
    )
    with pytest.raises(RulesInvalid, match="the quorum needs 1 of the seat 'cafcass'"):
        parse_boards(text, BODIES)
    quorum = '[board.quorum]\nleast = 2\nsource = "Local choice while the seat is empty"\n'
    (board,) = parse_boards(text + quorum, BODIES)
    assert board.vacant == ("cafcass",) and Member("cafcass", "cafcass") not in board.members


@pytest.mark.parametrize(
    ("base", "old", "new", "rule"),
    [
        (SOUND, 'id = "justice"', 'id = "decisions"', "neither actions nor decisions"),
        (SOUND, 'id = "justice"', 'id = "a b"', "letters, digits and hyphens"),
        (SOUND, '"local_family_justice_board"', '"parliament"', "not known"),
        (SOUND, 'bodies = ["court"]', 'bodies = ["nobody"]', "not known"),
        (SOUND, 'bodies = ["court"]', 'bodies = ["health"]', "may not hold the seat 'court'"),
        (SOUND, 'bodies = ["cafcass"]', "", "has 0 bodies and needs 1"),
        (SOUND, 'chair = "north"\n', "", "several bodies are on the seat that chairs"),
        (SOUND, 'chair = "north"', 'chair = "court"', "not known"),
        (SOUND, "review_date = 2027-03-31", 'review_date = "soon"', "must be a date"),
        (SOUND, 'name = "Justice Board"', "", "'name' must be a text"),
        (SOUND, 'bodies = ["court"]', 'bodies = ["court"]\nvotes = false', "unknown key 'votes'"),
        (SOUND, 'chair = "north"', 'chair = "north"\ncolour = "blue"', "unknown key 'colour'"),
        (SOUND, 'id = "court"', "id = []", "'id' must be a text"),
        (SOUND, 'id = "court"', "id = { a = 1 }", "'id' must be a text"),
        (OWN, 'id = "other"', "id = [1]", "'id' must be a text"),
        (SOUND, 'id = "cafcass"', 'id = "court"', "the seat 'court' is there twice"),
        (OWN, "chairs = true", "chairs = false", "one seat chairs"),
        (OWN, "votes = true", "votes = false", "no seat has a vote"),
        (OWN, "least = 2", "least = 9", "the quorum is 9 and 3 members vote"),
        (OWN, "seats = { chair = 1 }", "seats = { throne = 1 }", "the quorum names the seat 'throne'"),
        (OWN, "seats = { chair = 1 }", "seats = 1", "'seats' must be a table"),
        (OWN, 'rule = "consensus"', 'rule = "majority"', "'fallback' is for a board that decides by consensus"),
        (OWN, 'fallback = "two_thirds"', 'fallback = "consensus"', "not known"),
        (OWN, 'id = "other"', 'id = "chair"', "the seat 'chair' is there twice"),
        (OWN, 'id = "other"', 'id = "commissioner"', "every board has the seat 'commissioner'"),
        (OWN, 'needs = ["chair"]', 'needs = ["throne"]', "not known"),
        (OWN, '[board.quorum]\nleast = 2\nseats = { chair = 1 }\nsource = "Local choice"\n', "", "there is no quorum"),
        (OWN, "papers_clear_days = 3", "papers_clear_days = 99", "must be a whole number of working days"),
    ],
)
def test_a_fault_names_its_rule_and_the_next_step(base: str, old: str, new: str, rule: str) -> None:
    assert old in base
    with pytest.raises(RulesInvalid) as refused:
        parse_boards(base.replace(old, new), BODIES)
    faults = [fault for fault in refused.value.faults if rule in fault.rule]
    assert faults, [str(fault) for fault in refused.value.faults]
    assert all(fault.file == "boards.toml" and fault.next_step for fault in faults)


def test_two_boards_of_one_id_and_what_is_no_toml() -> None:
    with pytest.raises(RulesInvalid, match="there twice"):
        parse_boards(SOUND + SOUND, BODIES)
    with pytest.raises(RulesUnreadable):
        parse_boards("[[board", BODIES)


def test_a_template_seats_nobody() -> None:
    text = template_text("combined_authority").replace('kinds = ["authority"]', 'kinds = ["authority"]\nbodies = ["x"]')
    with pytest.raises(RulesInvalid, match="seats nobody"):
        parse_template(text, "combined_authority")

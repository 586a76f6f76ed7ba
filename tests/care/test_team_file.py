"""The file of teams: what it may say, and every fault it may have, each with place, rule and next step."""

from __future__ import annotations

import pytest

from braid.care.services import SERVICES
from braid.care.team_file import parse_teams
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.trust.roles import PURPOSES

SOUND = """[[team]]
id = "north-housing"
name = "Housing options"
organisation = "north-council"
services = ["homelessness", "placement"]
members = ["ann", "bea"]
leads = ["ann"]
"""


def test_a_sound_file_says_who_is_of_each_team() -> None:
    (team,) = parse_teams(SOUND, ["north-council"])
    assert (team.id, team.members, team.leads) == ("north-housing", ("ann", "bea"), ("ann",))
    assert parse_teams("", ["north-council"]) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("north-council", "south-council"), "not known"),
        (('"homelessness"', '"tea"'), "not known"),
        (('leads = ["ann"]', 'leads = ["cid"]'), "not among the members"),
        (('leads = ["ann"]', ""), "nobody leads"),
        (('["ann", "bea"]', '["ann", "ann"]'), "twice"),
        (('["ann", "bea"]', '"ann"'), "list of user names"),
        (('"north-housing"', '"north housing!"'), "letters, digits and hyphens"),
        (("name =", "title ="), "unknown key"),
    ],
)
def test_every_fault_names_place_rule_and_next_step(change: tuple[str, str], words: str) -> None:
    with pytest.raises(RulesInvalid, match=words) as refused:
        parse_teams(SOUND.replace(*change), ["north-council"])
    assert all(fault.file == "teams.toml" and fault.place and fault.next_step for fault in refused.value.faults)


def test_an_id_stands_once_and_what_is_no_toml_is_unreadable() -> None:
    with pytest.raises(RulesInvalid, match="there twice"):
        parse_teams(SOUND + SOUND, ["north-council"])
    with pytest.raises(RulesUnreadable):
        parse_teams("[[team", ["north-council"])


def test_every_service_serves_a_purpose_and_every_purpose_has_services() -> None:
    assert {purpose for one in SERVICES.values() for purpose in one.purposes} == set(PURPOSES)

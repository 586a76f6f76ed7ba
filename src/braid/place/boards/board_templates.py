"""The templates that ship: terms of reference of four kinds of boards, each fact with its law or its being a choice."""

from __future__ import annotations

from functools import cache
from importlib import resources

from braid.language.rule_files import RulesInvalid, read_toml
from braid.place.boards.terms import Template
from braid.place.boards.terms_file import LONGEST_NAME, TERMS_KEYS, parse_terms

SHIPPED = (
    "local_family_justice_board",
    "health_and_wellbeing_board",
    "community_safety_partnership",
    "combined_authority",
)
TOP = "template"


def template_text(template_id: str) -> str:
    """Return the file of a template that ships, as text."""
    folder = resources.files("braid.place.boards").joinpath("templates")
    return folder.joinpath(f"{template_id}.toml").read_text(encoding="utf-8")


@cache
def shipped_templates() -> dict[str, Template]:
    """Return the templates that ship, by id."""
    return {name: parse_template(template_text(name), name) for name in SHIPPED}


def parse_template(text: str, template_id: str) -> Template:
    """Return a template. Raises `RulesInvalid` with every fault found, `RulesUnreadable` where it is no TOML."""
    top = read_toml(text, f"{template_id}.toml", TOP)
    top.check_known(("name", *TERMS_KEYS))
    template = Template(template_id, top.text("name", LONGEST_NAME), parse_terms(top))
    for seat in top.tables("seat"):
        if seat.has("bodies"):
            seat.refuse("a template seats nobody", "name bodies in boards.toml")
    if top.faults:
        raise RulesInvalid(top.faults)
    return template

"""The guided day of the tutorials names what is there: each phrase in italics is on a page, each desk is a role."""

from __future__ import annotations

import re

from braid.cli.verbs import VERBS
from braid.trust.roles import ROLES
from shared import REPOSITORY

DAY = (REPOSITORY / "docs" / "tutorials" / "guided-day.md").read_text(encoding="utf-8")
SOURCE = REPOSITORY / "src" / "braid"


def what_pages_say() -> str:
    """Templates, code and rules as one text: what a page says is written in one of them."""
    kinds = ("*.html", "*.py", "*.toml")
    return "\n".join(path.read_text(encoding="utf-8") for kind in kinds for path in sorted(SOURCE.rglob(kind)))


def test_every_phrase_in_italics_stands_on_a_page() -> None:
    said = what_pages_say().lower()
    phrases = {" ".join(phrase.split()) for phrase in re.findall(r"(?<![*\w])\*([^*\n][^*]*?)\*(?![*\w])", DAY)}
    assert len(phrases) > 30
    assert sorted(phrase for phrase in phrases if phrase.lower() not in said) == []


def test_every_desk_is_a_role_and_every_verb_is_one() -> None:
    names = {role.name for role in ROLES.values()}
    desks = [desk for line in re.findall(r"^## [\d.]+: (.+)$", DAY, re.MULTILINE) for desk in line.split(", then ")]
    assert [desk for desk in desks if desk not in {*names, "the terminal"}] == []
    typed = set(re.findall(r"^\./braid ([\w-]+)", DAY, re.MULTILINE))
    assert typed
    assert typed - set(VERBS) == set()

"""Every command in the documents is one that can be typed: its verb, each option, each test that it names."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
from typer.main import get_command

from braid.cli.app import app
from braid.cli.default_verb import WithDefault
from shared import REPOSITORY

PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted(REPOSITORY.glob("docs/**/*.md"))]
IN_TEXT = re.compile(r"`((?:\./)?braid [a-z][^`\n]+)`")
IN_BLOCK = re.compile(r"^((?:\./)?braid [a-z][^#\n]+)", re.MULTILINE)
STARTERS = {"test": {"--full", "--figures", "--fuzz"}, "docs": {"--out"}}
"""What `./braid` starts from a clone beside the verbs, and the options of each."""


def typed_commands(text: str) -> list[list[str]]:
    """The words after `braid` of each command in a page; what may be left out stands there as typed."""
    text = text.replace("\\\n", " ")  # a command that goes on in the next line
    found = [*IN_TEXT.findall(text), *IN_BLOCK.findall(text)]
    single = [one for command in found for one in command.split("&&") if "braid " in one]
    return [shlex.split(re.sub(r"[\[\]…]", " ", one.replace("|", " ")))[1:] for one in single]


def every_command() -> Iterator[tuple[str, list[str]]]:
    for page in PAGES:
        if "decisions" not in page.parts and page.name != "CHANGELOG.md":  # these say what once was
            for words in typed_commands(page.read_text(encoding="utf-8")):
                yield str(page.relative_to(REPOSITORY)), words


def wrong_words(words: list[str]) -> list[str]:
    """The words of a command that nothing answers to."""
    verb, *rest = words
    if verb in STARTERS:
        paths = [word.split("::")[0] for word in rest if word.startswith("tests/")]
        options = rest[: rest.index("--")] if "--" in rest else rest
        unknown = [word for word in options if word.startswith("--") and word.split("=")[0] not in STARTERS[verb]]
        return unknown + [path for path in paths if not (REPOSITORY / path).exists()]
    command, left = get_command(app), list(words)
    while hasattr(command, "get_command") and left:
        context = command.make_context("braid", [], resilient_parsing=True)
        if isinstance(command, WithDefault) and command.get_command(context, left[0]) is None:
            left.insert(0, command.understood(left))
        below = command.get_command(context, left[0])
        if below is None:
            break
        command = below
        left.pop(0)
    if hasattr(command, "get_command") and left and not left[0].startswith("-"):
        return [left[0]]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return [word for word in left if word.startswith("--") and word.split("=")[0] not in known | {"--help"}]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["waits", "place", "--against", "truth"], []),
        (["waits", "place", "--no-such"], ["--no-such"]),
        (["no-such"], ["no-such"]),
        (["audit", "no-such"], ["no-such"]),
        (["link", "quality", "place", "--json"], []),
        (["link", "quality", "place", "--oops"], ["--oops"]),
        (["test", "--", "tests/nowhere.py"], ["tests/nowhere.py"]),
        (["test", "--ful"], ["--ful"]),
    ],
)
def test_what_nothing_answers_to_is_found(words: list[str], wrong: list[str]) -> None:
    assert wrong_words(words) == wrong


def test_every_command_of_the_documents_can_be_typed() -> None:
    commands = list(every_command())
    assert len(commands) > 150
    assert [(page, words) for page, words in commands if wrong_words(words)] == []

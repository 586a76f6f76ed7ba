"""Draw the house in docs/architecture.md from `.importlinter`, so that the picture is what is checked.

python tools/architecture.py           write the drawing
python tools/architecture.py --check   say by exit code whether the page is up to date
"""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path

from drawn_part import page_with, write_or_check

HOME = Path(__file__).resolve().parents[1]
CONTRACTS = HOME / ".importlinter"
PAGE = HOME / "docs" / "architecture.md"
START, END = "<!-- drawn from .importlinter: start -->", "<!-- drawn from .importlinter: end -->"
WIDTH = 46


def read_layers(text: str) -> list[list[str]]:
    """Return the layers from the top down, each a list of rooms; brackets mark rooms that may be missing."""
    contracts = configparser.ConfigParser()
    contracts.read_string(text)
    lines = contracts["importlinter:contract:layers"]["layers"].split("\n")
    return [[room.strip() for room in line.split("|")] for line in lines if line.strip()]


def draw_layers(layers: list[list[str]]) -> str:
    """Return the house as text: a room may import those on the floors below it, never one above or beside it."""
    floors = [f"│ {'  │  '.join(rooms):<{WIDTH}} │" for rooms in layers]
    rule = "─" * (WIDTH + 2)
    return "\n".join([f"┌{rule}┐", f"\n├{rule}┤\n".join(floors), f"└{rule}┘"])


def read_reasons(text: str) -> list[tuple[str, str]]:
    """Return each contract's name and the comment that says why it stands."""
    pattern = r"((?:^#.*\n)+)\[importlinter:contract:[^\]]+\]\nname = (.*)"
    found = re.findall(pattern, text, flags=re.MULTILINE)
    return [(name, re.sub(r"\s*\n?# (Why: )?", " ", comment).strip()) for comment, name in found]


def draw() -> str:
    """Return the drawn part of the page, which stands between the marks."""
    text = CONTRACTS.read_text(encoding="utf-8")
    reasons = "\n".join(f"| {name} | {reason} |" for name, reason in read_reasons(text))
    table = f"| contract | why |\n|---|---|\n{reasons}"
    return f"\n```text\n{draw_layers(read_layers(text))}\n```\n\n{table}\n"


def main(arguments: list[str]) -> int:
    """Write the page or, with `--check`, compare it."""
    done = write_or_check(PAGE, page_with(PAGE, START, END, draw()), arguments)
    if done:
        said = "docs/architecture.md is not what .importlinter says. Next step: python tools/architecture.py"
        print(said, file=sys.stderr)
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

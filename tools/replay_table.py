"""Draw the replays of joint work in docs/trust.md from `tests/replays/joint_table.py`, to which the replays are held.

python tools/replay_table.py           write the table
python tools/replay_table.py --check   say by exit code whether the page is up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests" / "replays")]

from joint_table import CHANNELS, REPLAYS, table  # noqa: E402

from drawn_part import page_with, write_or_check  # noqa: E402

PAGE = REPOSITORY / "docs" / "trust.md"
START = "<!-- drawn from tests/replays/joint_table.py: start -->"
END = "<!-- drawn from tests/replays/joint_table.py: end -->"


def draw() -> str:
    """Return the drawn part of the page, which stands between the marks."""
    played = sum(len(one.channels) for one in REPLAYS.values())
    counts = f"{len(REPLAYS)} breaches, {len(CHANNELS)} channels of joint work"
    said = f"{counts}: {played} of {played} pairs played are stopped."
    return "\n".join(["", said, "", *table(), ""])


def new_page() -> str:
    """Return the page with its drawn part replaced. Raises `ValueError` when the page has lost its marks."""
    return page_with(PAGE, START, END, draw())


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, new_page(), sys.argv[1:]))

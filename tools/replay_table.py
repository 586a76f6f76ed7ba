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

PAGE = REPOSITORY / "docs" / "trust.md"
START = "<!-- drawn from tests/replays/joint_table.py: start -->"
END = "<!-- drawn from tests/replays/joint_table.py: end -->"


def draw() -> str:
    """Return the drawn part of the page."""
    played = sum(len(one.channels) for one in REPLAYS.values())
    counts = f"{len(REPLAYS)} breaches, {len(CHANNELS)} channels of joint work"
    said = f"{counts}: {played} of {played} pairs played are stopped."
    return "\n".join([START, said, "", *table(), END])


def new_page() -> str:
    """Return the page with its drawn part replaced. Raises `ValueError` when the page has lost its marks."""
    before, start, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{PAGE.name} has lost the marks {START} and {END}; put them back around the table")
    return before + draw() + after


def main() -> int:
    """Write the page, or say whether it is up to date."""
    page = new_page()
    if "--check" in sys.argv[1:]:
        return int(page != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

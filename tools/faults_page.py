"""Draw docs/reference/faults.md from `tests/faults/catalogue.py`: each fault and what Braid does.

python tools/faults_page.py           write the table
python tools/faults_page.py --check   say by exit code whether the page is up to date
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from drawn_part import page_with, write_or_check

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "reference" / "faults.md"
START = "<!-- drawn from tests/faults/catalogue.py: start -->"
END = "<!-- drawn from tests/faults/catalogue.py: end -->"
CATALOGUE = runpy.run_path(str(REPOSITORY / "tests" / "faults" / "catalogue.py"))


def draw() -> str:
    """Return the drawn part of the page, which stands between the marks."""
    return "\n".join(["", *CATALOGUE["table"](), ""])


def new_page() -> str:
    """Return the page with its drawn part replaced. Raises `ValueError` when the page has lost its marks."""
    return page_with(PAGE, START, END, draw())


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, new_page(), sys.argv[1:]))

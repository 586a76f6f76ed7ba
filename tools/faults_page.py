"""Draw docs/reference/faults.md from `tests/faults/catalogue.py`: each fault and what Braid does.

python tools/faults_page.py           write the table
python tools/faults_page.py --check   say by exit code whether the page is up to date
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "reference" / "faults.md"
START = "<!-- drawn from tests/faults/catalogue.py: start -->"
END = "<!-- drawn from tests/faults/catalogue.py: end -->"
CATALOGUE = runpy.run_path(str(REPOSITORY / "tests" / "faults" / "catalogue.py"))


def draw() -> str:
    """Return the drawn part of the page."""
    return "\n".join([START, *CATALOGUE["table"](), END])


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

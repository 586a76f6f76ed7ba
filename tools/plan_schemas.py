"""Write the JSON Schemas of the problems and plans of every kind into docs/reference; the tests diff them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.language.documents import schema  # noqa: E402
from braid.planning.kinds import KINDS  # noqa: E402

FOLDER = REPOSITORY / "docs" / "reference"


def schemas() -> dict[str, str]:
    """Return the text of each schema by its file name."""
    made = {}
    for kind in KINDS.values():
        for part, document in (("problem", kind.problem), ("plan", kind.plan)):
            text = json.dumps(schema(document, f"{kind.title}: {part}"), indent=1, ensure_ascii=False)
            made[f"{kind.name}-{part}.schema.json"] = text + "\n"
    return made


def main() -> None:
    """Write them."""
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

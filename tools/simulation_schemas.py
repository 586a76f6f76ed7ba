"""Write the JSON Schemas of the documents of simulations into docs/reference; the tests diff them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from braid.language.documents import schema  # noqa: E402
from braid.simulation.answer import Answer, Question  # noqa: E402
from braid.simulation.model import Network  # noqa: E402
from braid.simulation.scenarios import Scenario  # noqa: E402
from braid.simulation.targets import ReachQuestion, SensitivityQuestion  # noqa: E402

FOLDER = REPOSITORY / "docs" / "reference"
DOCUMENTS: dict[str, type[Any]] = {
    "network": Network,
    "scenario": Scenario,
    "question": Question,
    "answer": Answer,
    "reach-question": ReachQuestion,
    "sensitivity-question": SensitivityQuestion,
}


def schemas() -> dict[str, str]:
    """Return the text of each schema by its file name."""
    return {
        f"simulation-{name}.schema.json": json.dumps(
            schema(document, f"Simulation: {name.replace('-', ' ')}"), indent=1, ensure_ascii=False
        )
        + "\n"
        for name, document in DOCUMENTS.items()
    }


def main() -> None:
    """Write them."""
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

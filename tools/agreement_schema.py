"""Writes docs/reference/agreement.schema.json from the vocabularies of `braid.trust`."""

from __future__ import annotations

import json
from pathlib import Path

from braid.trust.agreement_schema import agreement_schema

TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "agreement.schema.json"


def render() -> str:
    """Return the file's text."""
    return json.dumps(agreement_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")

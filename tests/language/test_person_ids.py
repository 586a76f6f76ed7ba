"""The one definition of what the id of a person looks like."""

import ast
import re
from pathlib import Path

import pytest

from braid.language.person_ids import is_person_id
from braid.people.identity import draw_id

SOURCE = Path(__file__).resolve().parents[2] / "src" / "braid"
OF_PERSON_IDS = re.compile(r"\[0-9a-f-?\]\{")
DRAWN = "4f0c2d9be17a4c53a8e6d1f0927b35c8"


def test_what_is_drawn_is_an_id():
    assert all(is_person_id(draw_id()) for _ in range(100))


@pytest.mark.parametrize(
    "text",
    [
        *("", "9434765919", "943 476 5919", "943-476-5919", "QQ123456C", "absent", "01/02/2015"),
        *(DRAWN[:-1], DRAWN + "0", DRAWN.upper(), DRAWN + "\n", f" {DRAWN}", "4f0c2d9b-e17a-4c53-a8e6-d1f0927b35c8"),
        *(DRAWN[:-1] + "\x00", DRAWN[:-1] + "٣", "g" * 32),
    ],
)
def test_another_number_is_none(text):
    assert not is_person_id(text)


def test_no_other_module_says_what_an_id_of_a_person_looks_like():
    """A second definition would drift; the guard looks for hashes, tracing for ids of traces: something else."""
    found = {
        str(path.relative_to(SOURCE))
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and OF_PERSON_IDS.search(node.value)
    }
    assert found == {"language/person_ids.py", "trust/locations.py", "web/traces/tracing.py"}

"""Every figure that a page or an answer publishes comes from a cube; the syntax tree says so."""

import ast
import json
from pathlib import Path

import pytest

import braid.api
import braid.trust
import braid.web
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT
from braid.web.figures import get_place_figures
from braid.web.models import BacklogMeasure

HOLDERS_OF_EXACT_FIGURES = {"figures.py", "publish.py", "pages_role.py", "published.py", "__init__.py"}
"""Of the modules that name the table: who publishes from it, who fills it, who grants it, and the model itself."""
AGGREGATES = {"aggregate", "annotate", "Count", "Sum", "Avg", "Min", "Max", "Window"}


def trees(*rooms) -> dict[Path, ast.Module]:
    paths = [path for room in rooms for path in Path(room.__file__).parent.rglob("*.py")]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths if "migrations" not in path.parts}


def names(tree: ast.AST) -> set[str]:
    """Every name, attribute, imported name and text of a tree."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(node.value.replace("_", "").lower().split()) & {"backlogmeasure", "braidbacklogmeasure"}
    return found


def test_exact_figures_are_read_in_one_module_and_handed_to_the_cube_alone():
    """A page that read the table itself, or a figure that went past `publish`, would stand here."""
    naming = {
        path.name
        for path, tree in trees(braid.web, braid.api).items()
        if names(tree) & {"BacklogMeasure", "backlogmeasure", "braidbacklogmeasure"}
    }
    assert naming <= HOLDERS_OF_EXACT_FIGURES
    tree = trees(braid.web)[Path(braid.web.__file__).parent / "figures.py"]
    readers = [
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and "BacklogMeasure" in names(function)
    ]
    assert readers == ["_exact_rows"]
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "_exact_rows"]
    handed = [
        argument.func
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "publish"
        for argument in call.args
        if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name)
        if argument.func.id == "_exact_rows"
    ]
    assert len(uses) == 1
    assert uses == handed


def test_only_the_cube_makes_figures_publishable_and_no_view_adds_up():
    """Rounding by hand is not publishing: a view that rounds or adds up rows itself has a figure of its own."""
    for path, tree in trees(braid.web, braid.api).items():
        assert not {name for name in names(tree) if name.startswith("publishable_")}, path.name
        if "views" in path.parts or path.is_relative_to(Path(braid.api.__file__).parent):
            assert not names(tree) & AGGREGATES, path.name


@pytest.mark.django_db
def test_page_api_and_cube_show_the_same_figures(published, client_of):
    answer = json.loads(client_of("board_member").get("/api/place").content)
    figures = get_place_figures()
    measures = [measure.name for measure in WAITS_BY_KIND_AND_DISTRICT.measures]
    assert [[row[name] for name in measures] for row in answer["kinds"]] == [
        [getattr(row, name) for name in measures] for row in figures.kinds
    ]
    assert len(figures.kinds) == BacklogMeasure.objects.filter(district_code="").count()
    for district in answer["districts"]:
        assert [row["kind"] for row in district["kinds"]] == [row["kind"] for row in answer["kinds"]]

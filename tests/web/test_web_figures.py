"""Every figure that a page or an answer publishes comes from a cube; the syntax tree says so."""

import ast
import base64
import csv
import hashlib
import io
import json
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

import braid.api
import braid.trust
import braid.web
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT
from braid.web.figures import get_place_figures
from braid.web.models import BacklogMeasure, District

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
    answer = json.loads(client_of("board_member").get("/api/v1/place").content)
    figures = get_place_figures()
    measures = [measure.name for measure in WAITS_BY_KIND_AND_DISTRICT.measures]
    assert [[row[name] for name in measures] for row in answer["kinds"]] == [
        [getattr(row, name) for name in measures] for row in figures.kinds
    ]
    assert len(figures.kinds) == BacklogMeasure.objects.filter(district_code="").count()
    for district in answer["districts"]:
        assert [row["kind"] for row in district["kinds"]] == [row["kind"] for row in answer["kinds"]]


FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@pytest.mark.django_db
def test_the_files_hold_the_figures_of_the_api(published, client_of):
    client = client_of("board_member")
    answer = json.loads(client.get("/api/v1/place").content)
    areas = [("Whole place", answer["kinds"]), *((one["name"], one["kinds"]) for one in answer["districts"])]
    wanted = [(area, row) for area, rows in areas for row in rows]
    files = {form: client.get(f"/place/figures.{form}") for form in FORMS}
    read = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig"), newline="")))[1:]
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content))["Figures"]
    sheet = [[str(value) for value in line] for line in book.iter_rows(min_row=2, values_only=True)]
    assert sheet == [line[:-2] for line in read]
    assert len(read) == len(wanted)
    for line, (area, row) in zip(read, wanted, strict=True):
        assert line[:3] == [area, row["kind_name"], row["backlog_name"]]
        for shown, measure in zip(line[3:], WAITS_BY_KIND_AND_DISTRICT.measures, strict=False):
            value = row[measure.name]
            assert shown in ("[c]", "[z]") if value is None else shown == str(value)
        assert (line[5] == "[z]") == (not row["has_limit"] or row["waiting"] == 0)
        assert line[-2] == "test-board_member (Board member)"
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["pdf"].content)).pages)
    assert all(row["kind_name"].replace(" ", "") in words.replace(" ", "").replace("\n", "") for _, row in wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_named_kept_and_hashed_rightly(form, published, client_of):
    answer = client_of("analyst").get(f"/place/figures.{form}")
    assert answer["Content-Type"] == FORMS[form]
    assert answer["Content-Disposition"] == f'attachment; filename="figures-2026-11-15.{form}"'
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer["Content-Digest"] == f"sha-256=:{digest}:"


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["exe", "csv.exe", "CSV", "%00", "pdf/"])
def test_other_forms_are_not_there(form, published, client_of):
    assert client_of("analyst").get(f"/place/figures.{form}").status_code == 404


@pytest.mark.django_db
def test_a_file_that_is_not_what_was_to_be_written_is_not_handed_out(published, client_of):
    District.objects.filter(name="Northmere").update(name="Northmere \u6f22")
    answer = client_of("analyst").get("/place/figures.pdf")
    assert answer.status_code == 409
    assert b"%PDF" not in answer.content and b"workbook instead" in answer.content
    assert client_of("analyst").get("/place/figures.csv").status_code == 200

"""The documents and the project's own files are held to the code."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from braid.language.codes import BACKLOGS
from braid.language.findings import TABLES

REPOSITORY = Path(__file__).resolve().parents[2]
PYPROJECT = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
GLOSSARY = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
LOCKS = sorted((REPOSITORY / "requirements").glob("*.txt"))
HOST = re.compile(r"https?://|\bresolved\b|--index-url|--extra-index-url|--find-links")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:(?:home|Users)/\w|root/|work/|tmp/(?:trees|tools)/)")
TEXT_ENDINGS = (".py", ".md", ".toml", ".txt", ".yml", ".json", ".csv", ".html", ".css", ".js", ".mjs", ".sh", ".cfg")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this copy of the project is not a git clone")
    paths = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and (path.suffix in TEXT_ENDINGS or not path.suffix)]


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["# Braid", "", "```sh"]
    assert [line.split("#")[0].strip() for line in lines[3:6]] == ["./braid demo", "./braid test", "```"]


def test_every_backlog_is_in_the_glossary() -> None:
    assert [backlog.name for backlog in BACKLOGS.values() if f"| {backlog.name.lower()} |" not in GLOSSARY] == []


def test_every_table_is_in_the_glossary() -> None:
    assert [name for name in TABLES if f"`{name}`" not in GLOSSARY] == []


def test_the_glossary_has_one_line_for_a_word() -> None:
    words = re.findall(r"^\| (.+?) \|", GLOSSARY, flags=re.MULTILINE)
    headings = {"word", "---"}
    assert sorted(word for word in set(words) - headings if words.count(word) > 1) == []


@pytest.mark.parametrize(
    "page", sorted(REPOSITORY.glob("*.md")) + sorted(REPOSITORY.glob("docs/**/*.md")), ids=relative
)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_dependency_says_why_it_is_there() -> None:
    project = tomllib.loads(PYPROJECT)["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    reasons = dict(re.findall(r'^\s+"([^"]+)",\s+#\s*(\S.*)$', PYPROJECT, flags=re.MULTILINE))
    assert [requirement for requirement in wanted if len(reasons.get(requirement, "")) < 10] == []


def test_the_licence_is_the_one_the_project_names() -> None:
    project = tomllib.loads(PYPROJECT)["project"]
    assert (REPOSITORY / "LICENSE").read_text(encoding="utf-8").startswith(f"{project['license']} License")
    publiccode = (REPOSITORY / "publiccode.yml").read_text(encoding="utf-8")
    assert f"license: {project['license']}\n" in publiccode
    assert f"softwareVersion: {project['version']}\n" in publiccode


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_locks_name_no_host_and_hash_every_package(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert HOST.findall(text) == []
    pins = re.findall(r"^[a-z0-9][^\s=]*==.*$", text, flags=re.MULTILINE)
    assert pins
    assert [pin for pin in pins if not pin.endswith("\\")] == []
    assert len(re.findall(r"\\\n    --hash=sha256:", text)) >= len(pins)


def test_dev_is_locked_on_top_of_core() -> None:
    core, dev = (
        set(
            re.findall(
                r"^([a-z0-9][^\s=]*==[^\s]+)", (REPOSITORY / "requirements" / name).read_text(), flags=re.MULTILINE
            )
        )
        for name in ("core.txt", "dev.txt")
    )
    assert core - dev == set()


def test_node_lock_files_name_no_host() -> None:
    locks = [path for path in tracked_files() if path.name in ("package-lock.json", "npm-shrinkwrap.json")]
    assert [relative(path) for path in locks if '"resolved"' in path.read_text(encoding="utf-8")] == []
    assert [relative(path) for path in tracked_files() if path.name in ("uv.lock", "pylock.toml")] == []


def test_no_tracked_file_knows_the_machine_it_was_written_on() -> None:
    found = [
        f"{relative(path)}:{number}"
        for path in tracked_files()
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_every_decision_names_what_was_rejected() -> None:
    pages = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if "\nRejected:\n" not in page.read_text(encoding="utf-8")] == []
    for number, page in enumerate(pages, 1):
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in sorted((REPOSITORY / "src" / "braid").rglob("*.py")) if "migrations" not in path.parts]
    texts = {path: path.read_text(encoding="utf-8") for path in modules}
    silent = [path for path, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))]
    assert [relative(path) for path in silent] == []

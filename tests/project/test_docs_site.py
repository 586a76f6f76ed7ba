"""The documents as a site: built by one command, every page in the side bar once, every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared import REPOSITORY

TOOL = REPOSITORY / "tools" / "build_docs.py"


def build(out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), "--out", str(out)], capture_output=True, text=True, check=False)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    done = build(tmp_path)
    assert done.returncode == 2
    assert "Next step" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_the_site_holds_every_page_once_and_fetches_nothing(tmp_path: Path) -> None:
    done = build(tmp_path / "site")
    assert done.returncode == 0, done.stderr
    site = tmp_path / "site"
    written = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("benchmarks/*/README.md")]
    pages = {str(path.relative_to(REPOSITORY).with_suffix(".html")) for path in written}
    assert {str(path.relative_to(site)) for path in site.rglob("*.html")} - pages == {
        "genindex.html",
        "index.html",
        "search.html",
    }
    front = (site / "README.html").read_text(encoding="utf-8")
    side = front[front.index("sidebar-tree") : front.index("</aside>")]
    listed = re.findall(r'href="([^"#]+\.html)"', side)
    assert sorted(listed) == sorted(pages - {"README.html"})
    fetched = [
        (path.name, found)
        for path in site.rglob("*.html")
        for found in re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"', path.read_text("utf-8"))
    ]
    assert fetched == []
    assert build(site).returncode == 0, "a site of ours is built again"


@pytest.mark.slow
def test_a_link_that_leads_nowhere_is_told_by_page_and_line(tmp_path: Path) -> None:
    home = tmp_path / "project"
    (home / "docs").mkdir(parents=True)
    (home / "tools").mkdir()
    (home / "src" / "braid" / "web" / "static" / "braid").mkdir(parents=True)
    (home / "src/braid/web/static/braid/icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (home / "README.md").write_text("# Front\n\nSee [it](docs/gone.md).\n", encoding="utf-8")
    (home / "tools" / "build_docs.py").write_text(TOOL.read_text(encoding="utf-8"), encoding="utf-8")
    (home / "tools" / "docs_site").symlink_to(REPOSITORY / "tools" / "docs_site")
    command = [sys.executable, str(home / "tools" / "build_docs.py"), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "README.md:3" in done.stderr
    assert "docs/gone.md" in done.stderr

"""How the documents become a site: every page of `docs/` and of the project's root, as they stand, with an order of
their own in the side bar. Sphinx reads this file; `./braid docs` runs it.

The pages are written for reading as files too, so none holds a table of contents: it is added to the front page as it
is read, from the folders that there are.
"""

import re
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
project = "Braid"
html_title = "Braid"
root_doc = "README"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
include_patterns = ["*.md", "docs/**.md", "benchmarks/*/README.md"]
exclude_patterns = [".*", "src", "tests", "tools", "frontend"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
html_theme = "furo"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_favicon = str(HOME / "src" / "braid" / "web" / "static" / "braid" / "icon.svg")
suppress_warnings = ["misc.highlighting_failure"]

PARTS = (
    ("Use it", ("docs/tutorials/*", "docs/tutorial-problem", "docs/manual/README", "docs/manual/*", "docs/care")),
    ("Read and link", ("docs/sources", "docs/linkage/*", "docs/link-reviews", "docs/households")),
    (
        "Decide and plan",
        ("docs/priority", "docs/planning/*", "docs/simulation/README", "docs/simulation/*", "docs/place/*"),
    ),
    ("Run it", ("docs/operations/README", "docs/operations/*", "SECURITY")),
    ("Trust", ("docs/trust", "docs/promises", "docs/dpia-template", "docs/*")),
    ("Look up", ("docs/glossary", "docs/measured", "benchmarks/*/README", "docs/architecture", "docs/reference/*")),
    ("Why it is so", ("CONTRIBUTING", "CHANGELOG", "docs/decisions/*")),
)
"""The parts of the side bar and what stands in each; a page that is named twice stands where it is named first."""


FOLDER_LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*?)/?\)")


def lead_into_folders(app, docname, source):
    """Let a link to a folder lead to its README, or to its first page: a site has no page for a folder."""
    here = Path(app.srcdir, docname).parent

    def page_of(link):
        folder = here / link[1]
        if not folder.is_dir():
            return link[0]
        pages = sorted(folder.glob("*.md"))
        first = folder / "README.md" if folder / "README.md" in pages else pages[0]
        return f"]({link[1]}/{first.name})"

    source[0] = FOLDER_LINK.sub(page_of, source[0])


def add_contents(app, docname, source):
    """Put the table of contents at the end of the front page: a part each, every page once."""
    if docname != root_doc:
        return
    there, placed = sorted(app.env.found_docs - {root_doc}), set()
    named = {page for _, patterns in PARTS for page in patterns if "*" not in page}
    for caption, patterns in PARTS:
        pages = []
        for pattern in patterns:
            fitting = [page for page in there if fits(page, pattern) and (page == pattern or page not in named)]
            pages += [page for page in fitting if page not in placed]
            placed.update(fitting)
        if pages:
            lines = [f"/{page}" for page in pages]
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(lines) + "\n```\n"


def fits(page, pattern):
    """Return whether a page has the name, where `*` stands for one part of it and never for a folder more."""
    parts, wanted = page.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(w in ("*", part) for part, w in zip(parts, wanted, strict=True))


def setup(app):
    """Sphinx calls this once."""
    app.connect("source-read", lead_into_folders)
    app.connect("source-read", add_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

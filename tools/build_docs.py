"""Build the documents as a site; run by `./braid docs`. Nothing is fetched, and the pages need no server.

    ./braid docs                   into the folder `site`
    ./braid docs --out FOLDER      into another

Exit code 0 when it is built; 1 when a link leads nowhere or a page cannot be read: then what is wrong is said with its
page and line; 2 for a folder that holds something else.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
CONFIGURATION = HOME / "tools" / "docs_site"
FRONT = "README.html"
MADE_BY_US = "objects.inv"
"""What Sphinx writes into each site: a folder without it and with something else is not ours to write into."""
FIRST_PAGE = (
    '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Braid</title>'
    f'<meta http-equiv="refresh" content="0; url={FRONT}"><a href="{FRONT}">Braid</a></html>\n'
)


def build(out: Path, doctrees: Path) -> int:
    """Build the site into `out`, keeping what was read in `doctrees`; every warning is a failure. Return the code."""
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--fail-on-warning", "--keep-going", "--quiet"]
    command += ["--jobs", "2", "--conf-dir", str(CONFIGURATION), "--doctree-dir", str(doctrees), str(HOME), str(out)]
    code = subprocess.run(command, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}).returncode
    if code == 0:
        (out / "index.html").write_text(FIRST_PAGE, encoding="utf-8")
    return code


def main(arguments: list[str]) -> int:
    """Read the arguments, build, and say where the site is."""
    parser = argparse.ArgumentParser(prog="braid docs", description="Build the documents as a site.")
    parser.add_argument("--out", type=Path, default=HOME / "site", help="the folder to write the site into")
    out = parser.parse_args(arguments).out.resolve()
    if out.is_dir() and any(out.iterdir()) and not (out / MADE_BY_US).is_file():
        print(f"braid: {out} holds something else. Next step: name an empty folder with --out", file=sys.stderr)
        return 2
    code = build(out, out / ".doctrees")
    if code != 0:
        print("braid: the site is not whole. Next step: mend the pages named above", file=sys.stderr)
        return 1
    print(f"The documents are in {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Make the pictures of the manual anew: `python tools/manual_pictures.py`.

Plays the three cycles of `tests/web/test_web_tables_browser.py` in a real browser, some ten minutes, and puts the
picture of each step where the pages of `docs/manual` look for it. Nothing is replaced unless every picture is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests" / "web")]

from manual_album import CYCLES, STEPS, name_of  # noqa: E402

TEST = "tests/web/test_web_tables_browser.py"
TARGET = REPOSITORY / "docs" / "manual" / "pictures"


def main() -> int:
    """Play the cycles and put the pictures in place. Return 1 where a cycle or a picture failed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"BRAID_PICTURES": folder, "PYTHONPATH": "tools:src:tests"}
        command = [sys.executable, "-m", "pytest", "-p", "browser_last", "-q", TEST]
        if subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode:
            print("a cycle failed: the pictures stay as they are", file=sys.stderr)
            return 1
        return put_in_place(Path(folder) / "manual")


def put_in_place(made: Path) -> int:
    """Replace the pictures of the manual by those in a folder; return 1, and replace none, where one is missing."""
    names = [name_of(case_type, step) for case_type in CYCLES for step in STEPS]
    missing = [name for name in names if not (made / name).is_file()]
    if missing:
        print(f"no picture was made of: {', '.join(missing)}", file=sys.stderr)
        return 1
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for name in names:
        shutil.copyfile(made / name, TARGET / name)
    size = sum((TARGET / name).stat().st_size for name in names)
    print(f"{len(names)} pictures, {size / 1_000_000:.1f} MB, in {TARGET.relative_to(REPOSITORY)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""An example place as verbs made and ran it, with a database that its first use has filled.

It is made once for a whole run of tests, then copied.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.forked import braid
from lent_database import copy_place, lend_database
from made_once import make_once


def put_ran_place(folder: Path) -> dict[str, Any]:
    """Put the place into `folder`, which is not there; return what `braid run` told of it."""
    made = make_once("ran", _make) or folder.with_name(f"{folder.name}-made")
    if not made.exists():
        _make(made)
    copy_place(made / "place", folder)
    return json.loads((made / "told.json").read_text(encoding="utf-8"))


def _make(at: Path) -> None:
    at.mkdir()
    place = at / "place"
    made = braid("example", place, "--people", "600", "--seed", "2", "--json")
    assert made.returncode == 0, made.stderr
    json.loads(made.stdout)
    ran = braid("run", place, "--json")
    assert ran.returncode in (0, 1), ran.stderr
    (at / "told.json").write_text(ran.stdout, encoding="utf-8")
    lend_database(place / "state")
    first = braid("user", "token", "nobody", place, "--by", "nobody", "--reference", "HR-7")
    assert first.returncode == 5, "publishes the run and makes the demo users, and leaves nothing else in the record"

"""From publishers' files to published pages: fictional people on open ground through the whole chain."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.store.lake import Lake
from braid.store.place_folder import load_place
from extracts.reference import publishers
from lent_database import lend_database
from shared import REPOSITORY

PUBLISH = """
import sys
from pathlib import Path
from braid.web.serve import web_app
with web_app(Path(sys.argv[1])):
    from django.test import Client
    from braid.web.models import PublishedGround, PublishedRun
    ground, run = PublishedGround.objects.get().document, PublishedRun.objects.get()
    page = Client().get("/sign-in/", follow=True).content.decode()
    import json
    print(json.dumps({"attribution": ground["attribution"], "name": run.place_name, "page": page,
                      "districts": [one["name"] for one in ground["districts"]],
                      "drawn": all(one["rings"] for one in ground["districts"])}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place of fictional people on the ground of small publishers' files, run once."""
    base = tmp_path_factory.mktemp("ground")
    given = publishers.write_all(base / "given")
    braid("example", base / "place", "--people", "800", "--geography", given)
    braid("run", base / "place")
    return base / "place"


def braid(*arguments: str | Path) -> None:
    """Run a verb in a process of its own; 1 says that rows were rejected, as the example plants some."""
    done = subprocess.run([sys.executable, "-m", "braid", *map(str, arguments)], env=environment(), capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()[-2000:]


def environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "BRAID_WORKERS": "1"}


def test_people_are_counted_on_real_small_areas(folder: Path) -> None:
    run = Lake(load_place(folder).lake_folder).current()
    assert run is not None
    counted = pq.read_table(run.table("area_measure")).to_pylist()
    areas = {publishers.area_code(d, a) for d in range(publishers.DISTRICTS) for a in range(publishers.AREAS_EACH)}
    assert len(counted) > 10 and {row["area_code"] for row in counted} <= areas
    deciles = {row["deprivation_decile"] for row in pq.read_table(run.table("postcode")).to_pylist()}
    assert deciles == {1, 2, 3, 4, 5, 6}


def test_what_is_published_names_the_publishers_and_says_that_nobody_is_real(folder: Path) -> None:
    lend_database(folder / "state")
    command = [sys.executable, "-c", PUBLISH, str(folder)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["name"] == "Fictional people on the ground of Six Towns"
    assert found["districts"] == list(publishers.NAMES) and found["drawn"]
    assert "Royal Mail" in found["attribution"]
    text = re.sub(r"<[^>]+>", " ", found["page"])
    assert "Nobody on these pages is real" in text and "Office for National Statistics" in text

"""Through a transaction pooler with a single connection, nobody gets a row of whoever used it before."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pooler_run import find_pgbouncer

RUN = Path(__file__).with_name("pooler_run.py")


@pytest.mark.parametrize(
    ("pages", "bulk", "seconds"), [(300, 700, 200), pytest.param(20_000, 1_000_000, 7_200, marks=pytest.mark.slow)]
)
def test_two_viewers_and_a_stranger_share_one_connection(pages, bulk, seconds, tmp_path):
    if find_pgbouncer() is None:
        pytest.skip("no pooler: install pgbouncer to run this")
    theirs = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_VAULT_KEY_FILE")
    environment = {name: value for name, value in os.environ.items() if name not in theirs}
    run = subprocess.run(
        [sys.executable, str(RUN), str(tmp_path), str(pages), str(bulk)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(run.stdout)
    print("pooler:", run.stdout.strip())
    nothing = {"rows of the other": 0, "empty": 0}
    assert found["bulk"] == {"looks": bulk, **nothing, "rows of a stranger": 0, "connections to the server": 1}
    assert found["pages"] == {"looks": pages, **nothing, "prepared": 0}
    assert found["limits"] == [["5s", "30s"]] * 2, "through a pooler a page waits without end"
    assert found["session"]["rows of a stranger"] == 8, "named for the session, a stranger is taken for the viewer"

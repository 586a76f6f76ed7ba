"""The same through Spark Connect: a client without a Java of its own, and a server that reads none of its files."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from braid.language.findings import TABLES
from braid.people.link_engine import ScoredPairs
from braid.people.run import INPUT_TABLES
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.engine import EngineNotAvailable
from braid.store.spark_engine import SparkEngine
from engines.test_spark_linking import score
from people.little_place import make_place
from shared import REPOSITORY

pytestmark = [pytest.mark.java, pytest.mark.slow]

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
SECONDS_TO_BEGIN = 90


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of Spark Connect on this machine, in a process of its own."""
    pyspark = pytest.importorskip("pyspark", reason="the extra spark is not installed")
    pytest.importorskip("grpc", reason="the extra spark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    folder = tmp_path_factory.mktemp("connect")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 1,
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": folder / "warehouse",
    }
    home = Path(pyspark.__file__).parent
    arguments = [str(home / "bin" / "spark-submit"), "--master", "local[1]", "--driver-memory", "1g", "--class", SERVER]
    arguments += [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    path = os.pathsep.join([str(REPOSITORY / "src"), *filter(None, sys.path)])
    more = {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": path}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*arguments, "spark-internal"], env={**os.environ, **more}, cwd=folder, stdout=log, stderr=log
        )
        try:
            _wait(port, process)
            yield f"sc://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_BEGIN
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    pytest.fail("the server of Spark Connect did not begin")


def test_weights_through_connect_are_those_of_one_machine(server: str) -> None:
    rows = make_place(households=25, seed=4).tables
    found: list[ScoredPairs] = []
    with closing(DuckDBEngine(threads=1)) as embedded, closing(SparkEngine(master=server)) as remote:
        for engine in (embedded, remote):
            found.append(score(engine, rows))
    assert len(found[0].edges.edges) > 20
    assert found[0].found.equals(found[1].found)
    assert found[0].candidates.equals(found[1].candidates)


def test_a_table_comes_back_as_it_went(server: str, tmp_path: Path) -> None:
    name = INPUT_TABLES[0]
    rows = make_place(households=5, seed=4).tables[name]
    with closing(SparkEngine(master=server)) as remote:
        assert not remote.has(name)
        remote.load_rows(TABLES[name], rows)
        assert remote.has(name)
        assert remote.write(TABLES[name], tmp_path / "t.parquet") == len(rows)
        remote.load_arrow("listed", pa.table({"words": [["a", "b"], None]}))
        remote.load_arrow("none", pa.table({"at": pa.array([], pa.timestamp("us", "UTC"))}))
        assert remote.arrow("select at from none").num_rows == 0
        assert remote.arrow("select words from listed").to_pylist() == [{"words": ["a", "b"]}, {"words": None}]


def test_no_server_is_one_sentence() -> None:
    pytest.importorskip("grpc", reason="the extra spark is not installed")
    with pytest.raises(EngineNotAvailable, match="BRAID_SPARK_MASTER"):
        SparkEngine(master="sc://127.0.0.1:1")

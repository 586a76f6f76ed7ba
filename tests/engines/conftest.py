"""One Spark session for all tests that need it: it takes longer to begin than any of them to run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from braid.store.spark_engine import SparkEngine

SMALL = {
    "spark.master": "local[1]",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""For a few rows it costs more to plan twice and to compile than to run a query; what it finds is the same."""


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkEngine]:
    """An engine on Spark, with whatever tables the tests before left in it."""
    pytest.importorskip("pyspark", reason="the extra spark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    engine = SparkEngine(settings=SMALL)
    yield engine
    engine.close()

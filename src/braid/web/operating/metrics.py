"""What a server counts of itself, in OpenMetrics 1.0: requests by route, and the age of what must not grow old.

Nothing is about a person: a label is a route, a method, a class of status. Who may read it holds the token of
`BRAID_METRICS_TOKEN_FILE`; without that file there is nothing to read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from secrets import compare_digest

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from braid.web.operating.health import Health, ask_health

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the classes of a request's time; 0.15 is what nineteen of twenty should keep to."""
SHORTEST_TOKEN = 32
registry = CollectorRegistry(auto_describe=True)
_REQUESTS = Counter(
    "braid_requests",
    "Requests answered, by route and class of status.",
    ("route", "method", "status"),
    registry=registry,
)
_TIMES = Histogram(
    "braid_request_seconds", "How long a request took, by route.", ("route",), buckets=SECONDS, registry=registry
)


class _Ages(Collector):
    """What the database says at the time of asking; ages in seconds, left out where there is nothing to age."""

    def describe(self) -> Iterator[Metric]:
        """Name the families without asking the database: they are registered before there is one."""
        yield from _families(Health())

    def collect(self) -> Iterator[Metric]:
        """Ask, once, and give each age."""
        yield from _families(ask_health())


def _families(health: Health) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "braid_database_up", "Whether the database answers the pages.", 1.0 if health.database_answers else 0.0
    )
    now = time.time()
    for name, words, at in (
        ("braid_run_age_seconds", "Since the run that pages show was published.", health.published_at),
        ("braid_checkpoint_age_seconds", "Since the audit log was last signed.", health.signed_at),
        ("braid_backup_age_seconds", "Since the newest backup was taken.", health.kept.get("backup")),
        ("braid_drill_age_seconds", "Since a drill found a backup as it was.", health.kept.get("drill")),
        (
            "braid_journal_lag_seconds",
            "Since the moment before which all that was written is kept.",
            health.kept.get("journal"),
        ),
    ):
        family = GaugeMetricFamily(name, words)
        if at is not None:
            family.add_metric([], max(now - at, 0.0))
        yield family
    behind = GaugeMetricFamily("braid_journal_behind_bytes", "What the server wrote of its journal that is not kept.")
    if health.behind_bytes is not None:
        behind.add_metric([], float(health.behind_bytes))
    yield behind


registry.register(_Ages())
ProcessCollector(registry=registry)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered; `seconds` is the time it took."""
    _REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    _TIMES.labels(route).observe(seconds)


def write_metrics() -> bytes:
    """Return what is counted now, as OpenMetrics text; it asks the database once."""
    return bytes(generate_latest(registry))


def may_read(authorization: str) -> bool:
    """Return whether a header `Authorization: Bearer TOKEN` holds the token of the file that the settings name.

    False where no file is named, or it cannot be read, or its token is too short to be one.
    """
    if not settings.METRICS_TOKEN_FILE:
        return False
    try:
        token = Path(settings.METRICS_TOKEN_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return False
    return len(token) >= SHORTEST_TOKEN and compare_digest(authorization.encode(), f"Bearer {token}".encode())

"""How fast the log takes entries and how fast it is verified: `python benchmarks/audit.py --entries 1000000`.

On a PostgreSQL of its own, embedded and thrown away after. Prints one JSON document: rows a second of writing entries,
sequencing them and verifying all of it, and the bytes a row takes. What ten million rows would take is reckoned from
the rate measured, and named so; the rate falls where the tables no longer fit into memory.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("src", "tests/web")]

TEN_MILLION = 10_000_000


def main() -> int:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=100_000)
    count = arguments.parse_args().entries
    from braid.store.postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="braid-audit-benchmark-") as folder:
        server = EmbeddedPostgres(Path(folder) / "state")
        url = server.start()
        try:
            make_tables(url)
            with psycopg.connect(url, autocommit=True) as connection:
                print(json.dumps(measure(connection, Path(folder) / "key", count), indent=1))
        finally:
            server.discard()
    return 0


def make_tables(url: str) -> None:
    """Migrate the database as a place's is."""
    import django
    from django.core.management import call_command

    os.environ |= {"DATABASE_URL": url, "BRAID_SECRET_KEY": "benchmark", "DJANGO_SETTINGS_MODULE": "braid.web.settings"}
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def measure(connection: psycopg.Connection[tuple[object, ...]], key_file: Path, count: int) -> dict[str, object]:
    """Write, sequence and verify `count` entries."""
    from audit_sample import add_entries

    from braid.store.signing_key import open_key
    from braid.web.audit_check import verify
    from braid.web.audit_log import seal

    key = open_key(key_file, "braid/benchmark/audit")
    started = time.perf_counter()
    for part in range(0, count, 50_000):
        add_entries(connection, min(50_000, count - part), seed=part)
    written = time.perf_counter()
    sealed = seal(connection, key)
    sequenced = time.perf_counter()
    connection.execute("analyze")
    begun = time.perf_counter()
    report = verify(connection, key.public())
    verified = time.perf_counter() - begun
    if report.misfits or sealed.size != count:
        raise SystemExit(f"the log does not hold: {report.misfits[:3]}")
    size = connection.execute(
        "select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r' and relname like 'braid_audit%'"
    ).fetchone()
    assert size is not None
    one = time.perf_counter()
    add_entries(connection, 20, seed=-1)
    seal(connection, key, sign=False, whole=False)
    return {
        "entries": count,
        "write_per_second": round(count / (written - started)),
        "sequence_per_second": round(count / (sequenced - written)),
        "verify_per_second": round(count / verified),
        "verify_seconds": round(verified, 1),
        "seconds_to_sequence_20_more": round(time.perf_counter() - one, 3),
        "bytes_an_entry_with_indexes": round(int(str(size[0])) / count),
        "ten_million_verified_in_seconds_reckoned": round(TEN_MILLION * verified / count),
    }


if __name__ == "__main__":
    sys.exit(main())

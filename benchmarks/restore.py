"""How long a place takes to come back, as it grows, and what is lost when its database dies.

    python benchmarks/restore.py 10000 100000 --seed 1     places of these sizes are written, run and opened first
    python benchmarks/restore.py FOLDER…                   places that are there
    python benchmarks/restore.py --losses 20               a server is killed so often while rows are written to it

Of each place: a backup with base and journal, a drill of it as it was kept, and a drill to the end of the journal.
Seconds of the clock and of the processor, the latter of the whole tree of processes. A loss is counted in rows whose
commit was told to who wrote them and that did not come back, and in milliseconds between the last of both.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent))

from braid.store.journal import begin_journal, follow_journal, journal_folder, take_base
from braid.store.place_folder import load_place
from braid.store.postgres import EmbeddedPostgres
from braid.store.recovery import Recovery, Target
from braid.web.serve import log_key
from chain import measure

SIZES = "select pg_database_size(current_database())"
WRITE_SECONDS = 1.0


def one_place(place: Path, scratch: Path) -> dict[str, float]:
    """Measure a place: figures by their names."""
    with EmbeddedPostgres(place / "state") as server, psycopg.connect(server.url) as connection:
        found = {"database, MB": connection.execute(SIZES).fetchone()[0] / 1e6}
    log_key(load_place(place))  # a place that was never served has entries and no key that signs them
    backups, keys = scratch / "backups", scratch / "keys"
    steps = {
        "backup with base and journal": [
            "backup",
            str(place),
            "--to",
            str(backups),
            "--keys-to",
            str(keys),
            "--with-journal",
        ],
        "drill of the backup": ["restore", str(backups), "--keys", str(keys), "--drill"],
        "drill to the end of the journal": ["restore", str(backups), "--keys", str(keys), "--drill", "--to", "newest"],
    }
    for name, arguments in steps.items():
        began = time.monotonic()
        measured, _ = measure(arguments)
        found |= {f"{name}, s": time.monotonic() - began, f"{name}, CPU s": measured.cpu_seconds}
    found["base and dump, MB"] = sum(path.stat().st_size for path in backups.glob("2*/**/*") if path.is_file()) / 1e6
    return found


def one_loss(home: Path, number: int) -> tuple[int, float]:
    """Kill a server while rows are written, play its journal, and return rows and milliseconds that are lost."""
    folder = home / f"server-{number}"
    server = EmbeddedPostgres(folder)
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept (number bigint, at timestamptz)")
    backups = home / f"backups-{number}"
    segments = journal_folder(url, backups)
    begin_journal(url, segments)
    take_base(url, backups / "base")
    fetching = follow_journal(url, segments)
    time.sleep(0.5)
    told: list[tuple[int, float]] = []
    postmaster = int((server._find_home() / "data" / "postmaster.pid").read_text().splitlines()[0])
    end = time.monotonic() + WRITE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end:
            connection.execute("insert into kept values (%s, clock_timestamp())", [len(told) + 1])
            told.append((len(told) + 1, time.time()))
        os.kill(postmaster, signal.SIGKILL)
    try:
        fetching.wait(30)
    except subprocess.TimeoutExpired:
        fetching.kill()
    server.discard()
    with Recovery(home / f"played-{number}", backups / "base", segments, database="braid", user="braid") as played:
        url = played.play_to(Target())
        with psycopg.connect(url) as connection:
            last = connection.execute("select coalesce(max(number), 0) from kept").fetchone()[0]
    lost = [at for row, at in told if row > last]
    return len(lost), (1000 * (told[-1][1] - lost[0]) if lost else 0.0)


def main() -> None:
    """Print a table of places, or the losses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="*", help="numbers of people, or folders")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--losses", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        home.chmod(0o755)  # PostgreSQL runs as another user where root measures, and keeps its files here
        if options.losses:
            losses = [one_loss(home, number) for number in range(options.losses)]
            rows, milliseconds = zip(*losses, strict=True)
            print(f"rows lost of {options.losses} kills: {sum(rows)} in all, at most {max(rows)} of one")
            print(f"milliseconds: median {statistics.median(milliseconds):.1f}, at most {max(milliseconds):.1f}")
        measured = {}
        for number, text in enumerate(options.places):
            place = Path(text)
            if text.isdigit():
                place = home / f"place-{text}"
                measure(["example", str(place), "--people", text, "--seed", str(options.seed)])
                measure(["run", str(place)])
                measure(["link", "proposals", str(place), "--by", "demo-analyst", "--reference", "MTG-2026-041"])
            (home / str(number)).mkdir()
            measured[text] = one_place(place, home / str(number))
            print(text, measured[text], file=sys.stderr, flush=True)
        if measured:
            print("| what | " + " | ".join(measured) + " |")
            print("|---" * (len(measured) + 1) + "|")
            for name in next(iter(measured.values())):
                print(f"| {name} | " + " | ".join(f"{one[name]:,.1f}" for one in measured.values()) + " |")


if __name__ == "__main__":
    main()

"""How long the packs of every board of a place take: made, kept, and written as PDF, workbook and data.

    PYTHONPATH=src python benchmarks/place/pack.py demo

Takes a place that was served as a demo before, so that boards have seats and meetings. Packs are made inside a
transaction that is taken back: the place stays as it was. Goal: 30 seconds for one pack of the example place with its
files.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path

from braid.store.exports import Form
from braid.web.serve import web_app

GOAL_SECONDS = 30.0


def main(folder: Path) -> int:
    """Print the seconds of each pack; return 1 where one takes longer than the goal."""
    with web_app(folder):
        transaction = import_module("django.db").transaction
        with import_module("braid.web.watch").known_asker(), transaction.atomic():
            slowest = max(_times())
            transaction.set_rollback(True)
    print(f"slowest {slowest:.2f} s, goal {GOAL_SECONDS:.0f} s")
    return int(slowest > GOAL_SECONDS)


def _times() -> list[float]:
    """Make and write the pack of each board, for whoever governs and for its members."""
    making, handing = import_module("braid.web.packs.making"), import_module("braid.web.packs.handing")
    boards = import_module("braid.web.boards.files").boards()
    meetings = import_module("braid.web.models").BoardMeeting.objects
    now = import_module("braid.web.care.kept").now_of_database()
    found = []
    for board in boards.values():
        meeting = meetings.filter(board_id=board.id, starts_at__gte=now).order_by("starts_at").first()
        for is_confidential in (False, True):
            begun = time.perf_counter()
            made = making.make_pack(board, meeting, now, is_confidential)
            taken = time.perf_counter() - begun
            sizes = {
                form.value: len(handing.export_made(made, "benchmark", form, "benchmark", now.date()).content)
                for form in (Form.PDF, Form.XLSX)
            }
            found.append(time.perf_counter() - begun)
            who = "members" if is_confidential else "public"
            print(f"{board.id} {who}: made in {taken:.2f} s, with files {found[-1]:.2f} s, {sizes}")
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

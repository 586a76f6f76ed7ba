"""A kept pack as a file: a tagged PDF or a workbook, as it was made."""

import datetime as dt

from braid.place.packs import MadePack
from braid.store.exports import Export, Form, Purpose, export_pack
from braid.web.models import BoardPack

USE_DAYS = 365
MARK_LETTERS = 12


def run_of(row: BoardPack) -> str:
    """Return what a file of a pack says that it is of: the pack, by the beginning of its fingerprint."""
    return f"pack {row.fingerprint[:MARK_LETTERS]}"


def export_made(made: MadePack, run_id: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the pack as a file of that form, with its manifest; the same pack on the same day gives the same bytes."""
    return export_pack(made.pack, form, Purpose(made_for, run_id, today, today + dt.timedelta(days=USE_DAYS)))

"""A kept pack as a file: a tagged PDF or a workbook, as it was made."""

import datetime as dt

from braid.place.packs import MadePack
from braid.store.exports import Export, Form, Purpose, export_pack

USE_DAYS = 365


def export_made(made: MadePack, run_id: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the pack as a file of that form, with its manifest; the same pack on the same day gives the same bytes."""
    return export_pack(made.pack, form, Purpose(made_for, run_id, today, today + dt.timedelta(days=USE_DAYS)))

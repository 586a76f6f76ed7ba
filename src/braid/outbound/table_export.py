"""Exports: a table, through the one exporter, as it would leave by hand."""

from __future__ import annotations

from braid.outbound.content import Content
from braid.outbound.model import Draft, DraftRefused, TableFile
from braid.store.exports import ExportRefused, ExportUnsafe, Form, export_table
from braid.trust.guard import Recipient

_MEDIA = {
    Form.CSV: "text/csv",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.PDF: "application/pdf",
}


_COVER = """COVER SHEET
Reference: {reference}
Deliver the file beside this sheet to, and to nobody else:

{contact}
"""


def make_export(draft: Draft, recipient: Recipient) -> Content:
    """Return the table as a file, and a sheet that says where it goes: a table has no room for it.

    Raises `DraftRefused` where the exporter refuses, with its reason.
    """
    tables = [piece for piece in draft.pieces if isinstance(piece, TableFile)]
    if len(tables) != 1 or len(draft.pieces) != 1:
        raise DraftRefused("An export is one table: draft one for each.")
    (piece,) = tables
    try:
        export = export_table(piece.table, piece.form, piece.purpose)
    except (ExportRefused, ExportUnsafe) as refusal:
        raise DraftRefused(f"The exporter refused: {refusal}.") from None
    cover = _COVER.format(reference=draft.reference, contact=recipient.contact)
    return Content(export.content, f"export.{piece.form.value}", _MEDIA[piece.form], draft.pieces, cover=cover)

"""The one exporter: tables and packs that leave braid as files, each opened again before it is handed over."""

from braid.store.exports.exporter import export_pack, export_table
from braid.store.exports.tables import (
    Approval,
    Export,
    ExportRefused,
    ExportTable,
    ExportUnsafe,
    Form,
    Purpose,
)

__all__ = [
    "Approval",
    "Export",
    "ExportRefused",
    "ExportTable",
    "ExportUnsafe",
    "Form",
    "Purpose",
    "export_pack",
    "export_table",
]

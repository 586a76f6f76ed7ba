"""The one exporter: tables that leave braid as CSV, workbook or PDF, each opened again before it is handed over."""

from braid.store.exports.exporter import export_table
from braid.store.exports.tables import (
    Approval,
    Export,
    ExportRefused,
    ExportTable,
    ExportUnsafe,
    Form,
    Purpose,
)

__all__ = ["Approval", "Export", "ExportRefused", "ExportTable", "ExportUnsafe", "Form", "Purpose", "export_table"]

"""The one exporter: tables and packs that leave braid as files, each opened again before it is handed over."""

from braid.store.exports.exporter import export_pack, export_table
from braid.store.exports.packs import (
    COLOURS,
    Area,
    Colour,
    Label,
    Line,
    Pack,
    PackCell,
    PackSection,
    PackTable,
    Picture,
    Point,
    Shape,
    heads_of,
    is_figure,
)
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
    "COLOURS",
    "Approval",
    "Area",
    "Colour",
    "Export",
    "ExportRefused",
    "ExportTable",
    "ExportUnsafe",
    "Form",
    "Label",
    "Line",
    "Pack",
    "PackCell",
    "PackSection",
    "PackTable",
    "Picture",
    "Point",
    "Purpose",
    "Shape",
    "export_pack",
    "export_table",
    "heads_of",
    "is_figure",
]

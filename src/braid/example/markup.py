"""Small pieces of XML."""

from __future__ import annotations

from xml.sax.saxutils import escape


def tag(name: str, value: object) -> str:
    """Return an element with a text; nothing where there is none."""
    return f"<{name}>{escape(str(value))}</{name}>" if value not in ("", None) else ""

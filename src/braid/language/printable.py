"""Text that a page can show and a database can hold."""

from __future__ import annotations

import unicodedata


def is_printable(text: str) -> bool:
    """Whether every character is one that people read, a space of any width, a tab or a new line.

    Others a database may refuse (NUL) or a page show otherwise than the file reads (marks that turn its direction).
    """
    return all(each.isprintable() or each in "\t\n" or unicodedata.category(each) == "Zs" for each in text)

"""Text that a page can show and a database can hold."""

from __future__ import annotations

import unicodedata


def can_be_kept(text: str) -> bool:
    """Whether a database can hold the text at all: JSON may say a NUL, and half of a pair of surrogates."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_printable(text: str) -> bool:
    """Whether every character is one that people read, a space of any width, a tab or a new line.

    Others a database may refuse (NUL) or a page show otherwise than the file reads (marks that turn its direction).
    """
    return all(each.isprintable() or each in "\t\n" or unicodedata.category(each) == "Zs" for each in text)

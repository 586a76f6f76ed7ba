"""The part of a page that a tool draws, between two marks; what stands around it is written by hand."""

from __future__ import annotations

from pathlib import Path


def page_with(page: Path, start: str, end: str, drawing: str) -> str:
    """Return the page with its drawn part, marks included, replaced. Raises `ValueError` when it has lost its marks."""
    before, begins, rest = page.read_text(encoding="utf-8").partition(start)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise ValueError(f"{page.name} has lost the marks {start} and {end}; put them back around what is drawn")
    return before + start + drawing + end + after


def write_or_check(page: Path, wanted: str, arguments: list[str]) -> int:
    """Write the page; with `--check` return 1 where it is not as wanted."""
    if "--check" in arguments:
        return int(page.read_text(encoding="utf-8") != wanted)
    page.write_text(wanted, encoding="utf-8")
    return 0

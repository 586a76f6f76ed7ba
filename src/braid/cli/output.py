"""What goes where: one JSON document on standard output, progress and words on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

errors = Console(stderr=True, highlight=False)
FILE_WIDTH = 160
"""Columns of what is written to a file or another program, where there is no terminal to fit."""
output = Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)


def print_json(document: Any) -> None:
    """Print one JSON document on standard output and nothing else."""
    json.dump(document, sys.stdout, indent=1, default=str, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table for people on standard output; numbers are set to the right."""
    table = Table(title=Text(plain(title)), title_justify="left", box=None, pad_edge=False)
    for position, column in enumerate(columns):
        numeric = any(isinstance(row[position], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[Text("" if value is None else plain(str(value))) for value in row])
    output.print(table)


def plain(text: str) -> str:
    """Return text that may come from a file, or be its name, with a question mark for what could steer a terminal.

    That is every character of Unicode's categories Cc and Cf but the line end: escapes, and marks that turn the
    direction of writing.
    """
    return "".join("?" if unicodedata.category(mark) in ("Cc", "Cf") and mark != "\n" else mark for mark in text)


@contextmanager
def steps(names: Sequence[str]) -> Iterator[Callable[[str, str], None]]:
    """Show a progress bar over named steps; yield a function that hears `(step, detail)`.

    Away from a terminal it prints one line a step.
    """
    if not errors.is_terminal:
        yield _line_a_step()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[detail]}"), TimeElapsedColumn())
    with Progress(*columns, console=errors) as progress:
        task = progress.add_task("", total=len(names), detail="")

        def hear(step: str, detail: str) -> None:
            progress.update(task, description=f"{step:<9}", completed=names.index(step), detail=detail)

        yield hear
        progress.update(task, description="done     ", completed=len(names), detail="")


@contextmanager
def shares() -> Iterator[Callable[[str, float], None]]:
    """Show one progress bar; yield a function that hears `(step, share done from 0 to 1)`. Silent off a terminal."""
    if not errors.is_terminal:
        yield lambda _step, _share: None
        return
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda step, share: progress.update(task, description=step, completed=share)


def _line_a_step() -> Callable[[str, str], None]:
    seen: set[str] = set()

    def hear(step: str, _detail: str) -> None:
        if step not in seen:
            seen.add(step)
            errors.print(f"{step} …")

    return hear

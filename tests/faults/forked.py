"""A function in a process of its own that is forked from this one, and what it returned."""

from __future__ import annotations

import os
import pickle
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

FAILED = 70


class Fell(AssertionError):
    """The process raised; its words are those of the traceback."""


def begin(work: Callable[[], Any], answer: Path | None = None) -> int:
    """Start `work` in a fork of this process and return its number. What it returns is left in the file `answer`."""
    number = os.fork()
    if number:
        return number
    try:
        found = work()
        if answer is not None:
            answer.write_bytes(pickle.dumps((True, found)))
        os._exit(0)
    except BaseException:
        if answer is not None:
            answer.write_bytes(pickle.dumps((False, traceback.format_exc())))
        os._exit(FAILED)


def end_of(number: int) -> int:
    """Wait for a process; return its exit code, less than zero where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def in_fork(work: Callable[[], Any]) -> Any:
    """Return what `work` returns in a process of its own. Raises `Fell` where it raises or is ended."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer"
        code = end_of(begin(work, answer))
        if not answer.exists():
            raise Fell(f"ended with {code} and said nothing")
        is_whole, found = pickle.loads(answer.read_bytes())
    if not is_whole:
        raise Fell(found)
    return found

"""Spans: what took how long within one request and what was done for it afterwards, by numbers and never about whom.

A span carries what `FACTS` names and nothing else: routes, codes and counts. No address, no SQL, no name and no id of
anybody has a place in one, so none can be sent by mistake. Ids are those of W3C Trace Context, so that the spans of a
proxy before the pages and of the worker behind the outbox hang together. Off unless `BRAID_TRACES` says where they go.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from braid.web.traces import trace_export
from braid.web.traces.spans import Span

PARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
"""A `traceparent` of version 00: trace, span, flags. All zeros are no trace."""
SAMPLED = 1
LOG = "log"


_current: ContextVar[Span | None] = ContextVar("braid_span", default=None)


def current_trace() -> tuple[str, str]:
    """Return trace and span of what is being done; empty where it is not traced."""
    span = _current.get()
    return (span.trace_id, span.span_id) if span is not None else ("", "")


def current_parent() -> str:
    """Return the `traceparent` of what is being done, to be kept with work that is done later; empty without one."""
    span = _current.get()
    return span.parent() if span is not None else ""


def is_wanted(parent: str) -> bool:
    """Whether spans are written, and whoever began the trace does not say that this one is left out."""
    if not settings.TRACES:
        return False
    found = PARENT.fullmatch(parent)
    return found is None or bool(int(found[3], 16) & SAMPLED)


@contextmanager
def begin_span(name: str, parent: str = "") -> Iterator[Span]:
    """Trace what was asked for from outside, under the `traceparent` that came with it, where there is one."""
    if not is_wanted(parent):
        token = _current.set(None)
        try:
            yield Span(name, "", "", "", 0)
        finally:
            _current.reset(token)
        return
    found = PARENT.fullmatch(parent)
    trace, above = (found[1], found[2]) if found else (secrets.token_hex(16), "")
    with _spanning(Span(name, trace, secrets.token_hex(8), above, time.time_ns(), is_entry=True)) as span:
        yield span


@contextmanager
def inner_span(name: str) -> Iterator[Span]:
    """Trace a part of what is being done; nothing where that is not traced."""
    above = _current.get()
    if above is None:
        yield Span(name, "", "", "", 0)
        return
    with _spanning(Span(name, above.trace_id, secrets.token_hex(8), above.span_id, time.time_ns())) as span:
        yield span


@contextmanager
def _spanning(span: Span) -> Iterator[Span]:
    token, began = _current.set(span), time.perf_counter_ns()
    try:
        yield span
    except BaseException as error:
        span.is_fault = True
        span.say(fault=type(error).__name__)  # its text may hold a value
        raise
    finally:
        span.nanoseconds = time.perf_counter_ns() - began
        _current.reset(token)
        _write(span)


@dataclass
class Asked:
    """How often the database was asked, and how long it took: what it was asked is not kept."""

    queries: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        """Count one statement; for `connection.execute_wrapper`."""
        began = time.perf_counter()
        try:
            return execute(sql, values, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - began


def _write(span: Span) -> None:
    """Hand a span to the log, or to a collector."""
    (trace_export.write_line if settings.TRACES == LOG else trace_export.send)(span)

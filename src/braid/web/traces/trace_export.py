"""Where spans go: a line of the log each, or a collector that speaks OTLP over HTTP (OpenTelemetry's protocol).

OpenTelemetry's library is used to send and for nothing else: what it would find out by itself, the address of a
request, the SQL of a statement, the name of the machine, is not asked for. It comes with the extra `traces`.
"""

from __future__ import annotations

import atexit
import logging
import threading
from functools import cache
from typing import Any

from django.conf import settings

from braid.web.traces.spans import Span

SEND_SECONDS = 5.0
logger = logging.getLogger("braid.traces")
_turn = threading.Lock()


def write_line(span: Span) -> None:
    """Write a span as one line of the log."""
    logger.info(
        "span",
        extra={
            "span": span.name,
            "trace_id": span.trace_id,
            "span_id": span.span_id,
            "parent_id": span.parent_id,
            "milliseconds": round(span.nanoseconds / 1e6, 3),
            **span.facts,
        },
    )


def send(span: Span) -> None:
    """Hand a span to the exporter, which sends many at once and in a thread of its own; a full queue drops it."""
    with _turn:
        processor = _processor()
    if processor is not None:
        processor.on_end(as_readable(span))


@cache
def _processor() -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.warning(
            "spans are not sent: the extra traces is not installed. Next step: pip install braid-place[traces]"
        )
        return None
    processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.TRACES, timeout=SEND_SECONDS))
    atexit.register(processor.shutdown)  # what waits is sent before the process ends
    return processor


def as_readable(span: Span) -> Any:
    """Return a span as OpenTelemetry's library has it: facts under `braid.`, and `braid` as the service."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
    from opentelemetry.trace.status import Status, StatusCode

    def context(span_id: str, is_remote: bool) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(int(span.trace_id, 16), int(span_id, 16), is_remote, trace_flags=flags)

    return ReadableSpan(
        name=span.name,
        context=context(span.span_id, is_remote=False),
        parent=context(span.parent_id, is_remote=span.is_entry) if span.parent_id else None,
        resource=Resource({"service.name": "braid"}),
        attributes={f"braid.{name}": value for name, value in span.facts.items()},
        kind=SpanKind.SERVER if span.is_entry else SpanKind.INTERNAL,
        instrumentation_scope=InstrumentationScope("braid"),
        status=Status(StatusCode.ERROR if span.is_fault else StatusCode.UNSET),
        start_time=span.began,
        end_time=span.began + span.nanoseconds,
    )

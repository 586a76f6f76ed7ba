"""Spans hang together from the proxy to the worker, say how long and how often, and name nobody."""

import http.server
import json
import logging
import threading

import pytest
from django.db import connection
from django.urls import get_resolver
from published_sample import ENTRIES, REFERENCE
from sample_run import CANARIES, CHILD
from test_web_outbox import WORDS, place, row, send  # noqa: F401 - a fixture

from braid.web.logs import JsonLines
from braid.web.models import OutboxMessage
from braid.web.operating.trace_settings import TracesInvalid, read_traces
from braid.web.traces import trace_export
from braid.web.traces.spans import CODE, FACTS, Span
from braid.web.traces.tracing import Asked, begin_span, current_parent, current_trace, inner_span
from braid.web.watch import known_asker

TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{ABOVE}-01"


@pytest.fixture
def spans(settings):
    """The lines that spans leave in the log, as programs read them."""
    settings.TRACES = "log"
    written = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(json.loads(JsonLines().format(record)))
    for name in ("braid.traces", "braid.requests"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.INFO)
    yield written
    for name in ("braid.traces", "braid.requests"):
        logging.getLogger(name).removeHandler(handler)


def test_a_span_says_what_is_listed_and_nothing_else():
    span = Span("request", TRACE, "1" * 16, "", 0)
    span.say(route="people/<str:person_id>/", status=200, database_milliseconds=1.5)
    for wrong in (
        {"person_id": CHILD},
        {"route": f"people/{CHILD}/?q=Ada"},
        {"route": "x" * 121},
        {"status": "200"},
        {"channel": "ada@example.org"},
        {"state": "Ada Example"},
    ):
        with pytest.raises(ValueError, match="cannot say"):
            span.say(**wrong)
    assert span.facts.keys() <= FACTS.keys()


def test_a_span_can_say_every_route_that_there_is():
    def routes(patterns, before=""):
        for each in patterns:
            here = before + str(each.pattern)
            yield from routes(each.url_patterns, here) if hasattr(each, "url_patterns") else [here or "/"]

    found = list(routes(get_resolver().url_patterns))
    assert len(found) > 150
    assert [route for route in found if not CODE.fullmatch(route)] == []


def test_parts_hang_below_what_was_asked_for(spans):
    with begin_span("request", PARENT) as above, inner_span("first") as below:
        assert current_trace() == (TRACE, below.span_id)
        assert current_parent() == f"00-{TRACE}-{below.span_id}-01"
    assert current_trace() == ("", "") and current_parent() == ""
    first, request = spans
    assert (first["span"], first["parent_id"]) == ("first", above.span_id)
    assert (request["span"], request["trace_id"], request["parent_id"]) == ("request", TRACE, ABOVE)


@pytest.mark.parametrize("header", ["", f"00-{'0' * 32}-{ABOVE}-01", f"01-{TRACE}-{ABOVE}-01", f"{PARENT}\nforged"])
def test_what_is_no_trace_begins_a_new_one(header, spans):
    with begin_span("request", header) as span:
        assert len(span.trace_id) == 32 and span.trace_id != TRACE and span.parent_id == ""
    assert "parent_id" not in spans[0]


def test_nothing_is_written_where_it_is_off_or_left_out_by_who_began_it(spans, settings):
    with begin_span("request", f"00-{TRACE}-{ABOVE}-00"), inner_span("first"):
        assert current_trace() == ("", "")
    settings.TRACES = ""
    with begin_span("request", PARENT), inner_span("first"):
        assert current_parent() == ""
    assert spans == []


def test_a_fault_is_told_by_its_kind_and_never_by_its_words(spans):
    with pytest.raises(LookupError), begin_span("message", PARENT):
        raise LookupError(CANARIES["address"])
    assert spans[0]["fault"] == "LookupError"
    assert CANARIES["address"] not in json.dumps(spans)


@pytest.mark.django_db
def test_statements_are_counted_and_not_kept():
    asked = Asked()
    with connection.execute_wrapper(asked), connection.cursor() as cursor:
        cursor.execute("select %s", [CANARIES["address"]])
        cursor.execute("select 1")
    assert asked.queries == 2 and asked.seconds > 0
    assert CANARIES["address"] not in repr(asked)


@pytest.mark.django_db
def test_spans_of_pages_name_nobody_and_lead_to_the_record(published, client_of, spans, settings):
    settings.LOG_REQUESTS = True
    client = client_of("practitioner", "school_from_ta")
    spans.clear()
    assert client.get(f"/people/{CHILD}/?q=canary", headers={"traceparent": PARENT}).status_code == 200
    client.get("/people/canary-typed-in/")
    client.get("/nowhere/canary/")
    span, line = spans[0], spans[1]
    assert (span["route"], span["status"], span["trace_id"]) == ("people/<str:person_id>/", 200, TRACE)
    assert span["queries"] > 1 and 0 < span["database_milliseconds"] < span["milliseconds"]
    assert (line["span_id"], line["trace_id"]) == (span["span_id"], TRACE)
    assert ENTRIES.filter(request_id=line["request_id"], kind="look").exists()
    text = json.dumps(spans)
    for canary in (CHILD, "canary", "test-practitioner", REFERENCE, "select", *CANARIES.values()):
        assert canary not in text.lower() or canary not in text, canary


@pytest.mark.django_db
def test_what_the_worker_does_with_a_message_is_part_of_the_request_that_wrote_it(place, client_of, spans):  # noqa: F811
    form = {"recipients": [f"person:{CHILD}"], "channel": "letter", "body": WORDS, "classes": ["N"]}
    client = client_of("practitioner", "school_from_ta")
    assert client.post(f"/people/{CHILD}/message/", form, headers={"traceparent": PARENT}).status_code == 302
    with known_asker():
        message = OutboxMessage.objects.get()
    assert message.trace.startswith(f"00-{TRACE}-") and message.trace.endswith("-01")
    spans.clear()
    send(place)
    (span,) = [each for each in spans if each["span"] == "message"]
    assert (span["trace_id"], span["parent_id"]) == (TRACE, message.trace.split("-")[2])
    assert span["state"] == row(str(message.pk)).state
    assert not [word for word in (CHILD, WORDS, REFERENCE, str(message.pk)) if word in json.dumps(spans)]


def test_a_collector_is_named_by_https_or_on_this_machine():
    for text in ("", "log", "https://collector.example/v1/traces", "http://127.0.0.1:4318/v1/traces"):
        assert read_traces(text) == text
    for text in ("yes", "http://collector.example/v1/traces", "https://user:word@collector.example/", "https://"):
        with pytest.raises(TracesInvalid, match="Next step"):
            read_traces(text)


def test_without_the_library_spans_are_dropped_and_it_is_said_once(settings, monkeypatch, caplog):
    settings.TRACES = "http://127.0.0.1:9/v1/traces"
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace.export", None)
    trace_export._processor.cache_clear()
    with caplog.at_level(logging.WARNING, logger="braid.traces"):
        logging.getLogger("braid.traces").addHandler(caplog.handler)
        for _ in range(3):
            with begin_span("request", PARENT):
                pass
        logging.getLogger("braid.traces").removeHandler(caplog.handler)
    trace_export._processor.cache_clear()
    assert len([each for each in caplog.records if "Next step" in each.getMessage()]) == 1


def test_a_collector_gets_spans_with_their_facts_and_no_machine(settings):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra traces is not installed")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    received = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((ExportTraceServiceRequest.FromString(_plain(self.headers, body)), dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.TRACES = f"http://127.0.0.1:{server.server_port}/v1/traces"
        trace_export._processor.cache_clear()
        with begin_span("request", PARENT) as span:
            span.say(route="people/<str:person_id>/", status=200)
        trace_export._processor().force_flush()
        trace_export._processor().shutdown()
        server.shutdown()
    trace_export._processor.cache_clear()
    ((told, _),) = received
    (resource,) = told.resource_spans
    assert {each.key for each in resource.resource.attributes} == {"service.name"}
    (sent,) = resource.scope_spans[0].spans
    assert (sent.trace_id.hex(), sent.parent_span_id.hex(), sent.span_id.hex()) == (TRACE, ABOVE, span.span_id)
    assert {each.key for each in sent.attributes} == {"braid.route", "braid.status"}
    assert sent.end_time_unix_nano - sent.start_time_unix_nano == span.nanoseconds > 0


def _plain(headers, body):
    import gzip

    return gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body

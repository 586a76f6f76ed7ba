"""What the log may say: where and what kind of failure, never a person's value."""

import json
import logging
import re
from datetime import UTC, datetime

from braid.web.traces.tracing import current_trace

PERSON_PATH = re.compile(r"/(people|person)/[^/?\n]+")
"""Whatever was typed in place of an id, with spaces or without: a page is named as it was asked for."""
SECRET_PATH = re.compile(r"/calendar/[^?\n]+")
"""A calendar's address is a secret in itself; whatever was typed in its place is not kept either."""
NUMBER_IN_PATH = re.compile(r"/[^/?\n]*(?:\d[^/?\d\n]{0,3}){6}[^/?\n]*")
"""A part of an address with six digits or more, spaces and dashes between: it may be a number of somebody."""
QUERY = re.compile(r"\?\S*")
EXTRA = (
    *("route", "method", "status", "milliseconds", "request_id", "trace_id", "span_id", "parent_id", "span"),
    *("queries", "database_milliseconds", "channel", "state", "count", "fault"),
)
"""What a line says of a request or a span, besides when, where and how bad."""


class WithoutValues(logging.Filter):
    """Strips person ids and query strings from messages, and the text of exceptions down to their type and place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always keep it."""
        message = PERSON_PATH.sub(r"/\1/...", QUERY.sub("", record.getMessage()))
        message = SECRET_PATH.sub("/calendar/...", message)
        message = NUMBER_IN_PATH.sub("/...", message)
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message} ({record.exc_info[0].__name__}{_place(record.exc_info[2])})"
        record.msg, record.args, record.exc_info, record.exc_text = message, (), None, None
        return True


def _place(traceback: object) -> str:
    while traceback is not None and getattr(traceback, "tb_next", None) is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    return f" in {traceback.tb_frame.f_globals.get('__name__', '')} line {traceback.tb_lineno}"


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time in UTC, level, logger, message, and of a request what `EXTRA` names."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; line ends within the message are escaped, so that nobody can forge another line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= dict(zip(("trace_id", "span_id"), current_trace(), strict=True)) if any(current_trace()) else {}
        line |= {name: record.__dict__[name] for name in EXTRA if record.__dict__.get(name) not in (None, "")}
        return json.dumps(line, ensure_ascii=True)

"""What the log may say: where and what kind of failure, never a person's value."""

import logging
import re

PERSON_PATH = re.compile(r"/people/[^/\s?]+")
QUERY = re.compile(r"\?\S*")


class WithoutValues(logging.Filter):
    """Strips person ids and query strings from messages, and the text of exceptions down to their type and place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always keep it."""
        message = QUERY.sub("", PERSON_PATH.sub("/people/...", record.getMessage()))
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

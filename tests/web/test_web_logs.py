"""What the log says of a page that fails: where and what kind of failure, and no value of a person."""

import logging

from django.conf import settings

from braid.web.logs import WithoutValues

SECRET = "6e59bbfe-0ea6-58a7-8b30-34675fb7810a"


def said(message: str, *arguments: object, error: Exception | None = None) -> str:
    """What stands in the log of a record, as the handler would write it."""
    facts = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("django.request", logging.ERROR, "x.py", 1, message, arguments, facts)
    assert WithoutValues().filter(record), "it is kept, without its values"
    return logging.Formatter("{levelname} {name} {message}", style="{").format(record)


def test_neither_an_id_nor_a_search_nor_the_text_of_an_error_is_in_the_log() -> None:
    try:
        raise ValueError(f"no such person: {SECRET}")
    except ValueError as caught:
        text = said("Internal Server Error: %s", f"/people/{SECRET}/location/?name=Example", error=caught)
    assert SECRET not in text and "Example" not in text and "no such person" not in text
    assert "/people/.../location/" in text and "ValueError" in text and "test_web_logs line" in text


def test_every_handler_goes_through_it() -> None:
    filters = {name: one["()"] for name, one in settings.LOGGING["filters"].items()}
    through = {name for name, path in filters.items() if path == "braid.web.logs.WithoutValues"}
    assert through
    for name, handler in settings.LOGGING["handlers"].items():
        assert through & set(handler["filters"]), name

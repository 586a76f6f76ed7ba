"""The forms of a page as a browser would send them: the page's own fields, each with a value that it accepts.

A form that gains a field is sent with it, so that a test of who may send a form does not fall back to an empty one.
"""

from collections.abc import Mapping
from html.parser import HTMLParser

WORDS = "Words of a test"


class _Forms(HTMLParser):
    """Gathers forms as {name: (kind, options)}: hidden, text, one (a choice) or several (a group of boxes)."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, tuple[str, list[str]]]] = []
        self._select = ""
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self.forms.append({})
            self._is_open = True
        elif not self._is_open:
            return
        elif tag == "option" and self._select:
            self._add(self._select, "one", value)
        elif tag == "select":
            self._select = name
        elif tag == "textarea" or (tag == "input" and given.get("type", "text") not in ("hidden", "checkbox", "radio")):
            self._add(name, "text", "")
        elif tag == "input" and name != "csrfmiddlewaretoken":
            kinds = {"hidden": "hidden", "radio": "one", "checkbox": "several"}
            self._add(name, kinds[given["type"]], value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False
        elif tag == "select":
            self._select = ""

    def _add(self, name: str, kind: str, value: str) -> None:
        self.forms[-1].setdefault(name, (kind, []))[1].append(value)


def fill_form(page: str, marks: Mapping[str, str], values: Mapping[str, str]) -> dict[str, object]:
    """Return what the form of the page sends that holds the fields of `marks` (with a value, where one is given).

    `values` are what to send by name, of a choice the beginning of it; other choices take their first option, other
    fields words. Fails where the page has no such form.
    """
    parser = _Forms()
    parser.feed(page)
    fitting = [form for form in parser.forms if all(_holds(form, *mark) for mark in marks.items())]
    assert fitting, f"no form with {dict(marks)} on the page"
    sent: dict[str, object] = {}
    for name, (kind, options) in fitting[0].items():
        wanted = values.get(name)
        if kind == "text":
            sent[name] = WORDS if wanted is None else wanted
        elif kind == "hidden":
            sent[name] = options[0]
        else:
            chosen = next(option for option in options if option and option.startswith(wanted or ""))
            sent[name] = [chosen] if kind == "several" else chosen
    return sent


def _holds(form: Mapping[str, tuple[str, list[str]]], name: str, value: str) -> bool:
    return name in form and (not value or value in form[name][1])

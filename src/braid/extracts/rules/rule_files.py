"""Reading the files of rules strictly: a word that the form has not, a table or list nobody declared, are errors."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.rules.model import SEVERITIES, Layout, Rule
from braid.language.rule_files import Fault, RulesInvalid

REQUIRED = ("code", "severity", "table", "fields", "message", "where", "breaks", "keeps")
OPTIONAL = ("since", "until")
PLACEHOLDER = re.compile(r"\{([a-z]\w*)\}")
DAY = re.compile(r"(start|end)_(less|plus)_(\d+)_(days|months|years|working_days)")
"""A day beside the start or end of the collection year, as `end_less_45_working_days`."""
DAYS = ("start", "end")


@lru_cache(maxsize=8)
def load_rules(standard: str) -> tuple[Rule, ...]:
    """Return the rules of a standard in the order of their codes. Raises `RulesInvalid` with file, rule and next step.

    A standard without rules has none.
    """
    if standard not in LAYOUTS:
        return ()
    folder = resources.files("braid.extracts.rules").joinpath(standard)
    rules = [
        read_rule(entry.read_text(encoding="utf-8"), entry.name, LAYOUTS[standard])
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    ]
    return tuple(sorted(rules, key=lambda rule: sort_key(rule.code)))


@lru_cache(maxsize=8)
def load_absent(standard: str) -> dict[str, tuple[str, ...]]:
    """Return the publisher's rules that are not checked, by why; each is a text of codes in `absent.toml`."""
    text = resources.files("braid.extracts.rules").joinpath("absent.toml").read_text(encoding="utf-8")
    return {entry["why"]: tuple(entry["codes"].split()) for entry in tomllib.loads(text).get(standard, ())}


def sort_key(code: str) -> tuple[str, int, str]:
    """Return what orders codes: letters before them, then the number, then what follows."""
    found = re.fullmatch(r"([A-Za-z]*)(\d*)(.*)", code)
    letters, digits, rest = found.groups() if found else (code, "", "")
    return letters, int(digits or 0), rest


def read_rule(text: str, name: str, layout: Layout) -> Rule:
    """Return the rule of one file. Raises `RulesInvalid`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(name, "file", f"not TOML ({error})", "correct that line") from None
    _check_words(document, name)
    _check_kinds(document, name)
    _check_names(document, name, layout)
    return Rule(
        standard=layout.standard,
        code=document["code"],
        severity=document["severity"],
        table=document["table"],
        fields=tuple(document["fields"]),
        message=document["message"],
        where=document["where"].strip(),
        breaks=document["breaks"],
        keeps=document["keeps"],
        since=document.get("since", 0),
        until=document.get("until", 9999),
    )


def _check_words(document: dict[str, Any], name: str) -> None:
    for word in REQUIRED:
        if word not in document:
            raise _invalid(name, "file", f"{word} is missing", "say it")
    for word in document:
        if word not in (*REQUIRED, *OPTIONAL):
            raise _invalid(name, word, "the form of a rule has no such word", f"use {', '.join(REQUIRED + OPTIONAL)}")
    if name != f"{document['code']}.toml":
        raise _invalid(name, "code", "the file is not called by its rule", "name the file after the code")
    if document["severity"] not in SEVERITIES:
        raise _invalid(name, "severity", "no such severity", f"write {' or '.join(SEVERITIES)}")


def _check_kinds(document: dict[str, Any], name: str) -> None:
    kinds = {"fields": list, "breaks": dict, "keeps": dict, "since": int, "until": int}
    for word, value in document.items():
        kind = kinds.get(word, str)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise _invalid(name, word, "what stands there is of another kind", f"write {_KINDS[kind]}")
    if not document["fields"] or not all(isinstance(fld, str) for fld in document["fields"]):
        raise _invalid(name, "fields", "a rule names its fields as a list of texts", "name one field or more")
    for part in ("breaks", "keeps"):
        for rows in document[part].values():
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise _invalid(name, part, "an example is a list of rows by table", "write TABLE = [{ CELL = ... }]")


_KINDS = {list: "a list of texts", dict: "a table of rows", int: "a year", str: "a text"}


def _check_names(document: dict[str, Any], name: str, layout: Layout) -> None:
    tables = {table.name: table for table in layout.tables}
    if document["table"] not in tables:
        raise _invalid(name, "table", "the return has no such table", f"name one of {', '.join(tables)}")
    known = {cell for table in layout.tables for cell in table.cells}
    for fld in document["fields"]:
        if fld not in known:
            raise _invalid(name, "fields", f"the return has no field {fld}", "correct its spelling")
    for word in PLACEHOLDER.findall(document["where"]):
        if word not in layout.codes and word not in DAYS and not DAY.fullmatch(word):
            raise _invalid(name, "where", f"there is no code list or day {word}", "declare the list in the layout")
    for part in ("breaks", "keeps"):
        for table, rows in document[part].items():
            if table not in tables:
                raise _invalid(name, part, f"the return has no table {table}", "correct its spelling")
            wrong = {cell for row in rows for cell in row} - {*tables[table].cells, *tables[table].keys}
            if wrong:
                raise _invalid(name, part, f"{table} has no {', '.join(sorted(wrong))}", "correct the spelling")


def _invalid(name: str, place: str, rule: str, next_step: str) -> RulesInvalid:
    return RulesInvalid([Fault(name, place, rule, next_step)])

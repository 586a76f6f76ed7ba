"""A pytest plugin that switches one control off: what BRAID_SABOTAGE names is replaced before tests run.

`BRAID_SABOTAGE` is `where=expression`, and `where` is either `module:attribute` or `sql:path`, the path of an SQL file
under `src/braid`, whose text is then another wherever it is read. In the expression `was` is what stood there, and the
names of `HELPERS` may be used. For `./braid test --full` alone: nothing of the product reads it.
"""

import datetime as dt
import functools
import importlib
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "braid"


class SabotageMissed(Exception):
    """What should be taken away is not there: nothing was switched off, and the run says nothing."""


def swap(text: str, old: str, new: str = "") -> str:
    """Return the text with `old` replaced wherever it stands, which must be somewhere."""
    if old not in text:
        raise SabotageMissed(old)
    return text.replace(old, new)


def without_policy(text: str, name: str, table: str) -> str:
    """Return the SQL without one policy."""
    return _sub(rf"create policy {name} on {table} .*?;\n", "", text)


def open_policy(text: str, name: str, table: str) -> str:
    """Return the SQL with one policy that is true of every row."""
    head = rf"(create policy {name} on {table} (?:as restrictive )?for \w+ to \w+)"
    return _sub(
        rf"{head}(\s+using)?(\s+with check)? .*?;\n",
        lambda found: (
            found[1] + " using (true);\n"
            if found[2] and "for update" not in found[1]
            else found[1] + (" using (true)" if found[2] else "") + " with check (true);\n"
        ),
        text,
    )


def without(operations: list, model: str, name: str) -> list:
    """Return the operations of a migration without one trigger or constraint of a model, both in lower case."""
    kept, found = [], False
    for operation in operations:
        options = getattr(operation, "options", {})
        named = getattr(operation, "trigger", None) or getattr(operation, "constraint", None)
        of_model = (getattr(operation, "model_name", None) or getattr(operation, "name", "")).lower() == model
        if of_model and named is not None and named.name == name:
            found = True
            continue
        if of_model and any(one.name == name for one in options.get("constraints", ())):
            options["constraints"] = [one for one in options["constraints"] if one.name != name]
            found = True
        kept.append(operation)
    if not found:
        raise SabotageMissed(name)
    return kept


def _sub(pattern: str, new: object, text: str) -> str:
    changed, times = re.subn(pattern, new, text, flags=re.DOTALL)
    if times != 1:
        raise SabotageMissed(pattern)
    return changed


HELPERS = {
    **{each.__name__: each for each in (swap, without_policy, open_policy, without, replace, Path)},
    "dt": dt,
    "re": re,
    "load": importlib.import_module,
    "nothing": lambda *a, **k: None,
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session) -> None:
    """Switch the control off once everything is imported and Django is set up."""
    named = os.environ.get("BRAID_SABOTAGE")
    if not named:
        return
    where, expression = named.split("=", 1)
    if where.startswith("sql:"):
        _replace_file(where, make_replacement(where, expression))
        return
    setattr(*find_target(where), make_replacement(where, expression))


def make_replacement(where: str, expression: str) -> object:
    """Return what is put in the place of `where`; raise `SabotageMissed`, or `AttributeError`, where it is gone."""
    if not where.startswith("sql:"):
        return _made(expression, getattr(*find_target(where)))
    was = _file_of(where).read_text(encoding="utf-8")
    replacement = _made(expression, was)
    if replacement == was:
        raise SabotageMissed(where)
    return replacement


def find_target(where: str) -> tuple[object, str]:
    """Return the module or class that holds what `module:attribute` names, and the name of the attribute in it."""
    module, path = where.split(":", 1)
    *parents, name = path.split(".")
    return functools.reduce(getattr, parents, importlib.import_module(module)), name


def _file_of(where: str) -> Path:
    return SOURCE / where.removeprefix("sql:")


def _replace_file(where: str, sabotaged: object) -> None:
    """Let whoever reads the file read another text."""
    file, really = _file_of(where), Path.read_text

    @functools.wraps(really)
    def read(path: Path, *given: object, **named: object) -> str:
        return sabotaged if path.resolve() == file else really(path, *given, **named)

    Path.read_text = read


def _made(expression: str, was: object) -> object:
    return eval(expression, {**HELPERS, "was": was})

"""Print each saboteur that has grown stale, with the reason: what it switches off is gone, or is called otherwise.

Run as a program of its own: some replacements change what stands there as they are made, which no other test may see.
Django is set up on a database that nobody asks.
"""

import inspect
import os

import django
from controls import SABOTEURS
from sabotage import find_target, make_replacement

MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def find_staleness(where: str, expression: str) -> str | None:
    """Return why the replacement cannot be made, or could not be called as what stands there is; else None."""
    try:
        replacement = make_replacement(where, expression)
    except Exception as missed:  # whatever an expression raises, it switches nothing off
        return f"{type(missed).__name__}: {missed}"
    if where.startswith("sql:"):
        return None
    return None if takes_what_it_took(replacement, getattr(*find_target(where))) else "takes other arguments"


def takes_what_it_took(replacement: object, was: object) -> bool:
    """Whether the replacement of a function may be called as it was, defaults left out or named."""
    if not (inspect.isfunction(replacement) and inspect.isfunction(was)):
        return True
    single = [each for each in inspect.signature(was).parameters.values() if each.kind not in MANY]
    needed = [each for each in single if each.default is each.empty]
    return _takes(replacement, needed) and _takes(replacement, single)


def _takes(replacement: object, parameters: list[inspect.Parameter]) -> bool:
    by_place = [each for each in parameters if each.default is each.empty and each.kind is not each.KEYWORD_ONLY]
    by_name = {each.name: None for each in parameters if each not in by_place}
    try:
        inspect.signature(replacement).bind(*by_place, **by_name)
    except TypeError:
        return False
    return True


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "braid.web.settings"
    os.environ["BRAID_SECRET_KEY"] = "for tests only, nothing real is signed with it"
    os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    django.setup()
    for name, control in SABOTEURS.items():
        if reason := find_staleness(control.where, control.replacement):
            print(f"{name}: {control.where}: {reason}")

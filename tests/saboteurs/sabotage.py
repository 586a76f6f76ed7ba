"""A pytest plugin that switches one control off: the attribute named by BRAID_SABOTAGE is replaced before tests run.

`BRAID_SABOTAGE` is `module:attribute=expression`; in the expression `was` is what stood there, and the modules of Braid
may be used by name. For `./braid test --full` alone: nothing of the product reads it.
"""

import datetime as dt
import importlib
import os
import re

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session) -> None:
    """Switch the control off once everything is imported and Django is set up."""
    named = os.environ.get("BRAID_SABOTAGE")
    if not named:
        return
    where, expression = named.split("=", 1)
    module, path = where.split(":", 1)
    holder = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        holder = getattr(holder, parent)
    was = getattr(holder, name)
    setattr(holder, name, eval(expression, {"was": was, "dt": dt, "re": re}))

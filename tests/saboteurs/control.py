"""What a saboteur is: a control, how it is switched off, and the test that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Control:
    """`where` is `module:attribute` or `sql:path` (see `sabotage`), `replacement` an expression, `test` a node."""

    where: str
    replacement: str
    test: str


NOTHING = "nothing"

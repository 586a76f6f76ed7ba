"""The nodes of a payload of children's social care as the readers of the census and the looked-after return see them.

A field is read under the name that those readers know it by, and what is said of it names it as the payload does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from braid.extracts.checks import check_flag
from braid.extracts.fields import Fields
from braid.extracts.folds import Node, every_shape, text_of
from braid.extracts.model import Reading
from braid.extracts.standards.cin_details import Block
from braid.extracts.standards.csc_shape import CHILD

LISTS = frozenset({"disabilities", "factors", "sdq_assessments"})
"""Fields that hold several values."""
OPPOSITE = frozenset({"icpc_required_flag"})
"""Whether a conference is required; the census says where it is not."""
KNOWN = frozenset(name for shape in every_shape(CHILD) for name in shape.fields)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?=[T ]\d{2}:)")
ReadingOf = Callable[[str], Reading]


class PayloadFields(Fields):
    """The fields of a node under another source's names; what is said of one names it as the payload does."""

    def __init__(self, reading: Reading, position: str, values: Mapping[str, str], said: Mapping[str, str]) -> None:
        super().__init__(reading, position, values)
        self._said = said

    def doubt(self, rule: str, fld: str, message: str | None = None) -> None:
        """Warn of a field by its name in the payload."""
        super().doubt(rule, self.said(fld), message)

    def unknown_code(self, name: str) -> None:
        """Warn of a code that nobody mapped and count it by its field in the payload."""
        super().unknown_code(self.said(name))

    def said(self, name: str | None) -> str:
        """Return what the payload calls a field."""
        return self._said.get(name or "", name or "")


class NodeBlock(Block):
    """A node of the payload as the census' readers see a block; `names` are the names that they know its fields by."""

    def __init__(self, node: Node, reading_of: ReadingOf, names: Mapping[str, str] | None = None) -> None:
        self.node = node
        self.names = names or {}
        self.reading = reading_of(node["at"][0])
        self.ref = node["at"][1] or "/"

    def fields(self, *_groups: str, **more: str) -> PayloadFields:
        """Return the fields of the node; one that holds a list or an object where it should not is left out."""
        values: dict[str, str] = {}
        wrong = []
        for name, value in self.node["f"].items():
            if name not in KNOWN or name in LISTS:
                continue
            if isinstance(value, dict | list):
                wrong.append(name)
            else:
                text = read_day(text_of(value))
                values[self.names.get(name, name)] = _opposite(text) if name in OPPOSITE else text
        row = PayloadFields(self.reading, self.ref, values | more, {ours: name for name, ours in self.names.items()})
        for name in wrong:
            row.doubt("wrong_type", name, f"{name} is no single value: ask the sender to correct it")
        return row

    def said(self, name: str) -> str:
        """Return what the payload calls a field."""
        return next((sent for sent, ours in self.names.items() if ours == name), name)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a field that holds a list."""
        value = self.node["f"].get(self.said(name))
        return [text for one in (value if isinstance(value, list) else [value]) if (text := text_of(one))]


def _opposite(text: str) -> str:
    """Return what the census would say of a yes or no that it asks the other way round; other text as it is."""
    found, _ = check_flag(text)
    return text if found is None else text_of(not found)


def read_day(text: str) -> str:
    """Return the day of a moment; some systems write a date with a time of nought."""
    found = _MOMENT.match(text)
    return found[0] if found else text

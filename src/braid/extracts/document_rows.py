"""The rows of large documents, found anew each time that they are gone through, so that none of them is held.

Long lists of JSON are left in their file. Of XML the element that holds a row with all that its columns ask for is let
go of when the next one is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from braid.extracts.blocks import TextFile
from braid.extracts.document_trees import Node, Steps, Tree, XmlTree
from braid.extracts.xml_files import XmlPieces, local_name


@dataclass(frozen=True)
class Rows:
    """The rows of a part, found anew each time that they are gone through: of a large document none of them is held."""

    tree: Tree
    root: Any
    steps: Steps

    def __iter__(self) -> Iterator[Node]:
        """Yield the rows in their order."""
        return self.tree.rows(self.root, self.steps)


class LastPlace(Sequence[str]):
    """Where the row stands that was handed out last, whichever is asked for: rows are read one after another."""

    place = ""

    def __getitem__(self, _: Any) -> Any:
        return self.place

    def __len__(self) -> int:
        return 1


@dataclass(frozen=True)
class XmlRows:
    """The same of XML. `piece` is the path of the element that is held, from the root down to the row or above it."""

    text_file: TextFile
    piece: Steps
    steps: Steps

    def __iter__(self) -> Iterator[Node]:
        """Yield the rows in their order. Each is whole until the next one is asked for."""
        pieces = XmlPieces(self.text_file, f"{{*}}{self.piece[-1]}")
        for element, is_piece in pieces:
            above = (*reversed(list(element.iterancestors())),)
            if is_piece and (*map(local_name, above), local_name(element)) == self.piece:
                yield from XmlTree().rows_below(element, self.steps[len(self.piece) :], pieces.place(element), above)

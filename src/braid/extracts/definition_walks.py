"""The words of a definition that is walked: a connector goes through its rows, and makes of each what stands there.

```
walked = true                     # in the head of the file, with a connector of its own that walks it

[[part]]
table = "Header"                  # what the rules of the return call it
file_names = ["prev_perm"]        # what a file that holds this part alone may be called, beside the part's name
groups = ["ChildIdentifiers"]     # elements right below a row whose own are counted as the row's
holders = ["Disabilities"]        # other elements that only hold those that stand here
first = ["DECOM", "DEC"]          # read before any record is made, in this order

[part.columns]
case = { given = true }           # stands in no file: whoever walks says it
DOB = { type = "date", unread = true }             # asked about by the rules of the return alone
Disability = { type = "code", codes = "d", table = "Disabilities" }    # several in a row, a table of their own to rules
DATE_PERM = { type = "date", unknown = "zz" }      # a cell that holds this is no date, and no fault
Offer = { type = "date", or_flag = true }          # some systems write yes or no instead of a day
Factor = { type = "code", codes = "f", alone = "21" }   # an item that stands beside no other

[[part.check]]
rule = "upn_unknown"
severity = "note"                 # said where all of these hold
when = [{ column = "UPN", listed = "upn_unknown" }]     # the codes of a list; unlisted asks for none of them
[[part.record]]
when = [{ column = "MOTHER", yes = true }]         # a flag says yes; read asks whether anything could be read
id = ["{case}", "plan", "{Start}"]                 # in full what makes the record the same one again
about = "{CHILD}/baby/{MC_DOB}"                    # the key of the person, where it is made of cells
needs = ["start_date"]                             # fields without which there is no record
doubts = "row"                                     # its quality: of the row, or, as of identifiers, of its own cell
[part.record.values]
episode_ref = { text = "{case}/plan/{Start}" }     # cells in a text; {year}, {item}, and {A|B} for the first of two
status = { value = "closed", if = "End", else = "open" }
code = { column = "NEED", without = ["none"] }     # common codes that make nothing
result = { first = ["REASON", { text = "{SCORE}" }] }
disability = { all = "Disability", with = ";" }    # every item that the list knows
```
Cells are read in the order in which they are asked for, each once: those under `first`, then those of the records from
the top, then those of no record; what a record doubts of its row is what was doubted until then. Codes and columns of
every year are read; the rules of the return say what is not of its year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from braid.extracts.definition import ITEM, YEAR, Cell, CodeList, Template
from braid.extracts.entries import Entry, invalid

_PLACE = re.compile(r"(\{[^{}]+\})")


def column_words(entry: Entry) -> dict[str, Any]:
    """Return what a column of a walked part says beyond others."""
    return {
        "unknown": (entry.find_text("unknown") or "").lower(),
        "or_flag": entry.flag("or_flag"),
        "alone": entry.find_text("alone") or "",
        "is_given": entry.flag("given"),
        "is_unread": entry.flag("unread"),
        "table": entry.find_text("table") or "",
    }


def part_words(entry: Entry) -> dict[str, Any]:
    """Return what a walked part says beyond others."""
    return {
        "groups": entry.texts("groups"),
        "holders": entry.texts("holders"),
        "first": entry.texts("first"),
        "table": entry.find_text("table") or "",
        "file_names": entry.texts("file_names"),
    }


def doubts_of(entry: Entry, record_type: str) -> str:
    """Return whose doubts the quality of a record holds: its row's, or its own cell's alone."""
    found = entry.find_text("doubts") or ("own" if record_type == "identifier" else "row")
    if found not in ("row", "own"):
        raise invalid(f"{entry.where}: doubts is none of row, own")
    return found


def condition_words(entry: Entry, lists: Mapping[str, CodeList]) -> dict[str, Any]:
    """Return what a condition in a walked part says beyond others."""
    words: dict[str, Any] = {
        name: entry.flag(word) for name, word in (("is_yes", "yes"), ("is_read", "read")) if entry.has(word)
    }
    listed = "listed" if entry.has("listed") else "unlisted" if entry.has("unlisted") else None
    if listed:
        name = entry.text(listed)
        if name not in lists:
            raise invalid(f"{entry.where}: there is no code list {name}; declare it as [codes.{name}]")
        words |= {"values": frozenset(lists[name].codes), "is_other": listed == "unlisted"}
    return words


def read_template(text: str, cell_of: Callable[[str], Cell]) -> Template:
    """Return a text with cells in it; `cell_of` gives the cell of a column, or says that there is none."""
    pieces: list[str | tuple[Cell, ...]] = []
    for piece in _PLACE.split(text):
        if piece in (YEAR, ITEM) or not _PLACE.fullmatch(piece):
            pieces.append(piece)
        else:
            pieces.append(tuple(cell_of(name) for name in piece[1:-1].split("|")))
    return Template(tuple(piece for piece in pieces if piece))

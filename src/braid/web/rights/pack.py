"""What will be given: made anew from the lines that were kept, in one form for the eye and one for a machine.

Nothing is blacked out: what is withheld was never written. What was written is opened again all the same, and searched
for every line that was withheld, and for whatever else was not to be written.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field

from braid.language.schema import Sensitivity
from braid.outbound import Draft, File, Text
from braid.outbound.containers import unfold
from braid.store.exports import Form, Pack, PackSection, Purpose, export_pack
from braid.store.vault_keys import KeyRing
from braid.trust.locations import normalise
from braid.trust.locations import unfold as every_reading
from braid.trust.subject_rights import Line
from braid.web.models import RightsItem, RightsRequest
from braid.web.rights.sealed_lines import open_lines

TITLE = "What is held about you"
KINDS = {
    "record": "From a partner's records",
    "wait": "What Braid worked out",
    "case": "Joint work",
    "minutes": "Meetings",
    "document": "Documents",
    "message": "Messages and sharing",
    "look": "Who looked",
}
OPENING = (
    "You asked what is held about you, or about a person for whom you have parental responsibility. UK GDPR article 15"
    " gives you the right to know.",
    "Each part says which organisation it is from. That organisation can tell you more, and corrects what is wrong.",
    "You may ask that something wrong be corrected, that it be erased, or that it not be used. You may complain to the"
    " Information Commissioner.",
    "By law some things may not be told. This paper says the same whether or not there are any.",
)
FORGOTTEN_FROM = 6
"""Letters and digits from which on a withheld line is searched for: shorter ones stand in a text by chance."""
USE_DAYS = 365


class PackUnsafe(Exception):
    """The pack that was written holds something that was withheld. It is thrown away; names no word of it."""


@dataclass(frozen=True)
class Told:
    """What will be given: sections with their lines, the classes of what is in them, and the words that are not."""

    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = field(repr=False)
    classes: frozenset[Sensitivity]
    withheld: frozenset[str] = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 (hexadecimal) of what is given: what was approved is what is made."""
        return hashlib.sha256(json.dumps(self.sections, ensure_ascii=False).encode()).hexdigest()


def compose(ring: KeyRing, row: RightsRequest) -> Told:
    """Return what will be given of a request, in the order in which it was gathered. Raises as `open_lines` does."""
    sections, classes, withheld = [], {Sensitivity.NORMAL}, set()
    for item in RightsItem.objects.filter(request=row).exclude(kind="letter").order_by("position"):
        kept, left = _parted(item, open_lines(ring, item))
        withheld |= {line.words for line in left}
        if kept:
            classes |= {Sensitivity(line.sensitivity) for line in kept}
            sections.append((_title(item), tuple((line.label, line.words) for line in kept)))
    return Told(tuple(sections), frozenset(classes), frozenset(withheld) - {""})


def _parted(item: RightsItem, lines: tuple[Line, ...]) -> tuple[list[Line], list[Line]]:
    """Return the lines that are given and those that are not; of an item that nobody decided on none is given."""
    kept = set(item.kept) if item.decided_by else set()
    given = [line for number, line in enumerate(lines) if number in kept and not line.locked]
    return given, [line for number, line in enumerate(lines) if number not in kept or line.locked]


def _title(item: RightsItem) -> str:
    day = f", {item.held_on.isoformat()}" if item.held_on else ""
    source = f", {item.source}" if item.source else ""
    return f"{item.title}{source}{day}"


def make_draft(row: RightsRequest, told: Told, at: dt.datetime) -> Draft:
    """Return the draft of what is given, for the channel that was chosen. Raises `PackUnsafe`."""
    pieces: tuple[Text | File, ...] = _texts(row, told)
    if row.channel == "email":
        pdf, document = make_pdf(told, at.date()), make_json(told)
        about = frozenset({row.subject_id})
        pieces = (
            Text(TITLE, "\n\n".join(OPENING), frozenset({Sensitivity.NORMAL})),
            File("what-is-held.pdf", pdf, told.classes, about),
            File("what-is-held.json", document, told.classes, about),
        )
    else:
        check_text("\n".join(f"{one.title}\n{one.body}" for one in pieces if isinstance(one, Text)), told)
    subjects = frozenset({row.subject_id})
    return Draft(row.reference, row.channel, row.second_by, subjects, pieces, at)


def _texts(row: RightsRequest, told: Told) -> tuple[Text, ...]:
    about = frozenset({row.subject_id})
    opening = Text(TITLE, "\n\n".join(OPENING), frozenset({Sensitivity.NORMAL}))
    return (
        opening,
        *(
            Text(title, "\n\n".join(f"{label}: {words}" for label, words in lines), told.classes, about)
            for title, lines in told.sections
        ),
    )


def make_pdf(told: Told, made_on: dt.date) -> bytes:
    """Return the pack as a tagged PDF, opened again and searched. Raises `PackUnsafe`, `ExportUnsafe`."""
    sections = (
        PackSection("About this paper", lines=OPENING),
        *(
            PackSection(title, lines=tuple(f"{label}: {words}" for label, words in lines))
            for title, lines in told.sections
        ),
    )
    pack = Pack(TITLE, "", sections, (("what was approved", told.digest),))
    purpose = Purpose("whoever asked", "as published", made_on, made_on + dt.timedelta(days=USE_DAYS))
    content = export_pack(pack, Form.PDF, purpose).content
    check_bytes("what-is-held.pdf", content, told)
    return content


def make_json(told: Told) -> bytes:
    """Return the pack for a machine: title, digest, and sections with their lines. Raises `PackUnsafe`."""
    document = {
        "title": TITLE,
        "about": list(OPENING),
        "sha256": told.digest,
        "sections": [
            {"title": title, "lines": [{"what": label, "words": words} for label, words in lines]}
            for title, lines in told.sections
        ],
    }
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    check_bytes("what-is-held.json", content, told)
    return content


def check_bytes(name: str, content: bytes, told: Told) -> None:
    """Raise `PackUnsafe` where anything in a file, beside or beneath its pages, says what was withheld, or where a part
    of it cannot be read."""
    for leaf in unfold(name, content):
        if leaf.closed:
            raise PackUnsafe("a part of the pack cannot be read again; it was thrown away")
        _search(every_reading(leaf.content).squashed, told)


def check_text(text: str, told: Told) -> None:
    """Raise `PackUnsafe` where a text says what was withheld."""
    _search(every_reading(text).squashed, told)


def _search(squashed: str, told: Told) -> None:
    given = normalise(" ".join(f"{label} {words}" for _, lines in told.sections for label, words in lines))
    given += normalise(" ".join(title for title, _ in told.sections)) + normalise(" ".join((TITLE, *OPENING)))
    if any(one in squashed for one in searched_for(told.withheld) if one not in given):
        raise PackUnsafe("the pack says something that was withheld; it was thrown away")


def searched_for(withheld: Collection[str]) -> list[str]:
    """Return the normal forms of withheld lines that are long enough to be searched for."""
    return [form for form in map(normalise, withheld) if len(form) >= FORGOTTEN_FROM]

"""Letters, bundles and minutes as tagged PDF. The words go in as data: nothing in them is read as a command."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import typst

from braid.outbound.content import Content, get_texts
from braid.outbound.model import Draft, DraftRefused, Text
from braid.trust.guard import Recipient

_TEMPLATE = b"""
#let given = json(bytes(sys.inputs.given))
#set document(title: given.title, date: none)
#set page(paper: "a4", margin: 2.5cm,
  footer: context text(size: 9pt)[#if given.mark != "" [#given.mark, page ]#counter(page).display()])
#set text(lang: "en", region: "GB", ligatures: false, hyphenate: false, size: 11pt)
#set par(justify: false)
#if given.cover.len() > 0 [
  #page(footer: none)[#v(2.2cm) #for line in given.cover [#line \\ ]]
  #counter(page).update(1)
]
#if given.address.len() > 0 [
  #block(height: 6.5cm)[#v(2.2cm) #for line in given.address [#line \\ ]]
]
#if given.date != "" [#given.date #parbreak()]
#heading(level: 1, given.title)
#for piece in given.pieces [
  #if piece.title != "" [#heading(level: 2, piece.title)]
  #for words in piece.paragraphs [#par(words)]
]
"""


def make_letter(draft: Draft, recipient: Recipient) -> Content:
    """Return a letter for a window envelope: its window shows the address, and nothing else stands outside.

    There is no return address and no franking of a service: whoever sees the envelope learns who lives there alone.
    """
    address = _address(recipient)
    if len(address) < 2:
        raise DraftRefused("The contact is not a postal address of two lines or more: choose or correct it.")
    texts = get_texts(draft)
    outside = (("outside of the envelope", "\n".join(address)),)
    return Content(_print(draft, "Letter", texts, address), "letter.pdf", "application/pdf", texts, outside)


def make_bundle(draft: Draft, recipient: Recipient) -> Content:
    """Return a bundle: a cover sheet, and the pieces that `leave_out_annex` left in."""
    return _covered(draft, recipient, "Bundle")


def make_minutes(draft: Draft, recipient: Recipient) -> Content:
    """Return minutes of a meeting, under a cover sheet."""
    return _covered(draft, recipient, "Minutes")


def _covered(draft: Draft, recipient: Recipient, title: str) -> Content:
    """Return a document whose first page is the address and nothing else: whoever posts it looks nothing up."""
    texts, address = get_texts(draft), _address(recipient)
    outside = (("cover sheet", "\n".join(address)),)
    payload = _print(draft, title, texts, cover=address)
    return Content(payload, f"{title.lower()}.pdf", "application/pdf", texts, outside)


def _address(recipient: Recipient) -> list[str]:
    return [line.strip() for line in re.split(r"[\n,]", recipient.contact) if line.strip()]


def _print(
    draft: Draft, title: str, texts: tuple[Text, ...], address: Sequence[str] = (), cover: Sequence[str] = ()
) -> bytes:
    given = {
        "title": title,
        "address": address,
        "cover": cover,
        "mark": draft.mark,
        "date": f"{draft.written_at.day} {draft.written_at:%B %Y}",
        "pieces": [{"title": text.title, "paragraphs": _paragraphs(text.body)} for text in texts],
    }
    try:
        return typst.compile(
            _TEMPLATE,
            format="pdf",
            sys_inputs={"given": json.dumps(given)},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=0,
        )
    except typst.TypstError:
        raise DraftRefused(
            "The words have letters that the fonts lack: write them in Latin, Greek or Cyrillic."
        ) from None


def _paragraphs(body: str) -> list[str]:
    return [" ".join(words.split()) for words in body.split("\n\n") if words.strip()]

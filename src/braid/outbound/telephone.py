"""Text messages and calls: what goes to a telephone, which others may hold, answer or listen to."""

from __future__ import annotations

import json
import re

from braid.outbound.content import Content, get_texts, write_out
from braid.outbound.model import Draft, DraftRefused
from braid.trust.guard import Recipient

_NUMBER = re.compile(r"\+?[\d ().-]{7,24}")
_SENDER = re.compile(r"[A-Za-z0-9 ]{3,11}")
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""The alphabet of GSM 03.38: a letter of the second set takes two places."""
_PLACES = {"gsm7": (160, 153), "ucs2": (70, 67)}
"""Places in a message alone, and in each of several (GSM 03.40)."""
MOST_SEGMENTS = 6
_SCRIPT = """CALL SCRIPT
Reference: {reference}

Ring this number and no other: {contact}
Withhold the number you ring from.

Until the person has said who they are, say only: "Hello, is this a good time to talk?"
If anybody else answers, or it is not a good time: say that it was a wrong number, and ring off.
If a machine answers: ring off. Never leave a message: no name, no number, no organisation, no reason.
If nobody answers: ring off and report it. Do not try another number.

When the person has said who they are:

{said}
"""


def make_sms(draft: Draft, recipient: Recipient) -> Content:
    """Return the message as the text service collects it, with how many segments it takes."""
    texts = get_texts(draft)
    words = write_out(texts)
    if not _SENDER.fullmatch(draft.sender.sms_name):
        raise DraftRefused("Sender.sms_name is not 3 to 11 letters and digits: correct the settings.")
    coding, segments = count_segments(words)
    if segments > MOST_SEGMENTS:
        raise DraftRefused(f"The message takes more than {MOST_SEGMENTS} segments: shorten it, or write a letter.")
    message = {
        "to": _number(recipient),
        "from": draft.sender.sms_name,
        "text": words,
        "coding": coding,
        "segments": segments,
    }
    payload = json.dumps(message, ensure_ascii=False, indent=1).encode()
    return Content(payload, "message.json", "application/json", texts)


def make_call_script(draft: Draft, recipient: Recipient) -> Content:
    """Return what a caller reads: the one number, what to say, and what never to leave behind."""
    texts = get_texts(draft)
    words = _SCRIPT.format(reference=draft.reference, contact=_number(recipient), said=write_out(texts))
    return Content(words.encode(), "call.txt", "text/plain", texts)


def count_segments(words: str) -> tuple[str, int]:
    """Return the coding that the words need and how many segments they take. No letter is parted between two."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in words):
        coding, sizes = "gsm7", [2 if letter in _EXTENDED else 1 for letter in words]
    else:
        coding, sizes = "ucs2", [len(letter.encode("utf-16-le")) // 2 for letter in words]
    alone, each = _PLACES[coding]
    if sum(sizes) <= alone:
        return coding, 1
    segments, used = 1, 0
    for size in sizes:
        if used + size > each:
            segments, used = segments + 1, 0
        used += size
    return coding, segments


def _number(recipient: Recipient) -> str:
    if not _NUMBER.fullmatch(recipient.contact):
        raise DraftRefused("The contact is not a telephone number: choose or correct it.")
    return re.sub(r"[^\d+]", "", recipient.contact)

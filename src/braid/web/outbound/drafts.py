"""A draft as JSON and back: what somebody wants to say, without any contact point. Personal, so it rests sealed."""

import base64
import datetime as dt
import hashlib
import json
from dataclasses import replace
from typing import Any

from braid.language.schema import Sensitivity
from braid.outbound import Draft, File, Text

Words = dict[str, Any]


def to_words(draft: Draft) -> Words:
    """Return a draft as JSON. A table for the exporter has no form here: it is made where it is sent from."""
    return {
        "pieces": [_piece_words(piece) for piece in draft.pieces],
        "written_at": draft.written_at.isoformat(),
        "starts_at": draft.starts_at.isoformat() if draft.starts_at else None,
        "ends_at": draft.ends_at.isoformat() if draft.ends_at else None,
        "venue": draft.venue,
        "mark": draft.mark,
    }


def from_words(
    words: Words,
    *,
    reference: str,
    channel: str,
    sent_by: str,
    subjects: frozenset[str],
    protected: frozenset[str],
    message_id: str,
) -> Draft:
    """Return the draft that `to_words` wrote, of a message whose facts stand in its row.

    `protected` are the protected persons around the message: a piece that locates and does not say whom may locate each
    of them.
    """
    return Draft(
        reference=reference,
        channel=channel,
        sent_by=sent_by,
        subjects=subjects,
        pieces=tuple(_about(_piece(piece), subjects | protected) for piece in words["pieces"]),
        written_at=dt.datetime.fromisoformat(words["written_at"]),
        starts_at=_moment(words["starts_at"]),
        ends_at=_moment(words["ends_at"]),
        venue=words["venue"],
        protected=protected,
        message_id=message_id,
        mark=words.get("mark", ""),
    )


def _about(piece: Text | File, around: frozenset[str]) -> Text | File:
    locates = piece.classes is not None and Sensitivity.LOCATION in piece.classes
    return replace(piece, about=around) if locates and not piece.about else piece


def digest_words(words: Words) -> str:
    """Return the SHA-256 (hexadecimal) of a draft: what stays of it once it has left."""
    return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _piece_words(piece: object) -> Words:
    if isinstance(piece, Text):
        return {"title": piece.title, "body": piece.body, **_declared(piece)}
    if isinstance(piece, File):
        content = base64.b64encode(piece.content).decode()
        return {"name": piece.name, "content": content, "declared_free_by": piece.declared_free_by, **_declared(piece)}
    raise TypeError("a draft in the outbox holds texts and files; hand a table to the exporter first")


def _declared(piece: Text | File) -> Words:
    classes = None if piece.classes is None else sorted(one.value for one in piece.classes)
    return {"classes": classes, "about": sorted(piece.about)}


def _piece(words: Words) -> Text | File:
    classes = None if words["classes"] is None else frozenset(map(Sensitivity, words["classes"]))
    about = frozenset(words["about"])
    if "body" in words:
        return Text(words["title"], words["body"], classes, about)
    return File(words["name"], base64.b64decode(words["content"]), classes, about, words["declared_free_by"])


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None

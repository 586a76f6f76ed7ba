"""What a channel makes of a draft before the guard's view of it: bytes, and what stands outside of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from braid.outbound.model import Draft, DraftRefused, File, TableFile, Text

Piece = Text | File | TableFile


@dataclass(frozen=True)
class Content:
    """The payload and its file name; `outside` is what can be read without opening it (an envelope's address).

    `pieces` are those of the draft that are in the payload. `cover` is a sheet of text that goes beside a payload which
    has no room for an address.
    """

    payload: bytes = field(repr=False)
    file_name: str
    media_type: str
    pieces: tuple[Piece, ...]
    outside: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cover: str = field(default="", repr=False)


def get_texts(draft: Draft) -> tuple[Text, ...]:
    """Return the pieces of a draft of words alone; raise `DraftRefused` where it has others, or none."""
    texts = tuple(piece for piece in draft.pieces if isinstance(piece, Text))
    if len(texts) != len(draft.pieces):
        raise DraftRefused(f"The channel {draft.channel} carries words alone: send files by e-mail or as an export.")
    if not texts:
        raise DraftRefused("The draft has no piece: write what it is to say.")
    return texts


def write_out(texts: tuple[Text, ...]) -> str:
    """Return titles and bodies as one text, an empty line between them."""
    return "\n\n".join(words for text in texts for words in (text.title, text.body) if words)

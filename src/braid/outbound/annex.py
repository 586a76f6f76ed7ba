"""The confidential annex of a bundle: what locates a protected person is not in a copy whose reader may not know it."""

from __future__ import annotations

from dataclasses import replace

from braid.language.schema import Sensitivity
from braid.outbound.content import Piece
from braid.outbound.model import Draft, Text
from braid.trust.guard import Recipient, Release

ANNEX = "An annex is not part of this copy."


def leave_out_annex(draft: Draft, recipient: Recipient, releases: tuple[Release, ...]) -> Draft:
    """Return the draft of this recipient's copy.

    Whatever is left out leaves no trace, number or gap. Only who may know is told that there is an annex. The guard
    still searches what stays.
    """
    kept = tuple(piece for piece in draft.pieces if not _is_annexed(piece, draft, recipient, releases))
    told = recipient.party_id in draft.may_know_of_annex and len(kept) < len(draft.pieces)
    note = (Text("", ANNEX, frozenset({Sensitivity.NORMAL})),) if told else ()
    return replace(draft, pieces=kept + note)


def _is_annexed(piece: Piece, draft: Draft, recipient: Recipient, releases: tuple[Release, ...]) -> bool:
    """Whether a piece locates a protected person whose address is not released to the reader.

    A telephone number that was released opens no annex. A piece without classes stays: it is in doubt, and the guard
    withholds the whole copy.
    """
    if piece.classes is None or Sensitivity.LOCATION not in piece.classes:
        return False
    persons = piece.about or draft.subjects
    concerned = persons if draft.protected is None else persons & draft.protected
    to_reader = [one for one in releases if one.party_id == recipient.party_id and one.kind == "address"]
    released = {release.person_id for release in to_reader}
    return not concerned <= released or not persons

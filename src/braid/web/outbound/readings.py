"""What somebody is to read on a page, as the guard's facts are gathered for it: a document, or a paper of a board."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Reading:
    """What is to be read, of whom, and who gave it. Of what a case decided, `item_id` is the case's thing."""

    subject_ids: tuple[str, ...]
    channel: str
    sent_by: str
    reference: str
    purpose: str
    item_id: UUID | None = None


@dataclass(frozen=True)
class Reader:
    """Who is to read it, known by a number."""

    pk: int
    party_id: str
    kind: str = "organisation"

"""What the id of a person looks like: the one definition, for whatever looks an id up or writes it down.

What is no id came from whoever asked. It may be a number of somebody: it is neither looked up, recorded nor logged.
"""

import re

from braid.language.records import TEXT, I
from braid.language.schema import Column

PERSON_ID = Column("person_id", TEXT, I, "Random, stable id of the person", required=True)

PERSON_ID_WORDS = "32 hexadecimal digits, as the pages and the audit trail show it"
"""The rule for whoever typed something else; said without what they typed."""
_PERSON_ID = re.compile(r"[0-9a-f]{32}")


def is_person_id(text: str) -> bool:
    """Whether a text could be the id of a person: 32 hexadecimal digits in small letters, and nothing around them."""
    return _PERSON_ID.fullmatch(text) is not None

"""Pseudonyms: HMAC-SHA-256 of an id under the key of the dataset, cut to 128 bits.

Without the key nobody can try ids out, and two datasets give one person two pseudonyms that have nothing in common,
whether they are of one purpose or of two.
Person, household and wait are apart as well: the kind goes into what is hashed.
"""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa

from braid.analysis.columns import PSEUDONYMS
from braid.store.engine import Engine
from braid.store.pseudonym_keys import PseudonymKey

BITS = 128
DIGITS = BITS // 4


def make_pseudonym(key: PseudonymKey, kind: str, identity: str) -> str:
    """Return the pseudonym of an id of a kind (person, household, wait) as 32 hexadecimal digits."""
    message = f"braid pseudonym 1\x1f{kind}\x1f{identity}".encode()
    return hmac.new(key.secret, message, hashlib.sha256).hexdigest()[:DIGITS]


def add_pseudonyms(engine: Engine, key: PseudonymKey, kind: str, table: str, column: str) -> str:
    """Create a table of each id in a column and its pseudonym (columns id, pseudonym); return its name."""
    ids = engine.arrow(f"select distinct {column} as id from {table} where {column} is not null").column("id")
    pseudonyms = pa.array([make_pseudonym(key, kind, identity) for identity in ids.to_pylist()], type=pa.string())
    name = f"pseudonym_{kind}"
    engine.load_arrow(name, pa.table({"id": ids, "pseudonym": pseudonyms}))
    return name


KINDS_OF_ID = {kind: column for columns in PSEUDONYMS.values() for kind, column in columns.items()}
"""Kind of pseudonym to the id column it stands for."""

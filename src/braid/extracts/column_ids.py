"""The ids of many records at once, as `braid.language.records.record_id` gives the id of one."""

from __future__ import annotations

import binascii
from hashlib import blake2b

import numpy as np
import pyarrow as pa

_BYTES = 10


def identify(begin: str, keys: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the record id of each key, which follows `begin` in what is hashed.

    What a hash begins with is the same for all of them: a copy of its state takes two thirds of the time of a new one.
    """
    copy = blake2b(begin.encode(), digest_size=_BYTES).copy
    digests: list[bytes] = []
    add = digests.append
    for key in keys.cast(pa.binary()).to_pylist():
        digest = copy()
        digest.update(key)
        add(digest.digest())
    letters = binascii.hexlify(b"".join(digests))
    ends = np.arange(0, len(letters) + 1, 2 * _BYTES, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(digests), [None, pa.py_buffer(ends), pa.py_buffer(letters)])

"""Disclosure control of what the reviewed sample says of linking: shares in whole per cent, of groups large enough.

As with the expected error (`braid.trust.link_error`) no count is published, so that nothing can be subtracted. A share
is there only where it rests on enough reviewed pairs too, so that one answer of one reviewer is not read from it.
"""

from __future__ import annotations

import math

from braid.trust.link_error import LEAST_LINKS, LEAST_PEOPLE, Share

LEAST_REVIEWED = 20
"""Reviewed pairs that a share rests on, at least."""
Ends = tuple[float, float, float]
"""An estimated share and the ends of its interval, as parts of one."""


def publish_share(people: int, links: int, reviewed: int, estimated: Ends | None) -> Share | None:
    """Return a share of the links of a group as it may be published, its ends outwards; `None` where on too few."""
    if estimated is None or people < LEAST_PEOPLE or links < LEAST_LINKS or reviewed < LEAST_REVIEWED:
        return None
    share, low, high = estimated
    return Share(round(100 * share), math.floor(100 * low + 1e-9), math.ceil(100 * high - 1e-9))

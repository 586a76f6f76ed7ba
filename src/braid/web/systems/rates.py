"""How often a token may ask: requests are spread to its rate, with as many at once as it may send in ten seconds.

One statement and one row for each token (the generic cell rate algorithm of ATM, ITU-T I.371): the moment at which the
next request would be on time. A request that comes too early changes nothing.
"""

import math

from django.db import connection

from braid.web.models import ApiToken

AT_ONCE_SECONDS = 10
TAKE = """
insert into braid_apiuse (token_id, due_at) values (%(token)s, clock_timestamp() + %(step)s * interval '1 second')
on conflict (token_id) do update
    set due_at = greatest(braid_apiuse.due_at, clock_timestamp()) + %(step)s * interval '1 second'
    where braid_apiuse.due_at <= clock_timestamp() + %(ahead)s * interval '1 second'
returning due_at
"""
EARLY = """
select extract(epoch from due_at - clock_timestamp()) - %(ahead)s from braid_apiuse where token_id = %(token)s
"""


def take_turn(token: ApiToken) -> int:
    """Take a request off what a token may send; return 0, or the whole seconds after which to try again."""
    step = 60 / token.per_minute
    given = {"token": token.pk, "step": step, "ahead": max(AT_ONCE_SECONDS - step, 0)}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, given)
        if cursor.fetchone() is not None:
            return 0
        cursor.execute(EARLY, given)
        return max(1, math.ceil(cursor.fetchone()[0]))

"""Deletes sessions that are over and misses that are forgotten, every ten minutes, beside the pages."""

import time
from collections.abc import Callable

from django.utils import timezone

from braid.web.sign_in.attempts import clean_misses
from braid.web.sign_in.session_store import SessionStore

EVERY_SECONDS = 600
_done_at: list[float] = []


def clean(is_ended: Callable[[], bool] = lambda: False) -> None:
    """Delete what is over, unless that was done less than ten minutes ago in this process, or it is to end."""
    now = time.monotonic()
    if is_ended() or (_done_at and now - _done_at[0] < EVERY_SECONDS):
        return
    SessionStore.clear_expired()
    clean_misses(timezone.now())
    _done_at[:] = [now]

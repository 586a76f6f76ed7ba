"""Sessions in the database, each under a digest of what the browser sends, and each knowing whose it is."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

METHOD, PROVIDER_SESSION, STARTED = "method", "provider_session", "signed_in_at"


def digest_key(session_key: str) -> str:
    """Return what is kept of a session's key. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(DatabaseStore):
    """Django's store, with the digest in place of the key and the columns by which an account's sessions are found."""

    account: Any = None
    """The account that was read with the session, at the same statement; what the session says of it is not checked."""

    @classmethod
    def get_model_class(cls) -> type:
        """Return the table's model."""
        from braid.web.models import SignedSession

        return SignedSession

    def _get_session_from_db(self) -> Any:
        from braid.web.sign_in.open_sessions import open_sessions  # there are no models when settings are read

        rows = open_sessions(digest_key(self.session_key or ""), timezone.now())
        found = rows[0] if rows else None
        self.account = found.user if found else None
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of this key."""
        return bool(self.model.objects.filter(pk=digest_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row that holds the session as it is now."""
        user_id = data.get(SESSION_KEY)
        started = data.get(STARTED)
        return self.model(
            session_key=digest_key(self._get_or_create_session_key()),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=int(user_id) if user_id else None,
            method=data.get(METHOD, ""),
            provider_session=data.get(PROVIDER_SESSION, ""),
            started_at=timezone.datetime.fromtimestamp(started, timezone.get_current_timezone())
            if started
            else timezone.now(),
        )

    def delete(self, session_key: str | None = None) -> None:
        """End a session: this one, or that of the key."""
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(pk=digest_key(key)).delete()

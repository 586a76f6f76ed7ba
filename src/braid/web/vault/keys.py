"""The key ring of the place that is served. Read from its file at each use and held by no module."""

from pathlib import Path

from django.conf import settings
from django.db import connection

from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable, create_key_ring, load_key_ring
from braid.web.models import SecondFactor
from braid.web.watch import known_asker


def key_file() -> Path:
    """Return where the master key rests: outside the database, best on another disk or a secret mount."""
    return Path(settings.VAULT_KEY_FILE)


def get_key_ring() -> KeyRing:
    """Return the ring. Raises `VaultKeyNotAvailable`."""
    return load_key_ring(key_file())


def open_key_ring() -> KeyRing:
    """Return the ring for sealing, made on first use: as the owner of the tables.

    Raises `VaultKeyNotAvailable` where the file is missing although something is sealed: a mount that is not there
    today must not lead to a second key.
    """
    if not key_file().exists() and not _is_anything_sealed():
        return create_key_ring(key_file())
    try:
        return get_key_ring()
    except VaultKeyNotAvailable as error:
        raise VaultKeyNotAvailable(
            f"{error}. If the key is lost for good: `braid vault rotate --key-lost --by … --reference …`, then"
            " `braid user factor` for each user"
        ) from None


def _is_anything_sealed() -> bool:
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select exists (select 1 from vault.data_key)")
        return cursor.fetchone()[0] or SecondFactor.objects.exists()
